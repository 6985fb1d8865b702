"""Permissions reach exactly the subtree of the grant."""

import pytest

from wishapp.kernel.permissions import PERMISSIONS, Role
from wishapp.kernel.roles import NOBODY, SYSTEM, Actor, Grant

HERE = Actor(5, "x", (Grant(Role.COMMUNITY_STAFF, 1, "/1/"),))


@pytest.mark.parametrize(("path", "reached"), [("/1/", True), ("/1/11/", True), ("/11/", False), ("/2/1/", False), ("/", False)])
def test_a_grant_reaches_its_subtree_and_nothing_else(path: str, reached: bool) -> None:
    assert HERE.may("wishes.review", path) is reached


def test_permissions_everybody_has_need_no_place() -> None:
    assert NOBODY.may("wall.read", "/9/")
    assert not NOBODY.may("account.use")
    assert Actor(1, "x").may("account.use", "/9/")


def test_an_unknown_permission_is_a_programming_error() -> None:
    with pytest.raises(KeyError):
        HERE.may("wishes.everything")


def test_nested_grants_are_named_once() -> None:
    both = Actor(1, "x", (Grant(Role.STREET_STAFF, 1, "/1/"), Grant(Role.COMMUNITY_STAFF, 2, "/1/2/"), Grant(Role.COMMUNITY_STAFF, 3, "/4/")))
    assert both.paths_for("wishes.review") == ["/1/", "/4/"]
    assert both.paths_for("wishes.second_review") == ["/1/"]


def test_the_system_holds_only_what_is_the_systems() -> None:
    assert not SYSTEM.may("wishes.review")
    assert Role.SYSTEM in SYSTEM.roles
    assert all(Role.SYSTEM not in allowed for allowed in PERMISSIONS.values())
