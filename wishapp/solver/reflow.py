"""A neighbourhood as wide as the district: teams, bundles and all but one use of each busy supporter stay, the rest is one flow.

With every exclusive or time-limited supporter down to one free use, no two free uses can clash or overrun, so a minimum-cost flow
over the near columns is the exact best of all plans that agree with what stays.
"""

from dataclasses import replace

import numpy as np

from wishapp.solver.entries import NO_BUDGET
from wishapp.solver.flow import cheapest, network, seats_of
from wishapp.solver.ladders import shifted
from wishapp.solver.plans import Choice
from wishapp.solver.prices import Space, Stage
from wishapp.solver.problem import Problem
from wishapp.solver.rules import capacity_uses, minutes_used, place_seats, role_seats, stock_used


def reflow(p: Problem, space: Space, stage: Stage, near: np.ndarray, choice: Choice, rng: np.random.Generator) -> Choice:
    """A plan at least as good, best over everything but a random choice of what stays. `near` must hold the plan's own pairs."""
    single = p.exclusive | (p.budget != NO_BUDGET)
    chosen = np.flatnonzero(choice.seats)
    stays = (p.demand_bundle[p.pair_demand[chosen]] >= 0) | p.pinned[chosen] | (choice.seats[chosen] > 1)
    movable = chosen[~stays & single[p.pair_supporter[chosen]]]
    order = movable[np.lexsort((rng.random(len(movable)), p.pair_supporter[movable]))]
    first = np.ones(len(order), dtype=bool)
    first[1:] = p.pair_supporter[order[1:]] != p.pair_supporter[order[:-1]]
    kept = choice.copy()
    kept.seats[:] = 0
    held = np.concatenate([chosen[stays], order[~first]])
    kept.seats[held] = choice.seats[held]
    uses = capacity_uses(p, kept.seats, kept.options)
    room = p.capacity - uses
    room[single] = np.minimum(room[single], 1)
    given = role_seats(p, kept.seats, kept.options)
    need = np.where(p.demand_bundle[p.role_demand] >= 0, 0, p.role_need - given)
    served = place_seats(p, given)
    free = near[(kept.seats[near] == 0) & ~p.pinned[near]]
    free = free[(need[p.pair_role[free]] > 0) & (room[p.pair_supporter[free]] > 0)]
    free = free[compatible(p, free, held, kept)]
    free = _once_each(p, free, choice, single, rng)
    part = replace(p, role_need=need, capacity=room, pool_limit=p.pool_limit - stock_used(p, kept.seats),
                   load_steps=[shifted(ladder, int(uses[s])) if ladder and uses[s] else ladder for s, ladder in enumerate(p.load_steps)],
                   place_steps=[_left(ladder, int(served[g])) for g, ladder in enumerate(p.place_steps)])
    limit = np.minimum(space.seats, 1)
    net = network(part, Space(limit, space.options, space.bundles), stage, free)
    flow = cheapest(net)
    if flow is None:
        return choice
    kept.seats += seats_of(p, net, flow)
    return kept


def _left(ladder: list, used: int) -> list:
    """A falling ladder after `used` units; past its end nothing is paid."""
    rest = []
    for count, amount in ladder:
        taken = min(used, count)
        used -= taken
        if count > taken:
            rest.append((count - taken, amount))
    return rest


def compatible(p: Problem, free: np.ndarray, held: np.ndarray, kept: Choice) -> np.ndarray:
    """Which of the pairs `free` could join what their supporter keeps: minutes left, not the same demand, no clash."""
    left = np.where(p.budget == NO_BUDGET, 2**60, p.budget) - minutes_used(p, kept.seats, kept.options)
    good = p.pair_minutes[free] <= left[p.pair_supporter[free]]
    options = np.flatnonzero(kept.options)
    owner = np.concatenate([p.pair_supporter[held], p.option_supporter[options]])
    demand = np.concatenate([p.pair_demand[held], p.option_demand[options]])
    order = np.argsort(owner, kind="stable")
    owner, demand = owner[order], demand[order]
    first = np.searchsorted(owner, p.pair_supporter[free])
    count = np.searchsorted(owner, p.pair_supporter[free], side="right") - first
    row = np.repeat(np.arange(len(free)), count)
    other = demand[np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count) + first[row]]
    mine, s = p.pair_demand[free[row]], p.pair_supporter[free[row]]
    gap = p.buffer[s]
    near = p.exclusive[s] & p.demand_timed[mine] & p.demand_timed[other] & (p.demand_start[other] < p.demand_end[mine] + gap) \
        & (p.demand_start[mine] < p.demand_end[other] + gap)
    good[row[(mine == other) | near]] = False
    return good


def _once_each(p: Problem, free: np.ndarray, choice: Choice, single: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Where a supporter with several free uses has two pairs at one demand, only one of them: the plan's own, else a random one."""
    many = ~single[p.pair_supporter[free]]
    group = free[many]
    rank = np.lexsort((rng.random(len(group)), choice.seats[group] == 0, p.pair_demand[group], p.pair_supporter[group]))
    group = group[rank]
    again = np.zeros(len(group), dtype=bool)
    again[1:] = (p.pair_supporter[group[1:]] == p.pair_supporter[group[:-1]]) & (p.pair_demand[group[1:]] == p.pair_demand[group[:-1]])
    return np.concatenate([free[~many], group[~again]])
