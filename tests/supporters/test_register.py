"""The register: who may change what, versions, people, joining, lists."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import event

from tests.conftest import Clock
from tests.factories import Neighbourhood
from tests.supporters.conftest import Helpers, make
from wishapp.accounts.models import User
from wishapp.kernel.errors import BadInput, Forbidden, NotFound, Refused, SomeoneWasFaster
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import NOBODY, SYSTEM
from wishapp.notices import queries as notices
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters import listing, queries, service
from wishapp.supporters.models import HelpKind, Supporter
from wishapp.wishes.models import WishKind


def roles(user_id: int) -> set[str]:
    """Roles a person holds."""
    return {grant.role for grant in db.session.get(User, user_id).grants}


def test_kinds_of_help_are_the_kinds_of_wishes() -> None:
    assert set(HelpKind) == set(WishKind)


def test_staff_reach_their_own_places_only(context: Flask, helpers: Helpers) -> None:
    assert queries.access_supporter(helpers.staff.actor, helpers.unit, "supporters.edit").id == helpers.unit
    assert queries.access_supporter(helpers.street.actor, helpers.team, "supporters.edit").id == helpers.team
    for actor, supporter_id in ((helpers.staff.actor, helpers.team), (helpers.far_staff.actor, helpers.unit), (helpers.staff.actor, 99999),
                                (helpers.resident.actor, helpers.unit), (NOBODY, helpers.unit)):
        with pytest.raises(NotFound):
            queries.access_supporter(actor, supporter_id, "supporters.edit")


def test_helpers_reach_whom_they_answer_for(context: Flask, helpers: Helpers) -> None:
    assert queries.access_supporter(helpers.contact.actor, helpers.unit, "supporters.self").id == helpers.unit
    for actor, supporter_id in ((helpers.contact.actor, helpers.member), (helpers.staff.actor, helpers.unit), (helpers.member_person.actor, helpers.unit)):
        with pytest.raises(NotFound):
            queries.access_supporter(actor, supporter_id, "supporters.self")


def test_only_staff_of_the_place_change_the_entry(context: Flask, helpers: Helpers) -> None:
    unit = queries.supporter(helpers.unit)
    for actor in (helpers.contact.actor, helpers.far_staff.actor, helpers.resident.actor, NOBODY):
        with pytest.raises(Forbidden), transaction():
            service.edit_supporter(unit, by=actor, name="别的名字")
        with pytest.raises(Forbidden), transaction():
            service.set_quota(unit, by=actor, period="2026", what="any", quota=9)
    with transaction():
        service.edit_supporter(unit, by=helpers.staff.actor, name="新名字")
    assert queries.supporter(helpers.unit).name == "新名字"


def test_nobody_moves_an_entry_out_of_their_reach(context: Flask, helpers: Helpers, neighbourhood: Neighbourhood) -> None:
    unit, far = queries.supporter(helpers.unit), db.session.get(Place, neighbourhood.far_community.id)
    with pytest.raises(NotFound), transaction():
        service.edit_supporter(unit, by=helpers.staff.actor, place=far)


@pytest.mark.both_databases
def test_an_older_version_is_refused(context: Flask, helpers: Helpers) -> None:
    member = queries.supporter(helpers.member)
    read = member.version
    with transaction():
        service.set_abilities(member, by=helpers.member_person.actor, help_kinds=["repair"], skills=["haircut"], version=read)
    assert member.version > read
    for change in (
        lambda: service.set_abilities(member, by=helpers.member_person.actor, help_kinds=[], version=read),
        lambda: service.set_free_times(member, by=helpers.member_person.actor, times=[(0, "morning")], version=read),
        lambda: service.edit_supporter(member, by=helpers.staff.actor, name="王某", version=read),
    ):
        with pytest.raises(SomeoneWasFaster), transaction():
            change()
    assert {ability.word for ability in member.abilities} == {"repair", "haircut"}


@pytest.mark.both_databases
def test_describing_replaces_everything_at_once(context: Flask, helpers: Helpers, clock: Clock) -> None:
    member = queries.supporter(helpers.member)
    for times in ([(5, "morning"), (6, "evening")], [(6, "evening")]):
        with transaction():
            service.describe_supporter(
                member, by=helpers.member_person.actor, version=member.version, help_kinds=["repair"], skills=["磨剪子", "haircut"], times=times,
                radius=1500, monthly_minutes=300, paused_until=date(2026, 6, 20))
    fresh = queries.details(helpers.member)
    assert [(time.weekday, time.part) for time in fresh.times] == [(6, "evening")]
    assert (fresh.radius, fresh.monthly_minutes, fresh.paused_until) == (1500, 300, date(2026, 6, 20))
    assert queries.promises(fresh)[0].quota == 300


def test_a_pause_lies_in_the_near_future(context: Flask, helpers: Helpers, clock: Clock) -> None:
    member = queries.supporter(helpers.member)
    for until in (date(2026, 6, 9), date(2040, 1, 1)):
        with pytest.raises(BadInput), transaction():
            service.pause_supporter(member, by=helpers.member_person.actor, until=until)


def test_pairing_is_for_units_and_communities(context: Flask, helpers: Helpers, neighbourhood: Neighbourhood) -> None:
    community, street = (db.session.get(Place, spot.id) for spot in (neighbourhood.next_community, neighbourhood.street))
    unit, member = queries.supporter(helpers.unit), queries.supporter(helpers.member)
    with transaction():
        service.pair_unit(unit, community, by=helpers.staff.actor)
        service.pair_unit(unit, community, by=helpers.staff.actor)
    assert [pairing.community_id for pairing in queries.details(helpers.unit).pairings] == [community.id]
    for supporter, place in ((unit, street), (member, community)):
        with pytest.raises(BadInput), transaction():
            service.pair_unit(supporter, place, by=helpers.staff.actor)
    with transaction():
        service.unpair_unit(unit, community, by=helpers.staff.actor)
    assert queries.details(helpers.unit).pairings == []


@pytest.mark.both_databases
def test_a_volunteer_starts_at_once(context: Flask, helpers: Helpers) -> None:
    with transaction():
        made = service.enrol(db.session.get(User, helpers.resident.id), kind="volunteer", by=helpers.resident.actor)
    assert (made.name, made.kind) == ("孙某", "volunteer")
    assert roles(helpers.resident.id) == {Role.RESIDENT, Role.VOLUNTEER}
    assert [own.id for own in queries.supporters_of(helpers.resident.id)] == [made.id]
    with pytest.raises(Refused), transaction():
        service.enrol(db.session.get(User, helpers.resident.id), kind="member", by=helpers.resident.actor)


@pytest.mark.both_databases
def test_a_party_member_waits_for_the_communitys_word(context: Flask, helpers: Helpers) -> None:
    with transaction():
        made = service.enrol(db.session.get(User, helpers.resident.id), kind="member", by=helpers.resident.actor)
    assert roles(helpers.resident.id) == {Role.RESIDENT}
    assert queries.supporters_of(helpers.resident.id) == []
    assert [ask.user_id for ask in listing.asking(helpers.staff.actor)] == [helpers.resident.id]
    assert listing.asking(helpers.far_staff.actor) == []
    assert notices.inbox(helpers.staff.id).rows[0].action == "ask"
    with pytest.raises(Forbidden), transaction():
        service.confirm_person(made, helpers.resident.id, by=helpers.resident.actor)
    with transaction():
        service.confirm_person(made, helpers.resident.id, by=helpers.staff.actor)
    assert Role.PARTY_MEMBER in roles(helpers.resident.id)
    assert notices.inbox(helpers.resident.id).rows[0].action == "confirm"


@pytest.mark.both_databases
def test_speaking_for_a_unit_needs_a_yes_and_may_get_a_no(context: Flask, helpers: Helpers) -> None:
    unit = queries.supporter(helpers.unit)
    with transaction():
        service.ask_to_answer(unit, by=helpers.resident.actor)
    assert not queries.answers_for(helpers.resident.id, helpers.unit)
    with pytest.raises(Refused), transaction():
        service.ask_to_answer(unit, by=helpers.resident.actor)
    with pytest.raises(BadInput), transaction():
        service.refuse_person(unit, helpers.resident.id, by=helpers.staff.actor, why=" ")
    with transaction():
        service.refuse_person(unit, helpers.resident.id, by=helpers.staff.actor, why="联络员已经定了")
    assert notices.inbox(helpers.resident.id).rows[0].params["why"] == "联络员已经定了"
    assert queries.people_of([helpers.unit]) == {helpers.unit: [helpers.contact.id]}
    assert queries.supporter(helpers.unit).is_active


def test_nobody_asks_for_a_person(context: Flask, helpers: Helpers) -> None:
    with pytest.raises(NotFound), transaction():
        service.ask_to_answer(queries.supporter(helpers.member), by=helpers.resident.actor)


def test_who_leaves_loses_the_role(context: Flask, helpers: Helpers) -> None:
    unit = queries.supporter(helpers.unit)
    with transaction():
        service.add_person(unit, db.session.get(User, helpers.resident.id), by=helpers.staff.actor)
    assert Role.UNIT_CONTACT in roles(helpers.resident.id)
    with transaction():
        service.remove_person(unit, db.session.get(User, helpers.resident.id), by=helpers.staff.actor)
    assert Role.UNIT_CONTACT not in roles(helpers.resident.id)


FILTERED = [
    (listing.Filters(), {"unit", "member"}), (listing.Filters(search="青桥"), {"unit"}), (listing.Filters(search="qqxx"), {"unit"}),
    (listing.Filters(search="不存在"), set()), (listing.Filters(kind="member"), {"member"}), (listing.Filters(help_kind="goods"), {"unit"}),
    (listing.Filters(standing="paused"), {"member"}), (listing.Filters(standing="ready"), {"unit"}), (listing.Filters(standing="full"), set()),
    (listing.Filters(standing="out"), set()), (listing.Filters(standing="asking"), set()), (listing.Filters(search="%"), set()),
]


@pytest.mark.both_databases
def test_filters(context: Flask, helpers: Helpers, clock: Clock, subtests: pytest.Subtests) -> None:
    with transaction():
        service.set_abilities(queries.supporter(helpers.unit), by=SYSTEM, help_kinds=["goods"])
        service.pause_supporter(queries.supporter(helpers.member), by=SYSTEM, until=date(2026, 6, 30))
    for filters, found in FILTERED:
        with subtests.test(filters=filters):
            ids = {row.id for row in listing.register(helpers.staff.actor, filters).rows}
            assert ids == {getattr(helpers, name) for name in found}


@pytest.mark.both_databases
def test_the_list_needs_the_same_queries_however_long_it_is(context: Flask, helpers: Helpers) -> None:
    def count() -> int:
        db.session.remove()
        seen: list[str] = []
        listener = event.listens_for(db.engine, "before_cursor_execute")(lambda _c, _cu, statement, *_r: seen.append(statement))
        page = listing.register(helpers.street.actor, listing.Filters())
        assert [(row.place.name, len(row.abilities), len(row.capacities)) for row in page.rows]
        event.remove(db.engine, "before_cursor_execute", listener)
        return len(seen)

    few = count()
    with transaction():
        place_id = queries.supporter(helpers.unit).place_id
        for number in range(60):
            service.set_abilities(make("volunteer", f"测{number}", place_id), by=SYSTEM, help_kinds=["goods", "repair"])
    assert count() == few <= 6


def test_a_disabled_supporter_leaves_the_list(context: Flask, helpers: Helpers) -> None:
    with transaction():
        service.disable_supporter(queries.supporter(helpers.unit), by=helpers.staff.actor)
    assert helpers.unit not in {row.id for row in listing.register(helpers.staff.actor, listing.Filters()).rows}
    assert {row.id for row in listing.register(helpers.staff.actor, listing.Filters(standing="out")).rows} == {helpers.unit}
    assert queries.supporters_of(helpers.contact.id) == []
    assert db.session.query(Supporter).count() == 4
