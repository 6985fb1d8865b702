"""Where people come in person: teams whole or not at all, units not, nobody in two places, nobody asked all the time."""

from dataclasses import replace

import numpy as np

from tests.matching.crowds import crowd, demand, one, window
from tests.matching.test_snapshot import chosen, solved
from wishapp.matching import eligibility, nearby
from wishapp.matching.engaged import Times, buffers, minute

MORNING, NOON = window("2026-06-13T08:00", "2026-06-13T10:00"), window("2026-06-13T10:15", "2026-06-13T12:00")


def shift(ref: str = "shift:1", seats: int = 4, **changes: object) -> object:
    """Plain seats of a shift on Saturday morning."""
    return demand(ref, tier=2, in_person=True, seats=(seats,), window=MORNING, minutes=120, **changes)


def person(**changes: object) -> dict:
    """A party member."""
    return one("member", any=0, **changes)


def team(size: int, **changes: object) -> dict:
    """A team of so many."""
    return one("team", any=0, size=size, minutes=900, **changes)


def broken(wanted: object, people: object, row: int = 0) -> list[str]:
    return eligibility.broken_rules(wanted, people, row)


def test_a_team_comes_whole_or_not_at_all() -> None:
    snapshot, plan, lines = solved([shift(seats=5)], crowd(team(4), person(), person()))
    assert sorted((line.seats, int(snapshot.crowd.ids[line.row])) for line in lines)[-1] == (4, 101)
    assert sum(line.seats for line in lines) == 5 and len(plan["options"]) == 1
    _snapshot, plan, lines = solved([shift(seats=3)], crowd(team(4), person()))
    assert plan["options"] == [] and [line.seats for line in lines] == [1]
    assert broken(shift(seats=3), crowd(team(4))) == ["whole"]


def test_for_a_wish_a_team_takes_one_seat_as_before() -> None:
    _snapshot, plan, lines = solved([demand()], crowd(team(9)))
    assert plan["options"] == [] and [line.seats for line in lines] == [1]


def test_other_teams_stand_ready_when_a_team_declines() -> None:
    snapshot, _plan, lines = solved([shift(seats=6)], crowd(team(6), team(5, metres=500), team(6, metres=2000)))
    [line] = lines
    assert line.seats == 6 and [entry[0] for entry in line.runners_up] == [103, 102] and all(entry[3] for entry in line.runners_up)


def test_a_pinned_team_and_the_team_of_the_plan_before() -> None:
    people = crowd(team(4, metres=900), team(4), marks={"shift:1": {0: "pin"}})
    _snapshot, _plan, lines = solved([shift()], people)
    assert [line.row for line in lines] == [0]
    _snapshot, _plan, lines = solved([shift()], crowd(team(4, metres=500), team(4)), previous={"shift:1": {101}})
    assert [line.row for line in lines] == [0], "what people were told is kept where little speaks against it"


def test_units_are_not_asked_their_members_are() -> None:
    snapshot, _plan, lines = solved([shift(), demand("wish:1")], crowd(one(), person()))
    assert chosen(snapshot, lines)["shift:1"] == [102]
    assert broken(shift(), crowd(one())) == ["person"]


def test_seats_for_a_skill_are_for_persons_who_have_it() -> None:
    people = crowd(person(), person(skills=("nursing",)), team(1, skills=("nursing",)))
    nursing = shift("shift:1/nursing", seats=2, skills=frozenset({"nursing"}))
    snapshot, _plan, lines = solved([shift(seats=1), nursing], people)
    assert chosen(snapshot, lines)["shift:1/nursing"] == [102]
    assert broken(nursing, people, 2) == ["skill"]


def test_nobody_is_in_two_places_within_one_plan() -> None:
    both = [shift(seats=1), replace(shift("shift:2", seats=1), window=NOON)]
    _snapshot, _plan, lines = solved(both, crowd(person(minutes=600)))
    assert len(lines) == 1, "a quarter of an hour is too short to get from one to the other"
    later = [both[0], replace(both[1], window=window("2026-06-13T10:30", "2026-06-13T12:00"))]
    assert len(solved(later, crowd(person(minutes=600)))[2]) == 2


def test_who_goes_farther_needs_longer_in_between() -> None:
    assert buffers(np.array([1000, 3000, 6000])).tolist() == [30, 30, 60]
    both = [shift(seats=1), replace(shift("shift:2", seats=1), window=window("2026-06-13T10:30", "2026-06-13T12:00"))]
    assert len(solved(both, crowd(person(minutes=600, radius=6000)))[2]) == 1


def test_own_sign_ups_and_questions_out_keep_somebody_away() -> None:
    start, end = (minute(moment) for moment in MORNING)
    people = crowd(person(), person())
    busy = replace(people, busy=Times().and_these([(0, end + 20, end + 80)]))
    assert broken(shift(), busy) == ["engaged"] and broken(shift(), busy, 1) == []
    free = replace(people, busy=Times().and_these([(0, end + 30, end + 80), (0, start - 90, start - 30)]))
    assert broken(shift(), free) == []


def test_nobody_is_asked_more_often_than_the_district_allows() -> None:
    people = replace(crowd(person(), person(), team(1)), invited=np.array([3, 2, 9]))
    assert [broken(shift(), people, row) for row in range(3)] == [["week"], [], []]
    wanted = [shift("shift:1", seats=1), demand("wish:1")]
    _snapshot, _plan, lines = solved(wanted, replace(crowd(person(minutes=900)), invited=np.array([2])))
    assert len(lines) == 1, "one more question is left for this week"


def test_the_terms_of_the_call() -> None:
    people = crowd(person(), person())
    assert broken(shift(not_for=frozenset({101})), people) == ["terms"]
    assert [broken(shift(only_for=frozenset({102})), people, row) for row in (0, 1)] == [["terms"], []]


def test_a_repair_counts_what_a_team_has_elsewhere_in_the_round() -> None:
    snapshot, _plan, _lines = solved([shift()], crowd(team(4)))
    before = snapshot.problem["supporters"][0]["capacity"]
    nearby._narrow(snapshot, [101])
    assert snapshot.problem["supporters"][0]["capacity"] == before - 1, "a team that only comes whole has no pairs of its own"


def test_who_has_time_for_one_only_is_asked_for_one() -> None:
    wanted = [shift("shift:1", seats=1), replace(shift("shift:2", seats=1), window=window("2026-06-14T08:00", "2026-06-14T10:00"))]
    snapshot, _plan, lines = solved(wanted, crowd(person(minutes=200)))
    assert len(lines) == 1 and [(entry["capacity"], entry["minutes"]) for entry in snapshot.problem["supporters"]] == [(1, None)]
    three = [*wanted, replace(shift("shift:3", seats=1), minutes=60, window=window("2026-06-15T08:00", "2026-06-15T09:00")),
             replace(shift("shift:4", seats=1), minutes=60, window=window("2026-06-16T08:00", "2026-06-16T09:00"))]
    snapshot, _plan, lines = solved(three, crowd(person(minutes=150)))
    assert snapshot.problem["pairs"]["minutes"].tolist() == [150, 150, 60, 60], "a long one leaves no time for a short one"
    assert len(lines) == 2
