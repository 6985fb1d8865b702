"""Column types: aware UTC times, encrypted text with a blind index for look-up."""

import hashlib
import hmac
import os
from datetime import UTC, datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import DateTime, LargeBinary
from sqlalchemy.types import TypeDecorator


class UTCDateTime(TypeDecorator):
    """Aware UTC datetimes on both engines; a naive one is a programming error."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: object) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_data_key: list[str] = []


def set_data_key(key: str) -> None:
    """Set the key of all encrypted columns (create_app does, from WISHAPP_DATA_KEY)."""
    _data_key[:] = [key]


def _key(purpose: str) -> bytes:
    return hashlib.sha256(f"{purpose}:{_data_key[0]}".encode()).digest()


class EncryptedText(TypeDecorator):
    """Text encrypted at rest: AES-256-GCM, a fresh nonce per value, key from WISHAPP_DATA_KEY."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: object) -> bytes | None:
        if value is None:
            return None
        nonce = os.urandom(12)
        return nonce + AESGCM(_key("data")).encrypt(nonce, value.encode(), None)

    def process_result_value(self, value: bytes | None, dialect: object) -> str | None:
        if value is None:
            return None
        try:
            return AESGCM(_key("data")).decrypt(value[:12], value[12:], None).decode()
        except InvalidTag as error:
            raise RuntimeError("a restricted field cannot be decrypted: WISHAPP_DATA_KEY is not the one it was written with") from error


def blind_index(value: str) -> str:
    """Keyed digest (64 hex digits) by which an encrypted value is looked up without being readable."""
    return hmac.new(_key("index"), value.encode(), hashlib.sha256).hexdigest()
