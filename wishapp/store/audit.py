"""The record: one row per step, written in the step's own transaction; append-only; sealed into a hash chain afterwards.

Sealing is its own short job (see `seal`), so that writers never queue for one chain head. Rows cannot be updated or
deleted (triggers on both engines); `broken_seals` finds edits, deletions, swaps, insertions and a cut tail.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from wishapp.kernel import clock
from wishapp.kernel.roles import Actor
from wishapp.store.append_only import append_only
from wishapp.store.db import db
from wishapp.store.types import UTCDateTime

BigId = BigInteger().with_variant(Integer, "sqlite")
ZERO = "0" * 64


class AuditEntry(db.Model):
    """Who did what to which thing, when, from which state to which. `data` holds no personal data, only ids and words of the tables."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor_id: Mapped[int | None] = mapped_column(Integer, index=True)
    kind: Mapped[str] = mapped_column(String(40))
    thing_id: Mapped[int] = mapped_column(Integer)
    action: Mapped[str] = mapped_column(String(40))
    from_state: Mapped[str | None] = mapped_column(String(20))
    to_state: Mapped[str | None] = mapped_column(String(20))
    place_path: Mapped[str | None] = mapped_column(String(120), index=True)
    note: Mapped[str | None] = mapped_column(Text)
    data: Mapped[dict] = mapped_column(JSON, default=dict)

    __table_args__ = (Index("ix_audit_entries_thing", "kind", "thing_id", "id"),)


class AuditSeal(db.Model):
    """Link `seq` of the chain: the digest over the previous link and the sealed entry."""

    __tablename__ = "audit_seals"

    seq: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(BigId, ForeignKey("audit_entries.id"), unique=True)
    digest: Mapped[str] = mapped_column(String(64))


append_only(AuditEntry.__table__)
append_only(AuditSeal.__table__)


def record(
    kind: str, thing_id: int, action: str, *, by: Actor, from_state: str | None = None, to_state: str | None = None,
    place_path: str | None = None, note: str | None = None, data: dict | None = None,
) -> AuditEntry:
    """Add one row to the record, inside the caller's transaction."""
    entry = AuditEntry(
        at=clock.now(), actor_id=by.id, kind=kind, thing_id=thing_id, action=action, from_state=from_state,
        to_state=to_state, place_path=place_path, note=note, data=data or {},
    )
    db.session.add(entry)
    return entry


def record_many(kind: str, action: str, rows: Sequence[dict[str, Any]], *, by: Actor) -> None:
    """One row for each of several things that took the same step, in one statement. `rows`: thing_id and whatever else
    record() takes that is not the same for all."""
    same = {"at": clock.now(), "actor_id": by.id, "kind": kind, "action": action, "from_state": None, "to_state": None, "note": None, "data": {}}
    if rows:
        db.session.execute(insert(AuditEntry), [{**same, **row} for row in rows])


def history(kind: str, thing_id: int) -> list[AuditEntry]:
    """Everything recorded about a thing, newest first."""
    query = select(AuditEntry).where(AuditEntry.kind == kind, AuditEntry.thing_id == thing_id).order_by(AuditEntry.id.desc())
    return list(db.session.scalars(query))


def digest(previous: str, entry: AuditEntry) -> str:
    """SHA-256 over the previous digest and the entry's canonical JSON."""
    body = [
        entry.id, entry.at.isoformat(), entry.actor_id, entry.kind, entry.thing_id, entry.action, entry.from_state,
        entry.to_state, entry.place_path, entry.note, entry.data,
    ]
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256((previous + canonical).encode()).hexdigest()


def seal(limit: int = 5000) -> int:
    """Seal up to `limit` entries that have no seal yet, in id order; returns how many. Run by one job at a time."""
    last = db.session.execute(select(AuditSeal).order_by(AuditSeal.seq.desc()).limit(1)).scalar_one_or_none()
    seq, previous = (last.seq, last.digest) if last else (0, ZERO)
    unsealed = select(AuditEntry).outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id).where(AuditSeal.seq.is_(None))
    entries = list(db.session.scalars(unsealed.order_by(AuditEntry.id).limit(limit)))
    for entry in entries:
        seq += 1
        previous = digest(previous, entry)
        db.session.add(AuditSeal(seq=seq, entry_id=entry.id, digest=previous))
    return len(entries)


def head() -> tuple[int, str]:
    """Number and digest of the newest seal, to be kept outside the database."""
    last = db.session.execute(select(AuditSeal).order_by(AuditSeal.seq.desc()).limit(1)).scalar_one_or_none()
    return (last.seq, last.digest) if last else (0, ZERO)


def broken_seals(known_head: tuple[int, str] | None = None) -> list[str]:
    """Every break of the chain in words; `known_head` (seq, digest) kept outside also reveals a cut tail."""
    problems, previous, expected = [], ZERO, 0
    rows = db.session.execute(
        select(AuditSeal, AuditEntry).outerjoin(AuditEntry, AuditEntry.id == AuditSeal.entry_id).order_by(AuditSeal.seq)
    ).yield_per(1000)
    for link, entry in rows:
        expected += 1
        if link.seq != expected:
            problems.append(f"audit seal {expected} is missing")
            expected = link.seq
        if entry is None:
            problems.append(f"audit entry {link.entry_id} is missing")
        elif digest(previous, entry) != link.digest:
            problems.append(f"audit entry {link.entry_id} does not match its seal")
        previous = link.digest
        if known_head and link.seq == known_head[0] and link.digest != known_head[1]:
            problems.append(f"audit seal {link.seq} differs from the head kept outside")
    if known_head and known_head[0] > expected:
        problems.append(f"audit chain ends at {expected}, the head kept outside is {known_head[0]}")
    unsealed = db.session.scalar(
        select(func.count()).select_from(AuditEntry).outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
        .where(AuditSeal.seq.is_(None), AuditEntry.id <= select(func.max(AuditSeal.entry_id)).scalar_subquery() - 10000)
    )
    if unsealed:
        problems.append(f"{unsealed} audit entries were slipped in behind the seals")
    return problems
