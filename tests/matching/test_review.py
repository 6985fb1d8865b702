"""Staff's review through the services: live re-validation, bulk acts that tell what they could not do, undo."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.matching.office import MatchRun, Office, Proposal, Supporter, Wish
from wishapp.kernel.errors import BadInput, Forbidden, Refused
from wishapp.kernel.roles import SYSTEM
from wishapp.matching import review
from wishapp.matching import service as matching
from wishapp.matching.models import PairMark
from wishapp.notices.models import Notice
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters import service as supporters
from wishapp.supporters.models import Capacity
from wishapp.wishes import service as wishes


@pytest.fixture
def plan(office: Office) -> list[int]:
    """Three wishes, two units, a plan in review: ids of its proposals."""
    for name in ("甲样例院", "乙样例院"):
        office.supporter(name, person=office.contact, paired=name.startswith("甲"))
    for _ in range(3):
        office.wish()
    return office.proposals(office.run())


def act(office: Office, proposal_id: int, verb: Callable, **data: object) -> object:
    with office.app.app_context(), transaction():
        return verb(db.session.get(Proposal, proposal_id), by=data.pop("by", office.staff.actor), **data)


def taken(office: Office) -> int:
    with office.app.app_context():
        return sum(db.session.scalars(select(Capacity.taken)))


def notices_of(office: Office, person: object, action: str) -> int:
    with office.app.app_context():
        return len(list(db.session.scalars(select(Notice).where(Notice.user_id == person.id, Notice.workflow == "proposal", Notice.action == action))))


def wish_of(office: Office, proposal_id: int) -> int:
    return int(office.look(Proposal, proposal_id, "demand_ref")[0].partition(":")[2])


def test_approval_holds_seat_and_capacity_but_tells_nobody_until_it_is_sent(office: Office, plan: list[int]) -> None:
    assert act(office, plan[0], matching.approve_proposal) is True
    assert office.state(Proposal, plan[0]) == "offered" and office.state(Wish, wish_of(office, plan[0])) == "reserved"
    assert taken(office) == 1 and office.look(Proposal, plan[0], "answer_by", "sent_at") == (None, None)
    assert notices_of(office, office.contact, "approve") == 0
    run_id = office.look(Proposal, plan[0], "run_id")[0]
    with office.app.app_context(), transaction():
        assert matching.adopt_run(db.session.get(MatchRun, run_id), by=office.street.actor).sent == 1
    assert notices_of(office, office.contact, "approve") == 1 and office.look(Proposal, plan[0], "answer_by")[0] is not None
    assert act(office, plan[1], matching.approve_proposal) is True
    assert notices_of(office, office.contact, "approve") == 2, "in a plan in use an approval goes out at once"


def test_a_plan_is_adopted_once(office: Office, plan: list[int]) -> None:
    run_id = office.look(Proposal, plan[0], "run_id")[0]
    act(office, plan[0], matching.approve_proposal)
    for expected in (1, None):
        with office.app.app_context(), transaction():
            run = db.session.get(MatchRun, run_id)
            if expected is not None:
                assert matching.adopt_run(run, by=office.street.actor).sent == expected
                continue
            with pytest.raises(Refused):
                matching.adopt_run(run, by=office.street.actor)
    assert notices_of(office, office.contact, "approve") == 1


def test_somebody_was_faster_makes_it_stale_and_says_who(office: Office, plan: list[int]) -> None:
    fast = office.supporter("快手样例院", person=office.contact)
    with office.app.app_context(), transaction():
        wishes.claim_wish(db.session.get(Wish, wish_of(office, plan[0])), db.session.get(Supporter, fast), by=office.contact.actor)
    assert act(office, plan[0], matching.approve_proposal) is False
    state, why, params, promise = office.look(Proposal, plan[0], "state", "why", "why_params", "promise_ref")
    assert state == "stale" and params == {"who": "快手样例院"} and "faster" in why and promise is None
    assert taken(office) == 1, "only the direct claim"


def test_bulk_goes_on_and_tells_what_was_left(office: Office, plan: list[int]) -> None:
    fast = office.supporter("快手样例院", person=office.contact)
    with office.app.app_context(), transaction():
        wishes.claim_wish(db.session.get(Wish, wish_of(office, plan[1])), db.session.get(Supporter, fast), by=office.contact.actor)
    with office.app.app_context(), transaction():
        outcome = matching.approve_many([db.session.get(Proposal, proposal_id) for proposal_id in plan], by=office.staff.actor)
    assert len(outcome.done) == 2 and len(outcome.left) == 1 and outcome.left[0][2] == {"who": "快手样例院"}
    assert [office.state(Proposal, proposal_id) for proposal_id in plan] == ["offered", "stale", "offered"]


def test_capacity_gone_meanwhile_makes_it_stale(office: Office, plan: list[int]) -> None:
    supporter_id = office.look(Proposal, plan[0], "supporter_id")[0]
    with office.app.app_context(), transaction():
        supporters.disable_supporter(db.session.get(Supporter, supporter_id), by=SYSTEM)
    assert act(office, plan[0], matching.approve_proposal) is False
    assert office.state(Proposal, plan[0]) == "stale" and office.state(Wish, wish_of(office, plan[0])) == "open"
    assert office.look(Wish, wish_of(office, plan[0]), "taken") == (0,)


def test_undo_of_an_approval_gives_everything_back(office: Office, plan: list[int]) -> None:
    with office.app.app_context(), transaction():
        outcome = matching.approve_many([db.session.get(Proposal, proposal_id) for proposal_id in plan], by=office.staff.actor)
    assert taken(office) == 3
    with office.app.app_context(), transaction():
        with pytest.raises(Refused):
            matching.undo_batch(outcome.batch, by=office.street.actor)
    with office.app.app_context(), transaction():
        assert len(matching.undo_batch(outcome.batch, by=office.staff.actor).done) == 3
    assert taken(office) == 0 and {office.state(Proposal, proposal_id) for proposal_id in plan} == {"proposed"}
    assert {office.state(Wish, wish_of(office, proposal_id)) for proposal_id in plan} == {"open"}
    assert notices_of(office, office.contact, "recall") == 0, "nobody had been told"


def test_undo_has_an_end(office: Office, plan: list[int], clock: object) -> None:
    with office.app.app_context(), transaction():
        outcome = matching.dismiss_many([db.session.get(Proposal, plan[0])], by=office.staff.actor, why="too_far")
    clock.forward(minutes=11)
    with office.app.app_context(), pytest.raises(Refused), transaction():
        matching.undo_batch(outcome.batch, by=office.staff.actor)


def test_dismiss_needs_a_reason_and_can_be_restored(office: Office, plan: list[int]) -> None:
    with pytest.raises(BadInput):
        act(office, plan[0], matching.dismiss_proposal, why="  ")
    act(office, plan[0], matching.dismiss_proposal, why="too_far")
    assert office.look(Proposal, plan[0], "state", "why") == ("dismissed", "too_far")
    with pytest.raises(Refused):
        act(office, plan[0], matching.approve_proposal)
    act(office, plan[0], matching.restore_proposal)
    assert office.state(Proposal, plan[0]) == "proposed"


def test_swap_puts_a_runner_up_in_and_back(office: Office, plan: list[int]) -> None:
    first, runner = office.look(Proposal, plan[0], "supporter_id", "runners_up")
    with office.app.app_context():
        other = db.session.get(Supporter, runner[0][0])
        with transaction():
            batch = review.new_batch()
            made = matching.swap_proposal(db.session.get(Proposal, plan[0]), other, by=office.staff.actor, batch=batch)
        made_id = made.id
    assert office.look(Proposal, made_id, "state", "origin", "supporter_id") == ("proposed", "swap", runner[0][0])
    assert office.state(Proposal, plan[0]) == "dismissed"
    value, reasons = office.look(Proposal, made_id, "value", "reasons")
    assert reasons and value == office.look(Proposal, plan[0], "value")[0] - runner[0][1]
    with office.app.app_context(), transaction():
        matching.undo_batch(batch, by=office.staff.actor)
    assert (office.state(Proposal, plan[0]), office.state(Proposal, made_id)) == ("proposed", "dismissed")
    stranger = office.supporter("不相干样例院", helps=("repair",))
    with office.app.app_context(), pytest.raises(Refused), transaction():
        matching.swap_proposal(db.session.get(Proposal, plan[0]), db.session.get(Supporter, stranger), by=office.staff.actor)


def test_pins_and_forbids_rule_the_next_plan(office: Office, plan: list[int]) -> None:
    first, runner = office.look(Proposal, plan[0], "supporter_id", "runners_up")
    ref = office.look(Proposal, plan[0], "demand_ref")[0]
    act(office, plan[0], matching.forbid_pair)
    assert office.state(Proposal, plan[0]) == "dismissed"
    with office.app.app_context():
        rows = [db.session.get(Proposal, proposal_id) for proposal_id in office.proposals(office.run())]
        again = {row.demand_ref: row.supporter_id for row in rows}
    assert again[ref] != first
    act(office, plan[0], matching.unpin_pair)
    with office.app.app_context():
        assert list(db.session.scalars(select(PairMark))) == []


def test_pin_undone_by_its_batch(office: Office, plan: list[int]) -> None:
    with office.app.app_context(), transaction():
        outcome = review.pin_many([db.session.get(Proposal, proposal_id) for proposal_id in plan], by=office.staff.actor)
    with office.app.app_context(), transaction():
        review.undo_batch(outcome.batch, by=office.staff.actor)
    with office.app.app_context():
        assert list(db.session.scalars(select(PairMark))) == []


def test_only_staff_of_the_place(office: Office, plan: list[int]) -> None:
    for person in (office.stranger, office.contact, office.resident, office.member):
        with pytest.raises(Forbidden):
            act(office, plan[0], matching.approve_proposal, by=person.actor)
    assert act(office, plan[0], matching.approve_proposal, by=office.district.actor)


def test_a_replaced_plan_can_no_longer_be_decided(office: Office, plan: list[int]) -> None:
    newer = office.run()
    assert office.state(MatchRun, newer) == "in_review"
    with pytest.raises(Refused):
        act(office, plan[0], matching.approve_proposal)


def test_approved_and_unsent_survive_a_newer_plan(office: Office, plan: list[int]) -> None:
    act(office, plan[0], matching.approve_proposal)
    newer = office.run()
    assert office.state(Proposal, plan[0]) == "offered"
    refs = {office.look(Proposal, proposal_id, "demand_ref")[0] for proposal_id in office.proposals(newer)}
    assert office.look(Proposal, plan[0], "demand_ref")[0] not in refs, "its seat is held"
    with office.app.app_context(), transaction():
        assert matching.adopt_run(db.session.get(MatchRun, newer), by=office.street.actor).sent == 1


def test_putting_a_plan_aside_gives_held_seats_back(office: Office, plan: list[int]) -> None:
    act(office, plan[0], matching.approve_proposal)
    run_id = office.look(Proposal, plan[0], "run_id")[0]
    with office.app.app_context(), transaction():
        matching.cancel_run(db.session.get(MatchRun, run_id), by=office.street.actor)
    assert office.state(MatchRun, run_id) == "cancelled" and taken(office) == 0
    assert office.state(Wish, wish_of(office, plan[0])) == "open"
