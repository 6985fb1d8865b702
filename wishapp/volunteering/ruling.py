"""The rules of eligibility.py for a whole list at once: one SQL expression says for each shift which rule speaks against it.

tests/volunteering/test_list.py holds the two against each other: whatever rule is changed there has to be changed here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, case, exists, extract, false, func, not_, or_, select, true
from sqlalchemy.orm import aliased

from wishapp.accounts.models import User
from wishapp.kernel import clock
from wishapp.places.models import Place
from wishapp.places.queries import ids_of
from wishapp.store.db import db
from wishapp.supporters.models import Ability, Supporter, SupporterPerson
from wishapp.volunteering.models import LIVING, Call, Origin, Shift, ShiftRole, SignUp, Volunteer
from wishapp.volunteering.overlap import PRESENT
from wishapp.volunteering.record_models import ServiceRules
from wishapp.volunteering.rules import USUAL, Rules, read_rules
from wishapp.volunteering.volunteers import PERSONS

VISIBLE = ("", "opened")  # can be done, or will be open later


@dataclass(frozen=True)
class Engaged:
    """A place in a shift the reader has already."""

    shift_id: int
    call_id: int
    spot: str
    state: str
    origin: str
    starts_at: datetime
    ends_at: datetime

    @property
    def is_asked(self) -> bool:
        """Only kept while the matcher asks (see asking.is_asked): the reader may still sign up alone."""
        return self.state == "applied" and self.origin == Origin.MATCH


@dataclass(frozen=True)
class Reader:
    """Whoever looks at the list, with everything the rules ask about them. A stranger: all defaults."""

    user_id: int | None = None
    home: str = ""
    community_id: int | None = None
    origin: tuple[float, float] | None = None
    birth_year: int | None = None
    has_guardian_consent: bool = False
    is_paused: bool = False
    skills: frozenset[str] = frozenset()
    engaged: tuple[Engaged, ...] = ()
    rules: tuple[tuple[str, Rules], ...] = ()

    @property
    def is_stranger(self) -> bool:
        """Nobody is signed in."""
        return self.user_id is None


def reader_of(user_id: int | None) -> Reader:
    """What the rules need to know about this person: four queries at most."""
    if user_id is None:
        return Reader()
    grid = aliased(Place)
    row = db.session.execute(
        select(User.community_id, Place.path.label("community"), grid.path.label("grid"), Place.latitude, Place.longitude,
               grid.latitude.label("grid_latitude"), grid.longitude.label("grid_longitude"),
               Volunteer.id, Volunteer.birth_year, Volunteer.has_guardian_consent, Volunteer.paused_until)
        .outerjoin(Place, Place.id == User.community_id).outerjoin(grid, grid.id == User.grid_id)
        .outerjoin(Volunteer, Volunteer.user_id == User.id).where(User.id == user_id)).one()
    engaged = _engaged(row.id) if row.id is not None else ()
    latitude, longitude = (row.grid_latitude or row.latitude), (row.grid_longitude or row.longitude)
    return Reader(
        user_id, row.grid or row.community or "", row.community_id, (latitude, longitude) if latitude else None, row.birth_year,
        bool(row.has_guardian_consent), row.paused_until is not None and row.paused_until >= clock.today(), _skills(user_id), engaged,
        _district_rules() if engaged else ())


def _skills(user_id: int) -> frozenset[str]:
    query = (
        select(Ability.word).join(Supporter, Supporter.id == Ability.supporter_id).join(SupporterPerson, SupporterPerson.supporter_id == Supporter.id)
        .where(SupporterPerson.user_id == user_id, SupporterPerson.is_confirmed, Supporter.is_active, Supporter.kind.in_(PERSONS), Ability.kind == "skill"))
    return frozenset(db.session.scalars(query))


def _engaged(volunteer_id: int) -> tuple[Engaged, ...]:
    begin = datetime.combine(clock.today(), time(), clock.LOCAL) - timedelta(days=1)
    query = (
        select(SignUp.shift_id, Call.id, Call.spot, SignUp.state, SignUp.origin, SignUp.starts_at, SignUp.ends_at)
        .join(Shift, Shift.id == SignUp.shift_id).join(Call, Call.id == Shift.call_id)
        .where(SignUp.volunteer_id == volunteer_id, SignUp.state.in_(LIVING), SignUp.starts_at >= begin).order_by(SignUp.starts_at))
    return tuple(Engaged(*row) for row in db.session.execute(query))


def _district_rules() -> tuple[tuple[str, Rules], ...]:
    query = select(Place.path, ServiceRules.values).join(Place, Place.id == ServiceRules.place_id).order_by(Place.path.desc())
    return tuple((path, read_rules(values)) for path, values in db.session.execute(query))


def ruling(reader: Reader) -> ColumnElement[str]:
    """Name of the first rule that speaks against this reader in a query over Shift and Call: "open", "own" (on its list already), then
    the names of eligibility.RULES; "" when none does. Of a stranger only what the shift itself says is asked."""
    now = clock.now()
    rules = [("open", _is_open(now)), ("opened", _has_opened(reader, now))]
    if not reader.is_stranger:
        rules = [
            rules[0], ("own", Shift.id.not_in([held.shift_id for held in reader.engaged if not held.is_asked])), rules[1], ("age", _is_of_age(reader, now)),
            ("skill", _has_a_seat(reader)), ("paused", false() if reader.is_paused else true()),
            ("free", not_(_by_rules(reader, lambda rule: _clashes(reader, rule)))),
            ("rested", not_(_by_rules(reader, lambda rule: _tires(reader, rule)))),
        ]
    return case(*[(not_(fits), name) for name, fits in rules], else_="")


def _is_open(now: datetime) -> ColumnElement[bool]:
    closes = extract("epoch", Shift.starts_at) - Call.closes_hours * 3600
    return and_(Call.state.in_(("open", "full", "under_way")), Shift.state == "open", closes > now.timestamp())


def _has_opened(reader: Reader, now: datetime) -> ColumnElement[bool]:
    homes = ids_of(reader.home)
    return and_(
        or_(Call.opens_at.is_(None), Call.opens_at <= now),
        or_(Call.grid_until.is_(None), Call.grid_until <= now, func.coalesce(Call.grid_id.in_(homes), false())),
        or_(Call.community_until.is_(None), Call.community_until <= now, Call.community_id.in_(homes)))


def _is_of_age(reader: Reader, now: datetime) -> ColumnElement[bool]:
    no_limit = and_(Call.age_min.is_(None), Call.age_max.is_(None))
    if reader.birth_year is None:
        return no_limit
    year = now.astimezone(clock.LOCAL).year
    age = case(*[(Shift.starts_at < datetime(year + ahead + 1, 1, 1, tzinfo=clock.LOCAL), year + ahead) for ahead in (-1, 0, 1)], else_=year + 2)
    age = age - reader.birth_year
    grown = true() if reader.has_guardian_consent else age >= 14
    return and_(or_(Call.age_min.is_(None), age >= Call.age_min), or_(Call.age_max.is_(None), age <= Call.age_max), grown)


def _has_a_seat(reader: Reader) -> ColumnElement[bool]:
    return exists().where(ShiftRole.shift_id == Shift.id, ShiftRole.seats > 0, ShiftRole.skill.in_(["", *sorted(reader.skills)]))


def _by_rules(reader: Reader, build: Callable[[Rules], ColumnElement[bool]]) -> ColumnElement[bool]:
    """The condition by the rules of the district each shift lies in."""
    if not reader.rules:
        return build(USUAL)
    return case(*[(Shift.place_path.startswith(path, autoescape=True), build(rules)) for path, rules in reader.rules], else_=build(USUAL))


def _clashes(reader: Reader, rules: Rules) -> ColumnElement[bool]:
    """Somewhere else at that time, or without time enough to get there."""
    gap = timedelta(minutes=rules.gap_minutes)
    found = [false()]
    for held in reader.engaged:
        if held.state in PRESENT:
            near = and_(Shift.starts_at < held.ends_at + gap, Shift.ends_at > held.starts_at - gap)
            overlaps = and_(Shift.starts_at < held.ends_at, Shift.ends_at > held.starts_at)
            found.append(and_(near, or_(overlaps, and_(Call.id != held.call_id, Call.spot != held.spot))))
    return or_(*found)


def _tires(reader: Reader, rules: Rules) -> ColumnElement[bool]:
    """More than a day's service on a day that has some already."""
    planned: dict[datetime, int] = {}
    for held in reader.engaged:
        if held.state in PRESENT:
            begin = datetime.combine(held.starts_at.astimezone(clock.LOCAL).date(), time(), clock.LOCAL)
            planned[begin] = planned.get(begin, 0) + int((held.ends_at - held.starts_at).total_seconds() // 60)
    seconds = extract("epoch", Shift.ends_at) - extract("epoch", Shift.starts_at)
    return or_(false(), *[
        and_(Shift.starts_at >= begin, Shift.starts_at < begin + timedelta(days=1), seconds > (rules.day_minutes - minutes) * 60)
        for begin, minutes in planned.items() if minutes])
