"""What a single pair, team or supporter could ever carry, by the problem's own numbers and its pins."""

import numpy as np

from wishapp.solver.entries import NO_BUDGET
from wishapp.solver.problem import Problem


def clash(p: Problem, supporter: int, demand: int, others: np.ndarray) -> np.ndarray:
    """Which of the demands `others` this supporter could not do as well as `demand`: the same one, or too close in time."""
    same = others == demand
    if not p.exclusive[supporter] or not p.demand_timed[demand]:
        return same
    gap = p.buffer[supporter]
    near = (p.demand_start[others] < p.demand_end[demand] + gap) & (p.demand_start[demand] < p.demand_end[others] + gap)
    return same | (near & p.demand_timed[others])


def seat_limits(p: Problem) -> np.ndarray:
    """Most seats each pair could carry alone (0: never), pins taken into account."""
    limit = np.minimum(p.pair_upto, np.minimum(p.role_need[p.pair_role], p.capacity[p.pair_supporter]))
    stocked = p.pair_pool >= 0
    limit[stocked] = np.minimum(limit[stocked], p.pool_limit[p.pair_pool[stocked]])
    timed = (p.budget[p.pair_supporter] != NO_BUDGET) & (p.pair_minutes > 0)
    limit[timed] = np.minimum(limit[timed], p.budget[p.pair_supporter[timed]] // p.pair_minutes[timed])
    limit[p.forbidden] = 0
    pins = np.flatnonzero(p.pinned)
    if len(pins):
        _around_pins(p, pins, limit)
    return limit


def open_options(p: Problem) -> np.ndarray:
    """Which options could be chosen at all, pins taken into account."""
    fits = p.cover_seats <= p.role_need[p.cover_role]
    good = np.ones(len(p.option_value), dtype=bool)
    good[p.cover_option[~fits]] = False
    budget = p.budget[p.option_supporter]
    good &= (budget == NO_BUDGET) | (p.option_minutes <= budget)
    taken = np.bincount(p.pair_supporter[p.pinned], minlength=len(p.capacity))
    good &= p.capacity[p.option_supporter] > taken[p.option_supporter]
    for pair in np.flatnonzero(p.pinned):
        own = np.flatnonzero(p.option_supporter == p.pair_supporter[pair])
        good[own[clash(p, p.pair_supporter[pair], p.pair_demand[pair], p.option_demand[own])]] = False
    return good


def _around_pins(p: Problem, pins: np.ndarray, limit: np.ndarray) -> None:
    taken = np.bincount(p.pair_supporter[pins], minlength=len(p.capacity))
    given = np.bincount(p.pair_role[pins], minlength=len(p.role_need))
    room = np.minimum(p.capacity[p.pair_supporter] - taken[p.pair_supporter], p.role_need[p.pair_role] - given[p.pair_role])
    np.minimum(limit, np.maximum(room + p.pinned, 0), out=limit)
    owners = np.isin(p.pair_supporter, p.pair_supporter[pins])
    owned = np.flatnonzero(owners)
    for pair in pins:
        own = owned[p.pair_supporter[owned] == p.pair_supporter[pair]]
        blocked = own[clash(p, p.pair_supporter[pair], p.pair_demand[pair], p.pair_demand[own])]
        limit[blocked[~p.pinned[blocked]]] = 0


def pin_conflict(p: Problem) -> tuple[str, list[int]] | None:
    """Pins that contradict the rules on their face: (one line, pair indexes), or None."""
    pins = np.flatnonzero(p.pinned)
    for pair in pins[p.forbidden[pins]]:
        return f"pair {pair} is both pinned and forbidden", [int(pair)]
    for rule, owner, limit, weight in (
        ("capacity", p.pair_supporter, p.capacity, None),
        ("minutes", p.pair_supporter, np.where(p.budget == NO_BUDGET, 2**60, p.budget), p.pair_minutes),
        ("seats", p.pair_role, p.role_need, None),
        ("stock", p.pair_pool, p.pool_limit, None),
    ):
        chosen = pins[owner[pins] >= 0]
        if not len(chosen):
            continue
        used = np.zeros(len(limit), dtype=np.int64)
        np.add.at(used, owner[chosen], 1 if weight is None else weight[chosen])
        over = np.flatnonzero(used > limit)
        if len(over):
            group = [int(pair) for pair in chosen if owner[pair] == over[0]]
            return f"pins {group} together need {rule} {int(used[over[0]])} of {int(limit[over[0]])}", group
    order = pins[np.argsort(p.pair_supporter[pins], kind="stable")]
    for first, pair in enumerate(order):
        rest = order[first + 1:]
        rest = rest[p.pair_supporter[rest] == p.pair_supporter[pair]]
        bad = rest[clash(p, p.pair_supporter[pair], p.pair_demand[pair], p.pair_demand[rest])]
        if len(bad):
            return f"pins {[int(pair), int(bad[0])]} ask one supporter to be in two places, or twice at one demand", [int(pair), int(bad[0])]
    return None
