"""The queue that wakes workers: huey in a SQLite file on one machine, in PostgreSQL or Redis on several. The task code is one.

It carries job ids and nothing else. A lost message costs a minute at most: the sweeper wakes whatever is due (see run.sweep).
"""

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from flask import Flask, current_app
from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey, crontab

from wishapp.jobs import run
from wishapp.kernel import clock

log = structlog.get_logger()
_open: dict[str, "Queue"] = {}
_lock = threading.Lock()


class UnknownQueue(RuntimeError):
    """WISHAPP_QUEUE_URL names no kind of queue there is."""


class Queue:
    """A huey and its two tasks: `wake_job(job_id)` and, every minute, `sweep_jobs()`. `app` is set in workers only."""

    def __init__(self, url: str) -> None:
        self.app: Flask | None = None
        self.huey = make_huey(url)
        self._wake: Callable = self.huey.task(name="wake_job")(self.run)
        self.huey.periodic_task(crontab(minute="*"), name="sweep_jobs")(self.sweep)

    def send(self, job_id: int, due_at: datetime | None = None) -> None:
        """Put a wake-up into the queue, for now or for later."""
        delay = (due_at - clock.now()).total_seconds() if due_at else 0
        if delay > 0:
            self._wake.schedule(args=(job_id,), delay=delay)
        else:
            self._wake(job_id)

    def run(self, job_id: int) -> None:
        """Task: do one job, if it is still to be done."""
        with self.app.app_context():
            again_at = run.run_job(job_id)
        if again_at:
            self.send(job_id, again_at)

    def sweep(self) -> None:
        """Task: add periodic work that is due and wake everything that was forgotten."""
        with self.app.app_context():
            due = run.sweep()
        for job_id in due:
            self.send(job_id)


def make_huey(url: str) -> Huey:
    """The huey for a URL: sqlite:///…, postgresql://… or redis://…; raises UnknownQueue."""
    options: dict[str, Any] = {"name": "wishapp", "results": False, "utc": True}
    scheme = url.split(":", 1)[0].split("+", 1)[0]
    if scheme == "sqlite":
        path = Path(url.removeprefix("sqlite:///"))
        path.parent.mkdir(parents=True, exist_ok=True)
        return SqliteHuey(filename=str(path), fsync=False, timeout=15, **options)
    if scheme == "postgresql":
        return PostgresHuey(dsn=url.replace("postgresql+psycopg://", "postgresql://"), **options)
    if scheme in ("redis", "rediss"):
        return RedisHuey(url=url, **options)
    raise UnknownQueue(f"WISHAPP_QUEUE_URL: no queue called {scheme}")


def connect(url: str) -> Queue:
    """The queue behind a URL, opened once per process."""
    with _lock:
        if url not in _open:
            _open[url] = Queue(url)
        return _open[url]


def wake(job_id: int, due_at: datetime | None = None) -> None:
    """Wake a worker for a job that has been committed. A queue that is down is no error: the sweeper finds the row."""
    try:
        connect(current_app.config["QUEUE_URL"]).send(job_id, due_at)
    except Exception as error:  # noqa: BLE001 - whatever the queue's driver raises
        log.warning("queue_unreachable", kind=type(error).__name__, job=job_id)
