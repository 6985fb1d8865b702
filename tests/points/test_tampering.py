"""Whoever gets past the triggers is found out by the chain."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.points.ledger import give, move, take_back
from wishapp.points import queries
from wishapp.store.db import db

pytestmark = pytest.mark.both_databases


def without_triggers(*statements: str) -> None:
    """Do what an administrator with the database's password could do."""
    with db.engine.connect().execution_options(wishapp_write=True) as connection:
        with connection.begin():
            if connection.dialect.name == "sqlite":
                for table in ("points_entries", "points_transfers"):
                    for verb in ("update", "delete"):
                        connection.exec_driver_sql(f"DROP TRIGGER tr_{table}_no_{verb}")
            else:
                for table in ("points_entries", "points_transfers"):
                    connection.exec_driver_sql(f"DROP TRIGGER tr_{table}_append_only ON {table}")
            for statement in statements:
                connection.exec_driver_sql(statement)


@pytest.fixture
def ledger(context: Flask) -> Callable[[], list[str]]:
    """Some traffic; gives the check against the heads kept outside."""
    give("supporter:1", 30, "claim:1")
    give("supporter:2", 20, "claim:2")
    move("supporter:1", "supporter:2", 5, "reward:1")
    take_back(give("supporter:1", 10, "claim:3"))
    kept = queries.heads()
    db.session.remove()
    assert queries.broken_ledger(kept) == [], "sound before anybody touches it"
    db.session.remove()
    return lambda: queries.broken_ledger(kept)


TAMPERED = {
    "an amount": ["UPDATE points_entries SET amount = 31 WHERE id = 2"],
    "an amount with its balances": [
        "UPDATE points_entries SET amount = amount + 10, balance = balance + 10 WHERE id = 2",
        "UPDATE points_accounts SET balance = balance + 10 WHERE owner = 'supporter:1'"],
    "a title": ["UPDATE points_transfers SET title = '别的' WHERE id = 1"],
    "a reason": ["UPDATE points_transfers SET source = 'claim:9' WHERE id = 2"],
    "the moment": ["UPDATE points_transfers SET at = '2020-01-01 00:00:00' WHERE id = 2"],
    "an account's balance": ["UPDATE points_accounts SET balance = balance + 1 WHERE owner = 'supporter:2'"],
    "a deleted entry": ["DELETE FROM points_entries WHERE id = 2"],
    "swapped entries": [
        "UPDATE points_entries SET seq = 100 WHERE account_id = 2 AND seq = 1", "UPDATE points_entries SET seq = 1 WHERE account_id = 2 AND seq = 2",
        "UPDATE points_entries SET seq = 2 WHERE account_id = 2 AND seq = 100"],
    "a slipped-in transfer": [
        "INSERT INTO points_transfers (id, source, reason, amount, title, note, at) VALUES (99, 'x', 'y', 5, '', '', '2026-01-01 00:00:00')"],
    "a reversal of something else": ["UPDATE points_transfers SET reverses_id = 1 WHERE reverses_id IS NOT NULL"],
}


@pytest.mark.parametrize("what", TAMPERED)
def test_tampering_is_found(ledger: Callable[[], list[str]], what: str) -> None:
    without_triggers(*TAMPERED[what])
    assert ledger()


def test_a_cut_tail_is_found_by_the_heads_kept_outside(ledger: Callable[[], list[str]]) -> None:
    newest = "(SELECT max(id) FROM points_transfers)"
    before = "SELECT e.{column} FROM points_entries e WHERE e.account_id = points_accounts.id AND e.seq = points_accounts.seq - 1"
    touched = f"id IN (SELECT account_id FROM points_entries WHERE transfer_id = {newest})"
    without_triggers(
        f"UPDATE points_accounts SET balance = ({before.format(column='balance')}), head = ({before.format(column='digest')}) WHERE {touched}",
        f"UPDATE points_accounts SET seq = seq - 1 WHERE {touched}",
        f"DELETE FROM points_entries WHERE transfer_id = {newest}", "DELETE FROM points_transfers WHERE reverses_id IS NOT NULL")
    assert queries.broken_ledger() == [], "from the inside everything fits"
    assert ledger()
