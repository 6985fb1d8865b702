"""Pins: staff's word holds where it can; what contradicts itself is set aside and shown, and never stops the run."""

from tests.matching.office import MatchRun, Office, Proposal
from wishapp.matching.models import PairMark
from wishapp.store.db import db
from wishapp.store.transaction import transaction


def _pinned(office: Office, minutes: int) -> tuple[int, int]:
    member = office.supporter("测某", kind="member", helps=("service",), person=office.member, minutes=minutes)
    others = [office.supporter(f"别某{number}", kind="member", helps=("service",), minutes=600) for number in range(2)]
    wishes = [office.wish(kind="service", minutes=60) for _ in range(2)]
    first = office.run(adopt=True)
    with office.app.app_context(), transaction():
        for wish_id in wishes:
            db.session.add(PairMark(demand_ref=f"wish:{wish_id}", supporter_id=member, kind="pin", place_path=db.session.get(MatchRun, first).place_path))
    second = office.run()
    with office.app.app_context():
        served = [db.session.get(Proposal, proposal_id).supporter_id for proposal_id in office.proposals(second)]
    assert office.state(MatchRun, second) == "in_review"
    assert set(served) <= {member, *others}
    return served.count(member), len(office.look(MatchRun, second, "figures")[0]["impossible_pins"])


def test_pins_that_fit_are_kept(office: Office) -> None:
    assert _pinned(office, minutes=120) == (2, 0)


def test_of_pins_that_contradict_each_other_one_is_set_aside(office: Office) -> None:
    assert _pinned(office, minutes=90) == (1, 1)
