"""transaction(): writes under a lock that a second writer respects, refuses nesting, keeps all or nothing."""

import threading

import pytest
from flask import Flask
from sqlalchemy import select, text

from wishapp.kernel.errors import Busy
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.transaction import Conflict, retrying, transaction

ROUNDS = 25


def _counter(app: Flask) -> None:
    with app.app_context(), transaction():
        db.session.add(Place(code="1", name="0", level="community", path="/1/"))


def _raise_by_one(app: Flask, writing: bool) -> None:
    """Read the number in the name, write it back plus one: the classic lost update. Unprotected, it is read before the lock."""

    def work() -> None:
        number = None if writing else int(db.session.scalar(select(Place.name)))
        with transaction():
            if number is None:
                number = int(db.session.scalar(select(Place.name).with_for_update()))
            db.session.execute(text("UPDATE places SET name = :name"), {"name": str(number + 1)})

    for _round in range(ROUNDS):
        with app.app_context():
            try:
                retrying(work)
            except Busy:
                pass


def _final(app: Flask, writing: bool) -> int:
    _counter(app)
    threads = [threading.Thread(target=_raise_by_one, args=(app, writing)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        return int(db.session.scalar(select(Place.name)))


@pytest.mark.both_databases
def test_no_update_is_lost(app: Flask) -> None:
    assert _final(app, writing=True) == 4 * ROUNDS


@pytest.mark.both_databases
def test_control_without_the_lock_updates_are_lost(app: Flask) -> None:
    assert _final(app, writing=False) < 4 * ROUNDS


def test_nesting_is_refused(context: Flask) -> None:
    with pytest.raises(RuntimeError), transaction(), transaction():
        pass
    with transaction():
        pass


@pytest.mark.both_databases
def test_all_or_nothing(context: Flask) -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        db.session.add(Place(code="1", name="x", level="community", path="/1/"))
        db.session.flush()
        1 / 0  # noqa: B018
    assert db.session.scalar(select(Place.id)) is None


def test_what_was_read_before_is_read_again_inside(app: Flask) -> None:
    _counter(app)
    with app.app_context():
        place = db.session.scalar(select(Place))
        assert place.name == "0"
        thread = threading.Thread(target=_raise_by_one, args=(app, True))
        thread.start()
        thread.join()
        with transaction():
            assert place.name == str(ROUNDS)


def test_retrying_gives_up_politely(context: Flask) -> None:
    calls = []

    def work() -> None:
        calls.append(1)
        raise Conflict("always")

    with pytest.raises(Busy):
        retrying(work)
    assert len(calls) == 5
