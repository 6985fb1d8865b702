"""Settings of a place: who may, what is refused, and what happens when two people save at once."""

import re

import pytest
from flask import Flask

from tests.accounts.doors import send
from tests.factories import Neighbourhood, make_neighbourhood, make_person, sign_in
from wishapp.kernel.permissions import Role
from wishapp.places import queries
from wishapp.store import audit


@pytest.fixture
def where(app: Flask) -> Neighbourhood:
    return make_neighbourhood(app)


def version_on(page: str) -> str:
    return re.search(r'name="version"[^>]*value="(\d+)"', page)[1]


def keep(client, place_id: int, version: object, **fields: object):
    return send(client, f"/desk/places/{place_id}/change-settings", f"/desk/places/{place_id}", version=version, **fields)


def test_the_street_switches_second_review(app: Flask, where: Neighbourhood) -> None:
    client = sign_in(app.test_client(), make_person(app, "街道员", (Role.STREET_STAFF, where.street)))
    assert client.get("/desk/places").headers["Location"] == f"/desk/places/{where.street.id}"
    page = client.get(f"/desk/places/{where.street.id}").text
    assert 'name="is_two_level"' in page
    assert keep(client, where.street.id, version_on(page), phone="0531-66660000", is_two_level="y").status_code == 303
    with app.app_context():
        street = queries.place(where.street.id)
        assert (street.is_two_level, street.phone) == (True, "0531-66660000")
        assert audit.history("place", street.id)[0].data == {"phone": True, "is_two_level": True}
    page = client.get(f"/desk/places/{where.street.id}").text
    assert keep(client, where.street.id, version_on(page), phone="12345").status_code == 303
    with app.app_context():
        assert (queries.place(where.street.id).is_two_level, queries.place(where.street.id).phone) == (False, "12345")


def test_the_community_changes_its_telephone_only(app: Flask, where: Neighbourhood) -> None:
    client = sign_in(app.test_client(), make_person(app, "社区员", (Role.COMMUNITY_STAFF, where.community)))
    page = client.get(f"/desk/places/{where.community.id}").text
    assert 'name="is_two_level"' not in page
    assert keep(client, where.community.id, version_on(page), phone="0531-1", is_two_level="y").status_code == 303
    with app.app_context():
        assert (queries.place(where.community.id).phone, queries.place(where.community.id).is_two_level) == ("0531-1", False)
    for place in (where.street, where.next_community):
        assert client.get(f"/desk/places/{place.id}").status_code == 404
        answer = send(client, f"/desk/places/{place.id}/change-settings", f"/desk/places/{where.community.id}", version=1, phone="1234")
        assert answer.status_code == 404


@pytest.mark.both_databases
def test_who_saves_second_sees_both_states(app: Flask, where: Neighbourhood) -> None:
    boss = make_person(app, "街道员", (Role.STREET_STAFF, where.street))
    first, second = sign_in(app.test_client(), boss), sign_in(app.test_client(), boss)
    stale = version_on(second.get(f"/desk/places/{where.street.id}").text)
    assert keep(first, where.street.id, stale, phone="0531-11110000").status_code == 303
    answer = keep(second, where.street.id, stale, phone="0531-22220000")
    assert answer.status_code == 409
    assert "0531-11110000" in answer.text and 'value="0531-22220000"' in answer.text
    with app.app_context():
        assert queries.place(where.street.id).phone == "0531-11110000", "nothing is overwritten unseen"
    assert keep(second, where.street.id, version_on(answer.text), phone="0531-22220000").status_code == 303


@pytest.mark.parametrize("fields", [
    {"phone": "call me"}, {"phone": "1" * 21}, {"phone": "\x00"}, {"version": "x"}, {"version": ""}, {"version": str(2**63)}, {"version": "-1"},
])
def test_bad_values(app: Flask, where: Neighbourhood, fields: dict) -> None:
    client = sign_in(app.test_client(), make_person(app, "街道员", (Role.STREET_STAFF, where.street)))
    assert keep(client, where.street.id, fields.get("version", 1), phone=fields.get("phone", "")).status_code == 422


def test_several_places_of_work_are_listed(app: Flask, where: Neighbourhood) -> None:
    roles = (Role.STREET_STAFF, where.far_street), (Role.COMMUNITY_STAFF, where.community)
    page = sign_in(app.test_client(), make_person(app, "两处员", *roles)).get("/desk/places").text
    assert where.far_street.name in page and where.community.name in page and where.next_community.name not in page
