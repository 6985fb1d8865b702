"""The public sets: generalised assignment (gap/) and paper-reviewer assignment (reviewers/), read from a folder given as argument."""

import csv
from pathlib import Path

import numpy as np

import wishapp.solver as solver

SHORT = ("gap1-0", "gap6-0", "a05100", "b05100", "c05100", "d05100")
REVIEWS = {  # file: (reviewers a paper, papers a reviewer, total and minimum to match: the best of MinMax, FairFlow and one flow)
    "midl_scores.csv": (3, 4, "flow 201.8849 / .9033, FairFlow 201.73 / .9448"),
    "aamas2015.txt": (3, 12, "flow 1406.25 / .75, MinMax 1380.25 / .75, FairFlow 1337 / 1.25"),
    "preflib3.txt": (3, 6, "flow 454.25 / .75"),
}


def run(folder: Path, full: bool, row, solved, only: str | None) -> None:
    if only is None or "G9" in only:
        assignment(folder / "gap", full, row, solved)
    if only is None or "G10" in only:
        reviewers(folder / "reviewers", row, solved)


def assignment(folder: Path, full: bool, row, solved) -> None:
    with (folder / "best_known.csv").open() as file:
        known = {line["instance"]: int(line["best_known"]) for line in csv.DictReader(file)}
    easy, hard, times = [], [], []
    for name in sorted(known):
        if not full and name not in SHORT:
            continue
        problem, big = read_assignment(folder / name)
        plan, spent = solved(problem, 60 if full else 20)
        jobs = len(problem["demands"])
        assert not solver.check(problem, plan)
        cost = big * jobs - plan["objective"]
        apart = 100 * (cost - known[name]) / known[name] if len(plan["pairs"]) == jobs else float("inf")
        print(f"  {name}: cost {cost}, best known {known[name]}, {plan['status']}, {spent:.1f} s", flush=True)
        if name[0] in "gab":
            easy.append(apart == 0 and plan["status"] == "optimal")
            times.append(spent)
        else:
            hard.append(apart)
    row("G9", "gap1-12, A and B proven", f"{sum(easy)} of {len(easy)}, {max(times):.1f} s at most", "all")
    if hard:
        row("G9", "C, D, E: mean distance from best known", f"{np.mean(hard):.4f} % (worst {max(hard):.4f})", "<= .05 %")


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


def reviewers(folder: Path, row, solved) -> None:
    for name, (need, load, others) in REVIEWS.items():
        scores = read_scores(folder / name)
        paper, reviewer = (part.ravel() for part in np.meshgrid(np.arange(scores.shape[0]), np.arange(scores.shape[1]), indexing="ij"))
        whole = np.rint(scores.ravel() * 10000).astype(np.int64)
        problem = {"format": "wishapp-problem/1",
                   "demands": [{"id": f"paper:{i:04d}", "roles": [{"need": need}]} for i in range(scores.shape[0])],
                   "supporters": [{"id": f"reviewer:{i:04d}", "capacity": load} for i in range(scores.shape[1])],
                   "pairs": {"demand": paper, "role": np.zeros_like(paper), "supporter": reviewer, "value": whole + 10**7}}
        plan, spent = solved(problem, 60)
        chosen = [i for i, _ in plan["pairs"]]
        per_paper = np.bincount(paper[chosen], weights=scores.ravel()[chosen], minlength=scores.shape[0])
        row("G10", f"{name}: total / minimum / seconds", f"{per_paper.sum():.4f} / {per_paper.min():.4f} / {spent:.3f}, {plan['status']}", others)


def read_scores(path: Path) -> np.ndarray:
    """Papers x reviewers."""
    lines = path.read_text().replace(",", " ").splitlines()
    if path.suffix == ".csv":
        return np.array([[float(x) for x in line.split()] for line in lines if line.strip()]).T
    return np.array([[float(x) for x in line.split()] for line in lines[1:] if line.strip()])
