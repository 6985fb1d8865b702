"""The demonstration street: lived through the real services, somebody for every role, nobody real."""

import re
from collections import Counter
from random import Random

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import csrf_token
from wishapp.accounts import queries as accounts
from wishapp.accounts.models import User
from wishapp.demo import calls as telling
from wishapp.demo import names, stories
from wishapp.demo.accounts import PASSWORD, SIGN_INS, table
from wishapp.kernel.permissions import GRANTABLE
from wishapp.kernel.privacy import private_part
from wishapp.matching.models import MatchRun, Proposal
from wishapp.places.models import Place
from wishapp.store.audit import AuditEntry
from wishapp.store.db import db
from wishapp.supporters import queries as supporters
from wishapp.supporters.models import Supporter
from wishapp.volunteering.models import Call, Shift, SignUp
from wishapp.volunteering.record_models import ServiceRecord
from wishapp.wishes.models import Wish, WishPhoto
from wishapp.wishes.privacy import is_joke

lived_in = pytest.mark.lived_in


@lived_in
def test_it_has_the_size_of_a_street(context: Flask) -> None:
    levels = Counter(db.session.scalars(select(Place.level)))
    kinds = Counter(db.session.scalars(select(Supporter.kind)))
    assert levels == {"city": 1, "district": 1, "street": 1, "community": 8, "grid": 56}
    assert kinds == {"unit": 60, "member": 900, "team": 20, "volunteer": 1}
    assert db.session.query(Wish).count() >= 300


@lived_in
def test_a_third_is_somewhere_along_the_road(context: Flask) -> None:
    states = Counter(db.session.scalars(select(Wish.state)))
    along = sum(count for state, count in states.items() if state not in ("draft", "submitted", "open"))
    assert along >= 100
    assert {"draft", "submitted", "returned", "open", "reserved", "in_progress", "delivered", "fulfilled", "closed", "withdrawn", "expired"} <= set(states)
    assert db.session.query(WishPhoto).count() > 30


@lived_in
def test_timelines_run_forward(context: Flask) -> None:
    last: dict[tuple[str, int], object] = {}
    for entry in db.session.scalars(select(AuditEntry).where(AuditEntry.kind.in_(("wish", "claim"))).order_by(AuditEntry.id)):
        key = entry.kind, entry.thing_id
        assert key not in last or last[key] <= entry.at, f"{key} goes back in time at entry {entry.id}"
        last[key] = entry.at
    done = db.session.scalars(select(Wish).where(Wish.state == "closed", Wish.delivered_at.is_not(None))).all()
    assert len(done) > 20
    for closed in done:
        assert closed.published_at < closed.delivered_at < closed.fulfilled_at, closed.id


@lived_in
def test_offers_wait_for_the_known_helpers(context: Flask) -> None:
    for username in ("unit", "member", "team"):
        user = accounts.user_by_name_or_phone(username)
        ids = [supporter.id for supporter in supporters.supporters_of(user.id)]
        waiting = db.session.scalars(select(Proposal).where(Proposal.supporter_id.in_(ids), Proposal.state == "offered")).all()
        assert waiting, f"nothing waits for {username}"
    assert db.session.scalars(select(MatchRun.state)).all().count("in_use") == 1


@lived_in
def test_the_resident_has_wishes_in_many_states(context: Flask) -> None:
    user = accounts.user_by_name_or_phone("resident")
    states = set(db.session.scalars(select(Wish.state).where(Wish.posted_by_id == user.id)))
    assert len(states) >= 6


@lived_in
def test_everybody_in_the_table_can_sign_in(client: FlaskClient, app: Flask) -> None:
    held = set()
    for entry in SIGN_INS:
        visitor = app.test_client()
        token = csrf_token(visitor, "/sign-in")
        answer = visitor.post("/sign-in", data={"csrf_token": token, "username": entry.username, "password": PASSWORD})
        assert answer.status_code == 303, entry.username
        assert visitor.get("/today").status_code == 200
        with app.app_context():
            held |= {grant.role for grant in accounts.user_by_name_or_phone(entry.username).grants}
        assert entry.username in table()
    assert held == {str(role) for role in GRANTABLE}


@lived_in
def test_nobody_real_is_meant(context: Flask) -> None:
    for user in db.session.scalars(select(User)):
        assert user.display_name.endswith(names.GIVEN), user.username
        assert user.phone is None or re.fullmatch(r"\+861380000\d{4}", user.phone), user.username


def test_the_stories_are_clean_and_many() -> None:
    told = [*stories.read(), *stories.read("rare.psv")]
    assert len({story.story for story in told}) == len(told) >= 150
    for story in told:
        assert private_part(f"{story.title} {story.story}") is None, story.title
        assert not is_joke(story.title + story.story), story.title
        assert "http" not in story.story
        assert 2 <= len(story.title) <= 60
    assert {story.kind for story in told} == set(stories.SHARES)


def test_the_same_seed_tells_the_same() -> None:
    one, other, third = (stories.Teller(Random(seed)) for seed in (5, 5, 6))
    first = [one.next() for _each in range(200)]
    assert first == [other.next() for _each in range(200)]
    assert first != [third.next() for _each in range(200)]


def test_units_are_all_different() -> None:
    assert len({unit[0] for unit in names.units(1200)}) == 1200


@lived_in
def test_calls_are_somewhere_along_their_road(context: Flask) -> None:
    states = Counter(db.session.scalars(select(Call.state)))
    assert {"draft", "submitted", "returned", "open", "full", "under_way", "done", "archived", "cancelled"} <= set(states) and db.session.query(Shift).count() >= 30
    there = Counter(db.session.scalars(select(SignUp.state)))
    assert {"confirmed", "applied", "waitlisted", "attended", "cancelled"} <= set(there)
    assert {"shown", "final"} <= set(db.session.scalars(select(ServiceRecord.state)))
    asked = db.session.scalars(select(Proposal.state).where(Proposal.demand_ref.startswith("shift:"))).all()
    assert {"proposed", "accepted"} <= set(asked), "the office fills seats beside people's own sign-ups"


@lived_in
def test_nothing_private_in_the_words_of_calls(context: Flask) -> None:
    for story in telling.read().values():
        assert not any(private_part(text) for text in (story.title, story.story, story.spot, story.risks, story.safeguards)), story.key
