"""The tree: paths, neighbours, distances, and who may see which place."""

import pytest

from tests.factories import make_neighbourhood, make_person
from wishapp.kernel.errors import BadInput, Forbidden, NotFound
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import NOBODY, SYSTEM
from wishapp.places import queries, service
from wishapp.store.transaction import transaction


@pytest.mark.both_databases
def test_up_and_down_the_tree(context) -> None:
    where = make_neighbourhood(context)
    grid, community, street = (queries.place(spot.id) for spot in (where.grid, where.community, where.street))
    assert grid.path == f"/{where.city.id}/{where.district.id}/{street.id}/{community.id}/{grid.id}/"
    assert [place.id for place in queries.chain(grid.path)] == [where.city.id, where.district.id, street.id, community.id, grid.id]
    assert queries.community_of(grid) is community is queries.community_of(community)
    assert queries.street_of(grid) is street is queries.street_of(community)
    assert queries.community_of(street) is None
    assert [place.id for place in queries.children(street.id)] == [community.id, where.next_community.id]
    assert {place.id for place in queries.descendants(street.path)} == {community.id, grid.id, where.next_community.id, where.next_grid.id}
    assert [place.id for place in queries.descendants(street.path, "grid")] == [grid.id, where.next_grid.id]
    assert queries.descendants(grid.path) == []
    assert queries.counts_below(street.path) == {"community": 2, "grid": 2}
    assert queries.names([grid.id, None, 999]) == {grid.id: where.grid.name}
    assert queries.place_by_code(where.grid.code) is grid
    assert [place.id for place in queries.found_by_name("下", "community")] == [community.id]
    assert queries.found_by_name("%", "community") == [] == queries.found_by_name("柳下", "community", under=[where.far_street.path])
    assert [root.id for root in queries.roots()] == [where.city.id]


def test_numbers_that_are_no_id() -> None:
    assert [queries.place(number) for number in (0, -1, 2**31, 2**63, 2**70)] == [None] * 5


def test_a_path_is_no_prefix_of_a_longer_number(context) -> None:
    with transaction():
        tops = [service.add_place(code=f"{number:012}", name=f"样例{number}", level="district", parent=None, by=SYSTEM) for number in range(1, 13)]
        below = service.add_place(code="000000000099", name="样例街道", level="street", parent=tops[10], by=SYSTEM)
    assert tops[0].path == "/1/" and below.path == f"/11/{below.id}/"
    assert queries.descendants("/1/") == []
    assert [place.id for place in queries.descendants("/11/")] == [below.id]


def test_only_the_system_adds_and_only_downwards(context) -> None:
    where = make_neighbourhood(context)
    boss = make_person(context, "区级员", (Role.DISTRICT_STAFF, where.district))
    with pytest.raises(Forbidden), transaction():
        service.add_place(code="1", name="新社区", level="community", parent=queries.place(where.street.id), by=boss.actor)
    for level in ("community", "street", "district"):
        with pytest.raises(BadInput), transaction():
            service.add_place(code="1", name="新", level=level, parent=queries.place(where.community.id), by=SYSTEM)


def test_distance_in_metres() -> None:
    assert queries.distance(36.66, 117.02, 36.66, 117.02) == 0
    assert queries.distance(36.66, 117.02, 36.67, 117.02) == pytest.approx(1112, rel=0.001)
    assert queries.distance(36.66, 117.02, 36.66, 117.03) == pytest.approx(892, rel=0.002)
    assert queries.distance(90, 0, -90, 180) == pytest.approx(20_015_087, rel=0.001)


def test_access_ends_at_the_own_subtree(context) -> None:
    where = make_neighbourhood(context)
    staff = make_person(context, "测试员", (Role.COMMUNITY_STAFF, where.community)).actor
    assert queries.access_place(staff, where.grid.id, "places.edit").id == where.grid.id
    for place_id in (where.street.id, where.next_community.id, where.next_grid.id, 999, 2**40):
        with pytest.raises(NotFound):
            queries.access_place(staff, place_id, "places.edit")
    with pytest.raises(NotFound):
        queries.access_place(NOBODY, where.grid.id, "places.edit")
    with pytest.raises(NotFound):
        queries.access_place(staff, where.community.id, "places.settings")
