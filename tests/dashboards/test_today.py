"""`/today`: everybody sees what waits for them, and nobody anything of another tree."""

from tests.factories import sign_in
from tests.matching.office import Office, Proposal
from wishapp.matching import service as matching
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.wishes import service as wishes
from wishapp.wishes.models import Claim


def today(office: Office, person: object) -> str:
    answer = sign_in(office.app.test_client(), person).get("/today")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_a_stranger_is_sent_to_sign_in(office: Office) -> None:
    assert office.app.test_client().get("/today").status_code == 303


def test_staff_see_counts_of_their_own_places(office: Office) -> None:
    office.supporter("样例院", person=office.contact)
    office.wish()
    office.run()
    pages = {person: today(office, getattr(office, person)) for person in ("staff", "street", "stranger")}
    assert all("/match/desk" in page for page in pages.values())
    assert count_after(pages["staff"], "show=approved") == 0
    assert proposals_in(pages["street"]) == 1 and proposals_in(pages["stranger"]) == 0


def proposals_in(page: str) -> int:
    """The number in the queue's row that leads to the desk."""
    row = page[page.index('<ul class="queue">'):]
    row = row[row.index('href="/match/desk"'):]
    return int(row.partition('<span class="n num">')[2].partition("<")[0])


def count_after(page: str, mark: str) -> int:
    row = page[page.index('<ul class="queue">'):]
    row = row[row.index(mark):]
    return int(row.partition('<span class="n num">')[2].partition("<")[0])


def test_a_contact_sees_the_offer_then_the_job_then_nothing(office: Office) -> None:
    wish_id, proposal_id, _ids = office.offered()
    assert f"/offers/{proposal_id}" in today(office, office.contact)
    assert f"/offers/{proposal_id}" not in today(office, office.member)
    with office.app.app_context(), transaction():
        matching.accept_offer(db.session.get(Proposal, proposal_id), by=office.contact.actor)
    page = today(office, office.contact)
    assert f"/offers/{proposal_id}" not in page and f"/wishes/{wish_id}" in page
    with office.app.app_context(), transaction():
        claim = db.session.query(Claim).filter_by(wish_id=wish_id).one()
        wishes.deliver_wish(claim, by=office.contact.actor, words="送到了", photos=[])
    assert f"/wishes/{wish_id}" not in today(office, office.contact)
    assert f"/wishes/{wish_id}" in today(office, office.resident), "now it is the resident's turn"


def test_helpers_are_shown_what_they_could_take(office: Office) -> None:
    office.supporter("李某", kind="member", person=office.member, helps=("repair",))
    mine, not_mine = office.wish("修门锁", kind="repair"), office.wish("一盏灯")
    far = office.wish("修水管", kind="repair", at=office.places.far_community)
    page = today(office, office.member)
    assert f"/wishes/{mine}" in page and f"/wishes/{not_mine}" not in page and f"/wishes/{far}" not in page


def test_residents_without_anything_are_invited(office: Office) -> None:
    assert "/wishes/new" in today(office, office.resident)

