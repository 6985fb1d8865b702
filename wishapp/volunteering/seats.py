"""Seats and the queue: whoever touches either locks the shift first, and a freed seat is offered in the same transaction.

Lock order: shifts by id, then the call. Nobody who holds a call's lock asks for a shift's.

A seat is free for a newcomer only when nobody in the queue could take it: the queue is served strictly in the order of coming; a group
that does not fit into what is free is passed by those behind it who do fit, so that no seat stays empty beside somebody it would fit.
"""

from datetime import datetime, time, timedelta

from sqlalchemy import func, select, update

from wishapp.accounts.models import User
from wishapp.kernel import clock
from wishapp.kernel.roles import Actor
from wishapp.store.db import db
from wishapp.store.transitions import advance
from wishapp.volunteering.models import HOLDING, Call, Shift, ShiftRole, SignUp, Volunteer
from wishapp.volunteering.overlap import PRESENT
from wishapp.volunteering.rules import rules_at
from wishapp.volunteering.telling import tell

QUIET = (time(8), time(21))  # an offer's deadline never falls into the night
LEAST_ANSWER = timedelta(hours=1)


def lock_shift(shift: Shift) -> None:
    """Read shift and seats again under the shift's lock (on SQLite the writing transaction is the lock)."""
    db.session.flush()
    db.session.refresh(shift, ["state", "last_turn", "starts_at", "ends_at", "version"], with_for_update=True)
    for role in shift.roles:
        db.session.refresh(role, ["seats", "taken"])


def lock_shifts(shifts: list[Shift]) -> None:
    """Lock several shifts, in the order of their ids."""
    for shift in sorted(shifts, key=lambda shift: shift.id):
        lock_shift(shift)


def take(role: ShiftRole, people: int) -> bool:
    """Take seats if so many are free. The caller holds the shift's lock; the condition guards all the same."""
    return _move(role, people)


def give_back(role: ShiftRole, people: int) -> None:
    """Give seats back. RuntimeError when they were never taken: a fault in the house."""
    if not _move(role, -people):
        raise RuntimeError(f"shift role {role.id}: {people} seats given back that nobody had")


def _move(role: ShiftRole, people: int) -> bool:
    db.session.flush()
    fits = ShiftRole.taken + people <= ShiftRole.seats if people > 0 else ShiftRole.taken >= -people
    moved = db.session.execute(
        update(ShiftRole).where(ShiftRole.id == role.id, fits).values(taken=ShiftRole.taken + people).execution_options(synchronize_session=False))
    db.session.refresh(role, ["seats", "taken"])
    return moved.rowcount == 1


def next_turn(shift: Shift) -> int:
    """The next place in the order of coming."""
    shift.last_turn += 1
    db.session.flush()
    return shift.last_turn


def queue(role: ShiftRole) -> list[SignUp]:
    """Who waits for seats of this sort, first come first."""
    query = select(SignUp).where(SignUp.role_id == role.id, SignUp.state == "waitlisted").order_by(SignUp.turn, SignUp.id)
    return list(db.session.scalars(query))


def promote(shift: Shift, *, by: Actor) -> list[SignUp]:
    """Offer every free seat to the first in the queue whom it fits; the caller holds the shift's lock. Returns who was asked.

    Whoever can no longer come (elsewhere at that time by now, disabled, pausing) loses the place in the queue and is told.
    """
    asked: list[SignUp] = []
    if shift.state != "open" or shift.starts_at <= clock.now():
        return asked
    for role in shift.roles:
        for waiting in queue(role):
            if role.taken >= role.seats:
                break
            if waiting.people > role.seats - role.taken:
                continue
            why = hindrance(waiting)
            if why:
                waiting.ended_why = why
                advance(waiting, "pass_over", by=by, why=why)
                tell(waiting, "pass_over")
                continue
            take(role, waiting.people)
            waiting.answer_by = answer_by(shift)
            advance(waiting, "offer", by=by)
            tell(waiting, "offer", until=waiting.answer_by)
            asked.append(waiting)
    return asked


def answer_by(shift: Shift, now: datetime | None = None) -> datetime:
    """Until when a seat is kept: the district's hours from now, by day only, at the latest an hour before the start, at least an hour."""
    now = now or clock.now()
    moment = now + timedelta(hours=rules_at(shift.place_path).answer_hours)
    local = moment.astimezone(clock.LOCAL)
    if not QUIET[0] <= local.time() < QUIET[1]:
        day = local.date() + timedelta(days=local.time() >= QUIET[1])
        moment = datetime.combine(day, QUIET[0], clock.LOCAL) + timedelta(hours=1)
    return max(min(moment, shift.starts_at - LEAST_ANSWER), min(now + LEAST_ANSWER, shift.starts_at))


def hindrance(waiting: SignUp) -> str:
    """Why somebody in the queue cannot be offered the seat after all: "elsewhere", "disabled", "paused", or "" when they can."""
    volunteer = db.session.get(Volunteer, waiting.volunteer_id)
    if volunteer.paused_until and volunteer.paused_until >= clock.today():
        return "paused"
    if volunteer.user_id is not None and not db.session.scalar(select(User.is_enabled).where(User.id == volunteer.user_id)):
        return "disabled"
    elsewhere = select(SignUp.id).where(
        SignUp.volunteer_id == waiting.volunteer_id, SignUp.id != waiting.id, SignUp.state.in_(PRESENT),
        SignUp.starts_at < waiting.ends_at, SignUp.ends_at > waiting.starts_at).limit(1)
    return "elsewhere" if db.session.scalar(elsewhere) else ""


def follow_call(call_id: int, *, by: Actor) -> None:
    """Move the call after its seats: full when no open shift has a free seat, open again when one has. Takes the call's lock."""
    db.session.flush()
    call = db.session.scalar(select(Call).where(Call.id == call_id).with_for_update().execution_options(populate_existing=True))
    if call.state not in ("open", "full"):
        return
    free = db.session.scalar(
        select(func.coalesce(func.sum(ShiftRole.seats - ShiftRole.taken), 0)).join(Shift, Shift.id == ShiftRole.shift_id)
        .where(Shift.call_id == call_id, Shift.state == "open"))
    wanted = "open" if free else "full"
    if call.state != wanted:
        advance(call, "fill" if wanted == "full" else "reopen_seat", by=by)


def holding(shift_id: int) -> int:
    """People who hold seats of a shift, counted from the sign-ups: what `taken` must say."""
    return db.session.scalar(
        select(func.coalesce(func.sum(SignUp.people), 0)).where(SignUp.shift_id == shift_id, SignUp.state.in_(HOLDING)))
