"""Wishes and shifts in one plan, from the match to the answers: teams, repairs, swaps, races with people's own sign-ups."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.matching.office import Office
from tests.matching.test_shifts import breaches, sign_up
from wishapp.kernel import clock as house_clock
from wishapp.matching import deadlines, papers, waves
from wishapp.matching import service as matching
from wishapp.matching.models import MatchRun, Proposal
from wishapp.store.db import db
from wishapp.store.transaction import retrying, transaction
from wishapp.supporters.models import Supporter
from wishapp.volunteering.models import Shift, SignUp


def rows(office: Office, run_id: int) -> list[tuple[str, str, int, str]]:
    """(ref, who, seats, state) of a plan's proposals."""
    with office.app.app_context():
        found = db.session.scalars(select(Proposal).where(Proposal.run_id == run_id).order_by(Proposal.id))
        return [(proposal.demand_ref, proposal.supporter.name, proposal.seats, proposal.state) for proposal in found]


def approve(office: Office, proposal_id: int) -> bool:
    with office.app.app_context(), transaction():
        return matching.approve_proposal(db.session.get(Proposal, proposal_id), by=office.staff.actor)


def taken(office: Office, shift_id: int) -> int:
    with office.app.app_context():
        return db.session.get(Shift, shift_id).taken


@pytest.mark.both_databases
def test_one_plan_for_wishes_and_shifts(office: Office) -> None:
    unit = office.supporter("远帆样例院", person=office.contact, paired=True)
    (leader, _team), (one, _member), (two, _other) = (
        office.person("阳光队", kind="team", size=4, minutes=600, helps=("service",)), office.person("甲", helps=("service",)),
        office.person("乙", helps=("service",), skills=("nursing",)))
    wish_id, shift_id = office.wish(), office.shift(seats=5, skills={"nursing": 1})
    run_id = office.run(adopt=True)
    assert sorted(rows(office, run_id)) == sorted([
        (f"wish:{wish_id}", "远帆样例院", 1, "proposed"), (f"shift:{shift_id}", "阳光队", 4, "proposed"), (f"shift:{shift_id}", "甲", 1, "proposed"),
        (f"shift:{shift_id}/nursing", "乙", 1, "proposed")])
    ids = office.proposals(run_id)
    assert all(approve(office, proposal_id) for proposal_id in ids) and taken(office, shift_id) == 6 and breaches(office) == []
    with office.app.app_context():
        by_name = {proposal.supporter.name: proposal.id for proposal in db.session.scalars(select(Proposal))}
        assert papers.open_papers(db.session.get(MatchRun, run_id)) is not None
        with transaction():
            matching.accept_offer(db.session.get(Proposal, by_name["阳光队"]), by=leader.actor)
            matching.decline_offer(db.session.get(Proposal, by_name["甲"]), by=one.actor, why="没空")
        with transaction():
            matching.withdraw_offer(db.session.get(Proposal, by_name["阳光队"]), by=office.staff.actor, why="活动缩短")
    assert taken(office, shift_id) == 1 and unit and breaches(office) == []
    with office.app.app_context():
        states = dict(db.session.execute(select(SignUp.people, SignUp.state).where(SignUp.people == 4)).all())
    assert states == {4: "cancelled"} and two.id


def test_a_decline_asks_the_next_and_stops_when_full(office: Office) -> None:
    people = {name: office.person(name, helps=("service",)) for name in ("甲", "乙")}
    shift_id = office.shift(seats=1)
    run_id = office.run(adopt=True)
    [proposal_id] = office.proposals(run_id)
    assert approve(office, proposal_id)
    asked = rows(office, run_id)[0][1]
    with office.app.app_context(), transaction():
        matching.decline_offer(db.session.get(Proposal, proposal_id), by=people[asked][0].actor, why="没空")
    assert office.repair() == 1
    assert [(who, state) for _ref, who, _seats, state in rows(office, run_id)] == [(asked, "declined"), ("乙" if asked == "甲" else "甲", "offered")]
    assert taken(office, shift_id) == 1


def test_a_freed_seat_goes_to_the_queue_and_nobody_else_is_asked(office: Office) -> None:
    people = {name: office.person(name, helps=("service",)) for name in ("甲", "乙")}
    shift_id = office.shift(seats=1)
    run_id = office.run(adopt=True)
    [proposal_id] = office.proposals(run_id)
    approve(office, proposal_id)
    assert sign_up(office, office.resident, shift_id) == "waitlisted"
    with office.app.app_context(), transaction():
        matching.decline_offer(db.session.get(Proposal, proposal_id), by=people[rows(office, run_id)[0][1]][0].actor, why="没空")
    office.repair()
    assert [state for *_rest, state in rows(office, run_id)] == ["declined"]


def test_own_sign_ups_make_what_is_in_review_outdated(office: Office) -> None:
    office.person("甲", helps=("service",))
    shift_id = office.shift(seats=1)
    run_id = office.run(adopt=True)
    assert sign_up(office, office.resident, shift_id) == "confirmed"
    assert office.repair() == 1 and [state for *_rest, state in rows(office, run_id)] == ["stale"]


def test_who_signs_up_alone_while_asked_is_left_in_peace(office: Office) -> None:
    person, _member = office.person("甲", helps=("service",))
    shift_id = office.shift(seats=2)
    run_id = office.run(adopt=True)
    [proposal_id] = office.proposals(run_id)
    approve(office, proposal_id)
    assert sign_up(office, person, shift_id) == "confirmed"
    with office.app.app_context():
        assert deadlines.withdraw_gone() == 1
        proposal = db.session.get(Proposal, proposal_id)
        assert proposal.state == "withdrawn" and "by themselves" in proposal.why
    assert breaches(office) == []


def test_a_team_is_swapped_for_another_with_its_own_number(office: Office) -> None:
    office.person("阳光队", kind="team", size=6, minutes=600, helps=("service",))
    _leader, other = office.person("晨光队", kind="team", size=4, minutes=600, helps=("service",))
    shift_id = office.shift(seats=6)
    run_id = office.run(adopt=True)
    [proposal_id] = office.proposals(run_id)
    with office.app.app_context(), transaction():
        following = matching.swap_proposal(db.session.get(Proposal, proposal_id), db.session.get(Supporter, other), by=office.staff.actor)
        assert following.seats == 4
        following_id = following.id
    assert approve(office, following_id) and taken(office, shift_id) == 4


def test_an_answer_is_due_before_the_shift(office: Office) -> None:
    now = house_clock.now()  # noon in the office's tests
    assert waves.deadline(2, now, now + timedelta(days=9)) == waves.deadline(2, now)
    tomorrow = now + timedelta(days=1, hours=3)
    assert now + timedelta(hours=3) < waves.deadline(2, now, tomorrow) <= tomorrow - timedelta(hours=12)


@pytest.mark.both_databases
def test_the_last_seat_is_given_once(office: Office) -> None:
    office.person("甲", helps=("service",))
    shift_id = office.shift(seats=1)
    run_id = office.run(adopt=True)
    [proposal_id] = office.proposals(run_id)
    gate, said = threading.Barrier(2), {}

    def alone() -> None:
        gate.wait()
        said["alone"] = retrying(lambda: sign_up(office, office.resident, shift_id))

    def asked() -> None:
        gate.wait()
        said["asked"] = retrying(lambda: approve(office, proposal_id))

    threads = [threading.Thread(target=act) for act in (alone, asked)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (said["alone"], said["asked"]) in (("confirmed", False), ("waitlisted", True)) and taken(office, shift_id) == 1
    if not said["asked"]:
        with office.app.app_context():
            assert "a moment faster" in db.session.get(Proposal, proposal_id).why


def test_one_week_holds_three_questions(office: Office) -> None:
    _person, member = office.person("甲", helps=("service",), minutes=900)
    for day in (3, 4):
        office.shift(starts=house_clock.now() + timedelta(days=day))
    run_id = office.run(adopt=True)
    assert [approve(office, proposal_id) for proposal_id in office.proposals(run_id)] == [True, True]
    for day in (5, 6, 7):
        office.shift(starts=house_clock.now() + timedelta(days=day))
    again = office.run()
    assert len([row for row in rows(office, again) if row[3] == "proposed"]) == 1 and member
