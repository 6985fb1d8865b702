"""A press for many while others are at it: people at the wall, a colleague; and what happens when the press trusts what it saw before."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from tests.matching.office import Office, Proposal
from tests.matching.test_presses import plan, states, taken
from tests.matching.test_races import claim, race
from tests.matching.test_shifts import breaches
from wishapp.kernel.errors import Refused
from wishapp.matching import presses, review
from wishapp.store.counting import count_many
from wishapp.store.db import db
from wishapp.store.transaction import retrying
from wishapp.wishes import holds
from wishapp.wishes.models import Claim

__all__ = ["plan"]
WISHES = 7


def one_seat_each(office: Office, rounds: int) -> list[int]:
    """Wishes of one seat that have more than one living claim."""
    with office.app.app_context():
        rows = db.session.execute(select(Claim.wish_id, func.count()).where(Claim.state.in_(("held", "accepted"))).group_by(Claim.wish_id)).all()
        assert len(rows) <= rounds
        return [wish_id for wish_id, count in rows if count > 1]


def claim_all(office: Office, rival: int, wish_ids: list[int]) -> int:
    """Claim one wish after the other as fast as it goes; how many."""
    got = 0
    for wish_id in wish_ids:
        try:
            retrying(lambda wish_id=wish_id: claim(office, wish_id, rival))
            got += 1
        except Refused:
            continue
    return got


@pytest.mark.both_databases
def test_a_press_and_people_at_the_wall_at_once(office: Office, plan: tuple) -> None:
    _run_id, ids = plan
    rival = office.supporter("快手样例院", person=office.member, quota=50)
    wish_ids = [int(office.look(Proposal, proposal_id, "demand_ref")[0].partition(":")[2]) for proposal_id in ids]

    def approve() -> int:
        return len(presses.do(presses.Press("approve", ids, review.new_batch()), by=office.street.actor).done)

    approved, claimed = race(office, approve, lambda: claim_all(office, rival, wish_ids[::-1]))
    assert approved + claimed == WISHES and one_seat_each(office, WISHES) == [] and breaches(office) == []
    assert states(office, ids) == Counter({"offered": approved, "stale": claimed}) - Counter()


@pytest.mark.both_databases
def test_two_presses_at_once(office: Office, plan: tuple) -> None:
    _run_id, ids = plan

    def approve(person: object) -> int:
        return len(presses.do(presses.Press("approve", ids, review.new_batch()), by=person.actor).done)

    done = race(office, lambda: approve(office.street), lambda: approve(office.district))
    assert sum(done) == WISHES and taken(office) == (WISHES, WISHES, WISHES) and breaches(office) == []


def test_control_that_trusts_what_it_saw_before_sells_a_seat_twice(office: Office, plan: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    _run_id, ids = plan
    rival = office.supporter("快手样例院", person=office.member, quota=50)
    wish_ids = [int(office.look(Proposal, proposal_id, "demand_ref")[0].partition(":")[2]) for proposal_id in ids]
    with office.app.app_context():
        assert claim_all(office, rival, wish_ids[:3]) == 3
        stale = holds._locked(set(wish_ids))
        for wish in stale.values():
            db.session.expunge(wish)
            wish.__dict__.update(state="open", taken=0)
        db.session.rollback()
        monkeypatch.setattr(holds, "_locked", lambda _ids: stale)
        monkeypatch.setattr(holds, "count_many", lambda model, counter, by, *_conditions, most=None: count_many(model, counter, by) if most is None else None)
        monkeypatch.setattr(holds, "_follow", lambda *_: None)
        presses.do(presses.Press("approve", ids, review.new_batch()), by=office.street.actor)
    assert one_seat_each(office, WISHES) == sorted(wish_ids[:3])
