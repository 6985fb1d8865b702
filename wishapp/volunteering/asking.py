"""Seats kept for people the matcher asks: an applied sign-up of origin "match", which holds its seats until the answer.

Nothing else is needed: an applied sign-up has its seats like any other, so the shift's lock, the queue and the constraint against two
places at once decide every race. Only the answer is the proposal's (see matching): organisers neither let such a one in nor does its
time run out by the shift's own clock. Whoever signs up alone while being asked takes the place over (see give_way).
"""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError

from wishapp.accounts import queries as accounts
from wishapp.kernel import clock
from wishapp.kernel.errors import Refused
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.transitions import advance
from wishapp.supporters import queries as supporters
from wishapp.supporters import service as capacity
from wishapp.supporters.models import Supporter, SupporterKind
from wishapp.volunteering.eligibility import why_not
from wishapp.volunteering.models import LIVING, Origin, ShiftRole, SignUp
from wishapp.volunteering.news import spread
from wishapp.volunteering.seats import follow_call, lock_place, lock_shift, next_turn, promote, release, take
from wishapp.volunteering.volunteers import ensure_volunteer

OWN_CONDITIONS = frozenset({"age", "paused"})  # their refusals speak to the volunteer; staff get one of their own
NOT_ASKED = frozenset({"opened"})  # neighbours choose first: a call is matched only when that is over
TAKEN_OVER = "own"
STEPS = {"decline": "decline", "lapse": "lapse", "withdraw": "cancel"}


def is_asked(sign_up: SignUp) -> bool:
    """Kept for somebody the matcher asks, who has not answered yet (and may not have been written to)."""
    return sign_up.state == "applied" and sign_up.origin == Origin.MATCH


def people_of(supporter: Supporter) -> int:
    """How many come when this supporter says yes: a team comes whole."""
    return supporter.size if supporter.kind == SupporterKind.TEAM else 1


def person_behind(supporter: Supporter) -> int:
    """The person who comes, or leads the team that comes: the first who answers for it. Refused when there is nobody."""
    people = supporters.people_of([supporter.id])[supporter.id]
    person = accounts.user(people[0]) if people else None
    if person is None or not person.is_enabled:
        raise Refused(N_("Nobody answers for %(who)s just now."), who=supporter.name)
    return person.id


def hold_place(role: ShiftRole, supporter: Supporter, *, until: datetime, by: Actor) -> SignUp:
    """Keep seats for a member, a volunteer or a whole team until `until`; their time of the month is taken too.

    Raises Refused, saying why: a unit (its members are asked), nobody behind it, a rule of the call, elsewhere at that time, full.
    """
    shift, people = role.shift, people_of(supporter)
    if supporter.kind == SupporterKind.UNIT:
        raise Refused(N_("%(who)s is a unit: for a shift its members are asked."), who=supporter.name)
    volunteer = ensure_volunteer(person_behind(supporter))
    lock_shift(shift)
    if db.session.scalar(select(exists().where(SignUp.shift_id == shift.id, SignUp.volunteer_id == volunteer.id, SignUp.state.in_(LIVING)))):
        raise Refused(N_("%(who)s is on the list of this shift already."), who=supporter.name)
    refusal = why_not(volunteer, shift, role, people, leaving_out=OWN_CONDITIONS | NOT_ASKED)
    if refusal is not None:
        raise refusal
    if why_not(volunteer, shift, role, people, leaving_out=NOT_ASKED) is not None:
        raise Refused(N_("%(who)s does not meet the conditions of this call, or is not to sign up just now."), who=supporter.name)
    if not take(role, people):
        raise Refused(N_("All %(seats)s seats are taken now: somebody was a moment faster."), seats=role.seats)
    token = capacity.take_capacity(supporter.id, kind=shift.call.kind, minutes=shift.minutes, day=clock.today())
    made = SignUp(
        shift=shift, role=role, volunteer_id=volunteer.id, supporter_id=supporter.id, origin=Origin.MATCH, people=people, turn=next_turn(shift),
        starts_at=shift.starts_at, ends_at=shift.ends_at, place_path=shift.place_path, by_id=by.id, answer_by=until, capacity_period=token)
    db.session.add(made)
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError as error:  # the constraint against two places at once; shifts have locks of their own
        raise Refused(N_("%(who)s has just taken a place elsewhere at that time."), who=supporter.name) from error
    audit.record("sign_up", made.id, "hold", by=by, to_state="applied", place_path=made.place_path,
                 data={"shift_id": shift.id, "role_id": role.id, "supporter_id": supporter.id, "people": people})
    follow_call(shift.call_id, by=by)
    return made


def take_place(sign_up: SignUp, *, by: Actor) -> None:
    """The one who was asked says yes: the seats are theirs."""
    lock_place(sign_up)
    if not is_asked(sign_up):
        raise Refused(N_("This can no longer be done: it has moved on in the meantime."))
    advance(sign_up, "confirm", by=by)
    sign_up.answer_by = None


def leave_place(sign_up: SignUp, *, by: Actor, action: str, why: str) -> None:
    """Give kept or accepted seats back; action decline | lapse | withdraw. The queue moves up before anybody else is asked."""
    lock_place(sign_up)
    sign_up.ended_why = why[:200]
    advance(sign_up, STEPS[action], by=by, note=why or None)
    release(sign_up)
    promote(sign_up.shift, by=by)
    follow_call(sign_up.shift.call_id, by=by)


def give_way(sign_up: SignUp, *, by: Actor) -> None:
    """Somebody signs up alone for a shift in which a place is kept for them: that one ends, its seats are free for theirs.

    The caller holds the shift's lock and moves the queue up when it has taken what it needs. The question put to them is settled
    without a word (see matching.offers.settle).
    """
    sign_up.ended_why = TAKEN_OVER
    advance(sign_up, "cancel", by=by, why=TAKEN_OVER)
    release(sign_up)
    spread("gone", sign_up.shift)
