"""Workers killed at any moment: what was said to be done is there, nothing is there by half, a replay adds nothing."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.databases import Database
from tests.points.ledger import give
from tests.points.worker import SUPPORTERS, do, plan
from wishapp.points import queries
from wishapp.points.models import PointsAccount, PointsTransfer
from wishapp.store.db import db

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = 40


def worker(database: Database, folder: Path, first: int, last: int, faults: str = "") -> subprocess.Popen:
    """Start tests/points/worker.py over operations first..last-1."""
    command = [sys.executable, "-m", "tests.points.worker", database.url, str(folder), str(first), str(last), faults]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})


def said(process: subprocess.Popen) -> list[str]:
    """What a worker reported as committed before it ended."""
    out, fault = process.communicate(timeout=120)
    assert process.returncode in (0, -signal.SIGKILL), fault
    return out.splitlines()


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
    for _ in range(2):
        running = [worker(database, tmp_path, part * OPERATIONS, (part + 1) * OPERATIONS) for part in range(2)]
        for process in running:
            reported |= {int(process.stdout.readline().split()[0]) for _line in range(dice.randint(2, 15))}
            time.sleep(dice.random() / 50)
            process.send_signal(signal.SIGKILL)
        for process in running:
            reported |= {int(line.split()[0]) for line in said(process) if line.endswith(("done", "refused"))}
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
