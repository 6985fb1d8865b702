"""Bounds by weak duality: integer prices on the rules, and the most any plan could be worth at those prices.

UB = sum of price x limit + sum over pairs, teams and bundles of max(0, reduced value): see matching.md section 4. A supporter's capacity
and load steps share one price (the price of one use), a place's bonus steps one (of one seat served there): their best point is a sum over steps.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from wishapp.solver.problem import Problem


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


def no_rows() -> np.ndarray:
    return np.zeros((0, 3), dtype=np.int64)


def rows_of(entries: list) -> np.ndarray:
    """Rows of three integers as an array, of Python integers where they leave 62 bits."""
    if not entries:
        return no_rows()
    big = max(abs(entry[2]) for entry in entries) >= 2**62
    return np.array(entries, dtype=object if big else np.int64).reshape(-1, 3)


@dataclass(slots=True)
class Prices:
    """Multipliers in units of 1/scale; arrays by role, supporter, pool, place and tier, and rows of three where only few are priced.

    meets: (supporter, instant, price) per clash clique; same: (supporter, demand, price); minutes_cuts: (supporter, unit, price) for
    sum floor(h/unit) x <= floor(H/unit); team_cuts: (role, count, price): at most `count` of the teams of which count + 1 overfill the role.
    schedule: per supporter the worth of its best feasible set of uses at the other prices, -1 where its rules are priced one by one
    (see schedules.py).
    """

    scale: int
    role: np.ndarray
    capacity: np.ndarray
    minutes: np.ndarray
    pool: np.ndarray
    place: np.ndarray
    tier: np.ndarray
    meets: np.ndarray = field(default_factory=lambda: no_rows())
    same: np.ndarray = field(default_factory=lambda: no_rows())
    minutes_cuts: np.ndarray = field(default_factory=lambda: no_rows())
    team_cuts: np.ndarray = field(default_factory=lambda: no_rows())
    schedule: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def copy(self) -> "Prices":
        return replace(self, **{name: getattr(self, name).copy() for name in ("role", "capacity", "minutes", "pool", "place", "tier", "schedule")})


def no_prices(p: Problem, scale: int = 1) -> Prices:
    zero = [np.zeros(n, dtype=np.int64) for n in (len(p.role_need), len(p.capacity), len(p.capacity), len(p.pool_limit), len(p.place_ids),
                                                  int(p.demand_tier.max(initial=0)) + 1)]
    return Prices(scale, *zero, schedule=np.full(len(p.capacity), -1, dtype=np.int64))


@dataclass(slots=True)
class Bound:
    """UB x scale, and what each pair, option and bundle adds to it (before max(0, .)).

    For pairs of scheduled supporters `pairs` is never positive: minus it is the least the bound loses when the pair must be chosen;
    `gain` is what they add to a set.
    """

    total: int
    pairs: np.ndarray
    options: np.ndarray
    bundles: np.ndarray
    gain: np.ndarray
