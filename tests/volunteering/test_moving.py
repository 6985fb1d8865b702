"""Another time for a shift: the list goes with it, who cannot come then is named first, everybody is told once."""

from datetime import timedelta

import pytest

from tests.conftest import Clock
from tests.factories import make_person, sign_in
from tests.volunteering import posted
from tests.volunteering.posted import Office
from tests.volunteering.scene import Scene
from tests.volunteering.test_seats import sound, told
from wishapp.kernel import clock as clocks
from wishapp.kernel.errors import BadInput, Forbidden, Refused, SomeoneWasFaster
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import SYSTEM
from wishapp.places import queries as places
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters import service as supporters
from wishapp.supporters.models import Capacity
from wishapp.volunteering import call_stories, reminders, service, stories
from wishapp.volunteering.demand import ShiftSource
from wishapp.volunteering.models import Call, Shift, SignUp
from wishapp.volunteering.news import LISTENERS


def move(scene: Scene, hours: float, *, shift: int = 0, minutes: float = 0, **options: object) -> tuple[int, int]:
    """So many hours later, and so many minutes longer."""
    found = scene.shift(shift)
    span = found.starts_at + timedelta(hours=hours), found.ends_at + timedelta(hours=hours, minutes=minutes)
    with transaction():
        return service.move_shift(found, *span, **{"by": scene.staff.actor, **options})


@pytest.mark.both_databases
def test_who_is_elsewhere_speaks_against_it(scene: Scene, clock: Clock) -> None:
    """Refused by number; with the tick they are taken off with the reason, and the queue moves up. Touching is no clash."""
    scene.open_call(hours=50, seats=5)
    elsewhere = scene.sign_up(0)
    scene.open_call(hours=40, seats=2)
    mine = [scene.sign_up(number) for number in range(3)]
    assert scene.states() == ["confirmed", "confirmed", "waitlisted"]
    with pytest.raises(Refused) as refused:
        move(scene, 9)
    assert refused.value.params == {"count": 1}
    with pytest.raises(BadInput):
        move(scene, 9, is_taking_off=True)
    assert scene.states() == ["confirmed", "confirmed", "waitlisted"] and mine[0].starts_at == scene.at_start()
    assert move(scene, 8) == (3, 0)  # ends the minute the other begins
    assert move(scene, 1, is_taking_off=True, why="早上有雨") == (2, 1)
    assert scene.states() == ["cancelled", "confirmed", "offered"]
    assert (mine[0].ended_why, elsewhere.state) == ("早上有雨", "confirmed")
    assert {sign_up.starts_at for sign_up in mine[1:]} == {scene.at_start()}
    assert (told(scene.person(0).id, "cancel"), told(scene.person(0).id, "move_time"), told(scene.person(1).id, "move_time")) == (1, 1, 2)
    sound()


@pytest.mark.both_databases
def test_nobody_ends_in_two_places_when_two_move_at_once(scene: Scene, clock: Clock) -> None:
    """The database keeps it, whatever the service saw: the second time of a person's sign-up cannot be written over another."""
    scene.open_call(hours=50, seats=5)
    scene.sign_up(0)
    scene.open_call(hours=40, seats=5)
    mine = scene.sign_up(0)
    with pytest.raises(Exception, match="ex_sign_ups_one_place_at_a_time"), transaction():
        mine.starts_at, mine.ends_at = mine.starts_at + timedelta(hours=10), mine.ends_at + timedelta(hours=10)


def test_reminders_come_for_the_new_time(scene: Scene, clock: Clock) -> None:
    """Moved there and back again is news each time; both stories tell it."""
    scene.open_call(hours=26, seats=2)
    made = scene.sign_up(0)
    clock.set(scene.at_start() - timedelta(minutes=50))
    assert reminders.work()["hour"] == 1
    for hours in (24, -22, 22):
        move(scene, hours, why="场地检修")
    assert told(scene.person(0).id, "move_time") == 3
    clock.set(scene.at_start() - timedelta(minutes=50))
    assert reminders.work()["hour"] == 1
    lines = [entry for entry in call_stories.timeline(db.session.get(Call, scene.call_id), scene.staff.actor) if "moved" in entry.text]
    assert (lines[0].params["starts"], lines[0].params["was"], lines[0].note) == (scene.at_start(), scene.at_start() - timedelta(hours=22), "场地检修")
    assert stories.story(made, {scene.person(0).id})[0].text == "The organisers gave the shift another time."


def test_what_cannot_be_moved(scene: Scene, clock: Clock) -> None:
    scene.open_call(hours=26, shifts=2, seats=2)
    far = make_person(scene.app, "远社工", (Role.COMMUNITY_STAFF, scene.at.far_community))
    seen = scene.shift().version
    for error, hours, options in ((Forbidden, 1, {"by": far.actor}), (BadInput, -30, {}), (BadInput, 1, {"minutes": 15 * 60}), (BadInput, 1, {"minutes": -120}),
                                  (Refused, 0, {}), (Refused, 24, {}), (BadInput, 1, {"why": "打 13800138000"}), (SomeoneWasFaster, 1, {"version": seen + 1})):
        with pytest.raises(error):
            move(scene, hours, **options)
    with transaction():
        service.cancel_shift(scene.shift(1), by=scene.staff.actor, why="下雨")
    with pytest.raises(Refused):
        move(scene, 5, shift=1)
    clock.set(scene.at_start())
    with pytest.raises(Refused):
        move(scene, 5)


@pytest.mark.both_databases
def test_matched_people(scene: Scene, clock: Clock) -> None:
    """Who said yes stays, with the minutes it takes now; whom the matcher still asks is asked about the old time no more."""
    scene.open_call(hours=50, seats=3)
    ids, people = [], [scene.person(number).id for number in range(2)]
    with transaction():
        for number in range(2):
            ids.append(supporters.create_supporter(kind="volunteer", name=f"志愿者{number}", place=places.place(scene.at.community.id), by=SYSTEM,
                                                   people=[people[number]], monthly_minutes=600).id)
    source = ShiftSource()
    with transaction():
        kept = [source.hold(f"shift:{scene.shift_ids[0]}", number, until=clocks.now() + timedelta(hours=5), by=scene.staff.actor).ref for number in ids]
        source.start(kept[0], by=scene.person(0).actor)
    heard: list[str] = []
    LISTENERS.append(lambda news: heard.append(news.what))
    try:
        assert move(scene, 3, minutes=60) == (1, 0)
    finally:
        LISTENERS.pop()
    assert heard == ["gone", "opened"]
    assert [source.promises([ref])[ref].state for ref in kept] == ["accepted", "released"]
    assert list(db.session.scalars(db.select(Capacity.taken).where(Capacity.supporter_id.in_(ids)).order_by(Capacity.supporter_id))) == [180, 0]
    assert told(scene.person(1).id, "move_time") == told(scene.person(1).id, "cancel") == 0
    sound()


def test_the_page(office: Office) -> None:
    """Filled with the present time; a clash keeps what was typed; bad values are said; nothing there for others."""
    _call, (other,) = posted.make_call(office.app, office.at.community, office.staff, days=4)
    call, (shift,) = posted.make_call(office.app, office.at.community, office.staff, days=3)
    for one in (other, shift):
        posted.sign_up(office.app, one, office.resident)
    with office.app.app_context():
        later = db.session.get(Shift, other).starts_at.astimezone(clocks.LOCAL)
        version = str(db.session.get(Shift, shift).version)
    path, client = f"/desk/shifts/{shift}/move", office.visit(office.staff)
    good = {"day": later.date().isoformat(), "begins": f"{later:%H:%M}", "ends": f"{later + timedelta(hours=1):%H:%M}", "version": version}
    assert path in client.get(f"/desk/calls/{call}").get_data(as_text=True) and client.get(path).status_code == 200
    for changed in ({"day": "gestern"}, {"begins": ""}, {"day": "9999-12-31"}, {"why": "\x00"}, {"why": "字" * 201}):
        assert client.post(path, data={**good, **changed}).status_code == 422, changed
    assert client.post(path, data={**good, "version": "x"}).status_code == 409
    clash = client.post(path, data={**good, "why": "下雨"})
    assert clash.status_code == 422 and 'value="下雨"' in clash.get_data(as_text=True)
    for someone, status in ((office.far_staff, 404), (office.other_leader, 404), (office.resident, 403)):
        visitor = sign_in(office.app.test_client(), someone)
        assert (visitor.get(path).status_code, visitor.post(path, data=good).status_code) == (status, status)
    assert client.post(path, data={**good, "why": "下雨", "taking_off": "y"}).status_code == 303
    with office.app.app_context():
        assert db.session.scalars(db.select(SignUp.state).order_by(SignUp.id)).all() == ["confirmed", "cancelled"]
    assert "下雨" in client.get(f"/desk/calls/{call}").get_data(as_text=True)
