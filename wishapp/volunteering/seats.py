"""Seats and the queue: whoever touches either locks the shift first, and a freed seat is offered in the same transaction.

Lock order: the person who signs up, shifts by id, the call. Nobody who holds a later one asks for an earlier one. A promotion takes no
person's lock: that nobody is in two places then is the database's to keep (see overlap), and the transaction is run again.

A seat is free for a newcomer only when nobody in the queue could take it: the queue is served strictly in the order of coming; a group
that does not fit into what is free is passed by those behind it who do fit, so that no seat stays empty beside somebody it would fit.
The seat of somebody who asked off counts as free for the queue, not for newcomers: for these a stand-in is looked for (see stand_ins).
"""

from datetime import datetime, time, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm.attributes import set_committed_value

from wishapp.accounts.models import User
from wishapp.kernel import clock
from wishapp.kernel.errors import NotFound
from wishapp.kernel.roles import Actor
from wishapp.store.db import db
from wishapp.store.transitions import advance
from wishapp.supporters import service as capacity
from wishapp.volunteering.eligibility import rule_against
from wishapp.volunteering.models import Call, Shift, ShiftRole, SignUp, Volunteer
from wishapp.volunteering.overlap import PRESENT
from wishapp.volunteering.record_models import StandInAsk
from wishapp.volunteering.rules import rules_at
from wishapp.volunteering.telling import tell

QUIET = (time(8), time(21))  # an offer's deadline never falls into the night
LEAST_ANSWER = timedelta(hours=1)


def lock_person(volunteer: Volunteer) -> None:
    """The person's own lock, taken before any shift's: what they do at once comes one after another, and an account is not switched off
    while it signs up (on SQLite the writing transaction is the lock)."""
    db.session.flush()
    db.session.refresh(volunteer, ["paused_until", "birth_year", "has_guardian_consent", "version"], with_for_update={"key_share": True})
    if volunteer.user_id is not None:
        db.session.execute(select(User.id).where(User.id == volunteer.user_id).with_for_update(read=True))


def lock_shift(shift: Shift) -> None:
    """Read shift and seats again under the shift's lock (on SQLite the writing transaction is the lock)."""
    lock_shifts([shift])


def lock_shifts(shifts: list[Shift]) -> None:
    """The same for several, in the order of their ids; two statements."""
    db.session.flush()
    ids = {shift.id for shift in shifts}
    columns = Shift.id, Shift.state, Shift.last_turn, Shift.starts_at, Shift.ends_at, Shift.minimum, Shift.version
    locked = {row.id: row for row in db.session.execute(select(*columns).where(Shift.id.in_(ids)).order_by(Shift.id).with_for_update())}
    # refreshing the collection would leave seats that are loaded already as they were
    roles: dict[int, list[ShiftRole]] = {}
    for role in db.session.scalars(
            select(ShiftRole).where(ShiftRole.shift_id.in_(ids)).order_by(ShiftRole.id).execution_options(populate_existing=True)):
        roles.setdefault(role.shift_id, []).append(role)
    for shift in shifts:
        if shift.id not in locked:
            raise NotFound()
        for column in columns[1:]:
            set_committed_value(shift, column.key, getattr(locked[shift.id], column.key))
        set_committed_value(shift, "roles", roles.get(shift.id, []))


def lock_place(sign_up: SignUp) -> None:
    """The lock of its shift, and the sign-up as it is under it."""
    lock_shift(sign_up.shift)
    db.session.refresh(sign_up, ["state", "answer_by", "people", "capacity_period", "asked_off_at"])


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


def release(sign_up: SignUp) -> None:
    """Give back what a sign-up held: its seats and, when the matcher asked, the time it took of the month. Promotes nobody."""
    if sign_up.capacity_period and sign_up.supporter_id is not None:
        capacity.give_back_capacity(sign_up.supporter_id, sign_up.capacity_period, minutes=sign_up.shift.minutes)
        sign_up.capacity_period = None
    give_back(sign_up.role, sign_up.people)


def next_turn(shift: Shift) -> int:
    """The next place in the order of coming. Apart from the row's version, which is for what organisers edit."""
    db.session.flush()
    db.session.execute(update(Shift).where(Shift.id == shift.id).values(last_turn=Shift.last_turn + 1).execution_options(synchronize_session=False))
    db.session.refresh(shift, ["last_turn"])
    return shift.last_turn


def queue(role: ShiftRole) -> list[SignUp]:
    """Who waits for seats of this sort, first come first."""
    query = select(SignUp).where(SignUp.role_id == role.id, SignUp.state == "waitlisted").order_by(SignUp.turn, SignUp.id)
    return list(db.session.scalars(query))


def leaving(role: ShiftRole) -> list[SignUp]:
    """Who asked off after the late limit and has no stand-in yet, longest ago first."""
    query = select(SignUp).where(SignUp.role_id == role.id, SignUp.state == "confirmed", SignUp.asked_off_at.is_not(None))
    return list(db.session.scalars(query.order_by(SignUp.asked_off_at, SignUp.id)))


def promote(shift: Shift, *, by: Actor) -> list[SignUp]:
    """Offer every free seat to the first in the queue whom it fits; the caller holds the shift's lock. Returns who was asked.

    Whoever can no longer come (elsewhere at that time by now, disabled, pausing …) loses the place in the queue and is told.
    """
    asked: list[SignUp] = []
    if shift.state != "open" or shift.starts_at <= clock.now():
        return asked
    for role in shift.roles:
        going = leaving(role)
        for waiting in queue(role) if going or role.taken < role.seats else ():
            if waiting.people > role.seats - role.taken + sum(one.people for one in going):
                continue
            why = hindrance(waiting)
            if why:
                waiting.ended_why = why
                advance(waiting, "pass_over", by=by, why=why)
                tell(waiting, "pass_over")
                continue
            while waiting.people > role.seats - role.taken:
                excuse(going.pop(0), by=by)
            _offer(waiting, by=by)
            asked.append(waiting)
    return asked


def _offer(waiting: SignUp, *, by: Actor) -> None:
    if not take(waiting.role, waiting.people):
        raise RuntimeError(f"sign-up {waiting.id}: its seats were free a moment ago, under the lock")
    waiting.answer_by = answer_by(waiting.shift)
    advance(waiting, "offer", by=by)
    tell(waiting, "offer", until=waiting.answer_by)


def excuse(sign_up: SignUp, *, by: Actor, told: str = "stand_in_found") -> None:
    """Somebody who asked off need not come: the seat is free, who was asked to stand in need not answer. The caller holds the lock."""
    advance(sign_up, "excuse", by=by)
    release(sign_up)
    end_asks(sign_up)
    tell(sign_up, told)


def end_asks(sign_up: SignUp) -> None:
    """Nobody needs to answer any more whether they could stand in."""
    db.session.execute(
        update(StandInAsk).where(StandInAsk.sign_up_id == sign_up.id, StandInAsk.answer == "waiting").values(answer="late", answered_at=clock.now()))


def answer_nothing(volunteer: Volunteer) -> None:
    """This person is not to be waited for when it comes to standing in; the clock asks the next (see deadlines)."""
    db.session.execute(
        update(StandInAsk).where(StandInAsk.volunteer_id == volunteer.id, StandInAsk.answer == "waiting").values(answer="late", answered_at=clock.now()))


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
    """Why somebody in the queue cannot be offered the seat after all: "elsewhere", or the name of a rule of eligibility; "" when they can."""
    elsewhere = select(SignUp.id).where(
        SignUp.volunteer_id == waiting.volunteer_id, SignUp.id != waiting.id, SignUp.state.in_(PRESENT),
        SignUp.starts_at < waiting.ends_at, SignUp.ends_at > waiting.starts_at).limit(1)
    if db.session.scalar(elsewhere):
        return "elsewhere"
    volunteer = db.session.get(Volunteer, waiting.volunteer_id, populate_existing=True)
    against = rule_against(volunteer, waiting.shift, waiting.role, waiting.people, leaving_out=frozenset({"open", "opened"}))
    return against[0] if against else ""


def follow_call(call_id: int, *, by: Actor) -> None:
    """Move the call after its seats: full when no open shift has a free seat, open again when one has. Takes the call's lock.

    To be called by whoever changed how many seats of a shift are free, or whether a shift is open. A call without open shifts stays.
    """
    follow_calls([call_id], by=by)


def follow_calls(call_ids: list[int], *, by: Actor) -> None:
    """The same for several calls, whose locks are taken in the order of their ids; two statements and the steps taken."""
    db.session.flush()
    calls = db.session.scalars(
        select(Call).where(Call.id.in_(call_ids)).order_by(Call.id).with_for_update(of=Call).execution_options(populate_existing=True)).all()
    free = dict(db.session.execute(
        select(Shift.call_id, func.sum(ShiftRole.seats - ShiftRole.taken)).join(ShiftRole, ShiftRole.shift_id == Shift.id)
        .where(Shift.call_id.in_(call_ids), Shift.state == "open").group_by(Shift.call_id)).all())
    for call in calls:
        wanted = "full" if free.get(call.id) == 0 else "open" if free.get(call.id) else call.state
        if call.state in ("open", "full") and call.state != wanted:
            advance(call, "fill" if wanted == "full" else "reopen_seat", by=by)
