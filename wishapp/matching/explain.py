"""Why a demand found nobody, and what would have to change: facts as [rule, …] lists, put into words by the pages."""

import numpy as np

from wishapp.kernel.ports import OpenDemand
from wishapp.matching import eligibility, scores
from wishapp.matching.crowd import PARTS, Crowd
from wishapp.matching.figures import is_served, seats_given
from wishapp.matching.plan import Line
from wishapp.matching.snapshot import Snapshot
from wishapp.matching.weights import HOUSE, Weights

MOST = 2000


def explain_unserved(snapshot: Snapshot, lines: list[Line], names: dict[int, str]) -> dict[str, dict]:
    """{demand ref: {title, tier, kind, place, path, given, seats, why: [[rule, …], …], advice: {…}}} for every demand not fully served.

    Rules: nobody | skill [words] | reach [how many, metres short, radius that would do] | room [how many, name] | time [how many, weekday,
    parts of day, skills] | engaged, week, terms, barred [how many] | whole [how many, name, size] | busy [how many, name] | far [how many] | changed.
    `advice`: options of a what-if run that would let somebody in, e.g. {"reach": 3000}.
    """
    given = seats_given(lines)
    taken = {line.pair for line in lines if line.pair >= 0}
    found: dict[str, dict] = {}
    for index, demand in enumerate(snapshot.demands):
        if is_served(demand, given[index]) or len(found) >= MOST:
            continue
        why, advice = _reasons(snapshot, index, demand, taken)
        found[demand.ref] = entry_of(demand, given[index], names, why, advice)
    return found


def entry_of(demand: OpenDemand, given: int, names: dict[int, str], why: list[list], advice: dict) -> dict:
    """One unserved demand as it is kept."""
    return {"title": demand.title[:80], "tier": demand.tier, "kind": demand.kind, "place": names.get(demand.community_id, ""),
            "path": demand.place_path, "given": given, "seats": sum(demand.seats), "why": why, "advice": advice,
            "window": [moment.isoformat() for moment in demand.window] if demand.window else None, "skills": sorted(demand.skills)}


def _reasons(snapshot: Snapshot, index: int, demand: OpenDemand, taken: set[int]) -> tuple[list[list], dict]:
    pairs = np.array([pair for pair in snapshot.pairs_of(index).tolist() if pair not in taken], dtype=np.int64)
    if len(pairs):
        best = int(pairs[np.argmax(snapshot.value[pairs])])
        return [["busy", len(pairs), snapshot.crowd.names[int(snapshot.row[best])]]], {"extra": 1}
    return missing_pairs(demand, snapshot.crowd, snapshot.weights)


def missing_pairs(demand: OpenDemand, crowd: Crowd, weights: Weights = HOUSE) -> tuple[list[list], dict]:
    """Why no pair exists at all: the rules that alone stand in somebody's way, nearest first; at most two."""
    helpers = crowd.helpers(demand.kind)
    if not len(helpers):
        return [["nobody"]], {}
    misses = eligibility.near_misses(demand, crowd)
    why: list[list] = []
    advice: dict = {}
    if demand.skills and not any(crowd.skills[word].any() for word in demand.skills if word in crowd.skills):
        why.append(["skill", sorted(demand.skills)])
    if "reach" in misses:
        rows = misses["reach"]
        metres = eligibility.distances(demand, crowd, rows)
        short = metres - crowd.radius[rows]
        nearest = int(np.argmin(short))
        radius = int(-(-int(metres[nearest]) // 500) * 500)
        why.append(["reach", len(rows), int(short[nearest]), radius])
        advice = {"reach": radius}
    if "room" in misses:
        rows = misses["room"]
        values = scores.value(demand, crowd, rows, eligibility.distances(demand, crowd, rows), weights)
        why.append(["room", len(rows), crowd.names[int(rows[np.argmax(values)])]])
        advice = advice or {"extra": 1}
    if "time" in misses:
        parts = eligibility.parts_touched(demand)
        why.append(["time", len(misses["time"]), parts[0][0] if parts else 0, [PARTS[part] for _day, part in parts], sorted(demand.skills)])
    if "whole" in misses:
        smallest = int(misses["whole"][np.argmin(crowd.size[misses["whole"]])])
        why.append(["whole", len(misses["whole"]), crowd.names[smallest], int(crowd.size[smallest])])
    why += [[rule, len(misses[rule])] for rule in ("engaged", "week", "terms", "barred") if rule in misses]
    if not why:
        why.append(["skill", sorted(demand.skills)] if demand.skills else ["far", len(helpers)])
    return why[:2], advice
