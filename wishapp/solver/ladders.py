"""Costs that rise and bonuses that fall step by step: sums over a ladder, and its best point at a given price."""

import numpy as np


def ladder_total(ladder: list[tuple[int, int]], count: int, beyond_last: bool) -> int:
    """Sum of the amounts of the first `count` units; past the ladder the last amount repeats, or 0 is paid."""
    total, left = 0, int(count)
    for size, amount in ladder:
        taken = min(left, size)
        total += taken * amount
        left -= taken
    if beyond_last and left > 0 and ladder:
        total += left * ladder[-1][1]
    return total


def shifted(ladder: list[tuple[int, int]], used: int) -> list[tuple[int, int]]:
    """What is left of a ladder after `used` units; a used-up rising ladder keeps its last amount."""
    rest, left = [], int(used)
    for size, amount in ladder:
        taken = min(left, size)
        left -= taken
        if size > taken:
            rest.append((size - taken, amount))
    if not rest and ladder:
        rest = [(1, ladder[-1][1])]
    return rest


def segments(ladder: list[tuple[int, int]], length: int, beyond_last: bool) -> list[tuple[int, int]]:
    """The ladder cut to `length` units in all, its tail filled with the last amount (or 0): [(count, amount)]."""
    parts, left = [], int(length)
    for size, amount in ladder:
        taken = min(left, size)
        if taken:
            parts.append((taken, amount))
        left -= taken
    if left > 0:
        parts.append((left, ladder[-1][1] if ladder and beyond_last else 0))
    return parts


def kinds_of(ladders: list) -> tuple[np.ndarray, list]:
    """Equal ladders share one number: (number per entry, distinct ladders in order of first use)."""
    numbers: dict = {}
    lengths = np.fromiter(map(len, ladders), dtype=np.int64, count=len(ladders))
    empty = np.flatnonzero(lengths == 0)
    index = np.zeros(len(ladders), dtype=np.int64)
    filled = np.flatnonzero(lengths).tolist()
    if len(empty):  # most have none: told apart at once
        filled.insert(int(np.searchsorted(filled, empty[0])), int(empty[0]))
    index[filled] = [numbers.setdefault(tuple(ladders[s]), len(numbers)) for s in filled]
    index[empty] = index[empty[:1]]
    return index, [list(ladder) for ladder in numbers]


def load_costs(ladders: list, uses: np.ndarray) -> int:
    """Total load cost of `uses` per supporter."""
    return sum(ladder_total(ladders[s], int(uses[s]), True) for s in np.flatnonzero(uses) if ladders[s])


def best_profit(ladder: list[tuple[int, int]], length: int, price: int, scale: int, cost: bool) -> int:
    """max over n in 0..length of price x n - scale x cost(n) (cost), or scale x bonus(n) - price x n (bonus). Exact integers."""
    total = 0
    for size, amount in segments(ladder, length, cost):
        gain = price - scale * amount if cost else scale * amount - price
        if gain > 0:
            total += gain * size
    return total
