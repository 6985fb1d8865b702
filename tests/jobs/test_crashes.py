"""Workers killed with SIGKILL at the worst moments: the job is taken again and its effect is there exactly once."""

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from tests.databases import Database
from tests.jobs import samples
from tests.processes import Child, children
from wishapp.jobs import service
from wishapp.jobs.models import Job
from wishapp.kernel.roles import SYSTEM
from wishapp.store.audit import AuditEntry
from wishapp.store.db import db
from wishapp.store.transaction import transaction

pytestmark = pytest.mark.both_databases
Start = Callable[..., Child]


@pytest.fixture
def start(database: Database, queue_url: str, tmp_path: Path) -> Iterator[Start]:
    """start(faults): a worker process on this test's database; every one is ended with the test."""
    settings = {"SQLALCHEMY_DATABASE_URI": database.url, "INSTANCE": str(tmp_path), "QUEUE_URL": queue_url}
    with children() as begin:
        yield lambda faults="": begin(samples.work, settings, faults=faults)


@pytest.fixture
def queue_url(database: Database, tmp_path: Path) -> str:
    """The queue of this database's kind: a file beside SQLite, tables in PostgreSQL."""
    return f"sqlite:///{tmp_path / 'queue.sqlite'}" if database.kind == "sqlite" else database.url


def wait_for(question: Callable[[], bool], seconds: float = 90.0) -> None:
    """Until the answer is yes."""
    deadline = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def enqueue(app: Flask, kind: str) -> int:
    """A committed job; its id."""
    with app.app_context():
        with transaction():
            added = service.enqueue(kind, {}, by=SYSTEM)
        return added.id


def look(app: Flask, job_id: int) -> tuple[str, int, int]:
    """(status, attempt, marks left)."""
    with app.app_context():
        row = db.session.get(Job, job_id)
        found = row.status, row.attempt, len(db.session.scalars(select(AuditEntry).where(AuditEntry.kind == "sample")).all())
        db.session.rollback()
        return found


def crash_and_repeat(app: Flask, start: Start, kind: str, fault: str) -> tuple[str, int, int]:
    """Let one worker die at the fault, then let another find what it left."""
    job_id = enqueue(app, kind)
    first = start(f"{fault}=kill")
    assert first.wait(90) == -signal.SIGKILL
    if look(app, job_id)[0] != "done":
        time.sleep(1.1)  # the dead worker's lease
        start()
        wait_for(lambda: look(app, job_id)[0] == "done")
    return look(app, job_id)


@pytest.mark.parametrize("fault", ["job.started", "transaction.before_commit", "transaction.after_commit"])
def test_killed_anywhere_the_effect_is_there_once(app: Flask, start: Start, fault: str) -> None:
    status, attempt, marks = crash_and_repeat(app, start, "sample_once", fault)
    assert (status, marks) == ("done", 1)
    assert attempt == (1 if fault == "transaction.after_commit" else 2)


def test_control_without_the_common_transaction_it_is_there_twice(app: Flask, start: Start) -> None:
    assert crash_and_repeat(app, start, "sample_careless", "transaction.after_commit") == ("done", 2, 2)


def test_a_stopping_worker_gives_its_job_back(app: Flask, start: Start) -> None:
    job_id = enqueue(app, "sample_long")
    first = start()
    wait_for(lambda: look(app, job_id)[0] == "running")
    first.terminate()
    assert first.wait(60) == 0
    assert look(app, job_id)[:2] == ("waiting", 1)


def test_a_waiting_worker_is_woken_and_does_not_outlive_its_server(make_app: Callable[..., Flask], queue_url: str, start: Start) -> None:
    app = make_app(QUEUE_URL=queue_url)
    process = start()
    first = enqueue(app, "sample_once")
    wait_for(lambda: look(app, first)[0] == "done")  # now it has looked round and waits
    job_id = enqueue(app, "sample_once")
    wait_for(lambda: look(app, job_id)[0] == "done")
    process.close_input()
    assert process.wait(60) == 0
