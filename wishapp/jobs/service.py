"""What the rest of the house does with jobs: enqueue, cancel, register.

    @job("match")
    def work(job: JobHandle) -> dict: …
    every("expire_wishes", 60)

A job is a row, written in the caller's own transaction; workers are woken once that has been committed.
"""

from datetime import datetime

from sqlalchemy import event, update
from sqlalchemy.orm import Session

from wishapp.jobs import queue
from wishapp.jobs.handle import JobHandle
from wishapp.jobs.models import Job
from wishapp.jobs.registry import every, job
from wishapp.kernel import clock
from wishapp.kernel.errors import Refused
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.store import audit
from wishapp.store.db import db

__all__ = ["JobHandle", "enqueue", "every", "job", "request_cancel"]


def enqueue(
    kind: str, args: dict, *, by: Actor, place_path: str | None = None, due_at: datetime | None = None, once: str | None = None,
) -> Job:
    """Add a job inside the caller's transaction. `due_at`: not before; `once`: a second job with this key is an IntegrityError."""
    added = Job(kind=kind, args=args, started_by_id=by.id, place_path=place_path, due_at=due_at or clock.now(), once=once)
    db.session.add(added)
    db.session.flush()
    db.session().info.setdefault("wake", []).append((added.id, added.due_at))
    return added


def request_cancel(asked: Job, *, by: Actor) -> None:
    """Ask a job to stop: one that waits ends as soon as a worker looks, one that runs at its next look. Refused when it has ended."""
    db.session.flush()
    reached = db.session.execute(
        update(Job).where(Job.id == asked.id, Job.status.in_(("waiting", "running")))
        .values(is_cancel_asked=True, due_at=clock.now()).execution_options(synchronize_session=False)
    )
    if reached.rowcount != 1:
        raise Refused(N_("This work has already ended."))
    db.session.refresh(asked)
    audit.record("job", asked.id, "cancel", by=by, place_path=asked.place_path, data={"kind": asked.kind})
    db.session().info.setdefault("wake", []).append((asked.id, asked.due_at))


@event.listens_for(Session, "after_commit")
def _wake_workers(session: Session) -> None:
    if session.in_nested_transaction():  # a savepoint: the rows are not there yet for others
        return
    for job_id, due_at in session.info.pop("wake", ()):
        queue.wake(job_id, due_at)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop("wake", None)
