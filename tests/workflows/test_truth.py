"""Every state x every action x every role, taken for real on a row, against an expectation written by hand."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from tests.volunteering.scene import make_scene as make_call_scene
from tests.wishes.scene import Scene, make_scene
from wishapp.kernel.errors import BadInput, Forbidden, Refused
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import NOBODY, SYSTEM, Actor, Grant
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.store.transitions import Staged, advance
from wishapp.volunteering.models import Call, Shift, SignUp
from wishapp.volunteering.record_models import ServiceRecord
from wishapp.wishes.models import Claim, Wish
from wishapp.workflows.call import CALL, SHIFT
from wishapp.workflows.claim import CLAIM
from wishapp.workflows.hours import HOURS
from wishapp.workflows.lifecycle import Lifecycle
from wishapp.workflows.sign_up import SIGN_UP
from wishapp.workflows.wish import WISH

LETTERS = {
    "H": {Role.UNIT_CONTACT, Role.PARTY_MEMBER, Role.TEAM_LEADER, Role.VOLUNTEER}, "G": {Role.GRID_WORKER}, "C": {Role.COMMUNITY_STAFF},
    "S": {Role.STREET_STAFF}, "D": {Role.DISTRICT_STAFF}, "Y": {Role.SYSTEM},
    "P": set(Role) - {Role.ANYONE, Role.SYSTEM}, "T": {Role.TEAM_LEADER}, "E": set(Role),
}


def expectation(name: str) -> dict[tuple[str, str], tuple[str, set[Role], bool]]:
    """{(state, action): (becomes, who, needs a reason)} of an expectation file."""
    found = {}
    for line in (Path(__file__).parent / f"{name}.expected").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            state, action, becomes, who, *more = line.split()
            found[state, action] = (becomes, set().union(*(LETTERS[letter] for letter in who)), bool(more))
    return found


def actor(role: Role, path: str) -> Actor:
    """Somebody with this one role, at the root of everything."""
    if role == Role.ANYONE:
        return NOBODY
    if role == Role.SYSTEM:
        return SYSTEM
    grants = () if role == Role.SIGNED_IN else (Grant(role, 1, path),)
    return Actor(id=1, name="somebody", grants=grants)


def outcome(thing: Staged, state: str, action: str, by: Actor, note: str | None) -> str:
    """What an attempt leads to: the new state, or "impossible", "forbidden", "no reason". The row is put back afterwards."""
    nested = db.session.begin_nested()
    try:
        db.session.execute(text(f"UPDATE {thing.__tablename__} SET {'state'} = :state WHERE id = :id"), {"state": state, "id": thing.id})
        db.session.refresh(thing, ["state"])
        advance(thing, action, by=by, note=note)
        return thing.state
    except Refused:
        return "impossible"
    except Forbidden:
        return "forbidden"
    except BadInput:
        return "no reason"
    finally:
        nested.rollback()


@pytest.fixture
def scene(context: Flask) -> Scene:
    """A wish and a claim on it."""
    made = make_scene(context)
    made.open_wish()
    made.claim()
    return made


def check(lifecycle: Lifecycle, name: str, thing: Staged) -> None:
    expected = expectation(name)
    actions = {step.action for step in lifecycle.steps} | {action for _state, action in expected}
    assert {state for state, _action in expected} <= set(lifecycle.states)
    wrong = []
    with transaction():
        db.session.refresh(thing)
        for state in lifecycle.states:
            for action in sorted(actions):
                becomes, who, needs_reason = expected.get((state, action), ("impossible", set(), False))
                for role in Role:
                    want = becomes if becomes == "impossible" else becomes if role in who else "forbidden"
                    got = outcome(thing, state, action, actor(role, "/1/"), "because")
                    if got != want:
                        wrong.append(f"{state} -{action}-> as {role}: {got}, not {want}")
                if needs_reason:
                    got = outcome(thing, state, action, actor(next(iter(who)), "/1/"), "  ")
                    if got != "no reason":
                        wrong.append(f"{state} -{action}-> without a reason: {got}")
    assert not wrong, "\n".join(wrong)


def test_wish(scene: Scene) -> None:
    """Nothing but what domain.md says can happen to a wish, and only by whom it says."""
    check(WISH, "wish", db.session.get(Wish, scene.wish_id))


def test_claim(scene: Scene) -> None:
    """The same for a claim."""
    check(CLAIM, "claim", db.session.get(Claim, scene.claim_id))


def test_call_shift_sign_up_hours(context: Flask) -> None:
    """The same for a call, its shift, somebody's place in it, and the hours that come of it."""
    calls = make_call_scene(context)
    calls.open_call()
    sign_up = calls.sign_up(0)
    with transaction():
        hours = ServiceRecord(
            volunteer_id=sign_up.volunteer_id, source="backfill", title="网格巡查", place_path="/1/", starts_at=sign_up.starts_at,
            ends_at=sign_up.ends_at, minutes=120, half_hours=4)
        db.session.add(hours)
    for lifecycle, name, thing in (
        (CALL, "call", db.session.get(Call, calls.call_id)), (SHIFT, "shift", db.session.get(Shift, calls.shift_ids[0])),
        (SIGN_UP, "sign_up", db.session.get(SignUp, sign_up.id)), (HOURS, "hours", hours),
    ):
        check(lifecycle, name, thing)


def test_ends() -> None:
    """Closed and merged are the end of a wish, released that of a claim, and so on."""
    assert WISH.final == {"closed", "merged"}
    assert CLAIM.final == {"released"}
    assert (CALL.final, SHIFT.final) == ({"archived", "cancelled"}, {"over", "cancelled"})
    assert SIGN_UP.final == {"refused", "lapsed", "cancelled"}
    assert HOURS.final == {"refused"}
