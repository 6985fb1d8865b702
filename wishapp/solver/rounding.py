"""From the relaxation's values to a first plan: bundles whole, then teams, then pairs, by how much of each the relaxation takes."""

import numpy as np

from wishapp.solver.filling import Filling, fill
from wishapp.solver.meetings import groups_of
from wishapp.solver.plans import Choice
from wishapp.solver.prices import Space, Stage
from wishapp.solver.pricing import Priced
from wishapp.solver.problem import Problem


def rounded(p: Problem, space: Space, stage: Stage, priced: Priced) -> Choice:
    """A feasible plan near the relaxation's values (pins kept where they fit on their own)."""
    value = np.zeros(len(p.pair_value))
    value[priced.pairs] = priced.values
    gain = priced.bound.pairs.astype(float)
    filling = Filling(p, space, stage)
    fill(p, space, stage, np.zeros(0, dtype=np.int64), filling)
    own = groups_of(p.pair_demand, len(p.demand_ids))
    for b in np.argsort(-priced.bundles, kind="stable"):
        if space.bundles[b] and (priced.bundles[b] > 0.3 or p.pinned[p.demand_bundle[p.pair_demand] == b].any()):
            _take_bundle(p, filling, int(b), own, value, gain)
    count = len(value)
    share = np.concatenate([np.round(value / np.maximum(space.seats, 1), 3), np.round(priced.options, 3)])
    ties = np.concatenate([gain, priced.bound.options.astype(float)])
    live = np.flatnonzero(np.concatenate([space.seats > 0, space.options]) & ((share > 0.01) | (ties > -0.02 * np.abs(ties).max(initial=0))))
    teams_first = live >= count
    order = live[np.lexsort((-ties[live], -share[live] - 0.05 * teams_first))]
    fill(p, space, stage, order, filling)
    worth = np.flatnonzero((space.seats > 0) & (stage.pair_value > 0))
    worth = worth[np.isin(p.pair_role[worth], [k for k, left in enumerate(filling.need) if left])]
    fill(p, space, stage, worth[np.argsort(-gain[worth], kind="stable")], filling)
    return filling.choice


def _take_bundle(p: Problem, filling: Filling, b: int, own, value: np.ndarray, gain: np.ndarray) -> None:
    """All seats of a bundle, or nothing."""
    taken = []
    for d in np.flatnonzero(p.demand_bundle == b).tolist():
        columns = own(d)
        columns = columns[np.lexsort((-gain[columns], -np.round(value[columns], 3)))]
        for i in columns.tolist():
            if filling.need[filling.role[i]] and not filling.choice.seats[i]:
                seats = filling.pair_room(i)
                if seats:
                    filling.add_pair(i, seats)
                    taken.append((i, seats))
        if any(filling.need[k] for k in range(p.role_start[d], p.role_start[d + 1])):
            for i, seats in taken:
                if not p.pinned[i]:
                    filling.remove_pair(i, seats)
            return
    filling.choice.bundles[b] = True
