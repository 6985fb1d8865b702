"""The office at district size: the demonstration district loaded, read into arrays, matched, approved, taken back and sent out, on SQLite and on PostgreSQL.

    python -m benchmarks.district [sqlite|postgresql|both] [seconds]      (both, 60 seconds for the match when not said)

Each step runs in a process of its own and prints its seconds on the clock and of its processor, its peak memory and the machine's load when it began and ended (the
one-minute average: above the number of processors, others were at work and the seconds are too long). PostgreSQL is a throw-away
cluster with fsync off, SQLite runs with synchronous=FULL.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import func, select

from tests import databases
from wishapp import create_app
from wishapp.accounts import queries as accounts
from wishapp.demo import district
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import Actor
from wishapp.matching import cli, presses, review, sources
from wishapp.matching.crowd import KINDS, read_crowd
from wishapp.matching.models import MatchRun, Proposal, RunPapers
from wishapp.matching.presses import Press
from wishapp.matching.snapshot import Options, take_snapshot
from wishapp.places import queries as places
from wishapp.store.db import db

ROOT = Path(__file__).resolve().parents[1]
STEPS = {}


def step_of(work: Callable[[int], str]) -> Callable[[int], str]:
    """One of the steps, in their order."""
    STEPS[work.__name__] = work
    return work


@step_of
def load(_seconds: int) -> str:
    """Load the demonstration district into the empty database."""
    made = district.load(1)
    return ", ".join(f"{count} {name}" for name, count in made.items())


@step_of
def read(_seconds: int) -> str:
    """From the database to the problem's arrays."""
    path = places.place_by_code(district.DISTRICT + "000000").path
    began = time.perf_counter()
    demands = sources.open_demands(path)
    with_demands = time.perf_counter()
    crowd = read_crowd(path)
    with_crowd = time.perf_counter()
    snapshot = take_snapshot(demands, crowd, options=Options())
    ended = time.perf_counter()
    by_kind = ", ".join(f"{int((crowd.kind == at).sum())} {kind}s" for at, kind in enumerate(KINDS))
    return (f"{len(demands)} wishes ({with_demands - began:.1f} s), {by_kind} ({with_crowd - with_demands:.1f} s), "
            f"{len(snapshot.demand)} pairs ({ended - with_crowd:.1f} s)")


@step_of
def match(seconds: int) -> str:
    """`wishapp match run` over the whole district."""
    run = cli.run_here(district.DISTRICT + "000000", {"seconds": seconds})
    size = db.session.scalar(select(func.length(RunPapers.problem) + func.length(RunPapers.plan) + func.length(RunPapers.terms)).where(
        RunPapers.run_id == run.id)) or 0
    return f"{cli.describe(run)}; papers {size / 2**20:.0f} MB"


def _press(verb: str, state: str) -> Press:
    """One press of a button for everything in this state."""
    ids = list(db.session.scalars(select(Proposal.id).where(Proposal.state == state).order_by(Proposal.tier, Proposal.value.desc(), Proposal.id)))
    batch = db.session.scalar(select(Proposal.batch).where(Proposal.state == state, Proposal.batch != "").limit(1))
    db.session.rollback()
    return Press(verb, ids, batch or review.new_batch())


def _staff() -> Actor:
    return accounts.actor_for(accounts.holders({Role.DISTRICT_STAFF}, db.session.scalar(select(MatchRun.place_path).limit(1)))[0])


@step_of
def approve(_seconds: int) -> str:
    """Everything, in one press."""
    outcome = presses.do(_press("approve", "proposed"), by=_staff())
    return f"{len(outcome.done)} approved, {len(outcome.left)} not"


@step_of
def undo(_seconds: int) -> str:
    """The press taken back."""
    outcome = presses.do(_press("undo", "offered"), by=_staff())
    return f"{len(outcome.done)} taken back, {len(outcome.left)} not"


@step_of
def send(_seconds: int) -> str:
    """Everything approved again (not counted) and sent out."""
    presses.do(_press("approve", "proposed"), by=_staff())
    began = time.perf_counter()
    outcome = presses.do(_press("send", "offered"), by=_staff())
    return f"{len(outcome.done)} sent out in {time.perf_counter() - began:.1f} s, {len(outcome.left)} not"


def step(name: str, url: str, folder: str, seconds: int) -> None:
    """One step here, in this process, with its figures in one line."""
    app = create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": url, "INSTANCE": folder, "LOG_LEVEL": "ERROR"})
    with app.app_context():
        before, began, worked = os.getloadavg()[0], time.perf_counter(), time.process_time()
        said = STEPS[name](seconds)
        worked = time.process_time() - worked
        took, peak = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"{url.partition(':')[0].partition('+')[0]:<10} {name:<7} {took:6.1f} s ({worked:.1f} of the processor)  peak {peak:.2f} GB  "
              f"load {before:.1f} to {os.getloadavg()[0]:.1f}  {said}", flush=True)


def main(kind: str = "both", seconds: int = 60) -> None:
    """Every step on each kind of database."""
    databases.open_shared_folder()
    with ExitStack() as stack:
        stack.callback(databases.close_shared_folder)
        for wanted in ("sqlite", "postgresql") if kind == "both" else (kind,):
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            made = databases.sqlite_database(Path(folder), "blank") if wanted == "sqlite" else databases.postgres_database("district", "blank")
            url = stack.enter_context(made).url
            for name in STEPS:
                subprocess.run([sys.executable, "-m", "benchmarks.district", "step", name, url, folder, str(seconds)], cwd=ROOT, check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["step"]:
        step(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]))
    else:
        main(*[kind(word) for kind, word in zip((str, int), sys.argv[1:], strict=False)])
