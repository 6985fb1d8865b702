"""The problem made from demands and a crowd: readable by the solver, right in its limits, and the same plan read back in words."""

from dataclasses import replace

from tests.matching.crowds import crowd, demand, one, window
from wishapp import solver
from wishapp.matching.explain import explain_unserved, missing_pairs
from wishapp.matching.figures import difference, figures_of, within
from wishapp.matching.plan import read_plan
from wishapp.matching.snapshot import Options, take_snapshot
from wishapp.matching.weights import HOUSE

QUICK = Options(seconds=5)


def solved(demands: list, people: object, **more: object) -> tuple:
    snapshot = take_snapshot(demands, people, options=more.pop("options", QUICK), **more)
    plan = solver.solve(snapshot.problem)
    assert solver.check(snapshot.problem, plan) == []
    return snapshot, plan, read_plan(snapshot, plan)


def chosen(snapshot: object, lines: list) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for line in lines:
        found.setdefault(snapshot.demands[line.demand].ref, []).append(int(snapshot.crowd.ids[line.row]))
    return found


def test_nothing_open_or_nobody_there() -> None:
    for demands, people in (([], crowd(one())), ([demand()], crowd()), ([demand()], crowd(one(helps=("repair",))))):
        snapshot, plan, lines = solved(demands, people)
        assert plan["pairs"] == [] and lines == []


def test_the_paired_unit_comes_first_and_the_other_is_next_in_line() -> None:
    snapshot, _plan, lines = solved([demand()], crowd(one(), one(), paired=(1,)))
    assert chosen(snapshot, lines) == {"wish:1": [102]}
    assert lines[0].runners_up == [[101, 200, 0, 1, "样例0"]]
    assert ["paired", 200] in lines[0].reasons and lines[0].points == sum(entry[1] for entry in lines[0].reasons)


def test_capacity_left_is_the_limit() -> None:
    demands = [demand(f"wish:{number}") for number in range(1, 6)]
    snapshot, _plan, lines = solved(demands, crowd(one(any=2), one("member", minutes=60)))
    assert sorted(len([line for line in lines if line.row == row]) for row in (0, 1)) == [1, 2]


def test_a_promise_by_kind_limits_that_kind_only() -> None:
    demands = [demand(f"wish:{number}") for number in (1, 2, 3)] + [demand(f"wish:{number}", kind="repair") for number in (4, 5)]
    unit = one(helps=("goods", "repair"), any=0, quota={"goods": 1, "repair": 2}, left={"goods": 1, "repair": 2})
    snapshot, _plan, lines = solved(demands, crowd(unit))
    kinds = [snapshot.demands[line.demand].kind for line in lines]
    assert sorted(kinds) == ["goods", "repair", "repair"]


def test_seats_for_several_need_several_people() -> None:
    snapshot, _plan, lines = solved([demand(seats=(2,))], crowd(one(), one(), one()))
    assert len(chosen(snapshot, lines)["wish:1"]) == 2


def test_a_person_is_not_in_two_places_at_once() -> None:
    same_time = [demand(f"wish:{number}", window=window("2026-06-09T09:00", "2026-06-09T10:00")) for number in (1, 2)]
    _snapshot, _plan, lines = solved(same_time, crowd(one("member")))
    assert len(lines) == 1
    _snapshot, _plan, lines = solved([replace(entry, window=None) for entry in same_time], crowd(one("member")))
    assert len(lines) == 2, "control: without fixed times both are possible"


def test_fair_load_spreads_equal_units() -> None:
    demands = [demand(f"wish:{number}") for number in range(1, 7)]
    _snapshot, _plan, lines = solved(demands, crowd(one(), one(), one()))
    assert sorted(sum(line.row == row for line in lines) for row in range(3)) == [2, 2, 2]
    assert [HOUSE.step_cost(0, seat) for seat in (1, 2, 3, 5, 8, 20)] == [0, 0, 40, 80, 140, 140]


def test_pins_hold_forbids_bar_and_impossible_pins_are_told() -> None:
    snapshot, _plan, lines = solved([demand()], crowd(one(), one(), paired=(1,), marks={"wish:1": {0: "pin"}}))
    assert chosen(snapshot, lines) == {"wish:1": [101]}, "the pin outweighs the pairing"
    snapshot, _plan, lines = solved([demand()], crowd(one(), one(), marks={"wish:1": {1: "forbid", 0: "declined"}}))
    assert lines == []
    snapshot, _plan, _lines = solved([demand()], crowd(one(any=0), marks={"wish:1": {0: "pin"}}))
    assert snapshot.impossible_pins == [("wish:1", 101)]


def test_equal_choices_keep_what_people_were_told() -> None:
    for told in (101, 102):
        snapshot, _plan, lines = solved([demand()], crowd(one(), one()), previous={"wish:1": {told}})
        assert chosen(snapshot, lines) == {"wish:1": [told]}


def test_the_same_snapshot_is_the_same_problem_whatever_the_order() -> None:
    demands = [demand(f"wish:{number}", tier=number % 3) for number in range(1, 9)]
    people = crowd(*[one("member", metres=100 * number) for number in range(6)])
    first = solver.solve(take_snapshot(demands, people, options=QUICK).problem)
    second = solver.solve(take_snapshot(demands[::-1], people, options=QUICK).problem)
    assert first["problem_sha256"] == second["problem_sha256"] and first["objective"] == second["objective"]


def test_figures_count_by_urgency_and_community_least_served_first() -> None:
    demands = [demand("wish:1", tier=0), demand("wish:2", community_id=5), demand("wish:3", community_id=5, kind="repair")]
    snapshot, _plan, lines = solved(demands, crowd(one(), one()))
    figures = figures_of(snapshot, lines, {4: "柳下", 5: "河沿"}, {4: "/1/4/", 5: "/1/5/"})
    assert (figures["demands"], figures["served"]) == (3, 2) and figures["tiers"] == [[1, 1], [1, 2], [0, 0]]
    assert [(row["name"], row["served"], row["demands"]) for row in figures["communities"]] == [("河沿", 1, 2), ("柳下", 1, 1)]
    assert figures["loads"] == [0, 2] or sum(figures["loads"]) == 2
    own = within(figures, ["/1/4/"])
    assert (own["demands"], own["served"], own["tiers"]) == (1, 1, [[1, 1], [0, 0], [0, 0]]) and len(own["communities"]) == 1


def test_what_would_have_to_change() -> None:
    assert missing_pairs(demand(), crowd(one(helps=("repair",)))) == ([["nobody"]], {})
    why, advice = missing_pairs(demand(), crowd(one("member", metres=3200, radius=2000)))
    assert why[0][:2] == ["reach", 1] and why[0][3] == 3500 and advice == {"reach": 3500}
    why, advice = missing_pairs(demand(), crowd(one(any=0)))
    assert why == [["room", 1, "样例0"]] and advice == {"extra": 1}
    why, _advice = missing_pairs(demand(skills=frozenset({"haircut"})), crowd(one("member")))
    assert why == [["skill", ["haircut"]]]
    why, _advice = missing_pairs(demand(), crowd(one(), marks={"wish:1": {0: "declined"}}))
    assert why == [["barred", 1]]


def test_advice_holds_when_followed() -> None:
    people = crowd(one("member", metres=3200, radius=2000))
    _snapshot, _plan, lines = solved([demand()], people)
    assert lines == []
    _why, advice = missing_pairs(demand(), people)
    _snapshot, _plan, lines = solved([demand()], people, options=Options(seconds=5, **advice))
    assert len(lines) == 1


def test_unserved_because_others_are_more_urgent() -> None:
    snapshot, _plan, lines = solved([demand("wish:1", tier=0), demand("wish:2", tier=2)], crowd(one(any=1)))
    told = explain_unserved(snapshot, lines, {4: "柳下"})
    assert list(told) == ["wish:2"] and told["wish:2"]["why"] == [["busy", 1, "样例0"]] and told["wish:2"]["advice"] == {"extra": 1}


def test_difference_of_two_plans() -> None:
    found = difference({"a": {1}, "b": {2}, "c": {3}}, {"a": {1}, "b": {9}, "d": {4}})
    assert (found["gained"], found["lost"], found["changed"], found["counts"]) == (["d"], ["c"], ["b"], [1, 1, 1])
