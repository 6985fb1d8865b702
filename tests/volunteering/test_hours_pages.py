"""Hours as people see them: one's own record, the staff's lists, without JavaScript."""

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Clock
from tests.factories import Neighbourhood, Person, csrf_token, sign_in
from tests.volunteering.test_hours import served
from tests.wishes.counting import statements
from wishapp.kernel.permissions import Role
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering.models import SignUp
from wishapp.volunteering.record_models import ServiceRecord
from wishapp.volunteering.sign_ups import digest

Make = Callable[..., Person]


@pytest.fixture
def staff(person: Make, neighbourhood: Neighbourhood) -> Person:
    return person("周社工", (Role.COMMUNITY_STAFF, neighbourhood.community))


@pytest.fixture
def helper(person: Make, neighbourhood: Neighbourhood) -> Person:
    return person("王乐助", lives_in=neighbourhood.community)


@pytest.fixture
def record_id(app: Flask, clock: Clock, staff: Person, helper: Person, neighbourhood: Neighbourhood) -> int:
    """Two hours by check-in, shown since a moment."""
    with app.app_context():
        found = served(staff, helper, neighbourhood, clock).id
        db.session.remove()
    return found


def send(client: FlaskClient, path: str, at: str, **values: str) -> object:
    return client.post(path, data={"csrf_token": csrf_token(client, at), **values})


@pytest.mark.both_databases
def test_from_objection_to_answer(
        app: Flask, client: FlaskClient, record_id: int, staff: Person, helper: Person, person: Make, neighbourhood: Neighbourhood) -> None:
    """The volunteer objects, the staff answer with other minutes; another community sees neither."""
    sign_in(client, helper)
    page = client.get("/volunteer/records").get_data(as_text=True)
    assert "网格平安巡查" in page and f"/service-records/{record_id}/object" in page
    path = f"/service-records/{record_id}/object"
    assert send(client, path, path, why=" ").status_code == 422
    kept = send(client, path, path, why="微信号 abcdef123 联系我")
    assert kept.status_code == 422 and "abcdef123" in kept.get_data(as_text=True), "what was typed stays"
    assert send(client, path, path, why="我十一点半才走").status_code == 303
    assert "我十一点半才走" in client.get("/volunteer/records").get_data(as_text=True)
    assert client.get(f"/desk/hours/{record_id}").status_code == 403

    desk = sign_in(app.test_client(), staff)
    listed = desk.get("/desk/hours").get_data(as_text=True)
    assert "我十一点半才走" in listed and "王某" in listed and helper.name not in listed
    shown = f"/desk/hours/{record_id}"
    assert send(desk, f"{shown}/settle", shown, minutes="9999", answer="好").status_code == 422
    assert send(desk, f"{shown}/settle", shown, minutes="150", answer="是的，补上了").status_code == 303
    assert "是的，补上了" in client.get("/volunteer/records").get_data(as_text=True)

    far = sign_in(app.test_client(), person("远处", (Role.COMMUNITY_STAFF, neighbourhood.far_community)))
    assert far.get(shown).status_code == 404 and "网格平安巡查" not in far.get("/desk/hours?tab=shown").get_data(as_text=True)
    other = sign_in(app.test_client(), person("邻居", lives_in=neighbourhood.community))
    assert other.get(path).status_code == 404


def test_one_s_own_workbook(client: FlaskClient, record_id: int, helper: Person) -> None:
    """Every line of one's own, nobody else's."""
    sign_in(client, helper)
    answer = client.get("/volunteer/records.xlsx")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        text = book.read("xl/sharedStrings.xml").decode()
    assert answer.status_code == 200 and "网格平安巡查" in text and "2026-06-11" in text


def test_a_constant_number_of_queries(
        app: Flask, client: FlaskClient, clock: Clock, record_id: int, staff: Person, person: Make, neighbourhood: Neighbourhood) -> None:
    """The staff's list costs the same with one line and with six."""
    sign_in(client, staff)
    client.get("/desk/hours?tab=shown")
    with statements(app) as first:
        client.get("/desk/hours?tab=shown")
    with app.app_context():
        for name in ("赵一", "钱二", "孙三", "李四", "周五"):
            served(staff, person(name, lives_in=neighbourhood.community), neighbourhood, clock, title=f"巡查{name}")
        db.session.remove()
    with statements(app) as later:
        page = client.get("/desk/hours?tab=shown").get_data(as_text=True)
    assert len(re.findall(r"/desk/hours/\d+", page)) == 6
    assert len(later) == len(first) <= 16, later


def test_on_the_phone_and_at_the_desk(visit: Callable, app: Flask, record_id: int, staff: Person, helper: Person) -> None:
    """Real pages: the volunteer objects on the phone, the staff settle at the desk."""
    phone, desk = visit(), visit("desk")
    for visitor, who in ((phone, helper), (desk, staff)):
        visitor.context.add_cookies(cookies(app, who, visitor.address))
    phone.open("/volunteer/records").press("这不对").fill("哪里不对", "我忘了签退，十一点半才走。").press("说一声").sees("我忘了签退")
    desk.open("/desk/hours").press("网格平安巡查").fill("您的答复", "已改成两个半小时。").fill("计入的分钟", "150").press("答复").open("/desk/hours?tab=shown").sees("2.5")
    with app.app_context():
        assert db.session.get(ServiceRecord, record_id).half_hours == 5
        db.session.remove()


def cookies(app: Flask, who: Person, address: str) -> list[dict]:
    """A signed-in session, made by the sign-in page itself."""
    client = sign_in(app.test_client(), who)
    return [{"name": cookie.key, "value": cookie.value, "url": address} for cookie in client._cookies.values()]


def test_on_the_page_of_the_sign_up(app: Flask, client: FlaskClient, clock: Clock, record_id: int, staff: Person, helper: Person) -> None:
    """Where one signed up, the hours stand too, with the way to object; a guest objects through the private link."""
    sign_in(client, helper)
    with app.app_context():
        record = db.session.get(ServiceRecord, record_id)
        sign_up_id = record.sign_up_id
        db.session.remove()
    page = client.get(f"/sign-ups/{sign_up_id}").get_data(as_text=True)
    assert "公示中" in page and f"/service-records/{record_id}/object" in page
    token = "g" * 40
    with app.app_context():
        with transaction():
            db.session.get(SignUp, sign_up_id).token_digest = digest(token)
        db.session.remove()
    guest = app.test_client()
    path = f"/guests/{token}/object"
    assert path in guest.get(f"/guests/{token}").get_data(as_text=True)
    assert send(guest, path, path, why="我十一点半才走").status_code == 303
    assert "我十一点半才走" in guest.get(f"/guests/{token}").get_data(as_text=True)
    assert guest.get(f"/guests/{'h' * 40}/object").status_code == 404
