"""The endpoint to which devices send what they kept: each press for itself, nothing believed, nothing lost."""

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from tests.factories import sign_in
from tests.volunteering.scene import Scene
from tests.volunteering.the_day import on_the_day
from wishapp.kernel import clock as house_clock
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering import codes, service
from wishapp.volunteering.models import SignUp
from wishapp.volunteering.sign_ups import guest_link

URL = "/volunteer/send-check-ins"


@pytest.fixture
def leader(stage: Scene, clock: object) -> FlaskClient:
    on_the_day(stage, clock, minutes=5)
    return sign_in(stage.app.test_client(), stage.staff)


def a_press(**changes: object) -> dict:
    return {"key": str(uuid4()), "what": "in", "at": house_clock.now().isoformat(), "sign_up": 1, **changes}


def send(client: FlaskClient, body: object, **options: object) -> object:
    token = client.get(URL).get_json()["csrf"]
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(URL, data=data, headers={"X-CSRFToken": token}, content_type="application/json", **options)


def answers(client: FlaskClient, *presses: object, guest: str = "") -> list[dict]:
    return send(client, {"presses": list(presses), "guest": guest}).get_json()["answers"]


def states(stage: Scene) -> list[str]:
    with stage.app.app_context():
        return stage.states()


def test_each_for_itself(stage: Scene, leader: FlaskClient) -> None:
    """One that cannot be read and one refused leave the others alone; sent again, the answers are the same."""
    batch = [a_press(), a_press(sign_up=999), {"key": 5}, a_press(sign_up=2, what="miss"), a_press(sign_up=3, what="excuse")]
    first = {answer["key"]: answer for answer in answers(leader, *batch)}
    assert [first[press["key"]]["is_done"] for press in batch if press["key"] != 5] == [True, False, True, True] and first[""]["is_done"] is False
    assert states(stage) == ["attended", "absent", "excused"]
    again = {answer["key"]: answer["is_done"] for answer in answers(leader, *batch)}
    assert again == {key: answer["is_done"] for key, answer in first.items()}


BODIES = [
    b"", b"{", b"\xff\xfe", b"[]", b"null", b"5", b'{"presses": {}}', b'{"presses": [], "guest": 5}', b'{"presses": "x"}', b"[" * 60_000,
    json.dumps({"presses": [None] * 201}).encode(), json.dumps({"presses": [1] * 1_000_000}).encode()]


def test_bodies_that_are_none(leader: FlaskClient) -> None:
    for body in BODIES:
        assert 400 <= send(leader, body).status_code < 500, body[:20]


NONE = [
    {"key": None}, {"key": "x"}, {"key": "\x00" * 32}, {"key": "\ud800"}, {"what": "absent"}, {"what": ["in"]}, {"what": {}}, {"at": None}, {"at": 5}, {"at": "gestern"},
    {"at": "2026-06-12T12:00:00"}, {"at": "0001-01-01T00:00:00+14:00"}, {"at": "9999-12-31T23:59:59-12:00"}, {"at": "9" * 5000}, {"sign_up": -1}, {"sign_up": 2**31},
    {"sign_up": 10**400}, {"sign_up": True}, {"sign_up": "1"}, {"sign_up": 1.0}, {"sign_up": None}, {"token": 5}, {"token": "p1-\ud800"}, {"token": "p1-1-" + "0" * 20},
    {"point": []}, {"point": [1]}, {"point": ["a", "b"]}, {"point": [float("nan"), 0]}, {"point": [float("inf"), 0]}, {"point": [91, 0]}, {"point": [10**400, 0]}, {"point": {}}]


def test_presses_that_are_none(stage: Scene, leader: FlaskClient) -> None:
    """Types, sizes, NUL, numbers no database takes: refused in words, and what is beside them goes through."""
    for changes in NONE:
        assert [answer["is_done"] for answer in answers(leader, a_press(**changes))] == [False], changes
    found = answers(leader, *(a_press(**changes) for changes in NONE), a_press(sign_up=2))
    assert sum(answer["is_done"] for answer in found) == 1 and states(stage) == ["confirmed", "attended", "confirmed"]


def test_who_may(stage: Scene, leader: FlaskClient, clock: object) -> None:
    """A volunteer checks in nobody else, by whatever way; a stranger nobody at all; without the token nothing."""
    anna, stranger = sign_in(stage.app.test_client(), stage.person(0)), stage.app.test_client()
    with stage.app.app_context():
        call = stage.shift().call
        here = [call.latitude, call.longitude]
        db.session.remove()
    for client in (anna, stranger):
        assert not any(answer["is_done"] for answer in answers(client, a_press(), a_press(sign_up=2), a_press(sign_up=2, point=here)))
    assert not answers(stranger, a_press(point=here), guest="made-up")[0]["is_done"]
    assert anna.post(URL, data=b'{"presses": []}', content_type="application/json").status_code == 400
    assert states(stage) == ["confirmed"] * 3
    far_off = answers(anna, a_press(point=[here[0] + 1, here[1]]))[0]
    assert not far_off["is_done"] and "111" in far_off["words"]
    assert answers(anna, a_press(point=here))[0]["is_done"] and states(stage)[0] == "attended"


def test_a_code_scanned_without_a_connection(stage: Scene, leader: FlaskClient, clock: object) -> None:
    """Sent an hour later it counts for the minute in which the place showed it, and for no other."""
    ben = sign_in(stage.app.test_client(), stage.person(1))
    with stage.app.app_context():
        token, shown = codes.place_code(stage.shift()), house_clock.now()
        db.session.remove()
    clock.forward(hours=1)
    assert not answers(ben, a_press(token=token))[0]["is_done"]
    assert answers(ben, a_press(token=token, at=shown.isoformat()))[0]["is_done"] and states(stage)[1] == "attended"


def test_a_guest(stage: Scene, clock: object, person: Callable) -> None:
    """By the private link a guest checks in themselves and nobody else."""
    with stage.app.app_context():
        stage.open_call(seats=3)
        stage.sign_up(0)
        with transaction():
            made = service.sign_up(stage.role(), service.ensure_guest("过路人", "13900002222", "000000"), by=stage.staff.actor, origin="guest")
            secret, call = guest_link(made), stage.shift().call
        here, guest_id = [call.latitude, call.longitude], made.id
        clock.set(stage.at_start())
        db.session.remove()
    found = answers(stage.app.test_client(), a_press(point=here), a_press(sign_up=guest_id, point=here), guest=secret)
    assert sorted(answer["is_done"] for answer in found) == [False, True]
    with stage.app.app_context():
        assert db.session.get(SignUp, guest_id).checked_in_how == "position" and states(stage)[0] == "confirmed"
