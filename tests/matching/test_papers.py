"""A plan's papers: what comes out is what went in, it passes the check, it names nobody, and it is kept as long as it is asked for."""

import json
from pathlib import Path

import numpy as np
import pytest
from flask import Flask

from tests.factories import sign_in
from tests.matching.office import MatchRun, Office
from tests.matching.small_plans import papers_of, small_plan
from wishapp import solver
from wishapp.matching import scores
from wishapp.matching.papers import open_papers
from wishapp.solver.__main__ import main as solver_command
from wishapp.store.db import db


@pytest.mark.parametrize("seed", range(12))
def test_what_comes_out_is_what_went_in(seed: int) -> None:
    snapshot, plan = small_plan(seed)
    papers = papers_of(snapshot, plan)
    assert solver.check(papers.problem, papers.plan) == [] and papers.plan == plan
    assert {name: value for name, value in papers.problem.items() if name != "pairs"} == json.loads(json.dumps(
        {name: value for name, value in snapshot.problem.items() if name != "pairs"}))
    for name, column in snapshot.problem["pairs"].items():
        assert list(papers.problem["pairs"][name]) == list(column), name
    assert papers.refs == [demand.ref for demand in snapshot.demands]
    for pair in range(len(snapshot.demand)):
        assert papers.pair_of(papers.refs[snapshot.demand[pair]], int(snapshot.crowd.ids[snapshot.row[pair]])) == pair
        assert papers.metres[pair] == snapshot.metres[pair]


def test_resources_and_previous_occur_in_these() -> None:
    """A control of the test above: the seeds hold what would be easy to lose."""
    problems = [small_plan(seed)[0].problem for seed in range(12)]
    assert any("resource" in problem["pairs"] for problem in problems) and any(problem["previous"] for problem in problems)


def test_points_by_term_add_up_to_the_value() -> None:
    snapshot, plan = small_plan(3)
    papers = papers_of(snapshot, plan)
    total = scores.weigh(scores.table_of(papers.terms, len(papers.metres)), papers.weights).sum(axis=0)
    assert np.array_equal(np.maximum(1, total + scores.BASE), papers.problem["pairs"]["value"])
    assert papers.reasons(0) == scores.reasons(snapshot.demands[0], snapshot.crowd, int(snapshot.row[0]), int(snapshot.metres[0]))


def test_nobody_is_a_pair_with_what_they_cannot_do() -> None:
    papers = papers_of(*small_plan(1))
    assert papers.pair_of("wish:99", 101) is None and papers.pair_of("wish:0", 999) is None


@pytest.fixture
def plan(office: Office) -> int:
    office.supporter("张张样例院", person=office.contact, quota=2)
    office.supporter("李李样例院", person=office.contact, quota=2)
    for _ in range(5):
        office.wish("一辆王王轮椅")
    return office.run()


def kept(office: Office, *run_ids: int) -> list[bool]:
    with office.app.app_context():
        return [open_papers(db.session.get(MatchRun, run_id)) is not None for run_id in run_ids]


def test_kept_with_the_plan(office: Office, plan: int) -> None:
    with office.app.app_context():
        run = db.session.get(MatchRun, plan)
        papers = open_papers(run)
        assert papers.plan["problem_sha256"] == run.snapshot_sha256 and papers.plan["objective"] == run.objective
        assert solver.check(papers.problem, papers.plan) == []


def test_kept_for_plans_in_use_in_review_and_the_one_before(office: Office, plan: int) -> None:
    second = office.run(adopt=True)
    third = office.run()
    assert kept(office, plan, second, third) == [True, True, True]
    fourth = office.run()
    assert kept(office, plan, second, third, fourth) == [False, True, True, True], "in use, replaced just now, in review"
    assert kept(office, office.run_trial()) == [False], "a trial has none"


def test_written_for_anybody_to_check(office: Office, plan: int, tmp_path: Path) -> None:
    done = office.app.test_cli_runner().invoke(args=["match", "papers", "--run", str(plan), "--out", str(tmp_path / "papers")])
    assert done.exit_code == 0, done.output
    files = [tmp_path / "papers" / name for name in ("problem.json", "plan.json")]
    assert solver_command(["check", *(str(file) for file in files)]) == 0
    changed = json.loads(files[1].read_text())
    changed["objective"] += 1
    files[1].write_text(json.dumps(changed))
    assert solver_command(["check", *(str(file) for file in files)]) == 1
    missing = office.app.test_cli_runner().invoke(args=["match", "papers", "--run", "999", "--out", str(tmp_path)])
    assert missing.exit_code == 1 and "999" in missing.output


@pytest.mark.parametrize("part", ["problem", "plan"])
def test_staff_of_the_place_take_them_along(office: Office, app: Flask, plan: int, part: str) -> None:
    path = f"/match/runs/{plan}/papers/{part}"
    for person, expected in ((office.street, 200), (office.district, 200), (office.stranger, 404), (office.staff, 404), (office.contact, 403)):
        assert sign_in(app.test_client(), person).get(path).status_code == expected, person.username
    answer = sign_in(app.test_client(), office.street).get(path)
    assert answer.get_json()["format"] == f"wishapp-{part}/1" and answer.headers["Content-Disposition"].startswith("attachment")
    for word in ("张张", "李李", "王王", "测试甲"):
        assert word not in json.dumps(answer.get_json(), ensure_ascii=False), word


def test_there_are_two_papers_only(office: Office, app: Flask, plan: int) -> None:
    client = sign_in(app.test_client(), office.street)
    assert client.get(f"/match/runs/{plan}/papers/terms").status_code == client.get("/match/runs/999/papers/plan").status_code == 404
