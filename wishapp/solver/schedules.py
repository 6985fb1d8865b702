"""The best set of uses one supporter could make at given gains: exact, by enumeration, for those who can take three at most.

Where minutes and clashes meet capacity, prices on the single rules leave a gap that the best set does not: it is the bound a
decomposition by supporter gives. Checking it needs additions and comparisons over the supporter's own gaining pairs.

Load steps belong to the set: a use's first step is taken off every pair's gain, and what a second and a third use cost beyond it (`more`, never
less than 0 as steps rise) off the sets of two and three.
"""

import numpy as np

from wishapp.solver.entries import NO_BUDGET
from wishapp.solver.ladders import ladder_total
from wishapp.solver.problem import Problem

MOST = 3
MANY = 24  # columns per supporter that sets are built from
FIRST = 8  # columns per supporter tried for a first value, which then rules out most others


def schedulable(p: Problem, seats: np.ndarray) -> np.ndarray:
    """Supporters whose best set is enumerated: at most three uses, a rule beyond capacity, single seats, no teams, stock or pins."""
    good = (p.capacity > 0) & (p.capacity <= MOST) & (p.exclusive | (p.budget != NO_BUDGET))
    good[p.option_supporter] = False
    good[p.pair_supporter[(seats > 1) | (p.pair_pool >= 0) | p.pinned]] = False
    return good


def loads(p: Problem, is_laddered: bool, scale: int) -> np.ndarray:
    """Load costs of one, two and three uses per supporter, times scale (S x 3)."""
    if not is_laddered:
        return np.zeros((len(p.capacity), MOST), dtype=np.int64)
    kind, ladders = p.load_kinds
    costs = [[scale * ladder_total(ladder, uses, True) for uses in range(1, MOST + 1)] for ladder in ladders]
    return np.array(costs, dtype=np.int64).reshape(-1, MOST)[kind]


def beyond_first(load: np.ndarray) -> np.ndarray:
    """What two and three uses cost beyond the first step on each (S x 2): the `more` of the sets."""
    return load[:, 1:] - load[:, :1] * np.arange(2, MOST + 1)


def best_sets(p: Problem, columns: np.ndarray, gain: np.ndarray, more: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Per supporter: (highest worth of a feasible set, at most what uses beside any one could add). `columns` are open pairs of
    schedulable supporters, `gain` > 0 (first steps taken off)."""
    best = np.zeros(len(p.capacity), dtype=gain.dtype)
    order = np.lexsort((-gain, p.pair_supporter[columns]))
    columns, gain = columns[order], gain[order]
    np.maximum.at(best, p.pair_supporter[columns], gain)
    single = best.copy()
    many = p.capacity[p.pair_supporter[columns]] >= 2
    columns, gain = columns[many], gain[many]
    if not len(columns):
        return best, np.zeros_like(best)
    owner = p.pair_supporter[columns]
    double = best + more[:, 0]  # before their load
    top = _rank(owner) < FIRST
    _raise(p, double, _pairs(p, columns[top], gain[top], double))
    worth = gain > double[owner] - single[owner]  # each of a better two: the other is worth at most the best single
    _raise(p, double, _pairs(p, columns[worth], gain[worth], double))
    best = double - more[:, 0]
    three = p.capacity[owner] >= 3
    triple = best + more[:, 1]
    _raise_threes(p, triple, columns[top & three], gain[top & three])
    worth = three & (gain > triple[owner] - double[owner])  # the other two of a better three are worth at most the best two
    _raise_threes(p, triple, columns[worth], gain[worth])
    return np.maximum(best, triple - more[:, 1]), _beside(p, more, single, double)


def _beside(p: Problem, more: np.ndarray, one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """At most what others beside a use could add, where one of them gains `one` at most and two of them `two`."""
    first = np.where(p.capacity >= 2, np.maximum(one - more[:, 0], 0), 0)
    return np.where(p.capacity >= 3, np.maximum(first, two - more[:, 1]), first)


def sets_near(p: Problem, columns: np.ndarray, gain: np.ndarray, more: np.ndarray, best: np.ndarray, beside: np.ndarray, reach: int) -> np.ndarray:
    """Feasible sets of two or three pairs worth at least the supporter's best less `reach`: rows of three pair indexes, -1 for none.
    `columns` may hold pairs that gain nothing; the first MANY of each supporter are looked at."""
    owner = p.pair_supporter[columns]
    near = (p.capacity[owner] >= 2) & (gain >= best[owner] - beside[owner] - reach)
    columns, gain = columns[near], gain[near]
    order = np.lexsort((-gain, p.pair_supporter[columns]))
    columns, gain = columns[order], gain[order]
    few = _rank(p.pair_supporter[columns]) < MANY
    columns, gain = columns[few], gain[few]
    above = best - reach - 1
    first, second, _ = _pairs(p, columns, gain, above + more[:, 0])
    three = p.capacity[p.pair_supporter[columns]] >= 3
    a, b, c, _ = _threes(p, columns[three], gain[three], above + more[:, 1])
    return np.concatenate([np.stack([first, second, np.full(len(first), -1)], axis=1), np.stack([a, b, c], axis=1)])


def company(p: Problem, mine: np.ndarray, columns: np.ndarray, gain: np.ndarray, more: np.ndarray, most: np.ndarray) -> np.ndarray:
    """For each pair of `mine`, at least what the best uses beside it could add: at most `most`, and each within the minutes it leaves.
    `columns` (gaining `gain` > 0) are those that could stand beside."""
    owner = p.pair_supporter[mine]
    limit = most[owner]
    timed = p.budget[p.pair_supporter[columns]] != NO_BUDGET
    columns, gain = columns[timed], gain[timed]
    step, lift = int(p.pair_minutes[mine].max(initial=0)) + 1, int(gain.max(initial=0)) + 1
    if not len(columns) or len(p.capacity) * max(step, lift) >= 2**61:
        return limit
    key = p.pair_supporter[columns] * step + p.pair_minutes[columns]
    order = np.argsort(key, kind="stable")
    key, owned = key[order], p.pair_supporter[columns[order]]
    highest = np.maximum.accumulate(gain[order] + owned * lift) - owned * lift  # within each supporter, as minutes grow
    left = np.clip(p.budget[owner] - p.pair_minutes[mine], -1, step - 1)
    at = np.searchsorted(key, owner * step + left, side="right") - 1
    beside = np.where((at >= 0) & (owned[np.maximum(at, 0)] == owner) & (left >= 0), highest[np.maximum(at, 0)], 0)
    two = np.where(p.capacity[owner] >= 3, np.maximum(2 * beside - more[owner, 1], 0), 0)
    return np.where(p.budget[owner] == NO_BUDGET, limit, np.minimum(limit, np.maximum(np.maximum(beside - more[owner, 0], 0), two)))


def _rank(owner: np.ndarray) -> np.ndarray:
    """Position of each entry within its owner's run."""
    start = np.flatnonzero(np.diff(owner, prepend=-1))
    return np.arange(len(owner)) - np.repeat(start, np.diff(np.append(start, len(owner))))


def _raise(p: Problem, best: np.ndarray, found: tuple) -> None:
    np.maximum.at(best, p.pair_supporter[found[0]], found[-1])


def _fit(p: Problem, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Whether two pairs of one supporter go together."""
    s, d, e = p.pair_supporter[a], p.pair_demand[a], p.pair_demand[b]
    gap = p.buffer[s]
    clash = p.exclusive[s] & p.demand_timed[d] & p.demand_timed[e] & (p.demand_start[d] < p.demand_end[e] + gap) & (p.demand_start[e] < p.demand_end[d] + gap)
    budget = p.budget[s]
    return (d != e) & ~clash & ((budget == NO_BUDGET) | (p.pair_minutes[a] + p.pair_minutes[b] <= budget))


def _combinations(owner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All (i, j), i before j, within each owner's run."""
    rank = _rank(owner)
    second = np.repeat(np.arange(len(owner)), rank)
    first = np.arange(len(second)) - np.repeat(np.cumsum(rank) - rank, rank) + (second - rank[second])
    return first, second


def _pairs(p: Problem, columns: np.ndarray, gain: np.ndarray, above: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Feasible twos worth more than `above` their supporter: (first pair, second pair, total). `columns` by supporter, best gain first."""
    owner = p.pair_supporter[columns]
    first, second = _combinations(owner)
    good = gain[first] + gain[second] > above[owner[first]]
    first, second = first[good], second[good]
    good = _fit(p, columns[first], columns[second])
    first, second = first[good], second[good]
    return columns[first], columns[second], gain[first] + gain[second]


def _third_wanted(p: Problem, columns: np.ndarray, gain: np.ndarray, above: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(first, second, end) positions of feasible twos a third after `second` and before `end` could lift above `above` their supporter."""
    owner = p.pair_supporter[columns]
    left = _left(p)
    least = np.full(len(p.capacity), 2**60)
    np.minimum.at(least, owner, p.pair_minutes[columns])
    first, second = _combinations(owner)
    after = np.append(gain[1:], 0)  # the third is worth at most what comes next
    spent = p.pair_minutes[columns[first]] + p.pair_minutes[columns[second]]
    good = (gain[first] + gain[second] + after[second] > above[owner[first]]) & (spent + least[owner[first]] <= left[owner[first]])
    first, second = first[good], second[good]
    good = _fit(p, columns[first], columns[second])
    first, second = first[good], second[good]
    return first, second, np.searchsorted(owner, owner[second], side="right")


def _thirds(p: Problem, columns: np.ndarray, gain: np.ndarray, above: np.ndarray, first, second, start, end) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(row, third position, total) of every feasible three made of row's two and a third from start to end, worth more than `above`."""
    more = end - start
    row = np.repeat(np.arange(len(first)), more)
    third = np.arange(len(row)) - np.repeat(np.cumsum(more) - more, more) + start[row]
    total = gain[first[row]] + gain[second[row]] + gain[third]
    good = total > above[p.pair_supporter[columns[third]]]
    row, third, total = row[good], third[good], total[good]
    a, b, c = columns[first[row]], columns[second[row]], columns[third]
    good = p.pair_minutes[a] + p.pair_minutes[b] + p.pair_minutes[c] <= _left(p)[p.pair_supporter[a]]
    row, third, total, a, b, c = row[good], third[good], total[good], a[good], b[good], c[good]
    good = _fit(p, a, c) & _fit(p, b, c)
    return row[good], third[good], total[good]


def _threes(p: Problem, columns: np.ndarray, gain: np.ndarray, above: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Feasible threes worth more than `above` their supporter: (first, second, third pair, total), `columns` as in _pairs."""
    first, second, end = _third_wanted(p, columns, gain, above)
    row, third, total = _thirds(p, columns, gain, above, first, second, second + 1, end)
    return columns[first[row]], columns[second[row]], columns[third], total


def _raise_threes(p: Problem, best: np.ndarray, columns: np.ndarray, gain: np.ndarray) -> None:
    """`best` lifted to each supporter's best feasible three. Thirds are tried a few at a time, best first: the first that fits is the best of its
    two, and what others reached meanwhile rules most out (all of them where gains tie)."""
    first, second, end = _third_wanted(p, columns, gain, best)
    owner, start, width = p.pair_supporter[columns[first]], second + 1, 2
    while len(first):
        alive = start < end
        alive[alive] = (gain[first] + gain[second])[alive] + gain[start[alive]] > best[owner[alive]]
        first, second, start, end, owner = first[alive], second[alive], start[alive], end[alive], owner[alive]
        row, _, total = _thirds(p, columns, gain, best, first, second, start, np.minimum(start + width, end))
        np.maximum.at(best, owner[row], total)
        start = start + width
        start[row] = end[row]
        width *= 2


def _left(p: Problem) -> np.ndarray:
    return np.where(p.budget == NO_BUDGET, 2**60, p.budget)
