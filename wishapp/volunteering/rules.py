"""The rules volunteering goes by, as data: practice differs from place to place (domain.md). A district may change each of them."""

from collections.abc import Collection
from dataclasses import dataclass, fields, replace

from sqlalchemy import select

from wishapp.places.models import Place
from wishapp.places.queries import ids_of
from wishapp.store.db import db
from wishapp.volunteering.record_models import ServiceRules


@dataclass(frozen=True)
class Rules:
    """`day_minutes`: most service a person signs up for on one local day; `gap_minutes`: least time between two shifts at different
    spots; `answer_hours`: how long a freed seat is kept for the first of the queue; `asked_a_week`: most invitations one person gets in
    seven days; `misses`: unexcused absences within `misses_days` after which sign-up rests for `pause_days`; `objection_days`: how long
    hours are shown before they are final; `close_hours`: after the end of a shift it closes by itself; `rounding`: (minutes from,
    half hours), the rest beyond whole hours; `activity_half_hours`: most that count for one activity, 0 for no limit."""

    day_minutes: int = 480
    gap_minutes: int = 30
    answer_hours: int = 12
    asked_a_week: int = 3
    misses: int = 3
    misses_days: int = 180
    pause_days: int = 30
    objection_days: int = 7
    close_hours: int = 3
    rounding: tuple[tuple[int, int], ...] = ((45, 2), (15, 1), (0, 0))
    activity_half_hours: int = 0


USUAL = Rules()


def read_rules(values: dict) -> Rules:
    """The usual rules with these changed; unknown names are left out."""
    known = {field.name for field in fields(Rules)}
    changed = {name: value for name, value in values.items() if name in known}
    if "rounding" in changed:
        changed["rounding"] = tuple((int(least), int(halves)) for least, halves in changed["rounding"])
    return replace(USUAL, **changed)


def rules_at(path: str) -> Rules:
    """The rules in force at a place: its district's, else the usual ones. One query."""
    return rules_of([path])[path]


def rules_of(paths: Collection[str]) -> dict[str, Rules]:
    """rules_at() for several places; one query."""
    query = select(Place.path, ServiceRules.values).join(Place, Place.id == ServiceRules.place_id).where(
        ServiceRules.place_id.in_({place_id for path in paths for place_id in ids_of(path)})).order_by(Place.path)
    known = [(place, read_rules(values)) for place, values in db.session.execute(query)]
    return {path: next((rules for place, rules in reversed(known) if path.startswith(place)), USUAL) for path in paths}


def half_hours(minutes: int, rules: Rules) -> int:
    """Minutes of service as half hours by the district's rounding, capped by activity."""
    whole, rest = divmod(max(0, minutes), 60)
    found = 2 * whole + next(halves for least, halves in sorted(rules.rounding, reverse=True) if rest >= least)
    return min(found, rules.activity_half_hours) if rules.activity_half_hours else found
