"""Telling people: rows in the caller's transaction, so that what did not happen is never told and what happened is."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from wishapp.accounts.models import User
from wishapp.kernel import clock
from wishapp.kernel.errors import Forbidden
from wishapp.kernel.roles import Actor
from wishapp.notices.models import Notice, Outgoing
from wishapp.notices.rules import RULES
from wishapp.store import audit
from wishapp.store.audit import AuditEntry
from wishapp.store.db import db
from wishapp.store.upsert import insert_missing

KEEP_READ = timedelta(days=180)
KEEP_SENT = timedelta(days=30)


def announce(
    workflow: str, action: str, *, thing_id: int, people: dict[str, Iterable[int]], params: dict[str, Any],
    endpoint: str = "", values: dict[str, Any] | None = None,
) -> int:
    """Tell `people` ({audience: [user ids]}) by the rules table; returns how many notices were written.

    `params`: public words for the text (see rules.py); moments may be aware datetimes. `endpoint` and `values` lead to the thing.
    Somebody in several audiences is told once, by the first. The same words about the same step of the same thing are told
    once, however often this is called. Combinations the table does not know send nothing.
    """
    rules = RULES.get((workflow, action), {})
    words = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in params.items()}
    once = _once(workflow, action, thing_id, words)
    told: set[int] = set()
    written = 0
    for audience, user_ids in people.items():
        wanted = [user_id for user_id in dict.fromkeys(user_ids) if user_id is not None and user_id not in told]
        if audience not in rules or not wanted:
            continue
        told.update(wanted)
        rows = [{
            "user_id": user_id, "workflow": workflow, "action": action, "audience": audience, "params": words, "endpoint": endpoint,
            "values": values or {}, "once": once,
        } for user_id in wanted]
        made = insert_missing(Notice, rows, ("user_id", "once"), (Notice.id, Notice.user_id))
        written += len(made)
        if rules[audience].email:
            _queue_mail({row.user_id: row.id for row in made})
        if rules[audience].robot and len(made) == len(wanted):
            db.session.add(Outgoing(channel="robot", notice_id=made[0].id))
    return written


def _once(workflow: str, action: str, thing_id: int, words: dict) -> str:
    """Key of this telling: the newest recorded step of the thing, and what is said about it."""
    db.session.flush()
    step = db.session.scalar(select(func.max(AuditEntry.id)).where(AuditEntry.kind == workflow, AuditEntry.thing_id == thing_id))
    print_ = hashlib.sha256(json.dumps(words, sort_keys=True, default=str).encode()).hexdigest()[:12]
    return f"{workflow}.{action}.{thing_id}.{step or 0}.{print_}"


def _queue_mail(notices: dict[int, int]) -> None:
    """Put an e-mail into the outbox for everybody of {user id: notice id} who has an address."""
    reachable = select(User.id).where(User.id.in_(notices), User.email.is_not(None), User.is_enabled)
    for user_id in db.session.scalars(reachable):
        db.session.add(Outgoing(channel="email", user_id=user_id, notice_id=notices[user_id]))


def read_notice(notice: Notice, *, by: Actor) -> None:
    """The person has opened it."""
    if notice.user_id == by.id and notice.read_at is None:
        notice.read_at = clock.now()


def read_all_notices(*, by: Actor) -> int:
    """The person has seen everything; returns how many were unread."""
    done = db.session.execute(update(Notice).where(Notice.user_id == by.id, Notice.read_at.is_(None)).values(read_at=clock.now()))
    return done.rowcount


def change_address(user: User, email: str | None, *, by: Actor) -> None:
    """The person's own e-mail address (already checked by the form), or None to turn e-mail off. Forbidden for anybody else."""
    if by.id != user.id:
        raise Forbidden()
    user.email = email
    audit.record("user", user.id, "change_address", by=by, place_path=user.community.path if user.community else None, data={"is_on": bool(email)})


def forget_old_notices() -> int:
    """Remove notices read half a year ago and messages sent a month ago; returns how many notices went."""
    db.session.execute(delete(Outgoing).where(Outgoing.status == "sent", Outgoing.sent_at < clock.now() - KEEP_SENT))
    return db.session.execute(delete(Notice).where(Notice.read_at < clock.now() - KEEP_READ)).rowcount
