"""Reading people. Names and phones are encrypted: look-ups go by user name or by the phone's blind index."""

import unicodedata
from collections.abc import Iterable

from sqlalchemy import ColumnElement, Select, func, or_, select

from wishapp.accounts.models import RoleGrant, User
from wishapp.accounts.phones import read_phone
from wishapp.kernel.errors import BadInput, NotFound
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import NOBODY, Actor
from wishapp.places.models import Place
from wishapp.places.queries import ids_of
from wishapp.store.db import db
from wishapp.store.paging import Page, page_of
from wishapp.store.types import blind_index


def normal_username(text: str) -> str:
    """User names as they are kept and compared: NFKC, lower case, no blanks around."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def user(user_id: int | None) -> User | None:
    """The person with this id."""
    return db.session.get(User, user_id) if user_id is not None else None


def user_by_phone(phone: str) -> User | None:
    """The person with this number, in the form read_phone() gives."""
    return db.session.scalar(select(User).where(User.phone_index == blind_index(phone)))


def user_by_name(text: str) -> User | None:
    """The person with this user name."""
    return db.session.scalar(select(User).where(User.username == normal_username(text)[:40]))


def user_by_name_or_phone(text: str) -> User | None:
    """The person with this user name, or else with this phone number however it is typed."""
    found = user_by_name(text)
    if found is not None:
        return found
    try:
        return user_by_phone(read_phone(text))
    except BadInput:
        return None


def actor_for(user_id: int | None) -> Actor:
    """The person as services know people; NOBODY when there is no such person or they are disabled."""
    found = user(user_id)
    return found.actor if found is not None and found.is_enabled else NOBODY


def holders(roles: Iterable[Role], path: str) -> list[int]:
    """Ids of enabled people who hold one of `roles` at the place with this path or above it."""
    query = (
        select(RoleGrant.user_id).join(User).distinct()
        .where(RoleGrant.role.in_([str(role) for role in roles]), RoleGrant.place_id.in_(ids_of(path)), User.is_enabled)
        .order_by(RoleGrant.user_id)
    )
    return list(db.session.scalars(query))


def holders_within(roles: Iterable[Role], path: str) -> list[int]:
    """Ids of enabled people who hold one of `roles` at the place with this path, above it or anywhere below it."""
    inside = select(Place.id).where(or_(Place.id.in_(ids_of(path)), Place.path.startswith(path, autoescape=True)))
    query = (
        select(RoleGrant.user_id).join(User).distinct()
        .where(RoleGrant.role.in_([str(role) for role in roles]), RoleGrant.place_id.in_(inside), User.is_enabled).order_by(RoleGrant.user_id)
    )
    return list(db.session.scalars(query))


def display_names(user_ids: Iterable[int | None]) -> dict[int, str]:
    """Display names by id; unknown ids are missing."""
    wanted = {user_id for user_id in user_ids if user_id is not None}
    if not wanted:
        return {}
    return dict(db.session.execute(select(User.id, User.display_name).where(User.id.in_(wanted))).all())


def _within(paths: list[str]) -> ColumnElement:
    """Condition on User: lives, or holds a role, in one of these subtrees."""
    inside = select(Place.id).where(or_(*(Place.path.startswith(path, autoescape=True) for path in paths)))
    granted = select(RoleGrant.user_id).where(RoleGrant.place_id.in_(inside))
    return or_(User.community_id.in_(inside), User.id.in_(granted))


def access_user(actor: Actor, user_id: int, permission: str) -> User:
    """The person, when they live or hold a role where the actor holds `permission`; NotFound otherwise."""
    paths = actor.paths_for(permission)
    found = db.session.scalar(select(User).where(User.id == user_id, _within(paths))) if paths else None
    if found is None:
        raise NotFound()
    return found


def people(actor: Actor, *, search: str = "", role: Role | None = None, is_enabled: bool | None = None, number: int = 1) -> Page:
    """Page of the people in the actor's subtrees. `search`: part of a user name."""
    paths = actor.paths_for("accounts.manage")
    query: Select = select(User).where(_within(paths) if paths else User.id.is_(None)).order_by(User.username)
    if search:
        query = query.where(User.username.contains(normal_username(search)[:40], autoescape=True))
    if role is not None:
        query = query.where(User.id.in_(select(RoleGrant.user_id).where(RoleGrant.role == str(role))))
    if is_enabled is not None:
        query = query.where(User.is_enabled.is_(is_enabled))
    return page_of(query, number, 30)


def person_by_phone(actor: Actor, text: str) -> User | None:
    """Whoever within the actor's subtrees has this phone number, whole; None when nobody has or it is no number."""
    try:
        index = blind_index(read_phone(text))
    except BadInput:
        return None
    paths = actor.paths_for("accounts.manage")
    return db.session.scalar(select(User).where(_within(paths), User.phone_index == index)) if paths else None


def counts_by_role(actor: Actor) -> dict[str, int]:
    """How many people hold each role within the actor's subtrees."""
    paths = actor.paths_for("accounts.manage")
    if not paths:
        return {}
    query = (
        select(RoleGrant.role, func.count(func.distinct(RoleGrant.user_id))).join(Place, Place.id == RoleGrant.place_id)
        .where(or_(*(Place.path.startswith(path, autoescape=True) for path in paths))).group_by(RoleGrant.role)
    )
    return dict(db.session.execute(query).all())
