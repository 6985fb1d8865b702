"""May this person sign up for this shift: each rule a function that returns a refusal, in the order in which they are asked.

A refusal says why and, where there is one, what would help (ux.md).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from wishapp.accounts.models import User
from wishapp.kernel import clock
from wishapp.kernel.errors import Refused
from wishapp.kernel.text import N_
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.volunteering.models import Call, Shift, ShiftRole, SignUp, Volunteer
from wishapp.volunteering.overlap import PRESENT
from wishapp.volunteering.rules import Rules, rules_at
from wishapp.volunteering.volunteers import skills_of


@dataclass(frozen=True)
class Asked:
    """Somebody asking for a place in a shift: everything the rules need. `home`: path of the grid or community they live in."""

    volunteer: Volunteer
    shift: Shift
    role: ShiftRole
    people: int
    home: str
    now: datetime
    rules: Rules


def home_of(volunteer: Volunteer) -> str:
    """Path of the grid, else the community, this person lives in; empty for guests."""
    if volunteer.user_id is None:
        return ""
    query = select(Place.path).join(User, Place.id == func.coalesce(User.grid_id, User.community_id)).where(User.id == volunteer.user_id)
    return db.session.scalar(query) or ""


def takes_place(asked: Asked) -> Refused | None:
    """The call is up, the shift neither called off nor over."""
    is_up = asked.shift.call.state in ("open", "full", "under_way") and asked.shift.state in ("open", "under_way")
    return None if is_up and asked.shift.ends_at > asked.now else Refused(N_("This shift takes no more sign-ups."))


def is_enabled(asked: Asked) -> Refused | None:
    """The account is not switched off."""
    user_id = asked.volunteer.user_id
    if user_id is None or db.session.scalar(select(User.is_enabled).where(User.id == user_id)):
        return None
    return Refused(N_("This account is switched off."))


def is_open(asked: Asked) -> Refused | None:
    """The shift has not begun and its sign-up is not over."""
    if asked.shift.state != "open" or closes_at(asked.shift) <= asked.now:
        return Refused(N_("Sign-up for this shift is over."))
    return None


def closes_at(shift: Shift) -> datetime:
    """Until when people sign up by themselves."""
    return shift.starts_at - timedelta(hours=shift.call.closes_hours)


def has_opened(asked: Asked) -> Refused | None:
    """Staged opening: own grid first, then the community, then all. Says when it is this person's turn."""
    opens = opens_for(asked.shift.call, asked.home)
    if opens is not None and opens > asked.now:
        return Refused(N_("Neighbours nearby choose first. For you it opens at %(opens)s."), opens=_moment(opens))
    return None


def opens_for(call: Call, home: str) -> datetime | None:
    """From when somebody living at `home` (a path, or empty) may sign up; None: from the beginning."""
    own_grid = call.grid is not None and home.startswith(call.grid.path)
    own_community = home.startswith(call.community.path)
    waits = [call.opens_at]
    if call.grid_until is not None and not own_grid:
        waits.append(call.grid_until)
    if call.community_until is not None and not own_community:
        waits.append(call.community_until)
    return max((moment for moment in waits if moment is not None), default=None)


def is_of_age(asked: Asked) -> Refused | None:
    """Within the call's age limits, on the day of the shift; under 14 only with a guardian's consent."""
    call, born = asked.shift.call, asked.volunteer.birth_year
    if born is None:
        if call.age_min is None and call.age_max is None:
            return None
        return Refused(N_("This call has an age limit. Please add your year of birth to your volunteer page first."))
    age = asked.shift.starts_at.astimezone(clock.LOCAL).year - born
    if call.age_min is not None and age < call.age_min:
        return Refused(N_("This call is for people from %(age)s years on."), age=call.age_min)
    if call.age_max is not None and age > call.age_max:
        return Refused(N_("This call is for people up to %(age)s years."), age=call.age_max)
    if age < 14 and not asked.volunteer.has_guardian_consent:
        return Refused(N_("Under 14 a parent or guardian has to agree first. They can note it on the volunteer page."))
    return None


def has_the_skill(asked: Asked) -> Refused | None:
    """A seat for a skill wants somebody who has it, one person each."""
    if not asked.role.skill:
        return None
    if asked.people > 1:
        return Refused(N_("Seats for a skill are for one person each."))
    if asked.role.skill not in skills_of(asked.volunteer):
        return Refused(N_("This seat is for somebody with a skill that is not on your page yet. You can add it there."))
    return None


def is_not_paused(asked: Asked) -> Refused | None:
    """Sign-up rests for a while after repeated no-shows."""
    until = asked.volunteer.paused_until
    if until is not None and until >= clock.today():
        return Refused(N_("After several missed shifts your sign-up rests until %(until)s. Your community can lift that."), until=until.isoformat())
    return None


def is_free(asked: Asked) -> Refused | None:
    """Nowhere else at that time, and time enough to get from one spot to the other."""
    gap = timedelta(minutes=asked.rules.gap_minutes)
    near = db.session.scalars(
        select(SignUp).options(joinedload(SignUp.shift).joinedload(Shift.call))
        .where(SignUp.volunteer_id == asked.volunteer.id, SignUp.shift_id != asked.shift.id, SignUp.state.in_(PRESENT),
               SignUp.starts_at < asked.shift.ends_at + gap, SignUp.ends_at > asked.shift.starts_at - gap)
        .order_by(SignUp.starts_at))
    other = next((held for held in near if _overlaps(held, asked.shift) or not _same_spot(held.shift.call, asked.shift.call)), None)
    if other is None:
        return None
    if asked.volunteer.user_id is None:  # a telephone anybody can type: where its owner is then is nobody's business
        return Refused(N_("With this telephone somebody is signed up elsewhere at that time."))
    overlaps = _overlaps(other, asked.shift)
    params = {"title": other.shift.call.title, "starts": _moment(other.starts_at)}
    instead = alternative(asked)
    if instead is not None:
        return Refused(N_("This clashes with “%(title)s”, %(starts)s. The same call has room at %(instead)s."), instead=_moment(instead.starts_at), **params)
    if overlaps:
        return Refused(N_("This clashes with “%(title)s”, %(starts)s."), **params)
    return Refused(N_("“%(title)s”, %(starts)s, leaves too little time to get from one place to the other."), **params)


def _overlaps(held: SignUp, shift: Shift) -> bool:
    return held.starts_at < shift.ends_at and held.ends_at > shift.starts_at


def _same_spot(one: Call, other: Call) -> bool:
    """No way to go in between."""
    return one.id == other.id or one.spot == other.spot


def alternative(asked: Asked) -> Shift | None:
    """The next shift of the same call that has room and does not clash."""
    taken = list(db.session.execute(select(SignUp.starts_at, SignUp.ends_at).where(
        SignUp.volunteer_id == asked.volunteer.id, SignUp.state.in_(PRESENT), SignUp.ends_at > asked.now)))
    for shift in asked.shift.call.shifts:
        free = any(role.skill == asked.role.skill and role.seats - role.taken >= asked.people for role in shift.roles)
        if (shift.id != asked.shift.id and shift.state == "open" and closes_at(shift) > asked.now and free
                and not any(start < shift.ends_at and end > shift.starts_at for start, end in taken)):
            return shift
    return None


def is_rested(asked: Asked) -> Refused | None:
    """Not more service on one local day than the district's rules allow."""
    day = asked.shift.starts_at.astimezone(clock.LOCAL).date()
    begin = datetime.combine(day, time(), clock.LOCAL)
    rows = db.session.execute(select(SignUp.starts_at, SignUp.ends_at).where(
        SignUp.volunteer_id == asked.volunteer.id, SignUp.shift_id != asked.shift.id, SignUp.state.in_(PRESENT),
        SignUp.starts_at >= begin, SignUp.starts_at < begin + timedelta(days=1)))
    planned = sum((end - start).total_seconds() // 60 for start, end in rows)
    if planned and planned + asked.shift.minutes > asked.rules.day_minutes:
        return Refused(N_("That would be more than %(hours)s hours of service on one day. Please keep some rest."), hours=asked.rules.day_minutes // 60)
    return None


RULES: dict[str, Callable[[Asked], Refused | None]] = {
    "there": takes_place, "enabled": is_enabled, "open": is_open, "opened": has_opened, "age": is_of_age, "skill": has_the_skill,
    "paused": is_not_paused, "free": is_free, "rested": is_rested,
}


def why_not(volunteer: Volunteer, shift: Shift, role: ShiftRole, people: int = 1, *, leaving_out: frozenset[str] = frozenset()) -> Refused | None:
    """The first rule that speaks against this sign-up, or None. `leaving_out`: rules by name (staff sign up by hand after it closed);
    never "there" and "free", which the database keeps too."""
    against = rule_against(volunteer, shift, role, people, leaving_out=leaving_out)
    return against[1] if against else None


def rule_against(
    volunteer: Volunteer, shift: Shift, role: ShiftRole, people: int = 1, *, leaving_out: frozenset[str] = frozenset(),
) -> tuple[str, Refused] | None:
    """As why_not(), with the rule's name."""
    asked = Asked(volunteer, shift, role, people, home_of(volunteer), clock.now(), rules_at(shift.place_path))
    for name, rule in RULES.items():
        refusal = rule(asked) if name not in leaving_out else None
        if refusal is not None:
            return name, refusal
    return None


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(clock.LOCAL):%m-%d %H:%M}"
