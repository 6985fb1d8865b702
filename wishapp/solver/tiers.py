"""Strict tiers at district size: one search with weights by tier, each tier's most seats bounded by a flow, the value by the same prices.

A seat of tier t is weighted so that it outweighs what an exchange could bring in later tiers; whether the tiers came out best is not
assumed but shown: served against the bound of each.
"""

from dataclasses import replace

import numpy as np

from wishapp.solver.bounds import bound_of
from wishapp.solver.large import climb
from wishapp.solver.plans import Choice
from wishapp.solver.prices import Stage, no_prices, tier_stage, value_stage
from wishapp.solver.pricing import first_prices, price
from wishapp.solver.problem import Problem
from wishapp.solver.rules import role_seats, tier_seats
from wishapp.solver.running import Run, stage_value
from wishapp.solver.stages import Result

STEP = 4  # a seat outweighs this many of the next tier
COARSE = (1e-3, 3e-4, 1e-4)
ENOUGH = 1.001  # a tier's bound this near what is served is not worked on
MOST = 6  # tiers; with more the weights would grow out of hand


def weights(p: Problem) -> np.ndarray:
    """What a seat of each tier is worth beyond its value, in the weighted search."""
    tiers = np.unique(p.demand_tier)
    base = 2 * int(max(np.abs(p.pair_value).max(initial=1), np.abs(p.option_value // np.maximum(p.option_seats, 1)).max(initial=1)))
    result = np.zeros(int(p.demand_tier.max(initial=0)) + 1, dtype=np.int64)
    result[tiers] = base * STEP ** (len(tiers) - 1 - np.arange(len(tiers)))
    return result


def solve_weighted(p: Problem, space, run: Run) -> list[tuple]:
    """[(goal, result, floors)] as engine's stages, or [] where no plan was found."""
    weight = weights(p)
    stage = Stage(p.pair_value + weight[p.demand_tier[p.pair_demand]], p.option_value + weight[p.demand_tier[p.option_demand]] * p.option_seats,
                  p.bundle_value, p.keep, True)
    quiet = run.part(0.6, lambda phase, fraction, best, bound: run.tell(phase, fraction))  # weighted values would mislead
    priced, choice = climb(p, space, stage, quiet, None)
    run.after(quiet)
    if choice is None:
        return []
    served = tier_seats(p, role_seats(p, choice.seats, choice.options))
    results, floors = [], []
    for tier in np.unique(p.demand_tier).tolist():
        results.append((tier, _tier(p, space, run, tier, floors, choice, int(served[tier])), list(floors)))
        floors.append((tier, int(served[tier])))
    prices = priced.prices.copy()
    prices.tier = weight * prices.scale
    final = value_stage(p, floors)
    bound = bound_of(p, space, final, prices)
    value = stage_value(p, final, choice)
    return [*results, ("value", Result(choice, value, max(value, bound.total // prices.scale), prices, bound), floors)]


def _tier(p: Problem, space, run: Run, tier: int, floors: list, choice: Choice, served: int) -> Result:
    """A tier's bound: a flow over the seats of this tier and those before it, less what those before were promised."""
    stage = tier_stage(p, tier, floors)
    upto = p.demand_tier <= tier
    together = replace(stage, pair_value=upto[p.pair_demand].astype(np.int64), option_value=p.option_seats * upto[p.option_demand], floors=[])
    prices = first_prices(p, space, together)
    for earlier, _ in floors:
        prices.tier[earlier] = prices.scale
    bound = bound_of(p, space, stage, prices)
    plain = _needs(p, tier)
    other = bound_of(p, space, stage, plain)
    if other.total * prices.scale < bound.total * plain.scale:
        prices, bound = plain, other
    if bound.total // prices.scale > served * ENOUGH and run.left() > 0:
        exact = price(p, space, together, run, COARSE).prices
        for earlier, _ in floors:
            exact.tier[earlier] = exact.scale
        other = bound_of(p, space, stage, exact)
        if other.total * prices.scale < bound.total * exact.scale:
            prices, bound = exact, other
    return Result(choice, served, max(served, bound.total // prices.scale), prices, bound)


def _needs(p: Problem, tier: int):
    """The plainest prices: every seat of the tier worth one, so that its bound is the seats asked for."""
    prices = no_prices(p)
    prices.role[p.demand_tier[p.role_demand] == tier] = 1
    return prices
