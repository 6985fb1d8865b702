"""The columns that could be chosen at all."""

import numpy as np

from wishapp.solver.limits import open_options, seat_limits
from wishapp.solver.prices import Space
from wishapp.solver.problem import Problem


def space_of(p: Problem) -> Space:
    """Columns that could be chosen at all; bundles without the supply are closed, and their members with them."""
    seats, options = seat_limits(p), open_options(p)
    supply = np.zeros(len(p.role_need), dtype=np.int64)
    np.add.at(supply, p.pair_role, seats)
    covers = options[p.cover_option]
    np.add.at(supply, p.cover_role[covers], p.cover_seats[covers])
    bundle = p.demand_bundle[p.role_demand]
    short = (supply < p.role_need) & (bundle >= 0)
    bundles = np.ones(len(p.bundle_value), dtype=bool)
    bundles[bundle[short]] = False
    if len(bundles):
        closed = ~bundles[np.maximum(p.demand_bundle, 0)] & (p.demand_bundle >= 0)
        seats[closed[p.pair_demand]] = 0
        options &= ~closed[p.option_demand]
    return Space(seats, options, bundles)
