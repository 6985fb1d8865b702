"""The solver's plan equals the best of all plans, enumerated, on hundreds of small problems over the whole format."""

import random

import pytest

import wishapp.solver as solver
from tests.solver import brute, cases

SETS = [frozenset()] + [frozenset({f}) for f in cases.FEATURES] + [frozenset(cases.FEATURES) - {f} for f in cases.FEATURES] \
    + [frozenset(cases.FEATURES)] * 6 + [frozenset(cases.FEATURES) - {"pins", "forbids"}] * 6


def assert_best(problem):
    plan, best = solver.solve(problem), brute.best(problem)
    assert solver.check(problem, plan) == []
    if best is None:
        assert plan["status"] == "infeasible_pins" and plan["conflict"]
        return None
    assert plan["status"] == "optimal"
    assert plan["bound"] == plan["objective"] == best[1]
    if problem.get("objective") == "tiers":
        assert tuple(row[0] for row in plan["tiers"]) == best[2]
    return plan


@pytest.mark.parametrize("features", SETS, ids=lambda f: "+".join(sorted(f))[:40] or "plain")
def test_equals_enumeration(features):
    for seed in range(12):
        assert_best(cases.problem(random.Random(f"{sorted(features)}{seed}"), features))


def test_equals_enumeration_on_random_mixtures():
    for seed in range(200):
        rng = random.Random(seed)
        assert_best(cases.problem(rng, {f for f in cases.FEATURES if rng.random() < 0.5}))


@pytest.mark.parametrize("magnitude", [10**9, 10**15, 10**16])
def test_large_values_are_exact(magnitude):
    for seed in range(12):
        rng = random.Random(seed)
        assert_best(cases.problem(rng, {"roles", "options", "clash", "load", "minutes", "previous", "upto"}, value=magnitude))


def test_values_that_could_leave_64_bits_are_refused():
    problem = cases.problem(random.Random(1), set(), value=2**59)
    problem["pairs"]["value"] = [2**59] * len(problem["pairs"]["value"])
    with pytest.raises(solver.ProblemError, match="2\\^60"):
        solver.solve(problem)


def test_searching_a_small_problem_at_once_finds_as_good_a_plan():
    for seed in range(80):
        rng = random.Random(f"small {seed}")
        problem = cases.problem(rng, {f for f in cases.FEATURES if rng.random() < 0.6}, demands=6, supporters=6, pairs=20)
        plan, again = solver.solve(problem), solver.solve(problem, is_small=True)
        assert (plan["status"], plan["objective"], plan["bound"]) == (again["status"], again["objective"], again["bound"])
        assert solver.check(problem, again) == []


def test_a_shuffled_file_gets_the_same_plan():
    for seed in range(60):
        rng = random.Random(seed)
        problem = cases.problem(rng, {f for f in cases.FEATURES if rng.random() < 0.6}, demands=5, supporters=5, pairs=14)
        other, at = cases.shuffled(rng, problem)
        plan, again = solver.solve(problem), solver.solve(other)
        assert plan["problem_sha256"] == again["problem_sha256"]
        assert plan["objective"] == again["objective"] and plan["status"] == again["status"]
        pairs = problem["pairs"]

        def told(chosen, columns):
            return sorted([columns[key][i] for key in sorted(columns) if key not in ("demand", "supporter")] and
                          [str(columns[key][i]) for key in sorted(columns) if key not in ("demand", "supporter")] + [n] for i, n in chosen)
        assert told(plan["pairs"], pairs) == told(again["pairs"], other["pairs"])
        if plan["status"] == "optimal":
            assert sorted([at[i], n] for i, n in plan["pairs"]) == sorted(again["pairs"]) or _has_twins(pairs)


def _has_twins(pairs):
    rows = list(zip(*[map(str, pairs[key]) for key in sorted(pairs)], strict=True))
    return len(set(rows)) < len(rows)


def test_same_problem_same_plan_to_the_letter():
    problem = cases.problem(random.Random(3), set(cases.FEATURES) - {"pins"}, demands=5, supporters=5, pairs=14)
    assert solver.solve(problem) | {"seconds": 0} == solver.solve(problem) | {"seconds": 0}
