"""Changing a district's rules for volunteering: ranges, versions, the record."""

from collections.abc import Iterable
from dataclasses import fields

from sqlalchemy import select

from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Forbidden, SomeoneWasFaster
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import Actor, PlaceLevel
from wishapp.kernel.text import N_
from wishapp.places import queries as places
from wishapp.places.models import Place
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.volunteering.record_models import ServiceRules
from wishapp.volunteering.rules import USUAL, Rules

RANGES = {
    "day_minutes": (60, 1440), "gap_minutes": (0, 240), "answer_hours": (1, 72), "asked_a_week": (1, 14), "misses": (1, 20), "misses_days": (7, 730),
    "pause_days": (1, 365), "objection_days": (1, 60), "close_hours": (1, 48), "activity_half_hours": (0, 96),
}


def rules_row(place_id: int) -> ServiceRules | None:
    """What a district changed, or None."""
    return db.session.get(ServiceRules, place_id)


def districts(actor: Actor) -> list[Place]:
    """Districts whose rules concern the actor: their own, or those their places lie in; by code."""
    paths = actor.paths_for("calls.rules")
    ids = {place_id for path in paths for place_id in places.ids_of(path)}
    below = [place for path in paths for place in places.descendants(path, PlaceLevel.DISTRICT)]
    above = db.session.scalars(select(Place).where(Place.id.in_(ids), Place.level == PlaceLevel.DISTRICT))
    return sorted({place.id: place for place in [*above, *below]}.values(), key=lambda place: place.code)


def may_change(actor: Actor, district: Place) -> bool:
    """Only the district's own staff change them."""
    return actor.is_system or any(grant.role == Role.DISTRICT_STAFF and grant.reaches(district.path) for grant in actor.grants)


def change_rules(district: Place, *, by: Actor, version: int, rounding: Iterable[tuple[int, int]] = USUAL.rounding, **values: int) -> None:
    """Set the rules that differ from the usual ones. `version`: 0 when nothing was changed before; SomeoneWasFaster when it is another.

    BadInput outside of RANGES; the record says which ones changed, from what to what.
    """
    if not may_change(by, district):
        raise Forbidden()
    for name, value in values.items():
        low, high = RANGES.get(name, (0, -1))
        if not low <= value <= high:
            raise BadInput(N_("From %(low)s to %(high)s."), low=low, high=high)
    steps = tuple(sorted(((int(least), int(halves)) for least, halves in rounding), reverse=True))
    if any(not 0 <= least <= 60 for least, _halves in steps) or steps[-1][0] != 0:
        raise BadInput(N_("From %(low)s to %(high)s."), low=0, high=60)
    row = rules_row(district.id)
    if version != (row.version if row is not None else 0):
        raise SomeoneWasFaster()
    wanted = {**values, "rounding": steps}
    usual = {field.name: getattr(USUAL, field.name) for field in fields(Rules)}
    kept = {name: [list(pair) for pair in value] if name == "rounding" else value for name, value in wanted.items() if value != usual[name]}
    before = row.values if row is not None else {}
    changed = sorted(name for name in {*kept, *before} if kept.get(name) != before.get(name))
    if not changed:
        return
    if row is None:
        row = ServiceRules(place_id=district.id)
        db.session.add(row)
    row.values, row.changed_by_id, row.changed_at = kept, by.id, clock.now()
    audit.record("service_rules", district.id, "change", by=by, place_path=district.path,
                 data={"changed": {name: [before.get(name), kept.get(name)] for name in changed}})
