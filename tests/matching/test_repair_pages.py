"""What staff see of repairs: on the desk within their own places, on the rows, on the page of the run."""

from flask.testing import FlaskClient

from tests.factories import sign_in
from tests.matching.office import Office, Proposal
from wishapp.matching import service as matching
from wishapp.store.db import db
from wishapp.store.transaction import transaction

DESK = "/match/desk"


def page_of(office: Office, person: object, path: str = DESK) -> str:
    client: FlaskClient = sign_in(office.app.test_client(), person)
    return client.get(path, headers={"Accept-Language": "en"}).get_data(as_text=True)


def after_a_no(office: Office, *, runners: int) -> tuple[int, int]:
    """A plan in use repaired after a no: (run id, id of what was declined)."""
    _wish_id, proposal_id, _ids = office.offered(runners=runners)
    with office.app.app_context(), transaction():
        matching.decline_offer(db.session.get(Proposal, proposal_id), by=office.contact.actor, why="没货")
    office.repair()
    return office.look(Proposal, proposal_id, "run_id")[0], proposal_id


def test_the_desk_tells_who_is_asked_now(office: Office) -> None:
    run_id, proposal_id = after_a_no(office, runners=1)
    title = office.look(Proposal, proposal_id, "title")[0]
    for person in (office.staff, office.street):
        page = page_of(office, person)
        assert f"A no to “{title}”" in page and "now asking 后备样例单位0" in page
    assert f"/match/runs/{run_id}#repairs" in page_of(office, office.street)
    shown = page_of(office, office.street, f"/match/runs/{run_id}")
    assert 'id="repairs"' in shown and "now asking 后备样例单位0" in shown and " ms" in shown


def test_a_wish_nobody_can_serve_says_so(office: Office) -> None:
    _run_id, proposal_id = after_a_no(office, runners=0)
    title = office.look(Proposal, proposal_id, "title")[0]
    assert f"Nobody can take “{title}” just now." in page_of(office, office.staff)


def test_an_urgent_new_one_is_marked_in_its_row(office: Office) -> None:
    office.supporter("远帆样例院", person=office.contact, paired=True)
    office.run(adopt=True)
    office.wish(urgency="now")
    office.repair()
    page = page_of(office, office.staff)
    assert "New and urgent:" in page and "远帆样例院 is proposed, please look" in page and "New, after a change" in page


def test_another_community_sees_nothing_of_it(office: Office) -> None:
    after_a_no(office, runners=1)
    page = page_of(office, office.stranger)
    assert "A no to" not in page and "后备样例单位0" not in page


def test_a_quiet_day_shows_nothing(office: Office) -> None:
    office.offered(runners=1)
    assert "All changes to this version" not in page_of(office, office.street)
