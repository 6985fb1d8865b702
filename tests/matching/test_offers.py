"""Offers: yes, no, silence, and who is asked next, with the seat and the promise counted at every step."""

import pytest
from sqlalchemy import func, select

from tests.matching.office import Office, Proposal, Wish
from wishapp.kernel.errors import BadInput, Forbidden, Refused
from wishapp.matching import deadlines
from wishapp.matching import service as matching
from wishapp.matching.models import PairMark
from wishapp.matching.offers import deadline
from wishapp.matching.queries import answers, offers_of
from wishapp.notices.models import Notice
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters.models import Capacity
from wishapp.wishes import service as wishes
from wishapp.wishes.models import Claim


def decide(office: Office, proposal_id: int, verb: object, **data: object) -> object:
    with office.app.app_context(), transaction():
        result = verb(db.session.get(Proposal, proposal_id), **({"by": office.contact.actor} | data))
        return result.id if isinstance(result, Proposal) else result


def claims(office: Office, wish_id: int) -> list[tuple[int, str]]:
    with office.app.app_context():
        return [(claim.supporter_id, claim.state) for claim in db.session.scalars(select(Claim).where(Claim.wish_id == wish_id).order_by(Claim.id))]


def asked_next(office: Office, wish_id: int) -> int:
    """The wish's newest proposal, once the repair has been done."""
    assert office.repair() == 1
    with office.app.app_context():
        return db.session.scalar(select(func.max(Proposal.id)).where(Proposal.demand_ref == f"wish:{wish_id}"))


def held(office: Office, supporter_id: int) -> int:
    with office.app.app_context():
        return sum(db.session.scalars(select(Capacity.taken).where(Capacity.supporter_id == supporter_id)))


def told(office: Office, person: object, action: str) -> int:
    with office.app.app_context():
        return len(list(db.session.scalars(select(Notice.id).where(
            Notice.user_id == person.id, Notice.workflow == "proposal", Notice.action == action))))


def test_deadlines_are_at_six_in_the_evening(clock: object) -> None:
    now = clock.now
    assert [deadline(tier, now).isoformat() for tier in (0, 1, 2, 5)] == [
        "2026-06-11T18:00:00+08:00", "2026-06-12T18:00:00+08:00", "2026-06-13T18:00:00+08:00", "2026-06-13T18:00:00+08:00"]


@pytest.mark.both_databases
def test_yes(office: Office) -> None:
    wish_id, proposal_id, ids = office.offered()
    decide(office, proposal_id, matching.accept_offer)
    assert office.state(Proposal, proposal_id) == "accepted" and office.state(Wish, wish_id) == "in_progress"
    assert claims(office, wish_id) == [(ids[0], "accepted")] and held(office, ids[0]) == 1
    assert told(office, office.staff, "accept") == 1
    with pytest.raises(Refused):
        decide(office, proposal_id, matching.decline_offer, why="晚了")
    assert claims(office, wish_id) == [(ids[0], "accepted")]


@pytest.mark.both_databases
def test_no_frees_the_seat_remembers_and_asks_the_next(office: Office) -> None:
    wish_id, proposal_id, ids = office.offered(runners=1)
    decide(office, proposal_id, matching.decline_offer, why="时间赶不上", reason="time")
    assert office.state(Wish, wish_id) == "open"
    following = asked_next(office, wish_id)
    assert office.state(Proposal, proposal_id) == "declined" and held(office, ids[0]) == 0
    assert office.look(Proposal, following, "state", "supporter_id", "origin") == ("offered", ids[1], "repair")
    assert office.look(Proposal, following, "answer_by")[0] is not None and office.look(Proposal, following, "reasons")[0]
    assert office.state(Wish, wish_id) == "reserved" and claims(office, wish_id) == [(ids[0], "released"), (ids[1], "held")]
    with office.app.app_context():
        mark = db.session.scalars(select(PairMark)).one()
        assert (mark.kind, mark.supporter_id, (mark.until - mark.at).days) == ("declined", ids[0], 30)
    assert told(office, office.staff, "decline") == 1 and told(office, office.staff, "ask_next") + told(office, office.contact, "ask_next") == 2


def test_a_no_needs_a_word(office: Office) -> None:
    _wish_id, proposal_id, _ids = office.offered()
    with pytest.raises(BadInput):
        decide(office, proposal_id, matching.decline_offer, why=" ")
    assert office.state(Proposal, proposal_id) == "offered"


def test_nobody_left_opens_the_wish_and_tells_staff(office: Office) -> None:
    wish_id, proposal_id, _ids = office.offered()
    decide(office, proposal_id, matching.decline_offer, why="没有")
    assert told(office, office.staff, "run_out") == 0 and office.repair() == 1
    assert office.state(Wish, wish_id) == "open" and told(office, office.staff, "run_out") == 1


def test_a_runner_up_who_is_full_is_passed_over(office: Office) -> None:
    wish_id, proposal_id, ids = office.offered(runners=2)
    order = [entry[0] for entry in office.look(Proposal, proposal_id, "runners_up")[0]]
    with office.app.app_context(), transaction():
        for capacity in db.session.scalars(select(Capacity).where(Capacity.supporter_id == order[0])):
            capacity.quota = capacity.taken
    decide(office, proposal_id, matching.decline_offer, why="没有")
    following = asked_next(office, wish_id)
    assert office.look(Proposal, following, "supporter_id") == (order[1],)
    assert office.look(Wish, wish_id, "taken") == (1,)


def test_a_declined_pair_is_left_alone_for_thirty_days(office: Office, clock: object) -> None:
    wish_id, proposal_id, ids = office.offered()
    decide(office, proposal_id, matching.decline_offer, why="没有")
    clock.forward(days=29)
    assert office.proposals(office.run()) == []
    clock.forward(days=2)
    again = office.proposals(office.run())
    assert [office.look(Proposal, again_id, "supporter_id")[0] for again_id in again] == [ids[0]]


@pytest.mark.both_databases
def test_silence_lapses_once_and_asks_on(office: Office, clock: object) -> None:
    wish_id, proposal_id, ids = office.offered(runners=1)
    with office.app.app_context():
        assert deadlines.lapse_offers() == 0, "not before the deadline"
    clock.set(office.look(Proposal, proposal_id, "answer_by")[0])
    with office.app.app_context():
        assert deadlines.lapse_offers() == 1
        assert deadlines.lapse_offers() == 0
    assert office.repair() == 1
    assert office.state(Proposal, proposal_id) == "lapsed" and claims(office, wish_id) == [(ids[0], "released"), (ids[1], "held")]
    assert told(office, office.contact, "lapse") == 1
    with pytest.raises(Refused):
        decide(office, proposal_id, matching.accept_offer)


def test_too_late_is_too_late_even_before_the_clock_job_came(office: Office, clock: object) -> None:
    _wish_id, proposal_id, _ids = office.offered()
    clock.set(office.look(Proposal, proposal_id, "answer_by")[0])
    with pytest.raises(Refused):
        decide(office, proposal_id, matching.accept_offer)
    assert office.state(Proposal, proposal_id) == "offered"


def test_reminded_once_before_the_deadline(office: Office, clock: object) -> None:
    _wish_id, proposal_id, _ids = office.offered()
    with office.app.app_context():
        assert deadlines.remind_offers() == 0
    clock.forward(hours=40)  # due by now, but it is four in the morning
    with office.app.app_context():
        assert deadlines.remind_offers() == 0
    clock.forward(hours=5)
    with office.app.app_context():
        assert (deadlines.remind_offers(), deadlines.remind_offers()) == (1, 0)
    assert told(office, office.contact, "remind") == 1


def test_a_wish_withdrawn_takes_its_offer_back(office: Office) -> None:
    wish_id, proposal_id, ids = office.offered()
    with office.app.app_context(), transaction():
        wishes.withdraw_wish(db.session.get(Wish, wish_id), by=office.resident.actor)
    with office.app.app_context():
        assert deadlines.withdraw_gone() == 1
    assert office.state(Proposal, proposal_id) == "withdrawn" and held(office, ids[0]) == 0


def test_staff_take_an_offer_back_with_a_reason(office: Office) -> None:
    wish_id, proposal_id, ids = office.offered()
    with pytest.raises(BadInput):
        decide(office, proposal_id, matching.withdraw_offer, by=office.staff.actor, why="")
    decide(office, proposal_id, matching.withdraw_offer, by=office.staff.actor, why="另有安排")
    assert office.state(Proposal, proposal_id) == "withdrawn" and office.state(Wish, wish_id) == "open" and held(office, ids[0]) == 0
    assert told(office, office.contact, "withdraw") == 1


def test_the_poster_hears_when_an_accepted_helper_is_called_off(office: Office) -> None:
    _wish_id, proposal_id, _ids = office.offered()
    decide(office, proposal_id, matching.accept_offer)
    decide(office, proposal_id, matching.withdraw_offer, by=office.staff.actor, why="另有安排")
    with office.app.app_context():
        heard = [(notice.workflow, notice.action) for notice in db.session.scalars(
            select(Notice).where(Notice.user_id == office.resident.id).order_by(Notice.id))]
    assert heard[-2:] == [("claim", "accept"), ("claim", "withdraw")]


def test_what_is_done_or_given_back_cannot_be_taken_back(office: Office) -> None:
    wish_id, proposal_id, _ids = office.offered()
    decide(office, proposal_id, matching.accept_offer)
    with office.app.app_context(), transaction():
        wishes.deliver_wish(db.session.scalar(select(Claim)), by=office.contact.actor, words="送到了", photos=[])
    with pytest.raises(Refused):
        decide(office, proposal_id, matching.withdraw_offer, by=office.staff.actor, why="另有安排")
    assert office.state(Proposal, proposal_id) == "accepted" and office.state(Wish, wish_id) == "delivered"
    assert told(office, office.contact, "withdraw") == 0


def test_recall_after_sending_only_within_ten_minutes(office: Office, clock: object) -> None:
    wish_id, proposal_id, _ids = office.offered()
    clock.forward(minutes=9)
    decide(office, proposal_id, matching.recall_proposal, by=office.staff.actor)
    assert office.state(Proposal, proposal_id) == "proposed" and told(office, office.contact, "recall") == 1
    decide(office, proposal_id, matching.approve_proposal, by=office.staff.actor)
    clock.forward(minutes=11)
    with pytest.raises(Refused):
        decide(office, proposal_id, matching.recall_proposal, by=office.staff.actor)


def test_only_those_who_answer_for_the_supporter(office: Office) -> None:
    _wish_id, proposal_id, _ids = office.offered()
    for person in (office.member, office.resident, office.stranger):
        with pytest.raises(Forbidden):
            decide(office, proposal_id, matching.accept_offer, by=person.actor)
    decide(office, proposal_id, matching.accept_offer, by=office.staff.actor)


def test_an_unsent_approval_cannot_be_answered(office: Office) -> None:
    office.supporter("远帆样例院", person=office.contact)
    office.wish()
    [proposal_id] = office.proposals(office.run())
    decide(office, proposal_id, matching.approve_proposal, by=office.staff.actor)
    with pytest.raises(Refused):
        decide(office, proposal_id, matching.accept_offer)
    with office.app.app_context():
        assert offers_of(office.contact.id) == []


def test_the_record_of_answers(office: Office) -> None:
    _wish_id, proposal_id, ids = office.offered()
    with office.app.app_context():
        assert answers(ids) == {ids[0]: (0, 0)}
    decide(office, proposal_id, matching.accept_offer)
    with office.app.app_context():
        assert answers(ids) == {ids[0]: (1, 1)}


def test_passed_over_wishes_are_counted_when_the_plan_is_adopted(office: Office) -> None:
    office.supporter("远帆样例院", person=office.contact, helps=("repair",))
    wish_id = office.wish()
    office.run()
    assert office.look(Wish, wish_id, "missed_rounds") == (0,)
    office.run(adopt=True)
    assert office.look(Wish, wish_id, "missed_rounds") == (1,)




def test_an_approval_nobody_sends_does_not_hold_its_seat_for_ever(office: Office, clock) -> None:
    asked = office.supporter("远帆样例院", person=office.contact, paired=True)
    wish_id = office.wish()
    [proposal_id] = office.proposals(office.run())
    with office.app.app_context(), transaction():
        matching.approve_proposal(db.session.get(Proposal, proposal_id), by=office.staff.actor)
    for days, state, seats in ((6, "offered", 1), (2, "proposed", 0)):
        clock.forward(days=days)
        with office.app.app_context():
            deadlines.recall_unsent()
        assert office.state(Proposal, proposal_id) == state
        assert held(office, asked) == seats
    assert office.state(Wish, wish_id) == "open"
