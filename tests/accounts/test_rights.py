"""Who may give which role: written down by hand, independently of the rules."""

import pytest

from tests.factories import make_neighbourhood, make_person
from wishapp.accounts import queries, rights, service
from wishapp.kernel.errors import BadInput, Forbidden, Refused
from wishapp.kernel.permissions import GRANTABLE, Role
from wishapp.kernel.roles import NOBODY, SYSTEM, Actor, Grant, PlaceLevel
from wishapp.places import queries as places
from wishapp.store import audit
from wishapp.store.transaction import transaction

HELPING = {"resident", "unit_contact", "party_member", "team_leader", "volunteer"}
# what each holder of one role may give inside their own subtree
MAY_GIVE = {
    "resident": set(), "grid_worker": set(), "unit_contact": set(), "party_member": set(), "team_leader": set(), "volunteer": set(),
    "community_staff": HELPING | {"grid_worker", "community_staff"},
    "street_staff": HELPING | {"grid_worker", "community_staff", "street_staff"},
    "district_staff": HELPING | {"grid_worker", "community_staff", "street_staff", "district_staff"},
}
# levels of place at which a role can be held
FITS = {
    "grid_worker": {"community", "grid"}, "community_staff": {"community"}, "street_staff": {"street"}, "district_staff": {"district"},
    **dict.fromkeys(HELPING, {"city", "district", "street", "community", "grid"}),
}
OWN, INSIDE, BESIDE, ABOVE = "/1/2/", "/1/2/3/", "/1/22/", "/1/"


@pytest.mark.parametrize("holder", sorted(MAY_GIVE))
@pytest.mark.parametrize("role", sorted(GRANTABLE))
def test_truth_table(holder: str, role: Role) -> None:
    giver = Actor(id=7, name="", grants=(Grant(Role(holder), 2, OWN),))
    assert rights.may_grant(giver, role, OWN) == (role in MAY_GIVE[holder])
    assert rights.may_grant(giver, role, INSIDE) == (role in MAY_GIVE[holder])
    assert not rights.may_grant(giver, role, BESIDE)
    assert not rights.may_grant(giver, role, ABOVE)


def test_nobody_and_the_system() -> None:
    assert not any(rights.may_grant(NOBODY, role, OWN) for role in Role)
    assert all(rights.may_grant(SYSTEM, role, OWN) for role in GRANTABLE)
    assert not rights.may_grant(Actor(7, "", (Grant(Role.DISTRICT_STAFF, 2, OWN),)), Role.SYSTEM, OWN)


def test_level_of_one_place_does_not_reach_into_another() -> None:
    """Street staff here and community staff there: there they stay community staff."""
    giver = Actor(id=7, name="", grants=(Grant(Role.STREET_STAFF, 2, OWN), Grant(Role.COMMUNITY_STAFF, 5, "/1/22/5/")))
    assert rights.may_grant(giver, Role.STREET_STAFF, OWN)
    assert not rights.may_grant(giver, Role.STREET_STAFF, "/1/22/5/")
    assert rights.may_grant(giver, Role.COMMUNITY_STAFF, "/1/22/5/")


@pytest.mark.parametrize("role", sorted(GRANTABLE))
def test_where_a_role_can_be_held(role: Role) -> None:
    assert {str(level) for level in PlaceLevel if rights.fits(role, level)} == FITS[role]


def test_managing_an_account_needs_every_role_of_it() -> None:
    giver = Actor(id=7, name="", grants=(Grant(Role.COMMUNITY_STAFF, 3, INSIDE),))
    neighbour = (Grant(Role.RESIDENT, 3, INSIDE),)
    assert rights.may_manage(giver, neighbour, INSIDE)
    assert rights.may_manage(giver, (), INSIDE)
    assert not rights.may_manage(giver, neighbour, BESIDE), "lives elsewhere"
    assert not rights.may_manage(giver, (*neighbour, Grant(Role.VOLUNTEER, 22, BESIDE)), INSIDE), "holds something elsewhere"
    assert not rights.may_manage(giver, (*neighbour, Grant(Role.STREET_STAFF, 2, OWN)), INSIDE), "stands higher"
    assert not rights.may_manage(giver, (), None), "belongs nowhere"
    assert rights.may_manage(SYSTEM, (), None)


def test_giving_and_taking(context) -> None:
    where = make_neighbourhood(context)
    staff = make_person(context, "测试甲", (Role.COMMUNITY_STAFF, where.community))
    person = make_person(context, "测试乙", (Role.RESIDENT, where.community))
    user, community, grid = queries.user(person.id), places.place(where.community.id), places.place(where.grid.id)
    version = user.session_version
    with transaction():
        service.grant_role(user, Role.GRID_WORKER, grid, by=staff.actor)
        service.grant_role(user, Role.GRID_WORKER, grid, by=staff.actor)
    assert [grant.place_id for grant in user.grants if grant.role == Role.GRID_WORKER] == [grid.id], "giving twice gives once"
    assert user.session_version > version, "a new role ends older sessions"
    for role, place in ((Role.STREET_STAFF, where.street), (Role.GRID_WORKER, where.next_grid), (Role.VOLUNTEER, where.street)):
        with pytest.raises(Forbidden), transaction():
            service.grant_role(user, role, places.place(place.id), by=staff.actor)
    with pytest.raises(BadInput), transaction():
        service.grant_role(user, Role.COMMUNITY_STAFF, grid, by=staff.actor)
    with transaction():
        service.revoke_role(user, Role.GRID_WORKER, grid, by=staff.actor)
    with pytest.raises(Refused), transaction():
        service.revoke_role(user, Role.GRID_WORKER, grid, by=staff.actor)
    with pytest.raises(Refused), transaction():
        service.revoke_role(queries.user(staff.id), Role.COMMUNITY_STAFF, community, by=staff.actor)
    actions = [(entry.action, entry.actor_id, entry.place_path) for entry in audit.history("user", person.id)]
    assert actions == [("revoke_role", staff.id, where.grid.path), ("grant_role", staff.id, where.grid.path)]


def test_own_choice_is_resident_or_volunteer(context) -> None:
    where = make_neighbourhood(context)
    person = make_person(context, "测试乙", (Role.RESIDENT, where.community))
    user, community = queries.user(person.id), places.place(where.community.id)
    version = user.session_version
    with transaction():
        service.grant_role(user, Role.VOLUNTEER, community, by=person.actor)
    assert user.actor.has(Role.VOLUNTEER)
    assert user.session_version == version, "signing oneself up does not sign one out"
    for role in sorted(GRANTABLE - {Role.RESIDENT, Role.VOLUNTEER}):
        with pytest.raises(Forbidden), transaction():
            service.grant_role(user, role, community, by=person.actor)


def test_creating_people_only_at_home(context) -> None:
    where = make_neighbourhood(context)
    staff = make_person(context, "测试甲", (Role.COMMUNITY_STAFF, where.community))
    with transaction():
        made = service.create_user(username="新人", display_name="测试丙", community_id=where.community.id, grid_id=where.grid.id, by=staff.actor)
    assert made.password_hash is None
    with pytest.raises(Forbidden), transaction():
        service.create_user(username="新人二", display_name="测试丙", community_id=where.next_community.id, by=staff.actor)
    with pytest.raises(Forbidden), transaction():
        service.create_user(username="新人三", display_name="测试丙", by=staff.actor)
    with pytest.raises(BadInput), transaction():
        service.create_user(username="新人四", display_name="测试丙", community_id=where.community.id, grid_id=where.next_grid.id, by=staff.actor)
    with pytest.raises(BadInput), transaction():
        service.create_user(username="新人五", display_name="测试丙", community_id=where.street.id, by=SYSTEM)
