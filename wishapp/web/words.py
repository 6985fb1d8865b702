"""Words of the tables as people read them."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import PlaceLevel

ROLES = {
    Role.RESIDENT: _l("Resident"),
    Role.GRID_WORKER: _l("Grid worker"),
    Role.COMMUNITY_STAFF: _l("Community worker"),
    Role.STREET_STAFF: _l("Street staff"),
    Role.DISTRICT_STAFF: _l("District staff"),
    Role.UNIT_CONTACT: _l("Unit contact"),
    Role.PARTY_MEMBER: _l("Party member"),
    Role.TEAM_LEADER: _l("Team leader"),
    Role.VOLUNTEER: _l("Volunteer"),
}
LEVELS = {
    PlaceLevel.CITY: _l("City"),
    PlaceLevel.DISTRICT: _l("District"),
    PlaceLevel.STREET: _l("Street"),
    PlaceLevel.COMMUNITY: _l("Community"),
    PlaceLevel.GRID: _l("Grid"),
}


def role_name(role: str) -> str:
    """A role in the reader's language."""
    return str(ROLES[Role(role)]) if role in ROLES else _("Unknown role")


def level_name(level: str) -> str:
    """A level of the tree in the reader's language."""
    return str(LEVELS[PlaceLevel(level)])
