"""`wishapp verify` finds nothing in what the services did, and finds every kind of damage done to it."""

import pytest
from flask import Flask
from sqlalchemy import text

from tests.volunteering.scene import Scene
from wishapp import checks
from wishapp.commands import verify
from wishapp.kernel import clock
from wishapp.kernel.roles import SYSTEM
from wishapp.places import queries as places
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters import service as supporters
from wishapp.volunteering import service

DAMAGE = {
    "shift_seats": ["UPDATE shift_roles SET taken = taken - 1 WHERE taken = 3"],
    "overlaps": [
        "DROP TRIGGER tr_sign_ups_overlap_update", "DROP INDEX uq_sign_ups_living",
        "UPDATE sign_ups SET volunteer_id = (SELECT min(volunteer_id) FROM sign_ups WHERE state = 'confirmed') WHERE state = 'offered'",
    ],
    "waiting": ["UPDATE shift_roles SET seats = seats + 1 WHERE id IN (SELECT role_id FROM sign_ups WHERE state = 'waitlisted')"],
    "open_calls": ["UPDATE calls SET state = 'open' WHERE state = 'full'"],
    "capacity": ["UPDATE capacities SET taken = taken - 1"],
}
ALSO = {
    "overlaps": ["UPDATE sign_ups SET ends_at = starts_at WHERE state = 'offered'"],
    "waiting": ["UPDATE sign_ups SET answer_by = NULL WHERE state = 'offered'"],
    "shift_seats": ["UPDATE sign_ups SET people = 3 WHERE state = 'confirmed'"],
}


@pytest.fixture
def busy(scene: Scene) -> Flask:
    """A full shift: two confirmed (one in the name of a supporter who promised time), one asked, two waiting."""
    scene.open_call(seats=3)
    with transaction():
        member = supporters.create_supporter(kind="member", name="陈某", place=places.place(scene.at.community.id), by=SYSTEM, monthly_minutes=600)
    made = [scene.sign_up(number) for number in range(6)]
    with transaction():
        service.cancel_sign_up(made[0], by=scene.person(0).actor)
    with transaction():
        made[1].supporter_id = member.id
        made[1].capacity_period = supporters.take_capacity(member.id, kind="service", minutes=made[1].shift.minutes, day=clock.today())
    assert scene.states() == ["cancelled", "confirmed", "confirmed", "offered", "waitlisted", "waitlisted"]
    return scene.app


def broken(app: Flask) -> set[str]:
    """Names of the checks that found something."""
    return {name for name, found in verify(app.extensions["wishapp_checks"])["checks"].items() if found["broken"]}


def test_nothing_is_wrong(busy: Flask) -> None:
    assert broken(busy) == set()


def test_damage_is_found(busy: Flask) -> None:
    """Each on its own, taken back afterwards."""
    for name, statements in [*DAMAGE.items(), *ALSO.items()]:
        for statement in statements:
            assert db.session.execute(text(statement)).rowcount != 0
        assert list(next(check for check in checks.ALL if check.__name__ == name)()), f"{name} overlooks {statements}"
        db.session.rollback()


def test_every_check_can_fail() -> None:
    assert {check.__name__ for check in checks.volunteering.ALL} <= set(DAMAGE)
