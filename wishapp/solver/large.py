"""District size: prices over all pairs, a rounded plan, then flows and neighbourhoods in turn until gap, time or patience ends it."""

from dataclasses import dataclass, field

import numpy as np

from wishapp.solver.filling import fill
from wishapp.solver.neighbourhood import Terrain, doubted, draw, gap_map, improve, terrain, traders
from wishapp.solver.packing import packed_prices, packs
from wishapp.solver.plans import Choice, gap_of
from wishapp.solver.prices import Space, Stage
from wishapp.solver.pricing import NO_SETS, Priced, price
from wishapp.solver.problem import Problem
from wishapp.solver.reflow import reflow
from wishapp.solver.rounding import rounded
from wishapp.solver.rules import role_seats
from wishapp.solver.running import EFFORT_PER_SECOND, Run, allowed, floors_kept, stage_value

COLUMNS = (1500, 6000)  # free columns of a neighbourhood, from first to last
FLOW = 3e-6  # effort that a wide flow counts for, per near pair
FEW = 3000  # pairs that could still be part of a better plan: an exact search takes over
LEFT = 2.2  # the same per seat, where knapsacks price the supporters
TRADE = 0.5  # deterministic time of one trade; its columns grow while it takes less than a quarter of that, shrink when it takes all
TRADED = 180  # near columns of the first trade
CROWDED = 6  # uses per supporter from which trading among few of them pays
LEVELS = (0.99, 0.85, 0.7)  # agreement of the knapsacks from which a pair is taken as given in an opening
OPENING = 2.0  # deterministic time of an opening
PACKED = 4  # near columns per seat where knapsacks price the supporters
PATIENCE = 80  # dull steps before giving up, fewer in a small problem


@dataclass(slots=True)
class Hike:
    """The search as it stands."""

    best: Choice
    value: int
    bound: int
    effort: float = 0.0
    dull: int = 0
    columns: int = COLUMNS[0]
    traded: list = field(default_factory=lambda: [TRADED, TRADED])  # columns of a trade, and of one by the relaxation's leaning


def climb(p: Problem, space: Space, stage: Stage, run: Run, start: Choice | None) -> tuple[Priced, Choice | None]:
    """(prices and bound, the best plan found or None). Ends at the run's gap, time, cancel or effort, after PATIENCE dull steps,
    or when the bound leaves so few pairs that all of them can be searched."""
    priced = price(p, space, stage, run)
    if packs(p, space, stage):
        priced = repacked(p, space, stage, run, priced)
    run.tell("bound", 1.0, None, priced.bound.total // priced.prices.scale)
    clock = run.clock()
    found = [choice for choice in (rounded(p, space, stage, priced), start) if choice is not None and allowed(p, stage, choice)]
    if not found:
        return priced, None
    best = walk(p, space, stage, run, priced, max(found, key=lambda choice: stage_value(p, stage, choice)))
    run.lap("search", clock)
    return priced, best


def repacked(p: Problem, space: Space, stage: Stage, run: Run, priced: Priced) -> Priced:
    """The same with a knapsack per supporter, where that lowers the bound."""
    clock = run.clock()
    prices, bound, values = packed_prices(p, space, stage, run, priced.prices)
    run.lap("bound", clock)
    if bound.total * priced.prices.scale >= priced.bound.total * prices.scale:
        return priced
    return Priced(prices, bound, np.arange(len(values)), values, space.options * 0.0, space.bundles * 0.0, NO_SETS, priced.value)


def crowded(p: Problem, choice: Choice) -> bool:
    """Few supporters with many uses each, and no teams."""
    return not choice.options.any() and (choice.seats > 0).sum() > CROWDED * len(np.unique(p.pair_supporter[choice.seats > 0]))


def walk(p: Problem, space: Space, stage: Stage, run: Run, priced: Priced, best: Choice, share: float = 1.0) -> Choice:
    """The best plan found from `best` on, by flows and neighbourhoods in turn, within a share of the run's effort."""
    hike = Hike(best, stage_value(p, stage, best), priced.bound.total // priced.prices.scale)
    rng = np.random.default_rng(run.seed)
    seats = int(np.minimum(p.role_need, 10**5).sum())
    packed = bool((priced.prices.schedule >= 0).any()) and packs(p, space, stage)
    land = terrain(p, space, priced.bound, _reach(space, priced, PACKED * seats if packed else 3 * seats + 1000), best)
    budget = run.seconds * EFFORT_PER_SECOND * share
    for _ in range(8):
        if not _flow_step(p, space, stage, run, land, hike, rng):
            break
    step = 0
    gain = priced.bound.pairs[space.seats > 0]
    trading = crowded(p, best)
    leaning = np.zeros(len(p.pair_value))
    leaning[priced.pairs] = priced.values
    if packed:
        _openings(p, space, stage, run, land, hike, leaning)
    few = int(LEFT * seats) if packed else FEW
    patience = 10**9 if packed else PATIENCE if trading else min(PATIENCE, 3 + seats // 60)
    while hike.dull < patience and hike.effort < budget and not _over(run, hike):
        if (packed or share == 1) and step % 4 == 0 and int((gain >= (hike.value + 1) * priced.prices.scale - priced.bound.total).sum()) <= few:
            break
        step += 1
        if trading and (packed or step % 10):
            _trade_step(p, space, stage, run, land, hike, rng, leaning if step % 3 else None)
        else:
            _local_step(p, space, stage, run, land, priced, hike, rng)
        if step % 4 == 0 and not trading:
            _flow_step(p, space, stage, run, land, hike, rng)
        run.tell("search", min(0.99, max(hike.effort / budget, 1 - run.left() / max(run.seconds, 1e-9))), hike.value, hike.bound)
    return hike.best


def _over(run: Run, hike: Hike) -> bool:
    return hike.value >= hike.bound or gap_of(hike.value, hike.bound) <= run.gap or run.left() <= 0 or run.stopped()


def _reach(space: Space, priced: Priced, count: int) -> float:
    """The loss within which about `count` pairs lie."""
    gain = priced.bound.pairs[space.seats > 0]
    if len(gain) <= count:
        return float("inf")
    return float(-np.partition(gain, len(gain) - count)[len(gain) - count])


def _keep(p: Problem, stage: Stage, hike: Hike, choice: Choice) -> int:
    """Take the plan if it is better; what it gained."""
    gained = stage_value(p, stage, choice) - hike.value
    if gained <= 0 or not floors_kept(p, stage, choice):
        return 0
    hike.best, hike.value = choice, hike.value + gained
    return gained


def _flow_step(p: Problem, space: Space, stage: Stage, run: Run, land: Terrain, hike: Hike, rng) -> bool:
    """One wide flow; whether it is worth another."""
    if _over(run, hike):
        return False
    run.used += FLOW * len(land.near)
    return _keep(p, stage, hike, reflow(p, space, stage, land.near, hike.best, rng)) > hike.value * 1e-5


def _openings(p: Problem, space: Space, stage: Stage, run: Run, land: Terrain, hike: Hike, values: np.ndarray) -> None:
    """Plans that take what the knapsacks agree on by more than a level and search the rest, level by level."""
    for level in LEVELS:
        if _over(run, hike):
            return
        sure = np.flatnonzero((values > level) & (space.seats > 0))
        kept = fill(p, space, stage, sure[np.argsort(-values[sure], kind="stable")])
        empty = role_seats(p, kept.seats, kept.options) < p.role_need
        choice, effort = improve(p, space, stage, land, kept, np.unique(p.role_demand[empty]), seconds=max(0.1, run.wall()),
                                 effort=min(OPENING, run.share()), seed=run.seed)
        _took(p, stage, run, hike, choice, effort)


def _trade_step(p: Problem, space: Space, stage: Stage, run: Run, land: Terrain, hike: Hike, rng, leaning: np.ndarray | None) -> None:
    """Some supporters with many uses each trade among themselves; or, with `leaning`, what the relaxation would do otherwise is given free."""
    kind = 0 if leaning is None else 1
    if kind == 0:
        demands, among = traders(p, land, hike.best, rng, hike.traded[0])
    else:
        demands, among = doubted(p, land, hike.best, leaning, rng, hike.traded[1]), None
    demands = demands[p.demand_bundle[demands] < 0]
    choice, effort = improve(p, space, stage, land, hike.best, demands, seconds=max(0.1, run.wall()), effort=min(TRADE, run.share()), seed=run.seed,
                             among=among)
    if effort < 0.25 * TRADE or effort > 0.95 * TRADE:
        hike.traded[kind] = min(COLUMNS[1], max(60, int(hike.traded[kind] * (1.3 if effort < 0.25 * TRADE else 0.85))))
    _took(p, stage, run, hike, choice, effort)


def _local_step(p: Problem, space: Space, stage: Stage, run: Run, land: Terrain, priced: Priced, hike: Hike, rng) -> None:
    by_demand, by_supporter = gap_map(p, space, stage, priced.prices, priced.bound, hike.best)
    demands = draw(p, land, hike.best, by_demand, by_supporter, rng, hike.columns)
    choice, effort = improve(p, space, stage, land, hike.best, demands, seconds=max(0.1, run.wall()),
                             effort=min(hike.columns / 1500, run.share()), seed=run.seed)
    _took(p, stage, run, hike, choice, effort)


def _took(p: Problem, stage: Stage, run: Run, hike: Hike, choice: Choice, effort: float) -> None:
    """Count a step's effort and whether it was worth it; widen the view after eight dull ones."""
    hike.effort += max(effort, 0.05)
    run.used += max(effort, 0.05)
    gained = _keep(p, stage, hike, choice)
    hike.dull = 0 if gained > max(1, hike.value * 2e-6) else hike.dull + 1
    if hike.dull and hike.dull % 8 == 0:
        hike.columns = min(COLUMNS[1], hike.columns * 3 // 2)
