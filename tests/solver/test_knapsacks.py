"""Supporters of many uses within minutes: the best set by table equals trying every subset, and its bound is claimed and checked."""

import copy
import itertools

import numpy as np
import pytest

import wishapp.solver as solver
from wishapp.solver import knapsacks, packing, stages
from wishapp.solver.knapsacks import beside_packs, best_packs, packable
from wishapp.solver.packing import packs
from wishapp.solver.plans import seal
from wishapp.solver.prices import value_stage
from wishapp.solver.problem import parse_problem
from wishapp.solver.space import space_of


def jobs(seed, supporters=3, count=30, minutes=(5, 40), fill=0.8):
    """Every job fits everybody; a dear minute is a cheap match, so budgets decide."""
    rng = np.random.default_rng(seed)
    use = rng.integers(*minutes, (supporters, count))
    value = 1000 + use * 3 + rng.integers(-10, 10, use.shape)
    who, what = (part.ravel() for part in np.meshgrid(np.arange(supporters), np.arange(count), indexing="ij"))
    return {"format": "wishapp-problem/1", "demands": [{"id": f"job:{j:02d}", "roles": [{"need": 1}]} for j in range(count)],
            "supporters": [{"id": f"hand:{s}", "capacity": count, "minutes": int(fill * use[s].sum() / supporters)} for s in range(supporters)],
            "pairs": {"demand": what.tolist(), "role": [0] * len(who), "supporter": who.tolist(), "value": value.ravel().tolist(),
                      "minutes": use.ravel().tolist()},
            "settings": {"seconds": 20, "gap": 0, "seed": 1, "clock": "effort"}}


def test_best_packs_equal_all_subsets():
    for seed in range(60):
        rng = np.random.default_rng(seed)
        p = parse_problem(jobs(seed, supporters=2, count=8, minutes=(1, 12), fill=rng.uniform(0.2, 1.2)))
        gain = rng.integers(-5, 30, len(p.pair_value))
        columns = np.flatnonzero((gain > 0) & (p.pair_minutes <= p.budget[p.pair_supporter]))
        best, chosen = best_packs(p, columns, gain[columns], which=True)
        every = np.arange(len(p.pair_value))
        beside = beside_packs(p, every, columns, gain[columns])
        for s in range(2):
            own = [i for i in columns if p.pair_supporter[i] == s]
            sets = {c: gain[list(c)].sum() for n in range(len(own) + 1) for c in itertools.combinations(own, n)
                    if p.pair_minutes[list(c)].sum() <= p.budget[s]}
            assert best[s] == max(sets.values())
            mine = chosen[p.pair_supporter[chosen] == s]
            assert gain[mine].sum() == best[s] and p.pair_minutes[mine].sum() <= p.budget[s]
            for i in every[p.pair_supporter == s]:
                left = p.budget[s] - p.pair_minutes[i]
                assert beside[i] == max([v for c, v in sets.items() if i not in c and p.pair_minutes[list(c)].sum() <= left], default=0)


@pytest.mark.parametrize("way", [0, 10**9], ids=["large", "small"])
def test_knapsack_bounds_are_tighter_and_hold(way, monkeypatch):
    problem = jobs(1)
    monkeypatch.setattr(stages, "LARGE", way)
    plan = solver.solve(problem)
    assert plan["status"] == "optimal" and solver.check(problem, plan) == [] and plan["certificate"]["stages"][0]["schedule"]
    monkeypatch.setattr(packing, "CROWDED", 10**9)
    monkeypatch.setattr(stages, "LARGE", 10**9)
    plain = solver.solve(problem)
    assert plain["objective"] == plan["objective"] and not plain["certificate"]["stages"][0]["schedule"]
    assert plan["certificate"]["stages"][0]["bound"] < plain["certificate"]["stages"][0]["bound"]


def test_a_knapsack_said_to_be_worth_less_is_rejected():
    problem = jobs(2)
    plan = solver.solve(problem)
    forged = copy.deepcopy(plan)
    forged["certificate"]["stages"][0]["schedule"][1][1] -= 1
    forged["digest"] = seal(forged)
    assert any("below the supporter's best set" in line for line in solver.check(problem, forged))


def test_knapsacks_too_large_to_fill_are_refused_and_not_made(monkeypatch):
    problem = jobs(2)
    plan = solver.solve(problem)
    monkeypatch.setattr(knapsacks, "CELLS", 50)
    assert any("too large to be priced" in line for line in solver.check(problem, plan))
    monkeypatch.setattr(packing, "CELLS", 50)
    p = parse_problem(problem)
    assert not packs(p, space_of(p), value_stage(p))
    every = np.arange(len(p.pair_value))
    assert (beside_packs(p, every, every, p.pair_value) == p.pair_value.reshape(3, -1).sum(axis=1)[p.pair_supporter]).all()


def test_who_is_packed():
    problem = jobs(3)
    p = parse_problem(problem)
    assert packs(p, space_of(p), value_stage(p))
    changed = {"few uses": {"capacity": 3}, "no budget": {"minutes": None}, "load": {"load_steps": [[1, 0], [2, 9]]}}
    for change in changed.values():
        other = parse_problem(problem | {"supporters": [problem["supporters"][0] | change, *problem["supporters"][1:]]})
        assert not packable(other, space_of(other).seats)[0] and not packs(other, space_of(other), value_stage(other))


def test_counting_work_gives_the_same_plan_twice(monkeypatch):
    monkeypatch.setattr(stages, "LARGE", 0)
    problem = jobs(4, supporters=5, count=60)
    problem["settings"] |= {"seconds": 1}
    one, two = solver.solve(problem), solver.solve(problem)
    assert one | {"seconds": 0} == two | {"seconds": 0} and solver.check(problem, one) == []
