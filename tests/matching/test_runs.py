"""Runs: started once, stopped, taken early, checked, saved all at once or not at all; trials touch nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests.databases import Database
from tests.matching.office import MatchRun, Office, Proposal, Supporter, Wish
from tests.processes import Child, run_job
from wishapp.jobs import run as jobs
from wishapp.jobs.models import Job
from wishapp.kernel import clock as house_clock
from wishapp.kernel.errors import Forbidden, Refused
from wishapp.matching import review, work
from wishapp.matching import service as matching
from wishapp.notices.models import Notice
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.wishes import service as wishes


def start(office: Office, **data: object) -> tuple[int, int]:
    with office.app.app_context(), transaction():
        place = db.session.get(Place, data.pop("place", office.places.street).id)
        made = matching.start_run(place, by=data.pop("by", office.street).actor, options={"seconds": 5}, **data)
        return made.id, made.job_id


def go(office: Office, job_id: int) -> str:
    with office.app.app_context():
        jobs.run_job(job_id)
        return db.session.get(Job, job_id).status


@pytest.fixture
def small(office: Office) -> Office:
    for number in range(2):
        office.supporter(f"样例单位{number}", person=office.contact)
    for _ in range(3):
        office.wish()
    return office


def test_numbers_count_per_place_and_trials_stand_aside(small: Office) -> None:
    first, second, other = small.run(), small.run(), small.run(place=small.places.community)
    trial, _job = start(small, is_what_if=True)
    assert [small.look(MatchRun, run_id, "number")[0] for run_id in (first, second, other, trial)] == [1, 2, 1, -1]
    assert small.state(MatchRun, first) == "replaced" and small.state(MatchRun, second) == "in_review"


def test_one_at_a_time_and_only_in_ones_own_places(small: Office) -> None:
    start(small)
    with pytest.raises(Refused):
        start(small)
    start(small, is_what_if=True)
    for person in (small.staff, small.stranger, small.contact, small.resident):
        with pytest.raises(Forbidden):
            start(small, by=person)
    start(small, place=small.places.community, by=small.staff)


def test_the_run_tells_its_story(small: Office) -> None:
    run_id = small.run()
    demands, served, status, curve, figures, sha = small.look(MatchRun, run_id, "demands", "served", "status", "curve", "figures", "snapshot_sha256")
    assert (demands, served, status) == (3, 3, "optimal") and len(sha) == 64
    assert curve and curve[-1][1] == curve[-1][2], "best and bound meet"
    assert figures["gap"] == 0 and sum(row["demands"] for row in figures["communities"]) == 3
    with small.app.app_context():
        assert db.session.scalar(select(func.count()).where(Notice.workflow == "run", Notice.action == "save", Notice.user_id == small.street.id)) == 1


def test_cancelled_before_and_while_solving(small: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id, job_id = start(small)
    with small.app.app_context(), transaction():
        matching.cancel_run(db.session.get(MatchRun, run_id), by=small.street.actor)
    assert go(small, job_id) == "cancelled" and small.state(MatchRun, run_id) == "cancelled"
    run_id, job_id = start(small)
    solve = work.solver.solve

    def cancelling(problem: dict, **calls: object) -> dict:
        plan = solve(problem, **calls)
        with small.app.app_context(), transaction():
            matching.cancel_run(db.session.get(MatchRun, run_id), by=small.street.actor)
        return plan

    monkeypatch.setattr(work.solver, "solve", cancelling, raising=False)
    go(small, job_id)
    assert small.state(MatchRun, run_id) == "cancelled" and small.proposals(run_id) == []


def test_good_enough_stops_the_search_and_saves(small: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id, job_id = start(small)
    with small.app.app_context(), transaction():
        matching.take_best(db.session.get(MatchRun, run_id), by=small.street.actor)
    asked = []
    solve = work.solver.solve

    def asking(problem: dict, **calls: object) -> dict:
        calls["cancelled"].__self__.looked = -1e9
        asked.append(calls["cancelled"]())
        return solve(problem, **calls)

    monkeypatch.setattr(work.solver, "solve", asking, raising=False)
    assert go(small, job_id) == "done" and asked == [True]
    assert small.state(MatchRun, run_id) == "in_review" and len(small.proposals(run_id)) == 3
    with small.app.app_context(), pytest.raises(Refused), transaction():
        matching.take_best(db.session.get(MatchRun, run_id), by=small.street.actor)


def test_a_plan_the_referee_refuses_is_not_saved(small: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    before = small.run()
    run_id, job_id = start(small)
    monkeypatch.setattr(work.solver, "check", lambda problem, plan: ["role_full: demand 0"], raising=False)
    assert go(small, job_id) == "failed"
    assert small.state(MatchRun, run_id) == "failed" and small.proposals(run_id) == [] and small.state(MatchRun, before) == "in_review"


def test_a_tampered_plan_is_caught_by_the_real_referee(small: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id, job_id = start(small)
    solve = work.solver.solve

    def doubling(problem: dict, **calls: object) -> dict:
        plan = solve(problem, **calls)
        return {**plan, "pairs": plan["pairs"] + plan["pairs"]}

    monkeypatch.setattr(work.solver, "solve", doubling, raising=False)
    assert go(small, job_id) == "failed" and small.proposals(run_id) == []


def test_contradicting_pins_are_set_aside_and_shown(small: Office) -> None:
    first = small.proposals(small.run())[0]
    with small.app.app_context(), transaction():
        row = db.session.get(Proposal, first)
        review.pin_pair(row, by=small.street.actor)
        other = matching.swap_proposal(row, db.session.get(Supporter, row.runners_up[0][0]), by=small.street.actor)
        review.pin_pair(other, by=small.street.actor)
    run_id, job_id = start(small)
    assert go(small, job_id) == "done" and small.state(MatchRun, run_id) == "in_review" and len(small.proposals(run_id)) == 3
    assert len(small.look(MatchRun, run_id, "figures")[0]["impossible_pins"]) == 1


def test_what_changed_while_solving_is_left_out_and_listed(small: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id, job_id = start(small)
    read_plan = work.read_plan

    def meanwhile(snapshot: object, plan: dict) -> list:
        lines = read_plan(snapshot, plan)
        with transaction():
            wish = db.session.get(Wish, 1)
            wishes.claim_wish(wish, db.session.get(Supporter, 1), by=small.contact.actor)
        return lines

    monkeypatch.setattr(work, "read_plan", meanwhile)
    assert go(small, job_id) == "done"
    assert len(small.proposals(run_id)) == 2
    figures = small.look(MatchRun, run_id, "figures")[0]
    assert figures["dropped_count"] == 1 and figures["dropped"][0][0] == "wish:1" and figures["dropped"][0][2] == "taken"


def test_what_was_approved_meanwhile_is_not_missing_from_the_next_plan(small: Office) -> None:
    first = small.proposals(small.run(adopt=True))
    with small.app.app_context(), transaction():
        matching.approve_proposal(db.session.get(Proposal, first[0]), by=small.staff.actor)
    following = small.run()
    assert len(small.proposals(following)) == len(first) - 1
    assert small.look(MatchRun, following, "figures")[0]["since"]["served"] == 0


def test_a_trial_touches_nothing_and_shows_the_difference(small: Office) -> None:
    small.supporter("远处样例院", person=small.contact, helps=("repair",), radius=100, at=small.places.far_community)
    far = small.wish(kind="repair")
    plan = small.run()
    before = {proposal_id: small.look(Proposal, proposal_id, "state", "supporter_id") for proposal_id in small.proposals(plan)}
    assert f"wish:{far}" in small.look(MatchRun, plan, "unserved")[0]
    with small.app.app_context():
        with transaction():
            place = db.session.get(Place, small.places.street.id)
            trial = matching.start_run(place, by=small.street.actor, options={"seconds": 5, "reach": 50_000}, is_what_if=True)
        trial_id, job_id = trial.id, trial.job_id
    assert go(small, job_id) == "done"
    figures = small.look(MatchRun, trial_id, "figures")[0]
    assert figures["difference"]["gained"] == [f"wish:{far}"] and figures["since"]["served"] == 1 and figures["titles"]
    assert small.proposals(trial_id) == [] and small.state(MatchRun, plan) == "in_review"
    assert {proposal_id: small.look(Proposal, proposal_id, "state", "supporter_id") for proposal_id in small.proposals(plan)} == before
    with small.app.app_context(), pytest.raises(Refused), transaction():
        matching.adopt_run(db.session.get(MatchRun, trial_id), by=small.street.actor)


def test_changes_since_the_plan_before(small: Office) -> None:
    first = small.proposals(small.run(adopt=True))
    assert {small.look(Proposal, proposal_id, "change")[0] for proposal_id in first} == {"new"}
    with small.app.app_context(), transaction():
        review.forbid_pair(db.session.get(Proposal, first[0]), by=small.street.actor)
    [ref] = small.look(Proposal, first[0], "demand_ref")
    rows = [small.look(Proposal, proposal_id, "demand_ref", "change", "was") for proposal_id in small.proposals(small.run())]
    second = {row[0]: row[1:] for row in rows}
    assert second.pop(ref)[0] == "new", "a dismissed pair is no longer part of the plan before"
    assert {change for change, _was in second.values()} == {"same"}


@pytest.mark.both_databases
@pytest.mark.parametrize("point", ["match.before_solve", "match.before_save", "match.half_saved"])
def test_killed_anywhere_leaves_nothing_and_the_next_attempt_everything(small: Office, database: Database, tmp_path: object, point: str) -> None:
    run_id, job_id = start(small)
    assert Child(run_job, database.url, str(tmp_path), job_id, faults=f"{point}=kill").wait() == -9
    assert small.state(MatchRun, run_id) == "solving" and small.proposals(run_id) == [], "0 % saved"
    with small.app.app_context(), transaction():
        db.session.execute(update(Job).where(Job.id == job_id).values(lease_until=house_clock.now() - timedelta(minutes=1)))
    assert go(small, job_id) == "done"
    assert small.state(MatchRun, run_id) == "in_review" and len(small.proposals(run_id)) == 3, "100 % saved"
    assert go(small, job_id) == "done" and len(small.proposals(run_id)) == 3, "again changes nothing"


def test_control_without_the_fault_the_same_process_saves(small: Office, database: Database, tmp_path: object) -> None:
    run_id, job_id = start(small)
    with small.app.app_context(), transaction():  # the other process has the real clock
        db.session.execute(update(Job).where(Job.id == job_id).values(due_at=house_clock.now() - timedelta(days=1)))
    assert Child(run_job, database.url, str(tmp_path), job_id).wait() == 0
    assert len(small.proposals(run_id)) == 3
