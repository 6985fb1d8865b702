"""The flow over few pairs: each role's most valuable ones first, then those that would gain at the prices found, until none would.

Column generation (Lübbecke and Desrosiers 2005, Selected Topics in Column Generation): where no pair left out has a positive reduced value, the
optimum over the pairs taken in is the optimum over all.
"""

from collections.abc import Callable
from itertools import count

import numpy as np

from wishapp.solver.bounds import seat_gain
from wishapp.solver.flow import Network, cheapest, flow_prices, network, potentials
from wishapp.solver.prices import Prices, Space, Stage
from wishapp.solver.problem import Problem

SPARE = 12  # pairs per role beyond its seats, in each round
ROUNDS = 4  # after these all pairs are taken in


def best_flow(
    p: Problem, space: Space, stage: Stage, lay: Callable[..., Network] = network, *, rounds: int | None = None, spare: int = SPARE,
) -> tuple[Network, np.ndarray, Prices] | None:
    """(the last network laid, its flow, prices) of the best flow over all open pairs; None where no flow meets the pins.

    `lay(p, space, stage, pairs, later)` makes the network, as flow.network() does. `rounds`: end after so many, with prices near those of the
    best flow and seats that mean nothing.
    """
    live = np.flatnonzero(space.seats > 0)
    chosen = _most_valuable(p, stage, live, spare)
    for number in count(1):
        net = lay(p, space, stage, chosen, live)
        flow = cheapest(net)
        if flow is None:
            return None
        prices = flow_prices(p, net, potentials(net, flow))
        more = _gaining(p, stage, prices, live, chosen, spare) if number != rounds else []
        if not len(more):
            return net, flow, prices
        chosen = live if rounds is None and number == ROUNDS else np.union1d(chosen, more)


def _most_valuable(p: Problem, stage: Stage, live: np.ndarray, spare: int) -> np.ndarray:
    """Each role's most valuable pairs, as many as it has seats and some, with those pinned or to be kept; all where that is most of them."""
    most = p.role_need + spare
    if len(live) <= 2 * np.minimum(most, np.bincount(p.pair_role[live], minlength=len(most))).sum():
        return live
    return np.union1d(live[_first(p.pair_role[live], stage.pair_value[live], most)], live[p.pinned[live] | p.previous[live]])


def _gaining(p: Problem, stage: Stage, prices: Prices, live: np.ndarray, chosen: np.ndarray, spare: int) -> np.ndarray:
    """Pairs beyond those chosen that gain at these prices, for each role the best."""
    if len(chosen) == len(live):
        return live[:0]
    gain = seat_gain(p, stage, prices)[0]
    gain[chosen] = 0
    more = live[gain[live] > 0]
    return more[_first(p.pair_role[more], gain[more], p.role_need + spare)]


def _first(group: np.ndarray, worth: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Positions of the entries of most worth in each group, `most[group]` of them."""
    order = np.lexsort((-worth, group))
    group = group[order]
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    rank = np.arange(len(group)) - np.repeat(starts, np.diff(np.append(starts, len(group))))
    return order[rank < most[group]]
