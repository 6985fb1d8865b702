"""The one readable table of who may do what. A permission not listed here does not exist; a route naming none is an error."""

from enum import StrEnum


class Role(StrEnum):
    """Roles of domain.md. The first three are not granted but follow from being there at all."""

    ANYONE = "anyone"
    SIGNED_IN = "signed_in"
    SYSTEM = "system"
    RESIDENT = "resident"
    GRID_WORKER = "grid_worker"
    COMMUNITY_STAFF = "community_staff"
    STREET_STAFF = "street_staff"
    DISTRICT_STAFF = "district_staff"
    UNIT_CONTACT = "unit_contact"
    PARTY_MEMBER = "party_member"
    TEAM_LEADER = "team_leader"
    VOLUNTEER = "volunteer"


STAFF = frozenset({Role.COMMUNITY_STAFF, Role.STREET_STAFF, Role.DISTRICT_STAFF})
UPPER_STAFF = frozenset({Role.STREET_STAFF, Role.DISTRICT_STAFF})
FIELD_STAFF = STAFF | {Role.GRID_WORKER}
HELPERS = frozenset({Role.UNIT_CONTACT, Role.PARTY_MEMBER, Role.TEAM_LEADER, Role.VOLUNTEER})
ORGANISERS = FIELD_STAFF | {Role.TEAM_LEADER}
GRANTABLE = frozenset(Role) - {Role.ANYONE, Role.SIGNED_IN, Role.SYSTEM}

_ANYONE = frozenset({Role.ANYONE})
_SIGNED_IN = frozenset({Role.SIGNED_IN})

PERMISSIONS: dict[str, frozenset[Role]] = {
    # everybody
    "wall.read": _ANYONE,
    "account.use": _SIGNED_IN,
    "notices.read": _SIGNED_IN,
    # wishes
    "wishes.submit": _SIGNED_IN,
    "wishes.submit_for": FIELD_STAFF,
    "wishes.follow": _SIGNED_IN,
    "wishes.claim": HELPERS,
    "wishes.deliver": HELPERS,
    "wishes.staff_read": FIELD_STAFF,
    "wishes.review": STAFF,
    "wishes.second_review": UPPER_STAFF,
    "wishes.verify_on_site": FIELD_STAFF,
    "wishes.read_restricted": FIELD_STAFF,
    # volunteer calls: team leaders their own, staff those of their places
    "calls.read": _ANYONE,
    "calls.sign_up": _SIGNED_IN,
    "calls.make": STAFF | {Role.TEAM_LEADER},
    "calls.review": STAFF,
    "calls.second_review": UPPER_STAFF,
    "calls.lead": ORGANISERS,
    "calls.rules": UPPER_STAFF,
    # service records
    "records.own": _SIGNED_IN,
    "records.backfill": ORGANISERS,
    "records.review": STAFF,
    "records.revoke": UPPER_STAFF,
    "records.certify": STAFF,
    # supporters
    "supporters.read": STAFF,
    "supporters.edit": STAFF,
    "supporters.self": HELPERS,
    # matching
    "matching.run": STAFF,
    "matching.review": STAFF,
    "matching.answer": HELPERS,
    "matching.weights_read": UPPER_STAFF,
    "matching.weights": frozenset({Role.DISTRICT_STAFF}),
    # points
    "points.own": _SIGNED_IN,
    "points.staff_read": STAFF,
    "points.reverse": UPPER_STAFF,
    # places, people, the record
    "places.edit": STAFF,
    "places.settings": UPPER_STAFF,
    "accounts.manage": STAFF,
    "audit.read": STAFF,
    "dashboards.read": STAFF,
    "jobs.read": STAFF,
}
