"""The solver against its goals: prints one table row per measure, with rivals in the same run. One process, one thread, frozen seeds.

    python benchmarks/solver_goals.py --set short            # a few minutes
    python benchmarks/solver_goals.py --set full --data DIR  # all, with the public sets in DIR (gap/, reviewers/)

Seconds are processor seconds of this process, so that other work on the machine does not count.
"""

import argparse
import os
import platform
import resource
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import ortools

import wishapp.solver as solver
from benchmarks import solver_public, solver_rivals
from wishapp.solver.district import district

QUARTER = {"members": 9000, "units": 300, "wishes": 1500, "shifts": 49, "communities": 35, "teams": 75}
STREET = {"members": 900, "units": 60, "teams": 20, "wishes": 300, "shifts": 8, "communities": 8}


def row(goal: str, measure: str, result: str, target: str) -> None:
    print(f"| {goal} | {measure} | {result} | {target} |", flush=True)


def solved(problem: dict, seconds: float, seed: int = 1, gap: float = 0.0) -> tuple[dict, float]:
    """(plan, processor seconds)"""
    problem["settings"] = {"seconds": seconds, "gap": gap, "seed": seed, "clock": "cpu"}
    began = time.process_time()
    plan = solver.solve(problem)
    return plan, time.process_time() - began


def g1_g2_g8(seeds: list[int], seconds: float, **size) -> None:
    whole, bare, flows, against, checks, tiers = [], [], [], [], [], []
    for seed in seeds:
        problem = district(seed=seed, **size)
        plan, _ = solved(problem, seconds, seed)
        whole.append(100 * plan["gap"])
        began = time.process_time()
        broken = solver.check(problem, plan)
        checks.append(time.process_time() - began)
        assert not broken, broken
        greedy, urgent = solver_rivals.greedy_value(problem)
        against.append(100 * (plan["objective"] / greedy - 1))
        tiers.append(solver_rivals.most_urgent(problem, plan) - urgent)
        bare.append(100 * solved(district(seed=seed, **size | {"teams": 0}), seconds, seed)[0]["gap"])
        pure = district(seed=seed, **size | {"teams": 0, "shifts": 0}, bundles=False, clashes=False, minutes=False)
        plan, spent = solved(pure, seconds, seed)
        flows.append(spent if plan["status"] == "optimal" else float("inf"))
    row("G1", f"proven gap at {seconds:.0f} s, teams, bundles, clashes", f"{statistics.median(whole):.4f} % (worst {max(whole):.4f})", "<= .5 %")
    row("G1", f"without teams, {seconds:.0f} s", f"{statistics.median(bare):.4f} % (worst {max(bare):.4f})", "<= .10 %")
    row("G1", "wishes only, proven optimal", f"{statistics.median(flows):.2f} s (worst {max(flows):.2f})", "<= 3 s")
    row("G2", "value against all-pair greedy, every seed", f"{min(against):+.2f} % to {max(against):+.2f} %", ">= +11 %")
    row("G2", "seats of the most urgent tier against greedy", f"{min(tiers):+d} at worst", ">= 0")
    row("G8", "referee on the plan", f"{statistics.median(checks):.2f} s (worst {max(checks):.2f})", "<= 1 s")


def g3(seeds: list[int], rivals: bool, **size) -> None:
    for seed in seeds[:1]:
        facts = solver_rivals.bound_over_all_pairs(district(seed=seed, **size), rivals)
        row("G3", "bound over all pairs", f"{facts['ours']:.1f} s, {facts['gap']:.4f} % above the relaxation's own value", "<= 10 s")
        for name in ("glop", "highs"):
            if name in facts:
                row("G3", f"{name} on the relaxation of all {facts['columns']} columns", facts[name], "10x (GLOP), 5x (HiGHS) slower")


def g4(seeds: range) -> None:
    proven, ratios = 0, []
    for seed in seeds:
        problem = district(seed=seed, members=600, units=30, teams=12, wishes=150, shifts=4, communities=5)
        plan, _ = solved(problem, 60, seed)
        proven += plan["status"] == "optimal"
        plain, tight = solver_rivals.root_gaps(problem, plan)
        ratios.append(plain / max(tight, 1e-6))
    row("G4", f"{len(seeds)} small districts: optima proven", f"{proven} of {len(seeds)}", "all")
    row("G4", "root gap against the plain relaxation", f"{statistics.median(ratios):.1f}x tighter (least {min(ratios):.1f}x)", ">= 10x")


def g5(factors: list[int]) -> None:
    times = []
    for factor in factors:
        problem = district(seed=1, **{key: value * factor for key, value in QUARTER.items()})
        facts = solver_rivals.bound_over_all_pairs(problem, False)
        times.append(facts["ours"])
    slope = np.polyfit(np.log(factors), np.log(times), 1)[0]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    row("G5", f"growth of the bound over x{factors}", f"exponent {slope:.2f}, {memory:.1f} GB", "<= 1.15, <= 5 GB")


def g6_g7(size: dict, seconds: float, events: int, questions: int) -> None:
    problem = district(seed=1, **size)
    problem["pairs"] = {key: values.tolist() for key, values in problem["pairs"].items()}
    plan, _ = solved(problem, seconds)
    office, rng = solver.Office(problem, plan), np.random.default_rng(1)
    busy = np.unique([problem["pairs"]["supporter"][i] for i, _ in plan["pairs"]])
    spent, others = [], []
    for s in rng.choice(busy, min(events, len(busy)), replace=False):
        began = time.process_time()
        change = office.apply({"kind": "withdrawal", "supporter": int(s)})
        spent.append(time.process_time() - began)
        others.append(change["others"])
    repaired = office.standing.sealed()
    assert not solver.check(office.standing.problem, repaired)
    again, _ = solved(dict(office.standing.problem), seconds)
    drift = 100 * (again["objective"] - repaired["objective"]) / again["objective"]
    row("G6", f"re-match, p95 of {len(spent)} withdrawals", f"{1000 * np.quantile(spent, .95):.0f} ms", "<= 100 ms")
    row("G6", "others changed (mean, most) and drift after them", f"{np.mean(others):.2f}, {max(others)}; {drift:.3f} %", "<= 2; <= .2 %")
    question, spent, valid, asked, exact = solver.Question(problem, plan), [], 0, 0, 0
    for pair in rng.choice(len(problem["pairs"]["demand"]), questions, replace=False).tolist():
        began = time.process_time()
        answer = question.force(pair)
        spent.append(time.process_time() - began)
        asked += 1
        valid += answer["at_most"] is None or answer["at_least"] <= max(0, answer["at_most"])
        exact += answer["exact"]
    row("G7", "why-not: bounds never above a loss found", f"{valid} of {asked}", "all")
    row("G7", "forced re-solve p95; where bound and re-solve meet", f"{np.quantile(spent, .95):.2f} s; {exact} of {asked}", "<= .5 s")


def g11(seconds: float) -> None:
    problem = district(members=10000, units=0, teams=0, wishes=0, shifts=400, seats_per_shift=10, tiers=True, communities=40)
    plan, spent = solved(problem, seconds)
    assert not solver.check(problem, plan)
    worst = max(100 * (most - served) / max(1, most) for served, most in plan["tiers"])
    row("G11", f"10,000 volunteers, {sum(r['need'] for d in problem['demands'] for r in d['roles'])} slots, tiers {plan['tiers']}",
        f"worst tier {worst:.3f} %, value {100 * plan['gap']:.4f} %, {spent:.0f} s", "<= .1 % in 60 s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", choices=("short", "full"), default="short")
    parser.add_argument("--data", help="folder with the public sets: gap/ and reviewers/")
    parser.add_argument("--only", help="goals to run, such as G1,G4")
    options = parser.parse_args()
    full = options.set == "full"
    chosen = None if options.only is None else set(options.only.split(","))

    def wanted(*names: str) -> bool:
        return chosen is None or bool(chosen & set(names))

    print(f"machine: {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, OR-Tools {ortools.__version__}, numpy {np.__version__}\n")
    print("| # | measure | reached | goal |\n|---|---|---|---|", flush=True)
    seeds = [1, 2, 3, 4, 5] if full else [1]
    size = {} if full else QUARTER
    if wanted("G1", "G2", "G8"):
        g1_g2_g8(seeds, 60 if full else 20, **size)
    if full and wanted("G1"):
        plan, _ = solved(district(seed=1), 300)
        row("G1", "at 5 min, seed 1", f"{100 * plan['gap']:.4f} %", "<= .25 %")
    if wanted("G3"):
        g3(seeds, True, **size)
    if wanted("G4"):
        g4(range(1, 21) if full else range(1, 4))
    if wanted("G5"):
        g5([1, 2, 4, 8, 16, 32] if full else [1, 2])
    if wanted("G6", "G7"):
        g6_g7({} if full else STREET, 60 if full else 10, 60 if full else 20, 1000 if full else 100)
    if wanted("G9", "G10") and options.data:
        solver_public.run(Path(options.data), full, row, solved, options.only)
    if wanted("G11"):
        g11(60 if full else 20)


if __name__ == "__main__":
    main()
