"""advance(): the table decides, nobody overtakes, every step leaves one row, and nothing else writes `state`."""

import threading

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from wishapp.accounts.models import User
from wishapp.kernel.errors import BadInput, Forbidden, Refused, SomeoneWasFaster
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import Actor, Grant
from wishapp.places.models import Place
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.store.transitions import advance
from wishapp.wishes.models import Wish

STAFF = Actor(2, "staff", (Grant(Role.COMMUNITY_STAFF, 1, "/1/"),))
RESIDENT = Actor(1, "resident", (Grant(Role.RESIDENT, 1, "/1/"),))


def _wish() -> Wish:
    with transaction():
        db.session.add(Place(code="1", name="x", level="community", path="/1/"))
        db.session.add(User(username="a", display_name="测试甲"))
        db.session.flush()
        wish = Wish(
            number="1", title="一盏台灯", kind="goods", group="residents", urgency="calm", masked_name="测某", age_band="adult",
            beneficiary_name="测试甲", community_id=1, place_path="/1/", posted_by_id=1,
        )
        db.session.add(wish)
    return wish


@pytest.mark.both_databases
def test_each_step_leaves_one_row(context: Flask) -> None:
    wish = _wish()
    with transaction():
        advance(wish, "submit", by=RESIDENT)
        advance(wish, "return", by=STAFF, note="电话少一位", photo=3)
    assert wish.state == "returned"
    newest, first = audit.history("wish", wish.id)
    assert (newest.action, newest.from_state, newest.to_state, newest.actor_id, newest.note, newest.data) == (
        "return", "submitted", "returned", 2, "电话少一位", {"photo": 3})
    assert (first.action, first.place_path) == ("submit", "/1/")


def test_what_the_table_does_not_list_is_refused(context: Flask) -> None:
    wish = _wish()
    for actor, action, error in ((STAFF, "publish", Refused), (Actor(None, ""), "submit", Forbidden)):
        with pytest.raises(error), transaction():
            advance(wish, action, by=actor)
    with transaction():
        advance(wish, "submit", by=RESIDENT)
    with pytest.raises(BadInput), transaction():
        advance(wish, "return", by=STAFF, note="  ")
    assert wish.state == "submitted"


def test_state_cannot_be_assigned(context: Flask) -> None:
    wish = _wish()
    with pytest.raises(AttributeError):
        wish.state = "open"
    with pytest.raises(AttributeError):
        Wish(state="open")


@pytest.mark.both_databases
def test_of_two_at_once_one_is_told(app: Flask) -> None:
    with app.app_context():
        wish_id = _wish().id
        with transaction():
            advance(db.session.get(Wish, wish_id), "submit", by=RESIDENT)
    outcomes, together = [], threading.Barrier(2)

    def act(action: str, note: str) -> None:
        with app.app_context():
            wish = db.session.get(Wish, wish_id)
            together.wait()
            try:
                with transaction():
                    advance(wish, action, by=STAFF, note=note)
                outcomes.append("done")
            except (Refused, SomeoneWasFaster):
                outcomes.append("told")

    threads = [threading.Thread(target=act, args=pair) for pair in (("publish", ""), ("return", "再写清楚些"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "told"]


@pytest.mark.both_databases
@pytest.mark.parametrize("sentence", ["UPDATE audit_entries SET actor_id = 9", "DELETE FROM audit_entries"])
def test_the_record_cannot_be_changed(context: Flask, sentence: str) -> None:
    wish = _wish()
    with transaction():
        advance(wish, "submit", by=RESIDENT)
    with pytest.raises(DatabaseError), transaction():
        db.session.execute(text(sentence))


def _tampered(context: Flask, *sentences: str) -> list[str]:
    wish = _wish()
    with transaction():
        advance(wish, "submit", by=RESIDENT)
        advance(wish, "return", by=STAFF, note="一")
        advance(wish, "submit", by=RESIDENT)
    with transaction():
        audit.seal()
    known = audit.head()
    assert audit.broken_seals(known) == []
    with transaction():
        for name in ("audit_entries", "audit_seals"):
            for verb in ("update", "delete"):
                db.session.execute(text(f"DROP TRIGGER tr_{name}_no_{verb}"))
        db.session.execute(text("PRAGMA defer_foreign_keys=ON"))
        for sentence in sentences:
            db.session.execute(text(sentence))
    db.session.expire_all()
    return audit.broken_seals(known)


@pytest.mark.parametrize("sentences", [
    ["UPDATE audit_entries SET actor_id = 9 WHERE id = 2"],
    ["DELETE FROM audit_seals WHERE entry_id = 2", "DELETE FROM audit_entries WHERE id = 2"],
    ["DELETE FROM audit_seals WHERE entry_id = 3", "DELETE FROM audit_entries WHERE id = 3"],
    ["UPDATE audit_entries SET note = 'x' WHERE id = 1", "UPDATE audit_seals SET digest = 'f' WHERE seq = 1"],
], ids=["edit", "delete", "cut tail", "edit with seal"])
def test_tampering_with_the_record_is_found(context: Flask, sentences: list[str]) -> None:
    assert _tampered(context, *sentences)


def test_control_an_untouched_record_is_clean(context: Flask) -> None:
    assert _tampered(context) == []


def test_nothing_in_the_record_is_personal(context: Flask) -> None:
    wish = _wish()
    with transaction():
        advance(wish, "submit", by=RESIDENT)
    dump = str([entry.__dict__ for entry in db.session.scalars(select(audit.AuditEntry))])
    assert "测试甲" not in dump
