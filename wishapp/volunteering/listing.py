"""The list of shifts a person can do, by start time, and the shifts of one call as this person sees them. A constant number of queries."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from math import cos, radians

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import contains_eager, joinedload

from wishapp.kernel import clock
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.paging import Page
from wishapp.store.search import matches
from wishapp.supporters.models import Skill
from wishapp.volunteering.models import Call, CallKind, Shift, ShiftRole
from wishapp.volunteering.ruling import VISIBLE, Reader, ruling

METRES_PER_DEGREE = 111_195.0
PAGE_SIZE = 24


class When(StrEnum):
    """Which days."""

    TODAY = "today"
    WEEK = "week"
    WEEKEND = "weekend"


class Near(StrEnum):
    """How far from home, in metres."""

    M1000 = "1000"
    M3000 = "3000"


@dataclass(frozen=True)
class Filters:
    """What the reader asked for. `everything`: also what they cannot do, with the reason."""

    community_id: int | None = None
    near: Near | None = None
    kind: CallKind | None = None
    when: When | None = None
    free: bool = False
    skill: Skill | None = None
    q: str = ""
    everything: bool = False

    @property
    def narrows(self) -> bool:
        """Is anything left out by choice."""
        return bool(self.community_id or self.near or self.kind or self.when or self.free or self.skill or self.q)


@dataclass(frozen=True)
class Line:
    """A shift in the list; `distance` from home in metres or None; `why`: the rule that speaks against it, or ""."""

    shift: Shift
    distance: float | None
    why: str


def distance_squared(origin: tuple[float, float]) -> ColumnElement[float]:
    """Squared metres to the meeting point on a flat earth: exact enough within a city, plain arithmetic on both engines."""
    north = (Call.latitude - origin[0]) * METRES_PER_DEGREE
    east = (Call.longitude - origin[1]) * (METRES_PER_DEGREE * cos(radians(origin[0])))
    return north * north + east * east


def metres_between(origin: tuple[float, float], call: Call) -> float:
    """Metres from a place to the call's meeting point."""
    north = (call.latitude - origin[0]) * METRES_PER_DEGREE
    east = (call.longitude - origin[1]) * METRES_PER_DEGREE * cos(radians(origin[0]))
    return (north * north + east * east) ** 0.5


def days_of(when: When) -> tuple[datetime, datetime]:
    """First moment and the moment after the last of what is asked for, on the local clock."""
    today = datetime.combine(clock.today(), time(), clock.LOCAL)
    monday = today - timedelta(days=today.weekday())
    return {
        When.TODAY: (today, today + timedelta(days=1)), When.WEEK: (today, monday + timedelta(days=7)),
        When.WEEKEND: (monday + timedelta(days=5), monday + timedelta(days=7)),
    }[when]


def _ahead(query: Select, reader: Reader, filters: Filters) -> Select:
    query = query.join(Call, Call.id == Shift.call_id).where(
        Call.state.in_(("open", "full", "under_way")), Call.published_at.is_not(None), Shift.state == "open", Shift.starts_at > clock.now())
    if filters.community_id:
        query = query.where(Call.community_id == filters.community_id)
    if filters.near and reader.origin:
        query = query.where(distance_squared(reader.origin) <= int(filters.near) ** 2)
    if filters.kind:
        query = query.where(Call.kind == filters.kind)
    if filters.when:
        begin, end = days_of(filters.when)
        query = query.where(Shift.starts_at >= begin, Shift.starts_at < end)
    if filters.free:
        query = query.where(exists().where(ShiftRole.shift_id == Shift.id, ShiftRole.taken < ShiftRole.seats))
    if filters.skill:
        query = query.where(exists().where(ShiftRole.shift_id == Shift.id, ShiftRole.skill == filters.skill, ShiftRole.seats > 0))
    return query.where(matches(Call.search, filters.q)) if filters.q else query


def shifts_for(reader: Reader, filters: Filters, page: int = 1) -> tuple[Page, dict[str, int]]:
    """Page of Lines, and how many shifts the filters leave by the rule that speaks against them ("": can be done). Three queries.

    A page number out of range is moved to the nearest page.
    """
    why = ruling(reader)
    counted = _ahead(select(why.label("why"), Shift.id), reader, filters).subquery()
    counts = dict(db.session.execute(select(counted.c.why, func.count()).group_by(counted.c.why)).all())
    total = sum(count for name, count in counts.items() if filters.everything or name in VISIBLE)
    page = min(max(1, page), max(1, -(-total // PAGE_SIZE)))
    square = distance_squared(reader.origin) if reader.origin else Shift.id * 0.0
    query = _ahead(select(Shift, square, why), reader, filters).options(contains_eager(Shift.call).joinedload(Call.community))
    if not filters.everything:
        query = query.where(why.in_(VISIBLE))
    rows = db.session.execute(query.order_by(Shift.starts_at, Shift.id).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    lines = [Line(shift, away**0.5 if reader.origin else None, reason) for shift, away, reason in rows]
    return Page(lines, page, PAGE_SIZE, total), counts


def lines_of(call: Call, reader: Reader) -> list[Line]:
    """All shifts of a call as this reader sees them, by start: two queries."""
    rows = db.session.execute(
        select(Shift, ruling(reader)).join(Call, Call.id == Shift.call_id).where(Shift.call_id == call.id).order_by(Shift.starts_at, Shift.id))
    away = metres_between(reader.origin, call) if reader.origin else None
    return [Line(shift, away, why) for shift, why in rows]


def shift_for(shift_id: int, reader: Reader) -> Line | None:
    """One shift with its call, as this reader sees it; None when there is none."""
    row = db.session.execute(
        select(Shift, ruling(reader)).join(Call, Call.id == Shift.call_id).where(Shift.id == shift_id)
        .options(contains_eager(Shift.call).options(joinedload(Call.community), joinedload(Call.team)))).one_or_none()
    if row is None:
        return None
    return Line(row[0], metres_between(reader.origin, row[0].call) if reader.origin else None, row[1])


def communities() -> list[tuple[int, str]]:
    """Communities that look for people just now: [(id, name), …]."""
    looking = select(Call.community_id).where(Call.state.in_(("open", "full", "under_way")))
    return [tuple(row) for row in db.session.execute(select(Place.id, Place.name).where(Place.id.in_(looking)).order_by(Place.code))]
