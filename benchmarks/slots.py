"""Slots of a district's volunteer calls (S1): 1,200 shifts of 2 to 20 seats with quotas for skills, 35,000 members, 300 teams that come whole.

    python -m benchmarks.slots                       # seed 1
    python -m benchmarks.slots --seeds 1-5 --write   # kept in docs/benchmarks.md

Two districts a seed: members alone, where people are short and teams matter, and with 6,000 volunteers beside them, some with time for five things.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import wishapp.solver as solver
from benchmarks import solver_report
from benchmarks.solver_report import Report, Spent, middle, timed
from wishapp.solver.district import district
from wishapp.solver.plans import gap_of

SIZE = {"members": 35000, "units": 0, "teams": 300, "wishes": 0, "shifts": 1200, "headcount": (2, 20)}
VOLUNTEERS = (0, 6000)
ASKED = 0.01  # proven gap
RESERVE = 5  # seconds of the limit left for the last checks, so that the whole stays below it


def slots(seeds: list[int], size: dict = SIZE, seconds: float = 60) -> Report:
    """Gap, time until the gap asked was proven, and what the referee says, for each kind of district."""
    report = Report("S1", f"{size['members']} members, {size['shifts']} shifts of {size['headcount'][0]} to {size['headcount'][1]} seats, {size['teams']} "
                          f"teams; {seconds - RESERVE:.0f} s for the search; seeds {seeds}")
    memory = []
    for volunteers in VOLUNTEERS:
        runs = [_one(district(seed=seed, volunteers=volunteers, **size), seconds - RESERVE, seed) for seed in seeds]
        label = f"and {volunteers} volunteers" if volunteers else "members alone"
        gaps, reached = [100 * spent.result["gap"] for spent, *_ in runs], [when for _, when, _, _ in runs]
        report.row(f"{label}: proven gap", f"{middle(gaps, '{:.4f}')} %", "<= 1 %", max(gaps) <= 100 * ASKED)
        report.row(f"{label}: until {100 * ASKED:.0f} % is proven", f"{middle(reached, '{:.1f}')} s", f"< {seconds:.0f} s", max(reached) < seconds)
        report.row(f"{label}: the whole run", f"{middle([spent.cpu for spent, *_ in runs], '{:.1f}')} s", f"< {seconds:.0f} s",
                   max(spent.cpu for spent, *_ in runs) < seconds)
        broken = sum(len(found.result) for _, _, found, _ in runs)
        report.row(f"{label}: rules broken, by the referee", f"{broken}, {middle([found.cpu for _, _, found, _ in runs])} s", "0", broken == 0)
        report.note(f"{label}: {'; '.join(told for *_, told in runs)}")
        memory += [spent.memory for spent, *_ in runs]
    report.row("memory while solving", f"{max(memory):.2f} GB")
    return report


def _one(problem: dict, seconds: float, seed: int) -> tuple[Spent, float, Spent, str]:
    """(the plan, seconds until the gap asked was proven, the referee's list, what came out in words)."""
    problem["settings"] = {"seconds": seconds, "gap": 0.0, "seed": seed, "clock": "cpu"}
    began, reached = time.process_time(), []

    def told(_phase, _fraction, best, bound) -> None:
        if not reached and best is not None and bound is not None and gap_of(best, bound) <= ASKED:
            reached.append(time.process_time() - began)

    spent = timed(lambda: solver.solve(problem, progress=told))
    plan = spent.result
    checked = timed(lambda: solver.check(problem, plan))
    teams = sum(n for z in plan["options"] for _, n in problem["options"][z]["covers"])
    seats = sum(role["need"] for demand in problem["demands"] for role in demand["roles"])
    words = (f"seed {seed}: {len(problem['pairs']['demand'])} pairs, {seats} seats, {sum(n for _, n in plan['pairs'])} by persons, {teams} by "
             f"{len(plan['options'])} teams, {spent.wall:.0f} s by the clock")
    print(f"  {words}, gap {100 * plan['gap']:.4f} %", flush=True)
    return spent, reached[0] if reached else float("inf"), checked, words


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=solver_report.read_seeds, default=[1], help="such as 1-5 or 1,3")
    parser.add_argument("--write", nargs="?", type=Path, const=solver_report.HOME, help="keep the table in docs/benchmarks.md or this file")
    options = parser.parse_args()
    print(f"{solver_report.machine()}\n\n| # | measure | reached | goal | |\n|---|---|---|---|---|", flush=True)
    report = slots(options.seeds)
    if options.write:
        solver_report.keep(report, options.write)


if __name__ == "__main__":
    main()
