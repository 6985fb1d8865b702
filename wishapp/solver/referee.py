"""The referee: feasibility, objective, bound and certificate of a plan, derived again from the problem in integers. No OR-Tools."""

import numpy as np

from wishapp.solver.bounds import bound_of
from wishapp.solver.canonical import canonical, digest
from wishapp.solver.certificate import read_stage
from wishapp.solver.plans import STATUSES, gap_of, read_plan, seal
from wishapp.solver.prices import tier_stage, value_stage
from wishapp.solver.problem import Problem, parse_problem
from wishapp.solver.reading import ProblemError, listing, mapping, required, show, whole
from wishapp.solver.rules import objective, role_seats, tier_seats, violations
from wishapp.solver.space import space_of

BOUND_MAX = 2**90


def check(problem: dict | Problem, plan: dict) -> list[str]:
    """Every violation of `plan` against `problem`, by name; [] when there is none. Raises ProblemError only for the problem itself."""
    return check_parsed(parse_problem(problem), plan)


def check_parsed(p: Problem, plan: dict) -> list[str]:
    """check() for a problem already read."""
    try:
        seats, options, bundles = read_plan(p, plan)
        if plan.get("format") != "wishapp-plan/1":
            raise ProblemError(f"plan.format: expected 'wishapp-plan/1', got {show(plan.get('format'))}")
        if plan.get("status") not in STATUSES:
            raise ProblemError(f"plan.status: unknown status {show(plan.get('status'))}")
        claimed = whole(required(plan, "objective", "plan"), "plan.objective", -BOUND_MAX, BOUND_MAX)
        bound = whole(required(plan, "bound", "plan"), "plan.bound", -BOUND_MAX, BOUND_MAX)
        stages = [mapping(stage, "plan.certificate.stages") for stage in
                  listing(mapping(required(plan, "certificate", "plan"), "plan.certificate").get("stages", []), "plan.certificate.stages")]
    except ProblemError as error:
        return [f"format: {error}"]
    broken = []
    if plan.get("problem_sha256") != digest(canonical(p)[0]):
        broken.append("problem: the plan was made for another problem (problem_sha256 differs)")
    if plan.get("digest") != seal(plan):
        broken.append("digest: the plan was changed after it was sealed")
    if plan["status"] == "infeasible_pins":
        if seats.any() or options.any() or bundles.any():
            broken.append("status: infeasible_pins with a plan")
        if not p.pinned.any():
            broken.append("status: infeasible_pins without pins")
        return broken
    broken += violations(p, seats, options, bundles)
    value = objective(p, seats, options, bundles)
    if claimed != value:
        broken.append(f"objective: {claimed} is claimed, the plan is worth {value}")
    if bound < value:
        broken.append(f"bound: {bound} is below the plan's value {value}")
    if plan.get("gap") != gap_of(claimed, bound):
        broken.append(f"gap: {show(plan.get('gap'))} is claimed, {gap_of(claimed, bound)} follows")
    served = tier_seats(p, role_seats(p, seats, options))
    try:
        wrong = _tiers(p, plan, served)
        broken += wrong
        if any(line.endswith("are expected") for line in wrong):
            return broken
        for number, stage in enumerate(stages):
            broken += _stage(p, plan, number, stage, served, bound)
    except (ProblemError, ValueError) as error:
        broken.append(f"certificate: {error}")
    goals = [stage.get("goal") for stage in stages]
    wanted = ([int(t) for t in np.unique(p.demand_tier)] if p.tiered else []) + ["value"]
    if goals != wanted:
        broken.append(f"certificate: stages {goals} where {wanted} are expected")
    proven = bound == value and (not p.tiered or all(row[0] == row[1] for row in plan.get("tiers") or []))
    if (plan["status"] == "optimal") != proven:
        broken.append(f"status: {plan['status']} but value {value} and bound {bound}")
    return broken


def _tiers(p: Problem, plan: dict, served: np.ndarray) -> list[str]:
    if not p.tiered:
        return [] if "tiers" not in plan else ["tiers: given without the objective 'tiers'"]
    rows = listing(required(plan, "tiers", "plan"), "plan.tiers")
    if len(rows) != len(served) or any(not isinstance(row, (list, tuple)) or len(row) != 2 for row in rows):
        return [f"tiers: {len(served)} rows of [served, most] are expected"]
    broken = []
    for tier, row in enumerate(rows):
        got, most = (whole(n, "plan.tiers", 0, 2**60) for n in row)
        if got != served[tier]:
            broken.append(f"tiers: tier {tier} claims {got} seats, {int(served[tier])} are served")
        if most < got:
            broken.append(f"tiers: tier {tier} claims at most {most} seats but serves {got}")
    return broken


def _stage(p: Problem, plan: dict, number: int, stage: dict, served: np.ndarray, bound: int) -> list[str]:
    where = f"certificate.stages[{number}]"
    floors = []
    for row in listing(stage.get("floors", []), f"{where}.floors"):
        if not isinstance(row, (list, tuple)) or len(row) != 2:
            return [f"{where}: a floor is [tier, seats]"]
        floors.append((whole(row[0], where, 0, len(served) - 1), whole(row[1], where, 0, 2**60)))
    earlier = [entry.get("goal") for entry in plan["certificate"]["stages"][:number]]
    if [tier for tier, _ in floors] != earlier:
        return [f"{where}: floors {floors} where tiers {earlier} were settled before"]
    broken = [f"{where}: floor {least} of tier {tier} is above the {int(served[tier])} served" for tier, least in floors if least > served[tier]]
    goal = stage.get("goal")
    if goal == "value":
        objective_stage, claim = value_stage(p, floors), bound
    else:
        tier = whole(goal, f"{where}.goal", 0, len(served) - 1)
        objective_stage, claim = tier_stage(p, tier, floors), plan["tiers"][tier][1]
    derived = bound_of(p, space_of(p), objective_stage, read_stage(p, stage, where), steer=False)
    reached = derived.total // stage["scale"]
    if stage.get("bound") != reached:
        broken.append(f"{where}: bound {show(stage.get('bound'))} is claimed, {reached} follows from the prices")
    if claim > reached:
        broken.append(f"{where}: the plan claims bound {claim}, the prices prove {reached}")
    if claim < reached and stage.get("proof") != "search":
        broken.append(f"{where}: the plan claims bound {claim}, the prices prove only {reached}")
    return broken
