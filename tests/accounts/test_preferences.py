"""Language, elder mode, theme: for everybody, kept in the browser and on the account; and the password page."""

import pytest
from flask import Flask

from tests.accounts.doors import is_in, knock, send
from tests.factories import PASSWORD, Person, csrf_token, make_neighbourhood, make_person, sign_in
from wishapp.accounts import queries
from wishapp.kernel.permissions import Role


@pytest.fixture
def person(app: Flask) -> Person:
    where = make_neighbourhood(app)
    return make_person(app, "测试甲", (Role.RESIDENT, where.community))


def test_a_visitors_choice_is_kept_in_the_browser(app: Flask) -> None:
    client = app.test_client()
    assert 'lang="zh-Hans"' in client.get("/privacy").text
    for field, value, sign in (
        ("lang", "en", 'lang="en"'), ("lang", "zh-Hant", 'lang="zh-Hant"'), ("mode", "elder", 'data-mode="elder"'), ("theme", "dark", 'data-theme="dark"'),
    ):
        answer = send(client, "/preferences", "/privacy", **{field: value, "next": "/privacy"})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/privacy")
        assert sign in client.get("/privacy").text
    send(client, "/preferences", "/privacy", mode="standard")
    assert 'data-mode="elder"' not in client.get("/privacy").text


@pytest.mark.both_databases
def test_the_accounts_choice_follows_to_other_devices(app: Flask, person: Person) -> None:
    client = sign_in(app.test_client(), person)
    send(client, "/preferences", "/me", lang="en", next="/me")
    send(client, "/preferences", "/me", mode="elder", next="/me")
    page = sign_in(app.test_client(), person).get("/me").text
    assert 'lang="en"' in page and 'data-mode="elder"' in page
    with app.app_context():
        user = queries.user(person.id)
        assert (user.prefers_lang, user.prefers_elder, user.prefers_theme) == ("en", "1", None)
    assert is_in(client), "a preference ends no session"


@pytest.mark.parametrize("fields", [
    {}, {"lang": "xx"}, {"lang": "zh-CN"}, {"theme": "pink"}, {"mode": "x"}, {"elder": "3"}, {"lang": "\x00"}, {"lang": "en", "theme": "x"},
])
def test_unknown_settings_are_refused(app: Flask, fields: dict) -> None:
    client = app.test_client()
    assert send(client, "/preferences", "/privacy", **fields).status_code == 422
    assert 'lang="zh-Hans"' in client.get("/privacy").text, "and change nothing"


@pytest.mark.parametrize("target", ["//evil.com", "/\\evil.com", "https://evil.com", "/\t/evil.com"])
def test_back_only_to_this_site(app: Flask, target: str) -> None:
    client = app.test_client()
    assert send(client, "/preferences", "/privacy", lang="en", next=target).headers["Location"] == "/"
    token = {"csrf_token": csrf_token(client, "/privacy")}
    foreign = client.post("/preferences", data={**token, "lang": "en"}, headers={"Referer": "http://evil.com/privacy"})
    assert foreign.headers["Location"] == "/"
    own = client.post("/preferences", data={**token, "lang": "en"}, headers={"Referer": "http://localhost/privacy"})
    assert own.headers["Location"] == "/privacy"


def test_preferences_need_a_token(app: Flask) -> None:
    assert app.test_client().post("/preferences", data={"lang": "en"}).status_code == 400


@pytest.mark.both_databases
def test_changing_the_password(app: Flask, person: Person) -> None:
    client, other = sign_in(app.test_client(), person), sign_in(app.test_client(), person)
    path = "/me/change-password"
    for old, new in (("three wild rivers", "green river song"), ("", "green river song"), (PASSWORD, "password1"), (PASSWORD, "")):
        assert send(client, path, old_password=old, password=new).status_code == 422
        assert is_in(other)
    assert send(client, path, old_password=PASSWORD, password="green river song").status_code == 303
    assert is_in(client), "this device stays"
    assert not is_in(other), "the older cookie is dead"
    assert knock(app.test_client(), person.username, PASSWORD).status_code == 422
    assert knock(app.test_client(), person.username, "green river song").status_code == 303


def test_guessing_the_old_password_locks_as_well(app: Flask, person: Person, clock) -> None:
    client = sign_in(app.test_client(), person)
    for _try in range(5):
        send(client, "/me/change-password", old_password="three wild rivers", password="green river song")
    assert send(client, "/me/change-password", old_password=PASSWORD, password="green river song").status_code == 422
    clock.forward(minutes=16)
    assert send(client, "/me/change-password", old_password=PASSWORD, password="green river song").status_code == 303


def test_what_the_notice_says_is_there_for_everybody(app: Flask) -> None:
    assert app.test_client().get("/privacy").status_code == 200
