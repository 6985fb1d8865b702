"""Goals of the small and the near: known optima (G4), re-match (G6), why not (G7), strict tiers (G11)."""

import statistics

import numpy as np

import wishapp.solver as solver
from benchmarks import solver_rivals
from benchmarks.solver_report import Report, middle, timed
from wishapp.solver.district import district

SMALL = {"members": 600, "units": 30, "teams": 12, "wishes": 150, "shifts": 4, "communities": 5}


def optima(count: int, seconds: float) -> Report:
    report = Report("G4", f"{count} districts of {SMALL['members']} members and {SMALL['wishes']} wishes, seeds 1 to {count}, at most {seconds:.0f} s each")
    proven, ratios, times, gaps = 0, [], [], []
    for seed in range(1, count + 1):
        problem = district(seed=seed, **SMALL)
        spent = solver_rivals.solved(problem, seconds, seed)
        assert solver.check(problem, spent.result) == []
        plain, tight = solver_rivals.root_gaps(problem, spent.result)
        proven += spent.result["status"] == "optimal"
        ratios.append(plain / max(tight, 1e-6))
        times.append(spent.cpu)
        gaps.append((plain, tight))
        print(f"  seed {seed}: {spent.result['status']}, {spent.cpu:.1f} s, root gap {plain:.4f} -> {tight:.4f} %", flush=True)
    report.row("optima found and proven", f"{proven} of {count}, {middle(times, '{:.1f}')} s", f"{count} of {count}", proven == count)
    report.row("root gap against the plain relaxation, median", f"{statistics.median(ratios):.1f}x tighter (least {min(ratios):.1f}x)", ">= 10x",
               statistics.median(ratios) >= 10)
    report.note(f"root gaps: plain {statistics.median([g[0] for g in gaps]):.3f} %, ours {statistics.median([g[1] for g in gaps]):.4f} % (medians)")
    return report


def repairs_and_questions(wanted: set, seeds: list[int], size: dict, seconds: float, events: int, questions: int) -> list[Report]:
    """G6 and G7 on one standing plan of each seed."""
    plans, repaired, asked = [], [], []
    for seed in seeds:
        problem = district(seed=seed, **size)
        problem["pairs"] = {key: values.tolist() for key, values in problem["pairs"].items()}
        plan = solver_rivals.solved(problem, seconds).result
        plans.append((len(problem["pairs"]["demand"]), 100 * plan["gap"]))
        if "G7" in wanted:
            asked.append(_questions(problem, plan, questions))
        if "G6" in wanted:
            repaired.append(_repairs(problem, plan, seconds, events))
        print(f"  seed {seed}: {asked[-1:]} {repaired[-1:]}", flush=True)
    about = f"{size['members']} members, {plans[0][0]} pairs, seeds {seeds}, plans of {seconds:.0f} s (gap {middle([gap for _pairs, gap in plans], '{:.3f}')} %)"
    return [report for report in (_told_of_questions(about, asked), _told_of_repairs(about, repaired)) if report]


def _repairs(problem: dict, plan: dict, seconds: float, events: int) -> tuple[float, float, int, float]:
    """(milliseconds at the 95th percentile, others moved in the mean, at most, per cent behind a plan made anew)."""
    office, rng = solver.Office(problem, plan), np.random.default_rng(1)
    busy = np.unique([problem["pairs"]["supporter"][i] for i, _ in plan["pairs"]])
    took, others = [], []
    for s in rng.choice(busy, min(events, len(busy)), replace=False):
        spent = timed(lambda s=int(s): office.apply({"kind": "withdrawal", "supporter": s}))
        took.append(spent.cpu)
        others.append(spent.result["others"])
    repaired = office.standing.sealed()
    assert not solver.check(office.standing.problem, repaired)
    again = solver_rivals.solved(dict(office.standing.problem), seconds).result
    drift = 100 * (again["objective"] - repaired["objective"]) / again["objective"]
    return 1000 * float(np.quantile(took, .95)), float(np.mean(others)), max(others), drift


def _told_of_repairs(about: str, found: list) -> Report | None:
    if not found:
        return None
    report = Report("G6", about)
    slow, moved, most, drift = ([each[part] for each in found] for part in range(4))
    report.row("re-match, p95 of withdrawals one after the other", f"{middle(slow, '{:.0f}')} ms", "<= 100 ms", statistics.median(slow) <= 100)
    report.row("others moved, mean", f"{middle(moved)}, at most {max(most)}", "<= 2", statistics.median(moved) <= 2)
    report.row("value behind a plan made anew after all of them", f"{middle(drift, '{:.3f}')} %", "<= .2 %", statistics.median(drift) <= .2)
    return report


def _questions(problem: dict, plan: dict, questions: int) -> tuple[int, float, float, int, int]:
    """(valid answers, seconds at the 95th percentile, median, exact answers, questions)."""
    question, rng = solver.Question(problem, plan), np.random.default_rng(1)
    took, valid, exact = [], 0, 0
    for pair in rng.choice(len(problem["pairs"]["demand"]), questions, replace=False).tolist():
        spent = timed(lambda pair=pair: question.force(pair))
        took.append(spent.cpu)
        valid += spent.result["at_most"] is None or spent.result["at_least"] <= max(0, spent.result["at_most"])
        exact += spent.result["exact"]
    return valid, float(np.quantile(took, .95)), float(np.median(took)), exact, questions


def _told_of_questions(about: str, found: list) -> Report | None:
    if not found:
        return None
    report = Report("G7", about)
    valid, slow, usual, exact, asked = ([each[part] for each in found] for part in range(5))
    report.row("bounds never above a loss found", f"{sum(valid)} of {sum(asked)}", "all", valid == asked)
    report.row("forced re-solve, p95", f"{middle(slow)} s; the usual one {middle(usual)} s", "<= .5 s", statistics.median(slow) <= .5)
    report.row("questions where bound and re-solve meet", f"{sum(exact)} of {sum(asked)}")
    return report


def tiers(seconds: float, seeds: list[int]) -> Report:
    report = Report("G11", f"10,000 volunteers, about 4,000 slots, three tiers, {seconds:.0f} s, seeds {seeds}")
    worst, gaps, times = [], [], []
    for seed in seeds:
        problem = district(members=10000, units=0, teams=0, wishes=0, shifts=400, seats_per_shift=10, tiers=True, communities=40, seed=seed)
        spent = solver_rivals.solved(problem, seconds, seed)
        plan = spent.result
        assert not solver.check(problem, plan)
        worst.append(max(100 * (most - served) / max(1, most) for served, most in plan["tiers"]))
        gaps.append(100 * plan["gap"])
        times.append(spent.cpu)
        slots = sum(role["need"] for demand in problem["demands"] for role in demand["roles"])
        print(f"  seed {seed}: {slots} slots, tiers {plan['tiers']}, value within {gaps[-1]:.4f} %, {spent.cpu:.1f} s", flush=True)
    report.row("worst tier short of the most proven possible, median of the seeds", f"{middle(worst, '{:.3f}')} %", "<= .1 %", statistics.median(worst) <= .1)
    report.note(f"every tier within .1 % on {sum(one <= .1 for one in worst)} of {len(worst)} seeds")
    report.row("value within", f"{middle(gaps, '{:.4f}')} %")
    report.row("seconds", middle(times, "{:.1f}"), "<= 60 s", max(times) <= 60 * 1.02)
    return report
