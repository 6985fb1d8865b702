"""Which uses of a supporter exclude each other: cliques of demands too close in time, and repeats of one demand."""

import numpy as np

from wishapp.solver.problem import Problem


def cliques(p: Problem, supporter: int, demands: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Maximal cliques [(instant, positions in `demands`)] of two or more: all those whose interval, widened by the buffer at its end,
    contains the instant (an interval graph, so these are all its maximal cliques)."""
    if not p.exclusive[supporter] or len(demands) < 2:
        return []
    timed = [i for i, t in enumerate(p.demand_timed[demands].tolist()) if t]
    if len(timed) < 2:
        return []
    gap = int(p.buffer[supporter])
    start = dict(zip(timed, p.demand_start[demands[timed]].tolist(), strict=True))
    end = {i: t + gap for i, t in zip(timed, p.demand_end[demands[timed]].tolist(), strict=True)}
    timed.sort(key=lambda i: (start[i], i))
    found: list[tuple[int, np.ndarray]] = []
    inside: list[int] = []
    for position, i in enumerate(timed):
        if inside and min(end[j] for j in inside) <= start[i]:  # someone leaves: what stood before was maximal
            if len(inside) > 1:
                found.append((start[timed[position - 1]], np.array(sorted(inside))))
            inside = [j for j in inside if end[j] > start[i]]
        inside.append(i)
    if len(inside) > 1:
        found.append((start[timed[-1]], np.array(sorted(inside))))
    return found


def repeats(p: Problem, supporter: int, demands: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Demands that appear twice or more and no clique speaks for: [(demand, positions)]."""
    values, inverse, counts = np.unique(demands, return_inverse=True, return_counts=True)
    result = []
    for number in np.flatnonzero(counts > 1):
        if not (p.exclusive[supporter] and p.demand_timed[values[number]]):
            result.append((int(values[number]), np.flatnonzero(inverse == number)))
    return result


def repeating(owner: np.ndarray, demand: np.ndarray) -> set:
    """The owners for whom some demand appears twice or more."""
    order = np.lexsort((demand, owner))
    again = (owner[order][1:] == owner[order][:-1]) & (demand[order][1:] == demand[order][:-1])
    return set(owner[order][1:][again].tolist())


def runs(owner: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """[(owner, positions)] in order of owner, each once."""
    if not len(owner):
        return []
    order = np.argsort(owner, kind="stable")
    edges = np.flatnonzero(np.diff(owner[order])) + 1
    return [(int(owner[group[0]]), group) for group in np.split(order, edges)]


def groups_of(owner: np.ndarray, count: int):
    """A function giving the positions of each owner 0..count-1."""
    order = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[order], np.arange(count + 1))
    return lambda number: order[starts[number]:starts[number + 1]]
