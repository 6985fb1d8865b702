"""Workers killed at any moment: what was said to be done is there, nothing is there by half, a replay adds nothing."""

import random
import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.databases import Database
from tests.points.ledger import give
from tests.points.worker import SUPPORTERS, do, main, plan
from tests.processes import children
from wishapp.points import queries
from wishapp.points.models import PointsAccount, PointsTransfer
from wishapp.store.db import db

OPERATIONS = 40


def finished(said: Path) -> list[str]:
    """What a worker has reported as committed so far, in whole lines."""
    return said.read_text().rpartition("\n")[0].splitlines()


def wait_for_lines(said: Path, count: int) -> None:
    """Until a worker has reported so many."""
    deadline = time.monotonic() + 90
    while len(finished(said)) < count:
        assert time.monotonic() < deadline, "the worker does not go on"
        time.sleep(0.001)


def state() -> tuple[dict[str, int], int]:
    """Balances by owner, and how many transfers there are."""
    balances = {row.owner: row.balance for row in db.session.execute(select(PointsAccount.owner, PointsAccount.balance))}
    count = db.session.scalar(select(func.count()).select_from(PointsTransfer))
    db.session.rollback()  # no transaction stays open while processes are waited for
    return balances, count


def checked() -> tuple[dict[str, int], int]:
    """The state, after making sure that the ledger is sound."""
    assert queries.broken_ledger() == []
    return state()


@pytest.mark.both_databases
def test_killed_workers_leave_nothing_by_half(context: Flask, database: Database, tmp_path: Path) -> None:
    dice = random.Random(7)
    for number in range(SUPPORTERS):  # enough for every later operation, so that none depends on the order of the others
        give(f"supporter:{number}", 10_000, f"start:{number}")
    reported: set[int] = set()
    for turn in range(2):
        with children() as start:
            running = []
            for part in range(2):
                said = tmp_path / f"said-{turn}-{part}"
                said.touch()
                running.append((start(main, database.url, str(tmp_path), part * OPERATIONS, (part + 1) * OPERATIONS, said=said), said))
            for process, said in running:
                wait_for_lines(said, dice.randint(2, 15))
                time.sleep(dice.random() / 50)
                process.kill()
            for process, said in running:
                assert process.wait() in (0, -9)
                reported |= {int(line.split()[0]) for line in finished(said) if line.endswith(("done", "refused"))}
        checked()
    gives = [f"op:{number}" for number in reported if plan(number)[0] != "back"]
    kept = db.session.scalar(select(func.count()).select_from(PointsTransfer).where(PointsTransfer.source.in_(gives)))
    assert kept == len(gives), "what was reported is there"
    for number in range(2 * OPERATIONS):
        do(number)
    first = checked()
    assert first[1] == SUPPORTERS + 2 * OPERATIONS, "every operation is there once"
    for number in range(2 * OPERATIONS):
        do(number)
    assert checked() == first, "a replay adds nothing"
