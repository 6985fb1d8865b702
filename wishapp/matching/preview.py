"""What an earlier plan would have become under other weights: its papers re-valued, matched again, and the two plans side by side.

The plan is matched again as the office would do it: what people have been told is kept where little speaks against it (`keep`), so
that what differs is worth a change and no toss of a coin. For looking only: nothing but the preview of the draft is written.
"""

from collections import Counter
from datetime import timedelta

import numpy as np
from sqlalchemy import select

from wishapp import solver
from wishapp.jobs.service import JobHandle, job
from wishapp.kernel import clock
from wishapp.kernel.errors import Refused
from wishapp.kernel.text import N_
from wishapp.matching import scores, sources
from wishapp.matching.fairness import gini
from wishapp.matching.figures import TIERS, difference
from wishapp.matching.models import MatchRun, RunPapers, Weighting
from wishapp.matching.papers import Papers, open_papers
from wishapp.matching.weighting import weights_of
from wishapp.matching.weights import Weights
from wishapp.places import queries as places
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.transaction import retrying, transaction
from wishapp.supporters.models import Supporter

WITHIN = timedelta(days=31)
MOST_PLANS, EXAMPLES = 30, 12
UNIT_KIND = 0


def plans_to_compare(place: Place) -> list[int]:
    """Ids of the newest plans of the last month that still have their papers: the district's own, else those of its streets, else of
    what lies below; never two plans over the same community. One query."""
    found = db.session.execute(
        select(MatchRun.id, MatchRun.place_path).join(RunPapers, RunPapers.run_id == MatchRun.id)
        .where(MatchRun.place_path.startswith(place.path, autoescape=True), MatchRun.is_what_if.is_(False),
               MatchRun.state.in_(("in_review", "in_use", "replaced")), MatchRun.finished_at >= clock.now() - WITHIN)
        .order_by(MatchRun.id.desc()))
    newest: dict[str, int] = {}
    for run_id, path in found:
        newest.setdefault(path, run_id)
    outermost = [path for path in newest if not any(path != other and path.startswith(other) for other in newest)]
    return [newest[path] for path in sorted(outermost)[:MOST_PLANS]]


def revalued(papers: Papers, weights: Weights) -> dict:
    """The problem of the next run over the same snapshot with these weights: the same demands, helpers, limits, pins and settings,
    and the plan of the papers as the one before."""
    problem = papers.problem
    table = scores.table_of(papers.terms, len(papers.metres))
    steps = {kind: weights.load_steps(kind) for kind in np.unique(papers.kind).tolist()}
    seats: Counter = Counter()
    for demand in problem["demands"]:
        seats[demand["place"]] += need_of(demand)
    return {
        **problem, "pairs": {**problem["pairs"], "value": scores.worth(table, weights)}, "options": revalued_options(papers, weights), "places": weights.place_steps(seats),
        "previous": sorted(int(pair) for pair, _seats in papers.plan["pairs"]),
        "supporters": [{**entry, "load_steps": steps[kind]} for entry, kind in zip(problem["supporters"], papers.kind.tolist(), strict=True)],
    }


def revalued_options(papers: Papers, weights: Weights) -> list[dict]:
    """The options of the papers with these weights, those of its plan kept like its pairs."""
    worth = scores.worth(scores.table_of(papers.wholes, len(papers.whole_metres)), weights).tolist()
    chosen = set(papers.plan.get("options", ()))
    return [{**option, "value": each * option["covers"][0][1] + (papers.problem["keep"] * option["covers"][0][1] if at in chosen else 0)}
            for at, (option, each) in enumerate(zip(papers.problem.get("options", ()), worth, strict=True))]


def look(papers: Papers, plan: dict) -> dict:
    """What one plan means: `pairs` {ref: supporter ids}, `served` seats of each demand, `metres` of each seat, `loads` of each unit that could take any."""
    demand, supporter = papers.problem["pairs"]["demand"], papers.problem["pairs"]["supporter"]
    pairs: dict[str, set[int]] = {}
    given: Counter = Counter()
    taken = np.zeros(len(papers.kind), dtype=np.int64)
    metres: list[int] = []
    for pair, seats in plan["pairs"]:
        pairs.setdefault(papers.refs[demand[pair]], set()).add(int(papers.supporter_ids[supporter[pair]]))
        given[int(demand[pair])] += seats
        taken[supporter[pair]] += seats
        metres += [int(papers.metres[pair])] * seats
    for at in plan.get("options", ()):
        option = papers.problem["options"][at]
        pairs.setdefault(papers.refs[option["demand"]], set()).add(int(papers.supporter_ids[option["supporter"]]))
        given[option["demand"]] += option["covers"][0][1]
        taken[option["supporter"]] += 1
        metres += [int(papers.whole_metres[at])] * option["covers"][0][1]
    served = [min(given[index], need_of(entry)) for index, entry in enumerate(papers.problem["demands"])]
    return {"pairs": pairs, "served": served, "metres": metres, "loads": taken[papers.kind == UNIT_KIND].tolist()}


def need_of(entry: dict) -> int:
    """Seats of a demand of the problem."""
    return sum(role["need"] for role in entry["roles"])


def compare(found: list[tuple[Papers, dict, dict]]) -> dict:
    """The difference over (papers, plan as it was, plan as it would have been) of each place: JSON, see show.html. Two queries for names."""
    tiers, communities = [[0, 0, 0] for _ in range(TIERS)], {}
    old_pairs: dict[str, set[int]] = {}
    new_pairs: dict[str, set[int]] = {}
    metres: tuple[list[int], list[int]] = ([], [])
    loads: tuple[list[int], list[int]] = ([], [])
    for papers, *plans in found:
        looks = [look(papers, plan) for plan in plans]
        old_pairs |= looks[0]["pairs"]
        new_pairs |= looks[1]["pairs"]
        for side, seen in enumerate(looks):
            metres[side].extend(seen["metres"])
            loads[side].extend(seen["loads"])
        for index, entry in enumerate(papers.problem["demands"]):
            for row in (tiers[min(entry["tier"], TIERS - 1)], communities.setdefault(entry["place"], [0, 0, 0])):
                row[2] += need_of(entry)
                for side in (0, 1):
                    row[side] += looks[side]["served"][index]
    changes = difference(old_pairs, new_pairs, EXAMPLES)
    gained, lost, changed = changes.pop("counts")
    return {
        "demands": sum(row[2] for row in tiers), "served": [sum(row[side] for row in tiers) for side in (0, 1)], "gained": gained, "lost": lost, "changed": changed,
        "tiers": tiers, "communities": by_name(communities), "mean_metres": [round(sum(side) / len(side)) if side else 0 for side in metres],
        "gini": [round(gini(side), 3) for side in loads], "units": len(loads[0]), "examples": examples(changes, old_pairs, new_pairs),
    }


def by_name(communities: dict[str, list[int]]) -> list[list]:
    """[[name, served before, after, all], …]: those that change first, then the least served."""
    names = places.names([int(place) for place in communities])
    rows = [[names.get(int(place), ""), *counts] for place, counts in communities.items()]
    return sorted(rows, key=lambda row: (-abs(row[2] - row[1]), row[2] / row[3], row[0]))


def examples(changes: dict[str, list[str]], old: dict[str, set[int]], new: dict[str, set[int]]) -> list[dict]:
    """Some demands by title: {part: gained | lost | changed, title, was, now}; was and now are [kind, name], persons without a name."""
    few = {"gained": 4, "lost": 4, "changed": EXAMPLES}
    chosen = [(part, ref) for part, most in few.items() for ref in changes[part][:most]][:EXAMPLES]
    cards = sources.cards([ref for _part, ref in chosen])
    ids = {supporter_id for _part, ref in chosen for side in (old, new) for supporter_id in side.get(ref, ())}
    who = {row.id: [str(row.kind), row.name if row.kind in ("unit", "team") else ""] for row in db.session.execute(
        select(Supporter.id, Supporter.kind, Supporter.name).where(Supporter.id.in_(ids)))} if ids else {}

    def one(pair: set[int] | None, other: set[int] | None) -> list[str] | None:
        different = sorted((pair or set()) - (other or set())) or sorted(pair or set())
        return who.get(different[0]) if different else None

    return [{"part": part, "title": cards[ref].title[:80], "was": one(old.get(ref), new.get(ref)), "now": one(new.get(ref), old.get(ref))}
            for part, ref in chosen if ref in cards]


def how_many_differ(one: dict, other: dict) -> int:
    """Demands that are served by somebody else, or only in one of two plans (see look)."""
    return sum(one["pairs"].get(ref) != other["pairs"].get(ref) for ref in one["pairs"].keys() | other["pairs"].keys())


def match_again(handle: JobHandle, papers: Papers, weights: Weights, begins: float, share: float) -> dict:
    """The next plan over these papers by these weights, checked by the referee; the job shows `share` of its progress meanwhile."""
    problem = revalued(papers, weights)

    def told(_phase: str, fraction: float, _best: int | None, _bound: int | None) -> None:
        handle.progress(begins + share * fraction, "search")

    plan = solver.solve(problem, progress=told, cancelled=handle.is_cancelled)
    if not handle.is_cancelled() and solver.check(problem, plan):
        raise Refused(N_("The plan did not pass its check and was not saved. The plan in use stays as it is."))
    return plan


@job("preview_weights")
def preview_weights(handle: JobHandle) -> dict:
    """Work one preview out. May start again from the beginning after a crash: it is saved at the very end, all at once."""
    version = db.session.get(Weighting, handle.args["weighting_id"])
    place = db.session.get(Place, version.place_id) if version is not None else None
    if version is None:  # thrown away meanwhile
        return {}
    weights, run_ids = weights_of(version), plans_to_compare(place)
    found, plans = [], []
    for run_id in run_ids:
        run = db.session.get(MatchRun, run_id)
        papers = open_papers(run)
        if papers is not None:
            found.append(papers)
            plans.append({"run_id": run.id, "number": run.number, "place": run.place.name})
    db.session.rollback()
    # a plan that was not proven best changes by searching longer alone; that much is worked out too, so that it can be told apart
    works = [(papers, weights) for papers in found] + [(papers, papers.weights) for papers in found if papers.plan["status"] != "optimal"]
    solved = []
    for number, (papers, by) in enumerate(works):
        plan = match_again(handle, papers, by, number / len(works), 1 / len(works))
        if handle.is_cancelled():
            return {}
        solved.append((papers, papers.plan, plan))
    result = {"plans": plans, "made_at": clock.now().isoformat()}
    if solved:
        result |= compare(solved[:len(found)])
        result["anyway"] = sum(how_many_differ(look(papers, old), look(papers, plan)) for papers, old, plan in solved[len(found):])
        db.session.rollback()

    def save() -> None:
        with transaction():
            handle.hold()
            kept = db.session.get(Weighting, handle.args["weighting_id"], with_for_update=True)
            if kept is not None:
                kept.preview = result
            handle.finish()

    retrying(save)
    return {}
