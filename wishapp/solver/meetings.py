"""Which uses of a supporter exclude each other: cliques of demands too close in time, and repeats of one demand."""

import numpy as np

from wishapp.solver.problem import Problem


def cliques(p: Problem, supporter: int, demands: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Maximal cliques [(instant, positions in `demands`)] of two or more: all those whose interval, widened by the buffer at its end,
    contains the instant (an interval graph, so these are all its maximal cliques)."""
    if not p.exclusive[supporter] or len(demands) < 2:
        return []
    timed = np.flatnonzero(p.demand_timed[demands])
    start, end = p.demand_start[demands[timed]], p.demand_end[demands[timed]] + p.buffer[supporter]
    found: list[tuple[int, np.ndarray]] = []
    best: list[set] = []
    for instant in np.unique(start):
        inside = (start <= instant) & (instant < end)
        if inside.sum() < 2:
            continue
        members = set(np.flatnonzero(inside).tolist())
        if best and best[-1] <= members:
            found[-1], best[-1] = (int(instant), timed[inside]), members
        elif not best or not members <= best[-1]:
            found.append((int(instant), timed[inside]))
            best.append(members)
    return found


def repeats(p: Problem, supporter: int, demands: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Demands that appear twice or more and no clique speaks for: [(demand, positions)]."""
    values, inverse, counts = np.unique(demands, return_inverse=True, return_counts=True)
    result = []
    for number in np.flatnonzero(counts > 1):
        if not (p.exclusive[supporter] and p.demand_timed[values[number]]):
            result.append((int(values[number]), np.flatnonzero(inverse == number)))
    return result


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
