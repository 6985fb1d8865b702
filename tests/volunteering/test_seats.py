"""Seats and the queue: who gets in, who waits, who moves up, who is told."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.conftest import Clock
from tests.factories import make_person
from tests.volunteering.scene import Scene
from wishapp.accounts import service as accounts
from wishapp.accounts.models import User
from wishapp.kernel.errors import BadInput, Forbidden, Refused
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import NOBODY
from wishapp.notices.models import Notice
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering import checks, service
from wishapp.volunteering.models import Call, Origin, ShiftRole, SignUp
from wishapp.volunteering.sign_ups import BY_HAND


def told(person_id: int, action: str) -> int:
    """How many notices of this step somebody has."""
    return len(list(db.session.scalars(select(Notice.id).where(Notice.user_id == person_id, Notice.workflow == "sign_up", Notice.action == action))))


def sound() -> None:
    """Nothing is broken."""
    assert [words for check in checks.ALL for words in check()] == []


@pytest.mark.both_databases
def test_seats_are_read_anew_under_the_lock(scene: Scene) -> None:
    """Somebody took seats between the page that was loaded and the lock: who has the lock counts those that are there now."""
    scene.open_call(seats=5)
    with transaction():
        role = db.session.scalar(select(ShiftRole))
        assert role.taken == role.shift.taken == 0
        db.session.execute(update(ShiftRole).values(taken=4).execution_options(synchronize_session=False))
        with pytest.raises(Refused):
            service.change_seats(role, 3, by=scene.staff.actor)


@pytest.mark.both_databases
def test_first_come_first_served(scene: Scene, clock: Clock) -> None:
    """Two seats, four people: two wait; a seat given back is kept for the first of them until a deadline, then for the next."""
    scene.open_call(seats=2)
    made = [scene.sign_up(number) for number in range(4)]
    assert scene.states() == ["confirmed", "confirmed", "waitlisted", "waitlisted"]
    assert db.session.get(Call, scene.call_id).state == "full"
    with transaction():
        service.cancel_sign_up(made[0], by=scene.person(0).actor)
    assert scene.states() == ["cancelled", "confirmed", "offered", "waitlisted"]
    assert told(scene.person(2).id, "offer") == 1
    sound()
    clock.set(made[2].answer_by)
    with transaction(), pytest.raises(Refused):
        service.accept_seat(made[2], by=scene.person(2).actor)
    with transaction():
        service.lapse_seat(made[2])
    assert scene.states() == ["cancelled", "confirmed", "lapsed", "offered"]
    with transaction():
        service.accept_seat(made[3], by=scene.person(3).actor)
    assert scene.states() == ["cancelled", "confirmed", "lapsed", "confirmed"]
    assert (told(scene.person(2).id, "lapse"), told(scene.person(3).id, "offer")) == (1, 1)
    sound()


def test_a_group_waits_until_it_fits(scene: Scene) -> None:
    """Behind a group of three somebody alone moves up into one free seat; the group stays first for the next three."""
    scene.open_call(seats=4)
    made = [scene.sign_up(0, people=3), scene.sign_up(1), scene.sign_up(2, people=3), scene.sign_up(3)]
    with transaction():
        service.cancel_sign_up(made[1], by=scene.person(1).actor)
    assert scene.states() == ["confirmed", "cancelled", "waitlisted", "offered"]
    with transaction():
        service.cancel_sign_up(made[0], by=scene.person(0).actor)
    assert scene.states() == ["cancelled", "cancelled", "offered", "offered"]
    sound()


def test_more_and_fewer_seats(scene: Scene) -> None:
    """More seats are offered at once; below what is taken, or to none at all, they cannot go."""
    scene.open_call(seats=1, skills={"driving": 1})
    scene.sign_up(0)
    scene.sign_up(1)
    with transaction():
        service.change_seats(scene.role(), 2, by=scene.staff.actor)
    assert scene.states() == ["confirmed", "offered"]
    with pytest.raises(Refused), transaction():
        service.change_seats(scene.role(), 1, by=scene.staff.actor)
    with transaction():
        service.change_seats(scene.role(skill="driving"), 0, by=scene.staff.actor)
    with transaction():
        service.cancel_shift(scene.shift(), by=scene.staff.actor, why="下雨")
    with pytest.raises(Refused), transaction():
        service.change_seats(scene.role(), 5, by=scene.staff.actor)
    sound()


def test_somebody_elsewhere_by_now_is_passed_over(scene: Scene) -> None:
    """Waiting here, confirmed there at the same time: the seat goes to the next, and the person is told."""
    scene.open_call(seats=1)
    first = scene.sign_up(0)
    waiting = scene.sign_up(1)
    scene.sign_up(2)
    here = scene.shift_ids
    scene.open_call(seats=5)
    scene.sign_up(1)
    with transaction():
        service.cancel_sign_up(first, by=scene.person(0).actor)
    scene.shift_ids = here
    assert scene.states() == ["cancelled", "lapsed", "offered"]
    assert waiting.ended_why == "elsewhere"
    assert told(scene.person(1).id, "pass_over") == 1
    sound()


def test_a_yes_waits_for_the_organiser_where_one_lets_people_in(scene: Scene) -> None:
    """With approval: the yes to a kept seat keeps it, and the organiser decides."""
    scene.open_call(seats=1, needs_approval=True)
    made = [scene.sign_up(0), scene.sign_up(1)]
    with transaction():
        service.refuse_sign_up(made[0], by=scene.staff.actor, why="已有足够的人")
    with transaction():
        service.accept_seat(made[1], by=scene.person(1).actor)
    assert scene.states() == ["refused", "applied"]
    with transaction():
        service.approve_sign_up(made[1], by=scene.staff.actor)
    assert scene.states() == ["refused", "confirmed"]
    sound()


@pytest.mark.both_databases
def test_a_switched_off_account_gives_everything_back(scene: Scene) -> None:
    """Every place ahead goes to whoever waits; the person signs up for nothing more."""
    scene.open_call(shifts=3, seats=1)
    for shift in range(3):
        scene.sign_up(0, shift=shift)
        scene.sign_up(1, shift=shift)
    with transaction():
        accounts.disable_user(db.session.get(User, scene.person(0).id), by=scene.street.actor)
    assert [scene.states(shift) for shift in range(3)] == [["cancelled", "offered"]] * 3
    sound()
    scene.open_call(seats=1, hours=24 * 30)
    with pytest.raises(Refused):
        scene.sign_up(0)


def test_stepping_back_late(scene: Scene, clock: Clock) -> None:
    """After the late limit a confirmed place is not simply given back, neither by its owner nor over a guest's link; who waits may go."""
    scene.open_call(seats=2, late_hours=24)
    own = scene.sign_up(0)
    with transaction():
        guest = service.sign_up(scene.role(), service.ensure_guest("访客甲", "13900001111", "370102"), by=NOBODY, origin=Origin.GUEST)
    waiting = scene.sign_up(1)
    clock.set(scene.at_start() - timedelta(hours=3))
    for sign_up, actor in ((own, scene.person(0).actor), (guest, NOBODY)):
        with pytest.raises(Refused), transaction():
            service.cancel_sign_up(sign_up, by=actor)
    with transaction():
        service.cancel_sign_up(waiting, by=scene.person(1).actor)
    with pytest.raises(BadInput), transaction():
        service.cancel_sign_up(own, by=scene.staff.actor)
    with transaction():
        service.cancel_sign_up(own, by=scene.staff.actor, why="没有来培训")
    assert told(scene.person(0).id, "cancel") == 1
    sound()


def test_others_keep_their_hands_off(scene: Scene) -> None:
    """Neither a neighbour nor another community's staff takes somebody off a list; a guest's link opens only its own place."""
    scene.open_call(seats=2)
    own = scene.sign_up(0)
    far = make_person(scene.app, "远社工", (Role.COMMUNITY_STAFF, scene.at.far_community))
    for actor in (scene.person(1).actor, far.actor, NOBODY):
        with pytest.raises(Forbidden), transaction():
            service.cancel_sign_up(own, by=actor, why="随便")
    assert scene.states() == ["confirmed"]


def test_by_hand_on_the_day(scene: Scene, clock: Clock) -> None:
    """An organiser adds somebody who just came along while seats are left; the queue is no longer used then, and nothing after the end."""
    scene.open_call(seats=1)
    clock.set(scene.at_start() + timedelta(minutes=5))
    with pytest.raises(Refused):
        scene.sign_up(0)

    def add(number: int) -> SignUp:
        person = scene.person(number)
        with transaction():
            volunteer = scene.volunteer(person)
            return service.sign_up(scene.role(), volunteer, by=scene.staff.actor, origin=Origin.STAFF, leaving_out=BY_HAND)

    assert add(0).state == "confirmed"
    with pytest.raises(Refused):
        add(1)
    clock.set(scene.shift().ends_at)
    with pytest.raises(Refused, match="no more sign-ups"):
        add(2)
