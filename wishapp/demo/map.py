"""Places from the real division codes, and schematic coordinates: neighbours lie beside each other, borders are not real.

Streets stand on a grid of 2.2 km, the communities of a street on a spiral of 450 m, the grids of a community on one of 110 m.
"""

import csv
from dataclasses import dataclass
from math import cos, pi, sin, sqrt
from pathlib import Path

from wishapp.kernel.roles import SYSTEM
from wishapp.places import service as places
from wishapp.places.models import Place

DATA = Path(__file__).parent / "data"
CENTRE = (36.6683, 117.0766)
METRE_NORTH = 1 / 111_320
METRE_EAST = 1 / (111_320 * cos(CENTRE[0] * pi / 180))
ACROSS = 4
STREETS_APART, COMMUNITIES_APART, GRIDS_APART = 2200, 450, 110
PHONE = "0531-0000-{:04d}"


@dataclass(frozen=True)
class PlaceLine:
    """A line of lixia_places.csv."""

    code: str
    name: str
    level: str
    parent_code: str


@dataclass(frozen=True)
class Spot:
    """A place planted, as plain values: it may be held while no transaction is open."""

    id: int
    code: str
    name: str
    level: str
    path: str
    parent_id: int | None
    latitude: float
    longitude: float


@dataclass
class Tree:
    """The places planted, by level and in the order of their codes."""

    district: Spot
    streets: list[Spot]
    communities: list[Spot]
    grids: dict[int, list[Spot]]


def lines(street_code: str | None = None) -> list[PlaceLine]:
    """City, district, streets, communities in this order; only one street's when its code is given."""
    with (DATA / "lixia_places.csv").open(encoding="utf-8", newline="") as file:
        found = [PlaceLine(**row) for row in csv.DictReader(file)]
    if street_code:
        found = [line for line in found if line.level in ("city", "district") or line.code.startswith(street_code[:9])]
    order = ("city", "district", "street", "community")
    return sorted(found, key=lambda line: (order.index(line.level), line.code))


def shifted(origin: tuple[float, float], north: float, east: float) -> tuple[float, float]:
    """A point so many metres away."""
    return round(origin[0] + north * METRE_NORTH, 6), round(origin[1] + east * METRE_EAST, 6)


def spiral(origin: tuple[float, float], number: int, apart: float) -> tuple[float, float]:
    """Point `number` of a sunflower spiral: all about `apart` metres from their neighbours."""
    angle, radius = number * pi * (3 - sqrt(5)), apart * sqrt(number) * 0.9
    return shifted(origin, radius * cos(angle), radius * sin(angle))


def plant(street_code: str | None, grids: int) -> Tree:
    """Add the places (inside the caller's transaction): all of the district or one street, with `grids` grids in all."""
    made: dict[str, Place] = {}
    count: dict[str, int] = {}
    for number, line in enumerate(lines(street_code)):
        above = made.get(line.parent_code)
        sibling = count[line.parent_code] = count.get(line.parent_code, -1) + 1
        if line.level == "street":
            point = shifted(CENTRE, (sibling // ACROSS - 1.5) * -STREETS_APART, (sibling % ACROSS - 1.5) * STREETS_APART)
        elif line.level == "community":
            point = spiral((above.latitude, above.longitude), sibling, COMMUNITIES_APART)
        else:
            point = CENTRE
        made[line.code] = places.add_place(
            code=line.code, name=line.name, level=line.level, parent=above, by=SYSTEM, latitude=point[0], longitude=point[1],
            phone=PHONE.format(number) if line.level in ("street", "community") else "",
        )
    communities = [place for place in made.values() if place.level == "community"]
    below = {place.id: _grids(place, grids // len(communities) + (number < grids % len(communities))) for number, place in enumerate(communities)}
    return Tree(
        district=next(spot(place) for place in made.values() if place.level == "district"),
        streets=[spot(place) for place in made.values() if place.level == "street"], communities=[spot(place) for place in communities],
        grids={community_id: [spot(place) for place in found] for community_id, found in below.items()},
    )


def spot(place: Place) -> Spot:
    """The place's values."""
    return Spot(place.id, place.code, place.name, place.level, place.path, place.parent_id, place.latitude, place.longitude)


def _grids(community: Place, count: int) -> list[Place]:
    return [
        places.add_place(
            code=f"{community.code}{number + 1:03d}", name=f"{community.name.removesuffix('社区')}第{number + 1}网格", level="grid", parent=community,
            by=SYSTEM, **dict(zip(("latitude", "longitude"), spiral((community.latitude, community.longitude), number, GRIDS_APART), strict=True)),
        )
        for number in range(count)
    ]
