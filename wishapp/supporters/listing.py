"""The register as staff see it: filters, counts, who waits for a word. A constant number of queries, whatever its size."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from wishapp.kernel import clock
from wishapp.kernel.roles import Actor
from wishapp.store import search
from wishapp.store.db import db
from wishapp.store.paging import Page, page_of
from wishapp.supporters.models import Ability, Capacity, Supporter, SupporterKind, SupporterPerson
from wishapp.supporters.queries import in_places

_KIND_ORDER = case({kind: place for place, kind in enumerate(SupporterKind)}, value=Supporter.kind)


class Standing(StrEnum):
    """How a supporter stands: can be asked, taking a break, used up, waiting for staff's word, out of the register."""

    READY = "ready"
    PAUSED = "paused"
    FULL = "full"
    ASKING = "asking"
    OUT = "out"


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; empty means everything (those out of the register stay out)."""

    search: str = ""
    kind: str | None = None
    place_path: str = ""
    help_kind: str | None = None
    standing: str | None = None


def _running(today: date) -> ColumnElement[bool]:
    """Promises that run today: a unit's year, anybody else's month."""
    return Capacity.period.in_([f"{today.year:04d}", f"{today.year:04d}-{today.month:02d}"])


def _asking() -> ColumnElement[bool]:
    return Supporter.id.in_(select(SupporterPerson.supporter_id).where(~SupporterPerson.is_confirmed))


def _standing(standing: str | None, today: date) -> ColumnElement[bool]:
    paused = and_(Supporter.paused_until.is_not(None), Supporter.paused_until >= today)
    full = Supporter.id.in_(
        select(Capacity.supporter_id).where(_running(today)).group_by(Capacity.supporter_id).having(func.sum(Capacity.quota - Capacity.taken) <= 0))
    if standing == Standing.OUT:
        return ~Supporter.is_active
    conditions = {Standing.READY: ~paused, Standing.PAUSED: paused, Standing.FULL: full, Standing.ASKING: _asking()}
    return and_(Supporter.is_active, conditions[Standing(standing)] if standing else true())


def register(actor: Actor, filters: Filters, number: int = 1, size: int = 30) -> Page:
    """Supporters of the actor's places by name, with abilities, running promises and place."""
    today = clock.today()
    query = (
        select(Supporter).where(in_places(actor.paths_for("supporters.read")), _standing(filters.standing, today))
        .options(joinedload(Supporter.place), selectinload(Supporter.abilities),
                 selectinload(Supporter.capacities.and_(_running(today))))
        .order_by(_KIND_ORDER, Supporter.name, Supporter.id).execution_options(populate_existing=True)
    )
    if filters.search:
        query = query.where(search.matches(Supporter.search, filters.search))
    if filters.kind:
        query = query.where(Supporter.kind == filters.kind)
    if filters.place_path:
        query = query.where(Supporter.place_path.startswith(filters.place_path, autoescape=True))
    if filters.help_kind:
        query = query.where(Supporter.id.in_(select(Ability.supporter_id).where(Ability.kind == "help", Ability.word == filters.help_kind)))
    return page_of(query, number, size)


def counts(actor: Actor) -> dict[str, int]:
    """{kind: how many are in the register} over the actor's places."""
    query = select(Supporter.kind, func.count()).where(in_places(actor.paths_for("supporters.read")), Supporter.is_active).group_by(Supporter.kind)
    return dict(db.session.execute(query).all())


def asking(actor: Actor, most: int = 50) -> list[SupporterPerson]:
    """People of the actor's places who wait for staff's word, oldest first."""
    query = (
        select(SupporterPerson).join(Supporter).where(
            in_places(actor.paths_for("supporters.edit")), ~SupporterPerson.is_confirmed, Supporter.is_active)
        .options(joinedload(SupporterPerson.supporter).joinedload(Supporter.place), joinedload(SupporterPerson.user))
        .order_by(SupporterPerson.asked_at).limit(most)
    )
    return list(db.session.scalars(query))


def to_join(district_path: str, words: str, most: int = 12) -> list[Supporter]:
    """Units and teams of a district a resident might speak for, by name."""
    query = (
        select(Supporter).where(
            Supporter.place_path.startswith(district_path, autoescape=True), Supporter.is_active,
            or_(Supporter.kind == SupporterKind.UNIT, Supporter.kind == SupporterKind.TEAM), search.matches(Supporter.search, words))
        .options(joinedload(Supporter.place)).order_by(Supporter.name).limit(most)
    )
    return list(db.session.scalars(query))


def asked_by(user_id: int) -> list[SupporterPerson]:
    """Where this person has asked and waits for a word."""
    query = (
        select(SupporterPerson).join(Supporter).options(joinedload(SupporterPerson.supporter).joinedload(Supporter.place))
        .where(SupporterPerson.user_id == user_id, ~SupporterPerson.is_confirmed, Supporter.is_active).order_by(SupporterPerson.asked_at)
    )
    return list(db.session.scalars(query))
