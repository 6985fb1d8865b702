"""Repairs: what an event leaves open is closed around it, nothing promised is moved, and staff hear of it once."""

import pytest
from sqlalchemy import select

from tests.matching.office import MatchRun, Office, Proposal, Supporter, Wish
from wishapp.matching import deadlines, nearby
from wishapp.matching import service as matching
from wishapp.matching.models import PairMark, Repair
from wishapp.notices.models import Notice
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters import service as supporters
from wishapp.supporters.models import Capacity
from wishapp.wishes import service as wishes
from wishapp.wishes.models import Claim

pytestmark = pytest.mark.both_databases


def do(office: Office, model: type, thing_id: int, verb: object, **data: object) -> None:
    with office.app.app_context(), transaction():
        verb(db.session.get(model, thing_id), **data)


def who(office: Office, wish_id: int, *states: str) -> list[int]:
    """Supporters with a proposal of this wish in these states, newest plan or not."""
    with office.app.app_context():
        return sorted(db.session.scalars(select(Proposal.supporter_id).where(Proposal.demand_ref == f"wish:{wish_id}", Proposal.state.in_(states))))


def last(office: Office) -> tuple[str, str, dict]:
    with office.app.app_context():
        found = db.session.scalars(select(Repair).order_by(Repair.id.desc())).first()
        return found.event, found.status, found.changes


def notices(office: Office, person: object, action: str) -> int:
    with office.app.app_context():
        return len(list(db.session.scalars(select(Notice.id).where(Notice.user_id == person.id, Notice.action == action))))


def accepted(office: Office, *, runners: int = 1) -> tuple[int, int, list[int]]:
    wish_id, proposal_id, ids = office.offered(runners=runners)
    do(office, Proposal, proposal_id, matching.accept_offer, by=office.contact.actor)
    return wish_id, proposal_id, ids


def test_a_helper_planned_elsewhere_steps_in_and_somebody_moves_up(office: Office) -> None:
    """Only one who could take the freed wish is planned for another; that other one goes to somebody else, and nobody loses out."""
    first = office.supporter("甲样例社", quota=1, paired=True, person=office.contact)
    able = office.supporter("乙样例社", quota=1, helps=("goods", "repair"), paired=True, person=office.contact)
    spare = office.supporter("丙样例社", quota=1, helps=("repair",), person=office.contact)
    goods, repair = office.wish(kind="goods"), office.wish(kind="repair")
    run_id = office.run(adopt=True)
    ids = {office.look(Proposal, proposal_id, "demand_ref")[0]: proposal_id for proposal_id in office.proposals(run_id)}
    if office.look(Proposal, ids[f"wish:{goods}"], "supporter_id") != (first,):
        pytest.fail("the plan begins otherwise")
    assert who(office, repair, "proposed") == [able]
    do(office, Proposal, ids[f"wish:{goods}"], matching.approve_proposal, by=office.staff.actor)
    do(office, Proposal, ids[f"wish:{goods}"], matching.decline_offer, by=office.contact.actor, why="没货")
    assert office.repair() == 1
    assert who(office, goods, "offered") == [able] and who(office, repair, "proposed") == [spare] and who(office, repair, "stale") == [able]
    event, status, changes = last(office)
    assert (event, status, changes["others"]) == ("declined", "changed", 1)
    assert [(entry["who"], entry["how"]) for entry in changes["added"]] == [("乙样例社", "asked"), ("丙样例社", "proposed")]
    moved = next(entry["id"] for entry in changes["added"] if entry["how"] == "proposed")
    assert office.look(Proposal, moved, "change", "was", "origin", "state") == ("changed", "乙样例社", "repair", "proposed")


@pytest.mark.parametrize("kept", ["offered", "pinned"])
def test_what_is_promised_or_pinned_stays(office: Office, kept: str) -> None:
    first = office.supporter("甲样例社", quota=1, paired=True, person=office.contact)
    able = office.supporter("乙样例社", quota=1, helps=("goods", "repair"), paired=True, person=office.contact)
    office.supporter("丙样例社", quota=1, helps=("repair",), person=office.contact)
    goods, repair = office.wish(kind="goods"), office.wish(kind="repair")
    ids = {office.look(Proposal, proposal_id, "demand_ref")[0]: proposal_id for proposal_id in office.proposals(office.run(adopt=True))}
    assert office.look(Proposal, ids[f"wish:{goods}"], "supporter_id") == (first,)
    verb = matching.approve_proposal if kept == "offered" else matching.pin_pair
    do(office, Proposal, ids[f"wish:{repair}"], verb, by=office.staff.actor)
    do(office, Proposal, ids[f"wish:{goods}"], matching.approve_proposal, by=office.staff.actor)
    do(office, Proposal, ids[f"wish:{goods}"], matching.decline_offer, by=office.contact.actor, why="没货")
    office.repair()
    assert who(office, repair, "offered" if kept == "offered" else "proposed") == [able]
    assert who(office, goods, "proposed", "offered") == [] and last(office)[2]["nobody"][0]["ref"] == f"wish:{goods}"
    with office.app.app_context():
        run = db.session.scalars(select(MatchRun)).one()
        assert f"wish:{goods}" in run.unserved and run.unserved[f"wish:{goods}"]["why"]
    assert notices(office, office.staff, "run_out") == 1


@pytest.mark.parametrize("seats", [1, 0])
def test_what_has_more_seats_than_a_repair_looks_at_is_left_as_it_is(office: Office, monkeypatch: pytest.MonkeyPatch, seats: int) -> None:
    monkeypatch.setattr(nearby, "SEATS", seats)
    office.supporter("甲样例社", quota=1, paired=True, person=office.contact)
    able = office.supporter("乙样例社", quota=1, helps=("goods", "repair"), paired=True, person=office.contact)
    spare = office.supporter("丙样例社", quota=1, helps=("repair",), person=office.contact)
    goods, repair = office.wish(kind="goods"), office.wish(kind="repair")
    ids = {office.look(Proposal, proposal_id, "demand_ref")[0]: proposal_id for proposal_id in office.proposals(office.run(adopt=True))}
    do(office, Proposal, ids[f"wish:{goods}"], matching.approve_proposal, by=office.staff.actor)
    do(office, Proposal, ids[f"wish:{goods}"], matching.decline_offer, by=office.contact.actor, why="没货")
    office.repair()
    assert (who(office, goods, "offered"), who(office, repair, "proposed")) == (([able], [spare]) if seats else ([], [able]))


def test_a_helper_who_gives_it_back_is_followed_at_once(office: Office) -> None:
    wish_id, proposal_id, ids = accepted(office)
    with office.app.app_context():
        claim_id = db.session.scalar(select(Claim.id).where(Claim.wish_id == wish_id))
    do(office, Claim, claim_id, wishes.leave_claim, by=office.contact.actor, why="病了")
    assert office.repair() == 1
    assert who(office, wish_id, "offered") == [ids[1]] and last(office)[:2] == ("withdrawn", "changed")
    assert office.state(Proposal, proposal_id) == "accepted", "the claim tells that part of the story"


def test_what_staff_take_back_comes_to_review(office: Office) -> None:
    wish_id, proposal_id, ids = accepted(office)
    do(office, Proposal, proposal_id, matching.withdraw_offer, by=office.staff.actor, why="另有安排")
    assert office.repair() == 1
    assert who(office, wish_id, "proposed") == [ids[1]] and who(office, wish_id, "offered") == []
    assert notices(office, office.staff, "propose") == 1


def test_a_direct_claim_given_back_comes_to_review(office: Office) -> None:
    office.supporter("远帆样例院", person=office.contact, paired=True)
    office.run(adopt=True)
    wish_id, taker = office.wish(), office.supporter("快手样例院", person=office.member)
    with office.app.app_context(), transaction():
        claim = wishes.claim_wish(db.session.get(Wish, wish_id), db.session.get(Supporter, taker), by=office.member.actor)
        claim_id = claim.id
    do(office, Claim, claim_id, wishes.leave_claim, by=office.member.actor, why="病了")
    office.repair()
    found = who(office, wish_id, "proposed")
    assert found and taker not in found, "whoever gave it back is not the one to ask"


def test_an_urgent_new_wish_comes_to_review_with_one_notice(office: Office) -> None:
    helper = office.supporter("远帆样例院", person=office.contact, paired=True)
    run_id = office.run(adopt=True)
    calm, urgent = office.wish(urgency="calm"), office.wish(urgency="now")
    assert office.repair() == 1, "one that is not urgent waits for the next round"
    assert who(office, urgent, "proposed") == [helper] and who(office, calm, "proposed") == []
    assert notices(office, office.staff, "propose") == 1 and last(office)[:2] == ("posted", "changed")
    [proposal_id] = office.proposals(run_id)
    assert office.look(Proposal, proposal_id, "change", "origin", "decided_by_id") == ("new", "repair", None)
    do(office, Proposal, proposal_id, matching.approve_proposal, by=office.staff.actor)
    assert office.state(Proposal, proposal_id) == "offered"


def test_no_plan_no_repair(office: Office) -> None:
    office.supporter("远帆样例院", person=office.contact)
    office.wish(urgency="now")
    assert office.repair() == 0


def test_a_pause_frees_what_was_planned_and_asked(office: Office) -> None:
    away = office.supporter("甲样例社", quota=2, paired=True, person=office.contact)
    asked, planned = office.wish(), office.wish()
    ids = office.proposals(office.run(adopt=True))
    assert [office.look(Proposal, proposal_id, "supporter_id") for proposal_id in ids] == [(away,), (away,)]
    do(office, Proposal, ids[0], matching.approve_proposal, by=office.staff.actor)
    other = office.supporter("乙样例社", quota=5, person=office.contact)
    do(office, Supporter, away, supporters.disable_supporter, by=office.district.actor)
    assert office.repair() == 1
    assert [office.state(Proposal, proposal_id) for proposal_id in ids] == ["withdrawn", "stale"]
    assert who(office, asked, "offered") == [other] and who(office, planned, "proposed") == [other]
    assert notices(office, office.contact, "withdraw") == 1
    with office.app.app_context():
        assert db.session.scalar(select(Capacity.taken).where(Capacity.supporter_id == away)) == 0


def test_the_helper_of_a_withdrawn_wish_is_free_for_another(office: Office) -> None:
    helper = office.supporter("甲样例社", quota=1, paired=True, person=office.contact)
    one, other = office.wish(urgency="week"), office.wish(urgency="calm")
    office.run(adopt=True)
    assert who(office, one, "proposed") == [helper] and who(office, other, "proposed") == []
    do(office, Wish, one, wishes.withdraw_wish, by=office.resident.actor)
    assert office.repair() == 1
    assert who(office, other, "proposed") == [helper] and who(office, one, "stale") == [helper]
    with office.app.app_context():
        assert f"wish:{other}" not in db.session.scalars(select(MatchRun)).one().unserved


def test_what_was_planned_for_a_wish_taken_meanwhile_binds_nobody(office: Office) -> None:
    """An urgent wish comes, and before anything is worked out the wish its helper was planned for is taken by somebody else."""
    helper = office.supporter("甲样例社", quota=1, paired=True, person=office.contact)
    planned = office.wish()
    office.run(adopt=True)
    assert who(office, planned, "proposed") == [helper]
    urgent, taker = office.wish(urgency="now"), office.supporter("快手样例院", quota=1, person=office.member)
    with office.app.app_context(), transaction():
        wishes.claim_wish(db.session.get(Wish, planned), db.session.get(Supporter, taker), by=office.member.actor)
    office.repair()
    assert who(office, urgent, "proposed") == [helper] and who(office, planned, "proposed") == []
    with office.app.app_context():
        first = db.session.scalars(select(Repair).order_by(Repair.id)).first()
        assert (first.event, first.status) == ("posted", "changed"), "not only once the other repair has cleared the way"


def test_a_withdrawn_wish_asks_and_tells_nobody(office: Office) -> None:
    """The no of somebody asked for a wish that has been withdrawn meanwhile."""
    wish_id, proposal_id, _ids = office.offered(runners=1)
    do(office, Wish, wish_id, wishes.withdraw_wish, by=office.resident.actor)
    do(office, Proposal, proposal_id, matching.decline_offer, by=office.contact.actor, why="没空")
    office.repair()
    assert notices(office, office.staff, "run_out") == 0 and who(office, wish_id, "offered", "proposed") == []


def test_an_offer_for_a_withdrawn_wish_is_taken_back_at_once(office: Office) -> None:
    wish_id, proposal_id, _ids = office.offered(runners=1)
    do(office, Wish, wish_id, wishes.withdraw_wish, by=office.resident.actor)
    office.repair()
    assert office.state(Proposal, proposal_id) == "withdrawn" and who(office, wish_id, "offered", "proposed") == []
    with office.app.app_context():
        assert deadlines.withdraw_gone() == 0


def test_one_set_aside_may_come_back(office: Office) -> None:
    """A pair one repair set aside is revived by a later one: the same row, with its history."""
    helper = office.supporter("甲样例社", quota=1, paired=True, person=office.contact)
    wish_id = office.wish()
    [proposal_id] = office.proposals(office.run(adopt=True))
    taker = office.supporter("快手样例院", person=office.member)
    with office.app.app_context(), transaction():
        claim_id = wishes.claim_wish(db.session.get(Wish, wish_id), db.session.get(Supporter, taker), by=office.member.actor).id
    office.repair()
    assert office.state(Proposal, proposal_id) == "stale"
    do(office, Claim, claim_id, wishes.leave_claim, by=office.member.actor, why="病了")
    office.repair()
    assert office.look(Proposal, proposal_id, "state", "supporter_id") == ("proposed", helper)


def test_ruled_out_pairs_stay_ruled_out(office: Office) -> None:
    wish_id, proposal_id, ids = office.offered(runners=2)
    with office.app.app_context(), transaction():
        db.session.add(PairMark(demand_ref=f"wish:{wish_id}", supporter_id=ids[1], kind="forbid", place_path=office.places.community.path))
    do(office, Proposal, proposal_id, matching.decline_offer, by=office.contact.actor, why="没空")
    office.repair()
    assert who(office, wish_id, "offered") == [ids[2]]


def test_a_repair_is_done_once(office: Office) -> None:
    wish_id, proposal_id, ids = office.offered(runners=2)
    do(office, Proposal, proposal_id, matching.decline_offer, by=office.contact.actor, why="没空")
    assert office.repair() == 1 and office.repair() == 0
    assert len(who(office, wish_id, "offered")) == 1
    with office.app.app_context():
        found = db.session.scalars(select(Repair)).one()
        assert found.milliseconds is not None and found.done_at is not None


def test_sending_out_leaves_out_what_is_gone(office: Office) -> None:
    """A wish withdrawn, and a helper gone, between approval and sending: neither offer goes out, and staff are told why."""
    away = office.supporter("甲样例社", quota=1, helps=("repair",), paired=True, person=office.contact)
    office.supporter("乙样例社", quota=5, helps=("goods",), paired=True, person=office.contact)
    gone, stays, lost = office.wish(kind="goods"), office.wish(kind="goods"), office.wish(kind="repair")
    run_id = office.run()
    for proposal_id in office.proposals(run_id):
        do(office, Proposal, proposal_id, matching.approve_proposal, by=office.staff.actor)
    do(office, Wish, gone, wishes.withdraw_wish, by=office.resident.actor)
    do(office, Supporter, away, supporters.disable_supporter, by=office.district.actor)
    with office.app.app_context(), transaction():
        sending = matching.adopt_run(db.session.get(MatchRun, run_id), by=office.street.actor)
    assert sending.sent == 1 and len(sending.left) == 2 and all(message for _title, message, _params in sending.left)
    assert who(office, stays, "offered") and not who(office, gone, "offered") and not who(office, lost, "offered")
    assert notices(office, office.contact, "approve") == 1
    with office.app.app_context():
        assert db.session.scalar(select(Capacity.taken).where(Capacity.supporter_id == away)) == 0
