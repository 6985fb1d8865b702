"""Processes of their own, to be killed or to race: each is forked from one that has loaded the site and done nothing else.

Loading the site anew takes longer than most of these processes live. What is forked has no database, no thread and no
application yet; it is a process like any other, with its own memory, its own exit and its own place in the scheduler.
"""

import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import wishapp
from wishapp.jobs import run

LOADED = ["tests.processes", "wishapp.factory", "wishapp.solver.engine", "tests.jobs.samples", "tests.points.worker", "tests.wishes.crowd"]
forking = get_context("forkserver")
forking.set_forkserver_preload(LOADED)
gc.set_threshold(200_000, 20, 100)


class Child:
    """A running process. What it prints goes to the file `said`."""

    def __init__(self, work: Callable, *args: object, faults: str = "", said: Path | str = os.devnull) -> None:
        reading, self._input = forking.Pipe(duplex=False)
        self._process = forking.Process(target=_live, args=(reading, str(said), faults, work, args))
        self._process.start()
        reading.close()

    def wait(self, seconds: float = 120.0) -> int:
        """Its exit status; that of one killed is -9. Fails when it does not end."""
        self._process.join(seconds)
        assert self._process.exitcode is not None, "the process did not end"
        return self._process.exitcode

    def terminate(self) -> None:
        """SIGTERM: please stop."""
        self._process.terminate()

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()

    def close_input(self) -> None:
        """Its standard input ends, as when the server that started it goes."""
        self._input.close()


@contextmanager
def children() -> Iterator[Callable[..., Child]]:
    """start(work, *args, faults=…, said=…) begins a process; every one is ended at the end."""
    begun: list[Child] = []

    def start(work: Callable, *args: object, **options: object) -> Child:
        begun.append(Child(work, *args, **options))
        return begun[-1]

    try:
        yield start
    finally:
        for child in begun:
            child.close_input()
            child.kill()
            child.wait()


def _live(reading: Connection, said: str, faults: str, work: Callable, args: tuple) -> None:
    """In the new process: standard input is the pipe, standard output the file."""
    os.environ["WISHAPP_FAULTS"] = faults
    os.dup2(reading.fileno(), 0)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - as long as the process lives
    os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 1)
    sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115
    work(*args)


def run_job(url: str, folder: str, job_id: int) -> None:
    """The work of a worker that takes this one job."""
    app = wishapp.create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": url, "INSTANCE": folder})
    with app.app_context():
        run.run_job(job_id)
