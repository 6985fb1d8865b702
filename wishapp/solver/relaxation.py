"""The linear relaxation over chosen columns: rows by family, a solve, and its duals as integer prices."""

from dataclasses import dataclass

import numpy as np
from ortools.linear_solver.python import model_builder_helper
from scipy import sparse

from wishapp.solver.entries import NO_BUDGET
from wishapp.solver.ladders import segments
from wishapp.solver.meetings import cliques, groups_of, repeating, repeats, runs
from wishapp.solver.prices import Prices, Space, Stage, no_prices, rows_of
from wishapp.solver.problem import Problem
from wishapp.solver.rules import summed
from wishapp.solver.schedules import loads


@dataclass(slots=True)
class Relaxation:
    """max c v, low <= A v <= high, 0 <= v <= top. Columns: pairs, options, bundles, load rungs, place rungs. `rows` names each row."""

    matrix: sparse.csr_matrix
    low: np.ndarray
    high: np.ndarray
    cost: np.ndarray
    top: np.ndarray
    floor: np.ndarray
    rows: list
    pairs: np.ndarray
    tail: list  # names of the columns after the pairs


class _Rows:
    """Rows gathered as triplets."""

    def __init__(self):
        self.row, self.column, self.weight, self.low, self.high, self.names = [], [], [], [], [], []

    def add(self, name: tuple, columns, weights, low: float, high: float) -> None:
        columns = np.asarray(columns, dtype=np.int64)
        self.row.append(np.full(len(columns), len(self.names)))
        self.column.append(columns)
        self.weight.append(np.broadcast_to(np.asarray(weights, dtype=float), len(columns)))
        self.low.append(low)
        self.high.append(high)
        self.names.append(name)

    def links(self, names: list, columns: np.ndarray, weights: np.ndarray) -> None:
        """Rows of two entries (R x 2), each at most 0."""
        self.row.append(np.repeat(len(self.names) + np.arange(len(names)), 2))
        self.column.append(columns.ravel())
        self.weight.append(weights.ravel())
        self.low += [-np.inf] * len(names)
        self.high += [0.0] * len(names)
        self.names += names

    def block(self, family: str, index: np.ndarray, columns: np.ndarray, weights, limits: np.ndarray, low=-np.inf) -> dict:
        """One row per distinct `index`; returns {index: row}."""
        values, inverse = np.unique(index, return_inverse=True)
        base = len(self.names)
        self.row.append(base + inverse)
        self.column.append(columns)
        self.weight.append(np.broadcast_to(np.asarray(weights, dtype=float), len(columns)))
        self.high += limits[values].astype(float).tolist()
        self.low += np.broadcast_to(low, len(values)).tolist()
        self.names += [(family, int(v)) for v in values]
        return {int(v): base + i for i, v in enumerate(values)}


def relax(p: Problem, space: Space, stage: Stage, pairs: np.ndarray, scheduled: np.ndarray | None = None, sets: np.ndarray | None = None) -> Relaxation:
    """The relaxation over `pairs` (sorted) and all open options and bundles, with the team and minutes cuts of matching.md section 3.

    `scheduled` supporters take one whole schedule each: a single pair or one of `sets` (rows of up to three pairs, -1 for none), which
    replaces their rows on minutes, meetings and load (a decomposition by supporter).
    """
    scheduled = np.zeros(len(p.capacity), dtype=bool) if scheduled is None else scheduled
    options = np.flatnonzero(space.options)
    bundles = np.flatnonzero(space.bundles)
    z_at, y_at = len(pairs), len(pairs) + len(options)
    cost = [stage.pair_value[pairs] + np.where(p.previous[pairs], stage.keep / np.maximum(space.seats[pairs], 1), 0.0),
            stage.option_value[options], stage.bundle_value[bundles]]
    load = np.where(scheduled[:, None], loads(p, stage.laddered, 1), 0)
    cost[0] = cost[0] - load[p.pair_supporter[pairs], 0]
    top = [space.seats[pairs], np.ones(len(options)), np.ones(len(bundles))]
    rows = _Rows()
    place_of = np.full(len(p.option_value), -1)
    place_of[options] = np.arange(len(options))
    cover = np.flatnonzero(space.options[p.cover_option])
    _role_rows(p, rows, pairs, cover, z_at + place_of[p.cover_option[cover]], bundles, y_at)
    owner = np.concatenate([p.pair_supporter[pairs], p.option_supporter[options]])
    demand = np.concatenate([p.pair_demand[pairs], p.option_demand[options]])
    minutes = np.concatenate([p.pair_minutes[pairs], p.option_minutes[options]])
    most = np.concatenate([space.seats[pairs], np.ones(len(options), dtype=np.int64)])
    columns = np.arange(len(owner))
    uses = rows.block("capacity", owner, columns, 1.0, np.where(scheduled, 1, p.capacity))
    tight = (p.budget[owner] != NO_BUDGET) & (minutes > 0) & ~scheduled[owner]
    asked = summed(owner[tight], minutes[tight] * most[tight], len(p.capacity))
    tight &= asked[owner] > p.budget[owner]
    rows.block("minutes", owner[tight], columns[tight], minutes[tight], p.budget)
    pooled = p.pair_pool[pairs] >= 0
    rows.block("pool", p.pair_pool[pairs][pooled], np.flatnonzero(pooled), 1.0, p.pool_limit)
    crowded = columns[(p.capacity[owner] > 1) & ~scheduled[owner]]
    twice = repeating(owner[crowded], demand[crowded])
    for s, group in runs(owner[crowded]):
        group = crowded[group]
        for instant, members in cliques(p, s, demand[group]):
            rows.add(("meet", s, instant), group[members], 1.0 / most[group[members]], -np.inf, 1)
        for whom, members in repeats(p, s, demand[group]) if s in twice else ():
            rows.add(("same", s, whom), group[members], 1.0 / most[group[members]], -np.inf, 1)
    tail = [("option", z) for z in options.tolist()] + [("bundle", b) for b in bundles.tolist()]
    width = y_at + len(bundles)
    if stage.laddered:
        width = _rungs(p, rows, uses, scheduled, owner, demand, most, cost, top, width, options, columns, tail)
    if len(bundles):
        where = np.full(len(p.bundle_value), -1)
        where[bundles] = y_at + np.arange(len(bundles))
        asks = np.concatenate([p.role_need[p.pair_role[pairs]], np.full(len(options), 2**60)])  # a role that asks no more says it already
        mine = np.flatnonzero((p.demand_bundle[demand] >= 0) & (asks > most))
        whole = where[p.demand_bundle[demand[mine]]]
        mine, whole = mine[whole >= 0], whole[whole >= 0]
        names = [("link", j) for j in np.concatenate([pairs, -1 - options])[mine].tolist()]
        rows.links(names, np.stack([mine, whole], axis=1), np.stack([np.ones(len(mine)), -most[mine]], axis=1))
    seats = np.concatenate([np.ones(len(pairs)), p.option_seats[options]])
    for tier, least in stage.floors:
        group = np.flatnonzero(p.demand_tier[demand] == tier)
        rows.add(("tier", tier), group, seats[group], least, np.inf)
    _cut_rows(p, rows, cover, z_at + place_of[p.cover_option[cover]], owner, minutes, tight)
    matrix = sparse.csr_matrix((np.concatenate(rows.weight), (np.concatenate(rows.row), np.concatenate(rows.column))), shape=(len(rows.names), width))
    if sets is not None and len(sets):
        matrix = _with_sets(p, stage, matrix, pairs, sets, load, uses, cost, top, tail)
    floor = np.zeros(matrix.shape[1])
    floor[:len(pairs)] = p.pinned[pairs]
    return Relaxation(matrix, np.array(rows.low), np.array(rows.high), np.concatenate(cost).astype(float), np.concatenate(top).astype(float),
                      floor, rows.names, pairs, tail)


def _with_sets(p, stage, matrix, pairs, sets, load, uses, cost, top, tail) -> sparse.csr_matrix:
    """A column per set: the sum of its pairs' columns, but one use of the supporter's one schedule."""
    column, position = np.nonzero(sets >= 0)
    member = np.searchsorted(pairs, sets[column, position])
    inside = sparse.csr_matrix((np.ones(len(column)), (member, column)), shape=(len(pairs), len(sets)))
    size = (sets >= 0).sum(axis=1)
    row = np.array([uses[s] for s in p.pair_supporter[sets[:, 0]].tolist()])
    extra = sparse.csr_matrix((size - 1.0, (row, np.arange(len(sets)))), shape=(matrix.shape[0], len(sets)))
    single = stage.pair_value + np.where(p.previous, stage.keep, 0)
    cost.append(np.where(sets >= 0, single[np.maximum(sets, 0)], 0).sum(axis=1) - load[p.pair_supporter[sets[:, 0]], size - 1])
    top.append(np.ones(len(sets)))
    tail += [("set", *row) for row in sets.tolist()]
    return sparse.hstack([matrix, matrix[:, :len(pairs)] @ inside - extra], format="csr")


def _role_rows(p, rows, pairs, cover, cover_columns, bundles, y_at) -> None:
    roles = np.concatenate([p.pair_role[pairs], p.cover_role[cover]])
    columns = np.concatenate([np.arange(len(pairs)), cover_columns])
    weights = np.concatenate([np.ones(len(pairs)), p.cover_seats[cover].astype(float)])
    bundle = p.demand_bundle[p.role_demand]
    single = bundle[roles] < 0
    rows.block("role", roles[single], columns[single], weights[single], p.role_need)
    for position, b in enumerate(bundles):
        for k in np.flatnonzero((bundle == b) & (p.role_need > 0)):
            mine = roles == k
            rows.add(("role", int(k)), np.append(columns[mine], y_at + position), np.append(weights[mine], -float(p.role_need[k])), 0, 0)


def _rungs(p, rows, uses, scheduled, owner, demand, most, cost, top, width, options, columns, tail) -> int:
    """Load and place ladders as bounded columns tied to the uses and seats they pay for."""
    asked = summed(owner, most, len(p.capacity))
    held = groups_of(owner, len(p.capacity))
    for s in uses:
        if not p.load_steps[s] or scheduled[s]:
            continue
        ladder = segments(p.load_steps[s], int(min(p.capacity[s], asked[s])), True)
        own = columns[held(s)]
        rungs = np.arange(width, width + len(ladder))
        rows.add(("load", s), np.concatenate([own, rungs]), np.concatenate([np.ones(len(own)), -np.ones(len(rungs))]), -np.inf, 0)
        cost.append(np.array([-amount for _, amount in ladder]))
        top.append(np.array([count for count, _ in ladder]))
        tail += [("load", s, rung) for rung in range(len(ladder))]
        width += len(ladder)
    seats = np.concatenate([np.ones(len(owner) - len(options)), p.option_seats[options]])
    place = p.demand_place[demand]
    for g, ladder in enumerate(p.place_steps):
        own = np.flatnonzero(place == g)
        if not len(own) or not ladder:
            continue
        rungs = np.arange(width, width + len(ladder))
        rows.add(("place", g), np.concatenate([rungs, own]), np.concatenate([np.ones(len(rungs)), -seats[own]]), -np.inf, 0)
        cost.append(np.array([amount for _, amount in ladder]))
        top.append(np.array([count for count, _ in ladder]))
        tail += [("place", g, rung) for rung in range(len(ladder))]
        width += len(ladder)
    return width


def _cut_rows(p, rows, cover, cover_columns, owner, minutes, tight) -> None:
    bundle = p.demand_bundle[p.role_demand]
    for k, group in runs(p.cover_role[cover]):
        need = int(p.role_need[k])
        for count in (1, 2, 3):
            big = group[p.cover_seats[cover[group]] * (count + 1) > need]
            if len(big) > count and bundle[k] < 0:
                rows.add(("teams", k, count), cover_columns[big], 1.0, -np.inf, count)
    spots = np.flatnonzero(tight)
    for s, group in runs(owner[spots]):
        group, budget = spots[group], int(p.budget[s])
        for unit in sorted({budget // n + 1 for n in (1, 2, 3, 4)} | {int(np.gcd.reduce(minutes[group]))}):
            weights = minutes[group] // unit
            if unit > 0 and budget // unit >= 1 and weights.any() and budget % unit:
                rows.add(("minutes_cut", s, unit), group[weights > 0], weights[weights > 0], -np.inf, budget // unit)


def solve_exactly(lp: Relaxation, seconds: float) -> tuple[np.ndarray, np.ndarray] | None:
    """(values, duals) by the dual simplex (GLOP); for small problems. Duals are >= 0 on <= rows of this maximisation."""
    helper = model_builder_helper.ModelBuilderHelper()
    helper.fill_model_from_sparse_data(lp.floor, lp.top, lp.cost, lp.low, lp.high, lp.matrix)
    helper.set_maximize(True)
    solver = model_builder_helper.ModelSolverHelper("glop")
    solver.set_time_limit_in_seconds(seconds)
    solver.solve(helper)
    if not solver.has_solution() or solver.status() != model_builder_helper.SolveStatus.OPTIMAL:
        return None
    return np.array(solver.variable_values()), np.array(solver.dual_values())


def prices_from(p: Problem, lp: Relaxation, duals: np.ndarray, scale: int) -> Prices:
    """Duals rounded to integers in units of 1/scale, each with the sign its row needs. A supporter's load and capacity rows share a price."""
    duals = np.nan_to_num(duals, posinf=0.0, neginf=0.0)
    if np.abs(duals).max(initial=0.0) * scale > 2.0**55:
        scale = 1
    prices = no_prices(p, scale)
    whole = np.rint(np.clip(duals * scale, -(2.0**60), 2.0**60)).astype(np.int64)
    few: dict = {"meet": [], "same": [], "teams": [], "minutes_cut": []}
    for name, amount in zip(lp.rows, whole.tolist(), strict=True):
        if not amount:
            continue
        family, thing = name[0], name[1]
        if family == "role" and p.demand_bundle[p.role_demand[thing]] >= 0:
            prices.role[thing] = amount
        elif family == "tier":
            prices.tier[thing] += max(0, -amount)
        elif amount > 0 and family in few:
            few[family].append((thing, name[2], amount))
        elif amount > 0 and family != "link":
            values = prices.capacity if family == "load" else getattr(prices, family)
            values[thing] += amount
    prices.meets, prices.same, prices.team_cuts, prices.minutes_cuts = (rows_of(few[key]) for key in ("meet", "same", "teams", "minutes_cut"))
    return prices
