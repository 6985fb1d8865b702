"""A call, its people and their seats for tests. Ids and plain values only; every verb goes through the real services."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient

from tests.factories import Neighbourhood, Person, Spot, sign_in
from wishapp.kernel import clock
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import SYSTEM, Actor, Grant
from wishapp.places import queries as places
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters import service as supporters
from wishapp.volunteering import service
from wishapp.volunteering.models import Call, Shift


@dataclass
class Office:
    """Everybody an organiser meets."""

    app: Flask
    at: Neighbourhood
    staff: Person
    colleague: Person
    leader: Person
    other_leader: Person
    far_staff: Person
    street: Person
    street_colleague: Person
    grid_worker: Person
    resident: Person
    team_id: int

    def visit(self, person: Person) -> FlaskClient:
        """A signed-in visitor without JavaScript."""
        return sign_in(self.app.test_client(), person)


def make_office(app: Flask, person: Callable, at: Neighbourhood) -> Office:
    """Everybody with their accounts, and a registered team; no call yet."""
    leader = person("冯队长", (Role.TEAM_LEADER, at.community))
    return Office(
        app, at, person("张社工", (Role.COMMUNITY_STAFF, at.community)), person("何社工", (Role.COMMUNITY_STAFF, at.community)), leader,
        person("卫队长", (Role.TEAM_LEADER, at.community)), person("远社工", (Role.COMMUNITY_STAFF, at.far_community)),
        person("街道陈", (Role.STREET_STAFF, at.street)), person("街道褚", (Role.STREET_STAFF, at.street)),
        person("网格员", (Role.GRID_WORKER, at.grid)), person("居民李", (Role.RESIDENT, at.community)), make_team(app, at.community, leader))


def make_call(
    app: Flask, place: Spot, by: Person, *, shifts: int = 1, seats: int = 5, minimum: int = 0, days: int = 3, hours: int = 2, skills: dict[str, int] | None = None,
    team_id: int | None = None, is_published: bool = True, is_sent: bool = True, **values: object,
) -> tuple[int, list[int]]:
    """A call with shifts on days in a row, the first in `days` days: (call id, shift ids)."""
    with app.app_context():
        with transaction():
            call = service.create_call(places.place(place.id), by=by.actor, team_id=team_id,
                                       **{"title": "网格巡逻", "spot": "党群服务中心门前", **values})
            for number in range(shifts):
                begins = clock.now() + timedelta(days=days + number)
                service.add_shift(call, begins, begins + timedelta(hours=hours), seats, by=by.actor, skills=skills, minimum=minimum)
            if is_sent:
                service.submit_call(call, by=by.actor)
            if is_published and is_sent:
                service.publish_call(call, by=reviewer(place))
        return call.id, [shift.id for shift in call.shifts]


def reviewer(spot: Spot) -> Actor:
    """Somebody of the street who reviews there; no account stands behind it."""
    return Actor(id=None, name="", grants=(Grant(Role.STREET_STAFF, spot.id, spot.path),))


def make_team(app: Flask, spot: Spot, leader: Person, name: str = "暖邻志愿队") -> int:
    """A registered team led by this person: its id."""
    with app.app_context():
        with transaction():
            team = supporters.create_supporter(kind="team", name=name, place=places.place(spot.id), by=SYSTEM, size=5, people=[leader.id])
        return team.id


def sign_up(app: Flask, shift_id: int, person: Person, *, people: int = 1, **options: object) -> int:
    """The person signs up for plain seats of the shift: id of the sign-up."""
    with app.app_context():
        with transaction():
            role = db.session.get(Shift, shift_id).roles[0]
            made = service.sign_up(role, service.ensure_volunteer(person.id), by=person.actor, people=people, **options)
        return made.id


def call_state(app: Flask, call_id: int) -> str:
    """The call's state, read afresh."""
    with app.app_context():
        return db.session.get(Call, call_id).state
