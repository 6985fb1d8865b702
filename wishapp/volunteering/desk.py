"""Organisers' lists: calls by tab with how their shifts stand. Always within what the actor may lead, a constant number of queries."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from wishapp.kernel import clock
from wishapp.kernel.permissions import FIELD_STAFF, PERMISSIONS, UPPER_STAFF, Role
from wishapp.kernel.roles import Actor, PlaceLevel
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.paging import Page, page_of
from wishapp.store.search import matches
from wishapp.supporters import queries as supporters
from wishapp.supporters.models import Supporter, SupporterKind
from wishapp.volunteering.models import Call, Shift, ShiftRole, SignUp
from wishapp.volunteering.sign_ups import AHEAD

PAGE_SIZE = 25


class Tab(StrEnum):
    """Parts of the list."""

    REVIEW = "review"
    OPEN = "open"
    MOVING = "moving"
    DONE = "done"
    MAKING = "making"
    OFF = "off"


TABS = {
    Tab.REVIEW: ("submitted", "seconded"), Tab.OPEN: ("open", "full"), Tab.MOVING: ("under_way",), Tab.DONE: ("done", "archived"),
    Tab.MAKING: ("draft", "returned"), Tab.OFF: ("cancelled",),
}


@dataclass(frozen=True)
class DeskFilters:
    """What the reader asked for. `is_mine`: what I or my team posted."""

    tab: Tab = Tab.REVIEW
    community_id: int | None = None
    q: str = ""
    is_mine: bool = False


@dataclass(frozen=True)
class Standing:
    """How a call's shifts stand: how many, how many lie ahead, the next of these, its seats and taken ones, shifts below their minimum."""

    shifts: int = 0
    ahead: int = 0
    next_at: datetime | None = None
    seats: int = 0
    taken: int = 0
    below: int = 0


@dataclass(frozen=True)
class Row:
    """A call of the list."""

    call: Call
    standing: Standing


def led_by(actor: Actor, permission: str = "calls.lead") -> ColumnElement[bool]:
    """Condition on Call: the actor may do `permission` with it (the same answer as access.may_with_call gives)."""
    allowed = PERMISSIONS[permission]
    paths = {grant.path for grant in actor.grants if grant.role in allowed & FIELD_STAFF}
    ways = [and_(Call.place_path.startswith(path, autoescape=True), or_(Call.state != "draft", Call.posted_by_id == actor.id)) for path in sorted(paths)]
    if Role.TEAM_LEADER in allowed and actor.has(Role.TEAM_LEADER):
        ways.append(own(actor))
    return or_(*ways) if ways else Call.id.is_(None)


def own(actor: Actor) -> ColumnElement[bool]:
    """Condition on Call: posted by the actor or run by a team of theirs."""
    teams = [found.id for found in supporters.supporters_of(actor.id) if found.kind == SupporterKind.TEAM] if actor.has(Role.TEAM_LEADER) else []
    return or_(Call.posted_by_id == actor.id, Call.team_id.in_(teams)) if teams else Call.posted_by_id == actor.id


def _query(actor: Actor, filters: DeskFilters) -> Select:
    query = select(Call).where(led_by(actor), Call.state.in_(TABS[filters.tab]))
    if filters.community_id:
        query = query.where(Call.community_id == filters.community_id)
    if filters.q:
        query = query.where(matches(Call.search, filters.q))
    return query.where(own(actor)) if filters.is_mine else query


def page(actor: Actor, filters: DeskFilters, number: int) -> Page:
    """Page of Rows; to be reviewed: whose first shift comes first; others by their next shift, those without last. Four queries."""
    ahead = select(func.min(Shift.starts_at)).where(Shift.call_id == Call.id, Shift.state.in_(("open", "under_way")), Shift.ends_at > clock.now()).scalar_subquery()
    order = (case((ahead.is_(None), 1), else_=0), ahead, Call.id.desc()) if filters.tab in (Tab.REVIEW, Tab.OPEN, Tab.MOVING) else (Call.id.desc(),)
    query = _query(actor, filters).join(Call.community).options(contains_eager(Call.community), joinedload(Call.team)).order_by(*order)
    found = page_of(query, number, PAGE_SIZE)
    stand = standings([call.id for call in found.rows])
    return Page([Row(call, stand.get(call.id, Standing())) for call in found.rows], found.number, found.size, found.total)


def standings(call_ids: list[int]) -> dict[int, Standing]:
    """How the shifts of these calls stand; one query."""
    seats = (
        select(ShiftRole.shift_id, func.sum(ShiftRole.seats).label("seats"), func.sum(ShiftRole.taken).label("taken"))
        .join(Shift, Shift.id == ShiftRole.shift_id).where(Shift.call_id.in_(call_ids)).group_by(ShiftRole.shift_id).subquery())
    is_ahead = and_(Shift.state == "open", Shift.starts_at > clock.now())
    counted = {name: func.sum(case((is_ahead, column), else_=0)) for name, column in (("seats", seats.c.seats), ("taken", seats.c.taken))}
    query = (
        select(Shift.call_id, func.count(), func.sum(case((is_ahead, 1), else_=0)), func.min(case((is_ahead, Shift.starts_at))),
               counted["seats"], counted["taken"], func.sum(case((and_(is_ahead, seats.c.taken < Shift.minimum), 1), else_=0)))
        .join(seats, seats.c.shift_id == Shift.id).where(Shift.call_id.in_(call_ids), Shift.state != "cancelled").group_by(Shift.call_id))
    return {row[0]: Standing(*row[1:]) for row in db.session.execute(query)}


def tab_counts(actor: Actor) -> dict[Tab, int]:
    """How many calls each part holds; one query."""
    counts = dict(db.session.execute(select(Call.state, func.count()).where(led_by(actor)).group_by(Call.state)).all())
    return {tab: sum(counts.get(state, 0) for state in states) for tab, states in TABS.items()}


def count_to_review(actor: Actor) -> Select[tuple[int]]:
    """How many calls wait for this person's review, as a query."""
    wanted = ("submitted", "seconded") if actor.roles & UPPER_STAFF else ("submitted",)
    return select(func.count()).select_from(Call).where(led_by(actor, "calls.review"), Call.state.in_(wanted))


def chosen(actor: Actor, filters: DeskFilters, ids: list[int], *, is_all: bool) -> list[Call]:
    """The calls a bulk press is about: the ticked ones, or all of the filter (at most 200), among those to be reviewed."""
    query = _query(actor, replace(filters, tab=Tab.REVIEW)).where(led_by(actor, "calls.review"))
    if not is_all:
        query = query.where(Call.id.in_(ids))
    return list(db.session.scalars(query.options(joinedload(Call.community)).order_by(Call.id).limit(200)))


def communities(actor: Actor, permission: str = "calls.lead") -> list[Place]:
    """Communities in which the actor may do `permission`, by code: those of their places, and those their teams report to."""
    paths = {grant.path for grant in actor.grants if grant.role in PERMISSIONS[permission] & FIELD_STAFF}
    if actor.has(Role.TEAM_LEADER):
        paths |= {team.place_path for team in teams_of(actor)}
    if not paths:
        return []
    above = {int(part) for path in paths for part in path.split("/") if part}  # a grid lies in a community
    inside = or_(*(Place.path.startswith(path, autoescape=True) for path in sorted(paths)), Place.id.in_(above))
    return list(db.session.scalars(select(Place).where(Place.level == PlaceLevel.COMMUNITY, inside).order_by(Place.code)))


def teams_of(actor: Actor) -> list[Supporter]:
    """Teams the actor leads."""
    return [found for found in supporters.supporters_of(actor.id) if found.kind == SupporterKind.TEAM] if actor.id is not None else []


def teams_near(actor: Actor, community: Place) -> list[Supporter]:
    """Teams that may run a call here: all of the community for its staff, else the actor's own that report to it."""
    if any(grant.role in FIELD_STAFF and grant.reaches(community.path) for grant in actor.grants):
        query = select(Supporter).where(
            Supporter.kind == SupporterKind.TEAM, Supporter.is_active, Supporter.place_path.startswith(community.path, autoescape=True))
        return list(db.session.scalars(query.order_by(Supporter.name, Supporter.id).limit(200)))
    return [team for team in teams_of(actor) if team.place_path.startswith(community.path) or community.path.startswith(team.place_path)]


def earlier(actor: Actor, community: Place, limit: int = 8) -> list[Call]:
    """Newest calls of the community the actor may lead and that were published: to make one like it again."""
    query = select(Call).where(led_by(actor), Call.community_id == community.id, Call.published_at.is_not(None)).order_by(Call.id.desc()).limit(limit)
    return list(db.session.scalars(query))


def waiting_in(shift_ids: list[int]) -> dict[int, tuple[int, int]]:
    """For each of these shifts (people in the queue, people who wait to be let in); one query."""
    query = (
        select(SignUp.shift_id, func.sum(case((SignUp.state == "waitlisted", SignUp.people), else_=0)),
               func.sum(case((SignUp.state == "applied", SignUp.people), else_=0)))
        .where(SignUp.shift_id.in_(shift_ids), SignUp.state.in_(("waitlisted", "applied"))).group_by(SignUp.shift_id))
    return {row[0]: (row[1], row[2]) for row in db.session.execute(query)}


def people_ahead(shift_ids: list[int]) -> int:
    """How many would hear of it if these shifts were called off; one query."""
    query = select(func.count(func.distinct(SignUp.volunteer_id))).where(SignUp.shift_id.in_(shift_ids), SignUp.state.in_(AHEAD))
    return db.session.scalar(query) or 0
