"""The second step: set up, asked for, each code good once, recovery codes, taken off."""

import re
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.accounts.doors import is_in, knock, send
from tests.factories import PASSWORD, Person, make_neighbourhood, make_person, sign_in
from wishapp.accounts import queries, two_step
from wishapp.accounts.models import RecoveryCode, User
from wishapp.kernel.permissions import Role
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.transaction import transaction

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def person(app: Flask, clock) -> Person:
    where = make_neighbourhood(app)
    return make_person(app, "测试甲", (Role.COMMUNITY_STAFF, where.community))


def code(clock, steps: int = 0) -> str:
    """What the app shows now, or some steps from now."""
    return pyotp.TOTP(SECRET).at(clock.now + timedelta(seconds=30 * steps))


def turned_on(app: Flask, person: Person, clock) -> list[str]:
    """Turn it on for this person, some steps ago; returns the recovery codes."""
    with app.app_context(), transaction():
        codes = two_step.turn_on(queries.user(person.id), secret=SECRET, code=code(clock), by=person.actor)
    clock.forward(minutes=5)
    return codes


def at_second_step(app: Flask, person: Person, **more: object) -> FlaskClient:
    """A browser that has passed the password."""
    client = app.test_client()
    answer = knock(client, person.username, PASSWORD, **more)
    assert answer.headers["Location"] == "/sign-in/code"
    assert not is_in(client), "the password alone is not enough"
    return client


@pytest.mark.both_databases
def test_setting_it_up_through_the_page(app: Flask, person: Person, clock) -> None:
    client, other = sign_in(app.test_client(), person), sign_in(app.test_client(), person)
    page = client.get("/me/two-step").text
    assert "data:image/svg+xml" in page
    with client.session_transaction() as session:
        secret = session["new_two_step"]
    assert send(client, "/me/two-step", code="000000").status_code == 422
    shown = send(client, "/me/two-step", code=pyotp.TOTP(secret).at(clock.now)).text
    codes = re.findall(r"<b>([a-z0-9]{4}-[a-z0-9]{4})</b>", shown)
    assert len(set(codes)) == 8
    assert is_in(client)
    assert not is_in(other), "other devices are out"
    with app.app_context():
        assert not set(codes) & {row.digest for row in db.session.query(RecoveryCode)}, "only digests are kept"
        assert "turn_on_two_step" in [entry.action for entry in audit.history("user", person.id)]
    with client.session_transaction() as session:
        assert "new_two_step" not in session


@pytest.mark.both_databases
def test_a_code_is_good_once(app: Flask, person: Person, clock) -> None:
    turned_on(app, person, clock)
    first, second = at_second_step(app, person), at_second_step(app, person)
    now = code(clock)
    assert send(first, "/sign-in/code", code=now).status_code == 303
    assert is_in(first)
    assert send(second, "/sign-in/code", code=now).status_code == 422
    assert send(second, "/sign-in/code", code=code(clock, -1)).status_code == 422, "nor is the one before it"
    clock.forward(seconds=30)
    assert send(second, "/sign-in/code", code=code(clock)).status_code == 303


def test_without_the_last_step_kept_a_replay_would_work(app: Flask, person: Person, clock) -> None:
    turned_on(app, person, clock)
    assert send(at_second_step(app, person), "/sign-in/code", code=code(clock)).status_code == 303
    with app.app_context(), transaction():
        db.session.get(User, person.id).totp_last_step = None
    assert send(at_second_step(app, person), "/sign-in/code", code=code(clock)).status_code == 303


def test_one_step_of_clock_error_and_no_more(app: Flask, person: Person, clock) -> None:
    turned_on(app, person, clock)
    assert two_step.matching_step(SECRET, code(clock)) is not None
    assert two_step.matching_step(SECRET, f" {code(clock, 1)[:3]} {code(clock, 1)[3:]} ") is not None
    assert two_step.matching_step(SECRET, code(clock, -1)) is not None
    for wrong in (code(clock, 2), code(clock, -2), "", "12345", "1234567", "abcdef", "１２３４５６", "²²²²²²"):
        assert two_step.matching_step(SECRET, wrong) is None


def test_recovery_codes_work_once_each(app: Flask, person: Person, clock) -> None:
    codes = turned_on(app, person, clock)
    assert send(at_second_step(app, person), "/sign-in/code", code=codes[0].upper().replace("-", " ")).status_code == 303
    assert send(at_second_step(app, person), "/sign-in/code", code=codes[0]).status_code == 422
    assert send(at_second_step(app, person), "/sign-in/code", code=codes[1]).status_code == 303
    with app.app_context():
        assert two_step.recovery_codes_left(queries.user(person.id)) == 6


def test_somebody_elses_recovery_code_is_no_use(app: Flask, person: Person, clock) -> None:
    other = make_person(app, "测试乙")
    codes = turned_on(app, person, clock)
    with app.app_context(), transaction():
        two_step.turn_on(queries.user(other.id), secret=SECRET, code=code(clock), by=other.actor)
    assert send(at_second_step(app, other), "/sign-in/code", code=codes[0]).status_code == 422


@pytest.mark.both_databases
def test_wrong_codes_count_and_lock_although_the_password_was_right(app: Flask, person: Person, clock) -> None:
    turned_on(app, person, clock)
    for _round in range(4):
        send(at_second_step(app, person), "/sign-in/code", code="000000")
    client = at_second_step(app, person)
    send(client, "/sign-in/code", code="000000")
    assert send(client, "/sign-in/code", code=code(clock)).status_code == 422, "locked"
    assert knock(app.test_client(), person.username, PASSWORD).status_code == 422
    clock.forward(minutes=16)
    assert send(at_second_step(app, person), "/sign-in/code", code=code(clock)).status_code == 303


def test_the_second_step_waits_ten_minutes_and_for_this_password_only(app: Flask, person: Person, clock) -> None:
    turned_on(app, person, clock)
    client = at_second_step(app, person)
    clock.forward(minutes=11)
    assert client.get("/sign-in/code").headers["Location"] == "/sign-in"
    client = at_second_step(app, person)
    with app.app_context(), transaction():
        queries.user(person.id).session_version += 1
    assert client.get("/sign-in/code").headers["Location"] == "/sign-in"
    assert app.test_client().get("/sign-in/code").headers["Location"] == "/sign-in"


def test_remember_and_next_survive_the_second_step(app: Flask, person: Person, clock) -> None:
    turned_on(app, person, clock)
    client = at_second_step(app, person, remember="y", next="/me/community")
    assert send(client, "/sign-in/code", code=code(clock)).headers["Location"] == "/me/community"
    client.delete_cookie("session")
    assert is_in(client)


@pytest.mark.both_databases
def test_turning_it_off_and_new_codes_ask_for_the_password(app: Flask, person: Person, clock) -> None:
    old = turned_on(app, person, clock)
    client = at_second_step(app, person)
    send(client, "/sign-in/code", code=code(clock))
    assert send(client, "/me/new-recovery-codes", "/me/two-step", password="three wild rivers").status_code == 422
    fresh = re.findall(r"<b>([a-z0-9]{4}-[a-z0-9]{4})</b>", send(client, "/me/new-recovery-codes", "/me/two-step", password=PASSWORD).text)
    assert len(fresh) == 8
    assert not set(fresh) & set(old)
    assert send(at_second_step(app, person), "/sign-in/code", code=old[0]).status_code == 422
    assert send(client, "/me/turn-off-two-step", "/me/two-step", password="three wild rivers").status_code == 422
    assert send(client, "/me/turn-off-two-step", "/me/two-step", password=PASSWORD).status_code == 303
    assert is_in(sign_in(app.test_client(), person))
