"""The estimate of a yes: shrinkage, monotony, what few answers may say, and the order in which backups are asked."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wishapp.matching import acceptance
from wishapp.matching.acceptance import IN_VAIN, estimates, in_order, per_cent, shrunk, strength_of
from wishapp.matching.crowd import KINDS, MEMBER, UNIT

ANSWER = st.tuples(st.integers(1, 6), st.sampled_from(["goods", "repair"]), st.booleans(), st.integers(0, 900))


def known(answers: list[tuple[int, str, bool, int]]) -> acceptance.Estimates:
    """Estimates from (supporter id, kind of help, answer, days ago); ids up to 3 are units, the others members."""
    return estimates([a[0] for a in answers], [UNIT if a[0] <= 3 else MEMBER for a in answers], [a[1] for a in answers],
                     [a[2] for a in answers], [a[3] for a in answers])


def chance(answers: list[tuple], supporter_id: int = 1, kind: int = UNIT, help_kind: str = "goods") -> float:
    return float(known(answers).of([supporter_id], [kind], help_kind)[0])


def test_before_anybody_answered_three_of_four() -> None:
    assert chance([]) == pytest.approx(0.75)
    assert known([]).record(1) == 0


@settings(deadline=None)
@given(st.lists(ANSWER, min_size=1, max_size=60))
def test_never_asked_is_the_group_mean(answers: list[tuple]) -> None:
    found = known(answers)
    for help_kind in ("goods", "repair", "medical"):
        for kind in range(len(KINDS)):
            assert found.of([99], [kind], help_kind)[0] == found.group(help_kind)[kind]


@settings(deadline=None)
@given(st.lists(ANSWER, min_size=1, max_size=60))
def test_between_own_rate_and_group_mean_and_never_certain(answers: list[tuple]) -> None:
    found = known(answers)
    for supporter_id, help_kind in {(a[0], a[1]) for a in answers}:
        own = [a for a in answers if a[0] == supporter_id]
        weight = [0.5 ** (days / acceptance.HALF_LIFE) * (1 if word == help_kind else acceptance.OTHER_KIND) for _, word, _, days in own]
        rate = sum(w for w, a in zip(weight, own, strict=True) if a[2]) / sum(weight)
        kind = UNIT if supporter_id <= 3 else MEMBER
        mean = found.group(help_kind)[kind]
        estimate = found.of([supporter_id], [kind], help_kind)[0]
        assert min(rate, mean) - 1e-9 <= estimate <= max(rate, mean) + 1e-9
        assert 0 < estimate < 1 and 1 <= per_cent(estimate) <= 99


@given(st.integers(0, 30), st.integers(0, 30), st.floats(0.05, 0.95), st.floats(2, 50))
def test_one_more_yes_raises_and_one_more_no_lowers(yes: int, no: int, mean: float, strength: float) -> None:
    here = shrunk(yes, yes + no, mean, strength)
    assert shrunk(yes + 1, yes + no + 1, mean, strength) > here > shrunk(yes, yes + no + 1, mean, strength)


def test_a_yes_raises_a_no_lowers_in_the_whole_model() -> None:
    crowd = [(number, "goods", number % 2 == 0, 0) for number in (2, 3, 4, 5, 6)] * 3
    assert chance([*crowd, (1, "goods", True, 0)]) > chance(crowd) > chance([*crowd, (1, "goods", False, 0)])


def test_few_answers_say_little_many_say_much() -> None:
    crowd = [(number, "goods", number % 2 == 0, 0) for number in (2, 3)] * 20
    once, often = chance([*crowd, (1, "goods", False, 0)]), chance([*crowd, *[(1, "goods", False, 0)] * 30])
    assert 0.25 < once < 0.5 and often < 0.1


def test_old_answers_and_other_kinds_count_less() -> None:
    crowd = [(number, word, number % 2 == 0, 0) for number in (2, 3) for word in ("goods", "repair")] * 20
    now, long_ago, elsewhere = (chance([*crowd, *[(1, word, False, days)] * 6]) for word, days in (("goods", 0), ("goods", 730), ("repair", 0)))
    assert now < elsewhere and now < long_ago
    assert max(elsewhere, long_ago) < chance(crowd)


def test_strength_follows_the_spread_between_people() -> None:
    """Where everybody is like everybody the mean counts for much; where people differ it counts for little. Drawn with known strengths."""
    dice, found = np.random.default_rng(7), []
    for true in (2.5, 8.0, 40.0):
        people = dice.beta(0.7 * true, 0.3 * true, 4000)
        asked = dice.integers(1, 9, 4000)
        found.append(strength_of(dice.binomial(asked, people).astype(float), asked.astype(float), np.full(4000, 0.7), 1))
    assert found[0] == pytest.approx(2.5, rel=0.3) and found[1] == pytest.approx(8.0, rel=0.3) and found[2] > 20


def test_strength_is_the_usual_one_with_too_little_to_go_by() -> None:
    ones = np.ones(10)
    assert strength_of(ones, ones, np.full(10, 0.7), 1) == acceptance.USUAL_STRENGTH


def test_estimates_are_calibrated() -> None:
    """Simulated histories: of the offers given p, a share of p is accepted; and nearer the truth than own rate or group mean alone."""
    dice = np.random.default_rng(11)
    people, kinds = 3000, ("goods", "repair", "medical", "learning")
    level = dice.beta(6, 2.5, len(kinds))
    own = np.stack([dice.beta(6 * p, 6 * (1 - p), people) for p in level], axis=1)
    asked = dice.poisson(1.2, (people, len(kinds)))
    rows = [(person, kind, bool(dice.random() < own[person, kind])) for person, kind in np.ndindex(*asked.shape) for _ in range(asked[person, kind])]
    found = estimates([r[0] for r in rows], [MEMBER] * len(rows), [kinds[r[1]] for r in rows], [r[2] for r in rows], [0.0] * len(rows))
    guess = np.stack([found.of(np.arange(people), np.full(people, MEMBER), word) for word in kinds], axis=1)
    for low in np.arange(0.2, 1.0, 0.1):
        inside = (guess >= low) & (guess < low + 0.1)
        if inside.sum() > 200:
            assert own[inside].mean() == pytest.approx(guess[inside].mean(), abs=0.04)
    yes = np.zeros(asked.shape)
    np.add.at(yes, tuple(np.array([r[:2] for r in rows]).T), [r[2] for r in rows])
    rate = np.where(asked > 0, yes / np.maximum(asked, 1), level)
    error = [float(((one - own) ** 2).mean()) for one in (guess, rate, np.broadcast_to(level, own.shape))]
    assert error[0] < error[1] and error[0] < error[2]


def expected(order: tuple, tier: int) -> float:
    """Worth of asking in this order until somebody says yes, each asking in vain paid for."""
    worth, still = 0.0, 1.0
    for entry in order:
        chance = entry[5] / 100
        worth += still * (chance * (1000 - entry[1]) - (1 - chance) * IN_VAIN[tier])
        still *= 1 - chance
    return worth


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 600), st.integers(1, 99)), min_size=2, max_size=5), st.integers(0, 2))
def test_the_order_of_backups_is_the_best_of_all(people: list[tuple[int, int]], tier: int) -> None:
    entries = [[number, loss, 100, 1, f"样例{number}", chance] for number, (loss, chance) in enumerate(people)]
    best = max(expected(order, tier) for order in itertools.permutations(entries))
    assert expected(tuple(in_order(entries, tier)), tier) == pytest.approx(best)


def test_a_likelier_yes_comes_first_but_not_at_any_price() -> None:
    near, sure, poor = [1, 0, 0, 1, "甲", 40], [2, 60, 0, 1, "乙", 95], [3, 400, 0, 1, "丙", 99]
    assert [entry[0] for entry in in_order([near, sure, poor], 2)] == [2, 1, 3]
    assert [entry[0] for entry in in_order([near, [*sure[:3], 0, *sure[4:]]], 2)] == [1, 2], "who has no room in this plan comes last"
