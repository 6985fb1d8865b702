"""Keys that make a repeated send harmless: made before the first send, stored in the work's own transaction."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Integer, String, Text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from wishapp.kernel import clock
from wishapp.store.db import db
from wishapp.store.transaction import Conflict
from wishapp.store.types import UTCDateTime


class RequestKey(db.Model):
    """A key as one actor sent it, the digest of what came with it, and where the answer led."""

    __tablename__ = "request_keys"

    actor_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    location: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


def fingerprint(target: str, fields: Iterable[tuple[str, str]]) -> str:
    """Digest of the address and every field sent (order does not matter)."""
    body = "\x1f".join([target, *(f"{name}\x1e{value}" for name, value in sorted(fields))])
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()


def find(actor_id: int, key: str) -> RequestKey | None:
    """The stored key of this actor (0 for people without an account), or None."""
    return db.session.get(RequestKey, (actor_id, key))


def keep(actor_id: int, key: str, print_: str) -> None:
    """Store the key inside the running transaction; Conflict when the same send is being worked on right now."""
    try:
        with db.session.begin_nested():
            db.session.add(RequestKey(actor_id=actor_id, key=key, fingerprint=print_))
    except IntegrityError as error:
        raise Conflict("the same request is being worked on") from error
