"""One job at a time: claim, end, try again, give up, cancel; the sweeper; waking after the commit only."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import Clock
from tests.jobs import samples  # noqa: F401 - registers the sample kinds
from wishapp.jobs import lease, queue, run, service
from wishapp.jobs.handle import JobHandle, LeaseLost
from wishapp.jobs.models import Job
from wishapp.jobs.registry import KINDS
from wishapp.kernel.errors import Refused
from wishapp.kernel.roles import SYSTEM
from wishapp.store.audit import AuditEntry
from wishapp.store.db import db
from wishapp.store.transaction import transaction

pytestmark = pytest.mark.both_databases


def enqueue(kind: str, **options: object) -> int:
    """A committed job; its id."""
    with transaction():
        added = service.enqueue(kind, {"n": 1}, by=SYSTEM, **options)
    return added.id


def state(job_id: int) -> Job:
    """The row as it is now."""
    db.session.rollback()
    return db.session.get(Job, job_id, populate_existing=True)


def marks() -> int:
    """How often the sample work left its mark."""
    db.session.rollback()
    return len(db.session.scalars(select(AuditEntry).where(AuditEntry.kind == "sample")).all())


def test_done_once_however_often_it_is_woken(context: Flask) -> None:
    job_id = enqueue("sample_once")
    assert run.run_job(job_id) is None
    assert run.run_job(job_id) is None
    row = state(job_id)
    assert (row.status, row.attempt, row.progress, row.result, marks()) == ("done", 1, 1.0, {"marked": True}, 1)


def test_not_before_it_is_due(context: Flask, clock: Clock) -> None:
    job_id = enqueue("sample_once", due_at=clock.now + timedelta(minutes=5))
    run.run_job(job_id)
    assert state(job_id).status == "waiting"
    assert job_id not in run.sweep()
    clock.forward(minutes=5)
    assert job_id in run.sweep()
    run.run_job(job_id)
    assert state(job_id).status == "done"


def test_failures_wait_longer_each_time_and_end_after_eight(context: Flask, clock: Clock) -> None:
    told: list[str] = []
    kind = KINDS["sample_broken"]
    KINDS["sample_broken"] = type(kind)(kind.name, kind.work, lambda handle, why: told.append(why))
    try:
        job_id = enqueue("sample_broken")
        waits = []
        for _attempt in range(lease.MOST_ATTEMPTS):
            again = run.run_job(job_id)
            if again:
                waits.append((again - clock.now).total_seconds())
                clock.set(again)
        row = state(job_id)
        assert waits == [5, 10, 20, 40, 80, 160, 320]
        assert (row.status, row.attempt, row.lease_until) == ("failed", 8, None)
        assert row.error == "ValueError", "the message of the error may hold anything; only its kind is kept"
        assert told == ["ValueError"]
        assert run.run_job(job_id) is None
        assert state(job_id).attempt == 8
    finally:
        KINDS["sample_broken"] = kind


def test_a_refusal_is_final(context: Flask) -> None:
    job_id = enqueue("sample_refused")
    run.run_job(job_id)
    assert (state(job_id).status, state(job_id).error) == ("failed", "This cannot be.")


def test_a_silent_worker_loses_the_job_and_may_save_nothing(context: Flask, clock: Clock) -> None:
    job_id = enqueue("sample_once")
    slow = run.claim(job_id)
    assert isinstance(slow, JobHandle)
    assert run.claim(job_id) is None
    clock.forward(seconds=lease.LEASE.total_seconds() + 1)
    assert job_id in run.sweep()
    run.run_job(job_id)
    assert slow.is_cancelled()
    assert not slow.prolong()
    with pytest.raises(LeaseLost):
        samples.leave_mark(slow, ends=True)
    assert (state(job_id).status, state(job_id).attempt, marks()) == ("done", 2, 1)


def test_a_heartbeat_keeps_the_job(context: Flask, clock: Clock) -> None:
    held = run.claim(enqueue("sample_once"))
    clock.forward(seconds=30)
    assert held.prolong()
    clock.forward(seconds=30)
    assert run.claim(held.id) is None


def test_cancelling_what_waits_and_what_has_ended(context: Flask) -> None:
    job_id = enqueue("sample_once")
    with transaction():
        service.request_cancel(state_in(job_id), by=SYSTEM)
    run.run_job(job_id)
    assert (state(job_id).status, marks()) == ("cancelled", 0)
    with pytest.raises(Refused), transaction():
        service.request_cancel(state_in(job_id), by=SYSTEM)


def state_in(job_id: int) -> Job:
    """The row, read inside the running transaction."""
    return db.session.get(Job, job_id, populate_existing=True)


def test_cancelling_what_runs(context: Flask) -> None:
    job_id = enqueue("sample_long")
    kind = KINDS["sample_long"]

    def asked_meanwhile(handle: JobHandle) -> dict:
        with transaction():
            service.request_cancel(state_in(job_id), by=SYSTEM)
        return kind.work(handle)

    KINDS["sample_long"] = type(kind)(kind.name, asked_meanwhile)
    try:
        run.run_job(job_id)
    finally:
        KINDS["sample_long"] = kind
    row = state(job_id)
    assert row.status == "cancelled"
    assert row.phase == "search"


def test_periodic_work_once_per_slot(context: Flask, clock: Clock) -> None:
    run.sweep()
    run.sweep()
    slots = [row.once for row in db.session.scalars(select(Job).where(Job.kind == "seal_audit"))]
    assert len(slots) == 1
    db.session.rollback()
    clock.forward(minutes=1)
    run.sweep()
    assert len(db.session.scalars(select(Job).where(Job.kind == "seal_audit")).all()) == 2


def test_workers_are_woken_after_the_commit_and_not_before(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[int] = []
    monkeypatch.setattr(queue, "wake", lambda job_id, due_at=None: woken.append(job_id))
    with transaction():
        added = service.enqueue("sample_once", {}, by=SYSTEM)
        with db.session.begin_nested():
            pass
        assert woken == []
    assert woken == [added.id]
    with pytest.raises(ZeroDivisionError), transaction():
        service.enqueue("sample_once", {}, by=SYSTEM)
        1 / 0  # noqa: B018
    with transaction():
        pass
    assert woken == [added.id]


def test_a_dead_queue_loses_nothing(make_app, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN001
    app = make_app(QUEUE_URL="postgresql://nobody@127.0.0.1:1/none")
    with app.app_context():
        job_id = enqueue("sample_once")
        assert job_id in run.sweep()
