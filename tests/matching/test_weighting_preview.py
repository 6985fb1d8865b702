"""Runs by versions of weights, and the look at last month's plan under other ones."""

from dataclasses import replace

import numpy as np
import pytest

from tests.matching.office import Office, Proposal
from tests.matching.weighings import adopt, make
from wishapp import solver
from wishapp.jobs import run as jobs
from wishapp.jobs.models import Job
from wishapp.kernel.errors import BadInput, Refused
from wishapp.matching import preview, weighting
from wishapp.matching.models import MatchRun, Weighting
from wishapp.matching.papers import Papers, open_papers
from wishapp.matching.preview import compare, how_many_differ, look, revalued
from wishapp.matching.weights import Weights
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
def test_a_preview_equals_the_run_made_with_these_weights(busy: Office) -> None:
    plain, version = busy.run(), make(busy, {"paired": 0, "near": 300}, {"unit": 3, "places": 0})
    preview = look_at(busy, version)
    adopt(busy, version, 0)
    real = busy.run()
    with busy.app.app_context():
        before, after = (open_papers(db.session.get(MatchRun, run_id)) for run_id in (plain, real))
        problem = revalued(before, after.weights)
    assert {name: np.asarray(column).tolist() for name, column in problem["pairs"].items()} == {
        name: np.asarray(column).tolist() for name, column in after.problem["pairs"].items()}
    assert {name: value for name, value in problem.items() if name != "pairs"} == {name: value for name, value in after.problem.items() if name != "pairs"}
    assert solver.solve(problem)["pairs"] == after.plan["pairs"]
    was, became = look(before, before.plan), look(after, after.plan)
    assert preview["changed"] == how_many_differ(was, became) == sum(was["pairs"][ref] != pair for ref, pair in became["pairs"].items()) > 0
    assert preview["served"] == [5, 5] and preview["gained"] == preview["lost"] == preview["anyway"] == 0
    assert preview["tiers"] == [[1, 1, 1], [0, 0, 0], [4, 4, 4]] and [row[1:] for row in preview["communities"]] == [[5, 5, 5]]
    assert preview["mean_metres"] == [round(sum(side["metres"]) / 5) for side in (was, became)] and preview["mean_metres"][1] < preview["mean_metres"][0]
    assert preview["plans"] == [{"run_id": plain, "number": 1, "place": "泉边街道"}]
    assert all(row["part"] == "changed" and row["was"] != row["now"] and row["was"][0] == "unit" for row in preview["examples"])


def test_what_searching_longer_alone_would_change_is_told_apart(busy: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "open_papers", lambda run: unproven(open_papers(run)))
    busy.run()
    found = look_at(busy, make(busy, {"paired": 0}))
    assert found["anyway"] == found["changed"] > 0, "the same weights: all of it comes from searching longer"


def unproven(papers: Papers) -> Papers:
    """As if the search had been cut short: every wish given to the farther of the two, far from the best."""
    demand, metres = papers.problem["pairs"]["demand"], papers.metres
    worst = [max(np.flatnonzero(demand == index).tolist(), key=lambda pair: metres[pair]) for index in range(len(papers.refs))]
    better = {**papers.problem, "keep": 0}
    return replace(papers, problem=better, plan={**papers.plan, "status": "time_limit", "pairs": [[pair, 1] for pair in worst]},
                   weights=Weights({"paired": 0}))


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
