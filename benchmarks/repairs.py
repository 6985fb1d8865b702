"""How long it takes from an event to the repaired plan, with a real worker beside it, on a copy of a database that holds a plan in use.

    python benchmarks/repairs.py DATABASE [events]     (an SQLite file, e.g. of `wishapp demo load`; 40 events when not said)

Prints p50, p95 and the most, from the commit of the event to the commit of its repair, the repair's own work in it, how many other
demands were moved, and how many repairs changed something. Half of the events are a no, the others by turns: no answer in time, an
urgent new wish, a wish withdrawn, a helper who pauses.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
from flask import Flask
from sqlalchemy import func, select

import wishapp
from wishapp.accounts import queries as accounts
from wishapp.accounts import service as accounts_service
from wishapp.jobs import run as jobs
from wishapp.jobs.models import Job
from wishapp.kernel import clock
from wishapp.kernel.errors import WishappError
from wishapp.kernel.roles import SYSTEM
from wishapp.matching import review, service
from wishapp.matching.models import MatchRun, Proposal, Repair
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.transaction import retrying, transaction
from wishapp.supporters import queries as people
from wishapp.supporters import service as supporters
from wishapp.supporters.models import Supporter
from wishapp.wishes import service as wishes
from wishapp.wishes.models import Wish
from wishapp.wishes.service import WishDraft

APPROVED = 0.4
PATIENCE = 30.0


def prepare(app: Flask) -> int:
    """A plan in use over the widest place that has staff, part of it sent out; its id."""
    with app.app_context():
        run = db.session.scalar(select(MatchRun).where(MatchRun.state == "in_use").order_by(func.length(MatchRun.place_path), MatchRun.id.desc()))
        if run is None or _waiting(run.id) < 20:
            level = "street" if db.session.scalar(select(func.count()).select_from(Wish)) < 3000 else "district"
            with transaction():
                place = db.session.scalar(select(Place).where(Place.level == level).order_by(Place.id))
                run = service.start_run(place, by=SYSTEM, options={"seconds": 30})
            run_id, job_id = run.id, run.job_id
            jobs.run_job(job_id)
        else:
            run_id = run.id
        staff = accounts.actor_for(_staff(db.session.get(MatchRun, run_id)))
        ids = list(db.session.scalars(select(Proposal.id).where(Proposal.run_id == run_id, Proposal.state == "proposed").order_by(Proposal.id)))
        ids = ids[:: max(1, round(1 / APPROVED))][:400]
        for start in range(0, len(ids), 50):
            with transaction():
                review.approve_many([db.session.get(Proposal, proposal_id) for proposal_id in ids[start:start + 50]], by=staff)
        with transaction():
            run = db.session.get(MatchRun, run_id)
            if run.state == "in_review":
                service.adopt_run(run, by=staff)
        return run_id


def _waiting(run_id: int) -> int:
    return db.session.scalar(select(func.count()).where(Proposal.run_id == run_id, Proposal.state == "proposed"))


def _staff(run: MatchRun) -> int:
    for part in (["street_staff"], ["district_staff"]):
        found = accounts.holders(set(part), run.place_path)
        if found:
            return found[0]
    raise SystemExit("nobody there may review")


def events(app: Flask, run_id: int, count: int) -> list[tuple[str, Callable[[], None]]]:
    """What happens: name and act, which opens its own transaction."""
    with app.app_context():
        sent = list(db.session.scalars(select(Proposal.id).where(
            Proposal.run_id == run_id, Proposal.state == "offered", Proposal.sent_at.is_not(None)).order_by(Proposal.id)))
        waiting = list(db.session.scalars(select(Proposal.id).where(Proposal.run_id == run_id, Proposal.state == "proposed").order_by(Proposal.id)))
        model = db.session.scalars(select(Wish).where(Wish.state == "open").limit(1)).one()
        community = model.community_id
        with transaction():
            person = accounts_service.create_user(username=f"bench-{uuid.uuid4().hex[:8]}", display_name="测试甲", community_id=community, by=SYSTEM,
                                                  password_hash=accounts_service.hash_password(uuid.uuid4().hex))
        poster = accounts.actor_for(person.id)
        staff = accounts.actor_for(_staff(db.session.get(MatchRun, run_id)))

    def decline() -> None:
        proposal = db.session.get(Proposal, sent.pop(0))
        service.decline_offer(proposal, by=accounts.actor_for(people.people_of([proposal.supporter_id])[proposal.supporter_id][0]), why="-")

    def lapse() -> None:
        proposal = db.session.get(Proposal, sent.pop(0))
        proposal.answer_by = clock.now() - timedelta(seconds=1)
        db.session.flush()
        service.lapse_offer(proposal)

    def post() -> None:
        wish = wishes.submit_wish(by=poster, draft=WishDraft(
            title="一箱牛奶", kind="goods", community_id=community, beneficiary_name="测试甲", urgency="now", minutes=60, group="residents"))
        wishes.publish_wish(wish, by=staff)

    def withdraw() -> None:
        proposal = db.session.get(Proposal, waiting.pop(0))
        wishes.withdraw_wish(db.session.get(Wish, int(proposal.demand_ref.partition(":")[2])), by=staff)

    def pause() -> None:
        proposal = db.session.get(Proposal, waiting.pop())
        supporters.pause_supporter(db.session.get(Supporter, proposal.supporter_id), by=SYSTEM, until=clock.today() + timedelta(days=7))

    others = [("lapse", lapse), ("urgent wish", post), ("withdrawn", withdraw), ("pause", pause)]
    return [("decline", decline) if number % 2 == 0 else others[number // 2 % len(others)] for number in range(count)]


def play(app: Flask, act: Callable[[], None]) -> list[int]:
    """Do it; ids of the repairs it asked for. Refused ones count for nothing."""
    with app.app_context():
        highest = db.session.scalar(select(func.coalesce(func.max(Repair.id), 0)))

        def write() -> None:
            with transaction():
                act()

        try:
            retrying(write)
        except WishappError:
            return []
        return list(db.session.scalars(select(Repair.id).where(Repair.id > highest)))


def await_repair(app: Flask, repair_id: int) -> Repair:
    until = time.monotonic() + PATIENCE
    while True:
        with app.app_context():
            found = db.session.get(Repair, repair_id)
            if found.status != "waiting" or time.monotonic() > until:
                return found
        time.sleep(0.01)


def await_idle(app: Flask) -> None:
    """Until the worker has done what it found on starting (settling old wishes and the like)."""
    time.sleep(5)
    until = time.monotonic() + 600
    while time.monotonic() < until:
        with app.app_context():
            if not db.session.scalar(select(func.count()).select_from(Job).where(Job.status.in_(("waiting", "running")))):
                return
        time.sleep(1)


def main(database: str, count: int = 40) -> None:
    folder = Path(tempfile.mkdtemp())
    shutil.copy(database, folder / "wishapp.sqlite")
    for tail in ("-wal", "-shm"):
        if Path(database + tail).exists():
            shutil.copy(database + tail, folder / f"wishapp.sqlite{tail}")
    os.environ |= {"WISHAPP_INSTANCE": str(folder), "WISHAPP_ENV": "development", "WISHAPP_LOG_LEVEL": "ERROR"}
    app = wishapp.create_app()
    run_id = prepare(app)
    worker = subprocess.Popen([sys.executable, "-m", "wishapp", "worker"], env=os.environ, stdout=subprocess.DEVNULL)
    await_idle(app)
    rows = []
    try:
        for name, act in events(app, run_id, count):
            for repair_id in play(app, act):
                done = await_repair(app, repair_id)
                if done.done_at is None:
                    print(f"{name}: still waiting after {PATIENCE:.0f} s")
                    continue
                rows.append((name, (done.done_at - done.at).total_seconds() * 1000, done.milliseconds, done.changes["others"], done.status == "changed"))
            time.sleep(0.3)
    finally:
        worker.terminate()
        worker.wait(20)
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{'event':<12} {'n':>3} {'p50 ms':>7} {'p95 ms':>7} {'most':>7} {'work p50':>9} {'work p95':>9} {'others':>7} {'most':>5} {'changed':>8}")
    for name in (*dict.fromkeys(row[0] for row in rows), "all"):
        own = [row for row in rows if name in (row[0], "all")]
        total, work, others = (np.array([row[at] for row in own]) for at in (1, 2, 3))
        print(f"{name:<12} {len(own):>3} {np.percentile(total, 50):>7.0f} {np.percentile(total, 95):>7.0f} {total.max():>7.0f} "
              f"{np.percentile(work, 50):>9.0f} {np.percentile(work, 95):>9.0f} {others.mean():>7.2f} {others.max():>5} {sum(row[4] for row in own):>8}")


if __name__ == "__main__":
    main(sys.argv[1], *(int(argument) for argument in sys.argv[2:3]))
