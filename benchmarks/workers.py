"""Several streets matched side by side: the demonstration district on PostgreSQL, one worker process, then two, on the same streets.

    python -m benchmarks.workers [streets] [seconds]      (4 streets, at most 20 seconds each when not said)

Prints the wall time of both, from the first start to the last plan saved, how far the runs overlapped (sum of their times over the
wall time) and the machine's load. With fewer processors than workers nothing can be gained; with one thread each, two are enough.
"""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import select

from tests import databases
from wishapp import create_app
from wishapp.demo import district
from wishapp.jobs.models import Job
from wishapp.kernel.roles import SYSTEM
from wishapp.matching import runs
from wishapp.matching.models import MatchRun
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.transaction import transaction

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 900  # seconds


def start_workers(count: int, url: str, folder: str) -> list[subprocess.Popen]:
    """Worker processes as `wishapp worker` starts them, without periodic work; returns when all of them wait for jobs."""
    environment = {**os.environ, "WISHAPP_DATABASE_URL": url, "WISHAPP_QUEUE_URL": url, "WISHAPP_INSTANCE": folder}
    said = [Path(folder) / f"worker{number}.log" for number in range(count)]
    found = []
    for path in said:
        with path.open("w") as output:
            found.append(subprocess.Popen([sys.executable, "-m", "flask", "--app", "wishapp", "worker", "--no-periodic", "--ends-with-input"],
                                          stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT, cwd=ROOT, env=environment))
    deadline = time.monotonic() + 60
    while not all("worker_started" in path.read_text() for path in said):
        if time.monotonic() > deadline:
            raise SystemExit("the workers did not start: " + said[0].read_text()[-500:])
        time.sleep(0.2)
    return found


def match_streets(streets: int, seconds: int) -> tuple[float, float, list[str]]:
    """Start a run over each of so many streets at once and wait for all; (wall seconds, seconds of all runs together, a line for each)."""
    began = time.monotonic()
    with transaction():
        wanted = db.session.scalars(select(Place).where(Place.level == "street").order_by(Place.code).limit(streets)).all()
        started = [runs.start_run(place, by=SYSTEM, options={"seconds": seconds}) for place in wanted]
        run_ids, job_ids = [run.id for run in started], [run.job_id for run in started]
    while True:
        db.session.rollback()
        jobs = db.session.scalars(select(Job).where(Job.id.in_(job_ids))).all()
        if all(job.finished_at for job in jobs):
            break
        if time.monotonic() - began > PATIENCE:
            raise SystemExit("the runs did not end")
        time.sleep(0.2)
    wall = time.monotonic() - began
    worked = sum((job.finished_at - job.started_at).total_seconds() for job in jobs)
    lines = [f"{run.place.name} {run.state}: {run.served} of {run.demands}, gap {100 * run.figures.get('gap', 1):.2f} %"
             for run in (db.session.get(MatchRun, run_id) for run_id in run_ids)]
    db.session.rollback()
    return wall, worked, lines


def main(streets: int = 4, seconds: int = 20) -> None:
    """Load, then the same streets with one worker and with two."""
    databases.open_shared_folder()
    with ExitStack() as stack:
        stack.callback(databases.close_shared_folder)
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        url = stack.enter_context(databases.postgres_database("workers", "blank")).url
        app = create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": url, "INSTANCE": folder, "QUEUE_URL": url, "LOG_LEVEL": "ERROR"})
        with app.app_context():
            district.load(1)
            walls = []
            for count in (1, 2):
                workers = start_workers(count, url, folder)
                before = os.getloadavg()[0]
                wall, worked, lines = match_streets(streets, seconds)
                walls.append(wall)
                print(f"{count} worker{'s' if count > 1 else ' '} {streets} streets {wall:6.1f} s, {worked / wall:.2f} at work on average, "
                      f"load {before:.1f} to {os.getloadavg()[0]:.1f}", flush=True)
                for line in lines:
                    print(f"    {line}")
                for worker in workers:
                    worker.stdin.close()
                    worker.wait(30)
            print(f"two workers take {100 * walls[1] / walls[0]:.0f} % of the time of one on {os.cpu_count()} processors")
            db.session.remove()
            db.engine.dispose()


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:3]))
