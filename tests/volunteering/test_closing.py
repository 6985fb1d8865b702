"""Shifts that begin and close by the clock or by hand."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.volunteering.scene import Scene
from tests.volunteering.test_check_ins import enter, key
from wishapp.kernel import clock as house_clock
from wishapp.kernel.errors import Forbidden, Refused
from wishapp.notices.models import Notice
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering import service
from wishapp.volunteering.check_ins import check_out, put_right, take_back
from wishapp.volunteering.closing import close_shift, work
from wishapp.volunteering.models import Call, Shift, SignUp
from wishapp.volunteering.record_models import CheckEvent, CheckHow, ServiceRecord


def four_people(scene: Scene, clock: object, **values: object) -> list[int]:
    """One who is in, one out already, one who never comes, one who waits; the clock at the start."""
    scene.open_call(seats=3, **values)
    ids = [scene.sign_up(number).id for number in range(4)]
    clock.set(scene.at_start())
    for sign_up_id in ids[:2]:
        enter(scene, db.session.get(SignUp, sign_up_id), minutes=0)
    clock.forward(minutes=90)
    with transaction():
        db.session.get(SignUp, ids[1]).checked_out_at = house_clock.now()
    return ids


@pytest.mark.both_databases
def test_by_the_clock(scene: Scene, clock: object) -> None:
    """It begins, and three hours after its end it closes: out at the planned end, absent, lapsed, hours counted, the call done."""
    ids = four_people(scene, clock)
    assert work() == {"started": 1, "closed": 0}
    assert (scene.shift().state, db.session.get(Call, scene.call_id).state) == ("under_way", "under_way")
    clock.forward(minutes=30 + 179)
    assert work() == {"started": 0, "closed": 0}
    clock.forward(minutes=1)
    assert work() == {"started": 0, "closed": 1} and work() == {"started": 0, "closed": 0}
    assert scene.states() == ["attended", "attended", "absent", "lapsed"]
    assert db.session.get(SignUp, ids[0]).checked_out_at == scene.shift().ends_at
    assert db.session.scalar(select(CheckEvent.how).order_by(CheckEvent.id.desc())) == "closing"
    assert sorted(db.session.scalars(select(ServiceRecord.minutes))) == [90, 120]
    assert (scene.shift().state, db.session.get(Call, scene.call_id).state) == ("over", "done")
    assert db.session.scalar(select(Notice.user_id).where(Notice.action == "finish")) == scene.staff.id


def test_a_call_goes_on_until_its_last_shift(scene: Scene, clock: object) -> None:
    four_people(scene, clock, shifts=2)
    clock.forward(hours=5)
    assert work() == {"started": 1, "closed": 1}
    assert db.session.get(Call, scene.call_id).state == "under_way"


def test_what_was_noted_before_closing_arrives_later(scene: Scene, clock: object) -> None:
    """Presses kept without a connection: the real time of leaving counts, not the one closing put in; what is pressed afterwards does not."""
    ids = four_people(scene, clock)
    shift, (stayed, _left, late, _queued) = scene.shift(), [db.session.get(SignUp, one) for one in ids]
    clock.forward(hours=4)
    assert work()["closed"] == 1

    def minutes(sign_up: SignUp) -> int | None:
        return db.session.scalar(select(ServiceRecord.minutes).where(ServiceRecord.sign_up_id == sign_up.id))

    assert minutes(stayed) == 120
    leave = {"how": CheckHow.LEADER, "by": scene.staff.actor}
    with transaction():
        assert check_out(stayed, key=key(), at=shift.starts_at + timedelta(minutes=60), **leave).is_new
    assert minutes(stayed) == 60
    with transaction():
        assert not check_out(stayed, key=key(), at=shift.starts_at + timedelta(minutes=110), **leave).is_new
    enter(scene, late, minutes=30)
    assert minutes(late) == 90
    enter(scene, late, minutes=0)
    assert (late.state, minutes(late)) == ("attended", 120)
    with transaction():
        check_out(late, key=key(), at=shift.starts_at + timedelta(minutes=75), **leave)
    assert minutes(late) == 75


def test_closing_comes_before_what_waited_for_it(scene: Scene, clock: object) -> None:
    """Whoever read the shift before it was closed sees it closed once they hold the sign-up: nothing is taken back any more."""
    ids = four_people(scene, clock)
    with transaction():
        found = db.session.get(SignUp, ids[0])
        assert found.shift.state in ("open", "under_way")
        db.session.execute(update(Shift).where(Shift.id == found.shift_id).values(state="over").execution_options(synchronize_session=False))
        with pytest.raises(Refused):
            take_back(found, by=scene.staff.actor)
        db.session.rollback()


def test_the_last_shift_is_called_off(scene: Scene, clock: object) -> None:
    """A call that has had a shift is done when what was left is called off; one with people in it is closed, not called off."""
    four_people(scene, clock, shifts=2)
    with pytest.raises(Refused), transaction():
        service.cancel_shift(scene.shift(), by=scene.staff.actor, why="下雨")
    with transaction():
        close_shift(scene.shift(), by=scene.staff.actor)
    with transaction():
        service.cancel_shift(scene.shift(1), by=scene.staff.actor, why="下雨")
    assert db.session.get(Call, scene.call_id).state == "done"


def test_the_rest_of_a_call_is_called_off_meanwhile(scene: Scene, clock: object) -> None:
    """The shift that is under way goes on and is closed: hours of those who are there count."""
    four_people(scene, clock, shifts=2)
    work()
    with transaction():
        service.cancel_call(db.session.get(Call, scene.call_id), by=scene.staff.actor, why="后面几天有雨")
    clock.forward(hours=5)
    assert work() == {"started": 0, "closed": 1}
    assert (scene.shift().state, scene.shift(1).state, db.session.get(Call, scene.call_id).state) == ("over", "cancelled", "cancelled")
    assert sorted(db.session.scalars(select(ServiceRecord.minutes))) == [90, 120]


def test_by_hand(scene: Scene, clock: object) -> None:
    """Earlier than planned: out now. Not by a volunteer, not before it begins; what is put right afterwards counts too."""
    ids = four_people(scene, clock)
    shift = scene.shift()
    with pytest.raises(Forbidden), transaction():
        close_shift(shift, by=scene.person(0).actor)
    with transaction():
        close_shift(shift, by=scene.staff.actor)
    assert db.session.get(SignUp, ids[0]).checked_out_at == shift.starts_at + timedelta(minutes=90)
    late = db.session.get(SignUp, ids[2])
    with transaction():
        put_right(late, came_at=shift.starts_at, left_at=None, by=scene.staff.actor, why="一直在场，忘了按")
    assert late.state == "attended" and len(list(db.session.scalars(select(ServiceRecord)))) == 3
    scene.open_call()
    with pytest.raises(Refused), transaction():
        close_shift(scene.shift(), by=scene.staff.actor)
