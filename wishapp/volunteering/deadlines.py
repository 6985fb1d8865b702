"""Work by the clock around seats: kept ones nobody answered for, stand-ins being looked for, queues of shifts that have begun.

Each sign-up in a transaction of its own, so that no lock is held while another is asked for; one that moved meanwhile is left alone.
"""

from collections.abc import Callable

from sqlalchemy import Select, exists, select

from wishapp.jobs.service import JobHandle, every, job
from wishapp.kernel import clock
from wishapp.kernel.errors import Refused, WishappError
from wishapp.kernel.roles import SYSTEM
from wishapp.kernel.text import N_
from wishapp.store.db import db
from wishapp.store.transaction import retrying, transaction
from wishapp.store.transitions import advance
from wishapp.volunteering.models import Origin, Shift, SignUp
from wishapp.volunteering.record_models import StandInAsk
from wishapp.volunteering.seats import follow_call, lock_shift, release
from wishapp.volunteering.sign_ups import lapse_seat
from wishapp.volunteering.stand_ins import end_ask, end_search, seek_on
from wishapp.volunteering.telling import tell

MOST = 1000  # of each sort in one go; the rest at the next turn of the clock


@job("seat_deadlines")
def seat_deadlines(handle: JobHandle) -> dict:
    """Every few minutes: see the functions below."""
    return work()


every("seat_deadlines", 3)


def work() -> dict[str, int]:
    """All of it, how much of each was done."""
    return {"lapsed": lapse_seats(), "unanswered": end_asks(), "searched": go_on_looking(), "excused": end_searches(), "ended": end_queues()}


def lapse_seats() -> int:
    """Kept seats whose time to answer is over go to the next."""
    return _each(SignUp, select(SignUp.id).where(SignUp.state == "offered", SignUp.answer_by <= clock.now()), lapse_seat)


def end_asks() -> int:
    """Whoever was asked to stand in and did not answer is let be, and the next are asked."""
    return _each(StandInAsk, select(StandInAsk.id).where(StandInAsk.answer == "waiting", StandInAsk.answer_by <= clock.now()), end_ask)


def go_on_looking() -> int:
    """Who asked off and has nobody being asked: in the morning after a night, or when somebody is free by now."""
    asking = exists().where(StandInAsk.sign_up_id == SignUp.id, StandInAsk.answer == "waiting")
    return _each(SignUp, select(SignUp.id).where(
        SignUp.state == "confirmed", SignUp.asked_off_at.is_not(None), SignUp.starts_at > clock.now(), ~asking), seek_on)


def end_searches() -> int:
    """Nobody was found until the start: excused all the same."""
    return _each(SignUp, select(SignUp.id).where(
        SignUp.state == "confirmed", SignUp.asked_off_at.is_not(None), SignUp.starts_at <= clock.now()), end_search)


def end_queues() -> int:
    """Who still waits when a shift begins hears that it did not work out; whom nobody had let in by its end gives the seat back."""
    begun = _each(SignUp, select(SignUp.id).where(SignUp.state == "waitlisted", SignUp.starts_at <= clock.now()), _end_waiting)
    return begun + _each(SignUp, select(SignUp.id).where(
        SignUp.state == "applied", SignUp.origin != Origin.MATCH, SignUp.ends_at <= clock.now()), _end_applied)


def _end_waiting(waiting: SignUp) -> None:
    _begun(waiting.shift)
    advance(waiting, "pass_over", by=SYSTEM, why="begun")
    tell(waiting, "end_queue")


def _end_applied(applied: SignUp) -> None:
    _begun(applied.shift)
    advance(applied, "call_off", by=SYSTEM, why="over")
    release(applied)
    follow_call(applied.shift.call_id, by=SYSTEM)
    tell(applied, "end_queue")


def _begun(shift: Shift) -> None:
    lock_shift(shift)
    if shift.starts_at > clock.now():  # it was put off meanwhile
        raise Refused(N_("The shift has not begun yet."))


def _each(model: type, wanted: Select, verb: Callable[[object], None]) -> int:
    ids = list(db.session.scalars(wanted.order_by(model.id).limit(MOST)))
    db.session.rollback()
    return sum(retrying(lambda one=one: _one(model, one, verb)) for one in ids)


def _one(model: type, thing_id: int, verb: Callable[[object], None]) -> int:
    try:
        with transaction():
            verb(db.session.get(model, thing_id))
    except WishappError:
        return 0
    return 1
