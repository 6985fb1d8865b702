"""The ledger at length: transfers by several processes that are killed at random, then a replay and the full check.

    python -m benchmarks.ledger [operations] [processes] [sqlite|postgresql]      (20000 4 sqlite when not said)

Prints transfers per second, how many processes were killed (kill -9), and what the check found: sums, balances, chains, reversals;
a replay of every operation must add nothing. The worker is the one the tests use (tests/points/worker.py). PostgreSQL is a
throw-away cluster with fsync off, SQLite runs with synchronous=FULL.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import func, select

from tests import databases
from tests.points.ledger import give
from tests.points.worker import SUPPORTERS
from wishapp import create_app
from wishapp.points import queries
from wishapp.points.models import PointsTransfer
from wishapp.store.db import db

ROOT = Path(__file__).resolve().parents[1]
LEAST_WORK = 40  # operations a process has done since its start before it may be killed
KILL_EVERY = 2.0  # seconds of work between two kills, on average


def start(url: str, folder: str, first: int, last: int) -> subprocess.Popen:
    """A worker over operations first..last-1."""
    command = [sys.executable, "-m", "tests.points.worker", url, folder, str(first), str(last)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def run_part(url: str, folder: str, parts: list[tuple[int, int]], *, with_kills: bool) -> tuple[int, float]:
    """Work through every part at once; killed workers are started again where they were. Returns kills and seconds of work."""
    began, kills, dice = time.monotonic(), 0, random.Random(1)
    next_kill = began + 2 * KILL_EVERY
    reached = [first for first, _ in parts]
    since_start = [0] * len(parts)  # only who has done some work since its start is killed, else nothing would move on
    running = [start(url, folder, *part) for part in parts]
    for process in running:
        os.set_blocking(process.stdout.fileno(), False)
    while any(process is not None for process in running):
        time.sleep(0.02)
        for number, process in enumerate(running):
            if process is None:
                continue
            lines = [line for line in process.stdout if line.endswith("\n")]
            if lines:
                reached[number] = max(reached[number], int(lines[-1].split()[0]) + 1)
                since_start[number] += len(lines)
            if process.poll() is None:
                continue
            if process.returncode != -signal.SIGKILL:
                if process.returncode:
                    raise SystemExit(f"a worker failed with {process.returncode}")
                running[number] = None
            else:
                # begin a little before the last report: what was done already must change nothing
                running[number] = start(url, folder, max(parts[number][0], reached[number] - 5), parts[number][1])
                os.set_blocking(running[number].stdout.fileno(), False)
                since_start[number] = 0
        if with_kills and time.monotonic() > next_kill:
            at_work = [process for process, worked in zip(running, since_start, strict=True) if process is not None and worked >= LEAST_WORK]
            if at_work:
                dice.choice(at_work).send_signal(signal.SIGKILL)
                kills += 1
            next_kill = time.monotonic() + dice.uniform(0.5, 1.5) * KILL_EVERY
    return kills, time.monotonic() - began


def main(operations: int = 20_000, processes: int = 4, kind: str = "sqlite") -> None:
    """Run, check, replay, check again, and print the figures."""
    databases.open_shared_folder()
    with ExitStack() as stack:
        stack.callback(databases.close_shared_folder)
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        made = databases.sqlite_database(Path(folder), "blank") if kind == "sqlite" else databases.postgres_database("ledger_benchmark", "blank")
        url = stack.enter_context(made).url
        app = create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": url, "INSTANCE": folder})
        with app.app_context():
            for number in range(SUPPORTERS):
                give(f"supporter:{number}", 10**9, f"start:{number}")
            db.session.remove()
            share = -(-operations // processes)
            parts = [(number * share, min(operations, (number + 1) * share)) for number in range(processes)]
            kills, seconds = run_part(url, folder, parts, with_kills=True)
            first = figures()
            began = time.monotonic()
            broken = queries.broken_ledger()
            db.session.rollback()
            checking = time.monotonic() - began
            print(f"{kind}: {operations} operations, {processes} processes, {kills} killed, {seconds:.1f} s, {operations / seconds:.0f} a second")
            print(f"check: {first[0]} transfers, sum of balances {first[1]}, {len(broken)} faults, {checking:.1f} s")
            run_part(url, folder, parts, with_kills=False)
            print(f"replay: {figures()[0] - first[0]} transfers added, {len(queries.broken_ledger())} faults")
            db.session.remove()
            db.engine.dispose()


def figures() -> tuple[int, int]:
    """How many transfers there are, and the sum of all balances."""
    count = db.session.scalar(select(func.count()).select_from(PointsTransfer))
    total = db.session.scalar(select(func.sum(queries.PointsAccount.balance)))
    db.session.rollback()
    return count, int(total)


if __name__ == "__main__":
    main(*[kind(word) for kind, word in zip((int, int, str), sys.argv[1:], strict=False)])
