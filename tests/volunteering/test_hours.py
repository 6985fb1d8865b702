"""Hours from check-in: counted, shown, objected to, settled, final with their points, taken back."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tests.conftest import Clock
from tests.factories import Neighbourhood, Person
from tests.volunteering.served import attend, make_call, make_sign_up
from wishapp.kernel.errors import BadInput, Forbidden, Refused
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import SYSTEM
from wishapp.notices.models import Notice
from wishapp.points import queries as points
from wishapp.points.models import PointsTransfer
from wishapp.points.rules import DAY_CAP
from wishapp.store.db import db
from wishapp.store.transaction import Conflict, transaction
from wishapp.store.transitions import advance
from wishapp.volunteering import hours
from wishapp.volunteering.finalising import finalise_due, finalise_hours, worth
from wishapp.volunteering.hours import count_shift, counted_minutes
from wishapp.volunteering.models import Shift, SignUp, Volunteer
from wishapp.volunteering.record_models import ServiceRecord, ServiceRules
from wishapp.volunteering.stars import stars
from wishapp.volunteering.volunteers import ensure_guest, ensure_volunteer

Make = Callable[..., Person]


@pytest.fixture
def staff(person: Make, neighbourhood: Neighbourhood) -> Person:
    return person("周社工", (Role.COMMUNITY_STAFF, neighbourhood.community))


@pytest.fixture
def street(person: Make, neighbourhood: Neighbourhood) -> Person:
    return person("钱主任", (Role.STREET_STAFF, neighbourhood.street))


@pytest.fixture
def helper(person: Make, neighbourhood: Neighbourhood) -> Person:
    return person("王乐助", lives_in=neighbourhood.community)


def served(staff: Person, helper: Person, at: Neighbourhood, clock: Clock, *, minutes: int = 120, people: int = 1, **day: object) -> ServiceRecord:
    """Hours of a shift that was worked and closed, shown from now on."""
    shift_id = make_call(staff, at.community, minutes=minutes, **{key: day.pop(key) for key in ("points_per_hour", "title", "starts_at") if key in day})[0]
    sign_up_id = make_sign_up(shift_id, helper, people=people)
    clock.set(db.session.get(Shift, shift_id).ends_at + timedelta(hours=1))
    attend(sign_up_id, **day)
    with transaction():
        assert count_shift(db.session.get(Shift, shift_id)) == 1
        assert count_shift(db.session.get(Shift, shift_id)) == 0, "counted once"
    return db.session.scalar(select(ServiceRecord).where(ServiceRecord.sign_up_id == sign_up_id))


@pytest.mark.parametrize(("came", "left", "minutes"), [
    (-20, 120, 120), (0, 130, 130), (0, 500, 135), (30, 120, 90), (10, 70, 60), (None, None, 120), (40, None, 80), (150, 160, 0), (-30, -10, 0)])
def test_minutes_are_those_of_service(came: int | None, left: int | None, minutes: int, clock: Clock) -> None:
    """Not before the planned start, a quarter of an hour over the planned end at most, never below nothing."""
    start = clock.now
    seen = counted_minutes(start, start + timedelta(hours=2), None if came is None else start + timedelta(minutes=came),
                           None if left is None else start + timedelta(minutes=left))
    assert seen == minutes


@pytest.mark.both_databases
def test_from_the_shift_to_the_points(context: Flask, clock: Clock, staff: Person, helper: Person, neighbourhood: Neighbourhood) -> None:
    """Shown for seven days and told; final by itself with points on the person's own account; a second run adds nothing."""
    record = served(staff, helper, neighbourhood, clock, came=-5, left=100, people=4)
    assert (record.state, record.minutes, record.half_hours, record.source) == ("shown", 100, 3, "check_in")
    assert record.final_due == clock.now + timedelta(days=7)
    assert db.session.scalar(select(func.count()).select_from(ServiceRecord)) == 1, "a group's other people have no names and no hours"
    clock.forward(days=6, hours=23)
    with transaction():
        assert finalise_due(100, set()) == 0, "not before the seven days are over"
    clock.forward(hours=1)
    for _turn in range(2):
        with transaction():
            finalise_due(100, set())
    assert record.state == "final"
    assert points.balance(f"user:{helper.id}") == 15
    assert db.session.get(PointsTransfer, record.transfer_id).amount == 15
    told = list(db.session.scalars(select(Notice.action).where(Notice.user_id == helper.id, Notice.workflow == "hours").order_by(Notice.id)))
    assert told == ["show", "finalise"]
    assert points.broken_ledger() == []


def test_rounding_and_cap_are_data(context: Flask, clock: Clock, staff: Person, helper: Person, neighbourhood: Neighbourhood) -> None:
    """A district that counts from half an hour and at most two hours an activity."""
    with transaction():
        db.session.add(ServiceRules(place_id=neighbourhood.district.id, values={
            "rounding": [[30, 2], [0, 0]], "activity_half_hours": 4, "objection_days": 3}))
    short = served(staff, helper, neighbourhood, clock, came=0, left=89)
    assert short.half_hours == 2 and short.final_due == clock.now + timedelta(days=3)
    long = served(staff, helper, neighbourhood, clock, minutes=300, came=0, left=300, title="包粽子")
    assert long.minutes == 300 and long.half_hours == 4


def test_objection_is_settled_and_shown_again(
        context: Flask, clock: Clock, staff: Person, helper: Person, person: Make, neighbourhood: Neighbourhood) -> None:
    """Said with words, answered with other minutes by whoever runs it, never by the person, shown for two more days at least."""
    record = served(staff, helper, neighbourhood, clock, came=0, left=60)
    with pytest.raises(BadInput), transaction():
        hours.object_hours(record, by=helper.actor, why="  ")
    with pytest.raises(BadInput), transaction():
        hours.object_hours(record, by=helper.actor, why="打我电话 13900001111")
    clock.forward(days=6)
    with transaction():
        hours.object_hours(record, by=helper.actor, why="我十一点才走，忘了签退。")
    assert db.session.scalar(select(Notice.user_id).where(Notice.workflow == "hours", Notice.action == "object")) == staff.id
    clock.forward(days=2)
    with transaction():
        assert finalise_due(100, set()) == 0, "an objection holds it up"
    far = person("远处", (Role.COMMUNITY_STAFF, neighbourhood.far_community))
    for stranger in (helper, far):
        with pytest.raises(Forbidden), transaction():
            hours.settle_hours(record, by=stranger.actor, answer="行", minutes=120)
    with pytest.raises(BadInput), transaction():
        hours.settle_hours(record, by=staff.actor, answer="行", minutes=1441)
    with transaction():
        hours.settle_hours(record, by=staff.actor, answer="对的，当时您还在收桌子。", minutes=120)
    assert (record.state, record.minutes, record.half_hours) == ("shown", 120, 4)
    assert record.final_due == clock.now + timedelta(days=2)
    with pytest.raises(Refused), transaction():
        hours.settle_hours(record, by=staff.actor, answer="再来一次")


def test_taken_back_with_the_points(
        context: Flask, clock: Clock, staff: Person, street: Person, helper: Person, neighbourhood: Neighbourhood) -> None:
    """Only upper staff, with a reason; the points go back in the same transaction."""
    record = served(staff, helper, neighbourhood, clock)
    clock.forward(days=7)
    with transaction():
        finalise_hours(record)
    assert points.balance(f"user:{helper.id}") == 20
    with pytest.raises(Forbidden), transaction():
        hours.revoke_hours(record, by=staff.actor, why="重复记录")
    with pytest.raises(BadInput), transaction():
        hours.revoke_hours(record, by=street.actor, why="")
    with transaction():
        hours.revoke_hours(record, by=street.actor, why="重复记录")
    assert record.state == "refused" and points.balance(f"user:{helper.id}") == 0
    assert points.broken_ledger() == []


def test_a_guest_has_hours_but_no_points(context: Flask, clock: Clock, staff: Person, neighbourhood: Neighbourhood) -> None:
    """No account, no points account."""
    from_shift = make_call(staff, neighbourhood.community)[0]
    with transaction():
        guest = ensure_guest("孙客人", "13912345678", "000000")
        sign_up = guest_sign_up(from_shift, guest)
    clock.forward(days=2)
    attend(sign_up)
    with transaction():
        count_shift(db.session.get(Shift, from_shift))
    clock.forward(days=8)
    with transaction():
        assert finalise_due(10, set()) == 1
    assert db.session.scalar(select(ServiceRecord.state)) == "final" and db.session.scalar(select(func.count()).select_from(PointsTransfer)) == 0


def guest_sign_up(shift_id: int, volunteer: Volunteer) -> int:
    """A sign-up of a guest, made by the house."""
    shift = db.session.get(Shift, shift_id)
    made = SignUp(shift=shift, role=shift.roles[0], volunteer_id=volunteer.id, origin="guest", turn=1, starts_at=shift.starts_at, ends_at=shift.ends_at,
                  place_path=shift.place_path)
    db.session.add(made)
    db.session.flush()
    advance(made, "confirm", by=SYSTEM)
    return made.id


@pytest.mark.both_databases
def test_objection_against_finalising(app: Flask, clock: Clock, staff: Person, helper: Person, neighbourhood: Neighbourhood) -> None:
    """The volunteer presses at the very moment the job comes by: exactly one wins, and points come only with the job."""
    with app.app_context():
        record_id = served(staff, helper, neighbourhood, clock).id
        db.session.remove()
    clock.forward(days=7)
    start = threading.Barrier(5)
    won: list[str] = []

    def press(name: str) -> None:
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    record = db.session.get(ServiceRecord, record_id)
                    if name == "object":
                        hours.object_hours(record, by=helper.actor, why="不对")
                    else:
                        finalise_hours(record)
                won.append(name)
            except (Refused, Conflict):
                pass
            finally:
                db.session.remove()

    crowd = [threading.Thread(target=press, args=(name,)) for name in ("object", "finalise", "object", "finalise", "finalise")]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    with app.app_context():
        record = db.session.get(ServiceRecord, record_id)
        assert len(won) == 1
        assert record.state == {"object": "objected", "finalise": "final"}[won[0]]
        assert points.balance(f"user:{helper.id}") == (20 if won == ["finalise"] else 0)
        assert (record.transfer_id is not None) == (won == ["finalise"])
        db.session.remove()


DAYS = st.lists(st.lists(st.integers(1, 6), min_size=1, max_size=3), min_size=1, max_size=4)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=DAYS, order=st.randoms())
def test_points_are_the_sum_of_the_final_records(
        context: Flask, clock: Clock, staff: Person, helper: Person, neighbourhood: Neighbourhood, days: list[list[int]], order: object) -> None:
    """Whatever becomes final in whatever order: a day's points are its worth up to the day's cap, and every transfer hangs on its record."""
    before = points.balance(f"user:{helper.id}")
    made: dict[int, list[int]] = {}
    with transaction():
        volunteer_id = ensure_volunteer(helper.id).id
        latest = db.session.scalar(select(func.max(ServiceRecord.ends_at))) or clock.now
        for number, halves in enumerate(days):
            begin = (latest + timedelta(days=2 + number)).replace(hour=1, minute=0)
            for half in halves:
                record = ServiceRecord(
                    volunteer_id=volunteer_id, source="backfill", title="值守", place_path=neighbourhood.community.path, starts_at=begin,
                    ends_at=begin + timedelta(minutes=30 * half), minutes=30 * half, half_hours=half)
                db.session.add(record)
                db.session.flush()
                hours.show_hours(record, "show", by=SYSTEM)
                made.setdefault(number, []).append(record.id)
                begin = record.ends_at
    ids = [record_id for day in made.values() for record_id in day]
    order.shuffle(ids)
    clock.forward(days=30)
    for record_id in ids:
        with transaction():
            finalise_hours(db.session.get(ServiceRecord, record_id))
    expected = sum(min(DAY_CAP, sum(worth(db.session.get(ServiceRecord, one)) for one in day)) for day in made.values())
    assert points.balance(f"user:{helper.id}") - before == expected
    credited = db.session.scalar(
        select(func.coalesce(func.sum(PointsTransfer.amount), 0)).join(ServiceRecord, ServiceRecord.transfer_id == PointsTransfer.id)
        .where(ServiceRecord.id.in_(ids)))
    assert credited == expected


@pytest.mark.parametrize(("half_hours", "count", "following", "missing"), [
    (0, 0, 100, 200), (199, 0, 100, 1), (200, 1, 300, 400), (599, 1, 300, 1), (1200, 3, 1000, 800), (2999, 4, 1500, 1), (3000, 5, None, 0), (9000, 5, None, 0)])
def test_stars(half_hours: int, count: int, following: int | None, missing: int) -> None:
    """At 100, 300, 600, 1000 and 1500 hours, and how far it is."""
    found = stars(half_hours)
    assert (found.count, found.next_at, found.missing) == (count, following, missing)
