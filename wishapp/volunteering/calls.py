"""Making a call, its shifts, review, calling off."""

import secrets
from datetime import datetime, timedelta

from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Forbidden, Refused
from wishapp.kernel.privacy import check_reason, private_part
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.places import queries as places
from wishapp.places.models import Place
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.search import index_text
from wishapp.store.transitions import advance
from wishapp.volunteering.access import may_with_call
from wishapp.volunteering.models import Call, Shift, ShiftRole, SignUp
from wishapp.volunteering.news import spread
from wishapp.volunteering.numbers import next_number
from wishapp.volunteering.seats import follow_call, lock_shifts
from wishapp.volunteering.sign_ups import ahead_in, call_off_sign_up
from wishapp.volunteering.telling import organisers, staff, tell, tell_call, upper_staff

MOST_SHIFTS = 200
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
    if not by.may("calls.make", place.path) and team_id is None:
        raise Forbidden()
    community_id = place.id if place.level == "community" else place.parent_id
    call = Call(
        community_id=community_id, grid_id=place.id if place.level == "grid" else None, place_path=place.path, team_id=team_id, posted_by_id=by.id,
        latitude=place.latitude, longitude=place.longitude)
    _fill(call, values)
    db.session.add(call)
    db.session.flush()
    audit.record("call", call.id, "create", by=by, to_state="draft", place_path=call.place_path)
    return call


def edit_call(call: Call, *, by: Actor, **values: object) -> None:
    """Change public fields of a call that is not over. What was typed is checked for what belongs to somebody."""
    if call.state in ("done", "archived", "cancelled"):
        raise Refused(N_("This call is over and stays as it is."))
    _fill(call, values)
    audit.record("call", call.id, "edit", by=by, place_path=call.place_path, data={"fields": sorted(values)})


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


def publish_call(call: Call, *, by: Actor) -> None:
    """Put it up: sign-up begins (or waits for `opens_at`)."""
    advance(call, "publish", by=by)
    call.published_at = clock.now()
    tell_call(call, "publish", {"organiser": [user_id for user_id in organisers(call) if user_id != by.id]})
    for shift in call.shifts:
        spread("opened", shift)


def second_call(call: Call, *, by: Actor) -> None:
    """Two-level review: the community passes it up to the street."""
    advance(call, "second", by=by)
    tell_call(call, "second", {"upper_staff": upper_staff(call)})


def return_call(call: Call, *, by: Actor, why: str) -> None:
    """Send it back with a reason."""
    check_reason(why)
    advance(call, "return", by=by, note=why)
    tell_call(call, "return", {"organiser": organisers(call)}, why=why)


def cancel_shift(shift: Shift, *, by: Actor, why: str) -> None:
    """Call one shift off: everybody on its list is told once."""
    check_reason(why)
    lock_shifts([shift])
    _call_off([shift], by=by, why=why)
    follow_call(shift.call_id, by=by)


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
