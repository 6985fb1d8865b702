"""The report that closes a call, and ratings of both sides."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Clock
from tests.factories import Neighbourhood, Person, csrf_token, sign_in
from tests.volunteering.served import attend, make_call, make_sign_up
from tests.volunteering.test_backfill import photo
from wishapp.kernel.errors import BadInput, Forbidden, Refused
from wishapp.kernel.permissions import Role
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering import reports
from wishapp.volunteering.closing import close_shift
from wishapp.volunteering.hours import count_hours
from wishapp.volunteering.models import Call, Shift, SignUp
from wishapp.volunteering.photos import StoredPhoto
from wishapp.volunteering.record_queries import record_of_sign_up

Make = Callable[..., Person]
WORDS = "两小时走了一圈，换了两盏灯，居民都说亮堂多了。"


@pytest.fixture
def staff(person: Make, neighbourhood: Neighbourhood) -> Person:
    return person("周社工", (Role.COMMUNITY_STAFF, neighbourhood.community))


@pytest.fixture
def helpers(person: Make, neighbourhood: Neighbourhood) -> list[Person]:
    return [person(name, lives_in=neighbourhood.community) for name in ("王乐助", "李热心", "张没来")]


def worked(staff: Person, helpers: list[Person], at: Neighbourhood, clock: Clock) -> tuple[int, list[int]]:
    """A call of one shift, worked by two (one of them a group of three), missed by the third, closed: ids of the call and of the sign-ups."""
    shift_id = make_call(staff, at.community)[0]
    sign_ups = [make_sign_up(shift_id, helper, people=people) for helper, people in zip(helpers, (3, 1, 1), strict=True)]
    clock.set(db.session.get(Shift, shift_id).starts_at + timedelta(minutes=10))
    attend(sign_ups[0], came=0)
    attend(sign_ups[1], came=30, action="arrive_late")
    clock.forward(hours=3)
    with transaction():
        close_shift(db.session.get(Shift, shift_id), by=staff.actor)
    return db.session.get(Shift, shift_id).call_id, sign_ups


def test_figures_are_counted_and_the_report_closes_the_call(
        context: Flask, clock: Clock, staff: Person, helpers: list[Person], neighbourhood: Neighbourhood) -> None:
    """Groups count whole, the absent lower the share; words and photos are checked; only once."""
    call_id, sign_ups = worked(staff, helpers, neighbourhood, clock)
    call = db.session.get(Call, call_id)
    found = reports.figures(call)
    assert (found.shifts, found.people, found.absent, found.half_hours, found.share) == (1, 4, 1, 7, 80)
    for words, photos in (("短", 0), (f"{WORDS}电话 13912345678", 0), (WORDS, 10)):
        with pytest.raises(BadInput), transaction():
            reports.archive_call(call, by=staff.actor, words=words, photos=[StoredPhoto(f"calls/{number}.jpg", 1, 1) for number in range(photos)])
    with pytest.raises(Forbidden), transaction():
        reports.archive_call(call, by=helpers[0].actor, words=WORDS, photos=[])
    with transaction():
        reports.archive_call(call, by=staff.actor, words=WORDS, photos=[])
    with pytest.raises(Refused), transaction():
        reports.archive_call(call, by=staff.actor, words=WORDS, photos=[])
    assert call.state == "archived"


def test_both_sides_rate_for_a_fortnight(
        context: Flask, clock: Clock, staff: Person, helpers: list[Person], neighbourhood: Neighbourhood) -> None:
    """Who was there, one to five stars, nobody themselves, no telephone in the words, fourteen days."""
    call_id, ids = worked(staff, helpers, neighbourhood, clock)
    first, _late, absent = (db.session.get(SignUp, one) for one in ids)
    with transaction():
        reports.rate_call(first, by=helpers[0].actor, stars=4, words="组织得好")
        reports.rate_volunteer(first, by=staff.actor, stars=5, words="细心")
    assert not audit.history("sign_up", first.id)[1].data, "the record names who rated, so it does not say how"
    for stars, words, error in ((0, "", BadInput), (6, "", BadInput), (3, "打 13912345678", BadInput)):
        with pytest.raises(error), transaction():
            reports.rate_call(first, by=helpers[0].actor, stars=stars, words=words)
    with pytest.raises(Refused), transaction():
        reports.rate_volunteer(absent, by=staff.actor, stars=1, words="")
    with pytest.raises(Forbidden), transaction():
        reports.rate_volunteer(first, by=helpers[1].actor, stars=1, words="")
    clock.set(first.ends_at + timedelta(days=14))
    with pytest.raises(Refused), transaction():
        reports.rate_call(first, by=helpers[0].actor, stars=5, words="")
    found = reports.figures(db.session.get(Call, call_id))
    assert (found.ratings, found.stars) == (1, 40) and reports.said_of(db.session.get(Call, call_id)) == [(4, "组织得好")]


def test_times_put_right_are_counted_again(context: Flask, clock: Clock, staff: Person, helpers: list[Person], neighbourhood: Neighbourhood) -> None:
    """While the hours are still shown; the time to object begins anew for two days at least."""
    _call_id, ids = worked(staff, helpers, neighbourhood, clock)
    late = db.session.get(SignUp, ids[1])
    record = record_of_sign_up(late.id)
    assert record.minutes == 90
    clock.forward(days=6)
    with transaction():
        late.checked_in_at = late.starts_at
        assert count_hours(late, by=staff.actor) is record
    assert (record.minutes, record.half_hours, record.final_due) == (120, 4, clock.now + timedelta(days=2))
    with transaction():
        assert count_hours(late, by=staff.actor) is None, "nothing changed"


def test_on_the_pages(app: Flask, client: FlaskClient, clock: Clock, staff: Person, helpers: list[Person], neighbourhood: Neighbourhood) -> None:
    """Photos of the report are hidden before it is in, public afterwards; ratings are seen by the person and the organisers only."""
    with app.app_context():
        call_id, ids = worked(staff, helpers, neighbourhood, clock)
        db.session.remove()
    sign_in(client, staff)
    page = f"/desk/calls/{call_id}/report"
    bad = client.post(page, data={"csrf_token": csrf_token(client, page), "words": f"{WORDS}微信号 abcdef123"}, content_type="multipart/form-data")
    assert bad.status_code == 422 and WORDS in bad.get_data(as_text=True)
    done = client.post(page, data={"csrf_token": csrf_token(client, page), "words": WORDS, "photos": [photo(), photo()]}, content_type="multipart/form-data")
    assert done.location == f"/calls/{call_id}"
    public = app.test_client()
    shown = public.get(f"/calls/{call_id}").get_data(as_text=True)
    assert WORDS in shown and "80" in shown and shown.count(f"/calls/{call_id}/photos/") == 4
    assert public.get(f"/calls/{call_id}/photos/1", buffered=True).mimetype == "image/jpeg"

    ratings = f"/desk/calls/{call_id}/ratings"
    rate = f"/desk/sign-ups/{ids[0]}/rate-volunteer"
    kept = client.post(rate, data={"csrf_token": csrf_token(client, ratings), "stars": "9", "words": "很细心"})
    assert kept.status_code == 422 and "很细心" in kept.get_data(as_text=True)
    assert client.post(rate, data={"csrf_token": csrf_token(client, ratings), "stars": "5", "words": "很细心"}).status_code == 303
    own = sign_in(app.test_client(), helpers[0])
    mine = f"/sign-ups/{ids[0]}"
    assert "很细心" in own.get(mine).get_data(as_text=True) and "很细心" not in public.get(f"/calls/{call_id}").get_data(as_text=True)
    assert own.get(ratings).status_code == 403
    path = f"{mine}/rate"
    assert own.post(path, data={"csrf_token": csrf_token(own, path), "stars": "4", "words": "下回还来"}).location == mine
    said = client.get(page).get_data(as_text=True)
    assert "下回还来" in said and helpers[0].name not in said
    assert sign_in(app.test_client(), helpers[1]).get(path).status_code == 404
