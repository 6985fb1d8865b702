"""Capacity is never promised twice and never given back twice."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from tests.databases import Database
from tests.supporters.conftest import Helpers, make
from wishapp.kernel.errors import NotFound, Refused
from wishapp.kernel.roles import SYSTEM
from wishapp.store.db import db
from wishapp.store.transaction import retrying, transaction
from wishapp.supporters import capacity, queries, service
from wishapp.supporters.models import Capacity, Supporter

JUNE, JULY = date(2026, 6, 10), date(2026, 7, 1)
both = pytest.mark.both_databases


def take(supporter_id: int, kind: str = "goods", minutes: int = 60, day: date = JUNE) -> str:
    """Take in a transaction of its own."""

    def work() -> str:
        with transaction():
            return service.take_capacity(supporter_id, kind=kind, minutes=minutes, day=day)

    return retrying(work)


def give_back(supporter_id: int, token: str, minutes: int = 60) -> None:
    """Give back in a transaction of its own."""
    with transaction():
        service.give_back_capacity(supporter_id, token, minutes=minutes)


def taken(supporter_id: int) -> int:
    """Everything taken of a supporter."""
    return sum(db.session.scalars(select(Capacity.taken).where(Capacity.supporter_id == supporter_id)))


@both
def test_a_unit_counts_wishes_by_kind_then_any(context: Flask, helpers: Helpers) -> None:
    assert [take(helpers.unit) for _ in range(3)] == ["2026:goods", "2026:goods", "2026:any"]
    with pytest.raises(Refused):
        take(helpers.unit)
    give_back(helpers.unit, "2026:goods")
    assert take(helpers.unit) == "2026:goods"


@both
def test_a_unit_takes_other_kinds_from_any_only(context: Flask, helpers: Helpers) -> None:
    assert take(helpers.unit, kind="repair") == "2026:any"
    with pytest.raises(Refused):
        take(helpers.unit, kind="repair")
    assert queries.left(helpers.unit, "goods", 60, JUNE)
    assert not queries.left(helpers.unit, "repair", 60, JUNE)


@both
def test_a_person_counts_minutes_by_the_month(context: Flask, helpers: Helpers) -> None:
    assert take(helpers.member, minutes=90) == "2026-06:minutes"
    assert queries.left(helpers.member, "goods", 60, JUNE).left == 30
    with pytest.raises(Refused):
        take(helpers.member, minutes=31)
    assert take(helpers.member, minutes=30) == "2026-06:minutes"
    assert take(helpers.member, minutes=120, day=JULY) == "2026-07:minutes"


@both
def test_nothing_is_given_back_twice(context: Flask, helpers: Helpers) -> None:
    token = take(helpers.member, minutes=60)
    give_back(helpers.member, token)
    with pytest.raises(Refused):
        give_back(helpers.member, token)
    assert taken(helpers.member) == 0


def test_who_is_pausing_or_out_is_not_asked(context: Flask, helpers: Helpers) -> None:
    with transaction():
        db.session.execute(update(Supporter).where(Supporter.id == helpers.member).values(paused_until=JUNE))
    with pytest.raises(Refused):
        take(helpers.member)
    assert not queries.left(helpers.member, "goods", 60, JUNE)
    take(helpers.member, day=date(2026, 6, 11))
    with transaction():
        service.disable_supporter(queries.supporter(helpers.member), by=SYSTEM)
    with pytest.raises(Refused):
        take(helpers.member, day=JULY)


def test_an_unknown_supporter_is_not_there(context: Flask) -> None:
    with pytest.raises(NotFound):
        take(12345)


def test_a_quota_cannot_go_below_what_is_taken(context: Flask, helpers: Helpers) -> None:
    take(helpers.unit)
    take(helpers.unit)
    unit = queries.supporter(helpers.unit)
    with pytest.raises(Refused) as refusal, transaction():
        service.set_quota(unit, by=SYSTEM, period="2026", what="goods", quota=1)
    assert refusal.value.params == {"taken": 2}
    with transaction():
        service.set_quota(unit, by=SYSTEM, period="2026", what="goods", quota=5)
    assert queries.left(helpers.unit, "goods", 60, JUNE).left == 3


@both
@pytest.mark.parametrize("values", [{"taken": 3}, {"taken": -1}, {"quota": -1}])
def test_the_database_itself_refuses(context: Flask, helpers: Helpers, values: dict) -> None:
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(update(Capacity).where(Capacity.supporter_id == helpers.unit, Capacity.what == "goods").values(**values))


@both
def test_many_at_once_get_what_there_is(app: Flask, helpers: Helpers) -> None:
    assert sorted(race(app, [lambda: take(helpers.unit)] * 9)) == ["refused"] * 6 + ["taken"] * 3
    assert sorted(race(app, [lambda: take(helpers.member, minutes=50)] * 6)) == ["refused"] * 4 + ["taken"] * 2


@both
def test_control_count_first_then_write_oversells(app: Flask, database: Database, helpers: Helpers, monkeypatch: pytest.MonkeyPatch) -> None:
    if database.kind == "sqlite":
        pytest.skip("on SQLite the writing transaction itself is the lock; tests/store has its control")
    with app.app_context(), transaction():
        db.session.execute(db.text("ALTER TABLE capacities DROP CONSTRAINT ck_capacities_taken_within_quota"))
    gate = threading.Barrier(6)

    def careless(supporter_id: int, period: str, what: str, amount: int) -> bool:
        here = (Capacity.supporter_id == supporter_id, Capacity.period == period, Capacity.what == what)
        row = db.session.execute(select(Capacity.taken, Capacity.quota).where(*here)).one()
        gate.wait(timeout=30)
        if row.taken + amount > row.quota:
            return False
        db.session.execute(update(Capacity).where(*here).values(taken=Capacity.taken + amount).execution_options(synchronize_session=False))
        return True

    monkeypatch.setattr(capacity, "_move", careless)
    assert race(app, [lambda: take(helpers.unit)] * 6) == ["taken"] * 6
    with app.app_context():
        assert taken(helpers.unit) == 6


def race(app: Flask, works: list[Callable[[], object]]) -> list[str]:
    """All at once, each in a thread: "taken", "refused", or the fault's name."""
    start = threading.Barrier(len(works))
    results = [""] * len(works)

    def run(number: int) -> None:
        with app.app_context():
            start.wait()
            try:
                works[number]()
                results[number] = "taken"
            except Refused:
                results[number] = "refused"
            except Exception as fault:  # the test looks at what came out, it does not hide it
                results[number] = type(fault).__name__
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.booleans(), st.integers(1, 90)), min_size=1, max_size=15))
def test_any_order_of_taking_and_giving_back_adds_up(context: Flask, helpers: Helpers, steps: list[tuple[bool, int]]) -> None:
    with transaction():
        someone = make("volunteer", "测某", db.session.get(Supporter, helpers.member).place_id, monthly_minutes=150).id
    held: list[int] = []
    for is_taking, minutes in steps:
        if is_taking and sum(held) + minutes <= 150:
            take(someone, minutes=minutes)
            held.append(minutes)
        elif is_taking:
            with pytest.raises(Refused):
                take(someone, minutes=minutes)
        elif held:
            give_back(someone, "2026-06:minutes", held.pop())
        assert taken(someone) == sum(held)
    db.session.remove()
