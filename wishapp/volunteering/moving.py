"""Another time for a shift people have signed up for: its list and queue go with it, whoever cannot come then is never dropped silently."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Forbidden, Refused, SomeoneWasFaster
from wishapp.kernel.privacy import check_reason
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.transitions import advance
from wishapp.supporters import service as capacity
from wishapp.volunteering.access import may_with_call
from wishapp.volunteering.asking import is_asked
from wishapp.volunteering.calls import LONGEST, OVER
from wishapp.volunteering.models import HOLDING, Origin, Shift, SignUp, Volunteer
from wishapp.volunteering.news import spread
from wishapp.volunteering.overlap import PRESENT
from wishapp.volunteering.seats import answer_by, end_asks, follow_call, lock_shift, promote, release
from wishapp.volunteering.sign_ups import AHEAD, ahead_in
from wishapp.volunteering.telling import tell


def move_shift(
    shift: Shift, starts_at: datetime, ends_at: datetime, *, by: Actor, why: str = "", is_taking_off: bool = False, version: int | None = None,
) -> tuple[int, int]:
    """Give a shift that has not begun another time; everybody on its list or in its queue goes with it and is told.

    Who has a place elsewhere at the new time speaks against it: Refused says how many; with `is_taking_off` (then `why` is needed) they
    lose their place and are told, and the queue moves up. Whom the matcher asks about the old time is asked no more. Returns how many
    (stay, were taken off). `version`: the one the form was filled from. BadInput on times that cannot be.
    """
    if not may_with_call(by, shift.call, "calls.make"):
        raise Forbidden()
    check_reason(why)
    _check_times(starts_at, ends_at)
    _lock(shift)
    if version is not None and version != shift.version:
        raise SomeoneWasFaster()
    _check_may_move(shift, starts_at, ends_at)
    kept = db.session.scalars(
        select(SignUp).where(SignUp.shift_id == shift.id, SignUp.state.in_(AHEAD)).order_by(SignUp.turn).execution_options(populate_existing=True)).all()
    asked = [sign_up for sign_up in kept if is_asked(sign_up)]
    clashing = set(_elsewhere(shift, starts_at, ends_at))
    leaving = [sign_up for sign_up in kept if sign_up.id in clashing and sign_up not in asked]
    if leaving and not is_taking_off:
        raise Refused(N_("Already elsewhere at that time: %(count)s of those on the list. Please choose another time, or tick the box to take them off."),
                      count=len(leaving))
    if leaving and not why.strip():
        raise BadInput(N_("Please say why: whoever is taken off reads it."))
    for sign_up in (*asked, *leaving):
        _take_off(sign_up, by=by, why=why.strip())
    before = shift.starts_at, shift.ends_at
    _set_times(shift, starts_at, ends_at, [sign_up for sign_up in kept if sign_up not in asked and sign_up not in leaving], by=by, why=why.strip())
    audit.record("shift", shift.id, "move", by=by, from_state=shift.state, to_state=shift.state, place_path=shift.place_path, note=why.strip() or None,
                 data={"from": before[0].isoformat(), "to": starts_at.isoformat(), "until": ends_at.isoformat(), "taken_off": len(leaving)})
    promote(shift, by=by)
    follow_call(shift.call_id, by=by)
    _spread(shift, leaving)
    return len(kept) - len(asked) - len(leaving), len(leaving)


def _check_times(starts_at: datetime, ends_at: datetime) -> None:
    if not starts_at < ends_at <= starts_at + LONGEST:
        raise BadInput(N_("A shift ends after it begins and lasts at most 16 hours."))
    if starts_at <= clock.now():
        raise BadInput(N_("A shift has to begin in the future."))


def _lock(shift: Shift) -> None:
    """The people on the list and then the shift (see seats); who joins in between is left to the database's own constraint."""
    on_it = select(SignUp.volunteer_id).where(SignUp.shift_id == shift.id, SignUp.state.in_(AHEAD))
    db.session.execute(select(Volunteer.id).where(Volunteer.id.in_(on_it)).order_by(Volunteer.id).with_for_update(key_share=True))
    lock_shift(shift)
    db.session.refresh(shift, ["reminded_day_at", "reminded_hour_at"])


def _check_may_move(shift: Shift, starts_at: datetime, ends_at: datetime) -> None:
    if shift.state != "open" or shift.starts_at <= clock.now() or shift.call.state in OVER:
        raise Refused(N_("Only a shift that lies ahead can be moved."))
    if (shift.starts_at, shift.ends_at) == (starts_at, ends_at):
        raise Refused(N_("That is the time it has already."))
    if db.session.scalar(select(exists().where(
            Shift.call_id == shift.call_id, Shift.id != shift.id, Shift.state != "cancelled", Shift.starts_at == starts_at, Shift.ends_at == ends_at))):
        raise Refused(N_("There is a shift at this very time already."))
    if db.session.scalar(select(exists().where(SignUp.shift_id == shift.id, SignUp.state.in_(set(HOLDING) - set(AHEAD))))):
        raise Refused(N_("Somebody has checked in already; this shift stays where it is."))


def _elsewhere(shift: Shift, starts_at: datetime, ends_at: datetime) -> list[int]:
    """Sign-ups of the shift whose people have a place in another one at that time. Who only waits holds no time (see overlap)."""
    other = aliased(SignUp)
    return list(db.session.scalars(select(SignUp.id).where(
        SignUp.shift_id == shift.id, SignUp.state.in_(PRESENT),
        exists().where(other.volunteer_id == SignUp.volunteer_id, other.shift_id != shift.id, other.state.in_(PRESENT),
                       other.starts_at < ends_at, other.ends_at > starts_at))))


def _take_off(sign_up: SignUp, *, by: Actor, why: str) -> None:
    """Ends at the old time, for which its share of the month was taken. Whom the matcher asked hears of it from there (see matching.offers)."""
    is_told = not is_asked(sign_up)
    sign_up.ended_why = why[:200]
    advance(sign_up, "cancel", by=by, note=why or None)
    release(sign_up)
    end_asks(sign_up)
    if is_told:
        tell(sign_up, "cancel", why=why)


def _set_times(shift: Shift, starts_at: datetime, ends_at: datetime, staying: list[SignUp], *, by: Actor, why: str) -> None:
    counted = [(sign_up, sign_up.capacity_period) for sign_up in staying if sign_up.capacity_period and sign_up.supporter_id is not None]
    for sign_up, token in counted:
        capacity.give_back_capacity(sign_up.supporter_id, token, minutes=shift.minutes)
    shift.starts_at, shift.ends_at = starts_at, ends_at
    shift.reminded_day_at = shift.reminded_hour_at = None
    for sign_up, _token in counted:
        sign_up.capacity_period = _count(sign_up, shift)
    for sign_up in staying:
        sign_up.starts_at, sign_up.ends_at = starts_at, ends_at
        if sign_up.state == "offered" and sign_up.answer_by is not None:
            sign_up.answer_by = min(sign_up.answer_by, answer_by(shift))
        end_asks(sign_up)  # who was asked to stand in was asked about another time; the clock asks anew
        audit.record("sign_up", sign_up.id, "move", by=by, from_state=sign_up.state, to_state=sign_up.state, place_path=sign_up.place_path, note=why or None)
    db.session.flush()
    for sign_up in staying:
        tell(sign_up, "move_time", why=why, version=shift.version)  # moved there and back again is news each time


def _count(sign_up: SignUp, shift: Shift) -> str | None:
    """The time it takes of the month now; who said yes stays on the list also when it is more than they had left."""
    try:
        return capacity.take_capacity(sign_up.supporter_id, kind=shift.call.kind, minutes=shift.minutes, day=clock.today())
    except Refused:
        return None


def _spread(shift: Shift, left: list[SignUp]) -> None:
    """Nobody is asked about the old time any more; the seats are open at the new one."""
    if shift.call.published_at is None:
        return
    spread("gone", shift)
    for sign_up in left:
        if sign_up.origin == Origin.MATCH:
            spread("freed", shift, f"sign_up:{sign_up.id}", role=sign_up.role)
    spread("opened", shift)


def people_on(shift: Shift) -> int:
    """How many would hear of a move."""
    return len({sign_up.volunteer_id for sign_up in ahead_in(shift)})
