"""The day itself, as whoever leads the shift sees it: one list, presses one by one or many at once, people who just turn up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload, selectinload, undefer_group

from wishapp.accounts import queries as accounts
from wishapp.accounts.models import User
from wishapp.accounts.service import mask_name, read_phone
from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Forbidden, Refused
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.store.db import db
from wishapp.store.transitions import advance
from wishapp.volunteering.absences import miss_sign_up
from wishapp.volunteering.access import may_with_call
from wishapp.volunteering.check_ins import IN, Answer, check_in, check_out
from wishapp.volunteering.desk import led_by
from wishapp.volunteering.models import Call, Origin, Shift, ShiftRole, SignUp, Volunteer
from wishapp.volunteering.record_models import CheckHow, ContactRead
from wishapp.volunteering.roster import is_near
from wishapp.volunteering.seats import excuse, follow_call, lock_place, take
from wishapp.volunteering.sign_ups import living, sign_up
from wishapp.volunteering.volunteers import ensure_guest, ensure_volunteer, volunteer_of

SHOWN = ("confirmed", "attended", "late", "excused", "absent", "applied", "offered", "waitlisted")
QUEUED = ("applied", "offered", "waitlisted")
BY_HAND = frozenset({"open", "opened"})


@dataclass(frozen=True)
class Line:
    """One person or group of the list. `name` masked unless opened; `phone` only then; `tail`: end of the number, to tell two apart;
    `masked`: what the device may keep."""

    sign_up: SignUp
    name: str
    tail: str
    phone: str = ""
    masked: str = ""

    @property
    def stage(self) -> str:
        """Where they are: "in", "out", "queued", else the state's word."""
        if self.sign_up.state in IN:
            return "out" if self.sign_up.checked_out_at else "in"
        return "queued" if self.sign_up.state in QUEUED else self.sign_up.state


@dataclass(frozen=True)
class Counts:
    """People, not lines: `expected` of them have a place, `came` have been checked in, `here` are still there."""

    expected: int
    came: int
    here: int


def lines(shift: Shift, *, is_opened: bool = False) -> list[Line]:
    """Everybody of a shift, by name; one query. `is_opened`: with full names and telephones (the reading is written down by read_names)."""
    query = (
        select(SignUp, User.display_name, User.phone).join(SignUp.volunteer).outerjoin(User, User.id == Volunteer.user_id)
        .options(contains_eager(SignUp.volunteer).options(undefer_group("restricted")), joinedload(SignUp.role))
        .where(SignUp.shift_id == shift.id, SignUp.state.in_(SHOWN)))
    found = []
    for row, user_name, user_phone in db.session.execute(query):
        name, phone = user_name or row.volunteer.guest_name or "", user_phone or row.volunteer.guest_phone or ""
        found.append(Line(row, name if is_opened else mask_name(name), row.volunteer.number[-4:], phone if is_opened else "", mask_name(name)))
    return sorted(found, key=lambda line: (line.stage == "queued", line.name, line.sign_up.turn))


def counts(found: Iterable[Line]) -> Counts:
    """How many people are expected, came, are there."""
    expected = came = here = 0
    for line in found:
        people = line.sign_up.people
        expected += people * (line.stage in ("confirmed", "in", "out", "absent"))
        came += people * (line.stage in ("in", "out"))
        here += people * (line.stage == "in")
    return Counts(expected, came, here)


def read_names(shift: Shift, *, by: Actor) -> None:
    """Write down that somebody opened full names and telephones of a shift, on the day."""
    db.session.add(ContactRead(shift_id=shift.id, reader_id=by.id, purpose="day"))


def press(found: SignUp, what: str, *, key: str, at: datetime, by: Actor, how: str = CheckHow.LEADER, metres: int | None = None) -> Answer:
    """One press: "in", "out", and by whoever leads also "excuse" and "miss". Pressed twice it is done once."""
    if what == "in":
        if how in (CheckHow.LEADER, CheckHow.OWN_CODE) and found.state in QUEUED:
            admit(found, by=by)
        return check_in(found, key=key, at=at, how=how, by=by, metres=metres)
    if what == "out":
        return check_out(found, key=key, at=at, how=how, by=by, metres=metres)
    if what not in MARKS or how != CheckHow.LEADER:
        raise BadInput(N_("This press could not be read. Please press once more."))
    return _mark(found, what, at=at, by=by)


MARKS = {"excuse": ("excused",), "miss": ("absent", "excused")}  # whoever had asked off is excused instead of absent


def _mark(found: SignUp, what: str, *, at: datetime, by: Actor) -> Answer:
    if not may_with_call(by, found.shift.call, "calls.lead"):
        raise Forbidden()
    lock_place(found)
    if found.state in MARKS[what]:
        return Answer(what, at, False)
    if what == "miss":
        miss_sign_up(found, by=by)
    else:
        excuse(found, by=by, told="excuse")
        follow_call(found.shift.call_id, by=by)
    return Answer(what, at)


def admit(found: SignUp, *, by: Actor) -> None:
    """Somebody who still waits for a place is standing there: they get one, if one is free."""
    lock_place(found)
    if found.state == "waitlisted":
        if not take(found.role, found.people):
            raise Refused(N_("Every seat is taken. Add a seat on the list first, or excuse somebody who is not coming."))
        advance(found, "offer", by=by)
    if found.state == "offered":
        found.answer_by = None
        advance(found, "accept", by=by)
    elif found.state == "applied":
        advance(found, "confirm", by=by)


def walk_in(role: ShiftRole, *, name: str, phone: str, people: int, key: str, by: Actor) -> tuple[SignUp, Answer]:
    """Somebody who just turned up: put on the list by whoever leads it and checked in at once.

    A telephone that belongs to an account is that person; of somebody from elsewhere one has to know the name too, so that nobody tries
    telephones out to learn whose they are. Raises Refused otherwise, and when every seat is taken.
    """
    shift = role.shift
    if shift.state not in ("open", "under_way"):
        raise Refused(N_("This shift is closed."))
    user = accounts.user_by_phone(read_phone(phone))
    if user is not None and name.strip() != user.display_name and not is_near(user, shift, by):
        known = volunteer_of(user.id)
        if known is None or living(shift.id, known.id) is None:
            raise Refused(N_("The account with this telephone has another name. Please ask for the name it was opened with."))
    volunteer = ensure_volunteer(user.id) if user is not None else ensure_guest(name, phone, shift.call.community.code[:6])
    found = living(shift.id, volunteer.id)
    if found is None:
        found = sign_up(role, volunteer, by=by, people=people, origin=Origin.STAFF, leaving_out=BY_HAND)
    return found, press(found, "in", key=key, at=clock.now(), by=by)


def shifts_today(actor: Actor, most: int = 20) -> list[Shift]:
    """Shifts of the actor's calls that are on today or not closed yet, by start; three queries."""
    if actor.id is None:
        return []
    now = clock.now()
    midnight = now.astimezone(clock.LOCAL).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    query = (
        select(Shift).join(Shift.call).options(contains_eager(Shift.call).options(joinedload(Call.community), joinedload(Call.team)), selectinload(Shift.roles))
        .where(led_by(actor), Call.state.in_(("open", "full", "under_way")), Shift.state.in_(("open", "under_way")),
               Shift.starts_at < midnight, Shift.ends_at > now - timedelta(days=1))
        .order_by(Shift.starts_at, Shift.id).limit(most))
    return list(db.session.scalars(query))
