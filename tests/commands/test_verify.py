"""`wishapp verify` finds nothing in a street that has been lived in, and finds every kind of damage done to it."""

import json

import pytest
from flask import Flask
from sqlalchemy import text

from tests.volunteering.test_checks import DAMAGE as SEATS
from tests.volunteering.test_record_checks import DAMAGE as HOURS
from wishapp import checks
from wishapp.commands import routes, verify
from wishapp.jobs import housekeeping
from wishapp.store.db import db

pytestmark = pytest.mark.lived_in
LIVING = "('held','accepted','delivered','fulfilled')"
DAMAGE = {
    "places": ["UPDATE places SET path = '/9/9/' WHERE level = 'grid' AND id = (SELECT max(id) FROM places)"],
    "seats": ["UPDATE wishes SET taken = 1 WHERE id = (SELECT max(id) FROM wishes WHERE taken = 0)"],
    "double_claims": [
        f"INSERT INTO claims (wish_id, supporter_id, turn, origin, place_path, state, delivery_words, released_why, created_at, round) "
        f"SELECT wish_id, supporter_id, turn + 7, origin, place_path, 'accepted', '', '', created_at, 1 FROM claims WHERE state IN {LIVING} LIMIT 1",
    ],
    "capacity": ["UPDATE capacities SET taken = taken - 1 WHERE id = (SELECT max(id) FROM capacities WHERE taken > 0)"],
    "promises": ["UPDATE claims SET state = 'delivered' WHERE id = (SELECT max(id) FROM claims WHERE state = 'held')"],
    "lifecycles": ["UPDATE wishes SET state = 'closed' WHERE id = (SELECT max(id) FROM wishes WHERE state = 'open')"],
    "ledger": ["UPDATE points_accounts SET balance = balance + 1 WHERE owner LIKE 'supporter:%'"],
    "record": ["DROP TRIGGER tr_audit_entries_no_update", "UPDATE audit_entries SET actor_id = 1 WHERE id = 40"],
    "jobs": ["UPDATE jobs SET attempt = 99 WHERE id = 1"],
    "protection": ["DROP TRIGGER tr_points_entries_no_delete"],
}


def broken(app: Flask) -> set[str]:
    """Names of the checks that found something."""
    return {name for name, found in verify(app.extensions["wishapp_checks"])["checks"].items() if found["broken"]}


def test_nothing_is_wrong(context: Flask) -> None:
    housekeeping.seal_everything()
    assert broken(context) == set()


@pytest.mark.parametrize("name", sorted(DAMAGE))
def test_damage_is_found(context: Flask, name: str) -> None:
    housekeeping.seal_everything()
    housekeeping.write_head()
    with db.engine.begin() as connection:
        for statement in DAMAGE[name]:
            assert connection.execute(text(statement)).rowcount != 0
    assert name in broken(context)


def test_a_cut_tail_is_found_by_the_head_kept_outside(context: Flask) -> None:
    housekeeping.seal_everything()
    housekeeping.write_head()
    with db.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER tr_audit_seals_no_delete"))
        connection.execute(text("DELETE FROM audit_seals WHERE seq > 100"))
    assert "record" in broken(context)


def test_every_check_can_fail() -> None:
    untested = {check.__name__ for check in checks.ALL} - set(DAMAGE) - set(SEATS) - set(HOURS)
    assert untested <= {"outbox"}, f"no damage is known to be found by {untested}"


def test_the_commands(app: Flask) -> None:
    runner = app.test_cli_runner()
    answer = runner.invoke(args=["verify", "--json"])
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.output)["ok"] is True
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text(DAMAGE["seats"][0]))
    answer = runner.invoke(args=["verify"])
    assert answer.exit_code == 1
    assert "BROKEN seats" in answer.output
    listed = json.loads(runner.invoke(args=["routes", "--json"]).output)
    assert listed == routes(app)
    assert all(route["permission"] for route in listed)
    assert next(route for route in listed if route["endpoint"] == "wishes.publish") == {
        "endpoint": "wishes.publish", "rule": "/wishes/<int:wish_id>/publish", "methods": ["POST"], "permission": "wishes.review", "scope": "place",
        "csrf": True,
    }
