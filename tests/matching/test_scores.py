"""Every score term alone: the points of two supporters (or two demands) who differ in the one thing it is about."""

import numpy as np
import pytest

from tests.matching.crowds import crowd, demand, one
from wishapp.matching import scores
from wishapp.matching.eligibility import distances
from wishapp.matching.scores import BASE, TERMS


def points(name: str, wanted: object, people: object) -> list[int]:
    who = np.arange(len(people))
    return TERMS[name](wanted, people, who, distances(wanted, people, who)).tolist()


@pytest.mark.parametrize("name, changes, expected", [
    ("urgency", {"tier": 0}, 400), ("urgency", {"tier": 1}, 200), ("urgency", {"tier": 2}, 0), ("urgency", {"tier": 9}, 0),
    ("vulnerability", {"groups": frozenset({"residents"})}, 0), ("vulnerability", {"groups": frozenset({"seriously_ill"})}, 150),
    ("vulnerability", {"groups": frozenset({"elderly_alone", "low_income"})}, 120),
    ("waiting", {"waiting_days": 5}, 10), ("waiting", {"waiting_days": 400}, 60), ("waiting", {"missed_rounds": 1, "waiting_days": 30}, 120),
    ("waiting", {"missed_rounds": 9}, 180),
])
def test_terms_about_the_demand(name: str, changes: dict, expected: int) -> None:
    assert points(name, demand(**changes), crowd(one())) == [expected]


def test_a_missed_round_outweighs_a_month_of_waiting() -> None:
    assert points("waiting", demand(missed_rounds=1), crowd(one())) >= points("waiting", demand(waiting_days=30), crowd(one()))


def test_kind_fit() -> None:
    assert points("kind", demand(), crowd(one(quota={"goods": 3}, left={"goods": 1}), one())) == [150, 60]


def test_skill_fit() -> None:
    wanted = demand(skills=frozenset({"haircut", "nursing"}))
    assert points("skill", wanted, crowd(one("member", skills=("nursing",)), one("member"), one("member", skills=("haircut", "nursing")))) == [200, 0, 200]


def test_nearness_falls_with_distance_and_never_below_nothing() -> None:
    near = points("near", demand(), crowd(one(metres=0), one(metres=1000), one(metres=2600)))
    assert near[0] == 100 and 58 <= near[1] <= 61 and near[2] == 0


def test_pairing_and_neighbours() -> None:
    people = crowd(one(), one(), one("member"), one("member", community=5), paired=(0,))
    assert points("paired", demand(), people) == [200, 0, 80, 0], "a unit that merely sits here is no neighbour"


def test_load_weighs_more_on_persons_and_has_an_end() -> None:
    assert points("load", demand(), crowd(one(load=3), one("member", load=1), one("member", load=9))) == [-30, -40, -120]


def test_declines() -> None:
    assert points("declines", demand(), crowd(one(declines=0), one(declines=2), one(declines=50))) == [0, -30, -60]


def test_continuity() -> None:
    assert points("continuity", demand(), crowd(one(), one(), known=(1,))) == [0, 30]


def test_value_is_base_and_all_terms_and_the_reasons_are_the_same_points() -> None:
    people = crowd(one(load=1, declines=1), paired=(0,))
    wanted = demand(tier=0, groups=frozenset({"disabled"}))
    who, metres = np.array([0]), np.array([0])
    reasons = scores.reasons(wanted, people, 0, 0)
    assert scores.value(wanted, people, who, metres).tolist() == [BASE + sum(entry[1] for entry in reasons)]
    assert [entry[0] for entry in reasons][:2] == ["urgency", "paired"], "the weightiest first"
    assert all(entry[1] for entry in reasons), "what does not count is not said"


def test_serving_one_more_outweighs_any_shade_of_fit() -> None:
    worst = crowd(one("member", load=50, declines=50, metres=2900))
    assert scores.value(demand(tier=2), worst, np.array([0]), np.array([2900])).tolist()[0] > 0
