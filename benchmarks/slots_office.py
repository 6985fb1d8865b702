"""The office with volunteer calls at district size: wishes and 1,200 shifts in one plan, or the shifts alone.

    python -m benchmarks.slots_office [shifts|all] [seconds]      (shifts alone and 60 seconds when not said)

Loads the demonstration district into a fresh SQLite database (once per call), reads it into the problem, solves it, lets the referee
check every rule, reads the plan back into proposals and explains what found nobody. Prints a table: seconds of each step on the clock
and of the processor, what is served, the proven gap; with the machine's load, since others at work make the seconds too long.
"""

import os
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests import databases
from wishapp import create_app, solver
from wishapp.demo import district
from wishapp.matching import sources
from wishapp.matching.crowd import KINDS, read_crowd
from wishapp.matching.explain import explain_unserved
from wishapp.matching.plan import read_plan
from wishapp.matching.snapshot import Options, Snapshot, take_snapshot
from wishapp.places import queries as places

GAP = 0.01


class Watch:
    """Runs steps and keeps their seconds: [(name, on the clock, of the processor)]."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, float, float]] = []

    def __call__(self, name: str, step: Callable) -> object:
        """Do one step and note how long it took."""
        began, worked = time.perf_counter(), time.process_time()
        found = step()
        self.rows.append((name, time.perf_counter() - began, time.process_time() - worked))
        return found


def measure(what: str, seconds: int) -> None:
    """Everything for one table."""
    watch, before = Watch(), os.getloadavg()[0]
    watch("load the demonstration", lambda: district.load(1))
    path = places.place_by_code(district.DISTRICT + "000000").path
    demands = [demand for demand in watch("read open demands", lambda: sources.open_demands(path)) if what == "all" or demand.in_person]
    crowd = watch("read the crowd", lambda: read_crowd(path))
    snapshot = watch("make the problem", lambda: take_snapshot(demands, crowd, options=Options(seconds=seconds)))
    plan = watch("solve", lambda: solver.solve(snapshot.problem))
    broken = watch("referee", lambda: solver.check(snapshot.problem, plan))
    lines = watch("read the plan back", lambda: read_plan(snapshot, plan))
    watch("explain the unserved", lambda: explain_unserved(snapshot, lines, {}))
    tell(snapshot, plan, lines, broken, watch, before)


def tell(snapshot: Snapshot, plan: dict, lines: list, broken: list, watch: Watch, before: float) -> None:
    """The table."""
    seats = sum(sum(demand.seats) for demand in snapshot.demands)
    by_kind = Counter(str(KINDS[snapshot.crowd.kind[line.row]]) for line in lines)
    teams = [line for line in lines if line.pair < 0]
    print(f"{len(snapshot.demands)} demands ({sum(demand.in_person for demand in snapshot.demands)} sorts of seats in shifts), {seats} seats, "
          f"{len(snapshot.crowd)} supporters, {len(snapshot.demand)} pairs, {len(snapshot.wholes)} teams x shifts")
    for name, clock, processor in watch.rows:
        print(f"  {name:<24} {clock:7.1f} s   {processor:7.1f} s of the processor")
    print(f"  served {sum(line.seats for line in lines)} of {seats} seats by {dict(by_kind)}, {len(teams)} teams for {sum(line.seats for line in teams)} seats")
    print(f"  {plan['status']}, proven gap {100 * plan['gap']:.3f} % ({'within' if plan['gap'] <= GAP else 'NOT within'} {100 * GAP:.0f} %), "
          f"referee: {broken[:3] if broken else 'every rule kept'}")
    print(f"  peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GB, load of the machine {before:.1f} to {os.getloadavg()[0]:.1f}", flush=True)


def main(what: str = "shifts", seconds: int = 60) -> None:
    """One measurement on a throw-away database."""
    if what not in ("shifts", "all"):
        raise SystemExit(__doc__)
    databases.open_shared_folder()
    with tempfile.TemporaryDirectory() as folder, databases.sqlite_database(Path(folder), "blank") as made:
        app = create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": made.url, "INSTANCE": folder, "LOG_LEVEL": "ERROR"})
        with app.app_context():
            measure(what, seconds)
    databases.close_shared_folder()


if __name__ == "__main__":
    main(*[kind(word) for kind, word in zip((str, int), sys.argv[1:], strict=False)])
