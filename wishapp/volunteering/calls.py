"""Making a call and its shifts, calling off. Review is in reviews, many shifts at once in planning."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select

from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Forbidden, Refused, SomeoneWasFaster
from wishapp.kernel.permissions import STAFF, UPPER_STAFF
from wishapp.kernel.privacy import check_reason, private_part
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.places import queries as places
from wishapp.places.models import Place
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.search import index_text
from wishapp.store.transitions import advance
from wishapp.supporters import queries as supporters
from wishapp.supporters.models import SupporterKind
from wishapp.volunteering.access import may_with_call
from wishapp.volunteering.closing import finish_call
from wishapp.volunteering.hours import THERE
from wishapp.volunteering.models import Call, Shift, ShiftRole, SignUp
from wishapp.volunteering.news import spread
from wishapp.volunteering.numbers import next_number
from wishapp.volunteering.seats import follow_call, lock_shifts
from wishapp.volunteering.sign_ups import ahead_in, call_off_sign_up
from wishapp.volunteering.telling import staff, tell, tell_call

MOST_SHIFTS = 200
OVER = ("done", "archived", "cancelled")
WORDS = frozenset({"title", "story", "kind"})
LONGEST = timedelta(hours=16)
EDITABLE = (
    "title", "story", "kind", "spot", "latitude", "longitude", "age_min", "age_max", "opens_at", "closes_hours", "late_hours", "grid_until",
    "community_until", "needs_approval", "takes_guests", "check_radius", "check_minutes", "risks", "safeguards", "contact_name",
    "contact_phone", "points_per_hour",
)


def create_call(place: Place, *, by: Actor, team_id: int | None = None, **values: object) -> Call:
    """A draft at a community or grid. `values`: fields of EDITABLE; coordinates are the place's when not given."""
    if place.level not in ("community", "grid"):
        raise BadInput(N_("A call belongs to a community or a grid."))
    _check_may_make(place, team_id, by)
    community_id = place.id if place.level == "community" else place.parent_id
    call = Call(
        community_id=community_id, grid_id=place.id if place.level == "grid" else None, place_path=place.path, team_id=team_id, posted_by_id=by.id,
        latitude=place.latitude, longitude=place.longitude)
    _fill(call, values)
    db.session.add(call)
    db.session.flush()
    audit.record("call", call.id, "create", by=by, to_state="draft", place_path=call.place_path)
    return call


def _check_may_make(place: Place, team_id: int | None, by: Actor) -> None:
    """Staff for their places and any team near; a team leader for their own teams, where these report to."""
    if team_id is None:
        if not by.is_system and not by.may("calls.make", place.path):
            raise Forbidden()
        return
    team, community = supporters.supporter(team_id), places.community_of(place)
    if team is None or team.kind != SupporterKind.TEAM or not team.is_active:
        raise BadInput(N_("Please choose the team that runs it."))
    is_staff = by.is_system or any(grant.role in STAFF and grant.reaches(place.path) for grant in by.grants)
    is_near = team.place_path.startswith(community.path) or place.path.startswith(team.place_path)
    if not is_near or not (is_staff or supporters.answers_for(by.id, team_id)):
        raise Forbidden()


def edit_call(call: Call, *, by: Actor, version: int | None = None, **values: object) -> None:
    """Change public fields of a call that is not over. What was typed is checked for what belongs to somebody.

    `version`: the one the form was filled from; SomeoneWasFaster when it is another by now. Words that were reviewed are changed by
    reviewers only. When people are to meet elsewhere, everybody on a list is told once (see reminders).
    """
    if version is not None and version != call.version:
        raise SomeoneWasFaster()
    if call.state in OVER:
        raise Refused(N_("This call is over and stays as it is."))
    changed = sorted(name for name, value in values.items() if getattr(call, name) != value)
    if WORDS & set(changed) and call.state not in ("draft", "returned"):
        _check_words(call, by)
    meets_elsewhere = call.published_at is not None and "spot" in changed
    _fill(call, values)
    if changed:
        audit.record("call", call.id, "edit", by=by, from_state=call.state, to_state=call.state, place_path=call.place_path, data={"fields": changed})
    if meets_elsewhere:
        call.moved_at = call.moved_at or clock.now()  # reminders tells everybody once it has been quiet for a while


def _check_words(call: Call, by: Actor) -> None:
    if by.is_system or any(grant.role in UPPER_STAFF and grant.reaches(call.place_path) for grant in by.grants):
        return
    if not by.may("calls.review", call.place_path):
        raise Refused(N_("These words have been reviewed. Please ask your community to change title, story or kind."))
    if call.state != "submitted" and is_reviewed_twice(call):
        raise Refused(N_("This street looks twice: title, story and kind are the street’s to change now."))


def is_reviewed_twice(call: Call) -> bool:
    """Does the call's street want the second review."""
    street = places.street_of(call.community)
    return bool(street and street.is_two_level)


def delete_draft(call: Call, *, by: Actor) -> None:
    """Throw a draft away, with its shifts. Refused once it was sent."""
    if call.state != "draft" or call.number is not None:
        raise Refused(N_("Only a draft that was never sent can be thrown away."))
    for shift in list(call.shifts):
        _delete(shift)
    db.session.expire(call, ["shifts"])
    audit.record("call", call.id, "delete", by=by, from_state="draft", place_path=call.place_path)
    db.session.delete(call)


def drop_shift(shift: Shift, *, by: Actor) -> None:
    """Take a shift out of a call nobody has seen yet. Refused once it was published: then it is cancelled, with a reason."""
    call = shift.call
    if call.published_at is not None or call.state in OVER:
        raise Refused(N_("This call has been published: a shift is cancelled with a reason, so that people are told."))
    audit.record("shift", shift.id, "drop", by=by, from_state=shift.state, place_path=shift.place_path, data={"call_id": call.id})
    _delete(shift)
    db.session.expire(call, ["shifts"])


def _delete(shift: Shift) -> None:
    for role in list(shift.roles):
        db.session.delete(role)
    db.session.flush()
    db.session.delete(shift)
    db.session.flush()


def _fill(call: Call, values: dict[str, object]) -> None:
    for name, value in values.items():
        if name not in EDITABLE:
            raise BadInput(N_("This cannot be changed here."))
        setattr(call, name, value)
    for text in (call.title, call.story, call.spot, call.risks, call.safeguards):
        if message := private_part(text):
            raise BadInput(message)
    if call.age_min is not None and call.age_max is not None and call.age_min > call.age_max:
        raise BadInput(N_("The lowest age is above the highest."))
    if call.grid_until is not None and call.community_until is not None and call.grid_until > call.community_until:
        raise BadInput(N_("First the grid, then the community: the grid’s time has to end first."))
    call.search = index_text(call.title, call.story, call.spot, call.number, places.place(call.community_id).name)


def add_shift(call: Call, starts_at: datetime, ends_at: datetime, seats: int, *, by: Actor, skills: dict[str, int] | None = None, minimum: int = 0) -> Shift:
    """One more shift with `seats` plain seats and `skills` {skill: seats}. BadInput on times or numbers that cannot be.

    On a call that is published it takes sign-ups at once.
    """
    roles = {"": seats, **(skills or {})}
    if call.state in OVER:
        raise Refused(N_("This call is over and stays as it is."))
    if not starts_at < ends_at <= starts_at + LONGEST:
        raise BadInput(N_("A shift ends after it begins and lasts at most 16 hours."))
    if starts_at <= clock.now():
        raise BadInput(N_("A shift has to begin in the future."))
    if any(count < 0 for count in roles.values()) or not 1 <= sum(roles.values()) <= 500:
        raise BadInput(N_("A shift has from 1 to 500 seats."))
    if not 0 <= minimum <= sum(roles.values()):
        raise BadInput(N_("The least number of people cannot be above the seats."))
    if len(call.shifts) >= MOST_SHIFTS:
        raise Refused(N_("A call has at most %(most)s shifts. Please make a second call."), most=MOST_SHIFTS)
    if any(shift.starts_at == starts_at and shift.ends_at == ends_at and shift.state != "cancelled" for shift in call.shifts):
        raise Refused(N_("There is a shift at this very time already."))
    shift = Shift(call=call, place_path=call.place_path, starts_at=starts_at, ends_at=ends_at, minimum=minimum, secret=secrets.token_urlsafe(32),
                  roles=[ShiftRole(skill=skill, seats=count) for skill, count in roles.items() if count or not skill])
    db.session.add(shift)
    db.session.flush()
    audit.record("shift", shift.id, "create", by=by, to_state="open", place_path=shift.place_path, data={"call_id": call.id})
    if call.state in ("open", "full"):
        follow_call(call.id, by=by)
        spread("opened", shift)
    return shift


def submit_call(call: Call, *, by: Actor) -> None:
    """Send it to review. Raises BadInput naming what is still missing."""
    if len(call.title.strip()) < 2:
        raise BadInput(N_("Please say in one line what people are needed for."))
    if not call.spot.strip():
        raise BadInput(N_("Please say where people meet."))
    if not any(shift.state == "open" and shift.starts_at > clock.now() for shift in call.shifts):
        raise BadInput(N_("Please add at least one shift that lies ahead."))
    if call.number is None:
        call.number = next_number("call", call.community.code[:6])
        _fill(call, {})
    advance(call, "submit", by=by)
    tell_call(call, "submit", {"staff": [user_id for user_id in staff(call) if user_id != by.id]})


def cancel_shift(shift: Shift, *, by: Actor, why: str) -> None:
    """Call one shift off: everybody on its list is told once. Was it the last one ahead of a call that has had some, the call is done.

    Refused when it has begun and people are there: it is closed instead, so that their hours count.
    """
    check_reason(why)
    lock_shifts([shift])
    there = select(SignUp.id).where(SignUp.shift_id == shift.id, SignUp.state.in_(THERE)).limit(1)
    if shift.starts_at <= clock.now() and db.session.scalar(there) is not None:
        raise Refused(N_("People have been checked in already. Please close the shift instead, so that their hours count."))
    _call_off([shift], by=by, why=why)
    follow_call(shift.call_id, by=by)
    if db.session.scalar(select(Shift.id).where(Shift.call_id == shift.call_id, Shift.state == "over").limit(1)) is not None:
        finish_call(shift, by=by)


def cancel_call(call: Call, *, by: Actor, why: str) -> None:
    """Call everything that lies ahead off; who signed up for several shifts is told once."""
    if not may_with_call(by, call, "calls.make"):
        raise Forbidden()
    check_reason(why)
    ahead = [shift for shift in call.shifts if shift.state == "open"]
    lock_shifts(ahead)
    advance(call, "cancel", by=by, note=why)
    _call_off(ahead, by=by, why=why)


def _call_off(shifts: list[Shift], *, by: Actor, why: str) -> None:
    told: dict[int, SignUp] = {}
    for shift in shifts:
        advance(shift, "cancel", by=by, note=why)
        for sign_up in ahead_in(shift):
            call_off_sign_up(sign_up, by=by, why=why)
            told.setdefault(sign_up.volunteer_id, sign_up)
        spread("gone", shift)
    for sign_up in told.values():
        tell(sign_up, "call_off", why=why)
