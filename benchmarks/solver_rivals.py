"""What the solver is measured against: greedy over all pairs, the best twenty pairs per seat, one exact model with a hint,
other LP codes on the relaxation, the plain relaxation."""

import time

import numpy as np
from ortools.linear_solver.python import model_builder_helper

import wishapp.solver as solver
from benchmarks.solver_report import timed
from wishapp.solver.canonical import canonical
from wishapp.solver.exact import build, search
from wishapp.solver.filling import greedy
from wishapp.solver.plans import nothing, read_plan
from wishapp.solver.prices import value_stage
from wishapp.solver.pricing import Priced, price
from wishapp.solver.problem import Problem, parse_problem
from wishapp.solver.relaxation import Relaxation, relax, solve_exactly
from wishapp.solver.rules import objective, role_seats, tier_seats, violations
from wishapp.solver.running import Run
from wishapp.solver.space import space_of

NEAREST = 20


def greedy_value(problem: dict) -> tuple[int, int]:
    """(value, seats of the most urgent tier) of greedy over all pairs and teams, best value per seat first; bundles are left out."""
    p = parse_problem(problem)
    choice = greedy(p, space_of(p), value_stage(p))
    assert not violations(p, choice.seats, choice.options, choice.bundles)
    return objective(p, choice.seats, choice.options, choice.bundles), int(tier_seats(p, role_seats(p, choice.seats, choice.options))[0])


def most_urgent(problem: dict, plan: dict) -> int:
    """Seats of tier 0 in a plan."""
    p = parse_problem(problem)
    seats, options, _ = read_plan(p, plan)
    return int(tier_seats(p, role_seats(p, seats, options))[0])


def truncated(problem: dict) -> dict:
    """The problem with only the NEAREST most valuable pairs per seat of each role: what is done where all pairs are thought too many."""
    p = parse_problem(problem)
    order = np.lexsort((-p.pair_value, p.pair_role))
    role = p.pair_role[order]
    rank = np.arange(len(role)) - np.searchsorted(role, role)
    kept = np.sort(order[rank < NEAREST * p.role_need[role]])
    return problem | {"pairs": {key: np.asarray(values)[kept] for key, values in problem["pairs"].items()}}


def monolith(problem: dict, seconds: float) -> tuple[int, float | None]:
    """(value, bound) of CP-SAT on one model of everything, hinted with the greedy plan, ended after so many processor seconds."""
    p = canonical(parse_problem(problem))[0]
    space, stage, base = space_of(p), value_stage(p), nothing(p)
    hint = greedy(p, space, stage)
    part = build(p, space, stage, np.flatnonzero(space.seats > 0), np.flatnonzero(space.options), np.flatnonzero(space.bundles), base)
    began = time.process_time()
    answer = search(part, base, seconds=20 * seconds, effort=None, seed=1, hint=hint, cancelled=lambda: time.process_time() - began > seconds)
    choice = hint if answer.choice is None else answer.choice
    return objective(p, choice.seats, choice.options, choice.bundles), answer.bound


def priced_over_all(p: Problem) -> Priced:
    return price(p, space_of(p), value_stage(p), Run(36000, 0.0, 1, clock=time.process_time, began=time.process_time()))


def bound_over_all_pairs(problem: dict) -> dict:
    """Our bound: processor and wall seconds, memory, distance from the last relaxation's own value in per cent, and what the rivals are given."""
    p = canonical(parse_problem(problem))[0]
    spent = timed(lambda: priced_over_all(p))
    priced = spent.result
    bound = priced.bound.total / priced.prices.scale
    return {"problem": p, "priced": priced, "cpu": spent.cpu, "wall": spent.wall, "memory": spent.memory, "bound": bound,
            "apart": 100 * (bound - priced.value) / bound}


def relaxations(facts: dict) -> list[tuple[str, Relaxation]]:
    """[(what it is, relaxation)]: rule by rule over all pairs (a weaker bound than ours, every column given), and the relaxation our own last
    round solved (the same bound as ours; the columns that pricing found are a present)."""
    p, priced = facts["problem"], facts["priced"]
    space, stage = space_of(p), value_stage(p)
    return [("rule by rule over all pairs", relax(p, space, stage, np.flatnonzero(space.seats > 0))),
            ("our last round's columns", relax(p, space, stage, priced.pairs, priced.prices.schedule >= 0, priced.sets))]


def simplex(lp: Relaxation, name: str, limit: float) -> dict | None:
    """{"cpu", "value" or None when stopped at the limit} of one LP code, or None where this build lacks it. The limit is by the clock."""
    helper = model_builder_helper.ModelBuilderHelper()
    helper.fill_model_from_sparse_data(lp.floor, lp.top, lp.cost, lp.low, lp.high, lp.matrix)
    helper.set_maximize(True)
    rival = model_builder_helper.ModelSolverHelper(name)
    if not rival.solver_is_supported():
        return None
    rival.set_time_limit_in_seconds(limit)
    spent = timed(lambda: rival.solve(helper))
    done = rival.has_solution() and rival.status() == model_builder_helper.SolveStatus.OPTIMAL
    return {"cpu": spent.cpu, "value": rival.objective_value() if done else None}


def root_gaps(problem: dict, plan: dict) -> tuple[float, float]:
    """(root gap of the plain relaxation, of ours) above the plan's value, in per cent."""
    p = canonical(parse_problem(problem))[0]
    space, stage = space_of(p), value_stage(p)
    lp = relax(p, space, stage, np.flatnonzero(space.seats > 0))
    plain = np.array([name[0] not in ("teams", "minutes_cut", "link") for name in lp.rows])
    bare = Relaxation(lp.matrix[plain], lp.low[plain], lp.high[plain], lp.cost, lp.top, lp.floor, [n for n, k in zip(lp.rows, plain, strict=True) if k],
                      lp.pairs, lp.tail)
    value = plan["objective"]
    weak = solve_exactly(bare, 600)
    tight = priced_over_all(p)
    return 100 * (float(lp.cost @ weak[0]) - value) / value, 100 * (tight.bound.total / tight.prices.scale - value) / value


def solved(problem: dict, seconds: float, seed: int = 1, gap: float = 0.0):
    """A plan of ours within so many processor seconds, as Spent."""
    problem["settings"] = {"seconds": seconds, "gap": gap, "seed": seed, "clock": "cpu"}
    return timed(lambda: solver.solve(problem))
