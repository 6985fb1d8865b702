"""Figures of fairness against plain definitions, what spreading costs against solving both ways, and who may look."""

import random

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import sign_in
from tests.matching.crowds import crowd, demand, one
from tests.matching.office import MatchRun, Office
from tests.matching.small_plans import papers_of, small_plan
from tests.matching.test_pages import queries
from wishapp import solver
from wishapp.jobs import run as jobs
from wishapp.jobs.models import Job
from wishapp.matching.fairness import bare, fairness_of, gini, gini_least, price_of_fairness
from wishapp.matching.snapshot import Options, take_snapshot
from wishapp.store.db import db


def plain_gini(counts: list[int]) -> float:
    """The definition: mean difference of all ordered pairs over twice the mean."""
    total = sum(counts)
    return sum(abs(a - b) for a in counts for b in counts) / (2 * len(counts) * total) if total else 0.0


@pytest.mark.parametrize("seed", range(20))
def test_gini_is_what_its_definition_says(seed: int) -> None:
    dice = random.Random(seed)
    counts = [dice.randint(0, 6) for _ in range(dice.randint(1, 12))]
    assert gini(counts) == pytest.approx(plain_gini(counts), abs=1e-12)


def test_gini_at_its_ends() -> None:
    assert gini([]) == gini([0, 0]) == gini([3, 3, 3]) == 0.0 and gini([0] * 99 + [5]) == pytest.approx(0.99)


@pytest.mark.parametrize("total, people", [(0, 3), (2, 5), (5, 5), (7, 3), (4, 1), (3, 4)])
def test_the_least_gini_is_that_of_no_other_sharing_out(total: int, people: int) -> None:
    def sharings(left: int, among: int) -> list[list[int]]:
        if among == 1:
            return [[left]]
        return [[first, *rest] for first in range(left + 1) for rest in sharings(left - first, among - 1)]

    assert gini_least(total, people) == pytest.approx(min(gini(counts) for counts in sharings(total, people)))


@pytest.mark.parametrize("seed", range(6))
def test_the_price_is_the_difference_of_the_two_best_plans(seed: int) -> None:
    snapshot, plan = small_plan(seed)
    papers = papers_of(snapshot, plan)
    found = price_of_fairness(papers)
    free = solver.solve(bare(snapshot.problem) | {"settings": {"seconds": 10, "gap": 0.0, "seed": 1}})
    fit = sum(int(snapshot.value[pair]) * seats + 60 * (pair in snapshot.problem["previous"]) for pair, seats in plan["pairs"])
    assert found["fit"] == fit <= found["most"] <= found["limit"] and free["objective"] <= found["limit"]
    assert found["points"] == found["most"] - fit >= 0 and 0 <= found["percent"] <= found["percent_most"]


def test_spreading_costs_something_where_it_does_something() -> None:
    """One unit next door fits best for all; spread over two, the far one takes some."""
    demands = [demand(f"wish:{number}") for number in range(4)]
    snapshot = take_snapshot(demands, crowd(one(any=9), one(any=9, metres=600)), options=Options(seconds=5))
    papers = papers_of(snapshot, solver.solve(snapshot.problem))
    found = price_of_fairness(papers)
    assert fairness_of(papers, papers.plan)["kinds"]["unit"]["counts"] == [0, 0, 2] and fairness_of(papers, papers.plan)["kinds"]["unit"]["gini"] == 0
    assert found["without"]["kinds"]["unit"]["counts"] == [1, 0, 0, 0, 1] and found["without"]["kinds"]["unit"]["most"] == 4
    assert found["points"] == 2 * 24, "two tasks 600 m farther, a point for 25 m"


def test_counts_by_kind_and_the_place_with_least() -> None:
    demands = [demand("wish:1"), demand("wish:2", community_id=5, kind="repair"), demand("wish:3", community_id=5, seats=(2,))]
    snapshot = take_snapshot(demands, crowd(one(any=1), one("member"), one("team", helps=("repair",), any=0)), options=Options(seconds=5))
    papers = papers_of(snapshot, solver.solve(snapshot.problem))
    report = fairness_of(papers, papers.plan)
    assert set(report["kinds"]) == {"unit", "member", "team"} and report["kinds"]["team"] == {
        "could": 1, "asked": 1, "counts": [0, 1], "gini": 0.0, "gini_least": 0.0, "most": 1}
    assert report["served"] <= 4 and report["least"][2] in (1, 3), "in seats"


@pytest.fixture
def plan(office: Office) -> int:
    for name in ("甲样例院", "乙样例院"):
        office.supporter(name, person=office.contact, quota=9)
    for _ in range(4):
        office.wish()
    office.wish("一辆轮椅", at=office.places.next_community)
    office.wish("陪着说话", kind="companionship", at=office.places.next_community)
    return office.run()


def work_out_price(app: Flask) -> None:
    with app.app_context():
        waiting = list(db.session.scalars(select(Job.id).where(Job.kind == "price_fairness", Job.status == "waiting")))
        db.session.rollback()
        assert waiting
        for job_id in waiting:
            jobs.run_job(job_id)


def test_worked_out_after_the_run_and_kept_with_it(office: Office, app: Flask, plan: int) -> None:
    client = sign_in(app.test_client(), office.street)
    path = f"/match/runs/{plan}/fairness"
    before = client.get(path).get_data(as_text=True)
    assert "甲样例院" not in before and office.look(MatchRun, plan, "figures")[0].get("fairness") is None
    work_out_price(app)
    report = office.look(MatchRun, plan, "figures")[0]["fairness"]
    assert report["kinds"]["unit"]["asked"] == 2 and report["price"]["points"] >= 0 and report["served"] == 5
    assert office.look(MatchRun, plan, "figures")[0]["served"] == 5, "the other figures are still there"
    assert client.get(path).get_data(as_text=True) != before


def test_who_may_look_and_how_far(office: Office, app: Flask, plan: int) -> None:
    work_out_price(app)
    path = f"/match/runs/{plan}/fairness"
    for person, status in ((office.stranger, 404), (office.contact, 403), (office.resident, 403)):
        assert sign_in(app.test_client(), person).get(path).status_code == status
    whole = sign_in(app.test_client(), office.street).get(path).get_data(as_text=True)
    part = sign_in(app.test_client(), office.staff).get(path).get_data(as_text=True)
    with app.app_context():
        names = [row["name"] for row in db.session.get(MatchRun, plan).figures["communities"]]
    assert len(names) == 2 and all(name in whole for name in names)
    assert sum(name in part for name in names) == 1, "community staff see their own community"
    assert ("基尼" in whole or "Gini" in whole) and "基尼" not in part and "Gini" not in part


def test_the_number_of_queries_does_not_grow(office: Office, app: Flask, plan: int) -> None:
    client = sign_in(app.test_client(), office.street)
    few = queries(app, client, f"/match/runs/{plan}/fairness")
    for _ in range(20):
        office.wish()
    assert queries(app, client, f"/match/runs/{office.run()}/fairness") == few <= 12
