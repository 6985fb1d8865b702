"""The best set of uses within a supporter's minutes, for supporters of many uses: one knapsack each, exact by dynamic programming in integers.

Other rules of the supporter (capacity, clashes) are left out, so as a bound it holds for any of them. Checking it takes additions and
comparisons over a table of uses by minutes (Bellman); all supporters' tables are filled side by side.
"""

from dataclasses import dataclass

import numpy as np

from wishapp.solver.entries import NO_BUDGET
from wishapp.solver.problem import Problem

FROM = 4  # uses: with fewer, sets are enumerated (schedules.py)
CELLS = 2 * 10**8  # entries of all tables together
NEVER = -(2**61)


def packable(p: Problem, seats: np.ndarray) -> np.ndarray:
    """Supporters whose best set within minutes may be priced: a budget, single seats, no teams, no stock, no pins, no load steps."""
    good = (p.capacity >= FROM) & (p.budget != NO_BUDGET)
    good[p.option_supporter] = False
    good[p.pair_supporter[(seats > 1) | (p.pair_pool >= 0) | p.pinned]] = False
    return good & np.array([not ladder for ladder in p.load_steps], dtype=bool)


@dataclass(slots=True)
class Sacks:
    """Items by rank and owner: `weight`, `gain` (K x S, gain NEVER where an owner has fewer), their `column` (-1 for none), owners and room."""

    owners: np.ndarray
    room: np.ndarray
    weight: np.ndarray
    gain: np.ndarray
    column: np.ndarray


def sacks_of(p: Problem, columns: np.ndarray, gain: np.ndarray, room: np.ndarray) -> Sacks | None:
    """The knapsacks of the supporters of `columns` (open pairs, gain > 0) with `room` minutes left each. Raises ValueError where the tables would be too large."""
    if not len(columns):
        return None
    order = np.argsort(p.pair_supporter[columns], kind="stable")
    columns, gain = columns[order], gain[order]
    owners, start, count = np.unique(p.pair_supporter[columns], return_index=True, return_counts=True)
    minutes = p.pair_minutes[columns]
    unit = max(1, int(np.gcd.reduce(minutes)))
    total = np.add.reduceat(minutes, start) // unit
    room = np.minimum(room[owners] // unit, total)
    if float(count.max()) * len(owners) * (float(room.max()) + 1) > CELLS:
        raise ValueError("knapsacks too large to be priced")
    shape = (int(count.max()), len(owners))
    rank, owner = np.arange(len(columns)) - np.repeat(start, count), np.repeat(np.arange(len(owners)), count)
    sacks = Sacks(owners, room, np.zeros(shape, dtype=np.int64), np.full(shape, NEVER), np.full(shape, -1))
    sacks.weight[rank, owner] = np.minimum(minutes // unit, room.max() + 1)
    sacks.gain[rank, owner] = gain
    sacks.column[rank, owner] = columns
    return sacks


def _decided(p: Problem, columns: np.ndarray, gain: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(columns that are in some best set, columns still open), by the relaxation of each knapsack: filled by gain per minute up to one last
    piece, a column on the wrong side of that piece's rate costs at least its distance from it, which may not exceed what the whole pieces lack."""
    owner, minutes = p.pair_supporter[columns], p.pair_minutes[columns].astype(float)
    rate = gain / np.maximum(minutes, 1e-9)
    order = np.lexsort((-rate, owner))
    owner, start = owner[order], np.flatnonzero(np.diff(owner[order], prepend=-1))
    held = np.cumsum(minutes[order])
    held -= np.repeat((held - minutes[order])[start], np.diff(np.append(start, len(owner))))
    inside = held <= p.budget[owner]
    last = np.flatnonzero(~inside & np.append(True, inside[:-1] | (owner[1:] != owner[:-1])))
    edge, left = np.zeros(len(p.capacity)), p.budget.astype(float)
    edge[owner[last[::-1]]] = rate[order][last[::-1]]  # the first that does not fit
    np.subtract.at(left, owner[inside], minutes[order][inside])
    apart = gain[order] - edge[owner] * minutes[order]
    fits = ~inside & (minutes[order] <= left[owner])
    added = np.zeros(len(p.capacity))
    np.maximum.at(added, owner[fits], gain[order][fits])
    lack = edge * left - added
    margin = lack[owner] + 1 + 1e-9 * np.abs(gain).max(initial=0)
    sure, never = np.zeros(len(columns), dtype=bool), np.zeros(len(columns), dtype=bool)
    sure[order], never[order] = inside & (apart > margin), ~inside & (apart < -margin)
    return sure, ~sure & ~never


def best_packs(p: Problem, columns: np.ndarray, gain: np.ndarray, which: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """(highest total gain within the minutes per supporter, the columns of these sets if asked `which`). `columns`: open pairs with gain > 0."""
    best, room = np.zeros(len(p.capacity), dtype=np.int64), p.budget.copy()
    surely, open_ = _decided(p, columns, gain)
    sure, gained, columns, gain = columns[surely], gain[surely], columns[open_], gain[open_]
    np.add.at(best, p.pair_supporter[sure], gained)
    np.subtract.at(room, p.pair_supporter[sure], p.pair_minutes[sure])
    sacks = sacks_of(p, columns, gain, room)
    if sacks is None:
        return best, sure
    count, many = sacks.weight.shape
    pad, width = int(sacks.weight.max()), int(sacks.room.max()) + 1
    table = np.full((many, pad + width), NEVER)
    table[:, pad:] = 0
    now, flat = table[:, pad:], table.ravel()
    at = (np.arange(many) * (pad + width) + pad)[:, None] + np.arange(width)
    taken = np.zeros((count, many, width), dtype=bool) if which else None
    for k in range(count):
        more = flat.take(at - sacks.weight[k][:, None])
        more += np.maximum(sacks.gain[k], NEVER // 2)[:, None]
        if which:
            np.greater(more, now, out=taken[k])
        np.maximum(now, more, out=now)
    row, left = np.arange(many), sacks.room.copy()
    best[sacks.owners] += now[row, left]
    if not which:
        return best, sure
    chosen = [sure]
    for k in range(count - 1, -1, -1):
        hit = taken[k, row, left]
        chosen.append(sacks.column[k, hit])
        left = left - np.where(hit, sacks.weight[k], 0)
    return best, np.concatenate(chosen)


def beside_packs(p: Problem, mine: np.ndarray, columns: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """For each pair of `mine`, the highest gain of other columns of its supporter within the minutes it leaves (where the tables would be too
    large, at least that)."""
    result = np.zeros(len(mine), dtype=np.int64)
    if not len(columns):
        return result
    place = np.full(len(p.pair_value), -1)
    order = np.argsort(p.pair_supporter[mine], kind="stable")
    edges = np.flatnonzero(np.diff(p.pair_supporter[mine[order]])) + 1
    held = np.argsort(p.pair_supporter[columns], kind="stable")
    owned = p.pair_supporter[columns[held]]
    for group in np.split(order, edges):
        s = int(p.pair_supporter[mine[group[0]]])
        items = held[np.searchsorted(owned, s):np.searchsorted(owned, s, side="right")]
        weight, room = p.pair_minutes[columns[items]], int(p.budget[s])
        unit = max(1, int(np.gcd.reduce(weight))) if len(items) else 1
        room = min(room, int(weight.sum()) + int(p.pair_minutes[mine[group]].max()))
        if (len(items) + 1) * (room // unit + 1) > CELLS:
            result[group] = gain[items].sum()
            continue
        ahead, after = (_tables(weight[::turn] // unit, gain[items][::turn], room // unit) for turn in (1, -1))
        place[columns[items]] = np.arange(len(items))
        left = (room - p.pair_minutes[mine[group]]) // unit
        result[group] = np.where(left >= 0, ahead[-1][np.maximum(left, 0)], 0)
        for g in group[(place[mine[group]] >= 0) & (left >= 0)].tolist():
            k, rest = int(place[mine[g]]), int((room - p.pair_minutes[mine[g]]) // unit)
            result[g] = int((ahead[k][:rest + 1] + after[len(items) - 1 - k][rest::-1]).max())
        place[columns[items]] = -1
    return result


def _tables(weight: np.ndarray, gain: np.ndarray, room: int) -> np.ndarray:
    """Best gain of the first k items within w minutes, for every k and w."""
    tables = np.zeros((len(weight) + 1, room + 1), dtype=np.int64)
    for k, (w, g) in enumerate(zip(weight.tolist(), gain.tolist(), strict=True)):
        tables[k + 1] = tables[k]
        if w <= room:
            np.maximum(tables[k, w:], tables[k, :room + 1 - w] + g, out=tables[k + 1, w:])
    return tables
