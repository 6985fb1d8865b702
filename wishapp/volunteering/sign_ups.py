"""Signing up, waiting, answering, stepping back. Every verb locks the shift first, signing up also the person (see seats)."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import select

from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Forbidden, Refused
from wishapp.kernel.privacy import check_reason
from wishapp.kernel.roles import SYSTEM, Actor
from wishapp.kernel.text import N_
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.transitions import advance
from wishapp.volunteering.access import may_with_call
from wishapp.volunteering.asking import give_way, is_asked
from wishapp.volunteering.eligibility import why_not
from wishapp.volunteering.models import HOLDING, LIVING, Origin, Shift, ShiftRole, SignUp, Volunteer
from wishapp.volunteering.news import spread
from wishapp.volunteering.seats import end_asks, follow_call, lock_person, lock_place, lock_shift, lock_shifts, next_turn, promote, release, take
from wishapp.volunteering.telling import tell

MOST_PEOPLE = 20
AHEAD = ("applied", "waitlisted", "offered", "confirmed")  # nothing has happened yet
BY_HAND = frozenset({"open", "opened"})  # rules an organiser signing somebody up may set aside


def sign_up(
    role: ShiftRole, volunteer: Volunteer, *, by: Actor, people: int = 1, origin: str = Origin.OWN, supporter_id: int | None = None,
    leaving_out: frozenset[str] = frozenset(),
) -> SignUp:
    """A place in the shift for `people`, or one in the queue when it is full: the state says which.

    Raises BadInput on a number of people that cannot be, Refused (saying why and what would help) when a rule speaks against it or
    the person has a place already. Once the shift has begun (by hand only) nobody is put into the queue.
    """
    if not 1 <= people <= MOST_PEOPLE:
        raise BadInput(N_("A group is from one to twenty people."))
    shift = role.shift
    lock_person(volunteer)
    lock_shift(shift)
    kept = living(shift.id, volunteer.id)
    if kept is not None and not is_asked(kept):
        raise Refused(N_("You are on the list of this shift already."))
    if kept is not None:
        give_way(kept, by=by)
    refusal = why_not(volunteer, shift, role, people, leaving_out=leaving_out)
    if refusal is not None:
        raise refusal
    if people > role.seats:
        raise Refused(N_("This shift has only %(seats)s seats of this sort."), seats=role.seats)
    if shift.starts_at <= clock.now() and people > role.seats - role.taken:
        raise Refused(N_("All seats of this sort are taken."))
    made = SignUp(
        shift=shift, role=role, volunteer_id=volunteer.id, supporter_id=supporter_id, origin=origin, people=people, turn=next_turn(shift),
        starts_at=shift.starts_at, ends_at=shift.ends_at, place_path=shift.place_path, by_id=by.id)
    db.session.add(made)
    db.session.flush()
    audit.record("sign_up", made.id, "sign_up", by=by, to_state="applied", place_path=made.place_path,
                 data={"shift_id": shift.id, "role_id": role.id, "people": people, "origin": origin})
    is_in = take(role, people)
    if not is_in:
        advance(made, "queue", by=by)
    elif not shift.call.needs_approval or origin in (Origin.STAFF, Origin.STAND_IN):
        advance(made, "confirm", by=by)
    moved = promote(shift, by=by) if kept is not None or not is_in else []  # more was kept than is needed; or somebody had asked off
    if is_in and role.taken >= role.seats:
        spread("gone", shift, role=role)
    if is_in or kept is not None or moved:
        follow_call(shift.call_id, by=by)
    return made


def living(shift_id: int, volunteer_id: int) -> SignUp | None:
    """This volunteer's place in the shift or its queue."""
    return db.session.scalar(
        select(SignUp).where(SignUp.shift_id == shift_id, SignUp.volunteer_id == volunteer_id, SignUp.state.in_(LIVING)))


def guest_link(sign_up: SignUp) -> str:
    """A fresh secret for the guest's private link; only its digest is kept, an older link ends."""
    secret = secrets.token_urlsafe(24)
    sign_up.token_digest = digest(secret)
    return secret


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def accept_seat(sign_up: SignUp, *, by: Actor) -> None:
    """Yes to a seat that was kept for the first of the queue. Refused once the time to answer is over.

    Where an organiser lets people in, the yes waits for that, keeping the seat.
    """
    lock_place(sign_up)
    if sign_up.state == "offered" and sign_up.answer_by is not None and sign_up.answer_by <= clock.now():
        raise Refused(N_("The time to answer is over; the seat has gone on to the next."))
    is_let_in = sign_up.shift.call.needs_approval and sign_up.origin in (Origin.OWN, Origin.GUEST)
    advance(sign_up, "apply" if is_let_in else "accept", by=by)
    sign_up.answer_by = None


def decline_seat(sign_up: SignUp, *, by: Actor) -> None:
    """No to a kept seat: it goes on to the next."""
    lock_place(sign_up)
    advance(sign_up, "decline", by=by)
    _free(sign_up, by=by)


def lapse_seat(sign_up: SignUp) -> None:
    """The time to answer is over: the seat goes on to the next. Refused before that."""
    lock_place(sign_up)
    if sign_up.state == "offered" and (sign_up.answer_by is None or sign_up.answer_by > clock.now()):
        raise Refused(N_("The time to answer is not over yet."))
    advance(sign_up, "lapse", by=SYSTEM)
    tell(sign_up, "lapse")
    _free(sign_up, by=SYSTEM)


def cancel_sign_up(sign_up: SignUp, *, by: Actor, why: str = "") -> None:
    """Step back in time, or be taken off the list by an organiser (who says why). The seat goes to the queue.

    Refused for a confirmed place after the late limit: then one asks off (ask_off), so that a stand-in can be looked for.
    """
    check_reason(why)
    is_own = check_hands(sign_up, by, why)
    lock_place(sign_up)
    if sign_up.state == "confirmed" and is_own and is_late(sign_up.shift):
        raise Refused(N_("It is too close to the start to simply step back. Ask off instead: a stand-in is looked for at once."))
    had_seat = sign_up.state in HOLDING
    sign_up.ended_why = why.strip()[:200]
    advance(sign_up, "cancel", by=by, note=why or None)
    if not is_own:
        tell(sign_up, "cancel", why=why)
    if had_seat:
        _free(sign_up, by=by)


def check_hands(sign_up: SignUp, by: Actor, why: str) -> bool:
    """Is it the actor's own sign-up? If not they lead the call (Forbidden otherwise) and say why (BadInput otherwise)."""
    if is_theirs(sign_up, by):
        return True
    if not by.is_system:
        _check_leads(sign_up, by)
        if not why.strip():
            raise BadInput(N_("Please say why, in a few words."))
    return False


def is_theirs(sign_up: SignUp, by: Actor) -> bool:
    """Is it the actor's own sign-up: by account, or, for a guest, by the private link over which alone somebody without account comes here."""
    owner = sign_up.volunteer.user_id
    return owner == by.id and not by.is_system


def is_late(shift: Shift) -> bool:
    """Past the call's late limit: cancelling is asking off."""
    return clock.now() >= shift.starts_at - timedelta(hours=shift.call.late_hours)


def approve_sign_up(sign_up: SignUp, *, by: Actor) -> None:
    """An organiser lets an applicant in."""
    _check_leads(sign_up, by)
    lock_place(sign_up)
    if is_asked(sign_up):
        raise Refused(N_("They have been asked and answer themselves."))
    advance(sign_up, "approve", by=by)
    tell(sign_up, "approve")


def refuse_sign_up(sign_up: SignUp, *, by: Actor, why: str) -> None:
    """An organiser cannot take an applicant, and says why; the seat goes to the queue."""
    _check_leads(sign_up, by)
    check_reason(why)
    lock_place(sign_up)
    had_seat = sign_up.state in HOLDING
    sign_up.ended_why = why.strip()[:200]
    advance(sign_up, "refuse", by=by, note=why)
    tell(sign_up, "refuse", why=why)
    if had_seat:
        _free(sign_up, by=by)


def change_seats(role: ShiftRole, seats: int, *, by: Actor) -> None:
    """More or fewer seats of one sort; more are offered to the queue at once. Refused below what is taken, and once the shift is over."""
    shift = role.shift
    lock_shift(shift)
    if shift.state not in ("open", "under_way"):
        raise Refused(N_("This shift is over and stays as it is."))
    whole = shift.seats - role.seats + seats
    if seats < 0 or not 1 <= whole <= 500:
        raise BadInput(N_("A shift has from 1 to 500 seats."))
    if whole < shift.minimum:
        raise BadInput(N_("The least number of people cannot be above the seats."))
    if seats < role.taken:
        raise Refused(N_("%(taken)s seats of this sort are taken; it cannot have fewer."), taken=role.taken)
    role.seats = seats
    db.session.flush()
    audit.record("shift", shift.id, "change_seats", by=by, place_path=shift.place_path, data={"role_id": role.id, "skill": role.skill, "seats": seats})
    promote(shift, by=by)
    follow_call(shift.call_id, by=by)


def ahead_in(shift: Shift) -> list[SignUp]:
    """Everybody on the list or in the queue of a shift, in the order of coming."""
    query = select(SignUp).where(SignUp.shift_id == shift.id, SignUp.state.in_(AHEAD)).order_by(SignUp.turn, SignUp.id)
    return list(db.session.scalars(query))


def call_off_sign_up(sign_up: SignUp, *, by: Actor, why: str) -> None:
    """The shift itself is called off; the caller holds its lock and tells everybody once."""
    had_seat = sign_up.state in HOLDING
    sign_up.ended_why = why.strip()[:200]
    advance(sign_up, "call_off", by=by, note=why)
    if had_seat:
        release(sign_up)


def leave_everything(volunteer: Volunteer, *, by: Actor, why: str) -> int:
    """Somebody whose account is switched off gives every place that lies ahead back. Returns how many."""
    mine = (SignUp.volunteer_id == volunteer.id, SignUp.state.in_(AHEAD), SignUp.starts_at > clock.now())
    shifts = list(db.session.scalars(select(Shift).where(Shift.id.in_(select(SignUp.shift_id).where(*mine)))))
    lock_shifts(shifts)
    ahead = list(db.session.scalars(select(SignUp).where(*mine).order_by(SignUp.shift_id).execution_options(populate_existing=True)))
    for sign_up in ahead:
        had_seat = sign_up.state in HOLDING
        sign_up.ended_why = why
        advance(sign_up, "cancel", by=by, why=why)
        if had_seat:
            _pass_on(sign_up, by=by)
    for call_id in sorted({shift.call_id for shift in shifts}):
        follow_call(call_id, by=by)
    return len(ahead)


def _free(sign_up: SignUp, *, by: Actor) -> None:
    """The seat this sign-up had is free: the queue moves up, the call follows. The caller holds the lock."""
    _pass_on(sign_up, by=by)
    follow_call(sign_up.shift.call_id, by=by)


def _pass_on(sign_up: SignUp, *, by: Actor) -> None:
    release(sign_up)
    end_asks(sign_up)
    promote(sign_up.shift, by=by)
    if sign_up.origin == Origin.MATCH:  # whoever came alone is missed by nobody: the queue moved up, and the next round looks again
        spread("freed", sign_up.shift, f"sign_up:{sign_up.id}", role=sign_up.role)


def _check_leads(sign_up: SignUp, by: Actor) -> None:
    if not may_with_call(by, sign_up.shift.call, "calls.lead"):
        raise Forbidden()
