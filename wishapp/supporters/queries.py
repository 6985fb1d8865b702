"""Reads about supporters."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import joinedload, selectinload

from wishapp.kernel import clock
from wishapp.kernel.errors import NotFound
from wishapp.kernel.permissions import HELPERS, PERMISSIONS, Role
from wishapp.kernel.roles import Actor
from wishapp.store.db import db
from wishapp.supporters.models import Capacity, Supporter, SupporterKind, SupporterPerson

OWN = HELPERS | {Role.SIGNED_IN}
ANY = "any"
MINUTES = "minutes"


@dataclass(frozen=True)
class Room:
    """What a supporter has left in a period. `counted` "wishes" (units) or "minutes"; true when `need` fits into `left`."""

    quota: int
    taken: int
    need: int
    counted: str

    @property
    def left(self) -> int:
        """What is still free, never below zero."""
        return max(0, self.quota - self.taken)

    def __bool__(self) -> bool:
        return self.left >= self.need


def supporter(supporter_id: int) -> Supporter | None:
    """A supporter by id, or None."""
    return db.session.get(Supporter, supporter_id)


def supporters_of(user_id: int) -> list[Supporter]:
    """Active supporters this person answers for (confirmed), by id."""
    query = (
        select(Supporter).join(SupporterPerson).options(joinedload(Supporter.place))
        .where(SupporterPerson.user_id == user_id, SupporterPerson.is_confirmed, Supporter.is_active).order_by(Supporter.id)
    )
    return list(db.session.scalars(query))


def people_of(supporter_ids: Iterable[int]) -> dict[int, list[int]]:
    """Ids of the (confirmed) people who answer for each supporter: {supporter_id: [user_id, …]}; every id asked for is there."""
    found: dict[int, list[int]] = {supporter_id: [] for supporter_id in supporter_ids}
    query = (
        select(SupporterPerson.supporter_id, SupporterPerson.user_id)
        .where(SupporterPerson.supporter_id.in_(found), SupporterPerson.is_confirmed)
        .order_by(SupporterPerson.supporter_id, SupporterPerson.user_id)
    )
    for supporter_id, user_id in db.session.execute(query):
        found[supporter_id].append(user_id)
    return found


def names(supporter_ids: Iterable[int]) -> dict[int, str]:
    """Public (units, teams) or masked (persons) names: {supporter_id: name}."""
    query = select(Supporter.id, Supporter.name).where(Supporter.id.in_(set(supporter_ids)))
    return {row.id: row.name for row in db.session.execute(query)}


def answers_for(user_id: int | None, supporter_id: int) -> bool:
    """Does this person answer for the supporter (confirmed)."""
    if user_id is None:
        return False
    held = exists().where(SupporterPerson.user_id == user_id, SupporterPerson.supporter_id == supporter_id, SupporterPerson.is_confirmed)
    return bool(db.session.scalar(select(held)))


def access_supporter(actor: Actor, supporter_id: int, permission: str) -> Supporter:
    """The supporter, for somebody who may `permission` on it: a helper's permission for those who answer for it,
    a staff permission within the actor's places. NotFound otherwise, whether it exists or not."""
    found = db.session.get(Supporter, supporter_id)
    if found is None:
        raise NotFound()
    if PERMISSIONS[permission] <= OWN:
        allowed = actor.may(permission) and answers_for(actor.id, supporter_id)
    else:
        allowed = actor.may(permission, found.place_path)
    if not allowed:
        raise NotFound()
    return found


def periods_for(kind: str, help_kind: str, day: date) -> list[tuple[str, str]]:
    """(period, what) pairs a promise would be counted in, first choice first: a unit's year for the kind of help and
    for any kind; a person's or team's month in minutes."""
    if kind == SupporterKind.UNIT:
        return [(f"{day.year:04d}", help_kind), (f"{day.year:04d}", ANY)]
    return [(f"{day.year:04d}-{day.month:02d}", MINUTES)]


def left(supporter_id: int, kind: str, minutes: int, day: date) -> Room:
    """What is left for one more wish of this kind lasting `minutes` on `day`: truthy when it fits (see Room).

    A unit that names kinds may still take others from its "any" promise; the larger remainder of the two is shown.
    """
    found = db.session.get(Supporter, supporter_id)
    is_unit = found is not None and found.kind == SupporterKind.UNIT
    need, counted = (1, "wishes") if is_unit else (minutes, "minutes")
    if found is None or not found.is_active or (found.paused_until and found.paused_until >= day):
        return Room(0, 0, max(1, need), counted)
    pairs = periods_for(found.kind, kind, day)
    rows = db.session.scalars(select(Capacity).where(
        Capacity.supporter_id == supporter_id, Capacity.period == pairs[0][0], Capacity.what.in_([what for _, what in pairs]))).all()
    rooms = [Room(row.quota, row.taken, need, counted) for row in rows]
    if not rooms and not is_unit:
        rooms = [Room(found.monthly_minutes, 0, need, counted)]
    return max(rooms, key=lambda room: room.left, default=Room(0, 0, need, counted))


def promises(found: Supporter) -> list[Capacity]:
    """The promises that run today: a unit's year by kind of help, anybody else's month (made up from `monthly_minutes` when
    nothing was taken of it yet; such a row is not stored)."""
    period = periods_for(found.kind, "", clock.today())[0][0]
    rows = list(db.session.scalars(
        select(Capacity).where(Capacity.supporter_id == found.id, Capacity.period == period).order_by(Capacity.what)))
    if not rows and found.kind != SupporterKind.UNIT:
        rows = [Capacity(period=period, what=MINUTES, quota=found.monthly_minutes, taken=0)]
    return rows


def in_places(paths: list[str]) -> object:
    """Condition: the supporter reports to one of these subtrees."""
    return or_(*(Supporter.place_path.startswith(path, autoescape=True) for path in paths)) if paths else Supporter.id.is_(None)


def details(supporter_id: int) -> Supporter | None:
    """A supporter with abilities, promises, free times, pairings and people in a constant number of queries."""
    query = select(Supporter).where(Supporter.id == supporter_id).options(
        joinedload(Supporter.place), selectinload(Supporter.abilities), selectinload(Supporter.capacities), selectinload(Supporter.times),
        selectinload(Supporter.pairings), selectinload(Supporter.people))
    return db.session.scalars(query).unique().one_or_none()
