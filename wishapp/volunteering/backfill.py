"""Hours written down afterwards (补录): with proof, looked at by a second person, always kept apart from hours by check-in.

Whoever writes them down names the volunteer by telephone, user name or volunteer number, within their own reach: people who live where
they work, or who signed up for a call they lead. Nobody writes down or judges their own hours.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from wishapp.accounts import queries as accounts
from wishapp.accounts.models import User
from wishapp.accounts.service import read_phone
from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Forbidden, Refused
from wishapp.kernel.permissions import FIELD_STAFF
from wishapp.kernel.privacy import check_reason, private_part
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.places import queries as places
from wishapp.places.models import Place
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.transitions import advance
from wishapp.store.types import blind_index
from wishapp.supporters import queries as supporters
from wishapp.supporters.models import SupporterKind
from wishapp.volunteering.access import may_with_call
from wishapp.volunteering.hours import THERE, is_own, lock_record, lock_volunteer, overlapping, refused_overlap, show_hours
from wishapp.volunteering.hours_telling import tell_of_hours, tell_recorder, tell_reviewers
from wishapp.volunteering.models import Call, Shift, SignUp, Volunteer
from wishapp.volunteering.photos import StoredPhoto, hang_photos
from wishapp.volunteering.record_models import ServiceRecord
from wishapp.volunteering.rules import half_hours, rules_at
from wishapp.volunteering.volunteers import ensure_volunteer

MOST_PROOFS = 6
LONGEST = timedelta(hours=16)
OLDEST = timedelta(days=365)


@dataclass(frozen=True)
class Served:
    """What is written down: when, where (a community or grid, and the spot in words) and what; `call_id` when it belonged to a call."""

    title: str
    content: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    place: Place
    spot: str = ""
    in_charge: str = ""
    call_id: int | None = None


def find_volunteer(text: str, by: Actor) -> Volunteer | None:
    """Whoever has this telephone, user name or volunteer number, if they are within the actor's reach; None tells nothing more.

    Makes the volunteer row of somebody with an account who never signed up: call it inside a transaction.
    """
    text = text.strip()
    found = db.session.scalar(select(Volunteer).where(Volunteer.number == text.upper()[:20])) if text else None
    if found is None:
        person = accounts.user_by_name_or_phone(text)
        if person is not None and lives_near(person, by):
            return ensure_volunteer(person.id)
        found = _by_person(person.id) if person is not None else guest_by_phone(text)
    if found is None or not within_reach(found, by):
        return None
    return found


def _by_person(user_id: int) -> Volunteer | None:
    return db.session.scalar(select(Volunteer).where(Volunteer.user_id == user_id))


def guest_by_phone(text: str) -> Volunteer | None:
    """The guest with this telephone, however it is typed."""
    try:
        return db.session.scalar(select(Volunteer).where(Volunteer.phone_index == blind_index(read_phone(text))))
    except BadInput:
        return None


def lives_near(person: User, by: Actor) -> bool:
    """Does this person live where the actor works."""
    path = person.community.path if person.community is not None else None
    return path is not None and any(grant.role in FIELD_STAFF and (grant.reaches(path) or grant.path.startswith(path)) for grant in by.grants)


def within_reach(volunteer: Volunteer, by: Actor) -> bool:
    """May the actor write down hours for this volunteer: a neighbour, or somebody who signed up for a call of theirs."""
    person = accounts.user(volunteer.user_id)
    if person is not None and lives_near(person, by):
        return True
    calls = db.session.scalars(
        select(Call).join(Shift, Shift.call_id == Call.id).join(SignUp, SignUp.shift_id == Shift.id)
        .where(SignUp.volunteer_id == volunteer.id).distinct().limit(200))
    return any(may_with_call(by, call, "calls.lead") for call in calls)


def claim_hours(volunteer: Volunteer, served: Served, *, by: Actor, photos: list[StoredPhoto]) -> ServiceRecord:
    """Write down hours with proof; a second person looks at them before the volunteer sees them.

    Raises Forbidden outside the actor's places, BadInput on what cannot be, Refused when this time is taken by other hours.
    """
    if volunteer.user_id is not None and volunteer.user_id == by.id:
        raise Refused(N_("These are your own hours. Please ask somebody else of your team to write them down."))
    call = db.session.get(Call, served.call_id) if served.call_id is not None else None
    if call is not None and not may_with_call(by, call, "calls.lead") or call is None and not by.may("records.backfill", served.place.path):
        raise Forbidden()
    _check(served, photos)
    lock_volunteer(volunteer.id)
    _check_free(volunteer.id, served.starts_at, served.ends_at)
    minutes = int((served.ends_at - served.starts_at).total_seconds() // 60)
    place = call.community if call is not None else served.place
    record = ServiceRecord(
        volunteer_id=volunteer.id, call_id=served.call_id, source="backfill", title=served.title.strip(), content=served.content.strip(), kind=served.kind,
        place_name=f"{place.name} {served.spot.strip()}".strip()[:120], place_path=call.place_path if call is not None else place.path,
        starts_at=served.starts_at, ends_at=served.ends_at, minutes=minutes, half_hours=half_hours(minutes, rules_at(place.path)),
        in_charge=served.in_charge.strip()[:40], recorder_id=by.id)
    db.session.add(record)
    db.session.flush()
    hang_photos(photos, by=by, purpose="proof", record_id=record.id)
    audit.record("hours", record.id, "claim", by=by, to_state="claimed", place_path=record.place_path,
                 data={"minutes": minutes, "photos": len(photos), "call_id": served.call_id})
    tell_reviewers(record)
    return record


def _check(served: Served, photos: list[StoredPhoto]) -> None:
    if not photos:
        raise BadInput(N_("Please add at least one photo as proof: the sign-in sheet, or people at work from behind."))
    if len(photos) > MOST_PROOFS:
        raise BadInput(N_("Six photos are enough."))
    if not served.starts_at < served.ends_at <= served.starts_at + LONGEST:
        raise BadInput(N_("Service ends after it begins and lasts at most 16 hours."))
    if served.ends_at > clock.now():
        raise BadInput(N_("Only what is over can be written down afterwards."))
    if served.starts_at < clock.now() - OLDEST:
        raise BadInput(N_("That is more than a year ago; it can no longer be written down."))
    for text in (served.title, served.content, served.spot):
        if message := private_part(text):
            raise BadInput(message)


def _check_free(volunteer_id: int, starts_at: datetime, ends_at: datetime, *, but: int = 0, states: tuple[str, ...] = ()) -> None:
    """Refused when other hours of this person, or a shift they were checked in at, take up some of this time."""
    other = overlapping(volunteer_id, starts_at, ends_at, but=but, **({"states": states} if states else {}))
    if other is not None:
        raise refused_overlap(other)
    there = db.session.scalar(select(SignUp).where(
        SignUp.volunteer_id == volunteer_id, SignUp.state.in_(THERE), SignUp.starts_at < ends_at, SignUp.ends_at > starts_at).limit(1))
    if there is not None:
        raise Refused(N_("They were checked in at that time: “%(title)s”. Those hours are counted by themselves."), title=there.shift.call.title)


def approve_hours(record: ServiceRecord, *, by: Actor) -> None:
    """A second person has looked at it: shown to the volunteer from now on. Refused for the recorder, and when the time is taken by now."""
    _check_second(record, by)
    lock_volunteer(record.volunteer_id)
    lock_record(record)
    _check_free(record.volunteer_id, record.starts_at, record.ends_at, but=record.id, states=("shown", "objected", "final"))
    record.reviewer_id = by.id
    show_hours(record, "approve", by=by)


def refuse_hours(record: ServiceRecord, *, by: Actor, why: str) -> None:
    """It does not hold, and why. Whoever wrote it down and the volunteer are told."""
    _check_second(record, by)
    check_reason(why)
    lock_record(record)
    advance(record, "refuse", by=by, note=why)
    record.reviewer_id, record.answer = by.id, why.strip()[:300]
    tell_recorder(record, why=why)
    tell_of_hours(record, "refuse", why=why)


def _check_second(record: ServiceRecord, by: Actor) -> None:
    if not by.may("records.review", record.place_path):
        raise Forbidden()
    if record.recorder_id == by.id:
        raise Refused(N_("You wrote this down yourself. Somebody else has to look at it."))
    if is_own(record, by):
        raise Refused(N_("These are your own hours. Somebody else has to judge them."))


def places_for(by: Actor) -> list[Place]:
    """Communities and grids the actor may write hours down for, by name."""
    found: dict[int, Place] = {}
    for path in by.paths_for("records.backfill"):
        top = places.place(int(path.rstrip("/").rpartition("/")[2]))
        for place in [top] if top.level in ("community", "grid") else places.descendants(path, "community"):
            found[place.id] = place
    return sorted(found.values(), key=lambda place: place.name)


def calls_for(by: Actor) -> list[Call]:
    """Calls of the last three months the actor leads, newest first: what was done may have belonged to one of them."""
    paths = [grant.path for grant in by.grants if grant.role in FIELD_STAFF]
    teams = [found.id for found in supporters.supporters_of(by.id) if found.kind == SupporterKind.TEAM] if by.id is not None else []
    near = [Call.posted_by_id == by.id, *(Call.place_path.startswith(path, autoescape=True) for path in paths), *([Call.team_id.in_(teams)] if teams else [])]
    query = (
        select(Call).options(joinedload(Call.community)).where(or_(*near), Call.state.in_(("open", "full", "under_way", "done", "archived")),
                                                               Call.published_at >= clock.now() - timedelta(days=90))
        .order_by(Call.published_at.desc()).limit(50))
    return list(db.session.scalars(query))
