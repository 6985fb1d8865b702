"""What the desk's strip shows of a plan, and how two plans differ. Plain counting, in seats: a wish has one, a shift as many as people
are missing. The result is JSON."""

from collections import Counter

import numpy as np

from wishapp.kernel.ports import OpenDemand
from wishapp.matching.crowd import UNIT
from wishapp.matching.plan import Line
from wishapp.matching.snapshot import Snapshot

TIERS = 3
MOST_LOAD = 7


def seats_given(lines: list[Line]) -> Counter:
    """Seats given per demand index."""
    given: Counter = Counter()
    for line in lines:
        given[line.demand] += line.seats
    return given


def is_served(demand: OpenDemand, given: int) -> bool:
    """A demand has found its place when every free seat is given."""
    return given >= sum(demand.seats)


def figures_of(snapshot: Snapshot, lines: list[Line], place_names: dict[int, str], place_paths: dict[int, str]) -> dict:
    """The strip: seats served of all (`demands`, `served`), by tier and by community (least served first), units by seats taken on, mean
    distance; `shifts`: [seats given, all] of what people do in person."""
    given = seats_given(lines)
    served = [min(given[index], sum(demand.seats)) for index, demand in enumerate(snapshot.demands)]
    in_person = [index for index, demand in enumerate(snapshot.demands) if demand.in_person]
    return {
        "demands": sum(sum(demand.seats) for demand in snapshot.demands), "served": sum(served),
        "shifts": [sum(served[index] for index in in_person), sum(sum(snapshot.demands[index].seats) for index in in_person)],
        "supporters": len(snapshot.crowd), "asked": len({line.row for line in lines}), "pairs": len(snapshot.demand),
        "tiers": by_tier(snapshot.demands, served, range(len(snapshot.demands))),
        "communities": by_community(snapshot.demands, served, place_names, place_paths),
        "loads": loads(snapshot, lines),
        "mean_metres": round(sum(line.metres for line in lines) / len(lines)) if lines else 0,
    }


def by_tier(demands: list[OpenDemand], served: list[int], among: object) -> list[list[int]]:
    """[[seats served, all], …] for tiers 0, 1 and the rest."""
    counts = [[0, 0] for _ in range(TIERS)]
    for index in among:
        tier = min(demands[index].tier, TIERS - 1)
        counts[tier][1] += sum(demands[index].seats)
        counts[tier][0] += served[index]
    return counts


def by_community(demands: list[OpenDemand], served: list[int], names: dict[int, str], paths: dict[int, str]) -> list[dict]:
    """Communities, the least served share first."""
    members: dict[int, list[int]] = {}
    for index, demand in enumerate(demands):
        members.setdefault(demand.community_id, []).append(index)
    rows = [{
        "id": community, "name": names.get(community, ""), "path": paths.get(community, ""), "demands": sum(sum(demands[index].seats) for index in indexes),
        "served": sum(served[index] for index in indexes), "tiers": by_tier(demands, served, indexes),
    } for community, indexes in members.items()]
    return sorted(rows, key=lambda row: (row["served"] / row["demands"], row["name"]))


def loads(snapshot: Snapshot, lines: list[Line]) -> list[int]:
    """Units by the number of demands they take on in this plan: 0, 1, …, MOST_LOAD - 1 or more. Only units that could take any."""
    taken = Counter(line.row for line in lines)
    units = [row for row in np.unique(snapshot.row).tolist() if snapshot.crowd.kind[row] == UNIT]
    counts = [0] * MOST_LOAD
    for row in units:
        counts[min(taken[row], MOST_LOAD - 1)] += 1
    while len(counts) > 1 and not counts[-1]:
        counts.pop()
    return counts


def within(figures: dict, paths: list[str]) -> dict:
    """The figures as seen by somebody who may look into these subtrees only: sums over their own communities."""
    own = [row for row in figures.get("communities", []) if any(row["path"].startswith(path) for path in paths)]
    tiers = [[sum(row["tiers"][tier][part] for row in own) for part in (0, 1)] for tier in range(TIERS)]
    return {"demands": sum(row["demands"] for row in own), "served": sum(row["served"] for row in own), "tiers": tiers, "communities": own}


def difference(old_pairs: dict[str, set[int]], new_pairs: dict[str, set[int]], most: int = 200) -> dict:
    """How the pairs of two plans differ, by demand ref: gained (nobody before), lost (nobody now), changed (somebody else)."""
    gained = sorted(ref for ref in new_pairs if ref not in old_pairs)
    lost = sorted(ref for ref in old_pairs if ref not in new_pairs)
    changed = sorted(ref for ref in new_pairs if ref in old_pairs and new_pairs[ref] != old_pairs[ref])
    return {"gained": gained[:most], "lost": lost[:most], "changed": changed[:most],
            "counts": [len(gained), len(lost), len(changed)]}
