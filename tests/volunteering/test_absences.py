"""Who did not come: noted, forgiven, and what repeated absences lead to."""

from datetime import timedelta

import pytest

from tests.conftest import Clock
from tests.factories import make_person
from tests.volunteering.scene import Scene
from tests.volunteering.test_seats import sound, told
from wishapp.kernel.errors import BadInput, Forbidden, Refused
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import SYSTEM
from wishapp.store.transaction import transaction
from wishapp.volunteering import deadlines, service
from wishapp.volunteering.models import SignUp


def missed(scene: Scene, clock: Clock, *, number: int = 0) -> SignUp:
    """One more shift at which this neighbour was missed."""
    scene.open_call(seats=2, hours=30)
    sign_up = scene.sign_up(number)
    clock.set(scene.at_start() + timedelta(hours=1))
    with transaction():
        service.miss_sign_up(sign_up, by=SYSTEM)
    return sign_up


def test_three_times_and_sign_up_rests(scene: Scene, clock: Clock) -> None:
    """Told each time with the policy; the third begins a pause that ends by itself, after which it takes three more."""
    missed(scene, clock)
    missed(scene, clock)
    assert told(scene.person(0).id, "miss") == 2
    missed(scene, clock)
    assert told(scene.person(0).id, "pause") == 1
    scene.open_call(seats=2)
    with pytest.raises(Refused, match="rests until"):
        scene.sign_up(0)
    clock.forward(days=31)
    missed(scene, clock)
    missed(scene, clock)
    scene.open_call(seats=2)
    assert scene.sign_up(0).state == "confirmed"
    sound()


def test_old_absences_do_not_count(scene: Scene, clock: Clock) -> None:
    missed(scene, clock)
    missed(scene, clock)
    clock.forward(days=181)
    missed(scene, clock)
    scene.open_call(seats=2)
    assert scene.sign_up(0).state == "confirmed"


def test_forgiven_with_a_reason(scene: Scene, clock: Clock) -> None:
    """By whoever leads the call; the pause it led to ends, the seat is given back."""
    made = [missed(scene, clock) for _time in range(3)]
    far = make_person(scene.app, "远社工", (Role.COMMUNITY_STAFF, scene.at.far_community))
    for actor, why, error in ((far.actor, "住院了", Forbidden), (scene.staff.actor, " ", BadInput)):
        with pytest.raises(error), transaction():
            service.forgive_sign_up(made[2], by=actor, why=why)
    with transaction():
        service.forgive_sign_up(made[2], by=scene.staff.actor, why="住院了")
    assert made[2].state == "excused" and made[2].role.taken == 0
    assert (told(scene.person(0).id, "forgive"), scene.states()) == (1, ["excused"])
    scene.open_call(seats=2)
    assert scene.sign_up(0).state == "confirmed"
    sound()


def test_staff_lift_a_pause(scene: Scene, clock: Clock) -> None:
    """With a reason, where the person lives; earlier absences count no more."""
    for _time in range(3):
        sign_up = missed(scene, clock)
    volunteer = sign_up.volunteer
    for actor, why, error in ((scene.person(0).actor, "我想来", Forbidden), (scene.staff.actor, "", BadInput)):
        with pytest.raises(error), transaction():
            service.lift_pause(volunteer, by=actor, why=why)
    with transaction():
        service.lift_pause(volunteer, by=scene.staff.actor, why="已谈过")
    with pytest.raises(Refused), transaction():
        service.lift_pause(volunteer, by=scene.staff.actor, why="已谈过")
    missed(scene, clock)
    scene.open_call(seats=2)
    assert scene.sign_up(0).state == "confirmed"


def test_nobody_is_missed_before_it_begins_or_after_asking_off(scene: Scene, clock: Clock) -> None:
    scene.open_call(seats=1, hours=30)
    sign_up = scene.sign_up(0)
    with pytest.raises(Refused), transaction():
        service.miss_sign_up(sign_up, by=scene.staff.actor)
    clock.forward(hours=26)
    with transaction():
        service.ask_off(sign_up, by=scene.person(0).actor)
    clock.forward(hours=5)
    with transaction():
        service.miss_sign_up(sign_up, by=SYSTEM)
    assert scene.states() == ["excused"]
    sound()


def test_the_clock_ends_queues(scene: Scene, clock: Clock) -> None:
    """Who still waits at the start hears so; whom nobody let in by the end gives the seat back; kept seats lapse."""
    scene.open_call(seats=2, hours=30, needs_approval=True, late_hours=0)
    made = [scene.sign_up(number) for number in range(4)]
    with transaction():
        service.approve_sign_up(made[0], by=scene.staff.actor)
        service.refuse_sign_up(made[1], by=scene.staff.actor, why="已有足够的人")
    assert scene.states() == ["confirmed", "refused", "offered", "waitlisted"]
    clock.set(made[2].answer_by)
    deadlines.work()
    assert scene.states() == ["confirmed", "refused", "lapsed", "offered"]
    with transaction():
        service.accept_seat(made[3], by=scene.person(3).actor)
    scene.sign_up(4)
    clock.set(scene.at_start())
    deadlines.work()
    assert scene.states() == ["confirmed", "refused", "lapsed", "applied", "lapsed"]
    assert told(scene.person(4).id, "end_queue") == 1
    clock.set(scene.shift().ends_at)
    deadlines.work()
    assert scene.states() == ["confirmed", "refused", "lapsed", "cancelled", "lapsed"]
    assert sum(deadlines.work().values()) == 0
    sound()
