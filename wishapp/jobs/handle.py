"""What a running job holds in its hand: its arguments, its progress, its lease."""

import threading
import time
from typing import Any

import structlog
from sqlalchemy import select, update

from wishapp.jobs.lease import lease_end
from wishapp.jobs.models import Job
from wishapp.kernel import clock
from wishapp.kernel.errors import Refused
from wishapp.kernel.text import N_
from wishapp.store.db import db
from wishapp.store.transaction import Conflict, side_transaction

log = structlog.get_logger()
TURN = "turn"
LOOK_EVERY = 0.5  # seconds between looks at the row, so that a solver may ask as often as it likes


class LeaseLost(Refused):
    """Somebody else has taken this job over; what this attempt did must not be saved."""

    def __init__(self) -> None:
        super().__init__(N_("This work was taken over by another worker."))


class JobHandle:
    """One attempt at one job. `id`, `args` (dict), `attempt` (fencing number), `started_by_id` (user id or None), `place_path`."""

    def __init__(self, row: Job) -> None:
        self.id: int = row.id
        self.kind: str = row.kind
        self.args: dict[str, Any] = dict(row.args)
        self.attempt: int = row.attempt
        self.started_by_id: int | None = row.started_by_id
        self.place_path: str | None = row.place_path
        self.is_finished = False
        self.stopping = threading.Event()
        self._asked = bool(row.is_cancel_asked)
        self._looked = self._told = 0.0

    @property
    def _mine(self) -> tuple:
        return Job.id == self.id, Job.attempt == self.attempt, Job.status == "running"

    def progress(self, fraction: float, phase: str, **detail: Any) -> None:
        """Show how far it is: 0..1, a word for the phase, figures for the page. Written at most twice a second; skipped inside
        transaction() and when the database is busy, since it is only for looking at."""
        if time.monotonic() - self._told < LOOK_EVERY or db.session().info.get("writing"):
            return
        self._told = time.monotonic()
        values: dict[str, Any] = {"progress": min(1.0, max(0.0, fraction)), "phase": phase[:30]}
        if detail:
            values["detail"] = detail
        try:
            with side_transaction() as connection:
                connection.execute(update(Job).where(*self._mine).values(**values))
        except Conflict:
            log.info("job_progress_skipped", job=self.id)

    def keep(self, fraction: float, phase: str, **detail: Any) -> None:
        """Inside transaction(), after hold(): write with what is saved how far that is. `detail` is there for the next attempt, too."""
        db.session.execute(update(Job).where(*self._mine).values(progress=min(1.0, fraction), phase=phase[:30], detail=detail)
                           .execution_options(synchronize_session=False))

    def is_cancelled(self) -> bool:
        """Should the work stop: asked to, taken over by another worker, or the worker itself is being stopped."""
        if self.stopping.is_set() or self._asked:
            return True
        if time.monotonic() - self._looked < LOOK_EVERY or db.session().info.get("writing"):
            return False
        self._looked = time.monotonic()
        with db.engine.connect() as connection:
            row = connection.execute(select(Job.is_cancel_asked, Job.attempt, Job.status).where(Job.id == self.id)).one_or_none()
        self._asked = row is None or row.is_cancel_asked or row.attempt != self.attempt or row.status != "running"
        return self._asked

    def prolong(self) -> bool:
        """Extend the lease; False when it is no longer ours."""
        with side_transaction() as connection:
            moved = connection.execute(update(Job).where(*self._mine).values(lease_until=lease_end()))
        return moved.rowcount == 1

    def hold(self) -> None:
        """Inside transaction(): make sure that this attempt still owns the job, and keep it so until the commit. Raises LeaseLost."""
        held = db.session.execute(
            update(Job).where(*self._mine).values(lease_until=lease_end()).execution_options(synchronize_session=False)
        )
        if held.rowcount != 1:
            raise LeaseLost()

    def take_turn(self) -> bool:
        """Inside transaction(), under a lock that all such jobs take: True, and it is our turn, when no other job of this kind is having
        its turn at this place under a living lease. A turn ends with the attempt."""
        busy = db.session.scalar(select(Job.id).where(
            Job.id != self.id, Job.kind == self.kind, Job.place_path == self.place_path, Job.status == "running", Job.phase == TURN,
            Job.lease_until > clock.now()).limit(1))
        if busy is None:
            db.session.execute(update(Job).where(*self._mine).values(phase=TURN).execution_options(synchronize_session=False))
        return busy is None

    def finish(self, **result: Any) -> None:
        """Inside transaction(): end the job together with what it saves, so that it is done exactly once. Raises LeaseLost."""
        ended = db.session.execute(
            update(Job).where(*self._mine)
            .values(status="done", progress=1.0, result=result, error="", finished_at=clock.now(), lease_until=None)
            .execution_options(synchronize_session=False)
        )
        if ended.rowcount != 1:
            raise LeaseLost()
        self.is_finished = True
