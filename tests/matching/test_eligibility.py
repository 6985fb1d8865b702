"""Every rule alone: it lets through whom it should, and the same supporter with the one thing changed is kept away."""

import numpy as np
import pytest

from tests.matching.crowds import crowd, demand, one, window
from wishapp.matching import eligibility
from wishapp.matching.eligibility import RULES, broken_rules, eligible, near_misses, parts_touched

TUESDAY_MORNING = window("2026-06-09T09:00", "2026-06-09T11:00")

CASES = [
    # rule, who passes, who does not, the demand
    ("help", one(), one(helps=("repair",)), demand()),
    ("help", one(helps=(), quota={"goods": 2}, left={"goods": 2}), one(helps=(), quota={"repair": 2}, left={"repair": 2}), demand()),
    ("skill", one("member", skills=("haircut",)), one("member"), demand(skills=frozenset({"haircut"}))),
    ("skill", one("unit"), one("team"), demand(skills=frozenset({"haircut"}))),
    ("reach", one("member", metres=1900, radius=2000), one("member", metres=2100, radius=2000), demand()),
    ("room", one(any=1), one(any=0), demand()),
    ("room", one(any=0, left={"goods": 1}, quota={"goods": 1}), one(any=0, left={"repair": 1}, quota={"repair": 1, "goods": 1}), demand()),
    ("room", one("member", minutes=60), one("member", minutes=59), demand()),
    ("time", one("member", free=[(1, 0)]), one("member", free=[(1, 1)]), demand(window=TUESDAY_MORNING)),
    ("time", one("member"), one("member", free=[(2, 0)]), demand(window=TUESDAY_MORNING)),
]


@pytest.mark.parametrize("rule, good, bad, wanted", CASES)
def test_rule_alone(rule: str, good: dict, bad: dict, wanted: object) -> None:
    people = crowd(good, bad)
    assert RULES[rule](wanted, people, np.array([0, 1])).tolist() == [True, False]
    assert eligible(wanted, people).tolist() == [0]
    assert broken_rules(wanted, people, 1) == [rule]


def test_a_paired_community_is_always_within_reach() -> None:
    far = one(metres=9000, radius=1000)
    assert eligible(demand(), crowd(far, far, paired=(1,))).tolist() == [1]


@pytest.mark.parametrize("kind, allowed", [("forbid", []), ("declined", []), ("lapsed", []), ("pin", [0])])
def test_marks_bar_the_pair_but_a_pin_does_not(kind: str, allowed: list) -> None:
    assert eligible(demand(), crowd(one(), marks={"wish:1": {0: kind}})).tolist() == allowed
    assert eligible(demand("wish:2"), crowd(one(), marks={"wish:1": {0: kind}})).tolist() == [0], "another demand is not barred"


def test_a_window_asks_for_every_part_of_the_day_it_touches() -> None:
    long_day = demand(window=window("2026-06-09T10:00", "2026-06-09T19:00"))
    assert parts_touched(long_day) == [(1, 0), (1, 1), (1, 2)]
    people = crowd(one("member", free=[(1, 0), (1, 1)]), one("member", free=[(1, 0), (1, 1), (1, 2)]))
    assert eligible(long_day, people).tolist() == [1]
    assert parts_touched(demand(window=window("2026-06-09T10:00", "2026-06-09T12:00"))) == [(1, 0)], "noon belongs to the morning that ends"


def test_distance_is_in_metres() -> None:
    people = crowd(one(metres=0), one(metres=1000), one(metres=2500))
    assert abs(eligibility.distances(demand(), people, np.arange(3)) - np.array([0, 1000, 2500])).max() <= 2


def test_near_misses_name_the_one_rule_that_stands_in_the_way() -> None:
    people = crowd(one("member", metres=5000), one(any=0), one(any=0, metres=9000), one())
    missed = near_misses(demand(), people)
    assert {rule: rows.tolist() for rule, rows in missed.items()} == {"reach": [0], "room": [1]}, "row 2 breaks two rules, row 3 none"


def test_what_if_widens_everybody() -> None:
    people = crowd(one("member", metres=2500, radius=500), one(any=0), one("member", minutes=0))
    assert eligible(demand(), people).tolist() == []
    assert eligible(demand(), people.widened(reach=3000)).tolist() == [0]
    assert eligible(demand(), people.widened(extra=1)).tolist() == [1, 2]
