"""The solver against its goals: one table per goal, with rivals in the same run. One process, one thread, frozen seeds.

    python -m benchmarks.solver_goals                                  # the short set, a few minutes
    python -m benchmarks.solver_goals --set full --data DIR --write    # all at full size; the public sets in DIR (gap/, reviewers/)
    python -m benchmarks.solver_goals --set full --only G3 --seeds 1-5 --write

--write keeps each goal's table in docs/benchmarks.md (or the file named) as soon as it is done.
Seconds are processor seconds of this process, so that other work on the machine counts little; the clock's are noted beside them.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import slots, solver_local, solver_public, solver_report, solver_scale

GOALS = tuple(solver_report.TITLES)
QUARTER = {"members": 9000, "units": 300, "wishes": 1500, "shifts": 49, "communities": 35, "teams": 75}
CALLS = {"members": 9000, "teams": 75, "shifts": 300, "communities": 35}
STREET = {"members": 900, "units": 60, "teams": 20, "wishes": 300, "shifts": 8, "communities": 8}


def reports(wanted: set, full: bool, seeds: list[int], data: Path | None):
    """The goals' reports one after the other, cheapest first."""
    size, seconds = (solver_scale.DISTRICT, 60) if full else (QUARTER, 15)
    if "G10" in wanted and data:
        yield solver_public.reviewers(data / "reviewers", 5 if full else 1)
    if "G11" in wanted:
        yield solver_local.tiers(60 if full else 15, seeds)
    if wanted & {"G6", "G7"}:
        yield from solver_local.repairs_and_questions(wanted, seeds, size if full else STREET, seconds, 60 if full else 20, 1000 if full else 100)
    if "G3" in wanted:
        yield solver_scale.bound(seeds, size, 400 if full else 60)
    if wanted & {"G1", "G2", "G8"}:
        yield from solver_scale.plans(wanted, seeds, size, seconds, 300 if full else 0)
    if "S1" in wanted:
        yield slots.slots(seeds) if full else slots.slots(seeds, slots.SIZE | CALLS, 15)
    if "G4" in wanted:
        yield solver_local.optima(20 if full else 3, 60 if full else 15)
    if "G5" in wanted:
        yield solver_scale.growth(seeds, [1, 2, 4, 8] if full else [1, 2], size, .005)
    if "G9" in wanted and data:
        yield solver_public.assignment(data / "gap", full, 60 if full else 10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", choices=("short", "full"), default="short")
    parser.add_argument("--data", type=Path, help="folder with the public sets: gap/ and reviewers/")
    parser.add_argument("--only", help="goals to run, such as G1,G4", default=",".join(GOALS))
    parser.add_argument("--seeds", type=solver_report.read_seeds, help="such as 1-5 or 1,3 (1-5 in the full set, else 1)")
    parser.add_argument("--write", nargs="?", type=Path, const=solver_report.HOME, help="keep the tables in docs/benchmarks.md or this file")
    options = parser.parse_args()
    wanted = set(options.only.split(","))
    if not wanted <= set(GOALS):
        parser.error(f"goals are {', '.join(GOALS)}")
    full = options.set == "full"
    print(f"{solver_report.machine()}\n\n| # | measure | reached | goal | |\n|---|---|---|---|---|", flush=True)
    for report in reports(wanted, full, options.seeds or ([1, 2, 3, 4, 5] if full else [1]), options.data):
        if options.write:
            solver_report.keep(report, options.write)
    if wanted & {"G9", "G10"} and not options.data:
        print("\nG9 and G10 need --data, the folder of the public sets.")


if __name__ == "__main__":
    main()
