"""The flow over few pairs: each role's most valuable ones first, then those that would gain at the prices found, until none would.

Column generation (Lübbecke and Desrosiers 2005, Selected Topics in Column Generation): where no pair left out has a positive reduced value, the
optimum over the pairs taken in is the optimum over all.
"""

import numpy as np

from wishapp.solver.flow import cheapest, flow_prices, network, potentials, seats_of
from wishapp.solver.prices import Prices, Space, Stage
from wishapp.solver.problem import Problem

SPARE = 12  # pairs per role beyond its seats, in each round
ROUNDS = 4  # after these all pairs are taken in


def best_flow(p: Problem, space: Space, stage: Stage, spare: int = SPARE) -> tuple[np.ndarray, Prices] | None:
    """(seats per pair, prices) of the best flow over all open pairs; None where no flow meets the pins."""
    live = np.flatnonzero(space.seats > 0)
    most = p.role_need + spare
    chosen = live
    if len(live) > 2 * np.minimum(most, np.bincount(p.pair_role[live], minlength=len(most))).sum():
        worth = stage.pair_value[live]
        chosen = np.union1d(live[_first(p.pair_role[live], worth, most)], live[p.pinned[live] | p.previous[live]])
    for number in range(ROUNDS + 1):
        net = network(p, space, stage, chosen, live)
        flow = cheapest(net)
        if flow is None:
            return None
        prices = flow_prices(p, net, potentials(net, flow))
        if len(chosen) == len(live):
            break
        gain = _gain(p, stage, prices)
        gain[chosen] = 0
        more = live[gain[live] > 0]
        if not len(more):
            break
        chosen = live if number + 1 == ROUNDS else np.union1d(chosen, more[_first(p.pair_role[more], gain[more], most)])
    return seats_of(p, net, flow), prices


def _gain(p: Problem, stage: Stage, prices: Prices) -> np.ndarray:
    """What one seat of each pair adds at these prices, without the bonus for what is kept."""
    role = prices.role.copy()
    if len(prices.place):
        place = p.demand_place[p.role_demand]
        role -= np.where(place >= 0, prices.place[np.maximum(place, 0)], 0)
    gain = stage.pair_value - role[p.pair_role] - prices.capacity[p.pair_supporter]
    if prices.pool.any():
        gain -= np.where(p.pair_pool >= 0, prices.pool[np.maximum(p.pair_pool, 0)], 0)
    return gain


def _first(group: np.ndarray, worth: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Positions of the entries of most worth in each group, `most[group]` of them."""
    order = np.lexsort((-worth, group))
    group = group[order]
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    rank = np.arange(len(group)) - np.repeat(starts, np.diff(np.append(starts, len(group))))
    return order[rank < most[group]]
