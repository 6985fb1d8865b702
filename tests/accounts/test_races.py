"""Many at once: tries are counted exactly, a code and a recovery code let one in, a name and a number are given once."""

import threading
from collections.abc import Callable

import pyotp
import pytest
from flask import Flask
from sqlalchemy import update

from tests.factories import make_neighbourhood, make_person
from wishapp.accounts import queries, service, signing, two_step
from wishapp.accounts.models import UnknownName, User
from wishapp.kernel.errors import Refused
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import SYSTEM
from wishapp.store.db import db
from wishapp.store.transaction import retrying, transaction

pytestmark = pytest.mark.both_databases
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
AT_ONCE = 12


def together(app: Flask, work: Callable[[int], object]) -> list[object]:
    """What `work(number)` gave in each of twelve threads that start together; refusals are given back as their exception."""
    gate, answers = threading.Barrier(AT_ONCE), [None] * AT_ONCE

    def run(number: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                answers[number] = retrying(lambda: work(number))
            except Refused as refusal:
                answers[number] = refusal

    threads = [threading.Thread(target=run, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def wrong_try(user_id: int | None) -> signing.Attempt:
    user = queries.user(user_id)
    with transaction():
        return signing.try_password(user, "nobody", is_right=False)


def test_wrong_tries_are_all_counted(app: Flask, clock) -> None:
    person = make_person(app, "测试甲", (Role.RESIDENT, make_neighbourhood(app).community))
    for user_id in (person.id, None):
        answers = together(app, lambda _number, user_id=user_id: wrong_try(user_id))
        assert sorted(answer.left for answer in answers if answer.locked_until is None) == [1, 2, 3, 4]
        assert sum(answer.locked_until is not None for answer in answers) == AT_ONCE - 4
    with app.app_context():
        assert db.session.get(User, person.id).failed_count == 5
        assert db.session.query(UnknownName).one().failed_count == 5


def test_a_careless_count_would_lose_tries(app: Flask, clock) -> None:
    """The control: read first, write later, without the row's lock."""
    person = make_person(app, "测试甲", (Role.RESIDENT, make_neighbourhood(app).community))
    gate = threading.Barrier(AT_ONCE)

    def careless(_number: int) -> None:
        count = db.session.get(User, person.id).failed_count
        db.session.rollback()
        gate.wait()
        with transaction():
            db.session.execute(update(User).where(User.id == person.id).values(failed_count=count + 1))

    together(app, careless)
    with app.app_context():
        assert db.session.get(User, person.id).failed_count < AT_ONCE


def test_one_code_lets_one_in(app: Flask, clock) -> None:
    person = make_person(app, "测试甲", (Role.COMMUNITY_STAFF, make_neighbourhood(app).community))
    with app.app_context(), transaction():
        codes = two_step.turn_on(queries.user(person.id), secret=SECRET, code=pyotp.TOTP(SECRET).at(clock.now), by=person.actor)
    clock.forward(minutes=5)

    def use(code: str) -> bool:
        user = queries.user(person.id)
        with transaction():
            return two_step.use_code(user, code)

    for code in (pyotp.TOTP(SECRET).at(clock.now), codes[0]):
        assert together(app, lambda _number, code=code: use(code)).count(True) == 1


def test_names_and_numbers_go_to_one(app: Flask) -> None:
    where = make_neighbourhood(app)

    def register(number: int, **fields: str) -> str:
        with transaction():
            user = service.register_user(
                **{"username": f"person-{number}x", "phone": f"1380000{number:04d}", **fields}, display_name="测试", password_hash="x",
                community_id=where.community.id, by=SYSTEM)
        return user.username

    for fields in ({"username": "wanted"}, {"phone": "13900000000"}):
        answers = together(app, lambda number, fields=fields: register(number, **fields))
        assert sum(isinstance(answer, str) for answer in answers) == 1
        assert sum(isinstance(answer, Refused) for answer in answers) == AT_ONCE - 1
        with app.app_context(), transaction():
            db.session.query(User).delete()
