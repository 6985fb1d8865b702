"""Runs by versions of weights, and the look at last month's plan under other ones."""

import numpy as np
import pytest

from tests.matching.office import Office, Proposal
from tests.matching.weighings import adopt, make
from wishapp import solver
from wishapp.jobs import run as jobs
from wishapp.jobs.models import Job
from wishapp.kernel.errors import BadInput, Refused
from wishapp.matching import weighting
from wishapp.matching.models import MatchRun, Weighting
from wishapp.matching.papers import open_papers
from wishapp.matching.preview import compare, revalued
from wishapp.matching.work import read_snapshot
from wishapp.store.db import db
from wishapp.store.transaction import transaction


@pytest.fixture
def busy(office: Office) -> Office:
    """Five wishes, a paired unit far away and a nearer one that is not paired."""
    office.supporter("远帆样例院", person=office.contact, paired=True, quota=9, at=office.places.far_community)
    office.supporter("近邻样例社", person=office.contact, quota=9)
    for number in range(5):
        office.wish(urgency="now" if number == 0 else "calm")
    return office


def test_a_run_counts_by_the_version_in_force_when_it_began(busy: Office) -> None:
    plain = busy.run()
    version = make(busy, {"paired": 0, "urgency": 50}, {"unit": 0})
    adopt(busy, version, 0)
    changed = busy.run()
    assert busy.look(MatchRun, plain, "weighting_id") == (None,) and busy.look(MatchRun, changed, "weighting_id") == (version,)
    spoken = {entry[0]: entry[1] for proposal_id in busy.proposals(changed) for entry in busy.look(Proposal, proposal_id, "reasons")[0]}
    assert "paired" not in spoken and spoken["urgency"] == 200 and "round" not in spoken
    with busy.app.app_context():
        papers = open_papers(db.session.get(MatchRun, changed))
        pair = papers.plan["pairs"][0][0]
        assert papers.terms["urgency"][pair] == 400, "papers keep the points unweighted"
        assert dict(papers.reasons(pair))["urgency"] == 200 and papers.weights.of_term("paired") == 0
        assert sorted(entry["load_steps"] for entry in papers.problem["supporters"]) == [[], []]


def test_most_urgent_first_whatever_it_costs(busy: Office) -> None:
    run_id = busy.run(objective="tiers")
    with busy.app.app_context():
        run = db.session.get(MatchRun, run_id)
        assert open_papers(run).problem["objective"] == "tiers" and run.options["objective"] == "tiers"
        assert run.figures["tiers_proven"] == [[1, 1], [0, 0], [4, 4]], "by tier: seats given, most possible"
    with pytest.raises(BadInput):
        busy.run(objective="cheapest")


@pytest.mark.both_databases
def test_a_preview_equals_a_run_made_with_these_weights(busy: Office) -> None:
    plain = busy.run()
    version = make(busy, {"paired": 0, "near": 300}, {"unit": 3, "places": 0})
    with busy.app.app_context():
        run, weights = db.session.get(MatchRun, plain), weighting.weights_of(db.session.get(Weighting, version))
        papers = open_papers(run)
        run_again = MatchRun(number=99, place_id=run.place_id, place_path=run.place_path, options=run.options, weighting_id=version)
        db.session.add(run_again)
        db.session.flush()
        snapshot = read_snapshot_of(run_again)
        problem = revalued(papers, weights)
    assert {name: np.asarray(column).tolist() for name, column in problem["pairs"].items()} == {
        name: np.asarray(column).tolist() for name, column in snapshot.problem["pairs"].items()}
    assert problem["supporters"] == snapshot.problem["supporters"] and problem["places"] == snapshot.problem["places"]
    was, would = solver.solve(papers.problem), solver.solve(snapshot.problem)
    assert solver.solve(problem)["pairs"] == would["pairs"]
    before, after = pairs_of(papers, was), pairs_of(papers, would)
    assert before != after
    preview = look_at(busy, version)
    assert preview["changed"] == sum(before[ref] != after[ref] for ref in before) > 0
    assert preview["served"] == [5, 5] and preview["gained"] == preview["lost"] == 0
    assert preview["tiers"] == [[1, 1, 1], [0, 0, 0], [4, 4, 4]] and [row[1:] for row in preview["communities"]] == [[5, 5, 5]]
    assert preview["mean_metres"][1] < preview["mean_metres"][0], "nearness counts three times"
    assert preview["plans"] == [{"run_id": plain, "number": 1, "place": "泉边街道"}]
    assert all(row["part"] == "changed" and row["was"] != row["now"] and row["was"][0] == "unit" for row in preview["examples"])


def read_snapshot_of(run: MatchRun) -> object:
    """The problem of a run as its job would read it, with the same plan before it as the first run had: none."""
    db.session.execute(MatchRun.__table__.update().where(MatchRun.id != run.id).values(is_what_if=True))
    return read_snapshot(run.id)


def pairs_of(papers: object, plan: dict) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for pair, _seats in plan["pairs"]:
        found.setdefault(papers.refs[papers.problem["pairs"]["demand"][pair]], set()).add(int(papers.problem["pairs"]["supporter"][pair]))
    return found


def look_at(office: Office, version: int) -> dict:
    with office.app.app_context():
        with transaction():
            job_id = weighting.preview_weighting(db.session.get(Weighting, version), by=office.district.actor)
        with pytest.raises(Refused), transaction():
            weighting.preview_weighting(db.session.get(Weighting, version), by=office.district.actor)
    with office.app.app_context():
        jobs.run_job(job_id)
        assert db.session.get(Job, job_id).status == "done"
    return office.look(Weighting, version, "preview")[0]


def test_the_same_weights_change_nothing_and_nothing_is_touched(busy: Office) -> None:
    run_id = busy.run()
    before = {proposal_id: busy.look(Proposal, proposal_id, "state", "supporter_id") for proposal_id in busy.proposals(run_id)}
    preview = look_at(busy, make(busy))
    assert (preview["changed"], preview["gained"], preview["lost"], preview["examples"]) == (0, 0, 0, [])
    assert {proposal_id: busy.look(Proposal, proposal_id, "state", "supporter_id") for proposal_id in busy.proposals(run_id)} == before
    assert busy.look(MatchRun, run_id, "state") == ("in_review",)


def test_without_a_plan_of_the_last_month_there_is_nothing_to_compare(busy: Office, clock: object) -> None:
    busy.run()
    clock.forward(days=32)
    assert look_at(busy, make(busy))["plans"] == []


def test_plans_of_several_streets_are_looked_at_together(busy: Office) -> None:
    busy.wish(at=busy.places.far_community)
    busy.run()
    busy.run(place=busy.places.community, by=busy.staff)
    busy.run(place=busy.places.far_street, by=busy.stranger)
    preview = look_at(busy, make(busy, {"near": 0}))
    assert [plan["place"] for plan in preview["plans"]] == ["泉边街道", "山前街道"], "the community lies within its street"
    assert preview["demands"] == 6 and len(preview["communities"]) == 2


def test_persons_stay_without_a_name(office: Office) -> None:
    office.supporter("王测试", kind="member", person=office.member, minutes=600, at=office.places.far_community)
    office.supporter("近邻样例社", person=office.contact)
    office.wish(at=office.places.far_community)
    office.run(place=office.places.far_street, by=office.stranger)
    preview = look_at(office, make(office, {"near": 0, "paired": 0, "quota": 300, "kind": 300}))
    assert [(row["was"], row["now"]) for row in preview["examples"]] == [(["member", ""], ["unit", "近邻样例社"])]


def test_nothing_to_compare() -> None:
    assert compare([])["served"] == [0, 0] and compare([])["gini"] == [0, 0]
