"""At the edges of what numbers can say: every answer is the right one or a refusal, never a wrapped sum; and nothing to do is done at once."""

import copy
import json
import random

import pytest

import wishapp.solver as solver
from tests.solver import brute, cases
from wishapp.solver.__main__ import main

EXTREMES = (0, 1, 10**9, 10**9 + 1, 2**31, 2**53, 2**59, 2**60, 2**62 - 1, 2**62, 2**63 - 1, 2**63, -(2**62), -(2**63), -1, 10**30)

ACCEPTED = (0, 1, 7, 10**9 - 1, 10**9)


def numbers_in(thing, path=()):
    """Paths to every whole number of a problem that is not an index."""
    for key, value in thing.items() if isinstance(thing, dict) else enumerate(thing):
        if key in ("settings", "format", "id", "demand", "role", "supporter", "pins", "forbids", "previous", "bundle", "place", "resource"):
            continue
        if isinstance(value, (dict, list)):
            yield from numbers_in(value, (*path, key))
        elif type(value) is int:
            yield (*path, key)


def put(problem, path, value):
    holder = problem
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value


def seats_in_reach(problem):
    """The same problem with `upto` no larger than the need, so that every plan can be tried."""
    result, pairs = copy.deepcopy(problem), problem["pairs"]
    if pairs.get("upto"):
        needs = [problem["demands"][d]["roles"][r]["need"] for d, r in zip(pairs["demand"], pairs["role"], strict=True)]
        result["pairs"]["upto"] = [min(a, max(1, b)) for a, b in zip(pairs["upto"], needs, strict=True)]
    return result


def test_extreme_numbers_are_right_or_refused():
    refused = solved = 0
    for seed in range(220):
        rng = random.Random(seed)
        problem = cases.problem(rng, {f for f in cases.FEATURES if rng.random() < 0.6} - {"pins"}, pairs=6, options=2)
        places = list(numbers_in(problem))
        for path in rng.sample(places, min(len(places), rng.randint(1, 2))):
            put(problem, path, rng.choice(EXTREMES if rng.random() < 0.4 else ACCEPTED))
        if any(role["need"] > 3 for demand in problem["demands"] for role in demand["roles"]) and problem["pairs"].get("upto"):
            problem["pairs"]["upto"] = [min(n, 3) for n in problem["pairs"]["upto"]]
        try:
            plan = solver.solve(problem)
        except solver.ProblemError:
            refused += 1
            continue
        best = brute.best(seats_in_reach(problem))
        assert plan["objective"] == best[1] and plan["bound"] >= best[1]
        assert solver.check(problem, plan) == []
        solved += 1
    assert refused > 50 and solved > 50


def test_sums_at_the_edge_of_what_is_accepted():
    """Values that add up to just below 2^60 are added right; just above, the problem is refused."""
    refused = solved = 0
    for seed in range(60):
        rng = random.Random(seed)
        problem = cases.problem(rng, {"options", "bundles", "load", "places"}, pairs=6, options=2)
        share = (2**60 if seed % 3 else 2**60 + 2**58) // max(1, len(problem["pairs"]["value"]) + len(problem["options"]))
        problem["pairs"]["value"] = [share - rng.randint(0, 2**(20 if seed % 2 else 56)) for _ in problem["pairs"]["value"]]
        for option in problem["options"]:
            option["value"] = share - rng.randint(0, 1000)
        try:
            plan = solver.solve(problem)
        except solver.ProblemError as error:
            assert "2^60" in str(error)
            refused += 1
            continue
        assert plan["objective"] == brute.best(problem)[1]
        assert solver.check(problem, plan) == []
        solved += 1
    assert refused > 5 and solved > 5


def test_a_million_demands_that_need_nothing():
    idle = {"format": "wishapp-problem/1", "demands": [{"id": str(i), "roles": [{"need": 0}]} for i in range(10**6)],
            "supporters": [{"id": "s", "capacity": 1}], "pairs": {"demand": [3], "role": [0], "supporter": [0], "value": [5]}}
    plan = solver.solve(idle)
    assert plan["status"] == "optimal" and plan["pairs"] == [] and plan["objective"] == 0


@pytest.mark.parametrize("changes", [
    {}, {"demands": []}, {"supporters": []}, {"demands": [{"id": "d", "roles": []}]}, {"options": [], "bundles": [], "places": {}},
    {"pins": [], "forbids": [], "previous": [], "keep": 5}, {"objective": "tiers"}, {"bundles": [{"id": "b", "value": 7}]},
], ids=lambda changes: "-".join(changes) or "bare")
def test_empty_lists_give_an_empty_plan(changes, tmp_path, capsys):
    problem = {"format": "wishapp-problem/1", "demands": [{"id": "d", "roles": [{"need": 1}]}], "supporters": [{"id": "s", "capacity": 1}],
               "pairs": {"demand": [], "role": [], "supporter": [], "value": []}} | changes
    file, plan = tmp_path / "problem.json", tmp_path / "plan.json"
    file.write_text(json.dumps(problem))
    assert main(["solve", str(file)]) == 0
    plan.write_text(capsys.readouterr().out)
    assert json.loads(plan.read_text())["pairs"] == []
    assert main(["check", str(file), str(plan)]) == 0


@pytest.mark.parametrize("changes, word", [
    ({"pins": [0, 1]}, "seats"), ({"pins": [0], "forbids": [0]}, "forbidden"), ({"pins": [0, 2]}, "capacity"),
], ids=lambda x: str(x)[:20])
def test_contradictory_pins_end_with_one_line(changes, word, tmp_path, capsys):
    problem = {"format": "wishapp-problem/1", "demands": [{"id": "a", "roles": [{"need": 1}]}, {"id": "b", "roles": [{"need": 1}]}],
               "supporters": [{"id": "x", "capacity": 1}, {"id": "y", "capacity": 1}],
               "pairs": {"demand": [0, 0, 1], "role": [0, 0, 0], "supporter": [0, 1, 0], "value": [3, 2, 1]}} | changes
    file = tmp_path / "problem.json"
    file.write_text(json.dumps(problem))
    assert main(["solve", str(file)]) == 2
    caught = capsys.readouterr()
    assert len(caught.err.strip().splitlines()) == 1 and word in caught.err
    assert json.loads(caught.out)["status"] == "infeasible_pins"
