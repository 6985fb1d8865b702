"""The public sets: generalised assignment (gap/) and paper-reviewer assignment (reviewers/), read from a folder given as argument."""

import csv
import statistics
from functools import partial
from pathlib import Path

import numpy as np

import wishapp.solver as solver
from benchmarks import solver_reviewing, solver_rivals
from benchmarks.solver_report import Report, timed

SHORT = ("gap1-0", "gap6-0", "a05100", "b05100", "c05100", "d05100")
REVIEWS = {"midl_scores.csv": (3, 4), "aamas2015.txt": (3, 12), "preflib3.txt": (3, 6)}  # file: reviewers a paper, papers a reviewer

WAYS = {"MinMax as published": solver_reviewing.min_max_published, "MinMax made efficient": solver_reviewing.min_max,
        "FairFlow": solver_reviewing.fair_flow, "FairSequence": solver_reviewing.fair_sequence}


def assignment(folder: Path, full: bool, seconds: float) -> Report:
    with (folder / "best_known.csv").open() as file:
        known = {line["instance"]: int(line["best_known"]) for line in csv.DictReader(file)}
    names = [name for name in sorted(known) if full or name in SHORT]
    report = Report("G9", f"{len(names)} instances of the shared part of the sets, at most {seconds:.0f} s each, seed 1")
    easy, hard, times = [], [], []
    for name in names:
        problem, big = read_assignment(folder / name)
        spent = solver_rivals.solved(problem, seconds)
        plan, jobs = spent.result, len(problem["demands"])
        assert not solver.check(problem, plan)
        cost = big * jobs - plan["objective"]
        apart = 100 * (cost - known[name]) / known[name] if len(plan["pairs"]) == jobs else float("inf")
        print(f"  {name}: cost {cost}, best known {known[name]}, bound {big * jobs - plan['bound']}, {plan['status']}, {spent.cpu:.1f} s", flush=True)
        if name[0] in "gab":
            easy.append(apart == 0 and plan["status"] == "optimal")
            times.append(spent.cpu)
        else:
            hard.append(apart)
            report.note(f"{name}: {cost}, best known {known[name]} ({apart:+.3f} %), {plan['status']}, {spent.cpu:.0f} s")
    report.row("gap1 to gap6, A and B proven", f"{sum(easy)} of {len(easy)}, {max(times):.1f} s at most", "all", all(easy))
    if hard:
        report.row("C, D, E: mean distance from the best known", f"{np.mean(hard):.4f} % (worst {max(hard):.4f})", "<= .05 %", float(np.mean(hard)) <= .05)
    return report


def read_assignment(path: Path) -> tuple[dict, int]:
    """(problem, big): a job's value is big - cost, and big outweighs all costs."""
    numbers = list(map(int, path.read_text().split()))
    agents, jobs = numbers[:2]
    cost = np.array(numbers[2:2 + agents * jobs]).reshape(agents, jobs)
    use = np.array(numbers[2 + agents * jobs:2 + 2 * agents * jobs]).reshape(agents, jobs)
    limit = numbers[2 + 2 * agents * jobs:]
    big = int(cost.max()) * 20
    agent, job = (part.ravel() for part in np.meshgrid(np.arange(agents), np.arange(jobs), indexing="ij"))
    return {"format": "wishapp-problem/1",
            "demands": [{"id": f"job:{j:04d}", "roles": [{"need": 1}]} for j in range(jobs)],
            "supporters": [{"id": f"agent:{a:04d}", "capacity": jobs, "minutes": int(limit[a])} for a in range(agents)],
            "pairs": {"demand": job, "role": np.zeros_like(job), "supporter": agent, "value": big - cost.ravel(), "minutes": use.ravel()}}, big


def reviewers(folder: Path, repeats: int) -> Report:
    """Our plan beside the three published ways, on the same scores; the median time of some repeats."""
    report = Report("G10", f"three reviewers a paper, at most 4, 12 and 6 papers a reviewer; median of {3 * repeats} runs of ours, {repeats} of MinMax")
    for name, (need, most) in REVIEWS.items():
        scores = read_scores(folder / name)
        problem = review_problem(scores, need, most)
        spent = [solver_rivals.solved(problem, 60) for _ in range(3 * repeats)]
        assert spent[0].result["status"] == "optimal" and solver.check(problem, spent[0].result) == []
        ours = np.zeros(scores.size, dtype=bool)
        ours[[i for i, _ in spent[0].result["pairs"]]] = True
        mine = _facts(scores, ours.reshape(scores.shape, order="F"), need, most)
        own = statistics.median(s.cpu for s in spent)
        flow = statistics.median(s.result["seconds"]["flow"] for s in spent)
        report.row(f"{name}: ours, total / least of a paper / seconds", f"{mine[0]:.4f} / {mine[1]:.4f} / {own:.3f} ({flow:.3f} of it the flow), proven")
        for label, way in WAYS.items():
            runs = [timed(partial(way, scores, need, most)) for _ in range(repeats if label.startswith("MinMax") else 1)]
            theirs = _facts(scores, runs[0].result, need, most)
            cpu = statistics.median(run.cpu for run in runs)
            beaten = all(a >= b - 1e-6 for a, b in zip(theirs, mine, strict=True)) and any(a > b + 1e-6 for a, b in zip(theirs, mine, strict=True))
            report.row(f"{name}: {label}", f"{theirs[0]:.4f} / {theirs[1]:.4f} / {cpu:.3f}", "does not dominate ours", not beaten)
            if label == "MinMax as published":
                report.row(f"{name}: times as fast as {label}", f"{cpu / own:.1f}x (the flow alone {cpu / max(flow, 1e-3):.1f}x)", ">= 15x", cpu / own >= 15)
            elif label == "MinMax made efficient":
                report.row(f"{name}: times as fast as {label}", f"{cpu / own:.1f}x (the flow alone {cpu / max(flow, 1e-3):.1f}x)")
    report.note("MinMax gives every reviewer one paper first; its arcs are added and read back one by one. As published it looks through a list of the nodes "
                "for both ends of every arc (the goal's reference figures are of that code); made efficient, it finds its nodes by number")
    return report


def review_problem(scores: np.ndarray, need: int, most: int) -> dict:
    """Pairs reviewer by reviewer; every review is worth having."""
    paper, reviewer = (part.ravel(order="F") for part in np.meshgrid(np.arange(scores.shape[0]), np.arange(scores.shape[1]), indexing="ij"))
    value = np.rint(scores.ravel(order="F") * 10000).astype(np.int64) + 10000
    return {"format": "wishapp-problem/1",
            "demands": [{"id": f"paper:{i:04d}", "roles": [{"need": need}]} for i in range(scores.shape[0])],
            "supporters": [{"id": f"reviewer:{i:04d}", "capacity": most} for i in range(scores.shape[1])],
            "pairs": {"demand": paper, "role": np.zeros_like(paper), "supporter": reviewer, "value": value}}


def _facts(scores: np.ndarray, chosen: np.ndarray, need: int, most: int) -> tuple[float, float]:
    """(total, least of a paper) of a whole assignment."""
    assert (chosen.sum(axis=1) == need).all() and (chosen.sum(axis=0) <= most).all()
    worth = (scores * chosen).sum(axis=1)
    return float(worth.sum()), float(worth.min())


def read_scores(path: Path) -> np.ndarray:
    """Papers x reviewers."""
    lines = path.read_text().replace(",", " ").splitlines()
    if path.suffix == ".csv":
        return np.array([[float(x) for x in line.split()] for line in lines if line.strip()]).T
    return np.array([[float(x) for x in line.split()] for line in lines[1:] if line.strip()])
