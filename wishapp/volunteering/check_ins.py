"""Checking in and out on the day, and putting it right afterwards.

Every press carries a key that the device made before it sent it for the first time: the same key again changes nothing and gets the
same answer. Four ways in: the organiser scans the volunteer's own code or presses on the list; the volunteer scans the place's code or
is near enough. Whoever was never checked out is, when the shift closes. Lock order: the shift, then the sign-up.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Forbidden, Refused
from wishapp.kernel.privacy import check_reason
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.transitions import advance
from wishapp.store.upsert import insert_missing
from wishapp.volunteering.absences import reconsider
from wishapp.volunteering.access import may_with_call
from wishapp.volunteering.hours import count_hours
from wishapp.volunteering.models import Shift, SignUp
from wishapp.volunteering.overlap import PRESENT
from wishapp.volunteering.record_models import CheckEvent, CheckHow
from wishapp.volunteering.rules import rules_at
from wishapp.volunteering.seats import lock_shift, take

LATE_AFTER = timedelta(minutes=10)
CLOCK_AHEAD = timedelta(minutes=3)
ARRIVES_WITHIN = timedelta(days=3)  # after a shift is closed, what was noted without a connection still counts for so long
BY_ORGANISER = (CheckHow.LEADER, CheckHow.OWN_CODE)
IN = ("attended", "late")
REFRESHED = ("state", "people", "checked_in_at", "checked_in_how", "checked_out_at")
ARRIVED_LATER = N_("Noted on the day without a connection; it arrived later.")


@dataclass(frozen=True)
class Answer:
    """What became of a press. `what`: "in" or "out"; `at`: since when the person is in or out; `is_new`: whether this press did it."""

    what: str
    at: datetime
    is_new: bool = True


def read_key(text: object) -> str:
    """A key as sent -> as it is kept. BadInput for anything but a UUID."""
    try:
        return str(uuid.UUID(text)) if isinstance(text, str) and len(text) <= 36 else _bad_key()
    except ValueError:
        return _bad_key()


def _bad_key() -> str:
    raise BadInput(N_("This press could not be read. Please press once more."))


def window(shift: Shift) -> tuple[datetime, datetime]:
    """From when to when one can be checked in and out."""
    hours = rules_at(shift.place_path).close_hours
    return shift.starts_at - timedelta(minutes=shift.call.check_minutes), shift.ends_at + timedelta(hours=hours)


def check_in(sign_up: SignUp, *, key: str, at: datetime, how: str, by: Actor, metres: int | None = None) -> Answer:
    """Somebody is there. On time they attended, more than LATE_AFTER after the start they came late; a second time changes nothing.

    `key` from read_key(); `at`: when it was pressed, by the device; `metres` from the meeting point, when by position.
    Raises Forbidden when `by` may not check in this way, BadInput on a time that cannot be, Refused saying why otherwise.
    """
    stored = _begin(sign_up, "in", key, how, by)
    if stored is not None:
        return stored
    at = _plausible(sign_up.shift, at)
    _near_enough(sign_up, how, metres)
    if sign_up.state in IN:
        return _again(sign_up, key, at, how, by)
    if sign_up.state == "absent" and how in BY_ORGANISER:  # there after all, or noted without a connection before the shift closed
        _free_at_that_time(sign_up)
        advance(sign_up, "take_back", by=by)
        reconsider(sign_up, by=by)
    if sign_up.state != "confirmed":
        raise Refused(_why_not(sign_up.state))
    _keep(sign_up, "in", key, at, how, by, metres)
    sign_up.checked_in_at, sign_up.checked_in_how = at, how
    advance(sign_up, "arrive_late" if is_late_at(sign_up.shift, at) else "attend", by=by, how=str(how))
    _count_late(sign_up)
    return Answer("in", at)


def check_out(sign_up: SignUp, *, key: str, at: datetime, how: str, by: Actor, metres: int | None = None) -> Answer:
    """Somebody leaves; the first time counts, a second changes nothing. Arguments and refusals as in check_in()."""
    stored = _begin(sign_up, "out", key, how, by)
    if stored is not None:
        return stored
    at = _plausible(sign_up.shift, at)
    _near_enough(sign_up, how, metres)
    if sign_up.state not in IN or sign_up.checked_in_at is None:
        raise Refused(N_("Not checked in yet: first in, then out."))
    if sign_up.checked_out_at is not None and not _by_closing(sign_up, at):
        return Answer("out", sign_up.checked_out_at, False)
    if at < sign_up.checked_in_at:
        raise Refused(N_("That is before the time of checking in."))
    _keep(sign_up, "out", key, at, how, by, metres)
    sign_up.checked_out_at = at
    audit.record("sign_up", sign_up.id, "check_out", by=by, place_path=sign_up.place_path, data={"how": str(how)})
    _count_late(sign_up)
    return Answer("out", at)


def _by_closing(sign_up: SignUp, at: datetime) -> bool:
    """Closing checked them out, and this press was made before that and arrives only now: it knows better."""
    closed_at = sign_up.shift.closed_at
    if closed_at is None or at > closed_at:
        return False
    closing = select(CheckEvent.id).where(CheckEvent.sign_up_id == sign_up.id, CheckEvent.what == "out", CheckEvent.how == CheckHow.CLOSING,
                                          CheckEvent.at == sign_up.checked_out_at).limit(1)
    return db.session.scalar(closing) is not None


def _count_late(sign_up: SignUp) -> None:
    """It was noted in time and arrives after the shift was closed: the hours follow."""
    if sign_up.shift.state == "over":
        count_hours(sign_up)


def close_out(sign_up: SignUp, *, key: str, at: datetime, by: Actor) -> None:
    """The shift closes with somebody still in: out at `at`, or when they came, if that was later. The caller holds the locks."""
    at = max(at, sign_up.checked_in_at or at)
    _keep(sign_up, "out", key, at, CheckHow.CLOSING, by, None)
    sign_up.checked_out_at = at


def is_late_at(shift: Shift, at: datetime) -> bool:
    """Is coming at this moment coming late."""
    return at > shift.starts_at + LATE_AFTER


def take_back(sign_up: SignUp, *, by: Actor) -> None:
    """The organiser pressed on the wrong line: still there when they had been checked out, else confirmed again as if nothing had been."""
    _check_leads(sign_up, by)
    lock_sign_up(sign_up)
    if sign_up.shift.state == "over":
        raise Refused(N_("This shift is closed. Put the times right instead, and say why."))
    if sign_up.state in IN and sign_up.checked_out_at is not None:
        sign_up.checked_out_at = None
        audit.record("sign_up", sign_up.id, "take_back_out", by=by, place_path=sign_up.place_path)
        return
    sign_up.checked_in_at = sign_up.checked_out_at = None
    sign_up.checked_in_how = ""
    _free_at_that_time(sign_up)
    advance(sign_up, "take_back", by=by)
    reconsider(sign_up, by=by)


def put_right(sign_up: SignUp, *, came_at: datetime, left_at: datetime | None, by: Actor, why: str) -> None:
    """The organiser puts right who was there and when, with a reason that stays in the record.

    Somebody absent or excused has been there after all; times are those of the day itself. Somebody excused needs a seat again: Refused
    when it has gone to somebody else. Nobody puts their own times right.
    """
    _check_leads(sign_up, by)
    if by.id is not None and sign_up.volunteer.user_id == by.id:
        raise Refused(N_("These are your own times. Please ask a colleague to put them right."))
    check_reason(why)
    if not why.strip():
        raise BadInput(N_("Please say why, in a few words."))
    shift = sign_up.shift
    opens, ends = window(shift)
    latest = min(ends, clock.now())
    if not opens <= came_at <= latest or (left_at is not None and not came_at < left_at <= latest):
        raise BadInput(N_("Times have to be those of the shift: first in, then out, and not in the future."))
    lock_shift(shift)
    lock_sign_up(sign_up)
    sign_up.checked_in_at, sign_up.checked_out_at, sign_up.checked_in_how = came_at, left_at, CheckHow.LEADER
    is_late = is_late_at(shift, came_at)
    if sign_up.state == "confirmed":
        advance(sign_up, "arrive_late" if is_late else "attend", by=by, note=why)
    elif sign_up.state in ("absent", "excused") or (sign_up.state == "late" and not is_late):
        if sign_up.state != "late":
            _free_at_that_time(sign_up)
        if sign_up.state == "excused" and not take(sign_up.role, sign_up.people):
            raise Refused(N_("Their seat has gone to somebody else. Add one seat first."))
        advance(sign_up, "correct", by=by, note=why)
        reconsider(sign_up, by=by)
    elif sign_up.state not in IN:
        raise Refused(_why_not(sign_up.state))
    audit.record("sign_up", sign_up.id, "put_right", by=by, place_path=sign_up.place_path, note=why.strip(),
                 data={"in": came_at.isoformat(), "out": left_at.isoformat() if left_at else None})
    if shift.state == "over":
        count_hours(sign_up, by=by)


def lock_sign_up(sign_up: SignUp) -> None:
    """The sign-up as it is, locked, and whether its shift is closed by now (on SQLite the writing transaction is the lock)."""
    db.session.flush()
    db.session.refresh(sign_up, REFRESHED, with_for_update=True)
    db.session.refresh(sign_up.shift, ["state", "closed_at"])  # closing holds every sign-up: whoever waited for it sees the shift closed


def _begin(sign_up: SignUp, what: str, key: str, how: str, by: Actor) -> Answer | None:
    """Rights, the lock, and the stored answer when this very press has arrived before."""
    if how in BY_ORGANISER:
        _check_leads(sign_up, by)
    elif not by.is_system and by.id != sign_up.volunteer.user_id:
        raise Forbidden()
    lock_sign_up(sign_up)
    known = db.session.scalar(select(CheckEvent).where(CheckEvent.key == key))
    if known is None:
        return None
    if (known.sign_up_id, known.what, known.by_id) != (sign_up.id, what, by.id):
        _bad_key()
    return Answer(what, known.at)


def _plausible(shift: Shift, at: datetime) -> datetime:
    """The moment of a press, not in the future; refused outside the window."""
    now, (opens, ends) = clock.now(), window(shift)
    if at > now + CLOCK_AHEAD:
        raise BadInput(N_("The clock of this device is ahead. Please put it right and press again."))
    if shift.state == "cancelled":
        raise Refused(N_("This shift was called off."))
    if at < opens:
        raise Refused(N_("Check-in begins at %(opens)s."), opens=f"{opens.astimezone(clock.LOCAL):%m-%d %H:%M}")
    if at > ends or now > ends + ARRIVES_WITHIN:
        raise Refused(N_("This shift is closed. Whoever leads it can still put your time right."))
    return min(at, now)


def _near_enough(sign_up: SignUp, how: str, metres: int | None) -> None:
    if how != CheckHow.POSITION:
        return
    if metres is None or metres < 0:
        raise BadInput(N_("Your position could not be read."))
    if metres > sign_up.shift.call.check_radius:
        raise Refused(N_("You are about %(metres)s m from the meeting point; up to %(radius)s m will do."),
                      metres=metres, radius=sign_up.shift.call.check_radius)


def _again(sign_up: SignUp, key: str, at: datetime, how: str, by: Actor) -> Answer:
    """In already. What an organiser noted earlier, without a connection, still puts the time right."""
    since = sign_up.checked_in_at or sign_up.starts_at
    if how not in BY_ORGANISER or at >= since or sign_up.checked_in_at is None:
        return Answer("in", since, False)
    _keep(sign_up, "in", key, at, how, by, None)
    sign_up.checked_in_at, sign_up.checked_in_how = at, how
    if sign_up.state == "late" and not is_late_at(sign_up.shift, at):
        advance(sign_up, "correct", by=by, note=ARRIVED_LATER, how=str(how))
    _count_late(sign_up)
    return Answer("in", at)


def _keep(sign_up: SignUp, what: str, key: str, at: datetime, how: str, by: Actor, metres: int | None) -> None:
    row = {"key": key, "sign_up_id": sign_up.id, "what": what, "how": str(how), "at": at, "received_at": clock.now(), "by_id": by.id, "metres": metres}
    if not insert_missing(CheckEvent, [row], ("key",), returning=(CheckEvent.id,)):
        _bad_key()  # somebody else's press with this key came in between


def _free_at_that_time(sign_up: SignUp) -> None:
    """Whoever was absent here may have been somewhere else: then they were not here."""
    elsewhere = select(SignUp.id).where(
        SignUp.volunteer_id == sign_up.volunteer_id, SignUp.id != sign_up.id, SignUp.state.in_(PRESENT),
        SignUp.starts_at < sign_up.ends_at, SignUp.ends_at > sign_up.starts_at).limit(1)
    if db.session.scalar(elsewhere) is not None:
        raise Refused(N_("They were at another shift at that time."))


def _why_not(state: str) -> str:
    return {
        "excused": N_("They asked to be excused. Put it right with a reason if they came after all."),
        "absent": N_("Noted as absent. Whoever leads the shift can put that right."),
    }.get(state, N_("There is no confirmed place in this shift. Please ask whoever leads it."))


def _check_leads(sign_up: SignUp, by: Actor) -> None:
    if not may_with_call(by, sign_up.shift.call, "calls.lead"):
        raise Forbidden()
