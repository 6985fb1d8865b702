"""Acts on many proposals at once: as a job with progress; stopped, broken off and begun again, taken back; and who else is at it meanwhile."""

import re
from collections import Counter

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.factories import csrf_token, sign_in
from tests.matching.office import MatchRun, Office, Proposal, Wish
from tests.matching.test_shifts import breaches
from wishapp.accounts.models import RoleGrant
from wishapp.jobs import run as jobs
from wishapp.jobs.models import Job
from wishapp.matching import presses, review
from wishapp.matching import service as matching
from wishapp.notices.models import Notice
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters.models import Capacity
from wishapp.wishes.models import Claim

WISHES = 7


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than three are many, and two make a part."""
    monkeypatch.setattr(presses, "WITHIN_REQUEST", 3)
    monkeypatch.setattr("wishapp.matching.runs.WITHIN_REQUEST", 3)
    monkeypatch.setattr(presses, "PLAIN_AT_ONCE", 2)
    monkeypatch.setattr(presses, "AT_ONCE", 2)


@pytest.fixture
def plan(office: Office) -> tuple[int, list[int]]:
    """Seven wishes and a unit for all of them, in review: (run id, proposal ids)."""
    office.supporter("远帆样例院", person=office.contact, quota=50, paired=True)
    for _ in range(WISHES):
        office.wish()
    run_id = office.run()
    return run_id, office.proposals(run_id)


def client_of(office: Office, person: object) -> FlaskClient:
    return sign_in(office.app.test_client(), person)


def post(client: FlaskClient, path: str, **data: object) -> str:
    """Where a form leads to."""
    answer = client.post(path, data={"csrf_token": csrf_token(client, "/match/desk"), **data})
    assert answer.status_code == 303, (path, answer.status_code)
    return answer.headers["Location"]


def press(office: Office, client: FlaskClient, run_id: int, verb: str, **data: object) -> str:
    """Press a button for all; the page that watches the job."""
    where = post(client, f"/match/runs/{run_id}/{verb}", back="/match/desk?tier=1", **data)
    assert re.fullmatch(r"/match/presses/\d+", where), where
    return where


def do(where: str) -> None:
    """Do the job behind that page."""
    jobs.run_job(int(where.rpartition("/")[2]))


def states(office: Office, ids: list[int]) -> Counter[str]:
    return Counter(office.state(Proposal, proposal_id) for proposal_id in ids)


def taken(office: Office) -> tuple[int, int, int]:
    """(seats taken, living claims, room taken)."""
    with office.app.app_context():
        return (db.session.scalar(select(func.sum(Wish.taken))), db.session.scalar(select(func.count()).where(Claim.state == "held")),
                db.session.scalar(select(func.coalesce(func.sum(Capacity.taken), 0))))


@pytest.mark.usefixtures("small")
def test_many_are_approved_by_a_job_and_taken_back_by_another(office: Office, plan: tuple) -> None:
    run_id, ids = plan
    client = client_of(office, office.street)
    where = press(office, client, run_id, "approve-many", all="1")
    page = client.get(where).get_data(as_text=True)
    assert states(office, ids) == {"proposed": WISHES} and 'http-equiv="refresh"' in page and f"0 / {WISHES}" in page and f"{where}/stop" in page
    with office.app.app_context():
        do(where)
    assert states(office, ids) == {"offered": WISHES} and taken(office) == (WISHES, WISHES, WISHES)
    assert client.get(where).headers["Location"] == "/match/desk?tier=1", "when it is over it leads to the desk as it was"
    assert client.get(where, headers={"HX-Request": "true"}).headers["HX-Redirect"] == where, "the browser comes itself, and is told once"
    desk = client.get("/match/desk?show=approved").get_data(as_text=True)
    assert f"通过了 {WISHES} 件" in desk
    where = press(office, client, run_id, "undo", batch=re.search(r'name="batch" value="([0-9a-f]+)"', desk)[1])
    with office.app.app_context():
        do(where)
    assert states(office, ids) == {"proposed": WISHES} and taken(office) == (0, 0, 0) and breaches(office) == []


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(("verb", "after", "marks"), [("dismiss-many", "dismissed", 0), ("pin-many", "proposed", WISHES), ("forbid-many", "dismissed", WISHES)])
def test_other_acts_on_many(office: Office, plan: tuple, verb: str, after: str, marks: int) -> None:
    run_id, ids = plan
    client = client_of(office, office.street)
    where = press(office, client, run_id, verb, all="1", why="too_far")
    with office.app.app_context():
        do(where)
        assert db.session.scalar(select(func.count()).select_from(review.PairMark)) == marks
    assert states(office, ids) == {after: WISHES}
    desk = client.get(client.get(where).headers["Location"]).get_data(as_text=True)
    batch = re.search(r'name="batch" value="([0-9a-f]+)"', desk)[1]
    where = post(client, f"/match/runs/{run_id}/undo", batch=batch)
    if where.startswith("/match/presses/"):
        with office.app.app_context():
            do(where)
    with office.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(review.PairMark)) == 0
    assert states(office, ids) == {"proposed": WISHES}


@pytest.mark.usefixtures("small")
@pytest.mark.both_databases
def test_begun_again_it_does_the_rest_and_counts_all(office: Office, plan: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id, ids = plan
    where = press(office, client_of(office, office.street), run_id, "approve-many", all="1")
    broken_off(office, where, monkeypatch, parts=2)
    job_id = int(where.rpartition("/")[2])
    assert states(office, ids) == {"offered": 4, "proposed": 3}
    with office.app.app_context():
        jobs.run_job(job_id)
        result = db.session.get(Job, job_id).result
    assert (result["done"], result["left"], result["is_stopped"]) == (WISHES, 0, False)
    assert states(office, ids) == {"offered": WISHES} and taken(office) == (WISHES, WISHES, WISHES)


def broken_off(office: Office, where: str, monkeypatch: pytest.MonkeyPatch, parts: int) -> None:
    """The job does so many parts and breaks off; it is due again."""
    approve_plain, calls = review.approve_plain, []

    def breaking(*args: object, **named: object) -> set[int]:
        calls.append(1)
        if len(calls) > parts:
            raise OSError
        return approve_plain(*args, **named)

    with monkeypatch.context() as patched, office.app.app_context():
        patched.setattr(review, "approve_plain", breaking)
        do(where)
        with transaction():
            job = db.session.get(Job, int(where.rpartition("/")[2]))
            job.due_at = job.created_at


@pytest.mark.usefixtures("small")
def test_begun_again_it_does_not_approve_what_was_taken_back(office: Office, plan: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id, ids = plan
    client = client_of(office, office.street)
    where = press(office, client, run_id, "approve-many", all="1")
    broken_off(office, where, monkeypatch, parts=2)
    assert states(office, ids) == {"offered": 4, "proposed": 3}
    with office.app.app_context():
        with transaction():
            review.undo_batch(db.session.get(Job, int(where.rpartition("/")[2])).args["batch"], by=office.street.actor)
        do(where)
    assert states(office, ids) == {"proposed": 4, "offered": 3}


@pytest.mark.usefixtures("small")
def test_undo_of_a_press_that_is_still_going_on_stops_it_first(office: Office, plan: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id, ids = plan
    client = client_of(office, office.street)
    where = press(office, client, run_id, "approve-many", all="1")
    broken_off(office, where, monkeypatch, parts=1)
    with office.app.app_context():
        batch = db.session.get(Job, int(where.rpartition("/")[2])).args["batch"]
    assert post(client, f"/match/runs/{run_id}/undo", batch=batch) == where
    with office.app.app_context():
        do(where)
    assert states(office, ids) == {"offered": 2, "proposed": 5}
    assert post(client, f"/match/runs/{run_id}/undo", batch=batch).startswith("/match/desk") and states(office, ids) == {"proposed": WISHES}


@pytest.mark.usefixtures("small")
def test_stopped_it_leaves_the_rest_as_it_was_and_says_so(office: Office, plan: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id, ids = plan
    client = client_of(office, office.street)
    where = press(office, client, run_id, "approve-many", all="1")
    assert client_of(office, office.stranger).get(where).status_code == 404
    monkeypatch.setattr("wishapp.jobs.handle.LOOK_EVERY", 0)
    approve_plain = review.approve_plain

    def approve_and_stop(*args: object, **named: object) -> set[int]:
        found = approve_plain(*args, **named)
        db.session.get(Job, int(where.rpartition("/")[2])).is_cancel_asked = True
        return found

    monkeypatch.setattr(review, "approve_plain", approve_and_stop)
    with office.app.app_context():
        do(where)
    assert states(office, ids) == {"offered": 2, "proposed": 5}
    assert f"{WISHES} 件中做完了 2 件" in client.get(client.get(where).headers["Location"]).get_data(as_text=True)
    where = press(office, client, run_id, "approve-many", all="1")
    assert post(client, f"{where}/stop") == where
    with office.app.app_context():
        do(where)
    assert states(office, ids) == {"offered": 2, "proposed": 5}
    page = client.get(where)
    assert page.status_code == 200 and "中断了" in page.get_data(as_text=True)


@pytest.mark.usefixtures("small")
def test_who_may_no_longer_review_does_not_go_on(office: Office, plan: tuple) -> None:
    run_id, ids = plan
    where = press(office, client_of(office, office.street), run_id, "approve-many", all="1")
    with office.app.app_context():
        with transaction():
            for grant in db.session.scalars(select(RoleGrant).where(RoleGrant.user_id == office.street.id)):
                db.session.delete(grant)
        do(where)
    assert states(office, ids) == {"proposed": WISHES} and taken(office) == (0, 0, 0)


@pytest.mark.usefixtures("small")
def test_a_large_plan_is_sent_out_by_a_job_once(office: Office, plan: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id, ids = plan
    client = client_of(office, office.street)
    with office.app.app_context(), transaction():
        matching.approve_many([db.session.get(Proposal, proposal_id) for proposal_id in ids], by=office.street.actor)
    where = post(client, f"/match/runs/{run_id}/adopt")
    assert office.state(MatchRun, run_id) == "in_use" and where.startswith("/match/presses/")
    send_offers, calls = presses.offers.send_offers, []

    def breaking(*args: object, **named: object) -> int:
        calls.append(1)
        if len(calls) == 2:
            raise OSError
        return send_offers(*args, **named)

    monkeypatch.setattr(presses.offers, "send_offers", breaking)
    with office.app.app_context():
        do(where)
        job = db.session.get(Job, int(where.rpartition("/")[2]))
        with transaction():
            db.session.get(Job, job.id).due_at = job.created_at
        do(where)
        assert db.session.scalar(select(func.count()).where(Proposal.sent_at.is_not(None), Proposal.run_id == run_id)) == WISHES
        assert db.session.scalar(select(func.count()).where(Notice.user_id == office.contact.id, Notice.workflow == "proposal", Notice.action == "approve")) == WISHES
    assert client.get(where).status_code == 303


@pytest.mark.usefixtures("small")
def test_sending_stopped_half_way_can_be_taken_up_again(office: Office, plan: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id, ids = plan
    client = client_of(office, office.street)
    with office.app.app_context(), transaction():
        matching.approve_many([db.session.get(Proposal, proposal_id) for proposal_id in ids], by=office.street.actor)
    where = post(client, f"/match/runs/{run_id}/adopt")
    monkeypatch.setattr("wishapp.jobs.handle.LOOK_EVERY", 0)
    send_offers = presses.offers.send_offers

    def send_and_stop(*args: object, **named: object) -> int:
        db.session.get(Job, int(where.rpartition("/")[2])).is_cancel_asked = True
        return send_offers(*args, **named)

    with monkeypatch.context() as patched, office.app.app_context():
        patched.setattr(presses.offers, "send_offers", send_and_stop)
        do(where)
    assert sum(office.look(Proposal, proposal_id, "sent_at")[0] is not None for proposal_id in ids) == 2
    assert f"派出已通过的 {WISHES - 2} 件" in client.get("/match/desk").get_data(as_text=True)
    again = post(client, f"/match/runs/{run_id}/adopt")
    with office.app.app_context():
        do(again)
    assert all(office.look(Proposal, proposal_id, "sent_at")[0] is not None for proposal_id in ids)
    assert "派出已通过的" not in client.get("/match/desk").get_data(as_text=True)
