"""What would help a demand that found nobody: single changes, each tried by solving the neighbourhood again with it.

Changes within the problem (a seat, minutes, a promise, another hour) come from the solver; those that decide who is a pair at all
(radius, skill, kind of help, free time, an empty promise) are tried here, by putting the missing pair into the problem.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from wishapp import solver
from wishapp.kernel.ports import OpenDemand
from wishapp.matching import eligibility, scores, sources
from wishapp.matching.crowd import UNIT, Crowd, read_crowd
from wishapp.matching.grants import Grant, granted_crowd
from wishapp.matching.models import MatchRun
from wishapp.matching.papers import Papers, open_papers
from wishapp.matching.snapshot import SEATS_AT_ONCE, Options, take_snapshot
from wishapp.store.db import db

PER_RULE = 2  # helpers tried for each rule, the nearest to fitting
SHOWN, PER_KIND = 6, 3
STEP, FARTHER = 100, 5000  # metres to which a wider radius is rounded up; so much farther than they go nobody is asked to come
LATEST = 12 * 60  # minutes by which a demand may be moved


@dataclass(frozen=True)
class Missing:
    """A pair that a grant would make: the supporter's entry and the pair's value as a snapshot with the grant has them."""

    grant: Grant
    entry: dict
    value: int


def would_help(run_id: int, ref: str) -> dict:
    """{"is_open", "ideas": [{"grant": [what, who, ref, amount], "name", "is_unit", "gain", "metres", "skill", "help"}, …]}: verified, best gain first.

    `gain`: points by which the plan gets better; `metres`: way of that helper; {} when the papers have been let go.
    """
    run = db.session.get(MatchRun, run_id)
    papers, options = open_papers(run), Options.read(run.options)
    demand = next((demand for demand in sources.open_demands(run.place_path) if demand.ref == ref), None)
    crowd = read_crowd(run.place_path).widened(options.reach, options.extra) if demand is not None else None
    db.session.rollback()
    if papers is None:
        return {}
    if demand is None or papers.demand_of(ref) is None:
        return {"is_open": False, "ideas": []}
    found = [*within(papers, ref), *beyond(papers, demand, crowd)]
    ranked = sorted(dict(reversed(found)).items(), key=lambda entry: -entry[1])
    of_kind: Counter = Counter()
    best = []
    for grant, gain in ranked:
        of_kind[grant[0]] += 1
        if of_kind[grant[0]] <= PER_KIND:
            best.append(_told(grant, gain, demand, crowd))
    return {"is_open": True, "ideas": best[:SHOWN]}


def _told(grant: Grant, gain: int, demand: OpenDemand, crowd: Crowd) -> dict:
    row = crowd.row_of(grant[1])
    metres = None if row is None else int(eligibility.distances(demand, crowd, np.array([row]))[0])
    return {"grant": list(grant), "name": "" if row is None else crowd.names[row], "is_unit": row is not None and bool(crowd.kind[row] == UNIT),
            "gain": gain, "metres": metres, "skill": min(demand.skills, default=""), "help": demand.kind}


def within(papers: Papers, ref: str) -> list[tuple[Grant, int]]:
    """(grant, gain) for changes of the problem's own limits, each verified by the solver."""
    found: list[tuple[Grant, int]] = []
    for idea in solver.suggestions(papers.problem, papers.plan, papers.demand_of(ref)):
        who = int(papers.supporter_ids[idea["supporter"]]) if "supporter" in idea else 0
        if idea["change"] == "interval":
            later = int(idea["to"][0] - idea["from"][0])
            if not 0 < later <= LATEST:
                continue
            grant: Grant = ("later", 0, ref, later)
        elif idea["change"] == "minutes":
            grant = ("room", who, ref, int(idea["to"] - idea["from"]))
        elif idea["change"] == "capacity" and idea["from"] >= SEATS_AT_ONCE[int(papers.kind[idea["supporter"]])]:
            grant = ("seats", who, ref, 1)
        else:
            grant = ("room", who, ref, 1)
        found.append((grant, int(idea["gain"])))
    return found


def beyond(papers: Papers, demand: OpenDemand, crowd: Crowd) -> list[tuple[Grant, int]]:
    """(grant, gain) for changes of who is a pair at all: the plan is solved again around the demand with the missing pair in it."""
    missing = [made for grant in candidates(demand, crowd, papers) if (made := _missing(grant, demand, crowd, papers)) is not None]
    if not missing:
        return []
    index = papers.demand_of(demand.ref)
    problem, places = _with_pairs(papers, index, missing)
    first = len(papers.problem["pairs"]["demand"])
    try:
        standing = solver.Question(problem, papers.plan).standing
    except ValueError:  # prices of whole schedules do not hold for schedules with a new pair in them
        standing = solver.Question(problem, {**papers.plan, "certificate": {}}).standing
    p, found = standing.p, []
    standing.space.seats[first:] = 0
    had = int(standing.served()[p.role_start[index]:p.role_start[index + 1]].sum())
    for at, (change, supporter) in enumerate(zip(missing, places, strict=True)):
        before = int(p.capacity[supporter]), int(p.budget[supporter])
        p.capacity[supporter] = change.entry["capacity"]
        p.budget[supporter] = -1 if change.entry["minutes"] is None else change.entry["minutes"]
        standing.space.seats[first + at] = 1
        choice = standing.resolve(standing.around(np.array([index])), forced=first + at)
        if choice is not None:
            gain = standing.value(choice) - standing.value()
            if gain > 0 and int(standing.served(choice)[p.role_start[index]:p.role_start[index + 1]].sum()) > had:
                found.append((change.grant, gain))
        standing.space.seats[first + at] = 0
        p.capacity[supporter], p.budget[supporter] = before
    return found


def candidates(demand: OpenDemand, crowd: Crowd, papers: Papers) -> list[Grant]:
    """For each rule the helpers it alone keeps away: nearest first where it is about distance, else who fits best."""
    misses = eligibility.near_misses(demand, crowd)
    idle = np.flatnonzero(~crowd.gives(demand.kind))
    for name, rule in eligibility.RULES.items():
        if name != "help" and len(idle):
            idle = idle[rule(demand, crowd, idle)]
    misses["help"] = idle
    found: list[Grant] = []
    for rule in ("reach", "room", "time", "skill", "help"):
        rows = misses.get(rule, idle[:0])
        if not len(rows):
            continue
        metres = eligibility.distances(demand, crowd, rows)
        if rule == "reach":
            rows, metres = (column[metres - crowd.radius[rows] <= FARTHER] for column in (rows, metres))
        order = np.argsort(metres - crowd.radius[rows] if rule == "reach" else -scores.value(demand, crowd, rows, metres, papers.weights), kind="stable")
        for at in order[:PER_RULE].tolist():
            row = int(rows[at])
            amount = -(-int(metres[at]) // STEP) * STEP if rule == "reach" else 1 if crowd.kind[row] == UNIT else demand.minutes if rule == "room" else 0
            found.append((rule, int(crowd.ids[row]), demand.ref, amount))
    return found


def _missing(grant: Grant, demand: OpenDemand, crowd: Crowd, papers: Papers) -> Missing | None:
    """The pair a grant would make; None when it would not make one."""
    snapshot = take_snapshot([demand], granted_crowd(crowd, [demand], (grant,)), options=Options(), weights=papers.weights)
    row = crowd.row_of(grant[1])
    at = np.flatnonzero(snapshot.row == row)
    if not len(at):
        return None
    entry = snapshot.problem["supporters"][int(snapshot.problem["pairs"]["supporter"][at[0]])]
    return Missing(grant, _joined(entry, papers, grant), int(snapshot.value[at[0]]))


def _joined(entry: dict, papers: Papers, grant: Grant) -> dict:
    """The supporter as the plan's problem knows them, with the grant's room; as the snapshot has them when it does not."""
    known = papers.supporter_of(grant[1])
    if known is None:
        return entry
    had = papers.problem["supporters"][known]
    if grant[0] != "room":
        return had
    return {**had, "capacity": max(had["capacity"], entry["capacity"]), "minutes": entry["minutes"]}


def _with_pairs(papers: Papers, index: int, missing: list[Missing]) -> tuple[dict, list[int]]:
    """(the problem with the missing pairs at its end, the supporter of each)."""
    supporters = list(papers.problem["supporters"])
    places: list[int] = []
    added: dict[int, int] = {}
    for change in missing:
        who = change.grant[1]
        place = papers.supporter_of(who)
        if place is None:
            if who not in added:
                added[who] = len(supporters)
                supporters.append({**change.entry, "stock": {}})
            place = added[who]
        places.append(place)
    tail = {"demand": [index] * len(missing), "role": [0] * len(missing), "supporter": places, "value": [change.value for change in missing],
            "minutes": [papers.problem["demands"][index]["minutes"]] * len(missing)}
    pairs = {name: np.append(column, np.array(tail[name], dtype=np.int64)) for name, column in papers.problem["pairs"].items() if name in tail}
    if "resource" in papers.problem["pairs"]:
        pairs["resource"] = [*papers.problem["pairs"]["resource"], *[None] * len(missing)]
    return {**papers.problem, "supporters": supporters, "pairs": pairs}, places
