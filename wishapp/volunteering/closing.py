"""Shifts begin and close by the clock; whoever leads one may close it earlier. Hours are counted in the same transaction.

Each shift in a transaction of its own: the shift's lock, then its sign-ups by id, then the call's.
"""

import uuid
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Select, and_, exists, or_, select

from wishapp.jobs.service import JobHandle, every, job
from wishapp.kernel import clock
from wishapp.kernel.errors import Forbidden, Refused, WishappError
from wishapp.kernel.roles import SYSTEM, Actor
from wishapp.kernel.text import N_
from wishapp.notices import service as notices
from wishapp.store.db import db
from wishapp.store.transaction import retrying, transaction
from wishapp.store.transitions import advance
from wishapp.volunteering.absences import miss_sign_up
from wishapp.volunteering.access import may_with_call
from wishapp.volunteering.check_ins import IN, close_out, window
from wishapp.volunteering.hours import count_shift
from wishapp.volunteering.models import Call, Shift, SignUp
from wishapp.volunteering.seats import lock_shift, release
from wishapp.volunteering.telling import organisers

MOST = 500
GOING = ("open", "full", "under_way")


@job("close_shifts")
def close_shifts(handle: JobHandle) -> dict:
    """Every few minutes: see work()."""
    return work()


every("close_shifts", 5)


def work() -> dict[str, int]:
    """Start what has begun, close what has been over for the district's hours; how many of each."""
    now = clock.now()
    live = exists().where(Call.id == Shift.call_id, Call.state.in_(GOING))
    started = _each(select(Shift.id).where(Shift.state == "open", Shift.starts_at <= now, live), start_shift)
    # what was under way when the rest of its call was called off is closed too: people were there, and their hours count
    due = select(Shift.id).where(or_(Shift.state == "under_way", and_(Shift.state == "open", live)), Shift.ends_at <= now - timedelta(minutes=1))
    return {"started": started, "closed": _each(due, _close_when_due)}


def start_shift(shift: Shift, *, by: Actor = SYSTEM) -> None:
    """It begins, and with the first one the call. Refused before its time."""
    lock_shift(shift)
    if shift.starts_at > clock.now():
        raise Refused(N_("The shift has not begun yet."))
    advance(shift, "start", by=by)
    call = _locked_call(shift)
    if call.state in ("open", "full"):
        advance(call, "start", by=by)


def close_shift(shift: Shift, *, by: Actor) -> None:
    """Nobody is checked in any more: who is in is checked out at the planned end (or now, when that is earlier), who never came was
    absent (excused, having asked off), hours are counted. With its last shift the call is done, and its report is due.

    Refused before it has begun.
    """
    if not may_with_call(by, shift.call, "calls.lead"):
        raise Forbidden()
    lock_shift(shift)
    now = clock.now()
    if shift.starts_at > now:
        raise Refused(N_("The shift has not begun yet."))
    left_at = min(shift.ends_at, now)
    everybody = select(SignUp).where(SignUp.shift_id == shift.id).order_by(SignUp.id).with_for_update().execution_options(populate_existing=True)
    for sign_up in list(db.session.scalars(everybody)):
        if sign_up.state in IN and sign_up.checked_out_at is None:
            close_out(sign_up, key=str(uuid.uuid4()), at=left_at, by=by)
        elif sign_up.state == "confirmed":
            miss_sign_up(sign_up, by=by)
        elif sign_up.state in ("applied", "offered"):
            advance(sign_up, "lapse", by=SYSTEM)
            release(sign_up)
        elif sign_up.state == "waitlisted":
            advance(sign_up, "pass_over", by=SYSTEM, why="over")
    advance(shift, "close", by=by)
    shift.closed_at = now
    count_shift(shift)
    finish_call(shift, by=by)


def _close_when_due(shift: Shift) -> None:
    if window(shift)[1] > clock.now():
        raise Refused(N_("The shift has not begun yet."))
    close_shift(shift, by=SYSTEM)


def finish_call(shift: Shift, *, by: Actor) -> None:
    """The call is done when no shift of it lies ahead; whoever runs it hears that the report is missing. The caller holds the shift's lock."""
    call = _locked_call(shift)
    left = db.session.scalar(select(Shift.id).where(Shift.call_id == call.id, Shift.state.in_(("open", "under_way"))).limit(1))
    if left is not None or call.state not in GOING:
        return
    advance(call, "finish", by=by)
    notices.announce("call", "finish", thing_id=call.id, people={"organiser": organisers(call)}, params={"title": call.title},
                     endpoint="volunteering.manage", values={"call_id": call.id})


def _locked_call(shift: Shift) -> Call:
    db.session.flush()
    return db.session.scalar(select(Call).where(Call.id == shift.call_id).with_for_update().execution_options(populate_existing=True))


def _each(wanted: Select, verb: Callable[[Shift], None]) -> int:
    ids = list(db.session.scalars(wanted.order_by(Shift.ends_at, Shift.id).limit(MOST)))
    db.session.rollback()
    return sum(retrying(lambda one=one: _one(one, verb)) for one in ids)


def _one(shift_id: int, verb: Callable[[Shift], None]) -> int:
    try:
        with transaction():
            verb(db.session.get(Shift, shift_id))
    except WishappError:  # it moved meanwhile, or its time has not come
        return 0
    return 1
