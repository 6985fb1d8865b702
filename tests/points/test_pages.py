"""Pages of points: one's own, staff's, and taking back."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.browser import Visitor
from tests.factories import PASSWORD, Neighbourhood, Person, sign_in
from tests.supporters.conftest import make
from tests.supporters.pages import send
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import SYSTEM
from wishapp.notices import queries as notices
from wishapp.points import queries, service
from wishapp.store.transaction import transaction

both = pytest.mark.both_databases


@dataclass(frozen=True)
class Office:
    """Two supporters with points, and the people around them."""

    unit: int
    team: int
    transfer: int
    contact: Person
    stranger: Person
    staff: Person
    street: Person
    far_street: Person


@pytest.fixture
def office(app: Flask, neighbourhood: Neighbourhood, person: Callable[..., Person]) -> Office:
    """A unit with 2.5 points and a team with 1, both answered for by the same contact."""
    here = neighbourhood.community
    contact = person("李测", (Role.UNIT_CONTACT, here), (Role.TEAM_LEADER, here))
    with app.app_context():
        with transaction():
            unit = make("unit", "青桥小学（测试）", here.id, people=[contact.id])
            team = make("team", "暖邻队（测试）", here.id, people=[contact.id])
            one = service.credit(f"supporter:{unit.id}", 15, source="claim:1", reason=service.FULFILLED, by=SYSTEM, title="一辆轮椅", place_path=here.path)
            service.credit(f"supporter:{unit.id}", 10, source="claim:2", reason=service.FULFILLED, by=SYSTEM, title="上门理发", place_path=here.path)
            service.credit(f"supporter:{team.id}", 10, source="claim:3", reason=service.FULFILLED, by=SYSTEM, title="楼道灯", place_path=here.path)
        ids = unit.id, team.id, one.id
    return Office(*ids, contact, person("孙测", (Role.RESIDENT, here)), person("张测", (Role.COMMUNITY_STAFF, here)),
                  person("郑测", (Role.STREET_STAFF, neighbourhood.street)), person("远测", (Role.STREET_STAFF, neighbourhood.far_street)))


@both
def test_people_see_the_points_of_everybody_they_answer_for(client: FlaskClient, office: Office) -> None:
    sign_in(client, office.contact)
    page = client.get("/points").get_data(as_text=True)
    assert "一辆轮椅" in page and ">2.5<" in page and "楼道灯" not in page
    assert "楼道灯" in client.get(f"/points?of={office.team}").get_data(as_text=True)
    assert "上门理发" not in client.get("/points?only=spent").get_data(as_text=True)


def test_others_see_none_of_them(client: FlaskClient, office: Office) -> None:
    sign_in(client, office.stranger)
    page = client.get(f"/points?of={office.unit}").get_data(as_text=True)
    assert "一辆轮椅" not in page and "/supporters/join" in page


@pytest.mark.parametrize("query", ["page=0", "page=x", "of=-1", "of=99999999999"])
def test_addresses_that_cannot_be(client: FlaskClient, office: Office, query: str) -> None:
    sign_in(client, office.contact)
    assert client.get(f"/points?{query}").status_code == 422


@both
def test_staff_see_the_accounts_of_their_places(client: FlaskClient, office: Office) -> None:
    sign_in(client, office.staff)
    assert "青桥小学" in client.get("/desk/points?q=qqxx").get_data(as_text=True)
    assert "一辆轮椅" in client.get(f"/desk/points/{office.unit}").get_data(as_text=True)


def test_another_streets_accounts_do_not_exist(client: FlaskClient, office: Office) -> None:
    sign_in(client, office.far_street)
    assert "青桥小学" not in client.get("/desk/points").get_data(as_text=True)
    assert client.get(f"/desk/points/{office.unit}").status_code == 404
    assert send(client, "/desk/points", f"/desk/points/transfers/{office.transfer}/reverse", note="试试").status_code == 404


@both
def test_the_street_takes_a_line_back_with_a_reason(client: FlaskClient, app: Flask, office: Office) -> None:
    sign_in(client, office.street)
    page, act = f"/desk/points/{office.unit}", f"/desk/points/transfers/{office.transfer}/reverse"
    assert send(client, page, act, note=" ").status_code == 422
    assert send(client, page, act, note="长" * 201).status_code == 422
    assert send(client, page, act, note="重复记了").status_code == 303
    assert send(client, page, act, note="再来一次").status_code == 409
    assert "重复记了" in client.get(page).get_data(as_text=True)
    with app.app_context():
        assert queries.balance(f"supporter:{office.unit}") == 10
        assert queries.broken_ledger() == []
        assert notices.inbox(office.contact.id).rows[0].params["why"] == "重复记了"


def test_community_staff_may_look_but_not_take_back(client: FlaskClient, office: Office) -> None:
    sign_in(client, office.staff)
    page = f"/desk/points/{office.unit}"
    assert "/reverse" not in client.get(page).get_data(as_text=True)
    assert send(client, page, f"/desk/points/transfers/{office.transfer}/reverse", note="试试").status_code == 403


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_in_a_browser(visit, office: Office, size: str) -> None:
    one: Visitor = visit(size)
    one.open("/sign-in").fill("用户名或手机号", office.street.username).fill("密码", PASSWORD)
    one.press("登录", within=one.page.get_by_role("main"), exact=True)
    one.open("/desk/points").press("青桥小学")
    one.page.locator("summary:visible").filter(has_text="更正").first.click()
    one.fill("为什么收回", "记错了").press("收回 1 分").sees("更正：上门理发").sees("记错了")
    other: Visitor = visit(size, javascript=False)
    other.open("/sign-in").fill("用户名或手机号", office.contact.username).fill("密码", PASSWORD)
    other.press("登录", within=other.page.get_by_role("main"), exact=True)
    other.open("/points").sees("1.5").press("用掉").sees("更正：上门理发").open("/notices").press("记错了").sees("积分流水")
