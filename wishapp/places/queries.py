"""Reading the tree. A path names its ancestors by id, so most questions need no recursion."""

from collections.abc import Iterable
from math import asin, cos, radians, sin, sqrt

from sqlalchemy import func, or_, select

from wishapp.kernel.errors import NotFound
from wishapp.kernel.roles import Actor, PlaceLevel
from wishapp.places.models import Place
from wishapp.store.db import db

EARTH_METRES = 6_371_000
LARGEST_ID = 2**31 - 1


def ids_of(path: str) -> list[int]:
    """Ids named by a path, root first: "/1/14/207/" -> [1, 14, 207]."""
    return [int(part) for part in path.split("/") if part]


def place(place_id: int) -> Place | None:
    """The place with this id; None for a number no id can be, too."""
    return db.session.get(Place, place_id) if 0 < place_id <= LARGEST_ID else None


def place_by_code(code: str) -> Place | None:
    """The place with this division code (12 digits, a grid 15)."""
    return db.session.scalar(select(Place).where(Place.code == code))


def roots() -> list[Place]:
    """The places without a parent, by code."""
    return list(db.session.scalars(select(Place).where(Place.parent_id.is_(None)).order_by(Place.code)))


def children(place_id: int) -> list[Place]:
    """The places directly below, by code."""
    return list(db.session.scalars(select(Place).where(Place.parent_id == place_id).order_by(Place.code)))


def descendants(path: str, level: str | None = None) -> list[Place]:
    """All places below `path`, without the place itself, of one level or of all; by code."""
    query = select(Place).where(Place.path.startswith(path, autoescape=True), Place.path != path)
    if level:
        query = query.where(Place.level == level)
    return list(db.session.scalars(query.order_by(Place.code)))


def counts_below(path: str) -> dict[str, int]:
    """How many places of each level lie below `path`."""
    query = select(Place.level, func.count()).where(Place.path.startswith(path, autoescape=True), Place.path != path).group_by(Place.level)
    return dict(db.session.execute(query).all())


def found_by_name(text: str, level: str, *, under: Iterable[str] = ("/",), limit: int = 30) -> list[Place]:
    """Places of one level whose name contains `text`, below any of these paths; by code, at most `limit`."""
    inside = or_(*(Place.path.startswith(path, autoescape=True) for path in under))
    query = select(Place).where(Place.level == level, Place.name.contains(text, autoescape=True), inside)
    return list(db.session.scalars(query.order_by(Place.code).limit(limit)))


def chain(path: str) -> list[Place]:
    """The places from the root down to the one with this path, itself included."""
    found = {row.id: row for row in db.session.scalars(select(Place).where(Place.id.in_(ids_of(path))))}
    return [found[place_id] for place_id in ids_of(path) if place_id in found]


def nearest(of: Place, level: str) -> Place | None:
    """The place itself or its ancestor of this level; None when there is none (a street is in no community)."""
    if of.level == level:
        return of
    return next((above for above in chain(of.path) if above.level == level), None)


def community_of(of: Place) -> Place | None:
    """The community this place is or lies in."""
    return nearest(of, PlaceLevel.COMMUNITY)


def street_of(of: Place) -> Place | None:
    """The street this place is or lies in."""
    return nearest(of, PlaceLevel.STREET)


def distance(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Metres between two points given in degrees, as the crow flies (haversine)."""
    up, along = radians(other_latitude - latitude), radians(other_longitude - longitude)
    half = sin(up / 2) ** 2 + cos(radians(latitude)) * cos(radians(other_latitude)) * sin(along / 2) ** 2
    return 2 * EARTH_METRES * asin(min(1.0, sqrt(half)))


def names(place_ids: Iterable[int]) -> dict[int, str]:
    """Names by id; unknown ids are missing."""
    wanted = {place_id for place_id in place_ids if place_id is not None}
    if not wanted:
        return {}
    return dict(db.session.execute(select(Place.id, Place.name).where(Place.id.in_(wanted))).all())


def access_place(actor: Actor, place_id: int, permission: str) -> Place:
    """The place when the actor holds `permission` there; NotFound otherwise, also for one that does not exist."""
    found = place(place_id)
    if found is None or not actor.may(permission, found.path):
        raise NotFound()
    return found
