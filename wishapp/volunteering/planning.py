"""Many shifts at once: a pattern of days and times is laid out as rows, looked at, unticked here and there, and made in one go."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select

from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.store.db import db
from wishapp.volunteering.calls import LONGEST, MOST_SHIFTS, add_shift
from wishapp.volunteering.models import Call, Shift

MOST_DAYS = 366
_FORM = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True)
class Pattern:
    """Every day from `first` to `last` that is one of `weekdays` (0 is Monday), at each of `times` (from, to; to the next day when earlier)."""

    first: date
    last: date
    weekdays: frozenset[int]
    times: tuple[tuple[time, time], ...]


@dataclass(frozen=True)
class Planned:
    """A row of the preview. `trouble`: "" or why it is not ticked: past, twin (there is one at this very time), clash (overlaps one), long."""

    starts_at: datetime
    ends_at: datetime
    trouble: str = ""

    @property
    def key(self) -> str:
        """The row in a form: local from and to."""
        return "/".join(f"{moment.astimezone(clock.LOCAL):{_FORM}}" for moment in (self.starts_at, self.ends_at))

    @property
    def may_be_made(self) -> bool:
        """Could it be made after all (a clash is only a hint)."""
        return self.trouble in ("", "clash")


def span(day: date, begins: time, ends: time) -> tuple[datetime, datetime]:
    """From and to as moments; an end at or before the beginning is the next day's. BadInput outside of what a calendar holds."""
    try:
        start = datetime.combine(day, begins.replace(tzinfo=None), clock.LOCAL)
        end = datetime.combine(day + timedelta(days=ends <= begins), ends.replace(tzinfo=None), clock.LOCAL)
        return start.astimezone(UTC), end.astimezone(UTC)
    except OverflowError as error:
        raise BadInput(N_("This day is too far away.")) from error


def lay_out(call: Call, pattern: Pattern) -> list[Planned]:
    """The rows of a pattern in order of time, each with what speaks against it. BadInput when there are none or too many."""
    if not pattern.first <= pattern.last:
        raise BadInput(N_("The last day lies before the first."))
    days = (pattern.last - pattern.first).days + 1
    if days > MOST_DAYS:
        raise BadInput(N_("At most a year at once, please."))
    if abs(pattern.first.year - clock.today().year) > 5:
        raise BadInput(N_("This day is too far away."))
    wanted = [pattern.first + timedelta(days=number) for number in range(days)]
    spans = sorted({span(day, *times) for day in wanted if day.weekday() in pattern.weekdays for times in pattern.times})
    if not spans:
        raise BadInput(N_("No day fits: please look at the weekdays and the two dates."))
    if len(spans) > MOST_SHIFTS:
        raise BadInput(N_("That would be %(count)s shifts; a call has at most %(most)s."), count=len(spans), most=MOST_SHIFTS)
    taken = [(shift.starts_at, shift.ends_at) for shift in call.shifts if shift.state != "cancelled"]
    return [Planned(starts, ends, _trouble(starts, ends, taken)) for starts, ends in spans]


def _trouble(starts: datetime, ends: datetime, taken: list[tuple[datetime, datetime]]) -> str:
    if starts <= clock.now():
        return "past"
    if ends - starts > LONGEST:
        return "long"
    if (starts, ends) in taken:
        return "twin"
    return "clash" if any(begin < ends and starts < end for begin, end in taken) else ""


def read_key(text: str) -> tuple[datetime, datetime]:
    """From and to of a ticked row; BadInput for anything the preview never said."""
    try:
        starts, ends = (datetime.strptime(part, _FORM).replace(tzinfo=clock.LOCAL).astimezone(UTC) for part in text.split("/"))
    except (ValueError, OverflowError) as error:
        raise BadInput(N_("One of the rows cannot be read. Please lay the shifts out once more.")) from error
    return starts, ends


def add_shifts(
    call: Call, spans: Iterable[tuple[datetime, datetime]], seats: int, *, by: Actor, skills: dict[str, int] | None = None, minimum: int = 0,
) -> list[Shift]:
    """All of these shifts or none; raises what add_shift raises, of the first one that cannot be. Presses at once queue at the call."""
    db.session.scalar(select(Call.id).where(Call.id == call.id).with_for_update())
    db.session.refresh(call, ["shifts"])
    return [add_shift(call, starts, ends, seats, by=by, skills=skills, minimum=minimum) for starts, ends in spans]


def repeat_shifts(call: Call, like: Call, *, by: Actor) -> int:
    """The shifts of an earlier call once more in a new one, with the same seats, as many whole weeks later as it takes for the first
    to lie ahead. Returns how many."""
    usual = [shift for shift in like.shifts if shift.state != "cancelled"]
    if not usual:
        return 0
    behind = clock.now() - min(shift.starts_at for shift in usual)
    later = timedelta(weeks=max(1, behind // timedelta(weeks=1) + 1))
    taken = {(shift.starts_at, shift.ends_at) for shift in call.shifts}
    for shift in usual:
        span = shift.starts_at + later, shift.ends_at + later
        if span not in taken:
            taken.add(span)
            skills = {role.skill: role.seats for role in shift.roles if role.skill}
            add_shift(call, *span, shift.seats - sum(skills.values()), by=by, skills=skills, minimum=shift.minimum)
    return len(usual)
