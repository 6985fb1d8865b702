"""Who may give which role to whom: pure rules over grants, one function per question.

A role is given only inside the giver's own subtree and only up to the giver's own level; a staff role belongs to a place of
its own level (a "community worker of a whole street" would reach further than the word says).
"""

from wishapp.kernel.permissions import GRANTABLE, PERMISSIONS, Role
from wishapp.kernel.roles import Actor, Grant, PlaceLevel

RANK = {Role.GRID_WORKER: 1, Role.COMMUNITY_STAFF: 2, Role.STREET_STAFF: 3, Role.DISTRICT_STAFF: 4}
FITTING = {
    Role.GRID_WORKER: {PlaceLevel.COMMUNITY, PlaceLevel.GRID},
    Role.COMMUNITY_STAFF: {PlaceLevel.COMMUNITY},
    Role.STREET_STAFF: {PlaceLevel.STREET},
    Role.DISTRICT_STAFF: {PlaceLevel.DISTRICT},
}
OWN_CHOICE = frozenset({Role.RESIDENT, Role.VOLUNTEER})


def rank(role: Role) -> int:
    """Level of a role: 0 for residents and helpers, 1 grid worker, 2 community, 3 street, 4 district."""
    return RANK.get(role, 0)


def fits(role: Role, level: str) -> bool:
    """May this role be held at a place of this level."""
    return role in GRANTABLE and PlaceLevel(level) in FITTING.get(role, set(PlaceLevel))


def highest_rank(by: Actor, path: str) -> int:
    """Highest rank of the roles that let `by` manage people at the place with this path; -1 when none does."""
    managing = PERMISSIONS["accounts.manage"]
    return max((rank(grant.role) for grant in by.grants if grant.role in managing and grant.reaches(path)), default=-1)


def may_grant(by: Actor, role: Role, path: str) -> bool:
    """May `by` give or take this role at the place with this path."""
    return by.is_system or (role in GRANTABLE and highest_rank(by, path) >= rank(role))


def may_manage(by: Actor, grants: tuple[Grant, ...], home_path: str | None) -> bool:
    """May `by` change the account itself (password, disable) of somebody with these grants who lives at `home_path`.

    Everything the person holds must be within reach: whoever can set the password can be that person. The home and every
    grant must lie in the own subtree; without either nobody but the system may.
    """
    if by.is_system:
        return True
    places = [grant.path for grant in grants] + ([home_path] if home_path else [])
    return bool(places) and all(highest_rank(by, path) >= 0 for path in places) and all(
        may_grant(by, grant.role, grant.path) for grant in grants)
