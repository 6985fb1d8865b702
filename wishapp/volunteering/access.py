"""Reaching a call, a shift, a sign-up: only what the actor may do something with exists for them."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from wishapp.kernel.errors import NotFound
from wishapp.kernel.permissions import FIELD_STAFF, PERMISSIONS, Role
from wishapp.kernel.roles import Actor
from wishapp.store.db import db
from wishapp.supporters import queries as supporters
from wishapp.volunteering.models import Call, Shift, SignUp

PUBLIC_STATES = ("open", "full", "under_way", "done", "archived", "cancelled")


def may_with_call(actor: Actor, call: Call, permission: str) -> bool:
    """May the actor do `permission` with this call: staff within their places, a team leader with what they or their team posted.

    A draft is its poster's and its team's alone. "calls.read": everybody once it was published (a call cancelled before that stays unknown), else those who may make it.
    """
    if permission == "calls.read":
        return (call.state in PUBLIC_STATES and call.published_at is not None) or may_with_call(actor, call, "calls.lead")
    if actor.is_system:
        return True
    allowed = PERMISSIONS[permission]
    if any(grant.role in allowed & FIELD_STAFF and grant.reaches(call.place_path) for grant in actor.grants):
        return call.state != "draft" or call.posted_by_id == actor.id
    if Role.TEAM_LEADER not in allowed or not actor.has(Role.TEAM_LEADER):
        return False
    return call.posted_by_id == actor.id or (call.team_id is not None and supporters.answers_for(actor.id, call.team_id))


def access_call(actor: Actor, call_id: int, permission: str) -> Call:
    """The call with place and shifts, when the actor may do `permission` with it; NotFound otherwise, whether it exists or not."""
    call = db.session.scalar(
        select(Call).options(joinedload(Call.community), joinedload(Call.grid), joinedload(Call.team), selectinload(Call.shifts))
        .where(Call.id == call_id))
    if call is None or not may_with_call(actor, call, permission):
        raise NotFound()
    return call


def access_shift(actor: Actor, shift_id: int, permission: str) -> Shift:
    """The shift with its call, when the actor may do `permission` with the call; NotFound otherwise."""
    shift = db.session.scalar(select(Shift).options(joinedload(Shift.call).joinedload(Call.community)).where(Shift.id == shift_id))
    if shift is None or not may_with_call(actor, shift.call, permission):
        raise NotFound()
    return shift


def access_sign_up(actor: Actor, sign_up_id: int, permission: str) -> SignUp:
    """The sign-up: "calls.sign_up" for whom it is, any other permission by its call; NotFound otherwise."""
    found = db.session.scalar(
        select(SignUp).options(joinedload(SignUp.volunteer), joinedload(SignUp.role), joinedload(SignUp.shift).joinedload(Shift.call))
        .where(SignUp.id == sign_up_id))
    if found is None:
        raise NotFound()
    if permission == "calls.sign_up":
        allowed = actor.id is not None and found.volunteer.user_id == actor.id
    else:
        allowed = may_with_call(actor, found.shift.call, permission)
    if not allowed:
        raise NotFound()
    return found
