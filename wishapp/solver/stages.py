"""One objective brought to its proven optimum where that is in reach: flow, then prices, then search over what prices leave open."""

from dataclasses import dataclass

import numpy as np

from wishapp.solver.bounds import bound_of, with_schedules
from wishapp.solver.exact import build, search
from wishapp.solver.filling import fill
from wishapp.solver.flow import seats_of
from wishapp.solver.large import climb, crowded, walk
from wishapp.solver.narrowing import best_flow
from wishapp.solver.packing import packed_prices, packs
from wishapp.solver.plans import Choice, gap_of, nothing
from wishapp.solver.prices import Bound, Prices, Space, Stage, no_prices
from wishapp.solver.pricing import NO_SETS, Priced
from wishapp.solver.problem import Problem
from wishapp.solver.relaxation import prices_from, relax, solve_exactly
from wishapp.solver.running import Run, allowed, stage_value

SCALE = 1000
LARGE = 3000  # open pairs beyond which prices come column by column and the plan from flows and neighbourhoods
STEPS = (4.0, 8.0, 16.0, None)  # effort of one search of everything after the other
GLANCE = 1.0  # effort of the first of them where knapsacks price the supporters: the walk does better
WALK = 0.5  # share of the effort that neighbourhoods take between them in a small problem
EXACT = 12000  # columns an exact search may still have to look at there


@dataclass(slots=True)
class Result:
    """A stage's end: the plan (None: pins cannot be met), its value, the best bound, whether proven, and the prices behind the bound."""

    choice: Choice | None
    value: int
    bound: int
    prices: Prices
    priced: Bound


def solve_stage(p: Problem, space: Space, stage: Stage, run: Run, start: Choice | None) -> Result:
    """The stage's best plan within the run's limits, with a bound and its prices."""
    clock = run.clock()
    best = start
    prices = no_prices(p)
    if (p.pinned & (space.seats < 1)).any():
        return Result(None, 0, 0, prices, bound_of(p, space, stage, prices))
    if not space.options.any() and not ((p.demand_bundle[p.pair_demand] >= 0) & (space.seats > 0)).any() and not stage.floors:
        prices, choice = _by_flow(p, space, stage, prices)
        if choice is not None and allowed(p, stage, choice):
            best = choice
    clock = run.lap("flow", clock)
    is_large = int((space.seats > 0).sum()) > LARGE
    value = None if best is None else stage_value(p, stage, best)
    if value is not None or not is_large:
        priced = bound_of(p, space, stage, prices)
        if value == priced.total // prices.scale:
            return Result(best, value, value, prices, priced)
    if is_large:
        found, choice = climb(p, space, stage, run, best)
        prices, priced = found.prices, found.bound
        if choice is not None and (value is None or stage_value(p, stage, choice) > value):
            best, value = choice, stage_value(p, stage, choice)
        return _search(p, space, stage, run, prices, priced, best, value)
    prices, priced, values = _by_relaxation(p, space, stage, run, prices, priced)
    for order in _orders(p, space, stage, priced):
        choice = fill(p, space, stage, order)
        if allowed(p, stage, choice) and (value is None or stage_value(p, stage, choice) > value):
            best, value = choice, stage_value(p, stage, choice)
    clock = run.lap("bound", clock)
    run.tell("bound", 1.0, value, priced.total // prices.scale)
    result = _search(p, space, stage, run, prices, priced, best, value, values)
    run.lap("search", clock)
    return result


def _by_flow(p, space, stage, prices) -> tuple[Prices, Choice | None]:
    found = best_flow(p, space, stage)
    if found is None:
        return prices, None
    choice = nothing(p)
    net, flow, prices = found
    choice.seats = seats_of(p, net, flow)
    free = p.demand_bundle >= 0
    for b in range(len(choice.bundles)):  # a bundle that asks for nothing is served by nothing
        empty = not p.role_need[free[p.role_demand] & (p.demand_bundle[p.role_demand] == b)].any()
        choice.bundles[b] = empty and p.bundle_value[b] > 0
    return prices, choice


def _by_relaxation(p, space, stage, run, prices, priced) -> tuple[Prices, Bound, np.ndarray]:
    """Prices and their bound, with the relaxation's value of each pair (zeros where it was not solved)."""
    values = np.zeros(len(p.pair_value))
    lp = relax(p, space, stage, np.flatnonzero(space.seats > 0)) if run.left() > 0 else None
    solved = solve_exactly(lp, run.wall()) if lp is not None and lp.matrix.shape[0] else None
    if solved is None:
        return prices, priced, values
    values[lp.pairs] = solved[0][:len(lp.pairs)]
    found = prices_from(p, lp, solved[1], SCALE)
    for candidate in (found, with_schedules(p, space, stage, found)):
        better = bound_of(p, space, stage, candidate)
        if better.total * prices.scale < priced.total * candidate.scale:
            prices, priced = candidate, better
    if packs(p, space, stage):
        candidate, better, average = packed_prices(p, space, stage, run, prices)
        if better.total * prices.scale < priced.total * candidate.scale:
            return candidate, better, average
    return prices, priced, values


def _orders(p, space, stage, priced):
    live = np.concatenate([space.seats > 0, space.options])
    gain = np.concatenate([priced.pairs, priced.options])
    order = np.flatnonzero(live)
    yield order[np.argsort(-gain[order], kind="stable")]
    worth = np.concatenate([stage.pair_value, stage.option_value // np.maximum(p.option_seats, 1)])
    yield order[np.argsort(-worth[order], kind="stable")]


def losses(p: Problem, space: Space, priced: Bound) -> tuple[np.ndarray, np.ndarray]:
    """How far the bound falls at least (x scale) when a pair, or an option, must be chosen."""
    result = []
    lack = np.where(space.bundles, np.maximum(-priced.bundles, 0), 2**62).astype(priced.bundles.dtype)
    for gain, demand in ((priced.pairs, p.pair_demand), (priced.options, p.option_demand)):
        loss = np.maximum(-gain, 0)
        if len(lack):
            bundle = p.demand_bundle[demand]
            loss = loss + np.where(bundle >= 0, lack[np.maximum(bundle, 0)], 0)
        result.append(loss)
    return result[0], result[1]


def _search(p, space, stage, run, prices, priced, best, value, values=None) -> Result:
    """Search the cheapest columns first; what that finds closes most others, and the rest is searched to the end. Where few supporters have
    many uses each and a first search of everything has not ended, neighbourhoods by the relaxation's `values` come before the next."""
    bound, infeasible = priced.total // prices.scale, False
    pair_loss, option_loss = losses(p, space, priced)
    live = np.concatenate([pair_loss[space.seats > 0], option_loss[space.options]])
    few = 2 * int(p.role_need.clip(max=8).sum()) + 100
    proven = value is not None and value >= bound
    packed = bool((prices.schedule >= 0).any()) and packs(p, space, stage)
    steps = [(True, effort) for effort in STEPS]  # each from a better plan, so over fewer columns
    if packed:
        steps[0] = (True, GLANCE)
    elif len(live) > 1.5 * few:
        steps = [(False, 10.0), *steps]
    for last, effort in steps:
        if proven or run.left() <= 0 or run.stopped() or (value is not None and len(live) > 3 * few and gap_of(value, bound) <= run.gap):
            break
        slack = None if value is None else priced.total - (value + 1) * prices.scale
        near = slack
        if not last:
            near = np.partition(live, few)[few]
            near = near if slack is None else min(near, slack)
        pairs = (space.seats > 0) & (p.pinned | (pair_loss <= near if near is not None else True))
        options = space.options & (option_loss <= near if near is not None else True)
        if best is not None:
            pairs |= best.seats > 0
            options |= best.options
        whole = last or near == slack
        if pairs.sum() > EXACT:
            break
        base = nothing(p)
        part = build(p, space, stage, np.flatnonzero(pairs), np.flatnonzero(options), np.flatnonzero(space.bundles), base)
        answer = search(part, base, seconds=run.wall(), effort=effort or run.effort(), seed=run.seed, hint=best,
                        cancelled=run.watch(), is_small=run.is_small)
        run.used += answer.effort
        if answer.infeasible and whole and best is None:
            infeasible = True
            break
        if answer.choice is not None and (value is None or stage_value(p, stage, answer.choice) >= value):
            best, value = answer.choice, stage_value(p, stage, answer.choice)
        if whole and answer.proven:
            bound, proven = value, True
        elif whole and answer.bound is not None and value is not None:
            bound = max(value, min(bound, answer.bound))
        proven = proven or (value is not None and value >= bound)
        if whole and effort in (GLANCE, STEPS[0]) and not proven and values is not None and best is not None and crowded(p, best):
            columns = np.arange(len(values))
            best = walk(p, space, stage, run, Priced(prices, priced, columns, values, space.options * 0.0, space.bundles * 0.0, NO_SETS, 0.0), best,
                        0.9 if packed else WALK)
            value = stage_value(p, stage, best)
        run.tell("search", 1.0 if effort is None else 0.5, value, bound)
    if best is None and not infeasible:
        choice = fill(p, space, stage, np.zeros(0, dtype=np.int64))
        best = choice if allowed(p, stage, choice) else None
        value = 0 if best is None else stage_value(p, stage, best)
    return Result(best, value or 0, max(bound, value or 0), prices, priced)
