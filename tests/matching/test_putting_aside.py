"""A plan with many approvals put aside, sent out or taken back: no seat stays held, nobody is asked by mistake, nobody stays uninformed."""

import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from tests.matching.office import MatchRun, Office, Proposal
from tests.matching.test_presses import WISHES, client_of, plan, small, states, taken
from tests.matching.test_shifts import breaches
from wishapp.accounts.models import RoleGrant
from wishapp.jobs import run as jobs
from wishapp.jobs.models import Job
from wishapp.kernel.errors import Refused
from wishapp.matching import presses, review
from wishapp.matching import service as matching
from wishapp.notices.models import Notice
from wishapp.store.db import db
from wishapp.store.transaction import retrying, transaction

__all__ = ["plan", "small"]


def approve_all(office: Office, ids: list[int]) -> str:
    """Approved by the street's staff in one press; its batch."""
    with office.app.app_context(), transaction():
        return matching.approve_many([db.session.get(Proposal, proposal_id) for proposal_id in ids], by=office.street.actor).batch


def put_aside(office: Office, run_id: int) -> None:
    with office.app.app_context(), transaction():
        matching.cancel_run(db.session.get(MatchRun, run_id), by=office.street.actor)


def give_back(office: Office) -> None:
    with office.app.app_context():
        for job_id in list(db.session.scalars(select(Job.id).where(Job.kind == presses.KIND, Job.status == "waiting"))):
            jobs.run_job(job_id)


@pytest.mark.usefixtures("small")
def test_its_seats_are_given_back_whoever_loses_a_role_meanwhile(office: Office, plan: tuple) -> None:
    run_id, ids = plan
    approve_all(office, ids)
    put_aside(office, run_id)
    with office.app.app_context(), transaction():
        for grant in db.session.scalars(select(RoleGrant).where(RoleGrant.user_id == office.street.id)):
            db.session.delete(grant)
    give_back(office)
    assert taken(office) == (0, 0, 0) and states(office, ids) == {"proposed": WISHES} and breaches(office) == []


@pytest.mark.usefixtures("small")
def test_what_was_put_aside_is_never_sent_out(office: Office, plan: tuple) -> None:
    first, ids = plan
    with office.app.app_context(), transaction():
        matching.adopt_run(db.session.get(MatchRun, first), by=office.street.actor)
    second = office.run()
    ids = office.proposals(second)
    approve_all(office, ids)
    put_aside(office, second)
    client = client_of(office, office.street)
    assert "派出已通过的" not in client.get("/match/desk").get_data(as_text=True)
    with office.app.app_context(), pytest.raises(Refused), transaction():
        matching.adopt_run(db.session.get(MatchRun, first), by=office.street.actor)
    give_back(office)
    assert states(office, ids) == {"proposed": WISHES} and all(office.look(Proposal, number, "sent_at") == (None,) for number in ids)


def beside(office: Office, work: Callable[[], object]) -> threading.Thread:
    """Somebody else at it at the same time, who may have to wait."""

    def run() -> None:
        with office.app.app_context():
            def write() -> None:
                with transaction():
                    work()
            retrying(write)

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(0.6)
    return thread


@pytest.mark.both_databases
@pytest.mark.parametrize("verb", ["cancel_run", "adopt_run"])
def test_an_approval_on_its_way_is_waited_for(office: Office, plan: tuple, verb: str) -> None:
    run_id, ids = plan
    with office.app.app_context():
        with transaction():
            review.approve_many([db.session.get(Proposal, number) for number in ids], by=office.district.actor)
            db.session.flush()
            other = beside(office, lambda: getattr(matching, verb)(db.session.get(MatchRun, run_id), by=office.street.actor))
        other.join(30)
    sent = sum(office.look(Proposal, number, "sent_at")[0] is not None for number in ids)
    assert (states(office, ids), sent) == (({"proposed": WISHES}, 0) if verb == "cancel_run" else ({"offered": WISHES}, WISHES))
    assert taken(office)[0] == (0 if verb == "cancel_run" else WISHES)


@pytest.mark.both_databases
def test_who_was_asked_a_moment_ago_is_told_when_it_is_taken_back(office: Office, plan: tuple) -> None:
    run_id, ids = plan
    batch = approve_all(office, ids)
    with office.app.app_context():
        with transaction():
            matching.adopt_run(db.session.get(MatchRun, run_id), by=office.street.actor)
            db.session.flush()
            other = beside(office, lambda: review.undo_batch(batch, by=office.street.actor))
        other.join(30)
        told = dict(db.session.execute(select(Notice.action, func.count()).where(Notice.user_id == office.contact.id, Notice.workflow == "proposal")
                                       .group_by(Notice.action)).all())
    assert states(office, ids) == {"proposed": WISHES} and (told["approve"], told["recall"]) == (WISHES, WISHES)
