"""The door: who gets in, who is locked out and for how long, what ends a session."""

from urllib.parse import quote

import pytest
from flask import Flask

from tests.accounts.doors import is_in, knock, send
from tests.factories import PASSWORD, Person, make_neighbourhood, make_person, sign_in
from wishapp.accounts import queries, service, signing
from wishapp.accounts.models import UnknownName, User
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import SYSTEM
from wishapp.places import queries as places
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.transaction import transaction

WRONG = "three wild rivers"


@pytest.fixture
def person(app: Flask) -> Person:
    where = make_neighbourhood(app)
    return make_person(app, "测试甲", (Role.RESIDENT, where.community))


def test_by_name_by_phone_and_not_at_all(app: Flask, person: Person) -> None:
    for name in (person.username, person.username.upper(), person.phone, person.phone.removeprefix("+86"), f" {person.phone[3:6]}-{person.phone[6:]} "):
        client = app.test_client()
        assert knock(client, name, PASSWORD).status_code == 303, name
        assert is_in(client)
    client = app.test_client()
    refused = knock(client, person.username, WRONG)
    assert refused.status_code == 422
    assert not is_in(client)
    assert PASSWORD not in refused.text
    assert WRONG not in refused.text


def test_the_same_answer_for_somebody_and_nobody(app: Flask, person: Person) -> None:
    somebody = knock(app.test_client(), person.username, WRONG)
    nobody = knock(app.test_client(), "nobody-at-all", WRONG)
    assert somebody.status_code == nobody.status_code == 422
    shape = [line for line in somebody.text.splitlines() if "csrf" not in line and "nonce" not in line and person.username not in line]
    assert shape == [line for line in nobody.text.splitlines() if "csrf" not in line and "nonce" not in line and "nobody-at-all" not in line]


@pytest.mark.both_databases
def test_five_wrong_tries_lock_for_longer_and_longer(app: Flask, person: Person, clock) -> None:
    client = app.test_client()
    for _try in range(5):
        answer = knock(client, person.username, WRONG)
    assert "12:15" in answer.text, "says until when"
    assert knock(client, person.username, PASSWORD).status_code == 422, "the right password waits too"
    assert knock(client, person.phone, PASSWORD).status_code == 422, "by phone as by name"
    clock.forward(minutes=15, seconds=1)
    for _try in range(5):
        answer = knock(client, person.username, WRONG)
    assert "12:45" in answer.text, "twice as long the second time"
    clock.forward(minutes=29)
    assert not is_in(client)
    assert knock(client, person.username, PASSWORD).status_code == 422
    clock.forward(minutes=2)
    assert knock(client, person.username, PASSWORD).status_code == 303
    client = app.test_client()
    for _try in range(4):
        knock(client, person.username, WRONG)
    assert knock(client, person.username, PASSWORD).status_code == 303, "a right one begins the count anew"
    with app.app_context():
        assert [entry.data for entry in audit.history("user", person.id) if entry.action == "lock"] == [{"minutes": 30}, {"minutes": 15}]


def test_without_the_lock_the_sixth_try_would_get_in(app: Flask, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "lock_after", lambda count: None)
    client = app.test_client()
    for _try in range(5):
        knock(client, person.username, WRONG)
    assert knock(client, person.username, PASSWORD).status_code == 303


def test_a_name_nobody_has_is_locked_like_a_real_one(app: Flask, person: Person, clock) -> None:
    for name in (person.username, "nobody-at-all"):
        client = app.test_client()
        answers = [knock(client, name, WRONG).text for _try in range(6)]
        assert ["12:15" in answer for answer in answers] == [False] * 4 + [True] * 2, name
    clock.forward(days=2)
    knock(app.test_client(), "somebody-else", WRONG)
    with app.app_context():
        assert db.session.query(UnknownName).count() == 1, "old ones are forgotten"


def test_lock_grows_up_to_a_day() -> None:
    minutes = [int(signing.lock_after(count).total_seconds() // 60) for count in (5, 10, 15, 20, 500)]
    assert minutes == [15, 30, 60, 120, 1440]
    assert all(signing.lock_after(count) is None for count in (0, 1, 4, 6, 9))


def test_disabled_people_learn_it_only_with_their_password(app: Flask, person: Person) -> None:
    client = sign_in(app.test_client(), person)
    with app.app_context(), transaction():
        service.disable_user(queries.user(person.id), by=SYSTEM)
    assert not is_in(client), "out at once"
    right, wrong = knock(app.test_client(), person.username, PASSWORD), knock(app.test_client(), person.username, WRONG)
    assert right.status_code == wrong.status_code == 422
    assert "停用" in right.text or "switched off" in right.text
    assert "停用" not in wrong.text and "switched off" not in wrong.text
    with app.app_context(), transaction():
        service.enable_user(queries.user(person.id), by=SYSTEM)
    assert knock(app.test_client(), person.username, PASSWORD).status_code == 303


def test_somebody_without_a_password_cannot_sign_in(app: Flask) -> None:
    with app.app_context(), transaction():
        service.create_user(username="silent", display_name="测试乙", by=SYSTEM)
    for password in ("", "None", PASSWORD):
        assert knock(app.test_client(), "silent", password).status_code == 422


def sessions_end(app: Flask, person: Person, act) -> None:
    """Two devices are in; after `act` neither is."""
    devices = [sign_in(app.test_client(), person), app.test_client()]
    assert knock(devices[1], person.username, PASSWORD, remember="y").status_code == 303
    assert all(is_in(device) for device in devices)
    act()
    assert not any(is_in(device) for device in devices)


def test_what_ends_every_session(app: Flask, person: Person) -> None:
    def changed(work) -> None:
        with app.app_context(), transaction():
            work(queries.user(person.id))

    community = lambda user: places.community_of(user.community)  # noqa: E731
    kept = service.hash_password(PASSWORD)
    sessions_end(app, person, lambda: changed(lambda user: service.grant_role(user, Role.VOLUNTEER, community(user), by=SYSTEM)))
    sessions_end(app, person, lambda: changed(lambda user: service.revoke_role(user, Role.VOLUNTEER, community(user), by=SYSTEM)))
    sessions_end(app, person, lambda: changed(lambda user: service.change_password(user, password_hash=kept, by=user.actor)))
    sessions_end(app, person, lambda: send(sign_in(app.test_client(), person), "/sign-out", "/me"))


def test_a_change_that_ends_no_session_is_the_control(app: Flask, person: Person) -> None:
    client = sign_in(app.test_client(), person)
    with app.app_context(), transaction():
        user = queries.user(person.id)
        service.change_profile(user, display_name="测试改", phone=None, community_id=None, by=user.actor)
    assert is_in(client)


MADE_UP_COOKIES = ["", "1", "1:", ":1", "1:1:1", "x:1", "1:x", "-1:1", "99999999999999999999:1", "²:1", "1:²", f"{2**31}:1"]


def test_made_up_cookie_ids_name_nobody(app: Flask, person: Person, subtests: pytest.Subtests) -> None:
    for cookie in MADE_UP_COOKIES:
        with subtests.test(cookie=cookie):
            with app.app_context():
                assert app.extensions["wishapp_login"]._user_callback(cookie) is None
                user = db.session.get(User, person.id)
                assert app.extensions["wishapp_login"]._user_callback(user.get_id()) is user


def test_remembered_devices_come_back_and_stay_out_after_sign_out(app: Flask, person: Person) -> None:
    client = app.test_client()
    knock(client, person.username, PASSWORD, remember="y")
    client.delete_cookie("session")
    assert is_in(client), "the remember cookie alone is enough"
    send(client, "/sign-out", "/me")
    assert not is_in(client)
    client = app.test_client()
    knock(client, person.username, PASSWORD)
    client.delete_cookie("session")
    assert not is_in(client), "not remembered unless asked"


def test_sign_out_needs_a_post_with_a_token(app: Flask, person: Person) -> None:
    client = sign_in(app.test_client(), person)
    assert client.get("/sign-out").status_code in (400, 405)
    assert client.post("/sign-out").status_code == 400
    assert is_in(client)


UNSAFE_TARGETS = [
    "//evil.com", "/\\evil.com", "\\\\evil.com", "/\t/evil.com", "/\n/evil.com", "https://evil.com", "https:evil.com", "///evil.com", " /me",
    "javascript:alert(1)", "/\x00", "/%0a/ok\r\nSet-Cookie: a=b", "evil.com", "/\\/evil.com", "@evil.com",
]


def test_next_stays_on_this_site(app: Flask, person: Person, subtests: pytest.Subtests) -> None:
    for target in UNSAFE_TARGETS:
        with subtests.test(target=target):
            for fields in ({"next": target}, {}):
                path = "/sign-in" if fields else "/sign-in?next=" + quote(target, safe="")
                answer = send(app.test_client(), path, path, username=person.username, password=PASSWORD, **fields)
                assert answer.status_code in (303, 422), target
                assert answer.status_code == 303 or "\x00" in target or "\r" in target
                assert "evil" not in answer.headers.get("Location", "")
                assert answer.headers.get("Location", "/").startswith("/")


def test_next_brings_back_to_where_one_wanted_to_go(app: Flask, person: Person) -> None:
    client = app.test_client()
    away = client.get("/me/change-password?x=1")
    assert away.status_code == 303
    assert away.headers["Location"].startswith("/sign-in?next=")
    answer = send(client, "/sign-in", away.headers["Location"], username=person.username, password=PASSWORD, next="/me/change-password?x=1")
    assert answer.headers["Location"] == "/me/change-password?x=1"
    assert client.get("/sign-in?next=/me").headers["Location"] == "/me", "who is in already goes straight on"


UNREADABLE = ["\x00", "a\x00b", "\ud800", "x" * 100_000, "😀" * 79, "' OR 1=1 --", "%", "\u202e"]


@pytest.mark.both_databases
def test_unreadable_names_and_passwords(app: Flask, subtests: pytest.Subtests) -> None:
    for text in UNREADABLE:
        with subtests.test(text=text):
            for fields in ({"username": text, "password": PASSWORD}, {"username": "someone", "password": text}):
                assert send(app.test_client(), "/sign-in", **{name: value.encode("utf-8", "surrogatepass") for name, value in fields.items()}).status_code == 422


def test_errors_in_both_languages(app: Flask, person: Person) -> None:
    for language, words in (("en", "not right"), ("zh-Hans", "")):
        client = app.test_client()
        client.set_cookie("lang", language)
        answer = knock(client, person.username, WRONG)
        assert f'lang="{language}"' in answer.text
        assert words in answer.text


def test_the_brake_on_one_address(make_app) -> None:
    app = make_app(RATELIMIT_ENABLED=True)
    client = app.test_client()
    statuses = [knock(client, f"nobody{number}", WRONG).status_code for number in range(32)]
    assert statuses[:30] == [422] * 30
    assert 429 in statuses[30:]
    assert client.get("/sign-in").status_code == 200, "looking is free"
