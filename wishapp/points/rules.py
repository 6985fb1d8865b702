"""What service is worth, as data. Practice differs from place to place (domain.md): change the tables, not the code.

Everything is counted in tenths of a point.
"""

from dataclasses import dataclass

POINT = 10


@dataclass(frozen=True)
class Worth:
    """What a fulfilled wish of one kind earns: `per_hour` for the time given (rounded as in ROUNDING), at least `least`."""

    per_hour: int = POINT
    least: int = 0


# minutes from -> hours counted: below 15 minutes nothing, from 15 half an hour, from 45 a whole one
ROUNDING = ((45, 2), (15, 1), (0, 0))
WISHES = {
    "goods": Worth(per_hour=0, least=POINT),
    "job": Worth(least=POINT),
    "medical": Worth(least=POINT),
}
ORDINARY = Worth(least=POINT // 2)
DAY_CAP = 2 * POINT
CAPPED_OWNERS = ("member", "volunteer")


def half_hours(minutes: int) -> int:
    """Minutes as half hours, 15 and 45 rounding up: 0-14 -> 0, 15-44 -> 1, 45-74 -> 2, 75-104 -> 3."""
    whole, rest = divmod(max(0, minutes), 60)
    return 2 * whole + next(halves for least, halves in ROUNDING if rest >= least)


def points_for_wish(kind: str, minutes: int, people: int = 1) -> int:
    """Tenths of a point for one fulfilled wish of this kind that took `minutes`; `people` of a team each count."""
    worth = WISHES.get(kind, ORDINARY)
    return max(worth.least, half_hours(minutes) * worth.per_hour * max(1, people) // 2)


def within_day(wanted: int, earned_today: int, owner_kind: str) -> int:
    """What of `wanted` may still be credited today: persons are capped by the day, units and teams are not."""
    if owner_kind not in CAPPED_OWNERS:
        return wanted
    return max(0, min(wanted, DAY_CAP - max(0, earned_today)))
