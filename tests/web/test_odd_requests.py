"""Words in an address or a header that mean something to our own tools get no further than a clear answer."""

import pytest
from flask import Flask

from tests.factories import csrf_token, sign_in
from tests.matching.office import Office, open_office

URL_FOR_WORDS = ("endpoint=x", "_method=PATCH", "_scheme=ftp&_external=1", "_anchor=x")


@pytest.fixture
def office(app: Flask, clock: object) -> Office:
    made = open_office(app)
    made.supporter("远帆样例院", person=made.contact, paired=True)
    made.wish()
    return made


@pytest.mark.parametrize("query", URL_FOR_WORDS)
def test_words_of_url_for_in_the_address_of_a_list(office: Office, query: str) -> None:
    office.run()
    assert office.app.test_client().get(f"/?{query}").status_code == 200
    client = sign_in(office.app.test_client(), office.staff)
    for path in ("/match/desk", "/desk/wishes", "/audit"):
        assert client.get(f"{path}?{query}&q=x").status_code == 200, path
    answer = client.post(f"/desk/wishes/publish-all?{query}&kind=goods", data={"csrf_token": csrf_token(client, "/desk/wishes"), "ids": "1"})
    assert answer.status_code == 303 and answer.location == "/desk/wishes?kind=goods"


def test_a_way_back_that_no_header_can_hold(office: Office) -> None:
    [proposal_id] = office.proposals(office.run())
    client = sign_in(office.app.test_client(), office.staff)
    token = csrf_token(client, "/match/desk")
    for back in ("/match/\nSet-Cookie: a=b", "/match/\r", "/match/\\x", "//evil.invalid/match/"):
        answer = client.post(f"/match/proposals/{proposal_id}/pin", data={"csrf_token": token, "back": back})
        assert answer.status_code == 303 and answer.location.startswith("/match/desk"), back


def test_a_ticked_id_of_thousands_of_digits(office: Office) -> None:
    run_id = office.run()
    client = sign_in(office.app.test_client(), office.staff)
    data = {"csrf_token": csrf_token(client, "/match/desk"), "ids": "0" * 12 + "1" * 5000}
    assert client.post(f"/match/runs/{run_id}/approve-many", data=data).status_code == 422


def test_a_referrer_that_is_no_address(app: Flask) -> None:
    client = app.test_client()
    answer = client.post("/preferences", data={"csrf_token": csrf_token(client, "/sign-in"), "lang": "en"}, headers={"Referer": "http://["})
    assert answer.status_code == 303 and answer.location == "/"
