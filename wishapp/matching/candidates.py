"""Who could help with a few demands: found in the database by place, kind of help and skill, without reading a whole district."""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import Select, and_, case, exists, false, or_, select

from wishapp.kernel.ports import OpenDemand
from wishapp.matching.crowd import district_path
from wishapp.matching.eligibility import METRES_PER_DEGREE
from wishapp.store.db import db
from wishapp.supporters.models import Ability, Capacity, Pairing, Supporter

GROUPS, PERSONS, SKILLED = 200, 300, 100  # who could help, at most
GROUP = ("unit", "team")
CIRCLES = (0.006, 0.024, None)  # degrees (0.7 and 2.7 km) within which the nearest persons are looked for; the next where there are too few


def who_could(path: str, demands: list[OpenDemand], reach: int = 0, *, among: set[int] | None = None) -> list[int]:
    """Ids of active supporters who give these kinds of help and come as far as the box around these demands (at least `reach` metres):
    the nearest units and teams, the nearest persons, the nearest with a skill that is wanted, and everybody paired there.

    `among`: look at these supporters only.
    """
    if not demands:
        return []
    middle, rows = _middle(demands), []
    for within in CIRCLES if among is None else (None,):
        query = _who_could(path, demands, reach, middle, within)
        rows = db.session.execute(query if among is None else query.where(Supporter.id.in_(among))).all()
        if within is None or sum(row[1] not in GROUP and middle.apart(row[2], row[3]) < within ** 2 for row in rows) >= PERSONS:
            break  # so many persons within the circle: nobody beyond it is one of the nearest
    rows.sort(key=lambda row: (middle.apart(row[2], row[3]), row[0]))
    groups = [row[0] for row in rows if row[1] in GROUP][:GROUPS]
    persons = [row[0] for row in rows if row[1] not in GROUP][:PERSONS]
    return sorted({*groups, *persons, *(row[0] for row in rows if row[4]), *[row[0] for row in rows if row[5]][:SKILLED]})


@dataclass(frozen=True)
class Middle:
    """The middle of a box of demands; `narrow`: how much shorter a degree of longitude is there than one of latitude."""

    latitude: float
    longitude: float
    narrow: float

    def apart(self, latitude: float, longitude: float) -> float:
        """Square of the distance in degrees of latitude."""
        return (latitude - self.latitude) ** 2 + ((longitude - self.longitude) * self.narrow) ** 2


def _middle(demands: list[OpenDemand]) -> Middle:
    up, down = max(demand.latitude for demand in demands), min(demand.latitude for demand in demands)
    east, west = max(demand.longitude for demand in demands), min(demand.longitude for demand in demands)
    return Middle((up + down) / 2, (east + west) / 2, float(np.cos(np.radians(up))))


def _who_could(path: str, demands: list[OpenDemand], reach: int, middle: Middle, within: float | None) -> Select:
    """Id, kind, latitude, longitude, is paired, has a wanted skill. `within`: persons without such a skill only so near (degrees): what they
    give is looked up for each of them, and a whole district's would be as many as that."""
    kinds, skills = sorted({demand.kind for demand in demands}), sorted({word for demand in demands for word in demand.skills})
    up, down = max(demand.latitude for demand in demands), min(demand.latitude for demand in demands)
    east, west = max(demand.longitude for demand in demands), min(demand.longitude for demand in demands)
    goes = case((Supporter.radius < reach, reach), else_=Supporter.radius)
    high, wide = goes / METRES_PER_DEGREE + 0.0005, goes / (METRES_PER_DEGREE * middle.narrow) + 0.0005
    near = and_(Supporter.latitude.between(down - high, up + high), Supporter.longitude.between(west - wide, east + wide))
    gives = or_(
        exists().where(Ability.supporter_id == Supporter.id, Ability.kind == "help", Ability.word.in_(kinds)),
        exists().where(Capacity.supporter_id == Supporter.id, Capacity.what.in_(kinds)))
    paired = Supporter.id.in_(select(Pairing.unit_id).where(Pairing.community_id.in_({demand.community_id for demand in demands})))
    skilled = exists().where(Ability.supporter_id == Supporter.id, Ability.kind == "skill", Ability.word.in_(skills)) if skills else false()
    if within is not None:
        about = within * 1.001  # the box holds the circle, whatever the last digit
        beside = about / middle.narrow
        near = and_(or_(
            and_(Supporter.latitude.between(middle.latitude - about, middle.latitude + about),
                 Supporter.longitude.between(middle.longitude - beside, middle.longitude + beside)),
            Supporter.kind.in_(GROUP),
            Supporter.id.in_(select(Ability.supporter_id).where(Ability.kind == "skill", Ability.word.in_(skills))) if skills else false()), near)
    return select(Supporter.id, Supporter.kind, Supporter.latitude, Supporter.longitude, paired, skilled).where(
        Supporter.is_active, or_(near, paired), gives, Supporter.place_path.startswith(district_path(path), autoescape=True))
