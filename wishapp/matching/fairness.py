"""How fairly a plan spreads help and load, and what that costs in fit.

Counts per kind of helper and a Gini coefficient of the tasks taken (0: everybody who could be asked takes the same, 1: one takes
all). The price: the same problem is solved again without load costs and place bonuses, and both plans are compared by fit alone.
"""

from collections import Counter
from collections.abc import Iterable

import numpy as np

from wishapp import solver
from wishapp.jobs import service as job_service
from wishapp.jobs.models import Job
from wishapp.jobs.service import JobHandle, job
from wishapp.kernel.roles import SYSTEM
from wishapp.matching.crowd import KINDS
from wishapp.matching.figures import MOST_LOAD
from wishapp.matching.models import MatchRun
from wishapp.matching.papers import Papers, open_papers
from wishapp.store.db import db
from wishapp.store.transaction import retrying, transaction

SECONDS, GAP = 20, 0.0002  # the price is often smaller than the gap a plan may end with


def gini(taken: Iterable[int]) -> float:
    """Gini coefficient of counts: sum over all pairs |x - y| / (2 n sum x); 0 for nobody or nothing.

    By the sorted form sum (2 i - n - 1) x_i / (n sum x), i from 1 (Gini 1912; Damgaard and Weiner 2000).
    """
    counts = np.sort(np.asarray(list(taken), dtype=np.int64))
    n, total = len(counts), int(counts.sum())
    return float((2 * np.arange(1, n + 1) - n - 1) @ counts) / (n * total) if total else 0.0


def gini_least(total: int, people: int) -> float:
    """The least Gini coefficient `total` whole tasks over so many people can have: with fewer tasks than people it is not 0."""
    each, rest = divmod(total, max(1, people))
    return gini([each + 1] * rest + [each] * (people - rest))


def spread_of(kind: np.ndarray, taken: np.ndarray) -> dict[str, dict]:
    """{kind of helper: {"could": how many could be asked, "asked", "counts": [how many take 0, 1, 2, …, MOST_LOAD - 1 or more], "gini",
    "gini_least": see there, "most": most taken by one}}, kinds nobody is of left out. `kind` (index into KINDS) and `taken` by helper."""
    found = {}
    for index, name in enumerate(KINDS):
        own = taken[kind == index]
        if not len(own):
            continue
        counts = np.bincount(np.minimum(own, MOST_LOAD - 1), minlength=2).tolist()
        found[str(name)] = {"could": len(own), "asked": int((own > 0).sum()), "counts": counts, "gini": round(gini(own.tolist()), 3),
                            "gini_least": round(gini_least(int(own.sum()), len(own)), 3), "most": int(own.max())}
    return found


def fairness_of(papers: Papers, plan: dict) -> dict:
    """{"kinds": see spread_of, "least": [place id, served, all] of the place with the least share, "served"}: in seats."""
    problem = papers.problem
    columns = problem["pairs"]
    taken = np.zeros(len(problem["supporters"]), dtype=np.int64)
    given: Counter = Counter()
    for pair, seats in plan["pairs"]:
        taken[columns["supporter"][pair]] += seats
        given[int(columns["demand"][pair])] += seats
    for option in (problem["options"][at] for at in plan.get("options", ())):
        taken[option["supporter"]] += 1
        given[option["demand"]] += option["covers"][0][1]
    places: dict[str, list[int]] = {}
    for index, demand in enumerate(problem["demands"]):
        row = places.setdefault(demand["place"], [0, 0])
        need = sum(role["need"] for role in demand["roles"])
        row[0] += min(given[index], need)
        row[1] += need
    least = min(((place, *row) for place, row in places.items()), key=lambda row: (row[1] / row[2], row[0]), default=None)
    return {"kinds": spread_of(papers.kind, taken), "least": list(least) if least else None, "served": sum(row[0] for row in places.values())}


def bare(problem: dict) -> dict:
    """The same problem without load costs and place bonuses: fit alone."""
    return {**problem, "supporters": [{**entry, "load_steps": []} for entry in problem["supporters"]], "places": {}}


def price_of_fairness(papers: Papers, *, cancelled: object = None) -> dict:
    """What spreading costs: {"fit", "most": fit of the best plan found without spreading, "limit": proven none is above it, "points", "percent",
    "percent_most": given up at the very most, "without": fairness_of that plan}."""
    problem = bare(papers.problem)
    settings = {**problem["settings"], "seconds": min(SECONDS, problem["settings"].get("seconds", SECONDS)), "gap": GAP}
    free = solver.solve({**problem, "settings": settings}, cancelled=cancelled)
    columns, previous = problem["pairs"], set(problem["previous"])
    fit = sum(int(columns["value"][pair]) * seats + (problem["keep"] if pair in previous else 0) for pair, seats in papers.plan["pairs"])
    fit += sum(problem["options"][at]["value"] for at in papers.plan.get("options", ()))
    if free["status"] == "infeasible_pins" or free["objective"] < fit:  # the search was cut short: the plan itself is the best known
        free = {**free, "objective": fit, "pairs": papers.plan["pairs"], "options": papers.plan.get("options", []), "bound": max(fit, free["bound"])}
    most, limit = int(free["objective"]), int(free["bound"])
    return {"fit": fit, "most": most, "limit": limit, "points": most - fit, "percent": round(100 * (most - fit) / max(1, most), 2),
            "percent_most": round(100 * (limit - fit) / max(1, limit), 2), "without": fairness_of(papers, free)}


def price_later(run: MatchRun) -> Job:
    """Inside transaction(): have the price of fairness worked out after a plan was saved."""
    return job_service.enqueue("price_fairness", {"run_id": run.id}, by=SYSTEM, place_path=run.place_path)


@job("price_fairness")
def price_fairness(handle: JobHandle) -> dict:
    """The report and its price, kept with the run's figures."""
    run_id = handle.args["run_id"]
    papers = open_papers(db.session.get(MatchRun, run_id))
    db.session.rollback()
    if papers is None:
        return {}
    handle.progress(0.1, "search")
    report = {**fairness_of(papers, papers.plan), "price": price_of_fairness(papers, cancelled=handle.is_cancelled)}
    if handle.is_cancelled():
        return {}

    def save() -> None:
        with transaction():
            handle.hold()
            run = db.session.get(MatchRun, run_id, with_for_update=True, populate_existing=True)
            run.figures = {**run.figures, "fairness": report}
            handle.finish(run_id=run_id)

    retrying(save)
    return {}
