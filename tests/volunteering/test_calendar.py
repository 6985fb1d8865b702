"""The calendar validates, shows local times and nobody else, and its address is a secret."""

import re
from datetime import timedelta

import icalendar
import pytest

from tests.factories import csrf_token, sign_in
from tests.volunteering.scene import Scene
from wishapp.kernel.roles import SYSTEM
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering import calendars, service
from wishapp.volunteering.models import SignUp


def parsed(body: bytes) -> list[icalendar.Event]:
    """Events of a file that icalendar finds no fault with."""
    calendar = icalendar.Calendar.from_ical(body)
    assert not calendar.errors and calendar["VERSION"] == "2.0" and [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Asia/Shanghai"]
    events = calendar.walk("VEVENT")
    assert all(not event.errors and event["DTSTART"].params["TZID"] == "Asia/Shanghai" for event in events)
    return events


@pytest.mark.parametrize(("now", "hours", "minutes", "starts", "ends"), [
    ("2026-06-10T12:00:00+08:00", 48, 120, "2026-06-12 12:00", "2026-06-12 14:00"),
    ("2026-03-28T12:00:00+08:00", 11.5, 90, "2026-03-28 23:30", "2026-03-29 01:00"),  # over midnight, the night Europe puts its clocks on
    ("2026-12-31T12:00:00+08:00", 11, 120, "2026-12-31 23:00", "2027-01-01 01:00"),
])
def test_local_times(scene: Scene, clock: object, now: str, hours: float, minutes: int, starts: str, ends: str) -> None:
    """Read by another program it is the hour on the neighbourhood's clock, on the right day, the same moment everywhere."""
    clock.set(now)
    call = scene.open_call(hours=hours, minutes=minutes, title="夜巡；东门, 两人")
    made = scene.sign_up(0)
    [event] = parsed(calendars.calendar_of(calendars.shifts_of(made.volunteer), "班次", lambda one: f"https://example.org/sign-ups/{one.id}"))
    assert f"{event.start:%Y-%m-%d %H:%M}" == starts and f"{event.end:%Y-%m-%d %H:%M}" == ends
    assert event.start == call.shifts[0].starts_at and event.start.utcoffset() == timedelta(hours=8)
    assert str(event["SUMMARY"]) == "夜巡；东门, 两人" and str(event["STATUS"]) == "CONFIRMED"
    assert str(event["LOCATION"]) == "社区门口, 柳下社区" and "邻居" not in event.to_ical().decode()


def test_what_is_called_off_says_so_for_a_while(scene: Scene, clock: object) -> None:
    """CANCELLED under the same UID with a higher sequence; gone after two weeks; back again when one signs up once more."""
    scene.open_call(hours=72, shifts=2, apart=24)
    first = scene.sign_up(0)
    volunteer = first.volunteer

    def events() -> list[icalendar.Event]:
        return parsed(calendars.calendar_of(calendars.shifts_of(volunteer), "班次", lambda one: "https://example.org"))

    before = events()[0]
    with transaction():
        service.cancel_sign_up(db.session.get(SignUp, first.id), by=scene.person(0).actor)
    gone = events()[0]
    assert str(gone["STATUS"]) == "CANCELLED" and gone["UID"] == before["UID"] and gone["SEQUENCE"] > before["SEQUENCE"]
    scene.sign_up(0)
    [again] = events()
    assert str(again["STATUS"]) == "CONFIRMED" and again["UID"] == before["UID"] and again["SEQUENCE"] > gone["SEQUENCE"]
    scene.sign_up(1, shift=1)
    assert len(events()) == 1, "nobody else's"
    scene.sign_up(0, shift=1)
    assert len(events()) == 1, "the queue is not in it"
    clock.forward(days=90)
    assert events() == []


def test_the_address_is_a_secret(stage: Scene, clock: object) -> None:
    """Shown once, kept as a digest, ended by a new one; it opens nothing when the account is switched off."""
    with stage.app.app_context():
        stage.open_call()
        stage.sign_up(0)
    person = stage.person(0)
    browser, program = sign_in(stage.app.test_client(), person), stage.app.test_client()

    def address() -> str:
        page = browser.post("/volunteer/start-feed", data={"csrf_token": csrf_token(browser, "/volunteer/profile")}).get_data(as_text=True)
        return re.search(r"/calendar/[\w-]+\.ics", page)[0]

    first = address()
    answer = program.get(first)
    assert len(parsed(answer.data)) == 1 and answer.mimetype == "text/calendar" and "private" in answer.headers["Cache-Control"]
    assert first not in browser.get("/volunteer/profile").get_data(as_text=True)
    second = address()
    assert program.get(first).status_code == 404 and program.get(second).status_code == 200
    for word in ("x", "y" * 300, "%00", "中文"):
        assert program.get(f"/calendar/{word}.ics").status_code == 404
    with stage.app.app_context():
        from_db = db.session.get(calendars.User, person.id)
        with transaction():
            db.session.get(calendars.User, from_db.id).is_enabled = False
    assert program.get(second).status_code == 404


def test_ending_it(stage: Scene, clock: object) -> None:
    """The address opens nothing any more."""
    with stage.app.app_context():
        stage.open_call()
        made = stage.sign_up(0)
        with transaction():
            calendars.start_feed(db.session.get(SignUp, made.id).volunteer, "s" * 32, by=SYSTEM)
    browser = sign_in(stage.app.test_client(), stage.person(0))
    assert browser.get(f"/calendar/{'s' * 32}.ics").status_code == 200
    browser.post("/volunteer/end-feed", data={"csrf_token": csrf_token(browser, "/volunteer/profile")})
    assert browser.get(f"/calendar/{'s' * 32}.ics").status_code == 404


def test_one_shift_as_a_file(stage: Scene, clock: object) -> None:
    """From the page of a sign-up; not somebody else's, and not from the queue."""
    with stage.app.app_context():
        stage.open_call()
        mine, waiting = stage.sign_up(0).id, stage.sign_up(1).id
    first, second = (sign_in(stage.app.test_client(), stage.person(number)) for number in (0, 1))
    assert len(parsed(first.get(f"/sign-ups/{mine}/event.ics").data)) == 1
    assert second.get(f"/sign-ups/{mine}/event.ics").status_code == 404
    assert second.get(f"/sign-ups/{waiting}/event.ics").status_code == 404
