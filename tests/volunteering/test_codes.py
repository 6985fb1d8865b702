"""Codes to scan: what they open, for whom, for how long; that a scanner really reads them."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image
from playwright.sync_api import expect

from tests.factories import csrf_token, make_person, sign_in
from tests.volunteering.scene import Scene
from tests.volunteering.the_day import enter, on_the_day
from wishapp.kernel.permissions import Role
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering import codes, service
from wishapp.volunteering.models import Shift, SignUp
from wishapp.volunteering.record_models import CheckEvent
from wishapp.volunteering.sign_ups import guest_link


def own(stage: Scene, sign_up_id: int = 1) -> str:
    with stage.app.app_context():
        return f"/check/{codes.own_code(sign_up_id)}"


def place(stage: Scene, shift_id: int = 1) -> str:
    with stage.app.app_context():
        return f"/check/{codes.place_code(db.session.get(Shift, shift_id))}"


def press(client: FlaskClient, path: str, what: str = "in") -> object:
    token = next(filter(None, (csrf_token(client, page) for page in (path, "/me", "/sign-in"))), "")
    return client.post(path, data={"csrf_token": token, "request_key": "0" * 31 + ("1" if what == "in" else "2"), "what": what})


def states(stage: Scene) -> list[str]:
    with stage.app.app_context():
        return stage.states()


def scan(visitor: object, selector: str) -> str:
    """What a scanner reads on a visitor's screen: the path of the address in the code."""
    picture = Image.open(io.BytesIO(visitor.page.locator(selector).screenshot()))
    found = zxingcpp.read_barcodes(picture)
    assert len(found) == 1, "no code could be read"
    return urlsplit(found[0].text).path


def test_the_volunteers_own_code(stage: Scene, clock: object) -> None:
    """The leader's scan opens one button; nobody else gets anything, the owner their own page."""
    on_the_day(stage, clock, people=2)
    path, far = own(stage), make_person(stage.app, "远社工", (Role.COMMUNITY_STAFF, stage.at.far_community))
    leader = sign_in(stage.app.test_client(), stage.staff)
    page = leader.get(path).get_data(as_text=True)
    assert "邻某" in page and "邻居0" not in page
    for person, status in ((far, 404), (stage.person(1), 404), (stage.person(0), 303)):
        other = sign_in(stage.app.test_client(), person)
        assert (other.get(path).status_code, press(other, path).status_code) == (status, status)
    assert stage.app.test_client().get(path).location.startswith("/sign-in?next=/check/")
    assert states(stage) == ["confirmed"] * 2
    assert press(leader, path).status_code == 303 and press(leader, path, "out").status_code == 303
    with stage.app.app_context():
        found = db.session.get(SignUp, 1)
        assert (found.state, found.checked_in_how, found.checked_out_at is not None) == ("attended", "own_code", True)


@pytest.mark.parametrize("token", ["x", "s1-" + "0" * 20, "s99999999999-" + "0" * 20, "p1-1-" + "0" * 20, "p9-1-" + "0" * 20, "s1", "p1-" + "9" * 30 + "-" + "a" * 20])
def test_codes_nobody_made(stage: Scene, client: FlaskClient, clock: object, token: str) -> None:
    on_the_day(stage, clock, people=1)
    sign_in(client, stage.staff)
    assert client.get(f"/check/{token}").status_code == 404


def test_the_places_code(stage: Scene, clock: object) -> None:
    """One tap for whoever has a place; a picture of it is worth nothing two minutes later; one of another shift does not help."""
    on_the_day(stage, clock, people=2)
    path = place(stage)
    anna, ben, none = (sign_in(stage.app.test_client(), stage.person(number)) for number in range(3))
    assert press(none, path).status_code == 404
    assert press(anna, path).location == "/sign-ups/1"
    assert states(stage) == ["attended", "confirmed"]
    clock.forward(minutes=2)
    assert ben.get(path).status_code == 409 and press(ben, path).status_code == 409
    clock.forward(hours=-48, minutes=-2)
    with stage.app.app_context():
        stage.open_call(hours=48.1, seats=3)
    clock.forward(hours=48)
    assert press(ben, place(stage, 2)).status_code == 404


def test_time_to_sign_in(stage: Scene, clock: object) -> None:
    """Opened in time, the page waits some minutes for the sign-in, in this browser only."""
    on_the_day(stage, clock, people=1)
    path, late = place(stage), stage.app.test_client()
    assert "登录" in late.get(path, headers={"Accept-Language": "zh-CN"}).get_data(as_text=True)
    sign_in(late, stage.person(0))
    clock.forward(minutes=5)
    assert sign_in(stage.app.test_client(), stage.person(0)).get(path).status_code == 409
    assert press(late, path).status_code == 303 and states(stage) == ["attended"]


def test_a_guest(stage: Scene, clock: object) -> None:
    """Whoever opened their private link on this device scans like everybody; the link of another shift does not help."""
    with stage.app.app_context():
        stage.open_call(seats=3)
        with transaction():
            made = service.sign_up(stage.role(), service.ensure_guest("过路人", "13900002222", "000000"), by=stage.staff.actor, origin="guest")
            secret = guest_link(made)
        clock.set(stage.at_start())
        db.session.remove()
    client = stage.app.test_client()
    assert press(client, place(stage)).status_code == 404
    client.get(f"/guests/{secret}")
    assert press(client, place(stage)).location == f"/guests/{secret}"
    assert states(stage) == ["attended"]


def test_read_by_a_scanner(stage: Scene, clock: object, visit: Callable) -> None:
    """The screen's code and the phone's code, read off the screens, lead where they should; checked in by position too."""
    clock.set(datetime.now(UTC))
    on_the_day(stage, clock, people=3, minutes=0, hours=0.4)
    screen = enter(visit("desk"), stage.staff, "/desk/shifts/1/code")
    anna = enter(visit("phone"), stage.person(0), "/sign-ups/1")
    anna.open(scan(screen, ".placecode__qr")).press("签到").sees("签到好了")
    assert states(stage)[0] == "attended"
    ben = enter(visit("phone"), stage.person(1), "/sign-ups/2")
    screen.open(scan(ben, ".owncode__qr")).press("签到").sees("签到好了")
    carl = visit("phone")
    with stage.app.app_context():
        call = stage.shift().call
        spot = {"latitude": call.latitude + 0.001, "longitude": call.longitude}
        db.session.remove()
    carl.context.grant_permissions(["geolocation"])
    carl.context.set_geolocation(spot)
    enter(carl, stage.person(2), "/sign-ups/3")
    carl.page.get_by_role("button", name="按位置签到").click()
    expect(carl.page.get_by_role("button", name="按位置签退")).to_be_visible()
    carl.look()
    assert states(stage) == ["attended"] * 3
    with stage.app.app_context():
        assert [(event.how, event.metres) for event in db.session.scalars(db.select(CheckEvent).order_by(CheckEvent.id))] == [
            ("place_code", None), ("own_code", None), ("position", 111)]


def test_image_is_plain(stage: Scene, clock: object, client: FlaskClient) -> None:
    """Dark on white, with its quiet zone, whatever the page's colours are; only while check-in is open."""
    on_the_day(stage, clock, people=1)
    sign_in(client, stage.staff)
    answer = client.get("/desk/shifts/1/code")
    assert answer.headers["Refresh"] == "30" and 'src="data:image/svg+xml' in answer.get_data(as_text=True)
    clock.forward(hours=9)
    assert "data:image" not in client.get("/desk/shifts/1/code").get_data(as_text=True)
