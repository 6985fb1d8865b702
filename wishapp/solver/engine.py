"""From a problem to a sealed plan: read, put in canonical order, solve stage by stage, certify, translate back."""

import time

import numpy as np

from wishapp.solver.canonical import canonical, digest
from wishapp.solver.figures import Settled, figures
from wishapp.solver.limits import pin_conflict
from wishapp.solver.plans import SOLVER, Choice, nothing, seal
from wishapp.solver.prices import Prices, tier_stage, value_stage
from wishapp.solver.problem import Problem, parse_problem
from wishapp.solver.rules import objective, violations
from wishapp.solver.running import Run
from wishapp.solver.space import space_of
from wishapp.solver.stages import LARGE, solve_stage
from wishapp.solver.tiers import MOST, solve_weighted

CLOSING = 6e-7  # seconds per pair that the last checks and the certificate take, kept from the limit


def solve(problem: dict | Problem, *, progress=None, cancelled=None, is_small: bool = False) -> dict:
    """A `wishapp-plan/1` for a `wishapp-problem/1`.

    `progress(phase, fraction, best, bound)` is told of phases read, flow, bound, search, check; `cancelled()` ends the search with the best
    plan so far. Both are called in the caller's thread. `is_small`: a problem of a few dozen demands, where making the model smaller takes
    longer than searching it. Raises ProblemError for a malformed problem. Same problem (in any order), seed and limits give the same plan.
    """
    began = time.monotonic(), time.process_time()
    given = parse_problem(problem)
    busy = given.settings["clock"] == "cpu"
    run = Run(given.settings["seconds"], given.settings["gap"], given.settings["seed"], progress, cancelled,
              time.process_time if busy else time.monotonic, began[busy], is_small=is_small)
    if given.settings["clock"] == "effort":
        run.clock, run.began = run.worked, 0.0
    run.tell("read", 0.5)
    p, pair_at, option_at, bundle_at = canonical(given)
    plan = {"format": "wishapp-plan/1", "problem_sha256": digest(p)}
    run.lap("read", run.began)
    run.tell("read", 1.0)
    run.seconds -= min(CLOSING * len(p.pair_value), run.seconds / 20)
    conflict = pin_conflict(given)
    if conflict is not None:
        return _impossible(plan, run, *conflict)
    results = _stages(p, run)
    last = results[-1][1]
    if last.choice is None:
        pins = [int(pair) for pair in np.flatnonzero(given.pinned)]
        return _impossible(plan, run, f"pins {pins} cannot all be met together", pins)
    run.tell("check", 0.0, last.value, last.bound)
    choice = _translate(last.choice, given, pair_at, option_at, bundle_at)
    broken = violations(given, choice.seats, choice.options, choice.bundles)
    if broken or objective(given, choice.seats, choice.options, choice.bundles) != last.value:
        raise RuntimeError(f"the solver made a plan that breaks a rule: {broken[:3]}")
    settled = [Settled(goal, floors, result.value, result.bound, result.priced.total, _prices_back(given, p, result.prices))
               for goal, result, floors in results]
    plan |= figures(given, settled, choice, run.gap, run.is_cancelled)
    plan |= {"seconds": {key: round(value, 3) for key, value in run.spent.items()}, "seed": run.seed, "solver": SOLVER}
    plan["digest"] = seal(plan)
    run.tell("check", 1.0, last.value, last.bound)
    return plan


def _stages(p: Problem, run: Run) -> list[tuple]:
    """[(goal, result, floors)]: one stage per tier where asked, then the value."""
    space, floors, results, best = space_of(p), [], [], None
    if p.tiered and int((space.seats > 0).sum()) > LARGE and len(np.unique(p.demand_tier)) <= MOST:
        found = solve_weighted(p, space, run)
        if found:
            return found
    if p.tiered:
        for tier in np.unique(p.demand_tier).tolist():
            result = solve_stage(p, space, tier_stage(p, tier, floors), run, best)
            results.append((tier, result, list(floors)))
            if result.choice is None:
                return results
            best = result.choice
            floors.append((tier, result.value))
    result = solve_stage(p, space, value_stage(p, floors), run, best)
    return [*results, ("value", result, floors)]


def _translate(choice: Choice, given: Problem, pair_at, option_at, bundle_at) -> Choice:
    result = nothing(given)
    result.seats[pair_at] = choice.seats
    result.options[option_at] = choice.options
    result.bundles[bundle_at] = choice.bundles
    return result


def _prices_back(given: Problem, p: Problem, prices: Prices) -> Prices:
    """Prices of the canonical problem in the order of the problem given."""
    demand = {key: i for i, key in enumerate(given.demand_ids)}
    supporter = {key: i for i, key in enumerate(given.supporter_ids)}
    demand_at = np.array([demand[key] for key in p.demand_ids], dtype=np.int64)
    supporter_at = np.array([supporter[key] for key in p.supporter_ids], dtype=np.int64)
    role_at = given.role_start[demand_at[p.role_demand]] + np.arange(len(p.role_need)) - p.role_start[p.role_demand] \
        if len(p.role_need) else np.zeros(0, dtype=np.int64)
    pools = {(int(s), key): k for k, (s, key) in enumerate(zip(given.pool_supporter, given.pool_name, strict=True))}
    pool_at = np.array([pools[(int(supporter_at[s]), key)] for s, key in zip(p.pool_supporter, p.pool_name, strict=True)], dtype=np.int64)
    back = Prices(prices.scale, *(_placed(values, at) for values, at in (
        (prices.role, role_at), (prices.capacity, supporter_at), (prices.minutes, supporter_at), (prices.pool, pool_at))),
        prices.place, prices.tier)
    back.schedule = _placed(prices.schedule, supporter_at)
    for name, owner_at, mark_at in (("meets", supporter_at, None), ("same", supporter_at, demand_at), ("minutes_cuts", supporter_at, None),
                                    ("team_cuts", role_at, None)):
        rows = getattr(prices, name).copy()
        if len(rows):
            rows[:, 0] = owner_at[rows[:, 0].astype(np.int64)]
            if mark_at is not None:
                rows[:, 1] = mark_at[rows[:, 1].astype(np.int64)]
        setattr(back, name, rows)
    return back


def _placed(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    result = np.zeros_like(values)
    result[at] = values
    return result


def _impossible(plan: dict, run: Run, message: str, pins: list) -> dict:
    plan |= {"status": "infeasible_pins", "message": message, "conflict": pins, "pairs": [], "options": [], "bundles": [],
             "objective": 0, "bound": 0, "gap": 0.0, "certificate": {"stages": []},
             "seconds": {key: round(value, 3) for key, value in run.spent.items()}, "seed": run.seed, "solver": SOLVER}
    plan["digest"] = seal(plan)
    return plan
