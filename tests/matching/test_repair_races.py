"""Two repairs at once, a repair against staff, a repair whose worker dies: on both databases, and unprotected for comparison."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests.databases import Database
from tests.matching.office import Office, Proposal
from tests.processes import Child, run_job
from wishapp.jobs import run as jobs
from wishapp.jobs.handle import JobHandle
from wishapp.jobs.models import Job
from wishapp.kernel import clock as house_clock
from wishapp.kernel.errors import Refused
from wishapp.matching import mending, repairs
from wishapp.matching import service as matching
from wishapp.matching.models import Repair
from wishapp.store.db import db
from wishapp.store.transaction import retrying, transaction
from wishapp.supporters.models import Capacity

pytestmark = pytest.mark.both_databases


def waiting_jobs(office: Office) -> list[int]:
    with office.app.app_context():
        return list(db.session.scalars(select(Job.id).where(Job.kind == "repair", Job.status == "waiting").order_by(Job.id)))


def at_once(office: Office, job_ids: list[int]) -> None:
    """Each job in a thread of its own, as two workers would do them."""
    def work(job_id: int) -> None:
        with office.app.app_context():
            jobs.run_job(job_id)

    threads = [threading.Thread(target=work, args=(job_id,)) for job_id in job_ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have worked theirs out before either saves: nobody waits for a turn, and the first solutions meet."""
    met = threading.Barrier(2, timeout=60)
    once = threading.local()
    work_out = repairs.work_out

    def and_meet(repair_id: int, barred: set) -> object:
        found = work_out(repair_id, barred)
        if not getattr(once, "met", False):
            once.met = True
            met.wait()
        return found

    monkeypatch.setattr(repairs, "work_out", and_meet)
    monkeypatch.setattr(JobHandle, "take_turn", lambda handle: True)


def overbooked(office: Office, helper: int) -> int:
    """How many proposals a helper with room for one wish has in review."""
    with office.app.app_context():
        return db.session.scalar(select(func.count()).where(Proposal.supporter_id == helper, Proposal.state == "proposed"))


def two_urgent_wishes_for_one_helper(office: Office) -> int:
    """One helper with room for one, and two urgent wishes posted at the same moment; done by two workers at once."""
    helper = office.supporter("远帆样例院", quota=1, paired=True, person=office.contact)
    office.run(adopt=True)
    office.wish(urgency="now")
    office.wish(urgency="now")
    at_once(office, waiting_jobs(office))
    return helper


def test_two_repairs_never_count_on_the_same_room(office: Office, together: None) -> None:
    helper = two_urgent_wishes_for_one_helper(office)
    assert overbooked(office, helper) == 1
    with office.app.app_context():
        found = list(db.session.scalars(select(Repair)))
        assert sorted(repair.status for repair in found) == ["changed", "unchanged"]
        assert sum(len(repair.changes["nobody"]) for repair in found) == 1, "the other one is told that nobody is left"


def test_control_without_the_second_look_both_count_on_it(office: Office, together: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mending, "check_live", lambda near, run: None)
    helper = two_urgent_wishes_for_one_helper(office)
    assert overbooked(office, helper) == 2, "without the protection the test must see the helper planned twice"


def test_they_wait_for_their_turn(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without anybody forcing them together, two repairs of one place are not at work at the same time."""
    inside, most = [], []
    work_out = repairs.work_out

    def counting(repair_id: int, barred: set) -> object:
        inside.append(repair_id)
        most.append(len(inside))
        try:
            return work_out(repair_id, barred)
        finally:
            inside.remove(repair_id)

    monkeypatch.setattr(repairs, "work_out", counting)
    office.supporter("远帆样例院", quota=9, paired=True, person=office.contact)
    office.run(adopt=True)
    for _ in range(3):
        office.wish(urgency="now")
    at_once(office, waiting_jobs(office))
    assert len(most) >= 3 and max(most) == 1
    with office.app.app_context():
        assert db.session.scalar(select(func.count()).where(Repair.status == "changed")) == 3


def freed_and_movable(office: Office) -> tuple[int, int, int, int]:
    """A freed wish only one could take, who is planned for another: (freed wish, other wish, that helper, proposal to move)."""
    office.supporter("甲样例社", quota=1, paired=True, person=office.contact)
    able = office.supporter("乙样例社", quota=1, helps=("goods", "repair"), paired=True, person=office.contact)
    office.supporter("丙样例社", quota=1, helps=("repair",), person=office.contact)
    goods, repair = office.wish(kind="goods"), office.wish(kind="repair")
    ids = {office.look(Proposal, proposal_id, "demand_ref")[0]: proposal_id for proposal_id in office.proposals(office.run(adopt=True))}
    with office.app.app_context(), transaction():
        proposal = db.session.get(Proposal, ids[f"wish:{goods}"])
        assert matching.approve_proposal(proposal, by=office.staff.actor)
    with office.app.app_context(), transaction():
        matching.decline_offer(db.session.get(Proposal, ids[f"wish:{goods}"]), by=office.contact.actor, why="没货")
    return goods, repair, able, ids[f"wish:{repair}"]


def test_what_staff_approve_meanwhile_stays(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    goods, _repair, able, movable = freed_and_movable(office)
    work_out, first = repairs.work_out, []

    def approved_meanwhile(repair_id: int, barred: set) -> object:
        found = work_out(repair_id, barred)
        if not first:
            first.append(found)
            assert found.dropped, "it meant to move the very proposal"
            with transaction():
                assert matching.approve_proposal(db.session.get(Proposal, movable), by=office.staff.actor)
        return found

    monkeypatch.setattr(repairs, "work_out", approved_meanwhile)
    assert office.repair() == 1
    assert office.look(Proposal, movable, "state", "supporter_id") == ("offered", able)
    with office.app.app_context():
        done = db.session.scalars(select(Repair)).one()
        assert done.status == "unchanged" and [entry["ref"] for entry in done.changes["nobody"]] == [f"wish:{goods}"]


def test_approval_and_repair_at_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is first, the helper with room for one is promised once, and a promise stands."""
    _goods, _repair, able, movable = freed_and_movable(office)
    start = threading.Event()
    work_out = repairs.work_out

    def and_start(repair_id: int, barred: set) -> object:
        found = work_out(repair_id, barred)
        start.set()
        return found

    monkeypatch.setattr(repairs, "work_out", and_start)

    def approve() -> None:
        with office.app.app_context():
            assert start.wait(60)
            try:
                approved.append(retrying(write))
            except Refused:  # the repair was faster
                approved.append(False)

    def write() -> bool:
        with transaction():
            return matching.approve_proposal(db.session.get(Proposal, movable), by=office.staff.actor)

    approved: list[bool] = []
    thread = threading.Thread(target=approve)
    thread.start()
    office.repair()
    thread.join(60)
    with office.app.app_context():
        promised = list(db.session.scalars(select(Proposal.id).where(Proposal.supporter_id == able, Proposal.state == "offered")))
        assert len(promised) == 1 and db.session.scalar(select(Capacity.taken).where(Capacity.supporter_id == able)) == 1
        assert (promised == [movable]) == approved[0]


def in_another_process(database: Database, folder: object, job_id: int, faults: str) -> int:
    return Child(run_job, database.url, str(folder), job_id, faults=faults).wait()


@pytest.mark.parametrize("point", ["repair.let_go", "repair.before_save", "repair.half_saved"])
def test_killed_anywhere_the_next_worker_takes_over(office: Office, database: Database, tmp_path: object, point: str) -> None:
    goods, repair, able, movable = freed_and_movable(office)
    [job_id] = waiting_jobs(office)
    assert in_another_process(database, tmp_path, job_id, f"{point}=kill") == -9
    assert office.look(Proposal, movable, "state") == ("proposed",), "0 % saved"
    with office.app.app_context(), transaction():
        assert db.session.scalars(select(Repair.status)).one() == "waiting"
        db.session.execute(update(Job).where(Job.id == job_id).values(lease_until=house_clock.now() - timedelta(minutes=1)))
    for _twice in range(2):
        with office.app.app_context():
            jobs.run_job(job_id)
    with office.app.app_context():
        assert db.session.scalars(select(Repair.status)).one() == "changed"
        states = sorted((row.demand_ref, row.state) for row in db.session.execute(select(Proposal.demand_ref, Proposal.state)))
        assert states == sorted([(f"wish:{goods}", "declined"), (f"wish:{goods}", "offered"), (f"wish:{repair}", "stale"), (f"wish:{repair}", "proposed")])
        assert db.session.scalar(select(Capacity.taken).where(Capacity.supporter_id == able)) == 1


def test_control_without_the_fault_the_same_process_repairs(office: Office, database: Database, tmp_path: object) -> None:
    _goods, _repair, _able, movable = freed_and_movable(office)
    assert in_another_process(database, tmp_path, waiting_jobs(office)[0], "") == 0
    assert office.look(Proposal, movable, "state") == ("stale",)


def test_a_repair_that_cannot_be_worked_out_ends_and_says_so(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    freed_and_movable(office)
    work: Callable[..., object] = lambda repair_id, barred: (_ for _ in ()).throw(repairs.Busy())  # noqa: E731
    monkeypatch.setattr(repairs, "work_out", work)
    [job_id] = waiting_jobs(office)
    for _attempt in range(9):
        with office.app.app_context():
            with transaction():
                db.session.execute(update(Job).where(Job.id == job_id).values(due_at=house_clock.now()))
            jobs.run_job(job_id)
    with office.app.app_context():
        done = db.session.scalars(select(Repair)).one()
        assert done.status == "unchanged" and done.changes["failed"]
