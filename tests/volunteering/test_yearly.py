"""Once a year a member's service goes to the home unit: once, masked, only what counts."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.conftest import Clock
from tests.factories import Neighbourhood, Person, sign_in
from wishapp.kernel import clock as house_clock
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import SYSTEM
from wishapp.notices.models import Notice
from wishapp.places import queries as places
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters import service as supporters
from wishapp.volunteering import yearly
from wishapp.volunteering.finalising import finalise_due
from wishapp.volunteering.hours import show_hours
from wishapp.volunteering.record_models import ServiceRecord, YearReport
from wishapp.volunteering.volunteers import ensure_volunteer

Make = Callable[..., Person]


@pytest.mark.parametrize(("today", "year"), [
    (date(2027, 1, 14), None), (date(2027, 1, 15), 2026), (date(2027, 3, 31), 2026), (date(2027, 4, 1), None), (date(2026, 12, 31), None)])
def test_when_it_is_due(today: date, year: int | None) -> None:
    """From the middle of January on, when December is final; until the end of March for a machine that stood still."""
    assert yearly.year_due(today) == year


def give(person: Person, at: Neighbourhood, moment: str, half_hours: int, source: str) -> None:
    """Hours shown now; the clock decides whether they become final."""
    begin = datetime.fromisoformat(moment).replace(tzinfo=house_clock.LOCAL)
    with transaction():
        record = ServiceRecord(
            volunteer_id=ensure_volunteer(person.id).id, source=source, title="值守", place_path=at.community.path, starts_at=begin,
            ends_at=begin + timedelta(minutes=30 * half_hours), minutes=30 * half_hours, half_hours=half_hours)
        db.session.add(record)
        db.session.flush()
        show_hours(record, "show", by=SYSTEM)


@pytest.fixture
def unit(app: Flask, clock: Clock, person: Make, neighbourhood: Neighbourhood) -> tuple[int, Person, Person]:
    """A unit with a contact, and a member who served at the turn of the year: (unit id, contact, member)."""
    contact = person("孙联络", (Role.UNIT_CONTACT, neighbourhood.community))
    member, idle = (person(name, (Role.PARTY_MEMBER, neighbourhood.community)) for name in ("王党员", "李没空"))
    with app.app_context():
        with transaction():
            place = places.place(neighbourhood.community.id)
            made = supporters.register(SYSTEM, place, [contact.id], kind="unit", name="测试单位", unit_level="district", unit_kind="office")
            for one in (member, idle):
                supporters.register(SYSTEM, place, [one.id], kind="member", name="王某", home_unit_id=made.id)
            unit_id = made.id
        clock.set("2027-01-02T12:00:00+08:00")
        give(member, neighbourhood, "2026-01-01 00:30", 2, "check_in")
        give(member, neighbourhood, "2026-12-31 22:00", 4, "check_in")
        give(member, neighbourhood, "2026-06-01 09:00", 3, "backfill")
        give(member, neighbourhood, "2027-01-01 00:00", 8, "check_in")
        clock.set("2027-01-15T03:00:00+08:00")
        with transaction():
            finalise_due(10, set())
        give(member, neighbourhood, "2026-07-01 09:00", 16, "backfill")  # still shown: does not count
        db.session.remove()
    return unit_id, contact, member


@pytest.mark.both_databases
def test_it_goes_once(context: Flask, unit: tuple[int, Person, Person]) -> None:
    """The local year, final hours only, both kinds apart, one notice; a second run adds nothing."""
    unit_id, contact, _member = unit
    for _turn in range(2):
        yearly.send_reports(None)
    rows = list(db.session.scalars(select(YearReport)))
    assert [(row.unit_id, row.year, row.checked, row.backfilled, row.times) for row in rows] == [(unit_id, 2026, 6, 3, 3)]
    told = list(db.session.scalars(select(Notice).where(Notice.workflow == "year_report")))
    assert [(notice.user_id, notice.params["hours"], notice.params["members"]) for notice in told] == [(contact.id, "4.5", 1)]
    assert db.session.scalar(select(func.count()).select_from(Notice).where(Notice.user_id == contact.id)) == 1


def test_it_is_forgotten(context: Flask, clock: Clock, unit: tuple[int, Person, Person]) -> None:
    """After three years."""
    yearly.send_reports(None)
    clock.set("2030-06-01T12:00:00+08:00")
    yearly.send_reports(None)
    assert db.session.scalar(select(func.count()).select_from(YearReport)) == 0


def test_the_contact_s_page(app: Flask, client: FlaskClient, unit: tuple[int, Person, Person], person: Make, neighbourhood: Neighbourhood) -> None:
    """Masked, for the unit's own contacts only, as page and workbook."""
    unit_id, contact, member = unit
    with app.app_context():
        yearly.send_reports(None)
        db.session.remove()
    page = f"/units/{unit_id}/years/2026"
    sign_in(client, contact)
    text = client.get(page).get_data(as_text=True)
    assert "王某" in text and "1.5" in text and member.name not in text
    assert client.get(f"{page}/workbook.xlsx").status_code == 200
    assert client.get(f"/units/{unit_id}/years/9999").status_code == 404
    assert f"/units/{unit_id}/years/2026" in client.get(f"/supporters/{unit_id}/profile").get_data(as_text=True)
    other = sign_in(app.test_client(), person("别的", (Role.UNIT_CONTACT, neighbourhood.community)))
    assert other.get(page).status_code == 404 and sign_in(app.test_client(), member).get(page).status_code == 404
