"""Doing jobs: claim with a committed lease, beat while working, end only if the lease is still ours, sweep up what was left.

The pattern: hazards.md, "Jobs and outbox". A job runs at least once; with `handle.finish()` in its own transaction, what it
saves is saved exactly once.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from flask import Flask, current_app
from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from wishapp.jobs import lease
from wishapp.jobs.handle import JobHandle, LeaseLost
from wishapp.jobs.models import Job
from wishapp.jobs.registry import KINDS, Kind, periodic
from wishapp.kernel import clock, faults
from wishapp.kernel.errors import Busy, WishappError
from wishapp.store.db import db
from wishapp.store.transaction import retrying, side_transaction

log = structlog.get_logger()
_running: set[JobHandle] = set()
_is_stopping = threading.Event()


def _claimable() -> ColumnElement[bool]:
    """Waiting and due, or running under a lease nobody keeps up."""
    now = clock.now()
    return or_(and_(Job.status == "waiting", Job.due_at <= now), and_(Job.status == "running", Job.lease_until < now))


def claim(job_id: int) -> JobHandle | None:
    """Take the job under a committed lease with a new attempt number; None when somebody else has it or it is not due."""

    def take() -> bool:
        with side_transaction() as connection:
            taken = connection.execute(
                update(Job).where(Job.id == job_id, _claimable())
                .values(status="running", attempt=Job.attempt + 1, lease_until=lease.lease_end(), started_at=clock.now(), progress=0.0, phase="")
            )
        return taken.rowcount == 1

    if not retrying(take):
        return None
    db.session.rollback()  # what was read before the claim must not hide it
    row = db.session.get(Job, job_id, populate_existing=True)
    handle = JobHandle(row)
    db.session.rollback()
    return handle


def run_job(job_id: int) -> datetime | None:
    """Claim and do a job; returns when it should be tried again, or None. Needs an app context; opens no transaction itself."""
    handle = claim(job_id)
    if handle is None:
        return None
    kind = KINDS.get(handle.kind)
    tell = log.debug if kind and kind.minutes else log.info
    tell("job_started", job=handle.id, job_kind=handle.kind, attempt=handle.attempt)
    if kind is None:
        return _end(handle, None, "failed", "unknown kind of work")
    if handle.is_cancelled():
        return _end(handle, kind, "cancelled", "cancelled")
    if handle.attempt > lease.MOST_ATTEMPTS:
        return _end(handle, kind, "failed", "gave up after too many attempts")
    try:
        with _beating(handle):
            faults.point("job.started")
            result = kind.work(handle) or {}
    except LeaseLost:
        log.warning("job_lease_lost", job=handle.id, attempt=handle.attempt)
        return None
    except Exception as error:  # noqa: BLE001 - any fault of the work itself
        return _failed(handle, kind, error)
    finally:
        db.session.rollback()
    if handle.is_finished:
        return None
    if handle.stopping.is_set():
        return give_back(handle)
    if handle.is_cancelled():
        return _end(handle, kind, "cancelled", "cancelled")
    faults.point("job.before_end")
    return _end(handle, kind, "done", "", result)


def _failed(handle: JobHandle, kind: Kind, error: Exception) -> datetime | None:
    db.session.rollback()
    if handle.is_finished:
        log.error("job_failed_after_its_end", job=handle.id, kind=type(error).__name__)
        return None
    if handle.stopping.is_set():
        return give_back(handle)
    why = error.message if isinstance(error, WishappError) else type(error).__name__
    log.warning("job_failed", job=handle.id, job_kind=handle.kind, attempt=handle.attempt, exc_info=error)
    is_final = isinstance(error, WishappError) and not isinstance(error, Busy)
    if is_final or handle.attempt >= lease.MOST_ATTEMPTS:
        return _end(handle, kind, "failed", why)
    again_at = lease.retry_at(handle.attempt)
    _write(handle, status="waiting", error=why[:300], due_at=again_at, lease_until=None)
    return again_at


def _end(handle: JobHandle, kind: Kind | None, status: str, why: str, result: dict | None = None) -> None:
    """Write the end; tell `on_failure` first, so that a crash in between repeats the telling and not the silence."""
    if not retrying(handle.prolong):
        log.warning("job_lease_lost", job=handle.id, attempt=handle.attempt)
        return
    if status != "done" and kind and kind.on_failure:
        try:
            kind.on_failure(handle, why)
        except Exception as error:  # noqa: BLE001 - the job's end must be written all the same
            log.error("job_on_failure_failed", job=handle.id, kind=type(error).__name__, exc_info=error)
        finally:
            db.session.rollback()
    ended = _write(
        handle, status=status, error=why[:300], result=result or {}, finished_at=clock.now(), lease_until=None,
        **({"progress": 1.0} if status == "done" else {}),
    )
    tell = log.debug if ended and status == "done" and kind and kind.minutes else log.info
    tell("job_ended" if ended else "job_end_refused", job=handle.id, job_kind=handle.kind, attempt=handle.attempt, status=status)


def _write(handle: JobHandle, **values: object) -> bool:
    """Write to the row if this attempt still owns it."""

    def write() -> bool:
        with side_transaction() as connection:
            done = connection.execute(update(Job).where(Job.id == handle.id, Job.attempt == handle.attempt, Job.status == "running").values(**values))
        return done.rowcount == 1

    return retrying(write)


def give_back(handle: JobHandle) -> datetime:
    """Put a job back because this worker is stopping; another one takes it at once."""
    now = clock.now()
    _write(handle, status="waiting", due_at=now, lease_until=None)
    return now


def stop_running() -> None:
    """Tell the jobs of this process that it is stopping, also the one just being taken up."""
    _is_stopping.set()
    for handle in list(_running):
        handle.stopping.set()


@contextmanager
def _beating(handle: JobHandle) -> Iterator[None]:
    """Renew the lease from a thread of its own as long as the work goes on."""
    app: Flask = current_app._get_current_object()
    over = threading.Event()

    def beat() -> None:
        while not over.wait(lease.HEARTBEAT):
            with app.app_context():
                try:
                    if not handle.prolong():
                        return
                except Exception as error:  # noqa: BLE001 - the next beat tries again
                    log.warning("job_heartbeat_missed", job=handle.id, kind=type(error).__name__)

    thread = threading.Thread(target=beat, name=f"job-{handle.id}-heartbeat", daemon=True)
    _running.add(handle)
    if _is_stopping.is_set():
        handle.stopping.set()
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        _running.discard(handle)


def sweep() -> list[int]:
    """Add periodic jobs whose slot has come, drop old finished periodic ones; ids of all jobs that wait for a worker now."""
    now = clock.now()
    insert = postgres_insert if db.engine.dialect.name == "postgresql" else sqlite_insert
    rows = [_slot(kind, now) for kind in periodic()]

    def write() -> None:
        with side_transaction() as connection:
            if rows:
                connection.execute(insert(Job).on_conflict_do_nothing(index_elements=["once"]), rows)
            connection.execute(delete(Job).where(Job.once.is_not(None), Job.status == "done", Job.finished_at < now - timedelta(days=1)))

    retrying(write)
    with db.engine.connect() as connection:
        return list(connection.scalars(select(Job.id).where(_claimable()).order_by(Job.id)))


def _slot(kind: Kind, now: datetime) -> dict:
    minutes = int(now.timestamp()) // 60
    return {
        "kind": kind.name, "args": {}, "status": "waiting", "progress": 0.0, "phase": "", "detail": {}, "result": {}, "error": "", "attempt": 0,
        "is_cancel_asked": False, "due_at": now, "created_at": now, "once": f"{kind.name}@{minutes - minutes % kind.minutes}",
    }


