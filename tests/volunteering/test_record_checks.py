"""`wishapp verify` on hours, points and certificates: silent on a sound history, each damage found by its own check."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from tests.conftest import Clock
from tests.factories import Neighbourhood, Person
from tests.volunteering.test_backfill import claim, written
from tests.volunteering.test_certificates import asked
from tests.volunteering.test_hours import served
from wishapp.kernel.permissions import Role
from wishapp.places import queries as places
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering import record_checks
from wishapp.volunteering.backfill import approve_hours
from wishapp.volunteering.certificates import issue_certificate
from wishapp.volunteering.finalising import finalise_due

DAMAGE = {
    "hours_points": "UPDATE service_records SET transfer_id = NULL WHERE source = 'check_in'",
    "hours_twice": "UPDATE service_records SET starts_at = (SELECT min(starts_at) FROM service_records)",
    "hours_sources": "UPDATE service_records SET reviewer_id = NULL WHERE source = 'backfill'",
    "certificates": "UPDATE certificates SET half_hours = half_hours + 1",
}


@pytest.fixture
def history(context: Flask, clock: Clock, person: Callable[..., Person], neighbourhood: Neighbourhood) -> Flask:
    """Hours by check-in and from a backfill, both final, with points and a certificate."""
    staff, colleague = (person(name, (Role.COMMUNITY_STAFF, neighbourhood.community)) for name in ("周社工", "吴社工"))
    helper = person("王乐助", lives_in=neighbourhood.community)
    record = claim(staff, helper, written(neighbourhood, clock.now - timedelta(days=1)))
    with transaction():
        approve_hours(record, by=colleague.actor)
    served(staff, helper, neighbourhood, clock)
    clock.forward(days=8)
    with transaction():
        finalise_due(10, set())
    with transaction():
        issue_certificate(record.volunteer, asked(until=clock.now.date()), by=staff.actor, issuer=places.place(neighbourhood.community.id))
    return context


def found() -> set[str]:
    return {check.__name__ for check in record_checks.ALL if list(check())}


@pytest.mark.both_databases
def test_every_damage_is_found_by_its_check(history: Flask) -> None:
    """One damage after the other, each taken back again."""
    assert found() == set()
    assert {check.__name__ for check in record_checks.ALL} == set(DAMAGE)
    for name, statement in DAMAGE.items():
        db.session.execute(text(statement))
        assert name in found(), name
        db.session.rollback()
