"""Verbs about supporters. Capacity lives in capacity.py and is offered here, since other slices reach only this module."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select, update

from wishapp.accounts.models import User
from wishapp.accounts.service import grant_role, revoke_role
from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Forbidden, NotFound, Refused
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.places.models import Place
from wishapp.store import search
from wishapp.store.db import db
from wishapp.store.upsert import insert_missing
from wishapp.supporters import queries
from wishapp.supporters.capacity import Need, Rooms, give_back_capacity, give_back_many, take_capacity
from wishapp.supporters.enrolment import ROLES, ask_to_answer, confirm_person, enrol, refuse_person
from wishapp.supporters.models import Ability, Capacity, FreeTime, HelpKind, Pairing, PartOfDay, Supporter, SupporterKind, SupporterPerson
from wishapp.supporters.register import LISTENERS, check, check_staff, note, register, tell, touch

__all__ = [
    "LISTENERS", "Need", "Rooms", "add_person", "ask_to_answer", "confirm_person", "create_supporter", "describe_supporter", "disable_supporter",
    "edit_supporter", "enable_supporter", "enrol", "give_back_capacity", "give_back_many", "pair_unit", "pause_supporter", "refuse_person",
    "remove_person", "set_abilities", "set_free_times", "set_quota", "set_reach", "take_capacity", "unpair_unit",
]
MOST_QUOTA = 100_000


def create_supporter(
    *, by: Actor, kind: str, name: str, place: Place, radius: int = 3000, size: int = 1, monthly_minutes: int = 240,
    unit_level: str | None = None, unit_kind: str | None = None, home_unit_id: int | None = None, people: Iterable[int] = (),
) -> Supporter:
    """A new supporter reporting to `place`; `people` are the ids of those who answer for it.

    By staff of that place or the system. `name` is public (units, teams) or already masked (persons); `radius` in metres.
    """
    if not (by.is_system or by.may("supporters.edit", place.path)):
        raise Forbidden()
    return register(by, place, people, kind=SupporterKind(kind), name=name, radius=radius, size=size, monthly_minutes=monthly_minutes,
                     unit_level=unit_level, unit_kind=unit_kind, home_unit_id=home_unit_id)


def edit_supporter(supporter: Supporter, *, by: Actor, version: int | None = None, **changes: object) -> Supporter:
    """Change name, place (a Place), radius, size, monthly_minutes, unit_level, unit_kind or home_unit_id; `version` as read."""
    check_staff(supporter, by, version)
    unknown = set(changes) - {"name", "place", "radius", "size", "monthly_minutes", "unit_level", "unit_kind", "home_unit_id"}
    if unknown:
        raise TypeError(f"not editable: {sorted(unknown)}")
    place = changes.pop("place", None)
    if place is not None and place.id != supporter.place_id:
        if not (by.is_system or by.may("supporters.edit", place.path)):
            raise NotFound()
        supporter.place_id, supporter.place_path = place.id, place.path
        supporter.latitude, supporter.longitude = place.latitude, place.longitude
    for name, value in changes.items():
        setattr(supporter, name, value)
    place = place or db.session.get(Place, supporter.place_id)
    supporter.search = search.index_text(supporter.name, place.name)[:400]
    note(supporter, "edit", by, fields=sorted(changes))
    db.session.flush()
    return supporter


def describe_supporter(
    supporter: Supporter, *, by: Actor, version: int | None, help_kinds: Iterable[str], skills: Iterable[str], times: Iterable[tuple[int, str]],
    radius: int, monthly_minutes: int, paused_until: date | None,
) -> None:
    """What the supporter's own page says of it, all at once: see set_abilities, set_free_times, set_reach, pause_supporter."""
    check(supporter, by, version)
    set_abilities(supporter, by=by, help_kinds=help_kinds, skills=skills)
    set_free_times(supporter, by=by, times=times)
    if (radius, monthly_minutes) != (supporter.radius, supporter.monthly_minutes):
        set_reach(supporter, by=by, radius=radius, monthly_minutes=monthly_minutes)
    if paused_until != supporter.paused_until:
        pause_supporter(supporter, by=by, until=paused_until)


def set_reach(supporter: Supporter, *, by: Actor, radius: int, monthly_minutes: int, version: int | None = None) -> None:
    """How far a supporter goes (metres) and, for persons and teams, how much it gives a month.

    The running month follows at once; Refused when more than the new figure is promised there already.
    """
    check(supporter, by, version)
    supporter.radius, supporter.monthly_minutes = radius, monthly_minutes
    if supporter.kind != SupporterKind.UNIT:
        period = queries.periods_for(supporter.kind, "", clock.today())[0][0]
        _set_quota(supporter, period, queries.MINUTES, monthly_minutes)
    note(supporter, "set_reach", by, radius=radius, monthly_minutes=monthly_minutes)
    db.session.flush()


def set_abilities(supporter: Supporter, *, by: Actor, help_kinds: Iterable[str], skills: Iterable[str] = (), version: int | None = None) -> None:
    """Replace the kinds of help (HelpKind words) and the skill words (at most 20 characters each)."""
    check(supporter, by, version)
    wanted = {("help", HelpKind(word).value) for word in help_kinds} | {("skill", word.strip()) for word in skills if word.strip()}
    if any(len(word) > 20 for _, word in wanted):
        raise BadInput(N_("A skill has at most 20 characters."))
    held = {(ability.kind, ability.word): ability for ability in supporter.abilities}
    if wanted == held.keys():
        return
    for key in held.keys() - wanted:
        supporter.abilities.remove(held[key])
    for kind, word in sorted(wanted - held.keys()):
        supporter.abilities.append(Ability(kind=kind, word=word))
    touch(supporter)
    note(supporter, "set_abilities", by, count=len(wanted))
    db.session.flush()


def set_free_times(supporter: Supporter, *, by: Actor, times: Iterable[tuple[int, str]], version: int | None = None) -> None:
    """Replace when the supporter can: (weekday 0 Monday … 6, part of day) pairs."""
    check(supporter, by, version)
    wanted = {(weekday, PartOfDay(part).value) for weekday, part in times}
    if any(not 0 <= weekday <= 6 for weekday, _ in wanted):
        raise BadInput(N_("There is no such day of the week."))
    held = {(time.weekday, time.part): time for time in supporter.times}
    if wanted == held.keys():
        return
    for key in held.keys() - wanted:
        supporter.times.remove(held[key])
    for weekday, part in sorted(wanted - held.keys()):
        supporter.times.append(FreeTime(weekday=weekday, part=part))
    touch(supporter)
    note(supporter, "set_free_times", by, count=len(wanted))
    db.session.flush()


def set_quota(supporter: Supporter, *, by: Actor, period: str, what: str, quota: int, version: int | None = None) -> None:
    """Set a promise: period "2026" with a kind of help or "any" (wishes), or "2026-11" with "minutes".

    Raises Refused when more than `quota` is promised already, BadInput when it is out of range.
    """
    check_staff(supporter, by, version)
    _set_quota(supporter, period, what, quota)
    touch(supporter)
    note(supporter, "set_quota", by, period=period, what=what, quota=quota)
    db.session.flush()


def _set_quota(supporter: Supporter, period: str, what: str, quota: int) -> None:
    if not 0 <= quota <= MOST_QUOTA:
        raise BadInput(N_("This number is out of range."))
    row = {"supporter_id": supporter.id, "period": period, "what": what, "quota": quota, "taken": 0}
    insert_missing(Capacity, [row], ("supporter_id", "period", "what"))
    here = (Capacity.supporter_id == supporter.id, Capacity.period == period, Capacity.what == what)
    changed = db.session.execute(
        update(Capacity).where(*here, Capacity.taken <= quota).values(quota=quota).execution_options(synchronize_session=False))
    capacity = db.session.scalars(select(Capacity).where(*here).execution_options(populate_existing=True)).one()
    if changed.rowcount != 1:
        raise Refused(N_("%(taken)s is promised already, so it cannot be less than that."), taken=capacity.taken)


def pair_unit(unit: Supporter, community: Place, *, by: Actor) -> None:
    """Pair a unit with a community (结对); pairing twice changes nothing."""
    check_staff(unit, by)
    if unit.kind != SupporterKind.UNIT or community.level != "community":
        raise BadInput(N_("Only a unit and a community can be paired."))
    if insert_missing(Pairing, [{"unit_id": unit.id, "community_id": community.id}], ("unit_id", "community_id"), (Pairing.unit_id,)):
        note(unit, "pair", by, community_id=community.id)


def unpair_unit(unit: Supporter, community: Place, *, by: Actor) -> None:
    """End a pairing."""
    check_staff(unit, by)
    pairing = db.session.get(Pairing, (unit.id, community.id))
    if pairing is not None:
        db.session.delete(pairing)
        note(unit, "unpair", by, community_id=community.id)


def add_person(supporter: Supporter, user: User, *, by: Actor) -> None:
    """Let somebody answer for the supporter, with the role that goes with it, or confirm somebody who asked."""
    check_staff(supporter, by)
    insert_missing(SupporterPerson, [{"supporter_id": supporter.id, "user_id": user.id}], ("supporter_id", "user_id"))
    db.session.get(SupporterPerson, (supporter.id, user.id)).is_confirmed = True
    grant_role(user, ROLES[SupporterKind(supporter.kind)], supporter.place, by=by)
    touch(supporter)
    note(supporter, "add_person", by, user_id=user.id)
    db.session.flush()


def remove_person(supporter: Supporter, user: User, *, by: Actor) -> None:
    """End that somebody answers for the supporter; the role goes too when they answer for nobody else of this kind here."""
    check_staff(supporter, by)
    held = db.session.get(SupporterPerson, (supporter.id, user.id))
    if held is None:
        raise NotFound()
    db.session.delete(held)
    db.session.flush()
    role = ROLES[SupporterKind(supporter.kind)]
    others = [other for other in queries.supporters_of(user.id) if other.kind == supporter.kind and other.place_id == supporter.place_id]
    if not others and any(grant.role == role and grant.place_id == supporter.place_id for grant in user.grants):
        revoke_role(user, role, supporter.place, by=by)
    touch(supporter)
    note(supporter, "remove_person", by, user_id=user.id)
    db.session.flush()


def pause_supporter(supporter: Supporter, *, by: Actor, until: date | None, version: int | None = None) -> None:
    """No new wishes up to and including `until` (a local date); None ends the pause. What was accepted stays."""
    check(supporter, by, version)
    if until is not None and not clock.today() <= until <= clock.today().replace(year=clock.today().year + 2, day=1):
        raise BadInput(N_("Please choose a day from today on, within two years."))
    supporter.paused_until = until
    note(supporter, "pause", by, until=until.isoformat() if until else None)
    if until is not None:
        tell("pause", supporter, by.id or 0)
    db.session.flush()


def disable_supporter(supporter: Supporter, *, by: Actor) -> None:
    """Take a supporter out of the register; its history stays."""
    check_staff(supporter, by)
    supporter.is_active = False
    note(supporter, "disable", by)
    tell("disable", supporter, by.id or 0)
    db.session.flush()


def enable_supporter(supporter: Supporter, *, by: Actor) -> None:
    """Take a supporter back into the register."""
    check_staff(supporter, by)
    supporter.is_active = True
    note(supporter, "enable", by)
    db.session.flush()

