"""Checking in and out: once whatever is sent how often, in time, by whoever may."""

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories import make_person
from tests.volunteering.scene import Scene, make_scene
from wishapp.kernel import clock as house_clock
from wishapp.kernel.errors import BadInput, Forbidden, Refused
from wishapp.kernel.permissions import Role
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.transaction import retrying, transaction
from wishapp.volunteering import service
from wishapp.volunteering.check_ins import ARRIVES_WITHIN, check_in, check_out, put_right, read_key, take_back
from wishapp.volunteering.day import press, walk_in
from wishapp.volunteering.models import SignUp
from wishapp.volunteering.record_models import CheckEvent, CheckHow


def key() -> str:
    return str(uuid4())


def enter(scene: Scene, sign_up: SignUp, *, minutes: float = -5, **changes: object) -> object:
    """The leader presses "in" so many minutes after the start, with a connection."""
    at = sign_up.starts_at + timedelta(minutes=minutes)
    with transaction():
        return check_in(sign_up, **{"key": key(), "at": at, "how": CheckHow.LEADER, "by": scene.staff.actor, **changes})


def ready(scene: Scene, clock: object, *, minutes: float = -5, seats: int = 3, **values: object) -> SignUp:
    """A confirmed sign-up, and the clock so many minutes after the start."""
    scene.open_call(seats=seats, **values)
    sign_up = scene.sign_up(0)
    clock.set(sign_up.starts_at + timedelta(minutes=minutes))
    return sign_up


@pytest.mark.parametrize(("minutes", "state"), [(-30, "attended"), (0, "attended"), (10, "attended"), (10.1, "late"), (120, "late")])
def test_on_time_or_late(scene: Scene, clock: object, minutes: float, state: str) -> None:
    sign_up = ready(scene, clock, minutes=minutes)
    enter(scene, sign_up, minutes=minutes)
    assert (sign_up.state, sign_up.checked_in_at) == (state, house_clock.now())


@pytest.mark.parametrize(("minutes", "now", "error"), [
    (-31, -31, Refused), (2, -5, BadInput), (120 + 181, 120 + 181, Refused), (60, 120 + 180 + 60 * 73, Refused)])
def test_times_that_cannot_be(scene: Scene, clock: object, minutes: float, now: float, error: type) -> None:
    """Too early, in the future, after the window, and sent when nobody waits for it any more."""
    sign_up = ready(scene, clock, minutes=now)
    with pytest.raises(error):
        enter(scene, sign_up, minutes=minutes)
    assert sign_up.state == "confirmed" and ARRIVES_WITHIN == timedelta(days=3)


def test_the_same_press_again(scene: Scene, clock: object) -> None:
    """The same key gets the same answer; another press changes nothing and says so; somebody else's key says nothing."""
    sign_up, one = ready(scene, clock), key()
    first = enter(scene, sign_up, key=one)
    clock.forward(minutes=20)
    assert enter(scene, sign_up, key=one) == first and first.is_new
    again = enter(scene, sign_up, minutes=10)
    assert (again.is_new, again.at) == (False, first.at)
    with pytest.raises(BadInput), transaction():
        check_out(sign_up, key=one, at=house_clock.now(), how=CheckHow.LEADER, by=scene.staff.actor)
    with pytest.raises(BadInput), transaction():
        check_in(sign_up, key=one, at=house_clock.now(), how=CheckHow.LEADER, by=scene.street.actor)
    assert db.session.scalar(select(func.count()).select_from(CheckEvent)) == 1


def test_out(scene: Scene, clock: object) -> None:
    """First in, then out; the first time out counts."""
    sign_up = ready(scene, clock, minutes=60)
    leave = {"how": CheckHow.LEADER, "by": scene.staff.actor}
    with pytest.raises(Refused), transaction():
        check_out(sign_up, key=key(), at=house_clock.now(), **leave)
    enter(scene, sign_up, minutes=0)
    left_at = house_clock.now()
    with transaction():
        assert check_out(sign_up, key=key(), at=left_at, **leave).is_new
    clock.forward(minutes=30)
    with transaction():
        assert not check_out(sign_up, key=key(), at=house_clock.now(), **leave).is_new
    assert sign_up.checked_out_at == left_at


def test_noted_without_a_connection(scene: Scene, clock: object) -> None:
    """What arrives hours later keeps its own time; an earlier note of the leader puts a late scan right."""
    sign_up = ready(scene, clock, minutes=25)
    with transaction():
        check_in(sign_up, key=key(), at=house_clock.now(), how=CheckHow.PLACE_CODE, by=scene.person(0).actor)
    assert sign_up.state == "late"
    clock.forward(hours=5)
    answer = enter(scene, sign_up, minutes=-3)
    assert answer.is_new and sign_up.state == "attended" and sign_up.checked_in_at == sign_up.starts_at - timedelta(minutes=3)


def test_who_may(scene: Scene, clock: object, app: Flask) -> None:
    """Nobody checks in somebody else, nobody checks themselves in as the leader does; another community's staff lead nothing here."""
    sign_up = ready(scene, clock)
    far = make_person(app, "远社工", (Role.COMMUNITY_STAFF, scene.at.far_community))
    for by, how in ((scene.person(1), CheckHow.PLACE_CODE), (scene.person(0), CheckHow.LEADER), (scene.person(0), CheckHow.OWN_CODE), (far, CheckHow.LEADER)):
        with pytest.raises(Forbidden):
            enter(scene, sign_up, by=by.actor, how=how)
    for verb in (lambda: take_back(sign_up, by=scene.person(0).actor),
                 lambda: put_right(sign_up, came_at=house_clock.now(), left_at=None, by=far.actor, why="在的")):
        with pytest.raises(Forbidden), transaction():
            verb()


@pytest.mark.parametrize(("metres", "error"), [(None, BadInput), (-1, BadInput), (301, Refused), (300, None)])
def test_by_position(scene: Scene, clock: object, metres: int | None, error: type | None) -> None:
    sign_up = ready(scene, clock)
    act = {"by": scene.person(0).actor, "how": CheckHow.POSITION, "metres": metres}
    if error:
        with pytest.raises(error):
            enter(scene, sign_up, **act)
    else:
        enter(scene, sign_up, **act)
        assert db.session.scalar(select(CheckEvent.metres)) == metres


def test_pressed_on_the_wrong_line(scene: Scene, clock: object) -> None:
    """Out is taken back first, then in; absent may come after all."""
    sign_up, by = ready(scene, clock, minutes=30), scene.staff.actor
    enter(scene, sign_up, minutes=0)
    with transaction():
        press(sign_up, "out", key=key(), at=house_clock.now(), by=by)
        take_back(sign_up, by=by)
    assert (sign_up.state, sign_up.checked_out_at) == ("attended", None)
    with transaction():
        take_back(sign_up, by=by)
    assert (sign_up.state, sign_up.checked_in_at) == ("confirmed", None)
    with transaction():
        press(sign_up, "miss", key=key(), at=house_clock.now(), by=by)
    assert sign_up.state == "absent"
    enter(scene, sign_up, minutes=30)
    assert sign_up.state == "late"


def test_put_right(scene: Scene, clock: object) -> None:
    """Absent, but there after all: with a reason and plausible times, all in the record."""
    sign_up, by = ready(scene, clock, minutes=30), scene.staff.actor
    with transaction():
        press(sign_up, "miss", key=key(), at=house_clock.now(), by=by)
    came = sign_up.starts_at
    for wrong in ({"why": " "}, {"why": "打13900000001"}, {"left_at": came}, {"came_at": came - timedelta(days=1)}, {"left_at": came + timedelta(hours=9)}):
        with pytest.raises(BadInput), transaction():
            put_right(sign_up, **{"came_at": came, "left_at": None, "by": by, "why": "签到时没带手机", **wrong})
    clock.forward(hours=2)
    with transaction():
        put_right(sign_up, came_at=came, left_at=came + timedelta(minutes=90), by=by, why="签到时没带手机")
    assert (sign_up.state, sign_up.checked_in_at, sign_up.checked_out_at) == ("attended", came, came + timedelta(minutes=90))
    assert [entry.note for entry in audit.history("sign_up", sign_up.id)[:2]] == ["签到时没带手机"] * 2


def test_nobody_puts_their_own_times_right(scene: Scene, clock: object) -> None:
    """Not even whoever leads the shift."""
    scene.open_call(seats=3)
    with transaction():
        own = service.sign_up(scene.role(), scene.volunteer(scene.staff), by=scene.staff.actor)
    clock.set(own.starts_at + timedelta(hours=1))
    with pytest.raises(Refused), transaction():
        put_right(own, came_at=own.starts_at, left_at=None, by=scene.staff.actor, why="我一直在")
    with transaction():
        put_right(own, came_at=own.starts_at, left_at=None, by=scene.street.actor, why="他一直在")
    assert own.state == "attended"


def test_excused_needs_a_seat_again(scene: Scene, clock: object) -> None:
    sign_up, by = ready(scene, clock, seats=1), scene.staff.actor
    with transaction():
        press(sign_up, "excuse", key=key(), at=house_clock.now(), by=by)
    with transaction():
        other, _answer = walk_in(scene.role(), name="过路人", phone="13900000077", people=1, key=key(), by=by)
    assert other.state == "attended" and scene.role().taken == 1
    with pytest.raises(Refused), transaction():
        put_right(sign_up, came_at=house_clock.now(), left_at=None, by=by, why="还是来了")


def test_walk_ins(scene: Scene, clock: object) -> None:
    """A telephone that belongs to an account is that person; whoever is on the list already is just checked in; full is full."""
    sign_up, by, other = ready(scene, clock, seats=2), scene.staff.actor, scene.person(1)
    with transaction():
        found, _answer = walk_in(scene.role(), name="不论", phone=scene.person(0).phone, people=1, key=key(), by=by)
    assert found.id == sign_up.id and sign_up.state == "attended"
    with transaction():
        found, _answer = walk_in(scene.role(), name="不论", phone=other.phone, people=1, key=key(), by=by)
    assert found.volunteer.user_id == other.id
    with pytest.raises(Refused), transaction():
        walk_in(scene.role(), name="第三个", phone="13900000088", people=1, key=key(), by=by)
    assert scene.role().taken == 2


def test_a_telephone_does_not_tell_whose_it_is(scene: Scene, clock: object, app: Flask) -> None:
    """Of somebody from elsewhere the name has to be known as well."""
    ready(scene, clock)
    far = make_person(app, "远方客", (Role.VOLUNTEER, scene.at.far_community))
    with pytest.raises(Refused), transaction():
        walk_in(scene.role(), name="不论", phone=far.phone, people=1, key=key(), by=scene.staff.actor)
    with transaction():
        found, _answer = walk_in(scene.role(), name="远方客", phone=far.phone, people=1, key=key(), by=scene.staff.actor)
    assert found.volunteer.user_id == far.id


@pytest.mark.parametrize("text", ["", "x", None, 5, "0" * 32 + "0", "g" * 32, ["a"], "\x00" * 32])
def test_keys(text: object) -> None:
    with pytest.raises(BadInput):
        read_key(text)


@pytest.mark.both_databases
@pytest.mark.parametrize("same_key", [True, False])
def test_two_at_once(app: Flask, clock: object, same_key: bool) -> None:
    """The same press twice at once, or the leader and the volunteer at once: in once, and both are told so."""
    scene = make_scene(app)
    with app.app_context():
        sign_up_id = ready(scene, clock).id
        scene.person(0)
    one, gate = key(), threading.Barrier(2)
    answers: list = []

    def work(how: CheckHow, by: object, press_key: str) -> Callable:
        def once() -> object:
            with transaction():
                return check_in(db.session.get(SignUp, sign_up_id), key=press_key, at=house_clock.now(), how=how, by=by.actor)

        def run() -> None:
            with app.app_context():
                gate.wait(20)
                answers.append(retrying(once))
                db.session.remove()

        return run

    second = (CheckHow.LEADER, scene.staff, one) if same_key else (CheckHow.PLACE_CODE, scene.person(0), key())
    threads = [threading.Thread(target=work(*job)) for job in ((CheckHow.LEADER, scene.staff, one), second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answer.is_new for answer in answers) == ([True, True] if same_key else [False, True])
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(CheckEvent)) == 1
        assert [entry.action for entry in audit.history("sign_up", sign_up_id)].count("attend") == 1
