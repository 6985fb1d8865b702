"""The best set of uses one supporter could make at given gains: exact, by enumeration, for those who can take three at most.

Where minutes and clashes meet capacity, prices on the single rules leave a gap that the best set does not: it is the bound a
decomposition by supporter gives. Checking it needs additions and comparisons over the supporter's own gaining pairs.
"""

import numpy as np

from wishapp.solver.entries import NO_BUDGET
from wishapp.solver.problem import Problem

MOST = 3
MANY = 24  # columns per supporter that sets are built from
FIRST = 8  # columns per supporter tried for a first value, which then rules out most others


def schedulable(p: Problem, seats: np.ndarray) -> np.ndarray:
    """Supporters whose best set is enumerated: at most three uses, a rule beyond capacity, single seats, no teams and no stock."""
    good = (p.capacity > 0) & (p.capacity <= MOST) & (p.exclusive | (p.budget != NO_BUDGET))
    good[p.option_supporter] = False
    good[p.pair_supporter[(seats > 1) | (p.pair_pool >= 0) | p.pinned]] = False
    return good & np.array([not ladder for ladder in p.load_steps], dtype=bool)


def best_sets(p: Problem, columns: np.ndarray, gain: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Per supporter: (highest total gain of a feasible set, the same with one use of capacity less). `columns` are open pairs of
    schedulable supporters with gain > 0."""
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
    double = best.copy()
    top = _rank(owner) < FIRST
    _raise(p, double, _pairs(p, columns[top], gain[top], double))
    worth = gain > double[owner] - single[owner]  # each of a better two: the other is worth at most the best single
    _raise(p, double, _pairs(p, columns[worth], gain[worth], double))
    best = double.copy()
    three = p.capacity[owner] >= 3
    _raise_threes(p, best, columns[top & three], gain[top & three])
    worth = three & (gain > best[owner] - double[owner])  # the other two of a better three are worth at most the best two
    _raise_threes(p, best, columns[worth], gain[worth])
    return best, np.where(p.capacity >= 3, double, np.where(p.capacity == 2, single, 0))


def sets_near(p: Problem, columns: np.ndarray, gain: np.ndarray, best: np.ndarray, fewer: np.ndarray, reach: int) -> np.ndarray:
    """Feasible sets of two or three pairs worth at least the supporter's best less `reach`: rows of three pair indexes, -1 for none.
    `columns` may hold pairs that gain nothing; the first MANY of each supporter are looked at."""
    owner = p.pair_supporter[columns]
    near = (p.capacity[owner] >= 2) & (gain >= best[owner] - fewer[owner] - reach)
    columns, gain = columns[near], gain[near]
    order = np.lexsort((-gain, p.pair_supporter[columns]))
    columns, gain = columns[order], gain[order]
    few = _rank(p.pair_supporter[columns]) < MANY
    columns, gain = columns[few], gain[few]
    above = best - reach - 1
    first, second, _ = _pairs(p, columns, gain, above)
    three = p.capacity[p.pair_supporter[columns]] >= 3
    a, b, c, _ = _threes(p, columns[three], gain[three], above)
    return np.concatenate([np.stack([first, second, np.full(len(first), -1)], axis=1), np.stack([a, b, c], axis=1)])


def company(p: Problem, mine: np.ndarray, columns: np.ndarray, gain: np.ndarray, fewer: np.ndarray) -> np.ndarray:
    """For each pair of `mine`, at least what the best uses beside it could gain: at most `fewer`, and each within the minutes it leaves.
    `columns` (gaining `gain` > 0) are those that could stand beside."""
    owner = p.pair_supporter[mine]
    limit = fewer[owner]
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
    return np.where(p.budget[owner] == NO_BUDGET, limit, np.minimum(limit, beside * np.maximum(p.capacity[owner] - 1, 0)))


def best_with(p: Problem, columns: np.ndarray, gain: np.ndarray, forced: int) -> int | None:
    """Highest total gain of a feasible set of one supporter that holds the pair `forced`; `columns` and `gain` are all its open pairs."""
    s = p.pair_supporter[forced]
    own = int(gain[np.flatnonzero(columns == forced)[0]])
    if p.capacity[s] < 1 or (p.budget[s] != NO_BUDGET and p.pair_minutes[forced] > p.budget[s]):
        return None
    if p.capacity[s] < 2:
        return own
    live = (gain > 0) & (columns != forced)
    rest, value = columns[live], gain[live]
    fits = _fit(p, np.full(len(rest), forced), rest)
    rest, value = rest[fits], value[fits]
    best = max(0, int(value.max(initial=0)))
    if p.capacity[s] >= 3 and len(rest) > 1:
        first, second, total = _pairs(p, rest[np.argsort(-value, kind="stable")], np.sort(value)[::-1], np.zeros(len(p.capacity), dtype=np.int64))
        if p.budget[s] != NO_BUDGET:
            total = total[p.pair_minutes[first] + p.pair_minutes[second] + p.pair_minutes[forced] <= p.budget[s]]
        best = max(best, int(total.max(initial=0)))
    return own + best


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
