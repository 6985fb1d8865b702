"""The record's page: within one's own places, with filters, naming nobody who is not staff."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from tests.factories import Neighbourhood, Person, make_neighbourhood, make_person, sign_in
from wishapp.kernel.permissions import Role
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.transaction import transaction


@pytest.fixture
def places(app: Flask) -> Neighbourhood:
    return make_neighbourhood(app)


@pytest.fixture
def staff(app: Flask, places: Neighbourhood) -> Person:
    return make_person(app, "王测试", (Role.COMMUNITY_STAFF, places.community))


def record(app: Flask, path: str | None, note: str, by: Person, kind: str = "wish", thing_id: int = 1, action: str = "publish") -> None:
    with app.app_context(), transaction():
        audit.record(kind, thing_id, action, by=by.actor, place_path=path, note=note)


def test_only_ones_own_places(client: FlaskClient, app: Flask, places: Neighbourhood, staff: Person) -> None:
    record(app, places.community.path, "note-mine", staff)
    record(app, places.grid.path, "note-below", staff)
    record(app, places.next_community.path, "note-next", staff)
    record(app, places.far_community.path, "note-far", staff)
    record(app, None, "note-nowhere", staff)
    sign_in(client, staff)
    page = client.get("/audit").get_data(as_text=True)
    assert {word for word in ("mine", "below", "next", "far", "nowhere") if f"note-{word}" in page} == {"mine", "below"}
    upper = sign_in(app.test_client(), make_person(app, "赵测试", (Role.STREET_STAFF, places.street)))
    page = upper.get("/audit").get_data(as_text=True)
    assert {word for word in ("mine", "below", "next", "far", "nowhere") if f"note-{word}" in page} == {"mine", "below", "next"}


def test_not_for_residents_and_grid_workers(client: FlaskClient, app: Flask, places: Neighbourhood) -> None:
    assert client.get("/audit").status_code == 303
    for role, spot in ((Role.RESIDENT, places.community), (Role.GRID_WORKER, places.grid), (Role.UNIT_CONTACT, places.community)):
        assert sign_in(app.test_client(), make_person(app, "李测试", (role, spot), lives_in=places.community)).get("/audit").status_code == 403


def test_filters(client: FlaskClient, app: Flask, places: Neighbourhood, staff: Person) -> None:
    resident = make_person(app, "欧阳测试", (Role.RESIDENT, places.community))
    record(app, places.community.path, "note-one", staff, thing_id=7)
    record(app, places.community.path, "note-two", resident, kind="claim", thing_id=8, action="dispute")
    sign_in(client, staff)

    def shown(query: str) -> set[str]:
        page = client.get(f"/audit?{query}").get_data(as_text=True)
        return {word for word in ("one", "two") if f"note-{word}" in page}

    assert shown("") == {"one", "two"}
    assert shown("kind=claim") == {"two"}
    assert shown("kind=wish&thing=7") == {"one"}
    assert shown("kind=wish&thing=8") == set()
    assert shown("action=dispute") == {"two"}
    assert shown(f"person={staff.username}") == {"one"}
    assert shown("person=nobody-here") == set()
    for query in ("kind=nonsense", "action=nonsense", "thing=-1", "thing=99999999999", "page=x"):
        assert client.get(f"/audit?{query}").status_code == 422, query


def test_staff_are_named_residents_are_not(client: FlaskClient, app: Flask, places: Neighbourhood, staff: Person) -> None:
    record(app, places.community.path, "note", make_person(app, "欧阳保密", (Role.RESIDENT, places.community)))
    record(app, places.community.path, "note", staff)
    sign_in(client, staff)
    page = client.get("/audit").get_data(as_text=True)
    assert "欧阳某" in page
    assert "欧阳保密" not in page
    assert "王测试" in page


def test_as_many_queries_for_one_entry_as_for_a_page_full(client: FlaskClient, app: Flask, places: Neighbourhood, staff: Person) -> None:
    counted: list[str] = []
    sign_in(client, staff)
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda _c, _u, statement, *_rest: counted.append(statement))
    numbers = []
    for amount in (1, 120):
        for number in range(amount):
            record(app, places.community.path, "note", staff, thing_id=number)
        counted.clear()
        assert client.get("/audit").status_code == 200
        numbers.append(len([statement for statement in counted if not statement.startswith(("BEGIN", "PRAGMA"))]))
    assert numbers[0] == numbers[1] <= 12
