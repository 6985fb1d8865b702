"""Who is told what, and how often."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask_babel import force_locale

from tests.conftest import Clock
from tests.notices.conftest import ask
from wishapp.kernel.roles import SYSTEM
from wishapp.notices import queries, service
from wishapp.notices.models import Notice, Outgoing
from wishapp.notices.rules import RULES
from wishapp.notices.wording import Words, sentence
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.workflows.claim import CLAIM
from wishapp.workflows.proposal import PROPOSAL
from wishapp.workflows.wish import WISH

KNOWN_WORDS = {"title", "who", "place", "number", "why", "until", "points", "into", "served", "demands", "was",
               "day", "days", "hours", "members", "misses", "rest", "spot", "starts", "year"}
# steps nobody waits for: seats move inside other steps, and putting a wish on file afterwards is silent
SILENT = {
    ("wish", "reserve"), ("wish", "reopen_seat"), ("wish", "start"), ("wish", "close"), ("claim", "decline"), ("claim", "lapse"), ("claim", "dispute"),
    ("proposal", "dismiss"), ("proposal", "swap"), ("proposal", "restore"), ("proposal", "revive"),
}


def test_every_step_somebody_waits_for_has_a_rule() -> None:
    steps = {(table.name, step.action) for table in (WISH, CLAIM, PROPOSAL) for step in table.steps}
    assert steps - set(RULES) == SILENT


def test_texts_use_only_known_words() -> None:
    for audiences in RULES.values():
        for rule in audiences.values():
            assert set(re.findall(r"%\((\w+)\)s", rule.text + rule.without_points)) <= KNOWN_WORDS
            assert "%" not in re.sub(r"%\(\w+\)s", "", rule.text)


@pytest.mark.both_databases
def test_people_are_told_once_by_the_first_audience(office: Flask, reader: Callable[..., int]) -> None:
    one, two = reader("one"), reader("two")
    with transaction():
        count = service.announce("wish", "claim", thing_id=5, people={"poster": [one, one], "staff": [one, two], "strangers": [two]},
                                 params={"title": "轮椅", "who": "某单位"})
    assert count == 2
    assert [row.audience for row in queries.inbox(one).rows + queries.inbox(two).rows] == ["poster", "staff"]


@pytest.mark.both_databases
def test_the_same_step_is_told_once_the_next_one_again(office: Flask, reader: Callable[..., int]) -> None:
    one = reader("one")
    assert [ask([one]), ask([one])] == [1, 0]
    with transaction():
        audit.record("proposal", 1, "approve", by=SYSTEM)
    assert [ask([one]), ask([one])] == [1, 0]
    assert ask([one], title="别的心愿") == 1


def test_unknown_steps_tell_nobody(office: Flask, reader: Callable[..., int]) -> None:
    one = reader("one")
    with transaction():
        assert service.announce("wish", "dance", thing_id=1, people={"poster": [one]}, params={}) == 0
        assert service.announce("wish", "publish", thing_id=1, people={"upper_staff": [one], "poster": []}, params={}) == 0
    assert queries.unread_count(one) == 0


def test_what_did_not_happen_is_not_told(office: Flask, reader: Callable[..., int]) -> None:
    one = reader("one", email="one@example.org")
    with pytest.raises(RuntimeError), transaction():
        service.announce("proposal", "approve", thing_id=1, people={"supporter": [one]}, params={"title": "轮椅"})
        raise RuntimeError
    assert queries.unread_count(one) == 0
    assert db.session.query(Outgoing).count() == 0


def test_mail_is_queued_only_for_those_with_an_address(office: Flask, reader: Callable[..., int]) -> None:
    ask([reader("one", email="one@example.org"), reader("two")])
    assert db.session.query(Outgoing).count() == 1


def test_one_call_of_the_robot_for_all_staff(office: Flask, reader: Callable[..., int]) -> None:
    staff = [reader("one"), reader("two")]
    for _ in range(2):
        with transaction():
            service.announce("wish", "submit", thing_id=1, people={"staff": staff}, params={"title": "轮椅"})
    assert [row.channel for row in db.session.query(Outgoing)] == ["robot"]


def test_texts_in_the_readers_language(office: Flask, clock: Clock) -> None:
    notice = Notice(workflow="proposal", action="approve", audience="supporter", params={"title": "轮椅", "until": "2026-06-10T10:00:00+00:00"})
    with force_locale("en"):
        assert sentence(notice) == "Could you lend a hand with “轮椅”? Please answer by today 18:00."


def test_points_are_named_only_when_there_are_some(office: Flask) -> None:
    def read(points: int | None) -> str:
        with force_locale("en"):
            return sentence(Notice(workflow="claim", action="confirm", audience="claimer", params={"title": "x", "points": points}))

    assert read(15) == "“x” is settled. 1.5 points have come in."
    assert read(0) == read(None) == "“x” is settled. Thank you for lending a hand."


def test_a_missing_word_or_rule_does_not_break_the_inbox(office: Flask) -> None:
    assert Words({})["title"] == "–"
    with force_locale("en"):
        assert sentence(Notice(workflow="gone", action="x", audience="y", params={})) == "There is news for you."
        assert "–" in sentence(Notice(workflow="wish", action="publish", audience="poster", params={}))


@pytest.mark.both_databases
def test_unread_first_then_newest(office: Flask, reader: Callable[..., int], clock: Clock) -> None:
    one, other = reader("one"), reader("other")
    for number in range(3):
        ask([one], title=f"第{number}件", proposal_id=number)
    newest = queries.inbox(one).rows[0]
    with transaction():
        service.read_notice(newest, by=one_actor(one))
        service.read_notice(queries.inbox(one).rows[1], by=one_actor(other))
    assert [row.params["title"] for row in queries.inbox(one).rows] == ["第1件", "第0件", "第2件"]
    assert queries.unread_count(one) == 2
    with transaction():
        assert service.read_all_notices(by=one_actor(one)) == 2
    assert queries.inbox(one, is_unread_only=True).total == 0


def one_actor(user_id: int) -> object:
    """The person as services know people."""
    return db.session.get(service.User, user_id).actor


def test_old_notices_are_forgotten_unread_ones_kept(office: Flask, reader: Callable[..., int], clock: Clock) -> None:
    one = reader("one")
    ask([one], proposal_id=1)
    with transaction():
        service.read_all_notices(by=one_actor(one))
    ask([one], proposal_id=2)
    clock.forward(days=181)
    with transaction():
        assert service.forget_old_notices() == 1
    assert queries.inbox(one).total == 1
