"""Asking in turn: how many backups, by when somebody has said yes, and when to remind."""

from datetime import datetime, time, timedelta
from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wishapp.kernel import clock
from wishapp.matching import waves
from wishapp.matching.models import Proposal
from wishapp.supporters.models import Supporter

CHANCES = st.lists(st.integers(1, 99), min_size=1, max_size=8)
MOMENTS = st.integers(0, 7 * 24 * 60 - 1).map(lambda minutes: datetime(2026, 6, 8, tzinfo=clock.LOCAL) + timedelta(minutes=minutes))


def proposal(**changes: object) -> Proposal:
    made = Proposal(supporter_id=1, tier=1, supporter=Supporter(name="远帆样例院"), chance=80, runners_up=[])
    for name, value in changes.items():
        setattr(made, name, value)
    return made


@given(CHANCES, st.floats(0.5, 0.99))
def test_backups_needed_is_the_least_number_that_reaches_it(chances: list[int], sure: float) -> None:
    reached = [1 - prod(1 - chance / 100 for chance in chances[:count]) for count in range(1, len(chances) + 1)]
    needed = waves.backups_needed(chances, sure)
    if needed is None:
        assert reached[-1] < sure + 1e-9
    else:
        assert reached[needed] >= sure - 1e-9 and all(share < sure + 1e-9 for share in reached[:needed])
    assert waves.served_by(chances) == pytest.approx(reached[-1])


def test_the_sequence_and_its_dates() -> None:
    sent = datetime(2026, 6, 10, 12, tzinfo=clock.LOCAL)
    backups = [[2, 10, 0, 1, "乙", 50], [3, 20, 0, 0, "丙", 90], [4, 30, 0, 1, "丁", 50]]
    found = waves.waves(proposal(sent_at=sent, answer_by=waves.deadline(1, sent)), 80, backups, sent)
    assert [(wave.name, wave.asked_at.isoformat()[5:16], wave.answer_by.isoformat()[5:16], wave.served) for wave in found] == [
        ("远帆样例院", "06-10T12:00", "06-12T18:00", 80), ("乙", "06-12T18:00", "06-14T18:00", 90), ("丁", "06-14T18:00", "06-16T18:00", 95)]


def test_not_sent_yet_counts_from_now() -> None:
    now = datetime(2026, 6, 10, 12, tzinfo=clock.LOCAL)
    held = proposal(answer_by=None, sent_at=None)
    assert [wave.asked_at for wave in waves.waves(held, 80, [], now)] == [now]


@settings(max_examples=300)
@given(MOMENTS, st.integers(0, 2), st.integers(1, 99))
def test_reminders_come_by_day_in_time_and_not_too_soon(sent: datetime, tier: int, chance: int) -> None:
    answer_by = waves.deadline(tier, sent)
    at = waves.remind_at(sent, answer_by, chance)
    assert at is not None, "a day or more is time enough for one"
    assert time(8, 30) <= at.astimezone(clock.LOCAL).time() <= time(20)
    assert sent + timedelta(hours=3) <= at <= answer_by - timedelta(hours=2)


@given(MOMENTS, st.integers(0, 2), st.integers(1, 98))
def test_the_less_likely_a_yes_the_earlier(sent: datetime, tier: int, chance: int) -> None:
    answer_by = waves.deadline(tier, sent)
    assert waves.remind_at(sent, answer_by, chance) <= waves.remind_at(sent, answer_by, chance + 1)


def test_an_offer_sent_shortly_before_its_end_gets_none() -> None:
    sent = datetime(2026, 6, 10, 14, tzinfo=clock.LOCAL)
    assert waves.remind_at(sent, sent + timedelta(hours=4), 80) is None
