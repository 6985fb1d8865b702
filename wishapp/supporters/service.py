"""Verbs about supporters. Capacity lives in capacity.py and is offered here, since other slices reach only this module."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm.attributes import flag_modified

from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Forbidden, NotFound, Refused, SomeoneWasFaster
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.places.models import Place
from wishapp.store import audit, search
from wishapp.store.db import db
from wishapp.store.upsert import insert_missing
from wishapp.supporters import queries
from wishapp.supporters.capacity import give_back_capacity, take_capacity
from wishapp.supporters.models import Ability, Capacity, FreeTime, HelpKind, Pairing, PartOfDay, Supporter, SupporterKind, SupporterPerson

__all__ = [
    "add_person", "create_supporter", "disable_supporter", "edit_supporter", "enable_supporter", "give_back_capacity", "pair_unit",
    "pause_supporter", "remove_person", "set_abilities", "set_free_times", "set_quota", "take_capacity", "unpair_unit",
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
    return _register(by, place, people, kind=SupporterKind(kind), name=name, radius=radius, size=size, monthly_minutes=monthly_minutes,
                     unit_level=unit_level, unit_kind=unit_kind, home_unit_id=home_unit_id)

def _register(by: Actor, place: Place, people: Iterable[int], **facts: object) -> Supporter:
    supporter = Supporter(place_id=place.id, place_path=place.path, latitude=place.latitude, longitude=place.longitude, **facts)
    supporter.search = search.index_text(supporter.name, place.name)[:400]
    db.session.add(supporter)
    db.session.flush()
    for user_id in dict.fromkeys(people):
        db.session.add(SupporterPerson(supporter_id=supporter.id, user_id=user_id))
    _note(supporter, "create", by)
    db.session.flush()
    return supporter

def _note(supporter: Supporter, action: str, by: Actor, **data: object) -> None:
    audit.record("supporter", supporter.id, action, by=by, place_path=supporter.place_path, data=data)

def _check(supporter: Supporter, by: Actor, version: int | None = None) -> None:
    """Staff of its place, the system, or the people who answer for it; and nobody was faster."""
    own = by.may("supporters.self") and queries.answers_for(by.id, supporter.id)
    if not (by.is_system or own or by.may("supporters.edit", supporter.place_path)):
        raise Forbidden()
    if version is not None and version != supporter.version:
        raise SomeoneWasFaster()

def _check_staff(supporter: Supporter, by: Actor, version: int | None = None) -> None:
    if not (by.is_system or by.may("supporters.edit", supporter.place_path)):
        raise Forbidden()
    if version is not None and version != supporter.version:
        raise SomeoneWasFaster()

def _touch(supporter: Supporter) -> None:
    """Raise the version although only rows around the supporter changed."""
    flag_modified(supporter, "name")

def edit_supporter(supporter: Supporter, *, by: Actor, version: int | None = None, **changes: object) -> Supporter:
    """Change name, place (a Place), radius, size, monthly_minutes, unit_level, unit_kind or home_unit_id; `version` as read."""
    _check_staff(supporter, by, version)
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
    _note(supporter, "edit", by, fields=sorted(changes))
    db.session.flush()
    return supporter

def set_reach(supporter: Supporter, *, by: Actor, radius: int, monthly_minutes: int, version: int | None = None) -> None:
    """How far a supporter goes (metres) and, for persons and teams, how much it gives a month.

    The running month follows at once; Refused when more than the new figure is promised there already.
    """
    _check(supporter, by, version)
    supporter.radius, supporter.monthly_minutes = radius, monthly_minutes
    if supporter.kind != SupporterKind.UNIT:
        period = queries.periods_for(supporter.kind, "", clock.today())[0][0]
        _set_quota(supporter, period, queries.MINUTES, monthly_minutes)
    _note(supporter, "set_reach", by, radius=radius, monthly_minutes=monthly_minutes)
    db.session.flush()

def set_abilities(supporter: Supporter, *, by: Actor, help_kinds: Iterable[str], skills: Iterable[str] = (), version: int | None = None) -> None:
    """Replace the kinds of help (HelpKind words) and the skill words (at most 20 characters each)."""
    _check(supporter, by, version)
    wanted = {("help", HelpKind(word).value) for word in help_kinds} | {("skill", word.strip()) for word in skills if word.strip()}
    if any(len(word) > 20 for _, word in wanted):
        raise BadInput(N_("A skill has at most 20 characters."))
    held = {(ability.kind, ability.word): ability for ability in supporter.abilities}
    for key in held.keys() - wanted:
        supporter.abilities.remove(held[key])
    for kind, word in sorted(wanted - held.keys()):
        supporter.abilities.append(Ability(kind=kind, word=word))
    _touch(supporter)
    _note(supporter, "set_abilities", by, count=len(wanted))
    db.session.flush()

def set_free_times(supporter: Supporter, *, by: Actor, times: Iterable[tuple[int, str]], version: int | None = None) -> None:
    """Replace when the supporter can: (weekday 0 Monday … 6, part of day) pairs."""
    _check(supporter, by, version)
    wanted = {(weekday, PartOfDay(part).value) for weekday, part in times}
    if any(not 0 <= weekday <= 6 for weekday, _ in wanted):
        raise BadInput(N_("There is no such day of the week."))
    held = {(time.weekday, time.part): time for time in supporter.times}
    for key in held.keys() - wanted:
        supporter.times.remove(held[key])
    for weekday, part in sorted(wanted - held.keys()):
        supporter.times.append(FreeTime(weekday=weekday, part=part))
    _touch(supporter)
    _note(supporter, "set_free_times", by, count=len(wanted))
    db.session.flush()

def set_quota(supporter: Supporter, *, by: Actor, period: str, what: str, quota: int, version: int | None = None) -> None:
    """Set a promise: period "2026" with a kind of help or "any" (wishes), or "2026-11" with "minutes".

    Raises Refused when more than `quota` is promised already, BadInput when it is out of range.
    """
    _check_staff(supporter, by, version)
    _set_quota(supporter, period, what, quota)
    _touch(supporter)
    _note(supporter, "set_quota", by, period=period, what=what, quota=quota)
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
    _check_staff(unit, by)
    if unit.kind != SupporterKind.UNIT or community.level != "community":
        raise BadInput(N_("Only a unit and a community can be paired."))
    if insert_missing(Pairing, [{"unit_id": unit.id, "community_id": community.id}], ("unit_id", "community_id"), (Pairing.unit_id,)):
        _note(unit, "pair", by, community_id=community.id)

def unpair_unit(unit: Supporter, community: Place, *, by: Actor) -> None:
    """End a pairing."""
    _check_staff(unit, by)
    pairing = db.session.get(Pairing, (unit.id, community.id))
    if pairing is not None:
        db.session.delete(pairing)
        _note(unit, "unpair", by, community_id=community.id)

def add_person(supporter: Supporter, user_id: int, *, by: Actor) -> None:
    """Let somebody answer for the supporter, or confirm that they do."""
    _check_staff(supporter, by)
    insert_missing(SupporterPerson, [{"supporter_id": supporter.id, "user_id": user_id}], ("supporter_id", "user_id"))
    db.session.get(SupporterPerson, (supporter.id, user_id)).is_confirmed = True
    _touch(supporter)
    _note(supporter, "add_person", by, user_id=user_id)
    db.session.flush()

def remove_person(supporter: Supporter, user_id: int, *, by: Actor) -> None:
    """End that somebody answers for the supporter."""
    _check_staff(supporter, by)
    held = db.session.get(SupporterPerson, (supporter.id, user_id))
    if held is None:
        raise NotFound()
    db.session.delete(held)
    _touch(supporter)
    _note(supporter, "remove_person", by, user_id=user_id)
    db.session.flush()

def pause_supporter(supporter: Supporter, *, by: Actor, until: date | None, version: int | None = None) -> None:
    """No new wishes up to and including `until` (a local date); None ends the pause. What was accepted stays."""
    _check(supporter, by, version)
    if until is not None and not clock.today() <= until <= clock.today().replace(year=clock.today().year + 2, day=1):
        raise BadInput(N_("Please choose a day from today on, within two years."))
    supporter.paused_until = until
    _note(supporter, "pause", by, until=until.isoformat() if until else None)
    db.session.flush()

def disable_supporter(supporter: Supporter, *, by: Actor) -> None:
    """Take a supporter out of the register; its history stays."""
    _check_staff(supporter, by)
    supporter.is_active = False
    _note(supporter, "disable", by)
    db.session.flush()

def enable_supporter(supporter: Supporter, *, by: Actor) -> None:
    """Take a supporter back into the register."""
    _check_staff(supporter, by)
    supporter.is_active = True
    _note(supporter, "enable", by)
    db.session.flush()

