"""Bounds by weak duality: integer prices on the rules, and the most any plan could be worth at those prices.

UB = sum of price x limit + sum over pairs, teams and bundles of max(0, reduced value): see matching.md section 4. A supporter's capacity
and load steps share one price (the price of one use), a place's bonus steps one (of one seat served there): their best point is a sum over steps.
"""

from dataclasses import dataclass, field

import numpy as np

from wishapp.solver.ladders import best_profit, kinds_of
from wishapp.solver.problem import NO_BUDGET, Problem
from wishapp.solver.rules import summed

SAFE = 2.0**61


@dataclass(slots=True)
class Stage:
    """One objective to maximise: the value, or (tiers) the seats of one tier, with the seats already promised to earlier tiers."""

    pair_value: np.ndarray
    option_value: np.ndarray
    bundle_value: np.ndarray
    keep: int
    laddered: bool  # load costs and place bonuses count
    floors: list = field(default_factory=list)  # [(tier, seats at least)]


def value_stage(p: Problem, floors=()) -> Stage:
    return Stage(p.pair_value, p.option_value, p.bundle_value, p.keep, True, list(floors))


def tier_stage(p: Problem, tier: int, floors=()) -> Stage:
    """Seats served in `tier`."""
    return Stage((p.demand_tier[p.pair_demand] == tier).astype(np.int64), p.option_seats * (p.demand_tier[p.option_demand] == tier),
                 np.zeros_like(p.bundle_value), 0, False, list(floors))


@dataclass(slots=True)
class Space:
    """What may be chosen at all: seats per pair (0 closed), open options, and bundles that have the supply."""

    seats: np.ndarray
    options: np.ndarray
    bundles: np.ndarray


@dataclass(slots=True)
class Prices:
    """Multipliers in units of 1/scale. meets: (supporter, instant, price) per clash clique; same: (supporter, demand, price);
    cuts: ("minutes", supporter, unit, price) and ("teams", role, count, price)."""

    scale: int
    role: np.ndarray
    capacity: np.ndarray
    minutes: np.ndarray
    pool: np.ndarray
    place: np.ndarray
    tier: np.ndarray
    meets: list = field(default_factory=list)
    same: list = field(default_factory=list)
    cuts: list = field(default_factory=list)


def no_prices(p: Problem, scale: int = 1) -> Prices:
    zero = [np.zeros(n, dtype=np.int64) for n in (len(p.role_need), len(p.capacity), len(p.capacity), len(p.pool_limit), len(p.place_ids),
                                                  int(p.demand_tier.max(initial=0)) + 1)]
    return Prices(scale, *zero)


@dataclass(slots=True)
class Bound:
    """UB x scale, and what each pair, option and bundle adds to it (before max(0, .))."""

    total: int
    pairs: np.ndarray
    options: np.ndarray
    bundles: np.ndarray


def bound_of(p: Problem, space: Space, stage: Stage, prices: Prices) -> Bound:
    """The bound at these prices, exact. Raises ValueError where a price has the wrong sign or names nothing."""
    wide = _magnitude(p, stage, prices) < SAFE
    kind = np.int64 if wide else object
    scale = prices.scale
    role, capacity, minutes, pool, place, tier = (
        a.astype(kind) for a in (prices.role, prices.capacity, prices.minutes, prices.pool, prices.place, prices.tier))
    bundled = p.demand_bundle[p.role_demand] >= 0
    for label, values in (("role", role[~bundled]), ("capacity", capacity), ("minutes", minutes), ("stock", pool), ("place", place), ("tier", tier)):
        if (values < 0).any():
            raise ValueError(f"a {label} price is negative")
    worth = tier[p.demand_tier]
    timed = p.demand_place >= 0
    worth = worth + np.where(timed, place[np.maximum(p.demand_place, 0)], 0) if len(place) else worth
    per_seat = stage.pair_value.astype(kind) * scale - role[p.pair_role] - capacity[p.pair_supporter] - minutes[p.pair_supporter] * p.pair_minutes
    per_seat = per_seat + worth[p.pair_demand]
    if len(pool):
        per_seat = per_seat - np.where(p.pair_pool >= 0, pool[np.maximum(p.pair_pool, 0)], 0)
    once = np.zeros(len(per_seat), dtype=kind) + p.previous * (stage.keep * scale)
    options = stage.option_value.astype(kind) * scale - capacity[p.option_supporter] - minutes[p.option_supporter] * p.option_minutes
    options = options + worth[p.option_demand] * p.option_seats
    np.subtract.at(options, p.cover_option, role[p.cover_role] * p.cover_seats)
    total = _meetings(p, prices, once, per_seat, options)
    pairs = once + np.maximum(per_seat, per_seat * np.maximum(space.seats, 1))
    pair_gain = np.where(p.pinned, pairs, np.where((space.seats > 0) & (pairs > 0), pairs, 0))
    option_gain = np.where(space.options & (options > 0), options, 0)
    bundles = _bundles(p, space, stage, scale, role, pair_gain, option_gain, kind)
    forced = np.zeros(len(bundles), dtype=bool)
    held = p.demand_bundle[p.pair_demand[p.pinned]]
    forced[held[held >= 0]] = True
    total += int((bundles * ((bundles > 0) & space.bundles | forced)).sum())
    total += int(pair_gain[p.demand_bundle[p.pair_demand] < 0].sum()) + int(option_gain[p.demand_bundle[p.option_demand] < 0].sum())
    total += int((role[~bundled] * p.role_need[~bundled]).sum()) + int((pool * p.pool_limit).sum())
    limited = p.budget != NO_BUDGET
    if (minutes[~limited] != 0).any():
        raise ValueError("a minutes price on a supporter without a budget")
    total += int((minutes[limited] * p.budget[limited]).sum()) + _ladders(p, stage, prices)
    floors = dict(stage.floors)
    for number in np.flatnonzero(prices.tier):
        if int(number) not in floors:
            raise ValueError(f"a price on tier {number}, which has no floor here")
        total -= int(prices.tier[number]) * floors[int(number)]
    return Bound(total, pairs, options, bundles)


def _bundles(p, space, stage, scale, role, pair_gain, option_gain, kind) -> np.ndarray:
    """Worth of serving each bundle whole: its value, its seats at their prices, and its members' gains."""
    bundles = stage.bundle_value.astype(kind) * scale
    for index, amount in (
        (p.demand_bundle[p.role_demand], role * p.role_need),
        (p.demand_bundle[p.pair_demand], pair_gain),
        (p.demand_bundle[p.option_demand], option_gain),
    ):
        member = index >= 0
        np.add.at(bundles, index[member], amount[member])
    return bundles


def _ladders(p: Problem, stage: Stage, prices: Prices) -> int:
    """Best point of each supporter's load and each place's bonus at its price."""
    if not stage.laddered:
        return int((prices.capacity.astype(object) * p.capacity).sum()) if prices.capacity.any() else 0
    kind, distinct = kinds_of(p.load_steps)
    total = 0
    for number, ladder in enumerate(distinct):
        own = np.flatnonzero((kind == number) & (prices.capacity > 0))
        if not ladder:
            total += sum(int(a) * int(b) for a, b in zip(prices.capacity[own], p.capacity[own], strict=True))
        else:
            total += sum(best_profit(ladder, int(p.capacity[s]), int(prices.capacity[s]), prices.scale, True) for s in own)
    seats = summed(p.demand_place[p.role_demand][p.demand_place[p.role_demand] >= 0],
                   p.role_need[p.demand_place[p.role_demand] >= 0], len(p.place_ids))
    return total + sum(best_profit(ladder, int(seats[g]), int(prices.place[g]), prices.scale, False) for g, ladder in enumerate(p.place_steps))


def _meetings(p: Problem, prices: Prices, once: np.ndarray, per_seat: np.ndarray, options: np.ndarray) -> int:
    """Take the clique, one-per-demand and cut prices off the reduced values in place; their right-hand sides are returned."""
    total = 0
    for index, demand, target in (
        (_by_owner(p.pair_supporter, len(p.capacity)), p.pair_demand, once),
        (_by_owner(p.option_supporter, len(p.capacity)), p.option_demand, options),
    ):
        rows = [(s, t, price, True) for s, t, price in prices.meets] + [(s, d, price, False) for s, d, price in prices.same]
        for s, mark, price, instant in rows:
            own = index[0][index[1][s]:index[1][s + 1]]
            whom = demand[own]
            if instant:
                hit = p.demand_timed[whom] & (p.demand_start[whom] <= mark) & (mark < p.demand_end[whom] + p.buffer[s])
            else:
                hit = whom == mark
            target[own[hit]] -= price
    for s, _, price in prices.meets:
        if price < 0 or not p.exclusive[s]:
            raise ValueError("a clash price is negative or on a supporter who is not exclusive")
        total += price
    for _, _, price in prices.same:
        if price < 0:
            raise ValueError("a one-per-demand price is negative")
        total += price
    for entry in prices.cuts:
        total += _cut(p, entry, per_seat, options)
    return total


def _cut(p: Problem, entry, per_seat: np.ndarray, options: np.ndarray) -> int:
    kind, thing, parameter, price = entry
    if price < 0 or parameter < 1:
        raise ValueError("a cut has a negative price or a parameter below 1")
    if kind == "minutes":  # Chvatal-Gomory: sum floor(h/u) x <= floor(H/u)
        if p.budget[thing] == NO_BUDGET:
            raise ValueError("a minutes cut on a supporter without a budget")
        own = np.flatnonzero(p.pair_supporter == thing)
        per_seat[own] -= price * (p.pair_minutes[own] // parameter)
        own = np.flatnonzero(p.option_supporter == thing)
        options[own] -= price * (p.option_minutes[own] // parameter)
        return price * int(p.budget[thing] // parameter)
    if kind == "teams":  # any parameter + 1 of these teams overfill the role
        hit = p.cover_option[(p.cover_role == thing) & (p.cover_seats * (parameter + 1) > p.role_need[thing])]
        options[hit] -= price
        return price * parameter
    raise ValueError(f"an unknown cut {kind!r}")


def _by_owner(owner: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """(positions sorted by owner, where each owner's run starts)."""
    order = np.argsort(owner, kind="stable")
    return order, np.searchsorted(owner[order], np.arange(count + 1))


def _magnitude(p: Problem, stage: Stage, prices: Prices) -> float:
    """An upper limit on any sum bound_of makes, in floating point."""
    def top(values):
        return float(np.abs(values.astype(float)).max(initial=0))
    extra = sum(float(abs(row[-1])) for row in prices.meets + prices.same) \
        + sum(float(abs(row[3])) * float(1 + p.pair_minutes.max(initial=0)) for row in prices.cuts)
    each = prices.scale * (max(top(stage.pair_value), top(stage.option_value), top(stage.bundle_value)) + stage.keep)
    each += (top(prices.role) + top(prices.tier) + top(prices.place)) * max(1, int(p.cover_seats.max(initial=1)))
    each += top(prices.capacity) + top(prices.pool)
    each += top(prices.minutes) * max(float(p.pair_minutes.max(initial=0)), float(p.option_minutes.max(initial=0)))
    each += extra
    needs = float(np.abs(prices.role.astype(float)) @ p.role_need) + float(prices.pool.astype(float) @ p.pool_limit)
    seats = np.minimum(p.pair_upto, p.role_need[p.pair_role])
    return each * (float(seats.sum()) + len(p.pair_value) + len(p.option_value) + len(p.bundle_value) + 1) + needs
