"""The leader's page of the day, with and without a script, and who does not get to see it."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import csrf_token, make_person, sign_in
from tests.volunteering.scene import Scene
from tests.volunteering.the_day import on_the_day
from tests.wishes.counting import statements
from wishapp.kernel.permissions import Role
from wishapp.store.db import db
from wishapp.volunteering.models import SignUp
from wishapp.volunteering.record_models import ContactRead


def states(stage: Scene) -> list[str]:
    with stage.app.app_context():
        return stage.states()


@pytest.fixture
def leader(stage: Scene, client: FlaskClient, clock: object) -> FlaskClient:
    on_the_day(stage, clock, minutes=5)
    return sign_in(client, stage.staff)


def post(client: FlaskClient, path: str, **fields: object) -> object:
    return client.post(path, data={"csrf_token": csrf_token(client, "/me"), **fields})


def test_presses_without_a_script(stage: Scene, leader: FlaskClient) -> None:
    """In, out, absent, excused, taken back: each is a form."""
    for path, expected in [("1/check-in", "attended"), ("1/check-out", "attended"), ("1/take-back", "attended"), ("1/take-back", "confirmed"),
                           ("1/miss", "absent"), ("1/take-back", "confirmed"), ("1/excuse", "excused")]:
        answer = post(leader, f"/desk/sign-ups/{path}")
        assert (answer.status_code, states(stage)[0]) == (303, expected), path
    page = leader.get("/desk/shifts/1/day").get_data(as_text=True)
    assert "0</span>/2" in page and "邻居0" not in page


def test_others_leave_it_alone(stage: Scene, leader: FlaskClient) -> None:
    """Another community's staff, a team leader with other calls, a volunteer of this very shift: none of it exists for them."""
    far = make_person(stage.app, "远社工", (Role.COMMUNITY_STAFF, stage.at.far_community))
    with stage.app.app_context():
        volunteer = stage.person(0)
    for person, refused in ((far, 404), (stage.leader, 404), (volunteer, 403)):
        other = sign_in(stage.app.test_client(), person)
        assert other.get("/desk/shifts/1/day").status_code == refused
        for path in ("sign-ups/1/check-in", "sign-ups/1/miss", "sign-ups/1/take-back", "sign-ups/1/put-right", "shifts/1/walk-in", "shifts/1/read-names"):
            assert post(other, f"/desk/{path}", why="x").status_code == refused, (person.name, path)
    assert states(stage) == ["confirmed"] * 3


def test_names_are_opened_and_written_down(stage: Scene, leader: FlaskClient) -> None:
    masked = leader.get("/desk/shifts/1/day").get_data(as_text=True)
    opened = post(leader, "/desk/shifts/1/read-names").get_data(as_text=True)
    assert "邻居1" not in masked and "邻居1" in opened and "199 5" in opened
    with stage.app.app_context():
        assert db.session.execute(select(ContactRead.reader_id, ContactRead.purpose)).all() == [(stage.staff.id, "day")]


def test_somebody_turns_up(stage: Scene, leader: FlaskClient) -> None:
    """Put on the list and checked in at once; nothing typed is lost when it does not work."""
    wrong = post(leader, "/desk/shifts/1/walk-in", name="丁山河", phone="139", people="1", role="1")
    assert wrong.status_code == 422 and "丁山河" in wrong.get_data(as_text=True)
    assert post(leader, "/desk/shifts/1/walk-in", name="丁山河", phone="13900001111", people="2", role="1").status_code == 303
    with stage.app.app_context():
        found = db.session.scalar(select(SignUp).order_by(SignUp.id.desc()))
        assert (found.state, found.people, found.origin) == ("attended", 2, "staff")


def test_put_right_page(stage: Scene, leader: FlaskClient) -> None:
    post(leader, "/desk/sign-ups/1/miss")
    bad = post(leader, "/desk/sign-ups/1/put-right", came="2026-06-12T12:00", left="x", why="")
    assert bad.status_code == 422
    good = post(leader, "/desk/sign-ups/1/put-right", came="2026-06-12T12:01", left="", why="签到时没带手机")
    assert (good.status_code, states(stage)[0]) == (303, "attended")


def test_a_longer_list_costs_as_little(stage: Scene, client: FlaskClient, clock: object) -> None:
    on_the_day(stage, clock, people=2)
    sign_in(client, stage.staff)
    client.get("/desk/shifts/1/day")
    with statements(stage.app) as few:
        client.get("/desk/shifts/1/day")
    with stage.app.app_context():
        clock.forward(hours=-1)
        for number in range(2, 6):
            stage.sign_up(number)
        db.session.remove()
    with statements(stage.app) as more:
        assert client.get("/desk/shifts/1/day").get_data(as_text=True).count("data-find") == 6
    assert len(more) == len(few) <= 12, few
