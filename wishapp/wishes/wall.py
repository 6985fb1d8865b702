"""The public wall: filters, order, counts by kind, what has just come true. Masked fields only, a constant number of queries."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from math import cos, radians

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import aliased, contains_eager

from wishapp.kernel import clock
from wishapp.kernel.roles import PlaceLevel
from wishapp.places import queries as places
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.paging import Page, page_of
from wishapp.store.search import matches
from wishapp.supporters.models import Supporter
from wishapp.wishes.claims import LIVING
from wishapp.wishes.models import Claim, Urgency, Wish, WishKind
from wishapp.wishes.privacy import bigrams, likeness

METRES_PER_DEGREE = 111_195.0
PAGE_SIZE = 18
ALIKE = 0.4


class WallState(StrEnum):
    """What part of a wish's life is looked at."""

    OPEN = "open"
    MOVING = "moving"
    DONE = "done"


class WallOrder(StrEnum):
    """Order of the wall."""

    URGENT = "urgent"
    NEW = "new"
    NEAR = "near"


class WallNear(StrEnum):
    """How far around the reader's own place, in metres."""

    M500 = "500"
    M1500 = "1500"
    M3000 = "3000"


STATES = {
    WallState.OPEN: ("open",),
    WallState.MOVING: ("reserved", "in_progress", "delivered"),
    WallState.DONE: ("fulfilled", "closed"),
}
SHOWN = STATES[WallState.OPEN] + STATES[WallState.MOVING]


@dataclass(frozen=True)
class WallFilters:
    """What the reader asked for. `origin`: latitude and longitude of the reader's place; distances need it."""

    community_id: int | None = None
    kind: WishKind | None = None
    urgency: Urgency | None = None
    state: WallState | None = None
    order: WallOrder = WallOrder.URGENT
    near: WallNear | None = None
    q: str = ""
    origin: tuple[float, float] | None = None


@dataclass(frozen=True)
class Slip:
    """A wish on the wall; `distance` in metres or None; `helper`: who has it."""

    wish: Wish
    distance: float | None
    helper: str = ""


_community, _grid = aliased(Place), aliased(Place)


def _square_metres(origin: tuple[float, float]) -> ColumnElement[float]:
    """Squared distance in metres on a flat earth: exact enough within a city, and plain arithmetic on both engines."""
    north = (func.coalesce(_grid.latitude, _community.latitude) - origin[0]) * METRES_PER_DEGREE
    east = (func.coalesce(_grid.longitude, _community.longitude) - origin[1]) * (METRES_PER_DEGREE * cos(radians(origin[0])))
    return north * north + east * east


def _filtered(query: Select, filters: WallFilters, *, with_kind: bool = True) -> Select:
    query = query.where(Wish.state.in_(STATES[filters.state] if filters.state else SHOWN))
    if filters.community_id:
        query = query.where(Wish.community_id == filters.community_id)
    if with_kind and filters.kind:
        query = query.where(Wish.kind == filters.kind)
    if filters.urgency:
        query = query.where(Wish.urgency == filters.urgency)
    if filters.q:
        query = query.where(matches(Wish.search, filters.q))
    if filters.near and filters.origin:
        query = query.where(_square_metres(filters.origin) <= int(filters.near) ** 2)
    return query


def _placed(query: Select) -> Select:
    return query.join(_community, _community.id == Wish.community_id).outerjoin(_grid, _grid.id == Wish.grid_id)


def wall(filters: WallFilters, page: int = 1) -> Page:
    """Page of Slips: three queries."""
    distance = _square_metres(filters.origin) if filters.origin else Wish.id * 0.0
    rank = case((Wish.state == "open", 0), (Wish.state.in_(STATES[WallState.DONE]), 2), else_=1)
    haste = case((Wish.urgency == Urgency.NOW, 0), (Wish.urgency == Urgency.WEEK, 1), else_=2)
    order = {
        WallOrder.URGENT: (rank, haste, Wish.published_at, Wish.id),
        WallOrder.NEW: (rank, Wish.published_at.desc(), Wish.id.desc()),
        WallOrder.NEAR: (rank, distance, Wish.id),
    }[filters.order if filters.origin or filters.order != WallOrder.NEAR else WallOrder.URGENT]
    query = _placed(select(Wish, distance)).options(contains_eager(Wish.community.of_type(_community)))
    found = page_of(_filtered(query, filters).order_by(*order), page, PAGE_SIZE, scalars=False)
    names = helper_names([wish.id for wish, _ in found.rows])
    slips = [Slip(wish, square**0.5 if filters.origin else None, names.get(wish.id, "")) for wish, square in found.rows]
    return Page(slips, found.number, found.size, found.total)


def helper_names(wish_ids: list[int]) -> dict[int, str]:
    """Name of a supporter who has accepted each wish (units and teams by name, persons masked)."""
    query = (
        select(Claim.wish_id, Supporter.name).join(Supporter, Supporter.id == Claim.supporter_id)
        .where(Claim.wish_id.in_(wish_ids), Claim.state.in_([state for state in LIVING if state != "held"])).order_by(Claim.id.desc())
    )
    return dict(db.session.execute(query).all())


def kind_counts(filters: WallFilters) -> dict[str, int]:
    """How many wishes of each kind the other filters leave."""
    query = _filtered(_placed(select(Wish.kind, func.count())), filters, with_kind=False).group_by(Wish.kind)
    return dict(db.session.execute(query).all())


def waiting(community_id: int | None) -> int:
    """How many wishes wait for somebody."""
    query = select(func.count()).select_from(Wish).where(Wish.state == "open")
    return db.session.scalar(query.where(Wish.community_id == community_id) if community_id else query)


def echoes(limit: int = 3) -> list[Wish]:
    """Wishes that came true within the last fortnight, newest first."""
    since = clock.now() - timedelta(days=14)
    query = (
        select(Wish).where(Wish.state.in_(STATES[WallState.DONE]), Wish.fulfilled_at >= since)
        .order_by(Wish.fulfilled_at.desc()).limit(limit)
    )
    return list(db.session.scalars(query))


def communities() -> list[tuple[str, list[tuple[int, str]]]]:
    """Communities by street: [(street name, [(id, name), …]), …]."""
    street = aliased(Place)
    query = (
        select(street.name, Place.id, Place.name).join(street, street.id == Place.parent_id)
        .where(Place.level == PlaceLevel.COMMUNITY).order_by(Place.code)
    )
    grouped: dict[str, list[tuple[int, str]]] = {}
    for street_name, place_id, name in db.session.execute(query):
        grouped.setdefault(street_name, []).append((place_id, name))
    return list(grouped.items())


def similar(title: str, *, kind: str, path: str, but: int | None = None, for_staff: bool = False, limit: int = 3) -> list[tuple[Wish, float]]:
    """Wishes in the same subtree that say nearly the same and are not over, most alike first, with their likeness.

    Only what stands on the wall; for staff also what waits for review.
    """
    states = ("submitted", "seconded", *SHOWN) if for_staff else SHOWN
    query = (
        select(Wish.id, Wish.title).where(Wish.place_path.startswith(path, autoescape=True), Wish.kind == kind, Wish.state.in_(states))
        .order_by(Wish.id.desc()).limit(500)
    )
    mine = bigrams(title)
    scored = [(likeness(mine, bigrams(other)), wish_id) for wish_id, other in db.session.execute(query) if wish_id != but]
    best = sorted(((score, wish_id) for score, wish_id in scored if score >= ALIKE), reverse=True)[:limit]
    found = {wish.id: wish for wish in db.session.scalars(
        select(Wish).join(_community, _community.id == Wish.community_id).options(contains_eager(Wish.community.of_type(_community)))
        .where(Wish.id.in_([wish_id for _, wish_id in best])))}
    return [(found[wish_id], score) for score, wish_id in best]


def alike(wish: Wish, title: str = "", *, for_staff: bool = False) -> list[tuple[Wish, float]]:
    """Wishes of the same street that say nearly the same as this one (or as `title`, while it is being written)."""
    street = places.street_of(wish.community)
    return similar(title or wish.title, kind=wish.kind, path=street.path if street else wish.community.path, but=wish.id,
                   for_staff=for_staff)
