"""The office's pages through the test client: no JavaScript, every act a plain form; another tree's things do not exist."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from tests.factories import csrf_token, sign_in
from tests.matching.office import MatchRun, Office, Proposal, Wish
from wishapp.matching import service as matching
from wishapp.store.db import db
from wishapp.store.transaction import transaction

DESK = "/match/desk"


@pytest.fixture
def plan(office: Office) -> tuple[int, list[int]]:
    """A plan in review over two communities: (run id, proposal ids)."""
    for name in ("甲样例院", "乙样例院", "丙样例院"):
        office.supporter(name, person=office.contact, quota=40)
    for number in range(4):
        office.wish(f"一盏台灯 {number}", urgency="now" if number == 0 else "week")
    office.wish("一辆轮椅", at=office.places.next_community, urgency="calm")
    office.wish("陪着说话", kind="companionship")
    run_id = office.run()
    return run_id, office.proposals(run_id)


def client_of(office: Office, person: object) -> FlaskClient:
    return sign_in(office.app.test_client(), person)


def post(client: FlaskClient, path: str, page: str = DESK, **data: object) -> object:
    return client.post(path, data={"csrf_token": csrf_token(client, page), **data})


def text_of(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.get_data(as_text=True)


def titles(page: str) -> list[str]:
    return re.findall(r'class="who voice" href="[^"]*">([^<]+)<', page)


def test_the_desk_lists_the_most_urgent_first_and_what_found_nobody(office: Office, plan: tuple) -> None:
    page = text_of(client_of(office, office.street), DESK)
    assert len(titles(page)) == 5 and titles(page)[0].strip() == "一盏台灯 0" and titles(page)[-1].strip() == "一辆轮椅"
    assert "陪着说话" in page and "+400" in page and "甲样例院" in page


FILTERS = [
    ("tier=0", 1), ("tier=1", 3), ("tier=2", 1), ("q=轮椅", 1), ("q=yltd", 0), ("q=tai", 0), ("show=approved", 0), ("show=changed", 5), ("q=台灯&tier=1", 3),
]


def test_filters_stand_in_the_address(office: Office, plan: tuple, subtests: pytest.Subtests) -> None:
    client = client_of(office, office.street)
    for query, expected in FILTERS:
        with subtests.test(query=query):
            assert len(titles(text_of(client, f"{DESK}?{query}"))) == expected


def test_filter_by_community_and_pinyin(office: Office, plan: tuple) -> None:
    client = client_of(office, office.street)
    assert [title.strip() for title in titles(text_of(client, f"{DESK}?community={office.places.next_community.id}"))] == ["一辆轮椅"]
    assert len(titles(text_of(client, f"{DESK}?q=yzt"))) == 4, "first letters of 一盏台灯"


@pytest.mark.parametrize("query", ["tier=9", "tier=x", "show=everything", "page=-1", "community=99999999999", "place=0"])
def test_addresses_that_cannot_be(office: Office, plan: tuple, query: str) -> None:
    assert client_of(office, office.street).get(f"{DESK}?{query}").status_code == 422


def test_community_staff_see_their_own_part_only(office: Office, plan: tuple) -> None:
    page = text_of(client_of(office, office.staff), DESK)
    assert "一辆轮椅" not in page and len(titles(page)) == 4 and "河沿" not in page
    assert 'action="/match/runs/1/adopt"' not in page


def test_another_trees_things_do_not_exist(office: Office, plan: tuple) -> None:
    run_id, ids = plan
    there = [f"/match/proposals/{ids[0]}", f"/match/runs/{run_id}", f"{DESK}?place={office.places.street.id}",
             f"/match/trial?place={office.places.community.id}"]
    nowhere = ["/match/proposals/999999", "/match/runs/999999", f"{DESK}?place=999999", "/match/trial?place=999999"]
    client = client_of(office, office.stranger)
    for path, missing in zip(there, nowhere, strict=True):
        seen, none = client.get(path), client.get(missing)
        assert seen.status_code == none.status_code == 404
        without_token = [re.sub(r'(csrf[^>]*(value|content)="|nonce=")[^"]+|request_key" value="[^"]+|value="/match[^"]*', "", answer.get_data(as_text=True))
                         for answer in (seen, none)]
        assert without_token[0] == without_token[1]
    verbs = ["approve", "dismiss", "restore", "recall", "swap", "pin", "forbid", "unpin", "withdraw"]
    paths = [f"/match/proposals/{ids[0]}/{verb}" for verb in verbs]
    for path in paths + [f"/match/runs/{run_id}/{verb}" for verb in ("adopt", "cancel", "take-best", "approve-many", "undo")]:
        assert post(client, path, why="too_far", words="x", supporter_id=1, ids=ids[0], batch="a").status_code == 404, path
    assert {office.state(Proposal, proposal_id) for proposal_id in ids} == {"proposed"}


def test_bulk_of_another_community_changes_nothing(office: Office, plan: tuple) -> None:
    run_id, ids = plan
    client = client_of(office, office.staff)
    far = next(proposal_id for proposal_id in ids if office.look(Proposal, proposal_id, "title")[0] == "一辆轮椅")
    assert post(client, f"/match/runs/{run_id}/approve-many", ids=str(far)).status_code == 303
    assert post(client, f"/match/runs/{run_id}/approve-many", all="1").status_code == 303
    assert office.state(Proposal, far) == "proposed"
    assert sum(office.state(Proposal, proposal_id) == "offered" for proposal_id in ids) == 4


def test_helpers_and_residents_have_no_desk(office: Office, plan: tuple) -> None:
    for person in (office.contact, office.resident, office.member):
        client = client_of(office, person)
        for path in (DESK, f"/match/runs/{plan[0]}", f"/match/proposals/{plan[1][0]}", "/match/trial"):
            assert client.get(path).status_code == 403
    assert office.app.test_client().get(DESK).status_code == 303


def test_approve_twice_is_a_clear_no(office: Office, plan: tuple) -> None:
    client, proposal_id = client_of(office, office.street), plan[1][0]
    assert post(client, f"/match/proposals/{proposal_id}/approve", back=f"{DESK}?tier=0").headers["Location"].endswith("/match/desk?tier=0")
    assert post(client, f"/match/proposals/{proposal_id}/approve").status_code == 409
    wish_id = int(office.look(Proposal, proposal_id, "demand_ref")[0].partition(":")[2])
    assert office.look(Wish, wish_id, "taken") == (1,)


@pytest.mark.parametrize("back", ["https://example.org/", "//example.org", "/\\example.org", "/match/\\example.org", "javascript:alert(1)", "/match/desk\x00"])
def test_the_way_back_stays_on_this_site(office: Office, plan: tuple, back: str) -> None:
    answer = post(client_of(office, office.street), f"/match/proposals/{plan[1][0]}/approve", back=back)
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/match/desk?place=")


def test_bulk_over_the_filter_and_undo(office: Office, plan: tuple) -> None:
    run_id, ids = plan
    client = client_of(office, office.street)
    assert post(client, f"/match/runs/{run_id}/approve-many?tier=1", all="1").status_code == 303
    assert sorted(office.state(Proposal, proposal_id) for proposal_id in ids) == ["offered"] * 3 + ["proposed"] * 2
    page = text_of(client, DESK)
    batch = re.search(r'name="batch" value="([0-9a-f]+)"', page)[1]
    assert post(client, f"/match/runs/{run_id}/undo", batch=batch).status_code == 303
    assert {office.state(Proposal, proposal_id) for proposal_id in ids} == {"proposed"}
    assert post(client, f"/match/runs/{run_id}/dismiss-many", ids=[str(ids[0]), str(ids[1])], why="too_far").status_code == 303
    assert [office.look(Proposal, proposal_id, "state", "why") for proposal_id in ids[:2]] == [("dismissed", "too_far")] * 2


@pytest.mark.parametrize("data", [{}, {"ids": "x"}, {"ids": "-1"}, {"ids": "99999999999999999999"}, {"ids": "１"}])
def test_bulk_with_nothing_sensible(office: Office, plan: tuple, data: dict) -> None:
    assert post(client_of(office, office.street), f"/match/runs/{plan[0]}/pin-many", **data).status_code == 422


def test_dismiss_with_and_without_reason(office: Office, plan: tuple) -> None:
    client, proposal_id = client_of(office, office.street), plan[1][0]
    assert post(client, f"/match/proposals/{proposal_id}/dismiss").status_code == 422
    assert post(client, f"/match/proposals/{proposal_id}/dismiss", why="nonsense").status_code == 422
    assert post(client, f"/match/proposals/{proposal_id}/dismiss", why="other", words="老人说不急").status_code == 303
    assert office.look(Proposal, proposal_id, "state", "why") == ("dismissed", "老人说不急")


def test_the_proposals_page_names_partners_and_swaps(office: Office, plan: tuple) -> None:
    client, proposal_id = client_of(office, office.street), plan[1][0]
    page = text_of(client, f"/match/proposals/{proposal_id}")
    partner = re.search(r'name="supporter_id" value="(\d+)"', page)[1]
    assert post(client, f"/match/proposals/{proposal_id}/swap", supporter_id=partner).status_code == 303
    assert office.state(Proposal, proposal_id) == "dismissed"
    assert post(client, f"/match/proposals/{proposal_id}/swap", supporter_id="abc").status_code == 422
    assert post(client, f"/match/proposals/{proposal_id}/swap", supporter_id="999999").status_code == 422


def test_start_watch_and_adopt(office: Office, plan: tuple) -> None:
    client = client_of(office, office.street)
    answer = post(client, "/match/start", place_id=office.places.street.id, seconds=5)
    assert answer.status_code == 303
    run_path = answer.headers["Location"]
    assert 'aria-valuenow' in text_of(client, run_path)
    fragment = client.get(run_path, headers={"HX-Request": "true"})
    assert fragment.status_code == 200 and "<html" not in fragment.get_data(as_text=True)
    assert post(client, "/match/start", place_id=office.places.street.id).status_code == 409
    assert post(client, f"{run_path}/cancel").status_code == 303
    assert client.get(run_path, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert text_of(client, run_path)
    assert post(client, f"/match/runs/{plan[0]}/adopt").status_code == 303
    assert post(client, f"/match/runs/{plan[0]}/adopt").status_code == 409
    assert office.state(MatchRun, plan[0]) == "in_use"


@pytest.mark.parametrize("data", [{"reach": "-5"}, {"reach": "a lot"}, {"extra": "9999"}, {"seconds": "1"}])
def test_settings_that_make_no_sense(office: Office, plan: tuple, data: dict) -> None:
    client = client_of(office, office.street)
    assert post(client, "/match/start", place_id=office.places.street.id, **data).status_code == 422
    assert post(client, "/match/start", place_id="x").status_code == 404


def test_offers_from_the_first_look_to_the_answer(office: Office) -> None:
    wish_id, proposal_id, _ids = office.offered(runners=1)
    with office.app.app_context(), transaction():
        wish = db.session.get(Wish, wish_id)
        wish.beneficiary_phone, wish.address = "13800000042", "样例路 7 号 301"
    contact, other = client_of(office, office.contact), client_of(office, office.member)
    path = f"/offers/{proposal_id}"
    page = text_of(contact, path)
    assert "13800000042" not in page and "样例路" not in page and "测试甲" not in page
    assert text_of(contact, "/offers").count(path) == 1
    assert other.get(path).status_code == 404 and post(other, f"{path}/accept", "/offers").status_code == 404
    assert client_of(office, office.staff).get(path).status_code == 403
    assert post(contact, f"{path}/decline", path, reason="whatever").status_code == 422
    assert post(contact, f"{path}/accept", path).status_code == 303
    assert office.state(Proposal, proposal_id) == "accepted"
    assert post(contact, f"{path}/accept", "/offers").status_code == 409
    assert text_of(contact, path)


def test_declining_asks_the_next(office: Office) -> None:
    wish_id, proposal_id, ids = office.offered(runners=1)
    contact = client_of(office, office.contact)
    assert post(contact, f"/offers/{proposal_id}/decline", f"/offers/{proposal_id}", reason="time", words="下周可以").status_code == 303
    assert "下周可以" in office.look(Proposal, proposal_id, "why")[0]
    assert office.state(Wish, wish_id) == "open" and office.repair() == 1
    assert office.state(Wish, wish_id) == "reserved"
    assert "后备样例单位0" in text_of(contact, "/offers")


def test_unsent_offers_are_not_there(office: Office, plan: tuple) -> None:
    with office.app.app_context(), transaction():
        matching.approve_proposal(db.session.get(Proposal, plan[1][0]), by=office.street.actor)
    contact = client_of(office, office.contact)
    assert contact.get(f"/offers/{plan[1][0]}").status_code == 404


def queries(app: Flask, client: FlaskClient, path: str) -> int:
    """How many statements one page sends to the database."""
    seen: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(seen)


def test_the_number_of_queries_does_not_grow_with_the_list(office: Office) -> None:
    office.supporter("样例大院", person=office.contact, quota=500, paired=True)
    for number in range(7):
        office.supporter(f"样例单位{number}", person=office.contact, quota=50)
    for _ in range(3):
        office.wish()
    office.run()
    client = client_of(office, office.street)
    few = queries(office.app, client, DESK)
    for _ in range(30):
        office.wish()
    office.run()
    many = queries(office.app, client, DESK)
    assert few == many <= 12, (few, many)
