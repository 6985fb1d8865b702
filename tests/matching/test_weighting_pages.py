"""Pages of weights: made, looked at, put to use, thrown away, gone back to; wrong numbers said in Chinese with nothing lost."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.factories import csrf_token, sign_in
from tests.matching.office import Office
from tests.matching.weighings import adopt, make
from tests.wishes.counting import statements
from wishapp.jobs import run as jobs
from wishapp.matching.models import MatchRun, Weighting
from wishapp.matching.weight_words import SPREADS, TERMS
from wishapp.store.db import db

USUAL = {**{f"p_{name}": "100" for name in TERMS}, **{f"s_{name}": "2" for name in SPREADS}}


@pytest.fixture
def district(office: Office, client: FlaskClient) -> FlaskClient:
    return sign_in(client, office.district)


def press(client: FlaskClient, page: str, target: str, **data: object) -> object:
    return client.post(target, data={"csrf_token": csrf_token(client, page), **data})


def send(client: FlaskClient, office: Office, **changes: object) -> object:
    sent = USUAL | {"note": "跑远路的太多", "place_id": office.places.district.id} | changes
    return press(client, "/match/weights/new", "/match/weights/draft", **sent)


def count(office: Office) -> int:
    with office.app.app_context():
        return db.session.scalar(select(func.count()).select_from(Weighting))


def test_from_a_draft_to_use_and_back(office: Office, district: FlaskClient, clock: object) -> None:
    office.supporter("远帆样例院", person=office.contact, paired=True)
    office.wish()
    office.run()
    answer = send(district, office, p_near="300", s_unit="3")
    assert answer.status_code == 303 and answer.location.endswith("/match/weights/1")
    page = district.get("/match/weights/1").get_data(as_text=True)
    assert "300 %" in page and "跑远路的太多" in page
    assert press(district, "/match/weights/1", "/match/weights/1/preview").status_code == 303
    with office.app.app_context():
        jobs.run_job(db.session.get(Weighting, 1).job_id)
    page = district.get("/match/weights/1").get_data(as_text=True)
    assert "泉边街道" in page and "柳下社区" in page, "the plan of last month, and its communities"
    seen = re.search(r'name="seen" value="(\d+)"', page)[1]
    assert seen == "0" and press(district, "/match/weights/1", "/match/weights/1/adopt", seen=seen).status_code == 303
    assert "/match/weights/1" in district.get(f"/match/runs/{office.run()}").get_data(as_text=True), "a run says which version it counted by"
    clock.forward(minutes=1)
    adopt(office, make(office, {"near": 0}), 1)
    clock.forward(minutes=1)
    assert press(district, "/match/weights/1", "/match/weights/1/revert", seen="2").status_code == 303
    assert office.look(Weighting, 3, "number", "percent")[1]["near"] == 300
    assert press(district, "/match/weights/new?like=1", "/match/weights/3/discard").status_code == 409


def test_somebody_else_was_faster(office: Office, district: FlaskClient) -> None:
    mine, other = make(office), make(office)
    adopt(office, other, 0)
    answer = press(district, f"/match/weights/{mine}", f"/match/weights/{mine}/adopt", seen="0")
    assert answer.status_code == 409 and office.look(Weighting, mine, "adopted_at") == (None,)
    assert press(district, f"/match/weights/{mine}", f"/match/weights/{mine}/adopt", seen="x").status_code == 422
    assert press(district, f"/match/weights/{mine}", f"/match/weights/{mine}/adopt").status_code == 422


@pytest.mark.parametrize(("field", "value"), [
    ("p_near", "301"), ("p_near", "-1"), ("p_near", ""), ("p_near", "一百"), ("p_near", "1.5"), ("p_near", "9" * 30), ("s_unit", "4"), ("s_unit", ""),
    ("s_unit", "强"), ("note", "长" * 201),
])
def test_wrong_numbers_are_refused_in_chinese_and_nothing_is_lost(office: Office, district: FlaskClient, field: str, value: str) -> None:
    answer = send(district, office, p_paired="175", **{field: value})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and count(office) == 0
    fault = re.search(rf'class="err" id="{field}-err"><svg.*?</svg>([^<]+)<', page)[1]
    assert re.search("[\u4e00-\u9fff]", fault) and not re.search("[a-z]{3}", fault), "the fault stands by its field, in Chinese"
    assert 'value="175"' in page and ("跑远路的太多" in page or field == "note"), "what was typed is still there"


def test_who_may_see_and_who_may_change(office: Office, client: FlaskClient) -> None:
    draft = make(office)
    reading = sign_in(client, office.street)
    page = reading.get("/match/weights").get_data(as_text=True)
    assert "/match/weights/new" not in page and reading.get(f"/match/weights/{draft}").status_code == 200
    assert f"/match/weights/{draft}/adopt" not in reading.get(f"/match/weights/{draft}").get_data(as_text=True)
    assert reading.get("/match/weights/new").status_code == 403
    for verb in ("adopt", "revert", "discard", "preview"):
        assert press(reading, "/match/weights", f"/match/weights/{draft}/{verb}", seen="0").status_code == 403
    assert press(reading, "/match/weights", "/match/weights/draft", place_id=office.places.district.id, **USUAL).status_code == 403
    assert count(office) == 1


@pytest.mark.parametrize("person", ["staff", "contact", "resident"])
def test_weights_are_not_for_everybody(office: Office, client: FlaskClient, person: str) -> None:
    make(office)
    sign_in(client, getattr(office, person))
    assert client.get("/match/weights").status_code == client.get("/match/weights/1").status_code == 403


def test_the_list_asks_as_often_for_many_versions_as_for_one(office: Office, district: FlaskClient) -> None:
    asked = []
    for more in (1, 12):
        for number in range(more):
            make(office, {"near": number})
        district.get("/match/weights")
        with statements(office.app) as seen:
            assert district.get("/match/weights").status_code == 200
        asked.append(len(seen))
    assert asked[0] == asked[1]


def test_addresses_that_lead_nowhere(office: Office, district: FlaskClient) -> None:
    for address in ("/match/weights/9", f"/match/weights?place={office.places.street.id}", "/match/weights?place=99", "/match/weights/new?like=9"):
        assert district.get(address).status_code == 404, address
    assert send(district, office, place_id=office.places.street.id).status_code == 404 and count(office) == 0
    assert district.get("/match/weights?place=x").status_code == 422


def test_a_run_for_the_most_urgent_says_what_is_proven(office: Office, client: FlaskClient) -> None:
    sign_in(client, office.street)
    office.supporter("远帆样例院", person=office.contact)
    office.wish(urgency="now")
    answer = press(client, f"/match/trial?place={office.places.street.id}", "/match/start", place_id=office.places.street.id, objective="tiers", is_what_if="")
    run_id = int(answer.location.rpartition("/")[2])
    with office.app.app_context():
        jobs.run_job(db.session.get(MatchRun, run_id).job_id)
    assert office.look(MatchRun, run_id, "options")[0]["objective"] == "tiers"
    assert re.search(r"<ul class=\"why\"><li><b>[^<]+</b>[^<]*1 [^<]*</li></ul>", client.get(f"/match/runs/{run_id}").get_data(as_text=True))
    answer = press(client, f"/match/trial?place={office.places.street.id}", "/match/start", place_id=office.places.street.id, objective="cheapest")
    assert answer.status_code == 422
