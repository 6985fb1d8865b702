"""What must hold of seats, queues and sign-ups whenever nothing is under way; each lists its breaches in words (ids only).

Part of `wishapp verify` (see wishapp/checks.py).
"""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from wishapp.kernel import clock
from wishapp.store.db import db
from wishapp.volunteering.models import HOLDING, Call, Shift, ShiftRole, SignUp
from wishapp.volunteering.overlap import PRESENT


def shift_seats() -> Iterator[str]:
    """Taken seats of every sort in every shift are those of the sign-ups that hold them, never more than there are."""
    held = (
        select(SignUp.role_id, func.sum(SignUp.people).label("n")).where(SignUp.state.in_(HOLDING)).group_by(SignUp.role_id).subquery())
    query = select(ShiftRole.id, ShiftRole.shift_id, ShiftRole.seats, ShiftRole.taken, func.coalesce(held.c.n, 0)).outerjoin(held, held.c.role_id == ShiftRole.id)
    for role_id, shift_id, seats, taken, people in db.session.execute(query):
        if taken != people:
            yield f"shift {shift_id}, role {role_id}: {taken} seats taken, {people} people hold seats"
        if people > seats:
            yield f"shift {shift_id}, role {role_id}: {people} people on {seats} seats"
    strangers = select(SignUp.id).join(ShiftRole, ShiftRole.id == SignUp.role_id).where(ShiftRole.shift_id != SignUp.shift_id)
    for sign_up_id in db.session.scalars(strangers):
        yield f"sign-up {sign_up_id}: its seat is in another shift"


def overlaps() -> Iterator[str]:
    """Nobody is in two places at once, and the times a sign-up carries are its shift's."""
    other = aliased(SignUp)
    query = select(SignUp.id, other.id).join(
        other, (other.volunteer_id == SignUp.volunteer_id) & (other.id > SignUp.id) & (other.starts_at < SignUp.ends_at)
        & (SignUp.starts_at < other.ends_at)).where(SignUp.state.in_(PRESENT), other.state.in_(PRESENT))
    for one, two in db.session.execute(query):
        yield f"sign-ups {one} and {two}: one person in two places"
    moved = select(SignUp.id).join(Shift, Shift.id == SignUp.shift_id).where(
        (Shift.starts_at != SignUp.starts_at) | (Shift.ends_at != SignUp.ends_at), SignUp.state.in_(PRESENT))
    for sign_up_id in db.session.scalars(moved):
        yield f"sign-up {sign_up_id}: its times are not those of the shift"


def waiting() -> Iterator[str]:
    """Nobody waits beside a free seat that would do (in shifts ahead); whoever is asked has a time to answer by."""
    query = (
        select(SignUp.id, SignUp.people, ShiftRole.seats - ShiftRole.taken).join(ShiftRole, ShiftRole.id == SignUp.role_id)
        .join(Shift, Shift.id == SignUp.shift_id)
        .where(SignUp.state == "waitlisted", Shift.state == "open", Shift.starts_at > clock.now(), SignUp.people <= ShiftRole.seats - ShiftRole.taken))
    for sign_up_id, people, free in db.session.execute(query):
        yield f"sign-up {sign_up_id}: waits for {people} seats while {free} are free"
    for sign_up_id in db.session.scalars(select(SignUp.id).where(SignUp.state == "offered", SignUp.answer_by.is_(None))):
        yield f"sign-up {sign_up_id}: asked without a time to answer by"


def open_calls() -> Iterator[str]:
    """A call is open while an open shift of it has a free seat, and full otherwise."""
    free = func.sum(ShiftRole.seats - ShiftRole.taken)
    query = (
        select(Call.id, Call.state, free).join(Shift, Shift.call_id == Call.id).join(ShiftRole, ShiftRole.shift_id == Shift.id)
        .where(Call.state.in_(("open", "full")), Shift.state == "open").group_by(Call.id, Call.state))
    for call_id, state, seats in db.session.execute(query):
        if (state == "open") != (seats > 0):
            yield f"call {call_id}: {state}, with {seats} free seats"


ALL = (shift_seats, overlaps, waiting, open_calls)
