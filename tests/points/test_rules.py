"""What service is worth."""

import pytest

from wishapp.points import rules


@pytest.mark.parametrize(("minutes", "halves"), [
    (-5, 0), (0, 0), (14, 0), (15, 1), (44, 1), (45, 2), (60, 2), (74, 2), (75, 3), (104, 3), (105, 4), (120, 4), (600, 20),
])
def test_minutes_round_to_half_hours(minutes: int, halves: int) -> None:
    assert rules.half_hours(minutes) == halves


def test_an_hour_is_a_point() -> None:
    assert rules.points_for_wish("service", 60) == 10
    assert rules.points_for_wish("companionship", 90) == 15


def test_things_count_the_same_however_long_it_took() -> None:
    assert rules.points_for_wish("goods", 5) == rules.points_for_wish("goods", 600) == 10


def test_a_short_visit_still_counts_a_little() -> None:
    assert rules.points_for_wish("repair", 5) == 5


def test_everybody_of_a_team_counts() -> None:
    assert rules.points_for_wish("environment", 60, people=8) == 80


def test_a_day_has_a_cap_for_persons_only() -> None:
    assert rules.within_day(15, 10, "member") == 10
    assert rules.within_day(15, 20, "volunteer") == 0
    assert rules.within_day(15, -10, "volunteer") == 15
    assert rules.within_day(15, 500, "unit") == rules.within_day(15, 500, "team") == 15
