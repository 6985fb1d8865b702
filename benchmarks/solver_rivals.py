"""What the solver is measured against: greedy over all pairs, other LP codes on the same relaxation, the plain relaxation."""

import time

import numpy as np
from ortools.linear_solver.python import model_builder_helper

from wishapp.solver.canonical import canonical
from wishapp.solver.filling import greedy
from wishapp.solver.plans import read_plan
from wishapp.solver.prices import value_stage
from wishapp.solver.pricing import price
from wishapp.solver.problem import parse_problem
from wishapp.solver.relaxation import Relaxation, relax, solve_exactly
from wishapp.solver.rules import objective, role_seats, tier_seats, violations
from wishapp.solver.running import Run
from wishapp.solver.space import space_of

LIMIT = 200.0  # seconds by the clock


def greedy_value(problem: dict) -> tuple[int, int]:
    """(value, seats of the most urgent tier) of greedy over all pairs and teams; bundles are left out."""
    p = parse_problem(problem)
    choice = greedy(p, space_of(p), value_stage(p))
    assert not violations(p, choice.seats, choice.options, choice.bundles)
    return objective(p, choice.seats, choice.options, choice.bundles), int(tier_seats(p, role_seats(p, choice.seats, choice.options))[0])


def most_urgent(problem: dict, plan: dict) -> int:
    """Seats of tier 0 in a plan."""
    p = parse_problem(problem)
    seats, options, _ = read_plan(p, plan)
    return int(tier_seats(p, role_seats(p, seats, options))[0])


def bound_over_all_pairs(problem: dict, rivals: bool) -> dict:
    """Processor seconds of the bound, its distance from the last relaxation's value in per cent, and the rivals' seconds
    on the relaxation over all pairs."""
    p = canonical(parse_problem(problem))[0]
    space, stage = space_of(p), value_stage(p)
    began = time.process_time()
    priced = price(p, space, stage, Run(3600, 0.0, 1, clock=time.process_time, began=began))
    facts = {"ours": time.process_time() - began}
    bound = priced.bound.total / priced.prices.scale
    facts["gap"] = 100 * (bound - priced.value) / bound
    if rivals:
        lp = relax(p, space, stage, np.flatnonzero(space.seats > 0))
        facts["columns"] = lp.matrix.shape[1]
        for name in ("glop", "highs"):
            facts[name] = _simplex(lp, name, facts["ours"])
    return facts


def _simplex(lp: Relaxation, name: str, ours: float) -> str:
    """One LP code on the tight relaxation over all pairs, rule by rule (weaker than ours, which prices whole schedules)."""
    helper = model_builder_helper.ModelBuilderHelper()
    helper.fill_model_from_sparse_data(lp.floor, lp.top, lp.cost, lp.low, lp.high, lp.matrix)
    helper.set_maximize(True)
    rival = model_builder_helper.ModelSolverHelper(name)
    if not rival.solver_is_supported():
        return "not in this build"
    rival.set_time_limit_in_seconds(LIMIT)
    began = time.process_time()
    rival.solve(helper)
    spent = time.process_time() - began
    done = rival.has_solution() and rival.status() == model_builder_helper.SolveStatus.OPTIMAL
    return f"{'' if done else 'stopped at '}{spent:.1f} s ({spent / ours:.1f}x)"


def root_gaps(problem: dict, plan: dict) -> tuple[float, float]:
    """(root gap of the plain relaxation, of ours) above the plan's value, in per cent."""
    p = canonical(parse_problem(problem))[0]
    space, stage = space_of(p), value_stage(p)
    lp = relax(p, space, stage, np.flatnonzero(space.seats > 0))
    plain = np.array([name[0] not in ("teams", "minutes_cut", "link") for name in lp.rows])
    bare = Relaxation(lp.matrix[plain], lp.low[plain], lp.high[plain], lp.cost, lp.top, lp.floor, [n for n, k in zip(lp.rows, plain, strict=True) if k],
                      lp.pairs, lp.tail)
    value = plan["objective"]
    weak = solve_exactly(bare, LIMIT)
    plain_value = float(lp.cost @ weak[0])
    tight = price(p, space, stage, Run(600, 0.0, 1, clock=time.process_time, began=time.process_time()))
    return 100 * (plain_value - value) / value, 100 * (tight.bound.total / tight.prices.scale - value) / value
