"""Stars for hours of service that are final: at 100, 300, 600, 1000 and 1500 hours."""

from dataclasses import dataclass

STEPS = (100, 300, 600, 1000, 1500)


@dataclass(frozen=True)
class Stars:
    """`count` stars reached; `next_at`: hours at which the next comes (None with all five); `missing`: half hours until then;
    `percent` of the way from the last to the next."""

    count: int
    next_at: int | None
    missing: int
    percent: int


def stars(half_hours: int) -> Stars:
    """Stars for so many final half hours."""
    count = sum(half_hours >= 2 * step for step in STEPS)
    if count == len(STEPS):
        return Stars(count, None, 0, 100)
    last, following = (STEPS[count - 1] if count else 0), STEPS[count]
    way = 100 * (half_hours - 2 * last) // (2 * (following - last))
    return Stars(count, following, 2 * following - half_hours, way)
