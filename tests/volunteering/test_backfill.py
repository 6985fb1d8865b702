"""Hours written down afterwards: proof, a second person, reach, overlap, and always apart from check-in."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.conftest import Clock
from tests.factories import Neighbourhood, Person, csrf_token, sign_in
from tests.volunteering.test_hours import served
from wishapp.kernel.errors import BadInput, Forbidden, Refused
from wishapp.kernel.permissions import Role
from wishapp.places import queries as places
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering import backfill, record_queries
from wishapp.volunteering.backfill import Served, approve_hours, claim_hours, find_volunteer, refuse_hours
from wishapp.volunteering.finalising import finalise_due
from wishapp.volunteering.photos import StoredPhoto
from wishapp.volunteering.record_models import ServiceRecord
from wishapp.volunteering.volunteers import ensure_volunteer

Make = Callable[..., Person]


@pytest.fixture
def staff(person: Make, neighbourhood: Neighbourhood) -> Person:
    return person("周社工", (Role.COMMUNITY_STAFF, neighbourhood.community))


@pytest.fixture
def colleague(person: Make, neighbourhood: Neighbourhood) -> Person:
    return person("吴社工", (Role.COMMUNITY_STAFF, neighbourhood.community))


@pytest.fixture
def helper(person: Make, neighbourhood: Neighbourhood) -> Person:
    return person("王乐助", lives_in=neighbourhood.community)


def written(at: Neighbourhood, begin: datetime, *, minutes: int = 120, **changes: object) -> Served:
    return Served(**{"title": "桥头防汛值守", "content": "巡堤、搬沙袋", "kind": "service", "starts_at": begin, "ends_at": begin + timedelta(minutes=minutes),
                     "place": places.place(at.community.id), **changes})


def claim(by: Person, helper: Person, what: Served, name: str = "a") -> ServiceRecord:
    with transaction():
        return claim_hours(ensure_volunteer(helper.id), what, by=by.actor, photos=[StoredPhoto(f"calls/{name}.jpg", 80, 60)])


@pytest.mark.both_databases
def test_two_people_and_then_it_counts(
        context: Flask, clock: Clock, staff: Person, colleague: Person, helper: Person, neighbourhood: Neighbourhood) -> None:
    """Nobody approves what they wrote; after a colleague's look it is shown, becomes final, and its sum stands apart."""
    yesterday = clock.now - timedelta(days=1)
    record = claim(staff, helper, written(neighbourhood, yesterday))
    assert record.state == "claimed" and record_queries.totals(record.volunteer_id).coming == 0
    for one, error in ((staff, Refused), (helper, Forbidden)):
        with pytest.raises(error), transaction():
            approve_hours(record, by=one.actor)
    with pytest.raises(IntegrityError), transaction():
        record.reviewer_id = staff.id
        db.session.flush()
    with transaction():
        approve_hours(record, by=colleague.actor)
    served(staff, helper, neighbourhood, clock)
    clock.forward(days=8)
    with transaction():
        assert finalise_due(10, set()) == 2
    sums = record_queries.totals(record.volunteer_id)
    assert (sums.checked, sums.backfilled, sums.times, sums.all) == (4, 4, 2, 8)


def test_time_that_is_taken(context: Flask, clock: Clock, staff: Person, colleague: Person, helper: Person, neighbourhood: Neighbourhood) -> None:
    """Refused beside other hours of the same time, naming them; half an hour later is fine; two claims at once: the second look decides."""
    counted = served(staff, helper, neighbourhood, clock)
    for minutes_off in (-60, 0, 60):
        with pytest.raises(Refused, match="written down already"):
            claim(staff, helper, written(neighbourhood, counted.starts_at + timedelta(minutes=minutes_off)))
    claim(staff, helper, written(neighbourhood, counted.starts_at - timedelta(minutes=120)))
    refused = db.session.scalar(select(ServiceRecord).where(ServiceRecord.source == "backfill"))
    with transaction():
        refuse_hours(refused, by=colleague.actor, why="签到表上没有名字")
    claim(staff, helper, written(neighbourhood, counted.starts_at - timedelta(minutes=120)), name="b")


@pytest.mark.parametrize(("changes", "photos"), [
    ({}, 0), ({}, 7), ({"minutes": 0}, 1), ({"minutes": 17 * 60}, 1), ({"ahead": 2}, 1), ({"ahead": -400}, 1), ({"content": "电话 13912345678"}, 1)])
def test_what_cannot_be(
        context: Flask, clock: Clock, staff: Person, helper: Person, neighbourhood: Neighbourhood, changes: dict, photos: int) -> None:
    """Without proof, in the future, older than a year, longer than a day's work, with somebody's telephone in it."""
    begin = clock.now + timedelta(days=changes.pop("ahead", -1))
    with pytest.raises(BadInput), transaction():
        claim_hours(ensure_volunteer(helper.id), written(neighbourhood, begin, **changes), by=staff.actor,
                    photos=[StoredPhoto(f"calls/{number}.jpg", 1, 1) for number in range(photos)])


def test_whom_one_can_name(context: Flask, clock: Clock, staff: Person, helper: Person, person: Make, neighbourhood: Neighbourhood) -> None:
    """By telephone, user name or volunteer number, within one's reach; the same silence for strangers and for nobody."""
    far = person("远方", lives_in=neighbourhood.far_community)
    with transaction():
        number = ensure_volunteer(helper.id).number
        far_number = ensure_volunteer(far.id).number
        for text in (helper.phone, helper.phone.removeprefix("+86"), helper.username, f" {number.lower()} "):
            assert find_volunteer(text, staff.actor).user_id == helper.id
        for text in (far.phone, far.username, far_number, "nobody", "", "13900000000", "x" * 300):
            assert find_volunteer(text, staff.actor) is None
    with pytest.raises(Refused):
        claim(staff, staff, written(neighbourhood, clock.now - timedelta(days=1)))
    leader = person("队长", (Role.TEAM_LEADER, neighbourhood.far_community))
    with pytest.raises(Forbidden):
        claim(leader, helper, written(neighbourhood, clock.now - timedelta(days=1)))
    assert [place.name for place in backfill.places_for(staff.actor)] == [neighbourhood.community.name]


def photo() -> tuple[io.BytesIO, str]:
    data = io.BytesIO()
    Image.new("RGB", (80, 60), "orange").save(data, "JPEG")
    data.seek(0)
    return data, "proof.jpg"


@pytest.mark.both_databases
def test_on_the_pages(app: Flask, client: FlaskClient, clock: Clock, staff: Person, colleague: Person, helper: Person, person: Make,
                      neighbourhood: Neighbourhood) -> None:
    """Written at the desk with what was typed kept on a fault, looked at by a colleague, the proof for staff only."""
    sign_in(client, staff)
    page = "/desk/hours/backfill"
    values = {"who": helper.username, "title": "桥头防汛值守", "kind": "service", "call_id": "0", "place_id": str(neighbourhood.community.id), "spot": "东桥",
              "day": "2026-06-09", "begin": "09:00", "end": "11:00", "content": "巡堤"}

    def hand_in(**changes: object) -> object:
        return client.post(page, data={"csrf_token": csrf_token(client, page), **values, **changes}, content_type="multipart/form-data")

    for wrong in ({}, {"who": "nobody", "photos": photo()}, {"day": "0001-01-01", "photos": photo()}, {"end": "08:00", "photos": photo()},
                  {"place_id": "999", "photos": photo()}, {"photos": (io.BytesIO(b"no photo"), "x.jpg")}):
        answer = hand_in(**wrong)
        assert answer.status_code == 422 and "桥头防汛值守" in answer.get_data(as_text=True), wrong
    shown = hand_in(photos=photo()).location
    assert "/desk/hours/" in shown
    record_id = int(shown.rpartition("/")[2])
    own = client.get(shown).get_data(as_text=True)
    assert f"/desk/hours/{record_id}/approve-hours" not in own, "not by whoever wrote it"
    proof = f"/desk/hours/{record_id}/photos/1"
    other = sign_in(app.test_client(), colleague)
    assert other.get(proof, buffered=True).mimetype == "image/jpeg" and f"/desk/hours/{record_id}/approve-hours" in other.get(shown).get_data(as_text=True)
    assert sign_in(app.test_client(), helper).get(proof).status_code == 403
    far = sign_in(app.test_client(), person("远处", (Role.COMMUNITY_STAFF, neighbourhood.far_community)))
    assert far.get(proof).status_code == far.get(shown).status_code == 404
    assert other.post(f"/desk/hours/{record_id}/approve-hours", data={"csrf_token": csrf_token(other, shown)}).status_code == 303
    assert "补录" in sign_in(app.test_client(), helper).get("/volunteer/records").get_data(as_text=True)
