"""Prices for problems whose supporters have many uses within minutes (generalised assignment): a knapsack per supporter, roles at a price.

The prices are brought down by a subgradient with momentum (Held and Karp 1971; Camerini, Fratta and Maffioli 1975) from the relaxation's own;
the running average of the knapsacks' choices is near the relaxation over whole sets (Barahona and Anbil 2000) and leaves few pairs in doubt.
All steps are in integers at SCALE, so they are the same on every machine.
"""

import numpy as np

from wishapp.solver.bounds import bound_of, reduced, with_schedules
from wishapp.solver.knapsacks import CELLS, best_packs, packable
from wishapp.solver.prices import Bound, Prices, Space, Stage, no_prices
from wishapp.solver.problem import Problem
from wishapp.solver.rules import summed
from wishapp.solver.running import Run

SCALE = 1000
CROWDED = 6  # uses per supporter from which knapsacks say more than single rules
PASSES = 400
DULL = 10  # passes without a better bound until the step is shortened
END = 0.003  # share of the first step at which no more is to be gained
PART = 0.2  # of the run's time
CELL = 1.2e-9  # effort of an entry of the tables


def packs(p: Problem, space: Space, stage: Stage) -> bool:
    """Whether the problem has this shape: every supporter with open pairs is packable, and each could be used many times."""
    open_pairs = np.flatnonzero(space.seats > 0)
    owners = np.unique(p.pair_supporter[open_pairs])
    if stage.floors or any(p.place_steps) or not len(owners) or not packable(p, space.seats)[owners].all():
        return False
    if (p.demand_bundle[p.pair_demand[open_pairs]] >= 0).any():
        return False
    roles = np.unique(p.pair_role[open_pairs])
    most = int(np.bincount(p.pair_supporter[open_pairs]).max())
    return int(p.role_need[roles].sum()) > CROWDED * len(owners) and float(most) * len(owners) * (float(p.budget[owners].max()) + 1) <= CELLS


def packed_prices(p: Problem, space: Space, stage: Stage, run: Run, start: Prices) -> tuple[Prices, Bound, np.ndarray]:
    """(prices, their bound, how much of each pair the knapsacks take on average). Better or equal to `start` with its schedules packed."""
    prices, live = no_prices(p, SCALE), np.flatnonzero(space.seats > 0)
    worth = reduced(p, space, stage, prices)[0][live]
    owner_role, most = p.pair_role[live], run.left() * (1 - PART)
    price = np.maximum(start.role, 0).astype(float) * SCALE / start.scale
    best, lowest, average = price, None, None
    step, first, dull, turn = 1.0, None, 0, np.zeros(len(price))
    for number in range(PASSES):
        whole = np.rint(price).astype(np.int64)
        gain = worth - whole[owner_role]
        gaining = gain > 0
        value, chosen = best_packs(p, live[gaining], gain[gaining], which=True)
        run.used += CELL * float(gaining.sum()) * (float(p.budget[p.pair_supporter[live]].max()) + 1)
        total = int(whole @ p.role_need) + int(value.sum())
        taken = np.zeros(len(p.pair_value))
        taken[chosen] = 1.0
        average = taken if average is None else 0.92 * average + 0.08 * taken
        short = p.role_need - summed(p.pair_role[chosen], np.ones(len(chosen), dtype=np.int64), len(p.role_need))
        first = first or max(1.0, _spread(worth, whole, owner_role, start, p, live) * float(np.abs(short).sum()) / 2)
        if lowest is None or total < lowest:
            lowest, best, dull = total, whole, 0
        else:
            dull += 1
            if dull % DULL == 0:
                step *= 0.7
        if not short.any() or step < END or run.left() < most or run.stopped():
            break
        turn = short + 0.3 * turn
        price = np.maximum(0.0, price - step * first / float(short @ short) * turn)
        run.tell("bound", (number + 1) / (PASSES + 1), None, lowest // SCALE)
    prices.role = best.astype(np.int64)
    prices = with_schedules(p, space, stage, prices, packable(p, space.seats))
    return prices, bound_of(p, space, stage, prices), average


def _spread(worth: np.ndarray, price: np.ndarray, role: np.ndarray, start: Prices, p: Problem, live: np.ndarray) -> float:
    """The median distance between a role's best pair and its second, minutes at their price: the scale on which prices may move."""
    gain = worth - price[role] - p.pair_minutes[live] * (start.minutes[p.pair_supporter[live]] * (SCALE / start.scale))
    order = np.lexsort((-gain, role))
    second = np.flatnonzero((np.diff(role[order], prepend=-1) == 0) & (np.diff(role[order], prepend=[-1, -1])[:-1] != 0))
    apart = (gain[order][second - 1] - gain[order][second]) if len(second) else np.ones(1)
    return max(1.0, float(np.median(apart)))
