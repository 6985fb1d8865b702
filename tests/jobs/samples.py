"""Sample work, and a worker for a process of its own, that can be told to die."""

from datetime import timedelta

import wishapp
from wishapp.jobs import lease, worker
from wishapp.jobs.service import JobHandle, job
from wishapp.kernel.errors import Refused
from wishapp.kernel.roles import SYSTEM
from wishapp.store import audit
from wishapp.store.transaction import retrying, transaction


def leave_mark(handle: JobHandle, *, ends: bool) -> None:
    """One row in the record, with or without the job's end in the same transaction."""

    def write() -> None:
        with transaction():
            handle.hold()
            audit.record("sample", handle.id, "mark", by=SYSTEM, data={"attempt": handle.attempt})
            if ends:
                handle.finish(marked=True)

    retrying(write)


@job("sample_once")
def once(handle: JobHandle) -> dict:
    """Saves its mark and its end together."""
    leave_mark(handle, ends=True)
    return {}


@job("sample_careless")
def careless(handle: JobHandle) -> dict:
    """Saves its mark, and its end later: a crash in between doubles the mark."""
    leave_mark(handle, ends=False)
    return {}


@job("sample_long")
def long(handle: JobHandle) -> dict:
    """Goes on until it is told to stop."""
    turns = 0
    while not handle.is_cancelled() and turns < 2000:
        turns += 1
        handle.progress(min(0.9, turns / 100), "search", turns=turns)
        handle.stopping.wait(0.02)
    return {"turns": turns}


@job("sample_broken")
def broken(handle: JobHandle) -> dict:
    """Never works."""
    raise ValueError("secret details")


@job("sample_refused")
def refused(handle: JobHandle) -> dict:
    """Says no."""
    raise Refused("This cannot be.")


def work(settings: dict) -> None:
    """Work with short leases on the database of a test."""
    lease.LEASE, lease.HEARTBEAT = timedelta(seconds=1), 0.2
    app = wishapp.create_app({"TESTING": True, **settings})
    with app.app_context():
        worker.work(app, is_periodic=False, ends_with_input=True)
