"""Large-neighbourhood search: free the demands where the gap sits, keep the rest, solve that part with CP-SAT, again and again."""

from dataclasses import dataclass

import numpy as np

from wishapp.solver.exact import build, search
from wishapp.solver.meetings import groups_of
from wishapp.solver.plans import Choice
from wishapp.solver.prices import Bound, Prices, Space, Stage
from wishapp.solver.problem import Problem
from wishapp.solver.rules import capacity_uses, role_seats
from wishapp.solver.schedules import beyond_first, loads


@dataclass(slots=True)
class Terrain:
    """The columns worth a look, by demand and by supporter, and where the gap sits."""

    near: np.ndarray
    of_demand: object
    of_supporter: object
    options_of: object
    options_at: object
    pair_gain: np.ndarray
    option_gain: np.ndarray


def terrain(p: Problem, space: Space, bound: Bound, reach: float, choice: Choice) -> Terrain:
    """Columns whose loss is at most `reach` (x scale), with the plan's own."""
    near = np.flatnonzero(((space.seats > 0) & (bound.pairs >= -reach)) | (choice.seats > 0))
    of_demand, of_supporter = groups_of(p.pair_demand[near], len(p.demand_ids)), groups_of(p.pair_supporter[near], len(p.capacity))
    return Terrain(near, lambda d: near[of_demand(d)], lambda s: near[of_supporter(s)], groups_of(p.option_supporter, len(p.capacity)),
                   groups_of(p.option_demand, len(p.demand_ids)), bound.pairs, bound.options)


def gap_map(p: Problem, space: Space, stage: Stage, prices: Prices, bound: Bound, choice: Choice) -> tuple[np.ndarray, np.ndarray]:
    """The gap by demand and by supporter (x scale): empty seats at their price, gains left out, losses taken, and idle room at its price
    (or what a supporter's best set is worth beyond its own)."""
    by_demand = np.zeros(len(p.demand_ids))
    given = role_seats(p, choice.seats, choice.options)
    np.add.at(by_demand, p.role_demand, np.maximum(prices.role, 0).astype(float) * (p.role_need - given))
    gain = bound.pairs.astype(float)
    scheduled = prices.schedule >= 0
    chosen = choice.seats > 0
    per_pair = np.where(chosen, np.where(scheduled[p.pair_supporter], 0, np.maximum(-gain, 0)), np.where(space.seats > 0, np.maximum(gain, 0), 0))
    np.add.at(by_demand, p.pair_demand, per_pair)
    gain = bound.options.astype(float)
    np.add.at(by_demand, p.option_demand, np.where(choice.options, np.maximum(-gain, 0), np.where(space.options, np.maximum(gain, 0), 0)))
    uses = np.minimum(capacity_uses(p, choice.seats, choice.options), 100)
    room = np.minimum(p.capacity, 100) - uses
    taken = np.bincount(p.pair_supporter[chosen], weights=bound.gain[chosen].astype(float), minlength=len(p.capacity))
    if scheduled.any():  # else load may be beyond what these integers hold
        more = beyond_first(loads(p, stage.laddered, prices.scale))
        taken -= np.where(scheduled & (uses > 1), more[np.arange(len(uses)), np.clip(uses - 2, 0, 1)], 0)
    return by_demand, np.where(scheduled, np.maximum(prices.schedule - taken, 0), prices.capacity.astype(float) * room)


def improve(p: Problem, space: Space, stage: Stage, land: Terrain, choice: Choice, demands: np.ndarray, *, seconds: float, effort: float,
            seed: int, among: np.ndarray | None = None) -> tuple[Choice, float]:
    """(the plan with the given demands solved again and everything else kept, at least as good; deterministic time spent). `among`: only
    these supporters may take them (True per supporter)."""
    free = np.zeros(len(p.demand_ids), dtype=bool)
    free[demands] = True
    pairs = land.near[free[p.pair_demand[land.near]]]
    if among is not None:
        pairs = pairs[among[p.pair_supporter[pairs]]]
    options = np.flatnonzero(free[p.option_demand] & space.options)
    bundles = np.unique(p.demand_bundle[demands])
    bundles = bundles[bundles >= 0]
    bundles = bundles[space.bundles[bundles]]
    kept = choice.copy()
    kept.seats[free[p.pair_demand]] = 0
    kept.options[free[p.option_demand]] = False
    kept.bundles[bundles] = False
    part = build(p, space, stage, pairs, options, bundles, kept)
    answer = search(part, kept, seconds=seconds, effort=effort, seed=seed, hint=choice)
    return (choice if answer.choice is None else answer.choice), answer.effort


def traders(p: Problem, land: Terrain, choice: Choice, rng: np.random.Generator, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """(demands, which supporters): some busy supporters who may trade among themselves all they have, by about `columns` near columns."""
    chosen = np.flatnonzero(choice.seats)
    demand, supporter = p.pair_demand[chosen], p.pair_supporter[chosen]
    among, held = np.zeros(len(p.capacity), dtype=bool), np.zeros(len(p.demand_ids), dtype=bool)
    for number, s in enumerate(rng.permutation(np.unique(supporter)).tolist(), start=1):
        among[s] = True
        held[demand[supporter == s]] = True
        if number > 1 and int((among[p.pair_supporter[land.near]] & held[p.pair_demand[land.near]]).sum()) > columns:
            break
    return np.flatnonzero(held), among


def doubted(p: Problem, land: Terrain, choice: Choice, leaning: np.ndarray, rng: np.random.Generator, columns: int) -> np.ndarray:
    """Demands drawn by how far the plan is from what the relaxation takes there (`leaning` per pair), with about `columns` near columns."""
    chosen = np.flatnonzero(choice.seats)
    demand = p.pair_demand[chosen]
    seats = np.bincount(demand, weights=choice.seats[chosen], minlength=len(p.demand_ids))
    agreed = np.bincount(demand, weights=np.minimum(leaning[chosen], choice.seats[chosen]), minlength=len(p.demand_ids))
    size = np.bincount(p.pair_demand[land.near], minlength=len(p.demand_ids))
    order = np.argsort(rng.exponential(size=len(size)) / (1.05 - agreed / np.maximum(seats, 1)))
    order = order[size[order] > 0]
    return whole_bundles(p, order[:max(2, int(np.searchsorted(np.cumsum(size[order]), columns)))])


def whole_bundles(p: Problem, demands: np.ndarray) -> np.ndarray:
    """The demands with every other demand of their bundles."""
    bundles = np.unique(p.demand_bundle[demands])
    return np.union1d(demands, np.flatnonzero(np.isin(p.demand_bundle, bundles[bundles >= 0]) & (p.demand_bundle >= 0)))


def draw(p: Problem, land: Terrain, choice: Choice, by_demand: np.ndarray, by_supporter: np.ndarray, rng: np.random.Generator, columns: int) -> np.ndarray:
    """Demands around a seed drawn by gap, grown through the supporters they compete for until `columns` columns are free."""
    weight = by_demand.copy()
    idle = np.flatnonzero(by_supporter > 0)
    for s in idle[rng.permutation(len(idle))[:200]]:
        mine = land.of_supporter(s)
        if len(mine):
            weight[p.pair_demand[mine[np.argmax(land.pair_gain[mine])]]] += by_supporter[s] * len(idle) / 200
    weight += weight.sum() * 1e-3 / len(weight) + 1e-9
    first = int(rng.choice(len(weight), p=weight / weight.sum()))
    chosen, queue, size = {first}, [first], 0
    while queue and size < columns:
        d = queue.pop(0)
        mine = land.of_demand(d)
        size += len(mine) + len(land.options_at(d))
        heat: dict = {}
        owners = np.unique(np.concatenate([p.pair_supporter[mine], p.option_supporter[land.options_at(d)]]))
        if len(owners) > 40:
            owners = rng.choice(owners, 40, replace=False)
        for s in owners.tolist():
            for i in land.of_supporter(s).tolist():
                other = int(p.pair_demand[i])
                if other not in chosen:
                    heat[other] = heat.get(other, 0.0) + (3.0 if choice.seats[i] else 1.0)
            for z in land.options_of(s).tolist():
                other = int(p.option_demand[z])
                if other not in chosen:
                    heat[other] = heat.get(other, 0.0) + (3.0 if choice.options[z] else 1.0)
        top = weight.mean() * 3
        ranked = sorted(heat, key=lambda e: -(heat[e] * (0.5 + rng.random())) * (1 + min(weight[e] / top, 3)))
        for other in ranked[:6]:
            chosen.add(other)
            queue.append(other)
    done = np.array(sorted(chosen - set(queue)) or [first])
    return whole_bundles(p, done)
