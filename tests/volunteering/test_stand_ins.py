"""I can't after all: who is asked, in which order, how often, and what becomes of it."""


import pytest
from sqlalchemy import select

from tests.conftest import Clock
from tests.volunteering.scene import Scene
from tests.volunteering.test_seats import sound, told
from wishapp.kernel.errors import Forbidden, Refused
from wishapp.kernel.roles import SYSTEM
from wishapp.places import queries as places
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.store.transitions import advance
from wishapp.supporters import service as supporters
from wishapp.volunteering import deadlines, service
from wishapp.volunteering.models import SignUp
from wishapp.volunteering.record_models import StandInAsk
from wishapp.volunteering.stand_ins import asks_of


def came(scene: Scene, clock: Clock, *numbers: int) -> None:
    """These neighbours were at a shift of the community lately."""
    for number in numbers:
        scene.person(number)
    scene.open_call(seats=len(numbers), hours=2)
    made = [scene.sign_up(number) for number in numbers]
    clock.forward(hours=5)
    with transaction():
        for sign_up in made:
            advance(sign_up, "attend", by=scene.staff.actor)
            advance(sign_up.shift, "close", by=SYSTEM) if sign_up.shift.state == "open" else None


def late(scene: Scene, clock: Clock, number: int = 0, **values: int) -> SignUp:
    """This neighbour is confirmed in a full shift that begins in six hours."""
    scene.open_call(seats=values.get("people", 1), hours=30)
    sign_up = scene.sign_up(number, **values)
    clock.forward(hours=24)
    return sign_up


def ask_off(scene: Scene, sign_up: SignUp, number: int = 0) -> None:
    """They cannot come after all."""
    with transaction():
        service.ask_off(sign_up, by=scene.person(number).actor)


def asked(sign_up: SignUp) -> dict[int, str]:
    """{volunteer: answer} of everybody asked to stand in, in the order of asking."""
    rows = db.session.execute(select(StandInAsk.volunteer_id, StandInAsk.answer).where(StandInAsk.sign_up_id == sign_up.id).order_by(StandInAsk.id))
    return {row.volunteer_id: row.answer for row in rows}


def answer(scene: Scene, sign_up: SignUp, number: int, *, is_yes: bool) -> SignUp | None:
    """The neighbour's answer."""
    person = scene.person(number)
    with transaction():
        ask = next(ask for ask in asks_of(scene.volunteer(person)) if ask.sign_up_id == sign_up.id)
        return service.answer_ask(ask, is_yes=is_yes, by=person.actor)


def ids(scene: Scene, *numbers: int) -> list[int]:
    """Volunteer ids of neighbours."""
    return [scene.volunteer(scene.person(number)).id for number in numbers]


def test_in_time_it_is_stepping_back(scene: Scene, clock: Clock) -> None:
    scene.open_call(seats=1, hours=48)
    ask_off(scene, scene.sign_up(0))
    assert scene.states() == ["cancelled"]


@pytest.mark.both_databases
def test_a_yes_gives_the_place_over(scene: Scene, clock: Clock) -> None:
    """Three are asked at a time; the first yes has the place, the first one is excused, the others are too late and hear so."""
    came(scene, clock, 1, 2, 3, 4)
    going = late(scene, clock)
    ask_off(scene, going)
    assert asked(going) == dict.fromkeys(ids(scene, 1, 2, 3), "waiting")
    assert told(scene.leader.id, "ask_off") == 0 and told(scene.staff.id, "ask_off") == 1
    sound()
    made = answer(scene, going, 2, is_yes=True)
    assert scene.states() == ["excused", "confirmed"]
    assert (made.origin, made.stand_in_for_id) == ("stand_in", going.id)
    assert list(asked(going).values()) == ["late", "yes", "late"]
    assert (told(scene.person(0).id, "stand_in_found"), told(scene.staff.id, "stand_in_found")) == (1, 1)
    ask = db.session.scalar(select(StandInAsk).where(StandInAsk.sign_up_id == going.id, StandInAsk.answer == "late").limit(1))
    with transaction(), pytest.raises(Refused):
        service.answer_ask(ask, is_yes=True, by=scene.person(1).actor)
    sound()


def test_least_recently_asked_first_and_never_too_often(scene: Scene, clock: Clock) -> None:
    """A no of everybody asks those left; who was asked before comes later; three in a week are enough."""
    came(scene, clock, 1, 2, 3, 4)
    first = late(scene, clock)
    ask_off(scene, first)
    for number in (1, 2, 3):
        assert answer(scene, first, number, is_yes=False) is None
    assert list(asked(first)) == ids(scene, 1, 2, 3, 4)
    second = late(scene, clock)
    ask_off(scene, second)
    assert list(asked(second)) == ids(scene, 1, 2, 3)
    third = late(scene, clock)
    ask_off(scene, third)
    assert list(asked(third)) == ids(scene, 4, 1, 2)
    fourth = late(scene, clock)
    ask_off(scene, fourth)
    assert list(asked(fourth)) == ids(scene, 3, 4), "1 and 2 were asked three times this week"
    fifth = late(scene, clock)
    ask_off(scene, fifth)
    assert list(asked(fifth)) == []
    clock.forward(days=7)
    sixth = late(scene, clock)
    ask_off(scene, sixth)
    assert len(asked(sixth)) == 3


def test_who_waits_comes_first(scene: Scene, clock: Clock) -> None:
    """The queue gets the seat before anybody is asked, also somebody who comes into it while others are being asked."""
    came(scene, clock, 1, 2)
    going = late(scene, clock)
    scene.sign_up(3)
    ask_off(scene, going)
    assert scene.states() == ["excused", "offered"] and asked(going) == {}
    sound()
    going = late(scene, clock)
    ask_off(scene, going)
    assert len(asked(going)) == 2
    scene.sign_up(3)
    assert scene.states() == ["excused", "offered"]
    assert set(asked(going).values()) == {"late"}
    sound()


def test_a_group_goes_and_one_steps_in(scene: Scene, clock: Clock) -> None:
    """The two seats left over go to the queue."""
    came(scene, clock, 1)
    going = late(scene, clock, people=3)
    with transaction():
        service.change_seats(scene.role(), 4, by=scene.staff.actor)
    scene.sign_up(2)
    ask_off(scene, going)
    answer(scene, going, 1, is_yes=True)
    assert scene.states() == ["excused", "confirmed", "confirmed"]
    assert scene.role().taken == 2
    sound()


def test_nobody_is_found(scene: Scene, clock: Clock) -> None:
    """Unanswered questions end, at the start the first one is excused all the same, and organisers hear of it."""
    came(scene, clock, 1)
    going = late(scene, clock)
    ask_off(scene, going)
    clock.forward(hours=2)
    deadlines.work()
    assert list(asked(going).values()) == ["late"] and scene.states() == ["confirmed"]
    clock.set(scene.at_start())
    deadlines.work()
    assert scene.states() == ["excused"]
    assert (told(scene.person(0).id, "stand_in_none"), told(scene.staff.id, "stand_in_none")) == (1, 1)
    assert sum(deadlines.work().values()) == 0
    sound()


def test_coming_after_all(scene: Scene, clock: Clock) -> None:
    """The questions end, the place stays; only the person themself says so."""
    came(scene, clock, 1)
    going = late(scene, clock)
    ask_off(scene, going)
    with pytest.raises(Refused), transaction():
        service.ask_off(going, by=scene.person(0).actor)
    with pytest.raises(Forbidden), transaction():
        service.come_after_all(going, by=scene.person(1).actor)
    with transaction():
        service.come_after_all(going, by=scene.person(0).actor)
    assert list(asked(going).values()) == ["late"]
    clock.set(scene.at_start())
    deadlines.work()
    assert scene.states() == ["confirmed"]


def test_free_members_of_the_community_are_asked_too(scene: Scene, clock: Clock) -> None:
    """Whoever wrote down that they are free then, is not elsewhere and is not pausing; at night nobody is disturbed."""
    for number, weekday in enumerate((4, 4, 5), 1):
        person = scene.person(number)
        with transaction():
            member = supporters.create_supporter(
                kind="member", name="陈某", place=places.place(scene.at.community.id), by=SYSTEM, monthly_minutes=600, people=[person.id])
            supporters.set_free_times(member, by=SYSTEM, times=[(weekday, "morning")])
    clock.set("2026-06-11T07:00:00+08:00")
    scene.open_call(seats=1, hours=28)  # Friday at eleven
    going = scene.sign_up(0)
    here = scene.shift_ids
    scene.open_call(seats=1, hours=27)
    scene.sign_up(1)
    scene.shift_ids = here
    clock.set("2026-06-11T22:00:00+08:00")
    ask_off(scene, going)
    assert asked(going) == {}
    deadlines.work()
    assert asked(going) == {}
    clock.set("2026-06-12T08:00:00+08:00")
    deadlines.work()
    assert list(asked(going)) == ids(scene, 2)
