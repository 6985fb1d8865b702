"""A unit, a member and a team of the test neighbourhood."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask

from tests.factories import Neighbourhood, Person
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import SYSTEM
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters import service
from wishapp.supporters.models import Supporter


@dataclass(frozen=True)
class Helpers:
    """Ids of supporters and the people around them."""

    unit: int
    member: int
    team: int
    far_unit: int
    contact: Person
    member_person: Person
    staff: Person
    street: Person
    far_staff: Person
    resident: Person


@pytest.fixture
def helpers(app: Flask, neighbourhood: Neighbourhood, person: Callable[..., Person]) -> Helpers:
    """Four supporters: a unit and a member in the first community, a team next door, a unit on the other street."""
    here, there, far = neighbourhood.community, neighbourhood.next_community, neighbourhood.far_community
    contact, member = person("李测", (Role.UNIT_CONTACT, here)), person("周测", (Role.PARTY_MEMBER, here))
    with app.app_context():
        with transaction():
            unit = make("unit", "青桥小学（测试）", here.id, people=[contact.id])
            one = make("member", "周某", here.id, people=[member.id], monthly_minutes=120)
            team = make("team", "暖邻队（测试）", there.id, size=8)
            other = make("unit", "远帆设计院（测试）", far.id)
            service.set_quota(unit, by=SYSTEM, period="2026", what="goods", quota=2)
            service.set_quota(unit, by=SYSTEM, period="2026", what="any", quota=1)
        ids = unit.id, one.id, team.id, other.id
    return Helpers(
        *ids, contact, member, person("张测", (Role.COMMUNITY_STAFF, here)), person("郑测", (Role.STREET_STAFF, neighbourhood.street)),
        person("远测", (Role.COMMUNITY_STAFF, far)), person("孙测", (Role.RESIDENT, here)))


def make(kind: str, name: str, place_id: int, **facts: object) -> Supporter:
    """A supporter, made by the system inside the caller's transaction."""
    return service.create_supporter(by=SYSTEM, kind=kind, name=name, place=db.session.get(Place, place_id), **facts)
