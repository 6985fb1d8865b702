"""From a solver's plan back to people: one line per chosen pair, with its reasons, its runners-up and what it does to the load."""

from dataclasses import dataclass

import numpy as np

from wishapp.kernel.ports import OpenDemand
from wishapp.matching import scores
from wishapp.matching.crowd import UNIT
from wishapp.matching.snapshot import SEATS_AT_ONCE, Snapshot

RUNNERS_UP = 6


@dataclass(frozen=True)
class Line:
    """One proposal to be: `demand` index into the snapshot's demands, `row` of the crowd, `metres`, `seats`; `reasons`
    [[term, points], …]; `runners_up` [[supporter id, points lost, metres, 1 if free in this plan], …], best first; `load_after` of `quota`."""

    demand: int
    row: int
    pair: int
    seats: int
    metres: int
    reasons: list
    runners_up: list
    load_after: int
    quota: int

    @property
    def points(self) -> int:
        """What staff see: the sum of the reasons."""
        return sum(points for _term, points in self.reasons)


def read_plan(snapshot: Snapshot, plan: dict) -> list[Line]:
    """Lines of a plan, in the order of demands."""
    chosen = sorted((int(pair), int(seats)) for pair, seats in plan["pairs"])
    supporter = snapshot.problem["pairs"]["supporter"]
    used = np.zeros(len(snapshot.problem["supporters"]), dtype=np.int64)
    for pair, seats in chosen:
        used[supporter[pair]] += seats
    capacity = np.array([entry["capacity"] for entry in snapshot.problem["supporters"]], dtype=np.int64)
    spare = capacity - used
    of_demand: dict[int, list[int]] = {}
    for pair, _seats in chosen:
        of_demand.setdefault(int(snapshot.demand[pair]), []).append(pair)
    lines = []
    for pair, seats in chosen:
        index, row = int(snapshot.demand[pair]), int(snapshot.row[pair])
        demand, metres = snapshot.demands[index], int(snapshot.metres[pair])
        load_after, quota = _load(snapshot, demand, row, int(used[supporter[pair]]))
        lines.append(Line(
            demand=index, row=row, pair=pair, seats=seats, metres=metres, reasons=scores.reasons(demand, snapshot.crowd, row, metres),
            runners_up=runners_up(snapshot, index, pair, set(of_demand[index]), spare), load_after=load_after, quota=quota,
        ))
    return lines


def runners_up(snapshot: Snapshot, index: int, chosen: int, taken: set[int], spare: np.ndarray) -> list[list[int]]:
    """Whom to ask next for this demand: those still free in this plan first, then by value."""
    pairs = np.array([pair for pair in snapshot.pairs_of(index).tolist() if pair not in taken], dtype=np.int64)
    if not len(pairs):
        return []
    free = (spare[snapshot.problem["pairs"]["supporter"][pairs]] > 0).astype(np.int64)
    best = pairs[np.lexsort((snapshot.row[pairs], -snapshot.value[pairs], -free))][:RUNNERS_UP]
    is_free = dict(zip(pairs.tolist(), free.tolist(), strict=True))
    return [[int(snapshot.crowd.ids[snapshot.row[pair]]), int(snapshot.value[chosen] - snapshot.value[pair]), int(snapshot.metres[pair]),
             is_free[int(pair)]] for pair in best]


def _load(snapshot: Snapshot, demand: OpenDemand, row: int, in_plan: int) -> tuple[int, int]:
    """(wishes promised after this plan, of how many): a unit's year, anybody else's round."""
    crowd = snapshot.crowd
    if crowd.kind[row] != UNIT:
        after = int(crowd.load[row]) + in_plan
        return after, max(after, SEATS_AT_ONCE[int(crowd.kind[row])])
    quota = crowd.quota_any[row] + sum(column[row] for column in crowd.quota.values())
    left = crowd.left_any[row] + sum(column[row] for column in crowd.left.values())
    return int(max(0, quota - left)) + in_plan, int(max(quota, in_plan))
