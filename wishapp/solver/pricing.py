"""The bound over all pairs at district size: a flow for first prices, then the tight relaxation over the columns that matter,
all pairs priced again after each solve, until no pair outside could move it."""

from dataclasses import dataclass

import numpy as np

from wishapp.solver.bounds import bound_of, reduced, with_schedules
from wishapp.solver.flow import Network, network
from wishapp.solver.ladders import segments
from wishapp.solver.linear import Solved, solve_relaxation
from wishapp.solver.narrowing import best_flow
from wishapp.solver.prices import Bound, Prices, Space, Stage, no_prices
from wishapp.solver.problem import Problem
from wishapp.solver.relaxation import prices_from, relax
from wishapp.solver.running import Run
from wishapp.solver.schedules import best_sets, beyond_first, loads, sets_near

SCALE = 100
NO_SETS = np.zeros((0, 3), dtype=np.int64)
ROUND = 3e-6  # effort that a round counts for, per entry of its matrix
ROOM = 4  # the bound may take up this part of the gap that is asked for, the plan has the rest
FIRST = 2  # rounds of the flow behind the first prices
ROUNDS = (1e-3, 3e-4, 8e-5, 6e-5, 5e-5, 5e-5)


@dataclass(slots=True)
class Priced:
    """The best prices found, their bound, and the relaxation's values: pairs' columns and what each carries, options, bundles."""

    prices: Prices
    bound: Bound
    pairs: np.ndarray
    values: np.ndarray
    options: np.ndarray
    bundles: np.ndarray
    sets: np.ndarray
    value: float  # of the last relaxation


def price(p: Problem, space: Space, stage: Stage, run: Run, rounds=ROUNDS) -> Priced:
    """Prices with a bound near the tight relaxation's value; time and cancel end it after the round under way."""
    clock = run.clock()
    best = with_schedules(p, space, stage, first_prices(p, space, stage))
    bound = bound_of(p, space, stage, best)
    clock = run.lap("flow", clock)
    run.tell("flow", 1.0, None, bound.total // best.scale)
    seats = int(np.minimum(p.role_need, 10**5).sum())
    live = np.flatnonzero(space.seats > 0)
    chosen, reach = _nearest(p, live, bound, 3 * seats + 2000)
    sets = _sets(p, stage, bound, best, chosen, reach, NO_SETS)
    solved: Solved | None = None
    used = sets
    fine = max(1e-4, run.gap / ROOM)
    for accuracy in rounds:
        lp = relax(p, space, stage, chosen, best.schedule >= 0, sets)
        used = sets
        solved = solve_relaxation(lp, accuracy, run.wall(), solved)
        run.used += ROUND * lp.matrix.nnz
        prices = with_schedules(p, space, stage, settle(p, space, stage, prices_from(p, lp, solved.duals, SCALE)))
        found = bound_of(p, space, stage, prices)
        if found.total * best.scale < bound.total * prices.scale:
            best, bound = prices, found
        run.tell("bound", (rounds.index(accuracy) + 1) / (len(rounds) + 1), None, bound.total // best.scale)
        if run.left() <= 0 or run.stopped():
            break
        if bound.total / best.scale - solved.objective < fine * abs(solved.objective) and (solved.exact or accuracy <= fine):
            break
        more, reach = _nearest(p, live, found, int(2.5 * seats) + 1000)
        steady = bound.pairs[chosen] >= -4 * max(reach, best.scale)  # what was looked at stays, but for what lost its worth
        chosen = np.union1d(np.union1d(chosen[steady | (solved.values[:len(chosen)] > 1e-6)], more), sets[sets >= 0])
        sets = _sets(p, stage, found, prices, chosen, reach, sets)
    run.lap("bound", clock)
    return _read(p, best, bound, solved, used)


def _read(p: Problem, best: Prices, bound: Bound, solved: Solved, sets: np.ndarray) -> Priced:
    """The relaxation's values by pair (sets spread over their pairs), option and bundle."""
    values = np.zeros(len(p.pair_value))
    values[solved.pairs] = solved.values[:len(solved.pairs)]
    options = np.zeros(len(p.option_value))
    bundles = np.zeros(len(p.bundle_value))
    for name, value in zip(solved.tail, solved.values[len(solved.pairs):].tolist(), strict=True):
        if name[0] == "option":
            options[name[1]] = value
        elif name[0] == "bundle":
            bundles[name[1]] = value
        elif name[0] == "set" and value > 1e-9:
            for pair in name[1:]:
                if pair >= 0:
                    values[pair] += value
    return Priced(best, bound, solved.pairs, values[solved.pairs], options, bundles, sets, solved.objective)


def _sets(p: Problem, stage: Stage, bound: Bound, prices: Prices, chosen: np.ndarray, reach: int, kept: np.ndarray) -> np.ndarray:
    """Schedules of two or three chosen pairs within `reach` of their supporter's best (less where there are too many), with those of `kept`."""
    scheduled = prices.schedule >= 0
    columns = chosen[scheduled[p.pair_supporter[chosen]]]
    gain = bound.gain[columns]
    gaining = gain > 0
    if not gaining.any():
        return kept
    more = beyond_first(loads(p, stage.laddered, prices.scale))
    best, beside = best_sets(p, columns[gaining], gain[gaining], more)
    found = sets_near(p, columns, gain, more, best, beside, reach)
    while len(found) > 3 * len(chosen) and reach > 0:
        reach //= 2
        found = sets_near(p, columns, gain, more, best, beside, reach)
    found = np.sort(np.concatenate([found, kept]), axis=1)[:, ::-1]
    return np.unique(found, axis=0)


def _nearest(p: Problem, live: np.ndarray, bound: Bound, count: int) -> tuple[np.ndarray, int]:
    """(the `count` live pairs of least loss, every pair that gains, every pair of a bundle and every pin; the loss taken in)."""
    gain = bound.pairs[live]
    chosen = (gain > 0) | (p.demand_bundle[p.pair_demand[live]] >= 0) | p.pinned[live]
    if len(live) <= count:
        return live, int(max(0, -gain.min(initial=0)))
    cut = int(min(0, np.partition(gain, len(live) - count)[len(live) - count]))
    return live[chosen | (gain >= cut)], -cut


def first_prices(p: Problem, space: Space, stage: Stage) -> Prices:
    """Prices of a flow, teams spread over their seats; capacities settled to fit."""
    found = best_flow(p, space, stage, _with_teams, rounds=FIRST)
    return no_prices(p) if found is None else settle(p, space, stage, found[2])


def _with_teams(p: Problem, space: Space, stage: Stage, pairs: np.ndarray, later: np.ndarray) -> Network:
    """flow.network() with a node per team and an arc to each role it covers, worth its share of the team's value."""
    net = network(p, space, stage, pairs, later)
    covers = np.flatnonzero(space.options[p.cover_option])
    option = p.cover_option[covers]
    teams = np.unique(p.option_supporter[space.options])
    most = np.zeros(len(p.capacity), dtype=np.int64)
    np.maximum.at(most, p.option_supporter, p.option_seats)
    share = stage.option_value[option] // p.option_seats[option]
    added = [(net.nodes + p.option_supporter[option], net.role_at + p.cover_role[covers], p.cover_seats[covers], -share),
             (np.zeros(len(teams), dtype=np.int64), net.nodes + teams, p.capacity[teams] * most[teams], np.zeros(len(teams), dtype=np.int64))]
    tail, head, high, cost = (np.concatenate([getattr(net, name), *[part[i] for part in added]])
                              for i, name in enumerate(("tail", "head", "high", "cost")))
    more = len(tail) - len(net.tail)
    return Network(tail, head, np.append(net.low, np.zeros(more, dtype=np.int64)), high, cost, np.append(net.pair, np.full(more, -1)),
                   net.supporter_at, net.pool_at, net.role_at, net.place_at, net.nodes + len(p.capacity))


def settle(p: Problem, space: Space, stage: Stage, prices: Prices) -> Prices:
    """Each supporter's capacity price set to its best, everything else as it is: where its gains meet its room and load costs."""
    prices = prices.copy()
    prices.capacity = np.zeros(len(p.capacity), dtype=np.int64)
    pairs, options, _ = reduced(p, space, stage, prices)
    live, open_options = np.flatnonzero((space.seats > 0) & (pairs > 0)), np.flatnonzero(space.options & (options > 0))
    weight = np.concatenate([space.seats[live], np.ones(len(open_options), dtype=np.int64)])
    gain = np.concatenate([pairs[live], options[open_options]]) // weight
    owner = np.concatenate([p.pair_supporter[live], p.option_supporter[open_options]])
    if weight.max(initial=1) > 1:
        weight = np.minimum(weight, p.capacity[owner])
        gain, owner = np.repeat(gain, weight), np.repeat(owner, weight)
    order = np.lexsort((-gain, owner))
    gain, owner = gain[order], owner[order]
    starts = np.searchsorted(owner, np.arange(len(p.capacity) + 1))
    asked = np.diff(starts)
    over = np.flatnonzero(asked > p.capacity)
    prices.capacity[over] = gain[starts[over] + p.capacity[over]]
    if stage.laddered:
        for s in np.flatnonzero(asked):
            if p.load_steps[s]:
                prices.capacity[s] = _meet(gain[starts[s]:starts[s + 1]].tolist(), p, int(s), prices.scale)
    return prices


def _meet(gains: list, p: Problem, s: int, scale: int) -> int:
    """The price at which falling gains meet rising costs."""
    position, last = 0, 0
    for count, amount in segments(p.load_steps[s], min(int(p.capacity[s]), len(gains)), True):
        for _ in range(count):
            if gains[position] < amount * scale:
                return max(gains[position], last)
            position, last = position + 1, amount * scale
    return max(gains[position] if position < len(gains) else 0, last)
