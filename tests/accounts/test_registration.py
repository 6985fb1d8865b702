"""Registering: the community by links, rules of the fields, what is kept; all without JavaScript."""

import re

import pytest
from flask import Flask

from tests.accounts.doors import is_in, knock, send
from tests.factories import Neighbourhood, make_neighbourhood, make_person
from wishapp.accounts import queries
from wishapp.accounts.models import User
from wishapp.kernel.permissions import Role
from wishapp.store import audit
from wishapp.store.db import db

GOOD = {"display_name": "王测试", "phone": "138 0000 0001", "username": "", "password": "green river song", "consent": "y"}


@pytest.fixture
def where(app: Flask) -> Neighbourhood:
    return make_neighbourhood(app)


def register(app: Flask, where: Neighbourhood, client=None, **changed: object):
    """Send the form with these fields changed."""
    page = f"/register?place={where.community.id}"
    fields = {**GOOD, "community_id": where.community.id, **changed}
    return send(client or app.test_client(), "/register", page, **{name: value for name, value in fields.items() if value is not None})


def test_from_the_street_to_the_wall_by_links(app: Flask, where: Neighbourhood) -> None:
    client = app.test_client()
    streets = client.get("/register").text
    assert where.street.name in streets and where.far_street.name in streets, "a lone city and district are stepped over"
    link = re.search(rf'href="([^"]*place={where.street.id})"', streets)[1]
    communities = client.get(link).text
    assert where.community.name in communities and where.far_community.name not in communities
    form = client.get(re.search(rf'href="([^"]*place={where.community.id})"', communities)[1]).text
    assert f'value="{where.community.id}"' in form
    assert register(app, where, client).status_code == 303
    assert is_in(client)
    assert knock(app.test_client(), "13800000001", GOOD["password"]).status_code == 303


def test_a_street_with_one_community_goes_straight_to_the_form(app: Flask, where: Neighbourhood) -> None:
    assert where.far_community.name in app.test_client().get(f"/register?place={where.far_street.id}").text
    assert 'name="password"' in app.test_client().get(f"/register?place={where.far_street.id}").text


@pytest.mark.both_databases
def test_searching_for_the_community(app: Flask, where: Neighbourhood) -> None:
    found = app.test_client().get("/register?q=柳下").text
    assert where.community.name in found and where.next_community.name not in found and where.street.name in found
    assert app.test_client().get("/register?q=%25").status_code == 200
    assert where.community.name not in app.test_client().get("/register?q=%25").text, "a percent sign is no wildcard"
    for odd in ("/register?place=999999", "/register?place=", f"/register?place={where.grid.id}"):
        assert app.test_client().get(odd).status_code == 200, odd
    for bad in ("/register?place=x", "/register?place=-1", "/register?place=99999999999999", "/register?q=%00"):
        assert 400 <= app.test_client().get(bad).status_code < 500, bad


def test_what_is_kept(app: Flask, where: Neighbourhood, clock) -> None:
    assert register(app, where, username="王测试").status_code == 303
    with app.app_context():
        user = queries.user_by_name_or_phone("王测试")
        assert (user.display_name, user.phone, user.community_id) == ("王测试", "+8613800000001", where.community.id)
        assert user.consented_at == clock.now
        assert [(grant.role, grant.place_id) for grant in user.grants] == [(Role.RESIDENT, where.community.id)]
        raw = db.session.connection().exec_driver_sql("SELECT display_name, phone, password_hash FROM users").one()
        assert b"138" not in bytes(raw[1]) and "王".encode() not in bytes(raw[0]) and GOOD["password"] not in raw[2]
        assert [entry.action for entry in audit.history("user", user.id)] == ["grant_role", "create"]
        assert not any("138" in str(entry.data) or "王" in str(entry.data) for entry in audit.history("user", user.id))


WRONG_FIELDS = [
    ("display_name", ""), ("display_name", "长" * 31), ("display_name", "半\x00角"), ("phone", ""), ("phone", "1380000001"), ("phone", "12345"),
    ("phone", "not a number"), ("username", "a b"), ("username", "12345678"), ("username", "admin"), ("password", ""), ("password", "short"),
    ("password", "password1"), ("password", "13800000001x"), ("password", "y" * 200), ("consent", None), ("community_id", None), ("community_id", "x"),
    ("community_id", -1), ("community_id", 2**31), ("community_id", 2**63), ("community_id", 0), ("community_id", 999999),
]


def test_every_rule_answers_422_and_keeps_nothing(app: Flask, where: Neighbourhood, subtests: pytest.Subtests) -> None:
    for field, value in WRONG_FIELDS:
        with subtests.test(field=field, value=value):
            answer = register(app, where, **{field: value})
            assert answer.status_code == 422
            assert 'role="alert"' in answer.text, "a summary of what to put right"
            if field not in ("display_name", "community_id"):
                assert "王测试" in answer.text, "what was typed is still there"
            assert GOOD["password"] not in answer.text, "but never the password"
            with app.app_context():
                assert db.session.query(User).count() == 0


def test_a_street_or_grid_is_no_home(app: Flask, where: Neighbourhood) -> None:
    for place in (where.street, where.grid, where.city):
        assert register(app, where, community_id=place.id).status_code == 422


@pytest.mark.both_databases
def test_names_and_numbers_are_given_once(app: Flask, where: Neighbourhood) -> None:
    assert register(app, where, username="wangxiao").status_code == 303
    assert register(app, where, username="WangXiao", phone="13800000002").status_code == 422
    assert register(app, where, username="other", phone="+86 138-0000-0001").status_code == 422
    assert register(app, where, username="other", phone="13800000002").status_code == 303


def test_the_same_form_sent_twice_registers_once(app: Flask, where: Neighbourhood) -> None:
    client = app.test_client()
    page = client.get(f"/register?place={where.community.id}").text
    hidden = dict(re.findall(r'<input[^>]*name="(csrf_token|request_key)"[^>]*value="([^"]+)"', page))
    fields = {**GOOD, **hidden, "community_id": where.community.id}
    answers = [client.post("/register", data=fields).status_code, client.post("/register", data=fields).status_code]
    assert answers[0] == 303
    with app.app_context():
        assert db.session.query(User).count() == 1


def test_nobody_registers_as_staff(app: Flask, where: Neighbourhood) -> None:
    register(app, where, role="district_staff", is_enabled="1", roles="district_staff")
    with app.app_context():
        assert queries.user_by_name_or_phone("13800000001").actor.roles & set(Role) - {Role.ANYONE, Role.SIGNED_IN} == {Role.RESIDENT}


@pytest.mark.both_databases
def test_moving_house_takes_the_residents_role_along(app: Flask, where: Neighbourhood) -> None:
    client = app.test_client()
    register(app, where, client)
    assert send(client, "/me/community", f"/me/community?place={where.far_street.id}", place_id=where.far_community.id).status_code == 303
    with app.app_context():
        user = queries.user_by_name_or_phone("13800000001")
        assert user.community_id == where.far_community.id
        assert [(grant.role, grant.place_id) for grant in user.grants] == [(Role.RESIDENT, where.far_community.id)]
    assert 400 <= send(client, "/me/community", "/me", place_id=where.street.id).status_code < 500


@pytest.mark.both_databases
def test_profile_keeps_and_refuses(app: Flask, where: Neighbourhood) -> None:
    client = app.test_client()
    register(app, where, client)
    other = make_person(app, "测试乙", lives_in=where.community)
    assert send(client, "/me", display_name="王新名", phone="13800000009").status_code == 303
    with app.app_context():
        user = queries.user_by_name_or_phone("13800000009")
        assert user.display_name == "王新名"
        assert audit.history("user", user.id)[0].data == {"changed": ["display_name", "phone"]}
    assert send(client, "/me", display_name="王新名", phone=other.phone).status_code == 422, "somebody else's number"
    assert send(client, "/me", display_name="", phone="").status_code == 422
    assert send(client, "/me", display_name="王新名", phone="").status_code == 303
    with app.app_context():
        assert queries.user_by_name_or_phone("13800000009") is None
