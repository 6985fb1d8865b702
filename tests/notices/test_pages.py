"""The inbox."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.browser import Visitor
from tests.factories import PASSWORD, Neighbourhood, Person, sign_in
from tests.supporters.pages import send
from wishapp.accounts import queries as accounts
from wishapp.kernel.permissions import Role
from wishapp.notices import queries, service
from wishapp.store.transaction import transaction

both = pytest.mark.both_databases


@pytest.fixture
def people(app: Flask, neighbourhood: Neighbourhood, person: Callable[..., Person]) -> tuple[Person, Person]:
    """Somebody with three notices (one leading nowhere), and somebody with none."""
    one, other = person("孙测", (Role.RESIDENT, neighbourhood.community)), person("周测", (Role.RESIDENT, neighbourhood.community))
    with app.app_context(), transaction():
        for number, endpoint in enumerate(["points.mine", "no.such_page", ""]):
            service.announce("wish", "publish", thing_id=number, people={"poster": [one.id]}, params={"title": f"第{number}个<b>心愿</b>"}, endpoint=endpoint)
    return one, other


def first_id(app: Flask, person: Person) -> int:
    """Id of a person's oldest notice."""
    with app.app_context():
        return min(row.id for row in queries.inbox(person.id).rows)


@both
def test_opening_marks_as_read_and_leads_there(client: FlaskClient, app: Flask, people: tuple[Person, Person]) -> None:
    sign_in(client, people[0])
    page = client.get("/notices").get_data(as_text=True)
    assert "第0个&lt;b&gt;" in page
    first = first_id(app, people[0])
    assert send(client, "/notices", f"/notices/{first}/read").location == "/points"
    assert send(client, "/notices", f"/notices/{first + 1}/read").location == "/notices"
    with app.app_context():
        assert queries.unread_count(people[0].id) == 1


def test_somebody_elses_notice_does_not_exist(client: FlaskClient, app: Flask, people: tuple[Person, Person]) -> None:
    sign_in(client, people[1])
    assert send(client, "/notices", f"/notices/{first_id(app, people[0])}/read").status_code == 404
    assert send(client, "/notices", "/notices/2147483647/read").status_code == 404
    with app.app_context():
        assert queries.unread_count(people[0].id) == 3


@both
def test_everything_read_at_once_is_only_ones_own(client: FlaskClient, app: Flask, people: tuple[Person, Person]) -> None:
    sign_in(client, people[1])
    assert send(client, "/notices", "/notices/read-all").status_code == 303
    with app.app_context():
        assert queries.unread_count(people[0].id) == 3
    own = sign_in(app.test_client(), people[0])
    assert send(own, "/notices", "/notices/read-all").status_code == 303
    assert "第0个" not in own.get("/notices?only=unread").get_data(as_text=True)
    with app.app_context():
        assert queries.unread_count(people[0].id) == 0


def test_strangers_are_asked_to_sign_in(client: FlaskClient, people: tuple[Person, Person]) -> None:
    assert client.get("/notices").location.startswith("/sign-in")


@pytest.mark.parametrize(("size", "has_javascript"), [("phone", False), ("desk", True)])
def test_in_a_browser(visit, people: tuple[Person, Person], size: str, has_javascript: bool) -> None:
    one: Visitor = visit(size, javascript=has_javascript)
    one.open("/sign-in").fill("用户名或手机号", people[0].username).fill("密码", PASSWORD)
    one.press("登录", within=one.page.get_by_role("main"), exact=True)
    one.open("/notices").sees("3 条没读").press("第0个").open("/notices").sees("2 条没读").press("全部标为已读").sees("都读过了")
    one.press("没读的").sees("没有没读的")


@both
def test_an_address_is_ones_own_to_give_and_to_take_away(client: FlaskClient, app: Flask, people: tuple[Person, Person]) -> None:
    sign_in(client, people[0])
    for wrong in ("x", "a@b", "a@b.c\r\nBcc: d@e.org", "a b@example.org", "长@example.org", f"{'a' * 300}@example.org"):
        assert send(client, "/notices/address", email=wrong).status_code == 422, wrong
    for address in ("one@example.org", ""):
        assert send(client, "/notices/address", email=address).status_code == 303
        with app.app_context():
            assert accounts.user(people[0].id).email == (address or None)
            assert accounts.user(people[1].id).email is None
