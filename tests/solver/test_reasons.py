"""Why and why not: failing rules are the true ones, and "at least" is never more than the real loss."""

import random

import wishapp.solver as solver
from tests.solver import brute, cases
from wishapp.solver.reasons import Explanation


def test_at_least_never_exceeds_the_real_loss():
    asked = positive = 0
    for seed in range(120):
        rng = random.Random(seed)
        problem = cases.problem(rng, {f for f in cases.FEATURES if rng.random() < 0.5} - {"pins", "tiers"})
        plan = solver.solve(problem)
        explanation = Explanation(problem, plan)
        for pair in range(len(problem["pairs"]["demand"])):
            forced = brute.best({**problem, "pins": [pair], "forbids": [i for i in problem.get("forbids", []) if i != pair]})
            if forced is None:
                continue
            claim = explanation.loss_of_pair(pair)
            assert claim <= plan["objective"] - forced[1] or pair in problem.get("forbids", [])
            asked += 1
            positive += claim > 0
    assert asked > 300 and positive > 50


def test_failing_rules_are_complete():
    """A pair that breaks no rule can be added to the plan; one that breaks some cannot."""
    for seed in range(80):
        rng = random.Random(seed)
        problem = cases.problem(rng, {f for f in cases.FEATURES if rng.random() < 0.5} - {"pins", "tiers", "bundles"})
        plan = solver.solve(problem)
        seats = [0] * len(problem["pairs"]["demand"])
        for pair, count in plan["pairs"]:
            seats[pair] = count
        explanation = Explanation(problem, plan)
        for pair in range(len(seats)):
            if seats[pair]:
                continue
            more = list(seats)
            more[pair] = 1
            fine = brute.worth(problem, more, plan["options"])[0]
            assert fine == (not explanation.failing_pair(pair))


def test_answers_have_their_shape():
    problem = {
        "format": "wishapp-problem/1",
        "demands": [{"id": "a", "roles": [{"need": 1}]}, {"id": "b", "roles": [{"need": 1}]}, {"id": "c", "roles": [{"need": 1}]},
                    {"id": "d", "roles": [{"need": 1}]}],
        "supporters": [{"id": "x", "capacity": 1}, {"id": "y", "capacity": 1}, {"id": "z", "capacity": 0}],
        "pairs": {"demand": [0, 0, 1, 3, 0], "role": [0, 0, 0, 0, 0], "supporter": [0, 1, 0, 2, 2], "value": [9, 8, 3, 4, 20]},
    }
    plan = solver.solve(problem)
    assert plan["pairs"] == [[1, 1], [2, 1]] or plan["objective"] == 11
    assert solver.why(problem, plan, 0, 1)["chosen"] is True
    blocked = solver.why(problem, plan, 0, 0)
    assert [fact["rule"] for fact in blocked["failing"]] == ["capacity", "role_full"] and blocked["rivals"][0]["supporter"] == 1
    assert solver.why(problem, plan, 2, 1)["failing"] == [{"rule": "no_pair"}]
    assert [row["supporter"] for row in solver.runner_ups(problem, plan, 0)] == [0]
    reasons = {row["demand"]: row for row in solver.unserved(problem, plan)}
    assert reasons[2]["reason"] == "no_pair" and reasons[3]["reason"] == "all_busy"
    assert reasons[3]["closest"][0]["blocked_by"] == "capacity"


def test_runner_ups_come_least_loss_first():
    for seed in range(40):
        rng = random.Random(seed)
        problem = cases.problem(rng, {"roles", "clash", "load"}, demands=4, supporters=6, pairs=16)
        plan = solver.solve(problem)
        for demand in range(4):
            rows = solver.runner_ups(problem, plan, demand, 5)
            assert [row["loss_at_least"] for row in rows] == sorted(row["loss_at_least"] for row in rows)
            assert len({row["supporter"] for row in rows}) == len(rows)
