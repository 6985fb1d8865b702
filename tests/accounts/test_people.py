"""People as staff see them: whom they find, what they may do, what stays hidden."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from tests.accounts.doors import is_in, knock, send
from tests.factories import PASSWORD, Neighbourhood, Person, csrf_token, make_neighbourhood, make_person, sign_in
from wishapp.accounts import queries
from wishapp.kernel.permissions import Role
from wishapp.store import audit
from wishapp.store.db import db


@pytest.fixture
def where(app: Flask) -> Neighbourhood:
    return make_neighbourhood(app)


@pytest.fixture
def staff(app: Flask, where: Neighbourhood) -> Person:
    return make_person(app, "测试员甲", (Role.COMMUNITY_STAFF, where.community))


@pytest.fixture
def desk(app: Flask, staff: Person) -> FlaskClient:
    return sign_in(app.test_client(), staff)


@pytest.fixture
def neighbour(app: Flask, where: Neighbourhood) -> Person:
    return make_person(app, "居民测试", (Role.RESIDENT, where.community))


ACTS = ("grant-role", "revoke-role", "disable", "enable", "reset-password", "reset-two-step", "read-phone")


def test_the_list_holds_the_own_subtree_only(app: Flask, where: Neighbourhood, desk: FlaskClient, neighbour: Person) -> None:
    beside = make_person(app, "隔壁测试", (Role.RESIDENT, where.next_community))
    helper = make_person(app, "帮手测试", (Role.VOLUNTEER, where.community), lives_in=where.next_community)
    page = desk.get("/desk/people").text
    assert neighbour.name in page and helper.name in page, "who lives here, and who holds a role here"
    assert beside.name not in page
    assert desk.get(f"/desk/people?q={beside.username}").text.count(beside.name) == 0
    street = sign_in(app.test_client(), make_person(app, "街道员", (Role.STREET_STAFF, where.street)))
    assert beside.name in street.get("/desk/people").text
    far = sign_in(app.test_client(), make_person(app, "远处员", (Role.STREET_STAFF, where.far_street)))
    assert neighbour.name not in far.get("/desk/people").text


@pytest.mark.both_databases
def test_search_by_name_part_and_whole_number(desk: FlaskClient, neighbour: Person) -> None:
    def find(text: str) -> TestResponse:
        sent = {"q": text, "csrf_token": csrf_token(desk, "/desk/people")}
        return desk.post("/desk/people/find", data=sent)

    for text in (neighbour.username[1:], neighbour.username.upper(), neighbour.phone, neighbour.phone.removeprefix("+86")):
        answer = find(text)
        assert neighbour.name in desk.get(answer.location).text, text
        assert neighbour.phone[-8:] not in answer.location, "a number is no part of an address"
    for text in (neighbour.phone[-4:], neighbour.phone[:-1], "%", "_" * 9):
        answer = find(text)
        assert "1990000" not in answer.location
        assert "/desk/people/" not in answer.location, text
    assert neighbour.name not in desk.get("/desk/people?role=volunteer").text
    assert neighbour.name in desk.get("/desk/people?role=resident&state=on").text
    assert neighbour.name not in desk.get("/desk/people?state=off").text
    for bad in ("role=king", "page=-1", "page=x", "q=%00"):
        assert 400 <= desk.get(f"/desk/people?{bad}").status_code < 500
    assert desk.get("/desk/people?page=999").status_code == 200


def test_numbers_are_masked_until_asked_for_and_the_look_is_recorded(app: Flask, desk: FlaskClient, staff: Person, neighbour: Person) -> None:
    digits = neighbour.phone.removeprefix("+86")
    shown = f"{digits[:3]} {digits[3:7]} {digits[7:]}"
    for page in ("/desk/people", f"/desk/people/{neighbour.id}"):
        text = desk.get(page).text
        assert shown not in text and digits not in text and f"{digits[:3]}****{digits[-4:]}" in text
    answer = send(desk, f"/desk/people/{neighbour.id}/read-phone", f"/desk/people/{neighbour.id}")
    assert shown in answer.text
    with app.app_context():
        newest = audit.history("user", neighbour.id)[0]
        assert (newest.action, newest.actor_id, newest.data) == ("read_phone", staff.id, {})


def test_another_trees_person_does_not_exist(app: Flask, where: Neighbourhood, desk: FlaskClient) -> None:
    beside = make_person(app, "隔壁测试", (Role.RESIDENT, where.next_community))
    for user_id in (beside.id, 999_999):
        assert desk.get(f"/desk/people/{user_id}").status_code == 404
        assert desk.get(f"/desk/people/{user_id}/grant-role").status_code == 404
        for act in ACTS:
            answer = send(desk, f"/desk/people/{user_id}/{act}", "/desk/people", role="volunteer", place_id=where.community.id)
            assert answer.status_code == 404, act
    assert sign_in(app.test_client(), beside)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ANYONE, Role.SIGNED_IN, Role.SYSTEM, Role.COMMUNITY_STAFF, Role.STREET_STAFF, Role.DISTRICT_STAFF}))
def test_only_staff_come_in(app: Flask, where: Neighbourhood, neighbour: Person, role: Role) -> None:
    client = sign_in(app.test_client(), make_person(app, "外人", (role, where.community)))
    for page in ("/desk/people", "/desk/people/new", f"/desk/people/{neighbour.id}", "/desk/places"):
        assert client.get(page).status_code == 403, page


@pytest.mark.both_databases
def test_giving_and_taking_a_role_by_the_pages(app: Flask, where: Neighbourhood, desk: FlaskClient, neighbour: Person) -> None:
    choice = desk.get(f"/desk/people/{neighbour.id}/grant-role").text
    assert "role=grid_worker" in choice and "role=community_staff" in choice and "role=street_staff" not in choice
    place = desk.get(f"/desk/people/{neighbour.id}/grant-role?role=grid_worker&place={where.grid.id}").text
    assert f'name="place_id" value="{where.grid.id}"' in place
    path = f"/desk/people/{neighbour.id}/grant-role"
    page = f"{path}?role=grid_worker&place={where.grid.id}"
    assert send(desk, path, page, role="grid_worker", place_id=where.grid.id).status_code == 303
    assert "grid_worker" in desk.get(f"/desk/people/{neighbour.id}").text
    refused = {
        ("street_staff", where.street.id): 404, ("street_staff", where.community.id): 403, ("grid_worker", where.next_grid.id): 404,
        ("community_staff", where.grid.id): 422, ("king", where.grid.id): 422, ("resident", 2**31): 422, ("resident", 2**63): 422,
        ("system", where.grid.id): 422,
    }
    for (role, place_id), status in refused.items():
        assert send(desk, path, page, role=role, place_id=place_id).status_code == status, role
    back = f"/desk/people/{neighbour.id}"
    assert send(desk, f"{back}/revoke-role", back, role="grid_worker", place_id=where.grid.id).status_code == 303
    assert send(desk, f"{back}/revoke-role", back, role="grid_worker", place_id=where.grid.id).status_code == 409


@pytest.mark.both_databases
def test_opening_an_account_shows_a_password_once(app: Flask, where: Neighbourhood, desk: FlaskClient) -> None:
    page = "/desk/people/new"
    answer = send(desk, page, display_name="新网格员", phone="13800000077", username="newgrid", role="grid_worker", community_id=where.community.id)
    password = re.search(r'class="code">([a-z0-9-]+)<', answer.text)[1]
    client = app.test_client()
    assert knock(client, "13800000077", password).status_code == 303
    assert client.get("/me").headers["Location"] == "/me/change-password", "first a password of their own"
    assert client.get("/privacy").status_code == 200
    assert send(client, "/me/change-password", password=password).status_code == 422, "not the same again"
    assert send(client, "/me/change-password", password="green river song").status_code == 303
    assert client.get("/me").status_code == 200
    assert knock(app.test_client(), "newgrid", password).status_code == 422
    with app.app_context():
        user = queries.user_by_name_or_phone("newgrid")
        assert [(grant.role, grant.place_id) for grant in user.grants] == [(Role.GRID_WORKER, where.community.id)]
        assert password not in str([(entry.action, entry.data, entry.note) for entry in audit.history("user", user.id)])


def test_accounts_are_opened_at_home_and_not_above_oneself(app: Flask, where: Neighbourhood, desk: FlaskClient) -> None:
    page = "/desk/people/new"
    fields = {"display_name": "新人", "phone": "", "username": "newone"}
    assert send(desk, page, **fields, role="resident", community_id=where.next_community.id).status_code == 404
    assert send(desk, page, **fields, role="street_staff", community_id=where.community.id).status_code == 422
    assert send(desk, page, **fields, role="resident", community_id=where.community.id).status_code == 200
    assert send(desk, page, **fields, role="resident", community_id=where.community.id).status_code == 422, "the name is taken"


@pytest.mark.both_databases
def test_reset_disable_enable(app: Flask, desk: FlaskClient, neighbour: Person) -> None:
    theirs, back = sign_in(app.test_client(), neighbour), f"/desk/people/{neighbour.id}"
    password = re.search(r'class="code">([a-z0-9-]+)<', send(desk, f"{back}/reset-password", back).text)[1]
    assert not is_in(theirs)
    assert knock(app.test_client(), neighbour.username, PASSWORD).status_code == 422
    theirs = app.test_client()
    assert knock(theirs, neighbour.username, password).status_code == 303
    assert send(desk, f"{back}/disable", back).status_code == 303
    assert theirs.get("/me").headers["Location"].startswith("/sign-in")
    assert knock(app.test_client(), neighbour.username, password).status_code == 422
    assert send(desk, f"{back}/disable", back).status_code == 409
    assert send(desk, f"{back}/enable", back).status_code == 303
    assert knock(app.test_client(), neighbour.username, password).status_code == 303
    with app.app_context():
        assert [entry.action for entry in audit.history("user", neighbour.id)] == ["enable", "disable", "reset_password"]


def test_nobody_takes_over_an_account_that_reaches_further(app: Flask, where: Neighbourhood, desk: FlaskClient, staff: Person) -> None:
    boss = make_person(app, "街道员", (Role.STREET_STAFF, where.street), lives_in=where.community)
    guest = make_person(app, "别处居民", (Role.VOLUNTEER, where.community), lives_in=where.next_community)
    for person in (boss, guest):
        back = f"/desk/people/{person.id}"
        assert desk.get(back).status_code == 200
        for act in ("disable", "enable", "reset-password", "reset-two-step"):
            assert send(desk, f"{back}/{act}", back).status_code == 403, act
        assert knock(app.test_client(), person.username, PASSWORD).status_code == 303
    back = f"/desk/people/{staff.id}"
    for act in ("disable", "reset-password"):
        assert send(desk, f"{back}/{act}", back).status_code == 409, "not oneself"
    with app.app_context():
        assert {entry.action for entry in audit.history("route", 0)} == {"denied"}


def test_the_list_asks_the_same_questions_for_five_and_for_thirty(app: Flask, where: Neighbourhood, desk: FlaskClient) -> None:
    def queries_of(path: str) -> int:
        asked: list[str] = []

        def count(_connection, _cursor, statement, *_rest) -> None:
            asked.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", count)
        try:
            assert desk.get(path).status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", count)
        return len(asked)

    for _person in range(4):
        make_person(app, "少数", (Role.RESIDENT, where.community))
    few = queries_of("/desk/people")
    for number in range(30):
        make_person(app, "多数", (Role.VOLUNTEER, where.grid if number % 2 else where.community), (Role.RESIDENT, where.community))
    assert queries_of("/desk/people") == few <= 12
