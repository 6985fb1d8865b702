"""`wishapp serve`: one process tree that starts, heals and stops as a whole."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.databases import Database
from wishapp.commands import WORKERS

ROOT = Path(__file__).resolve().parents[2]


class Site:
    """The running command, what it printed, and its workers."""

    def __init__(self, process: subprocess.Popen, address: str) -> None:
        self.process, self.address = process, address

    def workers(self) -> list[int]:
        """Process ids of the living workers."""
        with suppress(psutil.NoSuchProcess):  # the server, or a worker just now
            return [child.pid for child in psutil.Process(self.process.pid).children() if not is_gone(child.pid) and "worker" in child.cmdline()]
        return []


def wait_for(question: Callable[[], object], seconds: float = 90.0) -> object:
    """Until the answer is yes; that answer."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)
    return answer


def is_gone(pid: int) -> bool:
    """Is there no such process any more (a zombie counts as gone)."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Iterator[Site]:
    """Serving this test's database on a free port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "wishapp", "serve", "--port", "0"], cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "WISHAPP_DATABASE_URL": database.url, "WISHAPP_INSTANCE": str(tmp_path)},
    )
    address = ""
    while not address:
        line = process.stdout.readline()
        assert line or process.poll() is None, "it ended"
        address = (re.findall(r"http://\S+", line) or [""])[0]
    made = Site(process, address)
    wait_for(lambda: len(made.workers()) == WORKERS)
    yield made
    process.kill()
    process.stdout.close()
    process.wait()


def test_it_serves_heals_and_stops(site: Site) -> None:
    with urllib.request.urlopen(f"{site.address}/readyz") as answer:
        assert answer.status == 200
    killed, other = site.workers()
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: len(set(site.workers()) - {killed}) == WORKERS)
    living = site.workers()
    site.process.send_signal(signal.SIGTERM)
    assert site.process.wait(60) == 0
    assert other in living and all(is_gone(worker) for worker in living)


def test_ctrl_c_stops_all(site: Site) -> None:
    workers = site.workers()
    site.process.send_signal(signal.SIGINT)
    assert site.process.wait(60) == 0
    assert all(is_gone(worker) for worker in workers)


def test_no_worker_outlives_a_killed_server(site: Site) -> None:
    workers = site.workers()
    time.sleep(3)  # until they read their input
    site.process.kill()
    site.process.wait()
    wait_for(lambda: all(is_gone(worker) for worker in workers))
