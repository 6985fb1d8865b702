"""Words of calls, shifts and sign-ups as people read them."""

from dataclasses import dataclass
from datetime import datetime
from math import atan2, cos, degrees, hypot, radians, sin

from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from wishapp.kernel import clock
from wishapp.supporters.models import Skill
from wishapp.volunteering.listing import METRES_PER_DEGREE, Near, When
from wishapp.volunteering.models import Call, CallKind, Shift
from wishapp.volunteering.words import KINDS, LOOKS
from wishapp.volunteering.words import STATES as CALL_STATES
from wishapp.web import filters

__all__ = ["CALL_STATES", "KINDS", "LOOKS"]
DRAWS = {CallKind.SERVICE: "heart"}  # drawings where the kind's own would mislead
SKILLS = {
    Skill.NURSING: _l("Nursing care"), Skill.MEDICINE: _l("Medicine"), Skill.COUNSELLING: _l("Listening and counselling"), Skill.HAIRCUT: _l("Haircuts"),
    Skill.ELECTRICS: _l("Electrics"), Skill.PLUMBING: _l("Plumbing"), Skill.CARPENTRY: _l("Carpentry"), Skill.APPLIANCES: _l("Mending appliances"),
    Skill.SMARTPHONE: _l("Teaching smartphones"), Skill.TUTORING: _l("Tutoring"), Skill.LAW: _l("Legal advice"), Skill.DRIVING: _l("Driving"),
    Skill.COOKING: _l("Cooking"), Skill.SEWING: _l("Sewing"), Skill.CLEANING: _l("Cleaning"), Skill.PHOTOGRAPHY: _l("Photography"),
    Skill.CALLIGRAPHY: _l("Calligraphy"), Skill.MUSIC: _l("Music"),
}
WHENS = {When.TODAY: _l("Today"), When.WEEK: _l("This week"), When.WEEKEND: _l("At the weekend")}
NEARS = {Near.M1000: _l("within 1 km"), Near.M3000: _l("within 3 km")}
SIGN_UP_STATES = {
    "applied": _l("Waiting for a yes"), "waitlisted": _l("In the queue"), "offered": _l("A seat is kept"), "confirmed": _l("You are in"),
    "attended": _l("Been there"), "late": _l("Been there, late"), "excused": _l("Excused"), "absent": _l("Missed"), "refused": _l("Not this time"),
    "lapsed": _l("Seat went on"), "cancelled": _l("Cancelled"),
}
REASONS = {
    "own": _l("You are on its list"), "age": _l("Age limit"), "skill": _l("Needs a skill"), "paused": _l("Sign-up rests"),
    "free": _l("Clashes with another shift"), "rested": _l("Too much for one day"), "open": _l("Sign-up is over"),
}


def skill(word: str) -> str:
    """A skill in the reader's language; "" is a plain seat, a word nobody listed is shown as it is."""
    return str(SKILLS.get(word, word)) if word else _("No special skill")


def span(shift: Shift) -> str:
    """From when to when on the local clock: 09:00–11:00, with the day when it ends on another one."""
    start, end = filters.local(shift.starts_at), filters.local(shift.ends_at)
    if start.date() == end.date():
        return f"{start:%H:%M}–{end:%H:%M}"
    return _("%(start)s until %(end)s the next day", start=f"{start:%H:%M}", end=f"{end:%H:%M}")


def moment(shift: Shift) -> str:
    """Day and span: 周六 11月28日 09:00–11:00."""
    return f"{day(shift.starts_at)} {span(shift)}"


def day(value: datetime) -> str:
    """A day always with its weekday: today, 11月21日 周六."""
    there = filters.local(value).date()
    date = format_date(there, _("MMM d EEE") if there.year == clock.today().year else _("MMM d, y"))
    near = (there - clock.today()).days
    if near not in (0, 1):
        return date
    return _("today, %(date)s", date=date) if near == 0 else _("tomorrow, %(date)s", date=date)


def lasts(minutes: int) -> str:
    """How long: 45 minutes, 2 hours, 1.5 hours."""
    if minutes < 60:
        return ngettext("%(num)d minute", "%(num)d minutes", minutes)
    hours = f"{minutes / 60:.1f}".removesuffix(".0")
    return _("1 hour") if hours == "1" else _("%(hours)s hours", hours=hours)


def wanted(shift: Shift) -> str:
    """How many are still looked for."""
    free = shift.seats - shift.taken
    return ngettext("%(num)d more wanted", "%(num)d more wanted", free) if free > 0 else _("full, queue open")


def ages(low: int | None, high: int | None) -> str:
    """Age limits, or empty."""
    if low is not None and high is not None:
        return _("%(low)s to %(high)s years", low=low, high=high)
    if low is not None:
        return _("from %(low)s years on", low=low)
    return _("up to %(high)s years", high=high) if high is not None else ""


def pairs(words: dict) -> list[tuple[str, object]]:
    """Values and words, as the filters of a list want them."""
    return [(str(key), text) for key, text in words.items()]


def time(value: datetime) -> str:
    """Time of the day on the local clock."""
    return f"{filters.local(value):%H:%M}"


def short_day(value: datetime) -> str:
    """A day in a narrow column: 11/21 周六."""
    return format_date(filters.local(value).date(), _("M/d EEE"))


def skills_wanted(shift: Shift) -> str:
    """Skills some seats ask for, in one line; empty when none does."""
    found = [skill(role.skill) for role in shift.roles if role.skill and role.seats]
    return _("wanted: %(skills)s", skills=_(", ").join(found)) if found else ""


DIRECTIONS = (_l("north"), _l("north-east"), _l("east"), _l("south-east"), _l("south"), _l("south-west"), _l("west"), _l("north-west"))


@dataclass(frozen=True)
class Sketch:
    """Where the meeting point lies as seen from home: place in a picture of 200 by 140 with home in its middle, and in words."""

    x: float
    y: float
    direction: str


def sketch(call: Call, origin: tuple[float, float]) -> Sketch:
    """The way from home, not to scale beyond 1 km: near spots in the inner ring, farther ones towards the edge."""
    north = call.latitude - origin[0]
    east = (call.longitude - origin[1]) * cos(radians(origin[0]))
    angle = atan2(east, north)
    away = hypot(north, east) * METRES_PER_DEGREE
    reach = 62 * min(1.0, away / 2000) if away < 2000 else 62
    reach = max(reach, 14)
    return Sketch(round(100 + reach * sin(angle), 1), round(70 - reach * cos(angle), 1), str(DIRECTIONS[round(degrees(angle) / 45) % 8]))
