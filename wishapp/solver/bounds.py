"""The bound that follows from prices, exact and in integers: what the referee recomputes and the search steers by."""

import numpy as np

from wishapp.solver.entries import NO_BUDGET
from wishapp.solver.knapsacks import beside_packs, best_packs, packable
from wishapp.solver.ladders import best_profit
from wishapp.solver.prices import Bound, Prices, Space, Stage
from wishapp.solver.problem import Problem
from wishapp.solver.rules import summed
from wishapp.solver.schedules import best_sets, beyond_first, company, loads, schedulable

SAFE = 2.0**61


def bound_of(p: Problem, space: Space, stage: Stage, prices: Prices, steer: bool = True) -> Bound:
    """The bound at these prices. Raises ValueError where a price has the wrong sign or names nothing. Without `steer` the losses of
    scheduled supporters' pairs are left at their weakest; the total is the same."""
    _signs(p, prices)
    kind = np.int64 if _magnitude(p, stage, prices) < SAFE else object
    pairs, options, total = reduced(p, space, stage, prices, kind)
    gain = pairs
    scheduled = prices.schedule >= 0
    if scheduled.any():
        pairs, gain, worth = _schedules(p, space, stage, prices, scheduled, gain, steer)
        total += worth
    pair_gain = np.where(p.pinned, pairs, np.where((space.seats > 0) & (pairs > 0), pairs, 0))
    option_gain = np.where(space.options & (options > 0), options, 0)
    bundles = _bundles(p, stage, prices, pair_gain, option_gain, kind)
    forced = np.zeros(len(bundles), dtype=bool)
    held = p.demand_bundle[p.pair_demand[p.pinned]]
    forced[held[held >= 0]] = True
    total += int((bundles * ((bundles > 0) & space.bundles | forced)).sum())
    total += int(pair_gain[p.demand_bundle[p.pair_demand] < 0].sum()) + int(option_gain[p.demand_bundle[p.option_demand] < 0].sum())
    total += _limits(p, prices, kind) + _ladders(p, stage, prices, kind)
    floors = dict(stage.floors)
    for number in np.flatnonzero(prices.tier):
        if int(number) not in floors:
            raise ValueError(f"a price on tier {number}, which has no floor here")
        total -= int(prices.tier[number]) * floors[int(number)]
    return Bound(total, pairs, options, bundles, gain)


def _schedules(p: Problem, space: Space, stage: Stage, prices: Prices, scheduled: np.ndarray, gain: np.ndarray, steer: bool) -> tuple:
    """(least losses of scheduled supporters' pairs as negative gains, what each adds to a set, the sum of their claims); every claim is
    checked by enumeration."""
    if gain.dtype == object:
        raise ValueError("schedules are not priced at values this large")
    packed = scheduled & packable(p, space.seats)
    if (scheduled & ~packed & ~schedulable(p, space.seats)).any():
        raise ValueError("a schedule price on a supporter with neither few uses nor minutes, or with a team, stock or pins")
    mine = scheduled[p.pair_supporter]
    load = loads(p, stage.laddered, prices.scale)
    more = beyond_first(load)
    gain = np.where(mine, gain - load[p.pair_supporter, 0], gain)
    columns = np.flatnonzero(mine & (space.seats > 0) & (gain > 0))
    full = packed[p.pair_supporter[columns]]
    best, most = best_sets(p, columns[~full], gain[columns[~full]], more)
    if packed.any():
        best[packed] = best_packs(p, columns[full], gain[columns[full]])[0][packed]
        most[packed] = best[packed]
    if (best > prices.schedule)[scheduled].any():
        raise ValueError("a schedule price is below the supporter's best set")
    beside = most[p.pair_supporter]
    if steer:
        few = np.flatnonzero(mine & ~packed[p.pair_supporter])
        beside[few] = company(p, few, columns[~full], gain[columns[~full]], more, most)
        many = np.flatnonzero(mine & packed[p.pair_supporter])
        beside[many] = beside_packs(p, many, columns[full], gain[columns[full]])
    loss = prices.schedule[p.pair_supporter] - gain - beside
    return np.where(mine, np.minimum(-loss, 0), gain), gain, int(prices.schedule[scheduled].sum())


def with_schedules(p: Problem, space: Space, stage: Stage, prices: Prices, packed: np.ndarray | None = None) -> Prices:
    """The same prices, but supporters of few uses, and those `packed` (default: those already priced so), priced by their best set: for few
    uses the bound can only fall, against any prices on their own rules."""
    prices = prices.copy()
    few = schedulable(p, space.seats)
    packed = packable(p, space.seats) & (prices.schedule >= 0 if packed is None else packed)
    scheduled = few | packed
    if not scheduled.any() or _magnitude(p, stage, prices) >= SAFE:
        return prices
    prices.capacity[scheduled] = 0
    prices.minutes[scheduled] = 0
    for name in ("meets", "same", "minutes_cuts"):
        rows = getattr(prices, name)
        setattr(prices, name, rows[~scheduled[rows[:, 0].astype(np.int64)]])
    load = loads(p, stage.laddered, prices.scale)
    gain = reduced(p, space, stage, prices)[0] - load[p.pair_supporter, 0]
    columns = np.flatnonzero(scheduled[p.pair_supporter] & (space.seats > 0) & (gain > 0))
    full = packed[p.pair_supporter[columns]]
    prices.schedule = np.where(few, best_sets(p, columns[~full], gain[columns[~full]], beyond_first(load))[0], -1)
    if packed.any():
        prices.schedule = np.where(packed, best_packs(p, columns[full], gain[columns[full]])[0], prices.schedule)
    return prices


def reduced(p: Problem, space: Space, stage: Stage, prices: Prices, kind=np.int64) -> tuple[np.ndarray, np.ndarray, int]:
    """(what choosing each pair adds, what each option adds, right-hand sides of clash, repeat and cut rows), times scale."""
    scale = prices.scale
    per_seat, fixed = seat_gain(p, stage, prices, kind)
    capacity, minutes = prices.capacity.astype(kind), prices.minutes.astype(kind)
    once = p.previous * np.array(stage.keep * scale).astype(kind)
    options = stage.option_value.astype(kind) * scale - capacity[p.option_supporter] - minutes[p.option_supporter] * p.option_minutes
    np.add.at(options, p.cover_option, fixed[p.cover_role] * p.cover_seats)
    total = 0
    for rows in (prices.meets, prices.same):
        total += int(rows[:, 2].sum())
    pairs_of, options_of = _by_owner(p.pair_supporter, len(p.capacity), prices), _by_owner(p.option_supporter, len(p.capacity), prices)
    for rows, test in ((prices.meets, _at_instant), (prices.same, _at_demand)):
        for owned, demand, target in ((pairs_of, p.pair_demand, once), (options_of, p.option_demand, options)):
            row, column = _expand(owned, rows[:, 0])
            hit = test(p, rows, row, demand[column])
            np.subtract.at(target, column[hit], rows[row[hit], 2].astype(kind))
    cuts = prices.minutes_cuts
    if len(cuts):
        budget = p.budget[cuts[:, 0].astype(np.int64)]
        total += int((cuts[:, 2].astype(kind) * (budget // cuts[:, 1])).sum())
        for owned, spent, target in ((pairs_of, p.pair_minutes, per_seat), (options_of, p.option_minutes, options)):
            row, column = _expand(owned, cuts[:, 0])
            np.subtract.at(target, column, (cuts[row, 2].astype(kind)) * (spent[column] // cuts[row, 1]))
    for role_index, count, price in prices.team_cuts.tolist():
        hit = p.cover_option[(p.cover_role == role_index) & (p.cover_seats * (count + 1) > p.role_need[role_index])]
        options[hit] -= price
        total += price * count
    return once + np.maximum(per_seat, per_seat * np.maximum(space.seats, 1)), options, total


def seat_gain(p: Problem, stage: Stage, prices: Prices, kind=np.int64) -> tuple[np.ndarray, np.ndarray]:
    """(what one seat of each pair adds, what of that lies with the role alone), times scale; clash, repeat and cut rows and the bonus for
    what is kept are left out."""
    role, capacity, minutes, pool, place, tier = (
        a.astype(kind) for a in (prices.role, prices.capacity, prices.minutes, prices.pool, prices.place, prices.tier))
    worth = tier[p.demand_tier]
    if len(place):
        worth = worth + np.where(p.demand_place >= 0, place[np.maximum(p.demand_place, 0)], 0)
    fixed = worth[p.role_demand] - role
    per_seat = stage.pair_value.astype(kind) * prices.scale + fixed[p.pair_role] - capacity[p.pair_supporter]
    if prices.minutes.any():
        per_seat -= minutes[p.pair_supporter] * p.pair_minutes
    if prices.pool.any():
        per_seat -= np.where(p.pair_pool >= 0, pool[np.maximum(p.pair_pool, 0)], 0)
    return per_seat, fixed


def _at_instant(p: Problem, rows, row, demand) -> np.ndarray:
    mark = rows[row, 1].astype(np.int64)
    gap = p.buffer[rows[row, 0].astype(np.int64)]
    return p.demand_timed[demand] & (p.demand_start[demand] <= mark) & (mark < p.demand_end[demand] + gap)


def _at_demand(p: Problem, rows, row, demand) -> np.ndarray:
    return demand == rows[row, 1]


def _by_owner(owner: np.ndarray, count: int, prices: Prices) -> tuple[np.ndarray, np.ndarray]:
    """(columns of the supporters that rows speak of, sorted by supporter; where each supporter's run starts)."""
    wanted = np.zeros(count + 1, dtype=bool)
    for rows in (prices.meets, prices.same, prices.minutes_cuts):
        wanted[rows[:, 0].astype(np.int64)] = True
    columns = np.flatnonzero(wanted[owner])
    order = columns[np.argsort(owner[columns], kind="stable")]
    return order, np.searchsorted(owner[order], np.arange(count + 1))


def _expand(owned: tuple, suppliers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every (row, column of that row's supporter)."""
    order, starts = owned
    first = starts[suppliers.astype(np.int64)]
    sizes = starts[suppliers.astype(np.int64) + 1] - first
    row = np.repeat(np.arange(len(suppliers)), sizes)
    return row, order[np.arange(len(row)) - np.repeat(np.cumsum(sizes) - sizes, sizes) + first[row]]


def _bundles(p: Problem, stage: Stage, prices: Prices, pair_gain, option_gain, kind) -> np.ndarray:
    """Worth of serving each bundle whole: its value, its seats at their prices, and its members' gains."""
    bundles = stage.bundle_value.astype(kind) * prices.scale
    for index, amount in (
        (p.demand_bundle[p.role_demand], prices.role.astype(kind) * p.role_need),
        (p.demand_bundle[p.pair_demand], pair_gain),
        (p.demand_bundle[p.option_demand], option_gain),
    ):
        member = index >= 0
        np.add.at(bundles, index[member], amount[member])
    return bundles


def _limits(p: Problem, prices: Prices, kind) -> int:
    single = p.demand_bundle[p.role_demand] < 0
    total = int((prices.role[single].astype(kind) * p.role_need[single]).sum()) + int((prices.pool.astype(kind) * p.pool_limit).sum())
    limited = p.budget != NO_BUDGET
    return total + int((prices.minutes[limited].astype(kind) * p.budget[limited]).sum())


def _ladders(p: Problem, stage: Stage, prices: Prices, kind) -> int:
    """Best point of each supporter's load and each place's bonus at its price."""
    if not stage.laddered:
        return int((prices.capacity.astype(kind) * p.capacity).sum())
    index, distinct = p.load_kinds
    total = 0
    for number, ladder in enumerate(distinct):
        own = np.flatnonzero((index == number) & (prices.capacity > 0))
        if not ladder:
            total += int((prices.capacity[own].astype(kind) * p.capacity[own]).sum())
        else:
            total += sum(best_profit(ladder, int(p.capacity[s]), int(prices.capacity[s]), prices.scale, True) for s in own)
    placed = p.demand_place[p.role_demand]
    seats = summed(placed[placed >= 0], p.role_need[placed >= 0], len(p.place_ids))
    return total + sum(best_profit(ladder, int(seats[g]), int(prices.place[g]), prices.scale, False) for g, ladder in enumerate(p.place_steps))


def _signs(p: Problem, prices: Prices) -> None:
    single = p.demand_bundle[p.role_demand] < 0
    for label, values in (("role", prices.role[single]), ("capacity", prices.capacity), ("minutes", prices.minutes), ("stock", prices.pool),
                          ("place", prices.place), ("tier", prices.tier), ("clash", prices.meets[:, 2]), ("one-per-demand", prices.same[:, 2]),
                          ("minutes cut", prices.minutes_cuts[:, 2]), ("team cut", prices.team_cuts[:, 2])):
        if (values < 0).any():
            raise ValueError(f"a {label} price is negative")
    limited = p.budget != NO_BUDGET
    if prices.minutes[~limited].any() or not limited[prices.minutes_cuts[:, 0].astype(np.int64)].all():
        raise ValueError("a minutes price on a supporter without a budget")
    scheduled = prices.schedule >= 0
    named = [prices.meets[:, 0], prices.same[:, 0], prices.minutes_cuts[:, 0], np.flatnonzero(prices.capacity), np.flatnonzero(prices.minutes)]
    if any(scheduled[owners.astype(np.int64)].any() for owners in named):
        raise ValueError("a price on a rule of a supporter whose schedule is priced")
    if not p.exclusive[prices.meets[:, 0].astype(np.int64)].all():
        raise ValueError("a clash price on a supporter who is not exclusive")
    if (prices.minutes_cuts[:, 1] < 1).any() or (prices.team_cuts[:, 1] < 1).any():
        raise ValueError("a cut with a parameter below 1")


def _magnitude(p: Problem, stage: Stage, prices: Prices) -> float:
    """An upper limit on any sum bound_of makes, in floating point."""
    def top(values):
        return float(np.abs(values.astype(float)).max(initial=0))
    longest = max(float(p.pair_minutes.max(initial=0)), float(p.option_minutes.max(initial=0)))
    extra = sum(float(rows[:, 2].astype(float).sum()) for rows in (prices.meets, prices.same, prices.team_cuts))
    extra += float(prices.minutes_cuts[:, 2].astype(float).sum()) * (1 + longest)
    each = prices.scale * (max(top(stage.pair_value), top(stage.option_value), top(stage.bundle_value)) + stage.keep) + extra
    each += (top(prices.role) + top(prices.tier) + top(prices.place)) * max(1, int(p.cover_seats.max(initial=1)))
    each += prices.scale * 3 * max((float(ladder[-1][1]) for ladder in p.load_kinds[1] if ladder), default=0.0) * stage.laddered
    each += top(prices.capacity) + top(prices.pool) + top(prices.minutes) * longest
    limits = sum(float((np.abs(price.astype(float)) * limit).sum()) for price, limit in (
        (prices.role, p.role_need), (prices.pool, p.pool_limit), (prices.minutes, np.maximum(p.budget, 0)), (prices.capacity, p.capacity)))
    seats = np.minimum(p.pair_upto, p.role_need[p.pair_role])
    return each * (float(seats.sum()) + len(p.pair_value) + len(p.option_value) + len(p.bundle_value) + 1) + limits
