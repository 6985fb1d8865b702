"""Sending what stands in the outbox: after the commit, from rows, at least once, never by two at a time.

A row is claimed with a committed lease and a fencing attempt number; it is finished only by the attempt that holds it.
Failures wait longer each time; after 8 attempts a row is dead. Whoever would get more than 10 messages within 5 minutes
gets them as one.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

import structlog
from flask import current_app
from flask_babel import force_locale, gettext, ngettext
from sqlalchemy import func, or_, select, update

from wishapp.accounts.models import User
from wishapp.jobs.service import JobHandle, every, job
from wishapp.kernel import clock, faults
from wishapp.notices import senders, service
from wishapp.notices.models import Notice, Outgoing
from wishapp.notices.wording import path_to, sentence
from wishapp.store.db import db
from wishapp.store.transaction import retrying, transaction
from wishapp.web.i18n import LOCALES

log = structlog.get_logger()
LEASE = timedelta(minutes=2)
MOST_ATTEMPTS = 8
STORM = 10
CALM = timedelta(minutes=5)
FIRST_WAIT = timedelta(seconds=30)


@dataclass(frozen=True)
class Held:
    """A row this process has claimed: its id, the attempt it holds, where it goes."""

    id: int
    attempt: int
    channel: str
    user_id: int | None
    notice_id: int | None
    body: str


@job("deliver_outbox")
def deliver_outbox(handle: JobHandle) -> dict:
    """Send what is due, by the clock."""
    return deliver_due(200)


@job("forget_notices")
def forget_notices(handle: JobHandle) -> dict:
    """Drop what was read or sent long ago."""

    def drop() -> int:
        with transaction():
            return service.forget_old_notices()

    return {"dropped": retrying(drop)}


every("deliver_outbox", 1)
every("forget_notices", 24 * 60)


def deliver_due(limit: int = 50) -> dict[str, int]:
    """Send up to `limit` due rows; returns how many were sent, failed (to be tried again or dead) and postponed."""
    counts = {"sent": 0, "failed": 0, "postponed": 0}
    rows = retrying(lambda: claim(limit))
    groups: dict[tuple[str, int | None], list[Held]] = defaultdict(list)
    for row in rows:
        groups[row.channel, row.user_id].append(row)
    for (channel, user_id), held in groups.items():
        recently = _sent_recently(channel, user_id)
        if recently >= STORM:
            counts["postponed"] += retrying(lambda rows=held: _postpone(rows))
        elif recently + len(held) > STORM:
            counts["sent" if _send(held) else "failed"] += len(held)
        else:
            for row in held:
                counts["sent" if _send([row]) else "failed"] += 1
    return counts


def claim(limit: int) -> list[Held]:
    """Take due rows, and those whose holder has died, in one committed transaction; rows tried too often become dead."""
    now = clock.now()
    due = or_(
        (Outgoing.status == "waiting") & (Outgoing.due_at <= now),
        (Outgoing.status == "sending") & (Outgoing.lease_until < now),
    )
    with transaction():
        worn = (due, Outgoing.attempt >= MOST_ATTEMPTS)
        db.session.execute(update(Outgoing).where(*worn).values(status="dead", lease_until=None).execution_options(synchronize_session=False))
        free = select(Outgoing.id).where(due).order_by(Outgoing.id).limit(limit).with_for_update(skip_locked=True)
        ids = list(db.session.scalars(free))
        taken = (
            update(Outgoing).where(Outgoing.id.in_(ids), due)
            .values(status="sending", attempt=Outgoing.attempt + 1, lease_until=now + LEASE).execution_options(synchronize_session=False)
            .returning(Outgoing.id, Outgoing.attempt, Outgoing.channel, Outgoing.user_id, Outgoing.notice_id, Outgoing.body)
        )
        return sorted((Held(*row) for row in db.session.execute(taken)), key=lambda row: row.id)


def _send(held: list[Held]) -> bool:
    """Send rows of one receiver as one message; returns whether the service took it."""
    if not retrying(lambda: _prolong(held)):
        return False
    channel = held[0].channel
    try:
        message = _message(held)
        faults.point("outbox.before_send")
        if message is not None and channel == "email":
            senders.send_mail(current_app.config["MAIL_URL"], message)
        elif message is not None:
            senders.call_robot(current_app.config["WEBHOOK_URL"], message)
        faults.point("outbox.after_send")
    except senders.SendFailed as error:
        log.warning("message_not_sent", outgoing=held[0].id, channel=channel, attempt=held[0].attempt, why=str(error))
        retrying(lambda: _give_up_for_now(held))
        return False
    retrying(lambda: _finish(held))
    return True


def _message(held: list[Held]) -> senders.Message | None:
    """The message of these rows in the receiver's language; None when there is nobody to tell any more."""
    notices = {notice.id: notice for notice in db.session.scalars(select(Notice).where(Notice.id.in_([row.notice_id for row in held])))}
    receiver = db.session.get(User, held[0].user_id) if held[0].user_id is not None else None
    db.session.expunge_all()
    db.session.rollback()  # no transaction stays open while a slow service answers
    is_mail = held[0].channel == "email"
    if is_mail and (receiver is None or not receiver.email or not receiver.is_enabled):
        return None
    with force_locale(LOCALES[receiver.prefers_lang if receiver and receiver.prefers_lang in LOCALES else "zh-Hans"]):
        lines = [_line(row, notices.get(row.notice_id)) for row in held]
        first = lines[0].partition("\n")[0]
        subject = first if len(held) == 1 else ngettext("%(num)d piece of news", "%(num)d pieces of news", len(held))
        text = "\n\n".join([subject, *lines] if len(held) > 1 else lines)
        if is_mail:
            text += "\n\n" + gettext("You get this because you left an address with Micro-wishes. Turn it off under Messages.")
    return senders.Message(key=f"outbox-{held[0].id}", text=text, subject=subject[:120], address=receiver.email if is_mail else "")


def _line(row: Held, notice: Notice | None) -> str:
    if notice is None:
        return row.body
    link = current_app.config["PUBLIC_URL"].rstrip("/") + (path_to(notice) or "/notices")
    return f"{sentence(notice)}\n{link}"


def _sent_recently(channel: str, user_id: int | None) -> int:
    query = select(func.count()).select_from(Outgoing).where(
        Outgoing.channel == channel, Outgoing.user_id == user_id, Outgoing.status == "sent", Outgoing.sent_at > clock.now() - CALM)
    count = db.session.scalar(query)
    db.session.rollback()
    return count


def _mine(row: Held) -> tuple:
    return Outgoing.id == row.id, Outgoing.attempt == row.attempt, Outgoing.status == "sending"


def _change(held: list[Held], **values: object) -> int:
    with transaction():
        return sum(
            db.session.execute(update(Outgoing).where(*_mine(row)).values(**values).execution_options(synchronize_session=False)).rowcount
            for row in held)


def _prolong(held: list[Held]) -> bool:
    """Make sure the rows are still ours, for a whole lease from now; a row lost to another process is left to it."""
    return _change(held, lease_until=clock.now() + LEASE) == len(held)


def _finish(held: list[Held]) -> None:
    _change(held, status="sent", sent_at=clock.now(), lease_until=None)


def _postpone(held: list[Held]) -> int:
    """Wait until the storm is over; that does not count as an attempt."""
    return _change(held, status="waiting", attempt=Outgoing.attempt - 1, due_at=clock.now() + CALM, lease_until=None)


def _give_up_for_now(held: list[Held]) -> None:
    for row in held:
        if row.attempt >= MOST_ATTEMPTS:
            _change([row], status="dead", lease_until=None)
        else:
            _change([row], status="waiting", due_at=clock.now() + FIRST_WAIT * 2**row.attempt, lease_until=None)
