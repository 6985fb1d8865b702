"""Three published ways to assign reviewers to papers, small and plain, to compare with: MinMax, FairFlow, FairSequence.

Written from their descriptions, each as its authors build it (arc by arc for the two flows): MinMax as in OpenReview's matcher (a flow with
the reviewers' least loads first, then one for the rest); FairFlow after Kobren, Saha and McCallum 2019 (arXiv 1905.11924); FairSequence after
Payan and Zick 2022 (IJCAI, "I Will Have Order!"), the picking sequence without envy beyond one reviewer, and without that rule where it
gets stuck. `scores` is papers x reviewers; each returns a boolean matrix of that shape.
"""

import numpy as np
from ortools.graph.python import min_cost_flow

FINE = 10000  # scores per unit as whole numbers


def min_max(scores: np.ndarray, need: int, most: int, least: int = 1, by_list: bool = False) -> np.ndarray:
    """Every reviewer's first `least` papers by one flow, then the rest by another. `by_list`: as published, where every end of an arc is looked
    up in a list of the nodes."""
    first = _flow(scores, np.full(scores.shape[1], least), np.full(scores.shape[0], need), np.zeros(scores.shape, dtype=bool), by_list)
    second = _flow(scores, most - first.sum(axis=0), need - first.sum(axis=1), first, by_list)
    return first | second


def min_max_published(scores: np.ndarray, need: int, most: int) -> np.ndarray:
    return min_max(scores, need, most, by_list=True)


def _flow(scores: np.ndarray, loads: np.ndarray, needs: np.ndarray, taken: np.ndarray, by_list: bool = False) -> np.ndarray:
    """The assignment of greatest total within loads and needs that uses no pair of `taken`, as large as fits."""
    papers, reviewers = scores.shape
    solver = min_cost_flow.SimpleMinCostFlow()
    source, sink = papers + reviewers, papers + reviewers + 1
    nodes = [f"paper {d}" for d in range(papers)] + [f"reviewer {r}" for r in range(reviewers)]
    arcs = {}
    for r in range(reviewers):
        solver.add_arc_with_capacity_and_unit_cost(source, papers + r, int(loads[r]), 0)
        for d in range(papers):
            if not taken[d, r]:
                tail, head = (nodes.index(f"reviewer {r}"), nodes.index(f"paper {d}")) if by_list else (papers + r, d)
                arcs[solver.add_arc_with_capacity_and_unit_cost(tail, head, 1, int(-1 - FINE * scores[d, r]))] = (d, r)
    for d in range(papers):
        solver.add_arc_with_capacity_and_unit_cost(d, sink, int(needs[d]), 0)
    amount = int(min(loads.sum(), needs.sum()))
    solver.add_arc_with_capacity_and_unit_cost(source, sink, amount, FINE * 1000)  # what does not fit
    solver.set_node_supply(source, amount)
    solver.set_node_supply(sink, -amount)
    if solver.solve() != solver.OPTIMAL:
        raise ArithmeticError("no flow")
    result = np.zeros(scores.shape, dtype=bool)
    for arc, pair in arcs.items():
        if solver.flow(arc):
            result[pair] = True
    return result


def fair_flow(scores: np.ndarray, need: int, most: int) -> np.ndarray:
    """Ten steps of bisection on the least score of a paper; for each, flows move reviewers from papers above it to papers far below it.
    Each step starts from the assignment of greatest total, and the one with the greatest least score is kept (both kinder than the published
    code, which goes on from wherever the last step ended)."""
    start = _completed(scores, need, most, np.zeros(scores.shape, dtype=bool))
    best, record, low, high = start, float((scores * start).sum(axis=1).min()), 0.0, float(scores.max()) * need
    for _ in range(10):
        aim = (low + high) / 2
        chosen, short = _improved(scores, need, most, start, aim)
        least = float((scores * chosen).sum(axis=1).min())
        if least > record or (least == record and (scores * chosen).sum() > (scores * best).sum()):
            best, record = chosen, least
        low, high = (aim, high) if short == 0 else (low, aim)
    return best


def _improved(scores, need, most, chosen, aim) -> tuple[np.ndarray, int]:
    """Rounds of improvement until none of the papers is far below `aim` or their number stays: (assignment, how many are)."""
    chosen, sizes = _round(scores, need, most, chosen, aim)
    before = None
    while sizes[1] and sizes != before:
        before = sizes
        chosen, sizes = _round(scores, need, most, chosen, aim)
    return chosen, sizes[1]


def _groups(scores, chosen, aim):
    worth = (scores * chosen).sum(axis=1)
    floor = aim - float(scores.max())
    return np.flatnonzero(worth >= aim), np.flatnonzero((worth < aim) & (worth >= floor)), np.flatnonzero(worth < floor), worth


def _round(scores, need, most, chosen, aim) -> tuple[np.ndarray, tuple]:
    chosen = _completed(scores, need, most, chosen.copy())
    rich, middle, poor, _ = _groups(scores, chosen, aim)
    if len(rich) and len(poor):
        for d in poor:
            chosen[d, min(np.flatnonzero(chosen[d]), key=lambda r, d=d: scores[d, r])] = False
        _moved(scores, chosen, aim, rich, middle, poor)
        for d in np.flatnonzero(chosen.sum(axis=1) > need):
            chosen[d, min(np.flatnonzero(chosen[d]), key=lambda r, d=d: scores[d, r])] = False
        chosen = _completed(scores, need, most, chosen)
        rich, middle, poor, _ = _groups(scores, chosen, aim)
    return chosen, (len(rich), len(poor))


def _completed(scores, need, most, chosen) -> np.ndarray:
    lacking = np.maximum(need - chosen.sum(axis=1), 0)
    return chosen | _flow(scores, most - chosen.sum(axis=0), lacking, chosen) if lacking.any() else chosen


def _moved(scores, chosen, aim, rich, middle, poor) -> None:
    """One flow from rich papers through their reviewers, perhaps through middle papers, to poor ones; changes `chosen`."""
    papers, reviewers = scores.shape
    worth, top = (scores * chosen).sum(axis=1), float(scores.max())
    solver = min_cost_flow.SimpleMinCostFlow()
    source, sink, gate = papers + reviewers, papers + reviewers + 1, papers + reviewers + 2
    gives, takes, giving = {}, {}, set()
    add = solver.add_arc_with_capacity_and_unit_cost
    least_in = np.full(papers, np.inf)
    for d in rich.tolist():
        add(source, d, 1, 0)
        for r in np.flatnonzero(chosen[d]).tolist():
            gives[add(d, papers + r, 1, 0)] = (d, r)
            if r not in giving:
                for m in middle[~chosen[middle, r]].tolist():
                    takes[add(papers + r, gate + m, 1, 0)] = (m, r)
                    least_in[m] = min(least_in[m], scores[m, r])
            giving.add(r)
    for m in middle.tolist():
        add(gate + m, m, 1, 0)
        for r in np.flatnonzero(chosen[m]).tolist():
            if np.isfinite(least_in[m]) and worth[m] + least_in[m] - scores[m, r] >= aim - top:
                gives[add(m, papers + r, 1, 0)] = (m, r)
                giving.add(r)
    for d in poor.tolist():
        add(d, sink, 1, 0)
        for r in sorted(giving):
            if not chosen[d, r]:
                weight = FINE**2 if scores[d, r] + worth[d] >= aim - top else FINE
                takes[add(papers + r, d, 1, int(-1 - weight * scores[d, r]))] = (d, r)
    amount = min(len(poor), len(rich))
    add(source, sink, amount, 0)
    solver.set_node_supply(source, amount)
    solver.set_node_supply(sink, -amount)
    if solver.solve() != solver.OPTIMAL:
        return
    for arcs, value in ((gives, False), (takes, True)):
        for arc, pair in arcs.items():
            if solver.flow(arc):
                chosen[pair] = value


def fair_sequence(scores: np.ndarray, need: int, most: int) -> np.ndarray:
    """Papers with the fewest reviewers pick first, among them the pair of highest score; no pick may leave envy beyond one reviewer."""
    found = _sequence(scores, need, most, True)
    return _sequence(scores, need, most, False) if found is None else found


def _sequence(scores, need, most, careful) -> np.ndarray | None:
    papers = len(scores)
    chosen = np.zeros(scores.shape, dtype=bool)
    room, worst = np.full(scores.shape[1], most), np.full(papers, np.inf)
    ranked = [list(row) for row in np.argsort(-scores, axis=1, kind="stable").tolist()]
    for count in range(need):
        waiting = set(range(papers))
        while waiting:
            best, pick = -np.inf, None
            for d in sorted(waiting):
                for r in ranked[d]:
                    if scores[d, r] <= best:
                        break
                    if room[r] > 0 and not chosen[d, r] and (not careful or _calm(scores, chosen, worst, d, r)):
                        best, pick = scores[d, r], (d, r)
                        break
            if pick is None:
                return None if careful else _completed(scores, need, most, chosen)
            chosen[pick] = True
            worst[pick[0]] = min(worst[pick[0]], best)
            room[pick[1]] -= 1
            if not room[pick[1]]:
                for row in ranked:
                    if pick[1] in row:
                        row.remove(pick[1])
            waiting.discard(pick[0])
        assert (chosen.sum(axis=1) == count + 1).all()
    return chosen


def _calm(scores, chosen, worst, d, r) -> bool:
    """Whether no other paper would envy d beyond its best reviewer once r is given to it."""
    group = np.append(np.flatnonzero(chosen[d]), r)
    others = np.flatnonzero((scores[:, group] > worst[:, None]).any(axis=1))
    seen = scores[np.ix_(others, group)]
    return bool((seen.sum(axis=1) - seen.max(axis=1) <= (scores[others] * chosen[others]).sum(axis=1) + 1e-9).all())
