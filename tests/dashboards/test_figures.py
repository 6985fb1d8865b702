"""`/figures`: counts that add up, the least served first, only one's own places; a workbook in which nothing is a formula."""

import zipfile
from io import BytesIO

import pytest

from tests.factories import sign_in
from tests.matching.office import Office, Proposal
from wishapp.dashboards import queries
from wishapp.matching import service as matching
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.web.sheets import workbook


@pytest.mark.both_databases
def test_by_community_least_served_first(office: Office, clock: object) -> None:
    office.wish(at=office.places.next_community, kind="repair")
    clock.forward(days=20)
    office.offered()
    office.wish()
    with office.app.app_context():
        rows = queries.by_community([office.places.street.path])
        months = queries.by_month([office.places.street.path])
    assert [(row.name, row.waiting, row.under_way, row.done) for row in rows] == [("河沿社区", 1, 0, 0), ("柳下社区", 1, 1, 0)]
    assert (rows[0].long_waiting, rows[0].oldest_days, rows[0].share) == (1, 20, 0.0) and rows[1].share == 0.5
    assert months[-1] == ("6", 0, 3) and len(months) == 12


def test_places_without_wishes_are_there_and_count_as_served(office: Office) -> None:
    with office.app.app_context():
        rows = queries.by_community([office.places.district.path])
    assert [row.made for row in rows] == [0, 0, 0] and {row.share for row in rows} == {1.0}


def test_only_ones_own_places(office: Office) -> None:
    office.wish()
    for person, seen in ((office.street, True), (office.staff, True), (office.district, True), (office.stranger, False)):
        page = sign_in(office.app.test_client(), person).get("/figures").get_data(as_text=True)
        assert ("柳下社区" in page) == seen
    for person in (office.resident, office.contact):
        client = sign_in(office.app.test_client(), person)
        assert client.get("/figures").status_code == client.get("/figures/export").status_code == 403


def test_the_workbook(office: Office) -> None:
    office.offered()
    answer = sign_in(office.app.test_client(), office.street).get("/figures/export")
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(BytesIO(answer.data)) as book:
        assert "柳下社区" in book.read("xl/sharedStrings.xml").decode()


def test_nothing_in_a_workbook_is_a_formula() -> None:
    evil = ["=1+1", "+1", "-1", "@A1", "\t=1", "＝1", "{=1}", "http://example.org"]
    with zipfile.ZipFile(BytesIO(workbook("a/b:[c]", ["x"], [[text] for text in evil]))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet and "<hyperlink" not in sheet
        assert all(mark in book.read("xl/sharedStrings.xml").decode() for mark in ("=1+1", "@A1"))


def test_months_run_back_over_the_turn_of_the_year(clock: object) -> None:
    clock.set("2026-02-10T12:00:00+08:00")
    edges = queries.month_edges(12)
    assert (edges[0].year, edges[0].month, edges[-1].year, edges[-1].month, len(edges)) == (2025, 3, 2026, 3, 13)


def test_figures_move_with_an_answer(office: Office) -> None:
    _wish_id, proposal_id, _ids = office.offered()
    with office.app.app_context(), transaction():
        matching.decline_offer(db.session.get(Proposal, proposal_id), by=office.contact.actor, why="没空")
    with office.app.app_context():
        row = next(row for row in queries.by_community([office.places.community.path]))
    assert (row.waiting, row.under_way) == (1, 0)
