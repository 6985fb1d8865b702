"""The digest that chains an account's entries. Pure: the same fields give the same bytes on every engine."""

import hashlib
import json
from datetime import UTC

from wishapp.points.models import PointsTransfer

ZERO = "0" * 64


def canonical(owner: str, seq: int, amount: int, balance: int, transfer: PointsTransfer) -> bytes:
    """Everything that must not change about an entry and its transfer, as canonical JSON bytes."""
    body = [
        owner, seq, amount, balance, transfer.id, transfer.source, transfer.reason, transfer.amount, transfer.title, transfer.note,
        transfer.place_path, transfer.by_id, transfer.reverses_id, transfer.at.astimezone(UTC).isoformat(timespec="microseconds"),
    ]
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def link(previous: str, body: bytes) -> str:
    """Digest of an entry: SHA-256 over the previous digest and the canonical bytes, 64 hex digits."""
    return hashlib.sha256(previous.encode() + body).hexdigest()
