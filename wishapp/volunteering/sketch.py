"""A small schematic map: places as numbered points in a picture, with a list beside it. No tiles, no other machine is asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, hypot, radians

from wishapp.places.models import Place

WIDTH, HEIGHT, EDGE = 320, 220, 30
APART = 24  # two points that lie nearer are drawn side by side, so that both can be read


@dataclass(frozen=True)
class Dot:
    """A point of the picture: `number` 0 is the community's centre."""

    key: str
    number: int
    name: str
    x: float
    y: float


def sketch(known: Iterable[tuple[str, Place]], own: tuple[float, float] | None = None) -> list[Dot]:
    """Points in the picture of WIDTH by HEIGHT, north above, to scale as far as every point can be read; `own` is one more, with key "own"."""
    places = [(key, place.name, place.latitude, place.longitude) for key, place in known]
    if own is not None:
        places.append(("own", "", *own))
    squeeze = cos(radians(places[0][2]))
    flat = [(longitude * squeeze, -latitude) for _key, _name, latitude, longitude in places]
    lows = [min(pair[axis] for pair in flat) for axis in (0, 1)]
    spans = [max(pair[axis] for pair in flat) - lows[axis] for axis in (0, 1)]
    scale = min((WIDTH - 2 * EDGE) / (spans[0] or 1e-9), (HEIGHT - 2 * EDGE) / (spans[1] or 1e-9), 1e6)
    middle = [lows[axis] + spans[axis] / 2 for axis in (0, 1)]
    dots: list[Dot] = []
    for number, (key, name, _latitude, _longitude) in enumerate(places):
        x, y = (side / 2 + (flat[number][axis] - middle[axis]) * scale for axis, side in ((0, WIDTH), (1, HEIGHT)))
        while any(hypot(x - other.x, y - other.y) < APART for other in dots) and x < WIDTH - EDGE / 2:
            x += APART / 2
        dots.append(Dot(key, number, name, round(x, 1), round(y, 1)))
    return dots
