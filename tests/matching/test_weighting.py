"""Weights: what each term does, alone and at nought; versions, who may, two at once."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import func, select

from tests.matching.crowds import crowd, demand, one
from tests.matching.office import Office
from tests.matching.test_races import race
from tests.matching.weighings import adopt, make
from wishapp import solver
from wishapp.kernel.errors import BadInput, Forbidden, NotFound, Refused, SomeoneWasFaster
from wishapp.matching import scores, weighting
from wishapp.matching.eligibility import distances
from wishapp.matching.models import Weighting
from wishapp.matching.plan import read_plan
from wishapp.matching.snapshot import Options, take_snapshot
from wishapp.matching.weight_words import SPREADS as SPREAD_WORDS
from wishapp.matching.weight_words import TERMS as TERM_WORDS
from wishapp.matching.weights import HOUSE, KINDS, SPREADS, Weights
from wishapp.notices.models import Notice
from wishapp.places.models import Place
from wishapp.store.audit import AuditEntry
from wishapp.store.db import db
from wishapp.store.transaction import transaction

QUICK = Options(seconds=5)
FIT = frozenset({"nursing"})
# term: (demands, crowd) in which this term alone decides who is asked, or which demand is served, and what is chosen then
DECIDERS = {
    "urgency": ([demand("wish:1", tier=2), demand("wish:2", tier=1)], crowd(one(any=1)), {"wish:2": [101]}),
    "vulnerability": ([demand("wish:1"), demand("wish:2", groups=frozenset({"disabled"}))], crowd(one(any=1)), {"wish:2": [101]}),
    "waiting": ([demand("wish:1"), demand("wish:2", waiting_days=9)], crowd(one(any=1)), {"wish:2": [101]}),
    "kind": ([demand()], crowd(one(any=5), one(any=3, quota={"goods": 2}, left={"goods": 2})), {"wish:1": [102]}),
    "skill": ([demand(skills=FIT)], crowd(one(), one(skills=("nursing",))), {"wish:1": [102]}),
    "near": ([demand()], crowd(one(metres=900), one(metres=100)), {"wish:1": [102]}),
    "paired": ([demand()], crowd(one(), one(), paired=(1,)), {"wish:1": [102]}),
    "quota": ([demand()], replace(crowd(one(any=1), one(any=5)), quota_any=np.array([5, 5]), year_passed=0.5), {"wish:1": [102]}),
    "load": ([demand()], crowd(one(load=3), one()), {"wish:1": [102]}),
    "declines": ([demand()], crowd(one(declines=2), one()), {"wish:1": [102]}),
    "continuity": ([demand(helped_by=frozenset({102}))], crowd(one(), one()), {"wish:1": [102]}),
}


def chosen(demands: list, people: object, weights: Weights = HOUSE) -> dict[str, list[int]]:
    snapshot = take_snapshot(demands, people, options=QUICK, weights=weights)
    plan = solver.solve(snapshot.problem)
    assert solver.check(snapshot.problem, plan) == []
    found: dict[str, list[int]] = {}
    for line in read_plan(snapshot, plan):
        found.setdefault(demands[line.demand].ref, []).append(int(people.ids[line.row]))
    return found


# terms and spreading, by themselves

def test_every_term_and_every_spreading_has_its_words() -> None:
    assert list(TERM_WORDS) == list(scores.TERMS) == list(DECIDERS)
    assert list(SPREAD_WORDS) == list(SPREADS) == [*(str(kind) for kind in KINDS), "places"]


@pytest.mark.parametrize("term", list(DECIDERS))
def test_a_term_decides_and_at_nought_it_vanishes(term: str) -> None:
    demands, people, expected = DECIDERS[term]
    assert chosen(demands, people) == expected
    snapshot = take_snapshot(demands, people, options=QUICK, weights=Weights({term: 0}))
    assert len(set(snapshot.value.tolist())) == 1, "without it nothing tells them apart"
    spoken = {entry[0].partition(".")[0] for line in read_plan(snapshot, solver.solve(snapshot.problem)) for entry in line.reasons}
    assert term not in spoken


def test_weights_scale_points_to_whole_numbers_and_keep_their_names() -> None:
    people, wanted = crowd(one(declines=1), paired=(0,)), demand(tier=1)
    who = np.array([0])
    table = scores.points(wanted, people, who, distances(wanted, people, who))
    plain, weighted = dict(scores.reasons_of(table[:, 0])), dict(scores.reasons_of(table[:, 0], Weights({"declines": 50, "urgency": 300, "paired": 33})))
    assert plain["declines"] == -15 and weighted["declines"] == -8, "halves away from zero"
    assert plain["urgency.week"] == 200 and weighted["urgency.week"] == 600, "three times a week is still a week"
    assert weighted["paired"] == 66
    assert scores.worth(table, Weights({"urgency": 300})).tolist() == [int(scores.worth(table)[0]) + 400]
    columns = dict(zip(scores.TERMS, table.astype(np.int16), strict=True))
    assert (scores.table_of(columns, 1) == table).all(), "papers give back the same table"


@pytest.mark.parametrize(("used", "passed", "expected"), [
    (0, 0.0, 0), (5, 0.5, 0), (0, 0.25, 30), (0, 0.9, 60), (5, 0.25, -30), (8, 0.25, -60), (10, 1.0, 0), (9, 1.0, 12),
])
def test_the_shadow_price_of_the_rest_of_the_year(used: int, passed: float, expected: int) -> None:
    people = replace(crowd(one(any=10 - used), one("member")), quota_any=np.array([10, 0]), year_passed=passed)
    assert scores.TERMS["quota"](demand(), people, np.arange(2), np.zeros(2, dtype=np.int64)).tolist() == [expected, 0]


def test_a_known_face_counts_more_than_a_known_place() -> None:
    people = crowd(one(), one(), one(), known=(0, 1))
    assert scores.TERMS["continuity"](demand(helped_by=frozenset({102, 999})), people, np.arange(3), np.zeros(3)).tolist() == [30, 120, 0]


def test_spreading_from_not_at_all_to_strongly() -> None:
    costs = [[Weights(spread={"unit": strength}).step_cost(0, seat) for seat in (1, 3, 5, 8, 20)] for strength in range(4)]
    assert costs == [[0] * 5, [0, 20, 40, 70, 70], [0, 40, 80, 140, 140], [0, 80, 160, 280, 280]]
    assert HOUSE.place_steps({"4": 10}) == {"4": {"steps": [[3, 60], [3, 30]]}}
    assert Weights(spread={"places": 0}).place_steps({"4": 10}) == {}
    assert Weights(spread={"places": 3}).place_steps({"4": 1}) == {"4": {"steps": [[1, 120], [1, 60]]}}


def test_spreading_decides() -> None:
    demands, people = [demand(f"wish:{number}") for number in range(1, 7)], crowd(one(any=9), one(any=9, metres=700))
    shares = []
    for strength in (0, 2, 3):
        found = chosen(demands, people, Weights(spread={"unit": strength}))
        shares.append(sum(who == [101] for who in found.values()))
    assert shares[0] == 6 and shares[0] > shares[1] >= shares[2] >= 3, "the nearer one takes all, or most, or half"


# versions

def in_force(office: Office, path: str = "") -> int:
    with office.app.app_context():
        found = weighting.weighting_in_force(path or office.places.community.path)
        return found.number if found else 0


def test_versions_come_into_force_and_go_back(office: Office, clock: object) -> None:
    assert in_force(office) == 0
    first, second = make(office, {"near": 200}), make(office, {"near": 50}, {"unit": 3})
    assert in_force(office) == 0, "drafts count nowhere"
    adopt(office, second, 0)
    clock.forward(minutes=1)
    adopt(office, first, 2)
    assert in_force(office) == 1, "what counts was put to use last, whatever its number"
    with office.app.app_context(), transaction():
        clock.forward(minutes=1)
        again = weighting.revert_weighting(db.session.get(Weighting, second), by=office.district.actor, seen=1)
        assert (again.number, again.percent["near"], again.spread["unit"], again.percent["skill"]) == (3, 50, 3, 100)
    assert in_force(office) == 3 and in_force(office, "/99/") == 0
    with office.app.app_context():
        acts = db.session.scalars(select(AuditEntry.action).where(AuditEntry.kind == "weights").order_by(AuditEntry.id)).all()
        told = db.session.scalars(select(Notice.user_id).where(Notice.workflow == "weights").order_by(Notice.id)).all()
    assert acts == ["draft", "draft", "adopt", "adopt", "draft", "revert"]
    assert sorted(set(told)) == sorted({office.street.id, office.stranger.id}), "street staff hear of it; whoever pressed knows"


def test_only_the_district_changes_and_streets_may_read(office: Office) -> None:
    draft = make(office)
    for person in (office.staff, office.street, office.contact, office.resident):
        with pytest.raises(Forbidden):
            make(office, by=person)
        with pytest.raises(Forbidden):
            adopt(office, draft, 0, by=person)
    with office.app.app_context():
        assert weighting.access_weighting(office.street.actor, draft).id == draft
        for person, permission in ((office.staff, "matching.weights_read"), (office.resident, "matching.weights_read"), (office.street, "matching.weights")):
            with pytest.raises(NotFound):
                weighting.access_weighting(person.actor, draft, permission)
        with pytest.raises(Forbidden):  # weights belong to districts
            weighting.draft_weighting(db.session.get(Place, office.places.street.id), by=office.district.actor, percent={}, spread={})


@pytest.mark.parametrize(("percent", "spread"), [
    ({"near": 301}, {}), ({"near": -1}, {}), ({"nearest": 100}, {}), ({}, {"unit": 4}), ({}, {"unit": -1}), ({}, {"people": 1}),
])
def test_numbers_that_cannot_be(office: Office, percent: dict, spread: dict) -> None:
    with pytest.raises(BadInput):
        make(office, percent, spread)
    with office.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Weighting)) == 0


def test_drafts_can_be_thrown_away_and_versions_not(office: Office) -> None:
    draft, used, other = make(office), make(office), make(office)
    adopt(office, used, 0)
    with office.app.app_context():
        with transaction():
            weighting.discard_weighting(db.session.get(Weighting, draft), by=office.district.actor)
        with pytest.raises(Refused), transaction():
            weighting.discard_weighting(db.session.get(Weighting, used), by=office.district.actor)
        with pytest.raises(Refused), transaction():
            weighting.revert_weighting(db.session.get(Weighting, other), by=office.district.actor, seen=2)
        assert [row.number for row in weighting.versions(office.places.district.id)] == [3, 2]


@pytest.mark.both_databases
def test_of_two_who_put_to_use_at_once_one_wins(office: Office) -> None:
    drafts = [make(office, {"near": 10 * number}) for number in range(4)]
    for seen, pair in ((0, drafts[:2]), (None, drafts[2:])):
        seen = in_force(office) if seen is None else seen
        answers = race(office, *(lambda draft=draft, seen=seen: adopt(office, draft, seen) for draft in pair))
        assert sorted(isinstance(answer, SomeoneWasFaster) for answer in answers) == [False, True]
        assert in_force(office) == pair[[isinstance(answer, SomeoneWasFaster) for answer in answers].index(False)]
    again = make(office)
    answers = race(office, *(lambda: adopt(office, again, in_force(office)) for _ in range(2)))
    assert sorted(answer is None for answer in answers) == [False, True], "the same draft twice"


@pytest.mark.both_databases
def test_control_without_the_look_under_the_lock_both_win(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    drafts, looked = [make(office), make(office)], threading.Barrier(2)
    monkeypatch.setattr(weighting, "_lock", lambda place_id: None)
    monkeypatch.setattr(weighting, "_still", lambda place, seen: None)

    def looking(draft: int) -> bool:
        seen = in_force(office)
        looked.wait()
        if seen == 0:
            adopt(office, draft, seen)
        return True

    assert race(office, *(lambda draft=draft: looking(draft) for draft in drafts)) == [True, True]
    with office.app.app_context():
        assert db.session.scalar(select(func.count()).where(Weighting.adopted_at.is_not(None))) == 2
