"""Open seats of shifts as demands: what is offered to the matcher, what a kept seat means, and who goes first."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import Person
from tests.matching.office import Office
from wishapp import checks
from wishapp.kernel import clock as house_clock
from wishapp.kernel.errors import Refused
from wishapp.kernel.ports import OpenDemand, Promise
from wishapp.kernel.roles import SYSTEM
from wishapp.matching import sources
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters.models import Capacity
from wishapp.volunteering import service as calls
from wishapp.volunteering.models import Shift, ShiftRole, SignUp

DAY = timedelta(days=1)


def offered(office: Office) -> dict[str, OpenDemand]:
    """Open sorts of seats by ref."""
    with office.app.app_context():
        return {demand.ref: demand for demand in sources.SOURCES["shift"].open_demands(office.places.street.path)}


def sign_up(office: Office, person: Person, shift_id: int, people: int = 1, skill: str = "") -> str:
    """Somebody signs up alone; returns the state of it."""
    with office.app.app_context(), transaction():
        role = db.session.scalar(select(ShiftRole).where(ShiftRole.shift_id == shift_id, ShiftRole.skill == skill))
        return calls.sign_up(role, calls.ensure_volunteer(person.id), by=person.actor, people=people).state


def hold(office: Office, ref: str, supporter_id: int) -> Promise:
    """A seat kept for somebody who is about to be asked."""
    with office.app.app_context(), transaction():
        return sources.source_for(ref).hold(ref, supporter_id, until=house_clock.now() + DAY, by=SYSTEM)


def promise(office: Office, ref: str) -> Promise:
    """The promise as it stands now."""
    with office.app.app_context():
        return sources.SOURCES["shift"].promises([ref])[ref]


def breaches(office: Office) -> list[str]:
    """What the house's own checks find wrong."""
    with office.app.app_context():
        return [said for check in (checks.capacity, checks.promises, checks.lifecycles) for said in check()]


def test_every_sort_of_seats_is_a_demand_of_its_own(office: Office) -> None:
    shift_id = office.shift("义诊", seats=3, skills={"nursing": 2}, kind="medical")
    found = offered(office)
    plain, nursing = found[f"shift:{shift_id}"], found[f"shift:{shift_id}/nursing"]
    assert (plain.seats, plain.skills, nursing.seats, nursing.skills) == ((3,), frozenset(), (2,), frozenset({"nursing"}))
    assert plain.in_person and plain.kind == "medical" and plain.minutes == 120 and plain.window == nursing.window
    with office.app.app_context():
        card = sources.card(nursing.ref)
    assert (card.title, card.spot, card.skill, card.window) == ("义诊", "社区广场", "nursing", nursing.window)


def test_only_what_lies_far_enough_ahead_and_is_open_to_all(office: Office) -> None:
    now = house_clock.now()
    soon = office.shift(starts=now + timedelta(hours=20))
    later = office.shift(starts=now + timedelta(days=2))
    far = office.shift(starts=now + timedelta(days=40))
    neighbours_first = office.shift(starts=now + timedelta(days=5), community_until=now + timedelta(days=1))
    refs = offered(office)
    assert f"shift:{later}" in refs and not {f"shift:{soon}", f"shift:{far}", f"shift:{neighbours_first}"} & refs.keys()


def test_a_shift_that_is_short_of_people_is_pressing(office: Office) -> None:
    soon = house_clock.now() + timedelta(days=2)
    short, enough = office.shift(starts=soon, seats=4, minimum=2), office.shift(starts=soon, seats=4)
    found = offered(office)
    assert (found[f"shift:{short}"].tier, found[f"shift:{enough}"].tier) == (1, 2)


@pytest.mark.both_databases
def test_a_kept_seat_until_the_answer(office: Office) -> None:
    shift_id = office.shift(seats=3)
    (one, member), (_two, other) = office.person("甲"), office.person("乙")
    kept = hold(office, f"shift:{shift_id}", member)
    again = hold(office, f"shift:{shift_id}", other)
    assert kept.state == "held" and offered(office)[f"shift:{shift_id}"].seats == (1,)
    assert member in offered(office)[f"shift:{shift_id}"].not_for
    with office.app.app_context():
        taken = db.session.scalar(select(Capacity.taken).where(Capacity.supporter_id == member))
        assert taken == 120
        with pytest.raises(Refused), transaction():
            calls.approve_sign_up(db.session.get(SignUp, int(kept.ref.partition(":")[2])), by=office.staff.actor)
        with transaction():
            sources.SOURCES["shift"].start(kept.ref, by=one.actor)
            sources.SOURCES["shift"].release(again.ref, by=SYSTEM, reason="lapsed", action="lapse")
    assert (promise(office, kept.ref).state, promise(office, again.ref).state) == ("accepted", "released")
    assert offered(office)[f"shift:{shift_id}"].seats == (2,)
    with office.app.app_context():
        assert db.session.scalar(select(Capacity.taken).where(Capacity.supporter_id == other)) == 0
        engaged = sources.SOURCES["shift"].engagements("/")
        assert [entry.supporter_id for entry in engaged] == [member]
    assert breaches(office) == []


def test_a_team_comes_whole_and_a_unit_is_not_asked(office: Office) -> None:
    shift_id = office.shift(seats=6)
    (_lead, team), unit = office.person("阳光队", kind="team", size=5, minutes=600), office.supporter("样例院", helps=("service",), person=office.contact)
    kept = hold(office, f"shift:{shift_id}", team)
    assert kept.seats == 5 and offered(office)[f"shift:{shift_id}"].seats == (1,)
    with pytest.raises(Refused, match="members are asked"):
        hold(office, f"shift:{shift_id}", unit)
    with pytest.raises(Refused, match="somebody was a moment faster"):
        hold(office, f"shift:{shift_id}", office.person("大队", kind="team", size=2, minutes=600)[1])


@pytest.mark.both_databases
def test_a_clash_is_refused_by_name(office: Office) -> None:
    starts = house_clock.now() + timedelta(days=2)
    first, second = office.shift("河道巡护", starts=starts), office.shift(starts=starts + timedelta(hours=1))
    person, member = office.person("甲")
    sign_up(office, person, first)
    with pytest.raises(Refused) as refusal:
        hold(office, f"shift:{second}", member)
    assert refusal.value.params["title"] == "河道巡护"


def test_the_queue_goes_first(office: Office) -> None:
    shift_id = office.shift(seats=1)
    (_one, member), (waiting, _two), (_three, third) = office.person("甲"), office.person("乙"), office.person("丙")
    kept = hold(office, f"shift:{shift_id}", member)
    assert sign_up(office, waiting, shift_id) == "waitlisted"
    with office.app.app_context(), transaction():
        sources.SOURCES["shift"].release(kept.ref, by=SYSTEM, reason="没空", action="decline")
    assert f"shift:{shift_id}" not in offered(office)
    with office.app.app_context():
        states = list(db.session.scalars(select(SignUp.state).order_by(SignUp.id)))
    assert states == ["cancelled", "offered"]
    with pytest.raises(Refused):
        hold(office, f"shift:{shift_id}", third)


@pytest.mark.both_databases
def test_who_signs_up_alone_need_not_answer(office: Office) -> None:
    shift_id = office.shift(seats=1)
    person, member = office.person("甲")
    kept = hold(office, f"shift:{shift_id}", member)
    assert sign_up(office, person, shift_id) == "confirmed"
    settled = promise(office, kept.ref)
    assert (settled.state, settled.is_taken_over) == ("released", True)
    with office.app.app_context():
        assert db.session.get(Shift, shift_id).taken == 1
    assert breaches(office) == []


def test_conditions_of_the_call_are_known_before_anybody_is_asked(office: Office) -> None:
    shift_id = office.shift(seats=2, age_min=18, age_max=60)
    (grown, member), (_unknown, other) = office.person("甲"), office.person("乙")
    with office.app.app_context(), transaction():
        calls.describe_volunteer(calls.ensure_volunteer(grown.id), birth_year=1990, has_guardian_consent=False, by=grown.actor)
    assert offered(office)[f"shift:{shift_id}"].only_for == {member}
    with pytest.raises(Refused, match="conditions of this call"):
        hold(office, f"shift:{shift_id}", other)
