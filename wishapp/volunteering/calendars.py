"""A volunteer's shifts as an iCalendar file: only the shift's public words, nothing of anybody else."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from icalendar import Calendar, Event, Timezone, TimezoneStandard
from sqlalchemy import and_, not_, select
from sqlalchemy.orm import joinedload

from wishapp.accounts.models import User
from wishapp.kernel import clock
from wishapp.kernel.errors import NotFound
from wishapp.kernel.roles import Actor
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.volunteering.models import Call, Origin, Shift, SignUp, Volunteer
from wishapp.volunteering.sign_ups import digest

STATUS = {
    "applied": "TENTATIVE", "offered": "TENTATIVE", "confirmed": "CONFIRMED", "attended": "CONFIRMED", "late": "CONFIRMED", "absent": "CONFIRMED",
    "cancelled": "CANCELLED", "refused": "CANCELLED", "lapsed": "CANCELLED", "excused": "CANCELLED",
}  # the queue is not in it: nothing is sure there
KEPT = timedelta(days=60)  # how long what is past stays
GONE = timedelta(days=14)  # how long what was called off is still said to be


def start_feed(volunteer: Volunteer, secret: str, *, by: Actor) -> None:
    """From now on `secret` opens the calendar; an older address ends. Only its digest is kept."""
    volunteer.feed_digest = digest(secret)
    audit.record("volunteer", volunteer.id, "start_feed", by=by)


def end_feed(volunteer: Volunteer, *, by: Actor) -> None:
    """The calendar's address opens nothing any more."""
    volunteer.feed_digest = None
    audit.record("volunteer", volunteer.id, "end_feed", by=by)


def volunteer_by_feed(secret: str) -> Volunteer:
    """Whose calendar this secret opens; NotFound for any other word and when the account is switched off."""
    found = db.session.scalar(
        select(Volunteer).outerjoin(User, User.id == Volunteer.user_id).where(Volunteer.feed_digest == digest(secret), User.is_enabled)) if secret else None
    if found is None:
        raise NotFound()
    return found


def shifts_of(volunteer: Volunteer) -> list[SignUp]:
    """What belongs into the calendar: seats held, and for a while what is past or called off. One query."""
    now = clock.now()
    held = and_(SignUp.state.in_([state for state, said in STATUS.items() if said != "CANCELLED"]), SignUp.ends_at > now - KEPT,
                not_(and_(SignUp.state == "applied", SignUp.origin == Origin.MATCH)))
    gone = and_(SignUp.state.in_([state for state, said in STATUS.items() if said == "CANCELLED"]), SignUp.ends_at > now - GONE)
    query = (
        select(SignUp).options(joinedload(SignUp.shift).joinedload(Shift.call).joinedload(Call.community))
        .where(SignUp.volunteer_id == volunteer.id, held | gone).order_by(SignUp.starts_at, SignUp.id))
    latest = {sign_up.shift_id: sign_up for sign_up in db.session.scalars(query.order_by(None).order_by(SignUp.id))}
    return sorted(latest.values(), key=lambda sign_up: (sign_up.starts_at, sign_up.id))


def calendar_of(sign_ups: Iterable[SignUp], name: str, address: Callable[[SignUp], str]) -> bytes:
    """The file. `name`: of the calendar, in the reader's language; `address`: page of a sign-up. One event per shift, known again by
    its UID however often one steps back and signs up again."""
    calendar = Calendar()
    calendar.add("prodid", "-//wishapp//volunteering//")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", clock.LOCAL.key)
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    calendar.add_component(_zone())
    for sign_up in sign_ups:
        calendar.add_component(_event(sign_up, address(sign_up)))
    return calendar.to_ical()


def _zone() -> Timezone:
    """Asia/Shanghai: eight hours ahead all year."""
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", clock.LOCAL.key)
    standard.add("dtstart", datetime.fromisoformat("1992-01-01T00:00:00"))  # a zone begins on its own clock
    standard.add("tzoffsetfrom", timedelta(hours=8))
    standard.add("tzoffsetto", timedelta(hours=8))
    standard.add("tzname", "CST")
    zone.add_component(standard)
    return zone


def _event(sign_up: SignUp, address: str) -> Event:
    call, event = sign_up.shift.call, Event()
    event.add("uid", f"shift-{sign_up.shift_id}-{sign_up.volunteer_id}@wishapp")
    event.add("dtstamp", clock.now())
    event.add("created", sign_up.created_at)
    event.add("dtstart", sign_up.starts_at.astimezone(clock.LOCAL))
    event.add("dtend", sign_up.ends_at.astimezone(clock.LOCAL))
    event.add("summary", call.title)
    event.add("location", f"{call.spot}, {call.community.name}")
    if call.latitude or call.longitude:
        event.add("geo", (call.latitude, call.longitude))
    event.add("status", STATUS[sign_up.state])
    event.add("sequence", {"TENTATIVE": 0, "CONFIRMED": 1, "CANCELLED": 2}[STATUS[sign_up.state]] + 3 * (call.version + sign_up.shift.version + sign_up.id))
    event.add("url", address)
    return event
