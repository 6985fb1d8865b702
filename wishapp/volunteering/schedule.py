"""The shifts of a call as few lines: what comes back every week is one line. For posters and heads of lists."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from wishapp.kernel import clock
from wishapp.volunteering.models import Shift

WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Line:
    """Shifts at one time of day: one of them, or the same weekday every week from `first` to `last`. `seats`: the most of one of them."""

    first: datetime
    last: datetime
    ends_at: datetime
    times: int
    seats: int

    @property
    def is_weekly(self) -> bool:
        """Does it come back every week."""
        return self.times > 1


def lines(shifts: Iterable[Shift]) -> list[Line]:
    """Lines in the order of their first day. Only runs of at least three weeks in a row become one line."""
    by_time: dict[tuple[int, time, time], list[Shift]] = {}
    for shift in shifts:
        starts, ends = shift.starts_at.astimezone(clock.LOCAL), shift.ends_at.astimezone(clock.LOCAL)
        by_time.setdefault((starts.weekday(), starts.time(), ends.time()), []).append(shift)
    found = []
    for group in by_time.values():
        run: list[Shift] = []
        for shift in [*sorted(group, key=lambda one: one.starts_at), None]:
            if run and (shift is None or shift.starts_at - run[-1].starts_at != WEEK):
                found += [_line(run)] if len(run) > 2 else [_line([one]) for one in run]
                run = []
            if shift is not None:
                run.append(shift)
    return sorted(found, key=lambda line: line.first)


def _line(run: list[Shift]) -> Line:
    return Line(run[0].starts_at, run[-1].starts_at, run[0].ends_at, len(run), max(shift.seats for shift in run))


def shown(call_shifts: Iterable[Shift]) -> list[Shift]:
    """What a poster tells of: what lies ahead, or everything once nothing does; never what was called off."""
    usual = [shift for shift in call_shifts if shift.state != "cancelled"]
    return [shift for shift in usual if shift.starts_at > clock.now()] or usual
