"""Shifts that begin and close by the clock or by hand."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.volunteering.scene import Scene
from tests.volunteering.test_check_ins import enter
from wishapp.kernel import clock as house_clock
from wishapp.kernel.errors import Forbidden, Refused
from wishapp.notices.models import Notice
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering.check_ins import put_right
from wishapp.volunteering.closing import close_shift, work
from wishapp.volunteering.models import Call, SignUp
from wishapp.volunteering.record_models import CheckEvent, ServiceRecord


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
