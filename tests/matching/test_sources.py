"""The contract every kind of demand keeps with the office (kernel.ports.DemandSource); a new kind adds a maker and nothing else."""

import dataclasses
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.matching.office import Office, Proposal, Supporter, Wish
from wishapp.kernel import clock as house_clock
from wishapp.kernel.errors import NotFound, Refused
from wishapp.kernel.ports import OpenDemand
from wishapp.kernel.roles import SYSTEM
from wishapp.matching import sources
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.wishes import service as wishes

MAKERS: dict[str, Callable[[Office], str]] = {
    "wish": lambda office: f"wish:{office.wish('一辆轮椅', seats=2)}",
    "shift": lambda office: f"shift:{office.shift(seats=2)}",
}


def test_every_registered_kind_is_under_contract(office: Office) -> None:
    assert set(sources.SOURCES) == set(MAKERS)


@pytest.mark.parametrize("prefix", MAKERS)
def test_the_contract(office: Office, prefix: str) -> None:
    (person, first), (_second, second), (_third, third) = (office.person(f"样例{number}") for number in range(3))
    ref = MAKERS[prefix](office)
    until = house_clock.now() + timedelta(days=1)

    def seats() -> int:
        found = [demand for demand in sources.open_demands(office.places.street.path) if demand.ref == ref]
        return sum(found[0].seats) if found else 0

    with office.app.app_context():
        source = sources.source_for(ref)
        before = seats()
        assert before == 2 and ref in source.cards([ref, f"{prefix}:999999"]) and len(source.cards([ref, f"{prefix}:999999"])) == 1
        with transaction():
            held = source.hold(ref, first, until=until, by=SYSTEM)
        assert (held.demand_ref, held.supporter_id, held.state, seats()) == (ref, first, "held", before - 1)
        with pytest.raises(Refused), transaction():
            source.hold(ref, first, until=until, by=SYSTEM)
        with transaction():
            other = source.hold(ref, second, until=until, by=SYSTEM)
        assert seats() == 0
        with pytest.raises(Refused) as refusal, transaction():
            source.hold(ref, third, until=until, by=SYSTEM)
        assert refusal.value.params, "it says who was faster"
        with transaction():
            source.start(held.ref, by=person.actor)
            source.release(other.ref, by=SYSTEM, reason="lapsed", action="lapse")
        states = {name: promise.state for name, promise in source.promises([held.ref, other.ref, f"{held.ref.partition(':')[0]}:999999"]).items()}
        assert states == {held.ref: "accepted", other.ref: "released"} and seats() == before - 1
        with pytest.raises(Refused), transaction():
            source.release(other.ref, by=SYSTEM, reason="twice", action="lapse")
        with pytest.raises(NotFound), transaction():
            source.hold(f"{prefix}:999999", first, until=until, by=SYSTEM)


@pytest.mark.parametrize("prefix", MAKERS)
def test_no_personal_data_passes(office: Office, prefix: str) -> None:
    ref = MAKERS[prefix](office)
    with office.app.app_context():
        [demand] = [demand for demand in sources.open_demands("/") if demand.ref == ref]
        card = sources.card(ref)
    said = f"{dataclasses.asdict(demand)} {dataclasses.asdict(card)}"
    assert "测试甲" not in said and isinstance(demand, OpenDemand)


def test_unknown_kinds_are_nowhere(office: Office) -> None:
    with office.app.app_context(), pytest.raises(NotFound):
        sources.source_for("nothing:1")


@pytest.mark.both_databases
def test_who_is_there_already_and_whose_wish_it_is_are_not_asked(office: Office) -> None:
    there = office.supporter("远帆样例院", person=office.contact, paired=True)
    own = office.supporter("居民样例", kind="volunteer", person=office.resident)
    other = office.supporter("快手样例院", person=office.member)
    wish_id = office.wish(seats=2)
    with office.app.app_context(), transaction():
        wishes.claim_wish(db.session.get(Wish, wish_id), db.session.get(Supporter, there), by=office.contact.actor)
        db.session.get(Wish, wish_id).beneficiary_id = office.resident.id
    with office.app.app_context():
        [demand] = sources.SOURCES["wish"].open_demands(office.places.street.path)
    assert demand.not_for == {there, own}
    assert [office.look(Proposal, number, "supporter_id")[0] for number in office.proposals(office.run())] == [other]
