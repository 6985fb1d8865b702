"""Many at once, on both databases; and the same with the protection taken away, which must go wrong."""

import random
import threading

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from tests.databases import Database
from tests.points.ledger import at_once, drop_protection, give, move, take_back
from wishapp.points import chain, queries, service
from wishapp.points.models import PointsAccount, PointsEntry, PointsTransfer
from wishapp.store.db import db

both = pytest.mark.both_databases


def transfers() -> int:
    return db.session.scalar(select(func.count()).select_from(PointsTransfer))


@both
def test_ten_replays_of_one_credit_make_one(app: Flask) -> None:
    assert at_once(app, [lambda: give("supporter:1", 15, "claim:1")] * 10) == ["done"] * 10
    with app.app_context():
        assert (transfers(), queries.balance("supporter:1")) == (1, 15)
        assert queries.broken_ledger() == []


@both
def test_ten_openings_of_one_account_make_one(app: Flask) -> None:
    assert at_once(app, [lambda number=number: give("supporter:1", 10, f"claim:{number}") for number in range(10)]) == ["done"] * 10
    with app.app_context():
        assert queries.balance("supporter:1") == 100
        assert queries.broken_ledger() == []


@both
def test_the_same_points_are_spent_once(app: Flask) -> None:
    with app.app_context():
        give("supporter:1", 10, "claim:1")
    results = at_once(app, [lambda number=number: move("supporter:1", f"user:{number}", 10, f"reward:{number}") for number in range(8)])
    assert sorted(results) == ["done"] + ["refused"] * 7
    with app.app_context():
        assert queries.balance("supporter:1") == 0
        assert queries.broken_ledger() == []


@both
def test_one_of_many_reversals_wins(app: Flask) -> None:
    with app.app_context():
        first = give("supporter:1", 10, "claim:1")
        give("supporter:1", 90, "claim:2")
    assert sorted(at_once(app, [lambda: take_back(first)] * 6)) == ["done"] + ["refused"] * 5
    with app.app_context():
        assert queries.balance("supporter:1") == 90
        assert queries.broken_ledger() == []


@both
def test_transfers_in_circles_do_not_deadlock(app: Flask) -> None:
    names = [f"supporter:{number}" for number in range(4)]
    with app.app_context():
        for name in names:
            give(name, 200, f"start:{name}")

    def wander(number: int) -> None:
        dice = random.Random(number)
        for turn in range(8):
            payer, owner = dice.sample(names, 2)
            move(payer, owner, dice.randint(1, 9), f"turn:{number}:{turn}")

    assert at_once(app, [lambda number=number: wander(number) for number in range(6)]) == ["done"] * 6
    with app.app_context():
        assert transfers() == 4 + 48
        assert sum(queries.balance(name) for name in names) == 800
        assert queries.broken_ledger() == []


# controls: what keeps it right is what we think it is ------------------------


@both
def test_control_without_the_key_a_replay_counts_twice(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        drop_protection()
        monkeypatch.setattr(service, "_find", lambda source, reason: None)
        give("supporter:1", 15, "claim:1")
        give("supporter:1", 15, "claim:1")
        assert queries.balance("supporter:1") == 30


EVERYBODY_HAS_READ = threading.Barrier(8)


def careless_lock(*owners: str) -> dict[str, PointsAccount]:
    """_locked without its lock: everybody reads before anybody writes."""
    service.insert_missing(PointsAccount, [{"owner": owner} for owner in sorted(owners)], ("owner",))
    rows = db.session.scalars(select(PointsAccount).where(PointsAccount.owner.in_(owners)).execution_options(populate_existing=True))
    found = {account.owner: account for account in rows}
    EVERYBODY_HAS_READ.wait(timeout=30)
    return found


def careless_enter(made: PointsTransfer, account: PointsAccount, amount: int) -> None:
    """_enter without looking whether the account is still as it was read."""
    seq, balance = account.seq + 1, account.balance + amount
    digest = chain.link(account.head, chain.canonical(account.owner, seq, amount, balance, made))
    db.session.add(PointsEntry(transfer_id=made.id, account_id=account.id, seq=seq, amount=amount, balance=balance, digest=digest))
    db.session.flush()
    db.session.execute(update(PointsAccount).where(PointsAccount.id == account.id).values(balance=balance, seq=seq, head=digest)
                       .execution_options(synchronize_session=False))


@both
def test_control_without_locks_the_same_points_are_spent_twice(app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    if database.kind == "sqlite":
        pytest.skip("on SQLite the writing transaction itself is the lock; tests/store has its control")
    with app.app_context():
        drop_protection()
        give("supporter:1", 10, "claim:1")
        for number in range(8):
            give(f"user:{number}", 10, f"start:{number}")
    monkeypatch.setattr(service, "_locked", careless_lock)
    monkeypatch.setattr(service, "_enter", careless_enter)
    results = at_once(app, [lambda number=number: move("supporter:1", f"user:{number}", 10, f"reward:{number}") for number in range(8)])
    with app.app_context():
        assert results.count("done") > 1, results
        assert queries.broken_ledger()
