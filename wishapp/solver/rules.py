"""The rules of a feasible plan and its objective, each rule a named function over arrays. No optimisation here."""

import numpy as np

from wishapp.solver.entries import NO_BUDGET
from wishapp.solver.ladders import ladder_total, load_costs
from wishapp.solver.limits import clash
from wishapp.solver.problem import Problem


def summed(index: np.ndarray, amount: np.ndarray, size: int) -> np.ndarray:
    """Exact integer sums of `amount` by `index`."""
    total = np.zeros(size, dtype=np.int64)
    np.add.at(total, index, amount)
    return total


def role_seats(p: Problem, seats: np.ndarray, options: np.ndarray) -> np.ndarray:
    """Seats given per role by pairs and by teams."""
    chosen = np.flatnonzero(seats != 0)
    given = summed(p.pair_role[chosen], seats[chosen], len(p.role_need))
    covers = options[p.cover_option]
    return given + summed(p.cover_role[covers], p.cover_seats[covers], len(p.role_need))


def capacity_uses(p: Problem, seats: np.ndarray, options: np.ndarray) -> np.ndarray:
    """Uses of capacity per supporter: seats of pairs, and one per option."""
    chosen = np.flatnonzero(seats != 0)
    used = summed(p.pair_supporter[chosen], seats[chosen], len(p.capacity))
    return used + np.bincount(p.option_supporter[options], minlength=len(p.capacity))


def minutes_used(p: Problem, seats: np.ndarray, options: np.ndarray) -> np.ndarray:
    chosen = np.flatnonzero(seats != 0)
    used = summed(p.pair_supporter[chosen], seats[chosen] * p.pair_minutes[chosen], len(p.capacity))
    return used + summed(p.option_supporter[options], p.option_minutes[options], len(p.capacity))


def stock_used(p: Problem, seats: np.ndarray) -> np.ndarray:
    chosen = np.flatnonzero((seats > 0) & (p.pair_pool >= 0))
    return summed(p.pair_pool[chosen], seats[chosen], len(p.pool_limit))


def place_seats(p: Problem, given: np.ndarray) -> np.ndarray:
    """Seats given per place that has equity steps; `given` is role_seats()."""
    place = p.demand_place[p.role_demand]
    return summed(place[place >= 0], given[place >= 0], len(p.place_ids))


def tier_seats(p: Problem, given: np.ndarray) -> np.ndarray:
    """Seats given per tier, up to the highest tier used."""
    size = int(p.demand_tier.max(initial=0)) + 1
    return summed(p.demand_tier[p.role_demand], given, size)


def objective(p: Problem, seats: np.ndarray, options: np.ndarray, bundles: np.ndarray) -> int:
    """Value of a plan: pairs, options, bundles and kept pairs, less load costs, plus place bonuses."""
    chosen = np.flatnonzero(seats != 0)
    total = int(p.pair_value[chosen] @ seats[chosen]) + int(p.option_value[options].sum()) + int(p.bundle_value[bundles].sum())
    total += p.keep * int((p.previous & (seats > 0)).sum())
    total -= load_costs(p.load_steps, capacity_uses(p, seats, options))
    served = place_seats(p, role_seats(p, seats, options))
    return total + sum(ladder_total(ladder, served[g], False) for g, ladder in enumerate(p.place_steps))


def violations(p: Problem, seats: np.ndarray, options: np.ndarray, bundles: np.ndarray) -> list[str]:
    """Every broken rule, by name and thing; empty for a feasible plan."""
    broken = [f"pair: pair {i} carries {int(seats[i])} seats, at most {int(p.pair_upto[i])}"
              for i in np.flatnonzero((seats > p.pair_upto) | (seats < 0))]
    broken += [f"forbid: pair {i} is forbidden" for i in np.flatnonzero(p.forbidden & (seats > 0))]
    broken += [f"pin: pair {i} is pinned but not chosen" for i in np.flatnonzero(p.pinned & (seats < 1))]
    given = role_seats(p, seats, options)
    broken += _seats_broken(p, given, bundles)
    for rule, used, limit in (
        ("capacity", capacity_uses(p, seats, options), p.capacity),
        ("minutes", minutes_used(p, seats, options), np.where(p.budget == NO_BUDGET, 2**62, p.budget)),
    ):
        broken += [f"{rule}: {p.supporter_ids[s]} uses {int(used[s])} of {int(limit[s])}" for s in np.flatnonzero(used > limit)]
    used = stock_used(p, seats)
    broken += [f"stock: {p.supporter_ids[p.pool_supporter[k]]} gives {int(used[k])} of {int(p.pool_limit[k])} {p.pool_name[k]!r}"
               for k in np.flatnonzero(used > p.pool_limit)]
    return broken + _meetings_broken(p, seats, options)


def _seats_broken(p: Problem, given: np.ndarray, bundles: np.ndarray) -> list[str]:
    bundle = p.demand_bundle[p.role_demand]
    bound = bundle >= 0
    served = np.zeros(len(given), dtype=bool)
    served[bound] = bundles[bundle[bound]]
    broken = [f"role: {_role(p, k)} has {int(given[k])} seats of {int(p.role_need[k])}"
              for k in np.flatnonzero((given > p.role_need) & ~bound)]
    wrong = bound & (given != np.where(served, p.role_need, 0))
    return broken + [f"bundle: {p.bundle_ids[bundle[k]]} is {'' if served[k] else 'not '}served but {_role(p, k)} has "
                     f"{int(given[k])} seats of {int(p.role_need[k])}" for k in np.flatnonzero(wrong)]


def _role(p: Problem, k: int) -> str:
    demand = p.role_demand[k]
    return f"{p.demand_ids[demand]} role {int(k - p.role_start[demand])}"


def _meetings_broken(p: Problem, seats: np.ndarray, options: np.ndarray) -> list[str]:
    """Two uses of one demand by one supporter, and exclusive supporters in two places at once."""
    chosen = np.flatnonzero(seats != 0)
    supporter = np.concatenate([p.pair_supporter[chosen], p.option_supporter[options]])
    demand = np.concatenate([p.pair_demand[chosen], p.option_demand[options]])
    order = np.lexsort((p.demand_start[demand], supporter))
    supporter, demand = supporter[order], demand[order]
    broken = []
    for s in _suspects(p, supporter, demand).tolist():
        own = demand[np.searchsorted(supporter, s):np.searchsorted(supporter, s, side="right")]
        for position in range(1, len(own)):
            bad = np.flatnonzero(clash(p, s, int(own[position]), own[:position]))
            if len(bad):
                other, who = own[bad[0]], p.supporter_ids[s]
                rule = "one_per_demand" if other == own[position] else "clash"
                broken.append(f"{rule}: {who} at {p.demand_ids[other]} and {p.demand_ids[own[position]]}")
    return broken


def _suspects(p: Problem, supporter: np.ndarray, demand: np.ndarray) -> np.ndarray:
    """Supporters with something against their uses (sorted by supporter and start): a demand twice, or two neighbours in time too close
    (where any two of a supporter's uses clash, so do two that follow each other)."""
    order = np.lexsort((demand, supporter))
    again = (np.diff(supporter[order]) == 0) & (np.diff(demand[order]) == 0)
    timed = np.flatnonzero(p.exclusive[supporter] & p.demand_timed[demand])
    s, d = supporter[timed], demand[timed]
    close = (s[1:] == s[:-1]) & (p.demand_start[d[1:]] < p.demand_end[d[:-1]] + p.buffer[s[1:]])
    return np.unique(np.concatenate([supporter[order][1:][again], s[1:][close]]))
