"""Two streets matched side by side by two worker processes: their runs overlap in time, and both are saved whole."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.databases import Database
from tests.jobs import samples
from tests.matching.office import MatchRun, Office, Proposal, open_office
from tests.processes import children
from wishapp.jobs.models import Job
from wishapp.matching import service as matching
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.transaction import transaction

WORKING = "match.before_solve=sleep:1.5"  # long enough that two at once must overlap, and two in a row cannot
Workers = Callable[[int], Office]


@pytest.fixture
def office_with(make_app: Callable[..., Flask], database: Database, tmp_path: Path) -> Iterator[Workers]:
    """office_with(n): an office of two streets, and n worker processes that are up and waiting."""
    queue_url = f"sqlite:///{tmp_path / 'queue.sqlite'}" if database.kind == "sqlite" else database.url
    settings = {"SQLALCHEMY_DATABASE_URI": database.url, "INSTANCE": str(tmp_path), "QUEUE_URL": queue_url}

    def begin(count: int) -> Office:
        office = open_office(make_app(QUEUE_URL=queue_url))
        for number in range(count):
            said = tmp_path / f"worker{number}.log"
            said.touch()
            start(samples.work, settings, faults=WORKING, said=said)
            wait_for(lambda said=said: "worker_started" in said.read_text())
        return office

    with children() as start:
        yield begin


def wait_for(question: Callable[[], bool], seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


def match_both(office: Office) -> list[tuple[object, object]]:
    """Start a run over each street at once; (began, ended) of each when both are over. Both have found their wish somebody."""
    for at in (office.places.community, office.places.far_community):
        office.supporter("邻里样例", kind="member", person=office.member, at=at)
        office.wish(at=at)
    with office.app.app_context():
        with transaction():
            runs = [matching.start_run(db.session.get(Place, place.id), by=office.district.actor, options={"seconds": 5})
                    for place in (office.places.street, office.places.far_street)]
            run_ids, job_ids = [run.id for run in runs], [run.job_id for run in runs]

        def ended() -> bool:
            db.session.rollback()
            return db.session.scalar(select(func.count()).where(Job.id.in_(job_ids), Job.status == "done")) == 2

        wait_for(ended)
        assert [db.session.get(MatchRun, run_id).state for run_id in run_ids] == ["in_review", "in_review"]
        assert [db.session.get(MatchRun, run_id).served for run_id in run_ids] == [1, 1]
        of_run = dict(db.session.execute(select(Proposal.run_id, func.count()).group_by(Proposal.run_id)).all())
        assert of_run == dict.fromkeys(run_ids, 1)
        return [(job.started_at, job.finished_at) for job in (db.session.get(Job, job_id) for job_id in job_ids)]


def overlap(first: tuple, second: tuple) -> bool:
    return max(first[0], second[0]) < min(first[1], second[1])


@pytest.mark.both_databases
def test_two_workers_match_two_streets_at_the_same_time(office_with: Workers) -> None:
    assert overlap(*match_both(office_with(2)))


def test_control_one_worker_matches_them_one_after_the_other(office_with: Workers) -> None:
    assert not overlap(*match_both(office_with(1)))
