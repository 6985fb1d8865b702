"""What would help: each change named for a demand without anybody serves it when a trial assumes it, and only then."""

import pytest
from flask import Flask

from tests.factories import csrf_token, sign_in
from tests.matching.crowds import crowd, demand, one, window
from tests.matching.office import MatchRun, Office
from tests.matching.small_plans import papers_of
from wishapp import solver
from wishapp.jobs import run as jobs
from wishapp.kernel.errors import BadInput, Refused
from wishapp.matching import questions
from wishapp.matching import service as matching
from wishapp.matching.grants import granted_crowd, granted_demands, read_grants, write_grant
from wishapp.matching.ideas import beyond, within, would_help
from wishapp.matching.snapshot import Options, take_snapshot
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.transaction import transaction

MORNING = window("2026-06-13 09:00", "2026-06-13 11:00")
EVENING = window("2026-06-13 19:00", "2026-06-13 21:00")
# what stands in the way of the second demand, and the change that lifts it
CASES = {
    "reach": ([demand("wish:1")], [one(metres=4000)]),
    "room": ([demand("wish:1")], [one(any=0)]),
    "minutes": ([demand("wish:1", minutes=90)], [one("member", minutes=60)]),
    "skill": ([demand("wish:1", skills=frozenset({"nursing"}))], [one("member")]),
    "help": ([demand("wish:1", kind="repair")], [one("member")]),
    "time": ([demand("wish:1", window=MORNING)], [one("member", free=((5, 2),))]),
    "seats": ([demand(f"wish:{number}", tier=0) for number in (2, 3)] + [demand("wish:1")], [one("member", minutes=600)]),
    "promise": ([demand("wish:2", tier=0), demand("wish:1")], [one(any=1)]),
    "later": ([demand("wish:2", tier=0, window=MORNING), demand("wish:1", window=MORNING)], [one("member", minutes=600)]),
}
EXPECTED = {"minutes": "room", "promise": "room"}


def ideas_for(demands: list, people: object) -> list[tuple]:
    snapshot = take_snapshot(demands, people, options=Options(seconds=5))
    papers = papers_of(snapshot, solver.solve(snapshot.problem))
    return [grant for grant, _gain in [*within(papers, "wish:1"), *beyond(papers, next(entry for entry in demands if entry.ref == "wish:1"), people)]]


def is_served(demands: list, people: object, options: Options) -> bool:
    snapshot = take_snapshot(demands, people, options=options)
    given = {snapshot.demands[int(snapshot.demand[pair])].ref for pair, _seats in solver.solve(snapshot.problem)["pairs"]}
    return {entry.ref for entry in demands} == given


@pytest.mark.parametrize("case", CASES)
def test_each_idea_serves_the_demand_when_it_is_assumed(case: str) -> None:
    demands, helpers = CASES[case]
    people = crowd(*helpers)
    assert not is_served(demands, people, Options(seconds=5)), "a control: without the change it is not served"
    found = ideas_for(demands, people)
    assert EXPECTED.get(case, case) in {grant[0] for grant in found}, found
    for grant in found:
        assert is_served(demands, people, Options(seconds=5, grants=(grant,))), grant


def test_two_rules_in_the_way_are_no_single_change() -> None:
    assert ideas_for([demand("wish:1", skills=frozenset({"nursing"}))], crowd(one("member", metres=4000))) == []


def test_nobody_is_asked_to_come_from_the_other_end_of_the_city() -> None:
    assert [grant[0] for grant in ideas_for([demand("wish:1")], crowd(one(metres=8900)))] == []
    assert ideas_for([demand("wish:1")], crowd(one(metres=7900))) == [("reach", 101, "wish:1", 7900)]


def test_nothing_is_proposed_that_would_lose_more_than_it_gains() -> None:
    demands = [demand("wish:2", tier=0), demand("wish:1", tier=2)]
    assert all(grant[0] != "reach" for grant in ideas_for(demands, crowd(one("member", minutes=60))))


@pytest.mark.parametrize("text", ["reach", "reach~1~wish:1", "fly~1~wish:1~5", "reach~-1~wish:1~5", "reach~1~wish:1~5000000", "reach~x~wish:1~5",
                                  ",".join(["room~1~wish:1~1"] * 4), "room~1~" + "w" * 31 + "~1", "room~99999999999~wish:1~1"])
def test_grants_that_cannot_be(text: str) -> None:
    with pytest.raises(BadInput):
        read_grants(text)


def test_grants_read_as_they_are_written() -> None:
    grant = ("reach", 12, "wish:3", 2500)
    assert read_grants(write_grant(grant)) == read_grants([list(grant)]) == (grant,) and read_grants("") == read_grants(None) == ()


def test_grants_of_what_is_gone_change_nothing() -> None:
    people, wanted = crowd(one()), [demand("wish:1")]
    assert granted_crowd(people, wanted, (("reach", 999, "wish:1", 9000), ("room", 101, "wish:9", 1))) is people
    assert granted_demands(wanted, (("later", 0, "wish:1", 60),)) == wanted, "it has no fixed time"


@pytest.fixture
def short(office: Office) -> dict[str, int]:
    """A unit with one promise for two wishes."""
    found = {"unit": office.supporter("一件样例院", person=office.contact, quota=1)}
    for _ in range(2):
        office.wish("一盏台灯")
    found["run"] = office.run()
    with office.app.app_context():
        [found["ref"]] = db.session.get(MatchRun, found["run"]).unserved
    return found


def test_a_trial_with_the_idea_serves_it(office: Office, app: Flask, short: dict) -> None:
    with app.app_context():
        told = would_help(short["run"], short["ref"])
    [idea] = told["ideas"]
    assert idea["grant"] == ["room", short["unit"], short["ref"], 1] and idea["name"] == "一件样例院" and idea["gain"] > 0
    trial_id = office.run_trial(grants=write_grant(tuple(idea["grant"])))
    assert office.look(MatchRun, trial_id, "served", "demands") == (2, 2)
    client = sign_in(app.test_client(), office.street)
    assert "一件样例院" in client.get(f"/match/runs/{trial_id}").get_data(as_text=True)
    assert office.look(MatchRun, office.run_trial(), "served") == (1,), "a control: a trial that assumes nothing"


def test_a_plan_for_real_assumes_nothing(office: Office, short: dict) -> None:
    with office.app.app_context(), transaction(), pytest.raises(Refused):
        matching.start_run(db.session.get(Place, office.places.street.id), by=office.street.actor, options={"grants": f"room~{short['unit']}~wish:1~1"})


def test_the_page_names_the_ideas_and_leads_to_the_trial(office: Office, app: Flask, short: dict) -> None:
    client = sign_in(app.test_client(), office.street)
    assert f"/match/runs/{short['run']}/ideas?ref={short['ref']}" in client.get("/match/desk").get_data(as_text=True)
    body = client.get(f"/match/runs/{short['run']}/ideas?ref={short['ref']}").get_data(as_text=True)
    grants = f"room~{short['unit']}~{short['ref']}~1"
    assert f"grants={grants}" in body and "一件样例院" in body
    trial = client.get(f"/match/trial?place={office.places.street.id}&grants={grants}").get_data(as_text=True)
    assert f'name="grants" value="{grants}"' in trial and "一件样例院" in trial
    posted = client.post("/match/start", data={"csrf_token": csrf_token(client, "/match/trial"), "place_id": office.places.street.id, "is_what_if": "y", "grants": grants})
    assert posted.status_code == 303
    assert client.get("/match/trial?grants=fly~1~x~1").status_code == 422


def test_large_plans_are_asked_by_a_job(office: Office, app: Flask, short: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "AT_ONCE", -1)
    client = sign_in(app.test_client(), office.street)
    path = f"/match/runs/{short['run']}/ideas?ref={short['ref']}"
    assert "一件样例院" not in client.get(path).get_data(as_text=True).partition('id="ideas"')[2]
    posted = client.post(f"/match/runs/{short['run']}/ask-ideas", data={"csrf_token": csrf_token(client, path), "ref": short["ref"]})
    assert posted.status_code == 303
    with app.app_context():
        jobs.run_job(int(posted.headers["Location"].rpartition("=")[2]))
    assert "一件样例院" in client.get(posted.headers["Location"]).get_data(as_text=True).partition('id="ideas"')[2]


def test_ideas_keep_to_their_places(office: Office, app: Flask, short: dict) -> None:
    path = f"/match/runs/{short['run']}/ideas?ref={short['ref']}"
    for person, status in ((office.stranger, 404), (office.contact, 403), (office.staff, 200), (office.district, 200)):
        client = sign_in(app.test_client(), person)
        assert client.get(path).status_code == status, person.username
        posted = client.post(f"/match/runs/{short['run']}/ask-ideas", data={"csrf_token": csrf_token(client, "/notices"), "ref": short["ref"]})
        assert posted.status_code == (303 if status == 200 else status), person.username
    client = sign_in(app.test_client(), office.street)
    for ref in ("wish:999", "", "nothing"):
        assert client.get(f"/match/runs/{short['run']}/ideas?ref={ref}").status_code == 404
