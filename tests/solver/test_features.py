"""Each feature of the format has a case in which dropping it changes the answer."""

import copy

import pytest

import wishapp.solver as solver


def base(**changes):
    problem = {
        "format": "wishapp-problem/1",
        "demands": [{"id": "a", "roles": [{"need": 2}], "minutes": 60, "interval": [0, 60], "tier": 1, "place": "north"},
                    {"id": "b", "roles": [{"need": 1}], "minutes": 60, "interval": [70, 130], "tier": 0, "place": "south"}],
        "supporters": [{"id": "x", "capacity": 3}, {"id": "y", "capacity": 3}],
        "pairs": {"demand": [0, 0, 1, 1], "role": [0, 0, 0, 0], "supporter": [0, 1, 0, 1], "value": [10, 8, 6, 5]},
    }
    return problem | changes


def supporter(problem, **changes):
    problem = copy.deepcopy(problem)
    problem["supporters"][0] |= changes
    return problem


def demand(problem, index, **changes):
    problem = copy.deepcopy(problem)
    problem["demands"][index] |= changes
    return problem


def pairs(problem, **changes):
    return problem | {"pairs": problem["pairs"] | changes}


CASES = {
    "base": (base(), 24),
    "role need": (demand(base(), 0, roles=[{"need": 1}]), 16),
    "roles": (pairs(demand(base(), 0, roles=[{"need": 1}, {"need": 1}]), role=[0, 0, 0, 0]), 16),
    "capacity": (supporter(base(), capacity=1), 23),
    "minutes": (supporter(base(), minutes=100), 23),
    "pair minutes": (pairs(supporter(base(), minutes=100), minutes=[60, None, 40, 60]), 24),
    "exclusive within reach": (supporter(base(), exclusive=True, buffer=10), 24),
    "buffer": (supporter(base(), exclusive=True, buffer=11), 23),
    "interval": (demand(supporter(base(), exclusive=True), 1, interval=[59, 100]), 23),
    "no stock": (pairs(base(), resource=["chair", None, None, None]), 14),
    "stock": (pairs(supporter(base(), stock={"chair": 1}), resource=["chair", None, "chair", None]), 23),
    "load steps": (supporter(base(), load_steps=[[1, 0], [1, 4]]), 23),
    "last load cost repeats": (supporter(base(), load_steps=[[1, 3]]), 20),
    "place steps": (base(places={"north": {"steps": [[1, 7], [1, 2]]}}), 33),
    "upto": (pairs(base(), upto=[2, 1, 1, 1]), 26),
    "pins": (base(pins=[3], demands=base()["demands"]), 23),
    "forbids": (base(forbids=[0]), 14),
    "keep": (base(previous=[3], keep=2), 25),
    "keep not worth it": (base(previous=[3], keep=1), 24),
    "option": (base(options=[{"supporter": 0, "demand": 0, "covers": [[0, 2]], "value": 30}]), 36),
    "option counts capacity once": (supporter(base(options=[{"supporter": 0, "demand": 0, "covers": [[0, 2]], "value": 30}]), capacity=2), 36),
    "option spends minutes once": (supporter(base(options=[{"supporter": 0, "demand": 0, "covers": [[0, 2]], "value": 30}]), minutes=120), 36),
    "bundle": (demand(base(bundles=[{"id": "p", "value": 5}]), 0, bundle=0), 29),
    "bundle falls": (demand(demand(base(bundles=[{"id": "p", "value": 5}]), 0, bundle=0), 0, roles=[{"need": 3}]), 6),
    "negative bundle": (demand(base(bundles=[{"id": "p", "value": -50}]), 0, bundle=0), 6),
    "tiers": (supporter(supporter(base(objective="tiers", forbids=[1, 3]), capacity=1), exclusive=False), 6),
    "tiers off": (supporter(base(forbids=[1, 3]), capacity=1), 10),
}


@pytest.mark.parametrize("name", CASES)
def test_feature(name):
    problem, worth = CASES[name]
    plan = solver.solve(problem)
    assert plan["objective"] == worth and plan["status"] == "optimal"
    assert solver.check(problem, plan) == []


def test_contradictory_pins_are_named():
    plan = solver.solve(supporter(base(pins=[0, 2]), capacity=1))
    assert plan["status"] == "infeasible_pins" and plan["conflict"] == [0, 2] and "capacity" in plan["message"]
    assert solver.solve(base(pins=[1], forbids=[1]))["conflict"] == [1]
    assert solver.solve(supporter(demand(base(pins=[0, 2]), 1, interval=[30, 90]), exclusive=True))["conflict"] == [0, 2]


def test_cancel_keeps_the_best_plan_so_far():
    problem = base(options=[{"supporter": 0, "demand": 0, "covers": [[0, 2]], "value": 17}])
    plan = solver.solve(problem, cancelled=lambda: True)
    assert plan["status"] in ("cancelled", "optimal") and plan["bound"] >= plan["objective"]
    assert solver.check(problem, plan) == []


def test_no_time_still_gives_an_honest_plan():
    problem = base(settings={"seconds": 0}, options=[{"supporter": 0, "demand": 0, "covers": [[0, 2]], "value": 17}])
    plan = solver.solve(problem)
    assert solver.check(problem, plan) == [] and plan["bound"] >= 24


def test_progress_names_the_phases():
    told = []
    solver.solve(base(options=[{"supporter": 0, "demand": 0, "covers": [[0, 2]], "value": 17}]), progress=lambda *facts: told.append(facts))
    phases = [facts[0] for facts in told]
    assert phases[0] == "read" and phases[-1] == "check" and set(phases) <= {"read", "flow", "bound", "search", "check"}
    assert all(0 <= facts[1] <= 1 for facts in told)


TEAM = {"supporter": 0, "demand": 0, "covers": [[0, 2]], "value": 30}
TWO_ROLES = pairs(demand(base(), 0, roles=[{"need": 1}, {"need": 1}]), role=[0, 1, 0, 0])
WORDS = {  # what the format can say: (a problem that says it, the same problem without it)
    "role": (TWO_ROLES, pairs(TWO_ROLES, role=[0, 0, 0, 0])),
    "need": (base(), demand(base(), 0, roles=[{"need": 1}])),
    "capacity": (supporter(base(), capacity=1), base()),
    "budget of minutes": (supporter(base(), minutes=100), base()),
    "minutes of the demand": (supporter(base(), minutes=100), demand(supporter(base(), minutes=100), 0, minutes=0)),
    "minutes of the pair": (pairs(supporter(base(), minutes=100), minutes=[60, None, 40, 60]), supporter(base(), minutes=100)),
    "exclusive": (demand(supporter(base(), exclusive=True), 1, interval=[59, 100]), demand(base(), 1, interval=[59, 100])),
    "interval": (demand(supporter(base(), exclusive=True), 1, interval=[59, 100]),
                 demand(demand(supporter(base(), exclusive=True), 1, interval=[59, 100]), 0, interval=None)),
    "buffer": (supporter(base(), exclusive=True, buffer=11), supporter(base(), exclusive=True)),
    "resource": (pairs(base(), resource=["chair", None, None, None]), base()),
    "stock": (pairs(supporter(base(), stock={"chair": 1}), resource=["chair", None, None, None]), pairs(base(), resource=["chair", None, None, None])),
    "load steps": (supporter(base(), load_steps=[[1, 0], [1, 4]]), base()),
    "place": (base(places={"north": {"steps": [[1, 7]]}}), demand(base(places={"north": {"steps": [[1, 7]]}}), 0, place=None)),
    "place steps": (base(places={"north": {"steps": [[1, 7]]}}), base()),
    "upto": (pairs(base(), upto=[2, 1, 1, 1]), base()),
    "pins": (base(pins=[3]), base()),
    "forbids": (base(forbids=[0]), base()),
    "previous": (base(previous=[3], keep=2), base(keep=2)),
    "keep": (base(previous=[3], keep=2), base(previous=[3])),
    "option": (base(options=[TEAM]), base()),
    "covers": (base(options=[TEAM]), base(options=[TEAM | {"covers": [[0, 1]]}])),
    "minutes of the option": (supporter(base(options=[TEAM | {"minutes": 40}]), minutes=100), supporter(base(options=[TEAM]), minutes=100)),
    "bundle": (demand(demand(base(bundles=[{"id": "p", "value": 5}]), 0, bundle=0), 0, roles=[{"need": 3}]),
               demand(base(bundles=[{"id": "p", "value": 5}]), 0, roles=[{"need": 3}])),
    "value of the bundle": (demand(base(bundles=[{"id": "p", "value": 5}]), 0, bundle=0), demand(base(bundles=[{"id": "p"}]), 0, bundle=0)),
    "objective": (supporter(base(objective="tiers", forbids=[1, 3]), capacity=1), supporter(base(forbids=[1, 3]), capacity=1)),
    "tier": (supporter(base(objective="tiers", forbids=[1, 3]), capacity=1), demand(supporter(base(objective="tiers", forbids=[1, 3]), capacity=1), 0, tier=0)),
}


@pytest.mark.parametrize("word", WORDS)
def test_dropping_it_changes_the_answer(word):
    said, unsaid = (solver.solve(problem) for problem in WORDS[word])
    assert said["status"] == unsaid["status"] == "optimal"
    assert said["objective"] != unsaid["objective"]
