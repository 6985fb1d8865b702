"""From a solver's plan back to people: one line per chosen pair, with its reasons, its runners-up and what it does to the load."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from wishapp.matching import scores
from wishapp.matching.crowd import UNIT, Crowd
from wishapp.matching.snapshot import SEATS_AT_ONCE, Snapshot

RUNNERS_UP = 12  # a shortlist; acceptance.rank_lines keeps the best of them, the chance of a yes counted in


@dataclass(frozen=True)
class Line:
    """One proposal to be: `demand` index into the snapshot's demands, `row` of the crowd, `pair` of the problem (-1 for a team that comes
    whole), `metres`, `seats`; `reasons`
    [[term, points], …]; `runners_up` [[supporter id, points lost, metres, 1 if free in this plan, name], …], best first; `load_after` of `quota`.
    `chance` of a yes in per cent, also as a sixth of each runner-up, once acceptance.rank_lines has been there."""

    demand: int
    row: int
    pair: int
    seats: int
    metres: int
    reasons: list
    runners_up: list
    load_after: int
    quota: int
    chance: int | None = None

    @property
    def points(self) -> int:
        """What staff see: the sum of the reasons."""
        return sum(points for _term, points in self.reasons)


def read_plan(snapshot: Snapshot, plan: dict, *, known: Collection[int] = ()) -> list[Line]:
    """Lines of a plan, in the order of demands. `known`: pairs whose line is on the desk already and gets no runners-up here."""
    chosen = sorted((int(pair), int(seats)) for pair, seats in plan["pairs"])
    whole = sorted(int(option) for option in plan.get("options", ()))
    supporter = snapshot.problem["pairs"]["supporter"]
    used = np.zeros(len(snapshot.problem["supporters"]), dtype=np.int64)
    for pair, seats in chosen:
        used[supporter[pair]] += seats
    for option in whole:
        used[snapshot.problem["options"][option]["supporter"]] += 1
    capacity = np.array([entry["capacity"] for entry in snapshot.problem["supporters"]], dtype=np.int64)
    of_demand: dict[int, list[int]] = {}
    for pair, _seats in chosen:
        of_demand.setdefault(int(snapshot.demand[pair]), []).append(pair)
    extra = load_costs(snapshot, chosen)
    kinds = np.zeros(len(used), dtype=np.int64)
    kinds[supporter] = snapshot.crowd.kind[snapshot.row]
    kinds[[entry["supporter"] for entry in snapshot.problem["options"]]] = snapshot.crowd.kind[snapshot.wholes.row]
    next_cost = np.array([snapshot.weights.step_cost(kind, seat) for kind, seat in zip(kinds.tolist(), (used + 1).tolist(), strict=True)], dtype=np.int64)
    free = capacity > used
    lines = []
    for pair, seats in chosen:
        index, row = int(snapshot.demand[pair]), int(snapshot.row[pair])
        load_after, quota = load(snapshot.crowd, row, int(used[supporter[pair]]))
        reasons = scores.reasons_of(np.array([column[pair] for column in snapshot.terms.values()]), snapshot.weights)
        lines.append(Line(
            demand=index, row=row, pair=pair, seats=seats, metres=int(snapshot.metres[pair]),
            reasons=reasons + ([["round", -extra[pair]]] if extra[pair] else []),
            runners_up=[] if pair in known else runners_up(snapshot, index, pair, of_demand[index], free, next_cost, extra[pair]),
            load_after=load_after, quota=quota,
        ))
    return sorted([*lines, *whole_lines(snapshot, whole, used, free, next_cost)], key=lambda line: (line.demand, line.pair < 0, line.pair, line.row))


def whole_lines(snapshot: Snapshot, chosen: list[int], used: np.ndarray, free: np.ndarray, next_cost: np.ndarray) -> list[Line]:
    """Lines of the teams that come whole. Their runners-up are other teams, for whom there is room beside what the plan gives."""
    wholes, supporter = snapshot.wholes, [entry["supporter"] for entry in snapshot.problem["options"]]
    lines = []
    for option in chosen:
        index, row, seats = int(wholes.demand[option]), int(wholes.row[option]), int(wholes.seats[option])
        others = [other for other in wholes.of(index).tolist() if other not in chosen and wholes.seats[other] <= seats]
        loss = {other: int(wholes.value[option] - wholes.value[other] + next_cost[supporter[other]]) for other in others}
        best = sorted(others, key=lambda other: (not free[supporter[other]], loss[other], other))[:RUNNERS_UP]
        load_after, quota = load(snapshot.crowd, row, int(used[supporter[option]]))
        lines.append(Line(
            demand=index, row=row, pair=-1, seats=seats, metres=int(wholes.metres[option]),
            reasons=scores.reasons_of(np.array([column[option] for column in wholes.terms.values()]), snapshot.weights),
            runners_up=[[int(snapshot.crowd.ids[wholes.row[other]]), loss[other], int(wholes.metres[other]), int(free[supporter[other]]),
                         snapshot.crowd.names[wholes.row[other]]] for other in best],
            load_after=load_after, quota=quota))
    return lines


def load_costs(snapshot: Snapshot, chosen: list[tuple[int, int]]) -> dict[int, int]:
    """{pair: its share of the fair-load costs}: a supporter's best pair is counted first."""
    by_row: dict[int, list[int]] = {}
    for pair, _seats in chosen:
        by_row.setdefault(int(snapshot.row[pair]), []).append(pair)
    return {pair: snapshot.weights.step_cost(int(snapshot.crowd.kind[row]), place) for row, pairs in by_row.items()
            for place, pair in enumerate(sorted(pairs, key=lambda pair: (-int(snapshot.value[pair]), pair)), start=1)}


def runners_up(
    snapshot: Snapshot, index: int, chosen: int, taken: list[int], free: np.ndarray, next_cost: np.ndarray, cost: int,
) -> list[list[int]]:
    """Whom to ask next for this demand: those still free in this plan first, then by points lost (fair-load costs counted in).

    `taken`: the demand's chosen pairs; `free`, `next_cost`: per supporter of the problem, room left and what one more seat costs;
    `cost`: what the chosen seat costs.
    """
    pairs = snapshot.pairs_of(index)
    pairs = pairs[~np.isin(pairs, taken)]
    supporter = snapshot.problem["pairs"]["supporter"][pairs]
    loss = (int(snapshot.value[chosen]) - cost) - (snapshot.value[pairs] - next_cost[supporter])
    best = np.lexsort((snapshot.row[pairs], loss, ~free[supporter]))[:RUNNERS_UP]
    return [[int(snapshot.crowd.ids[snapshot.row[pairs[at]]]), int(loss[at]), int(snapshot.metres[pairs[at]]), int(free[supporter[at]]),
             snapshot.crowd.names[snapshot.row[pairs[at]]]] for at in best]


def load(crowd: Crowd, row: int, in_plan: int) -> tuple[int, int]:
    """(promised after this plan, of how many): a unit's wishes of the year, anybody else's of the round."""
    if crowd.kind[row] != UNIT:
        after = int(crowd.load[row]) + in_plan
        return after, max(after, SEATS_AT_ONCE[int(crowd.kind[row])])
    quota = crowd.quota_any[row] + sum(column[row] for column in crowd.quota.values())
    left = crowd.left_any[row] + sum(column[row] for column in crowd.left.values())
    return int(max(0, quota - left)) + in_plan, int(max(quota, in_plan))
