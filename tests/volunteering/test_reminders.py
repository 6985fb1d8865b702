"""Reminders once each, by day, never after the start; a change of the spot told once."""

from tests.volunteering.scene import Scene
from wishapp.notices.models import Notice, Outgoing
from wishapp.notices.wording import sentence
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering import reminders, service
from wishapp.volunteering.models import Call, SignUp


def told(scene: Scene, number: int) -> list[str]:
    """What somebody was told of shifts, in order."""
    query = db.select(Notice.action).where(Notice.user_id == scene.person(number).id, Notice.workflow == "sign_up").order_by(Notice.id)
    return list(db.session.scalars(query))


def test_the_evening_before_and_the_hour_before(scene: Scene, clock: object) -> None:
    """Each once, however often the clock strikes; who only waits or asked off hears nothing."""
    clock.set("2026-06-10T12:00:00+08:00")
    scene.open_call(hours=26, seats=2)  # tomorrow at 14:00
    scene.sign_up(0)
    leaving = scene.sign_up(1)
    scene.sign_up(2)
    db.session.get(SignUp, leaving.id).asked_off_at = clock.now
    db.session.commit()
    for moment, expected in (("10T17:59", []), ("10T18:00", ["remind_day"]), ("10T20:00", ["remind_day"]), ("11T12:59", ["remind_day"]),
                             ("11T13:01", ["remind_day", "remind_hour"]), ("11T13:40", ["remind_day", "remind_hour"])):
        clock.set(f"2026-06-{moment}:00+08:00")
        reminders.work()
        assert told(scene, 0) == expected, moment
    assert told(scene, 1) == told(scene, 2) == []


def test_a_worker_that_was_down(scene: Scene, clock: object) -> None:
    """What was missed in the evening is told in the morning, not at night; after the start nothing is."""
    clock.set("2026-06-10T12:00:00+08:00")
    scene.open_call(hours=26)
    scene.sign_up(0)
    scene.open_call(hours=40, title="助餐")  # the day after tomorrow at 4:00
    scene.sign_up(1)
    clock.set("2026-06-10T23:00:00+08:00")
    assert reminders.work() == {"day": 0, "hour": 0, "moved": 0}
    clock.set("2026-06-11T08:00:00+08:00")
    assert reminders.work()["day"] == 1 and told(scene, 0) == ["remind_day"] and told(scene, 1) == []
    clock.set("2026-06-12T04:01:00+08:00")
    assert reminders.work() == {"day": 0, "hour": 0, "moved": 0}
    assert told(scene, 1) == []


def test_words_of_a_reminder(scene: Scene, clock: object) -> None:
    """The moment by the local clock, seen from when it is read; with an e-mail for who gave an address."""
    clock.set("2026-06-10T12:00:00+08:00")
    scene.open_call(hours=26, title="夜巡", spot="东门")
    scene.sign_up(0)
    clock.set("2026-06-10T18:00:00+08:00")
    reminders.work()
    notice = db.session.scalar(db.select(Notice).where(Notice.action == "remind_day"))
    with scene.app.test_request_context():
        assert "14:00" in sentence(notice) and "夜巡" in sentence(notice) and "东门" in sentence(notice)
    assert db.session.query(Outgoing).count() == 0, "nobody here gave an address"


def test_moving_is_told_once(scene: Scene, clock: object) -> None:
    """Three changes within a quarter of an hour are one message per person, however many shifts; who comes later knows already."""
    call = scene.open_call(hours=50, shifts=2, seats=5)
    scene.sign_up(0)
    scene.sign_up(0, shift=1)
    scene.sign_up(1, shift=1)
    for spot in ("西门", "北门", "南门"):
        with transaction():
            service.edit_call(db.session.get(Call, call.id), by=scene.staff.actor, spot=spot)
        clock.forward(minutes=3)
        reminders.work()
    scene.sign_up(2)
    assert told(scene, 0) == []
    for _turn in range(2):
        clock.forward(minutes=10)
        reminders.work()
    assert told(scene, 0) == ["move"] and told(scene, 1) == ["move"] and told(scene, 2) == []
    notice = db.session.scalar(db.select(Notice).where(Notice.action == "move", Notice.user_id == scene.person(0).id))
    assert notice.params["spot"] == "南门"


def test_moving_is_told_at_once_when_it_is_near(scene: Scene, clock: object) -> None:
    """Nobody is sent to the wrong door for the sake of quiet."""
    call = scene.open_call(hours=1.5)
    scene.sign_up(0)
    with transaction():
        service.edit_call(db.session.get(Call, call.id), by=scene.staff.actor, spot="西门")
    reminders.work()
    assert "move" in told(scene, 0)
