"""Invented places and people for tests.

What is returned are plain values (ids, paths, names), never rows: they outlive every session, so a test can hold them while
clients come and go. `neighbourhood` and `person` are made once per test and cost a few milliseconds.
"""

import itertools
import re
from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from wishapp.accounts import passwords
from wishapp.accounts.models import RoleGrant, User
from wishapp.accounts.passwords import hash_password
from wishapp.kernel import clock
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import SYSTEM, Actor, Grant
from wishapp.places import service as places
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.store.types import blind_index

PASSWORD = "three calm rivers"
_numbers = itertools.count(1)
# hashing is slow by intent; tests sign in thousands of times
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@cache
def password_hash() -> str:
    """The hash of PASSWORD, made once: hashing is slow by intent."""
    return hash_password(PASSWORD)


@dataclass(frozen=True)
class Spot:
    """A place, as a test needs it."""

    id: int
    path: str
    name: str
    code: str


@dataclass(frozen=True)
class Neighbourhood:
    """A district with two streets; the first has two communities, each with a grid, the second one community."""

    city: Spot
    district: Spot
    street: Spot
    community: Spot
    grid: Spot
    next_community: Spot
    next_grid: Spot
    far_street: Spot
    far_community: Spot


@dataclass(frozen=True)
class Person:
    """Somebody with an account; sign in with sign_in(client, person)."""

    id: int
    username: str
    name: str
    phone: str
    actor: Actor


def make_neighbourhood(app: Flask) -> Neighbourhood:
    """Plant the places of Neighbourhood."""
    plan = [
        ("city", "测试市", "000000000001", "city", None), ("district", "样例区", "000000000002", "district", "city"),
        ("street", "泉边街道", "000000000003", "street", "district"), ("community", "柳下社区", "000000000004", "community", "street"),
        ("grid", "柳下一网格", "000000000004001", "grid", "community"), ("next_community", "河沿社区", "000000000005", "community", "street"),
        ("next_grid", "河沿一网格", "000000000005001", "grid", "next_community"), ("far_street", "山前街道", "000000000006", "street", "district"),
        ("far_community", "山前社区", "000000000007", "community", "far_street"),
    ]
    rows: dict[str, Place] = {}
    with app.app_context(), transaction():
        for number, (key, name, code, level, above) in enumerate(plan):
            rows[key] = places.add_place(
                code=code, name=name, level=level, parent=rows.get(above) if above else None, by=SYSTEM,
                latitude=36.66 + number / 500, longitude=117.02 + number / 500, phone="053100000000",
            )
        return Neighbourhood(**{key: Spot(row.id, row.path, row.name, row.code) for key, row in rows.items()})


def make_person(app: Flask, name: str, *roles: tuple[Role, Spot], lives_in: Spot | None = None) -> Person:
    """An account with these roles at these places. `lives_in`: a community (the first role's place when not said)."""
    number = next(_numbers)
    phone = f"+86199{50_000_000 + 37 * number}"  # shares no digits with the user name, as searches by either must differ
    home = lives_in or (roles[0][1] if roles else None)
    with app.app_context(), transaction():
        user = User(
            username=f"person{number}", display_name=name, phone=phone, phone_index=blind_index(phone), password_hash=password_hash(),
            community_id=home.id if home else None, consented_at=clock.now(),
            grants=[RoleGrant(role=role, place_id=spot.id) for role, spot in roles],
        )
        db.session.add(user)
        db.session.flush()
        grants = tuple(Grant(role, spot.id, spot.path) for role, spot in roles)
        return Person(user.id, user.username, name, phone, Actor(id=user.id, name=name, grants=grants))


def sign_in(client: FlaskClient, person: Person) -> FlaskClient:
    """The session that the sign-in page would give this person; that page is tried by tests/accounts and by every journey."""
    with client.application.app_context():
        user = db.session.get(User, person.id)
        assert user.is_enabled, f"{person.username} could not sign in"
        signed_in = user.get_id()
        db.session.remove()
    with client.session_transaction() as session:
        session.clear()
        session.update({"_user_id": signed_in, "_fresh": True})
    return client


def csrf_token(client: FlaskClient, path: str) -> str:
    """The CSRF token of the first form on a page; empty when there is none (as with WTF_CSRF_ENABLED off)."""
    page = client.get(path).get_data(as_text=True)
    field = re.search(r'<input[^>]*name="csrf_token"[^>]*>', page)
    return re.search(r'value="([^"]*)"', field[0])[1] if field else ""
