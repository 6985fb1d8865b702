"""The way of district size on small districts: never above the bound, never against a rule, near or at the optimum."""

import pytest

import wishapp.solver as solver
from wishapp.solver import engine, stages
from wishapp.solver.district import district

SMALL = {"members": 160, "units": 12, "teams": 5, "wishes": 40, "shifts": 2, "communities": 3, "seats_per_shift": 12}


def small(seed=1, **changes):
    problem = district(**SMALL | {"seed": seed} | changes)
    problem["settings"] = {"seconds": 30, "gap": 0, "seed": 1}
    return problem


@pytest.fixture
def by_the_large_way(monkeypatch):
    monkeypatch.setattr(stages, "LARGE", 0)
    monkeypatch.setattr(engine, "LARGE", 0)


@pytest.mark.parametrize("changes", [{}, {"teams": 0}, {"bundles": False}, {"clashes": False}, {"fairness": False}, {"minutes": False}],
                         ids=lambda c: "-".join(c) or "all")
def test_both_ways_agree(changes, monkeypatch):
    problem = small(**changes)
    exact = solver.solve(problem)
    monkeypatch.setattr(stages, "LARGE", 0)
    monkeypatch.setattr(engine, "LARGE", 0)
    near = solver.solve(problem)
    assert solver.check(problem, exact) == [] and solver.check(problem, near) == []
    assert near["bound"] >= exact["objective"] >= near["objective"]
    if exact["status"] == "optimal" and near["status"] == "optimal":
        assert exact["objective"] == near["objective"]
    assert near["gap"] < 0.02


def test_tiers_by_weights_keep_the_referee_content(by_the_large_way):
    problem = small(tiers=True)
    plan = solver.solve(problem)
    assert solver.check(problem, plan) == []
    assert all(served <= most for served, most in plan["tiers"])


def test_pure_flow_ends_after_the_flow():
    problem = small(teams=0, bundles=False, clashes=False, minutes=False)
    plan = solver.solve(problem)
    assert plan["status"] == "optimal" and plan["certificate"]["stages"][0]["proof"] == "prices"
    assert solver.check(problem, plan) == []


def test_generate_is_the_same_every_time():
    one, two = small(), small()
    assert one["demands"] == two["demands"] and one["options"] == two["options"]
    assert all((one["pairs"][key] == two["pairs"][key]).all() for key in one["pairs"])
