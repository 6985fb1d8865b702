"""Excusing somebody afterwards and lifting a pause, on pages: by whoever leads the call, by staff of where the person lives."""

from datetime import timedelta

from flask.testing import FlaskClient

from tests.conftest import Clock
from tests.factories import csrf_token, make_person, sign_in
from tests.volunteering.scene import Scene
from tests.wishes.counting import statements
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import SYSTEM
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering import service
from wishapp.volunteering.models import SignUp, Volunteer


def missed_often(stage: Scene, clock: Clock, *, people: int = 1, times: int = 3) -> list[int]:
    """Each of so many neighbours was missed so often; ids of the volunteers."""
    with stage.app.app_context():
        for _time in range(times):
            stage.open_call(seats=people, hours=30)
            made = [stage.sign_up(number) for number in range(people)]
            clock.set(stage.at_start() + timedelta(hours=1))
            for sign_up in made:
                with transaction():
                    service.miss_sign_up(sign_up, by=SYSTEM)
        return [sign_up.volunteer_id for sign_up in made]


def post(client: FlaskClient, path: str, **fields: object) -> object:
    return client.post(path, data={"csrf_token": csrf_token(client, "/me"), **fields})


def test_excused_afterwards(stage: Scene, client: FlaskClient, clock: Clock) -> None:
    """From the list and from the day; with a reason; the pause it led to is over."""
    (volunteer_id,) = missed_often(stage, clock)
    staff, path = sign_in(client, stage.staff), "/desk/sign-ups/3/forgive"
    for page in (f"/desk/shifts/{stage.shift_ids[0]}", f"/desk/shifts/{stage.shift_ids[0]}/day"):
        assert path in staff.get(page).get_data(as_text=True), page
    shown = staff.get(path)
    assert shown.status_code == 200 and "邻居0" not in shown.get_data(as_text=True)
    for why in ("", " ", "\x00", "打 13800138000", "字" * 201):
        assert post(staff, path, why=why).status_code == 422, why
    assert post(staff, path, why="孩子生病了").status_code == 303
    with stage.app.app_context():
        assert db.session.get(SignUp, 3).state == "excused" and db.session.get(Volunteer, volunteer_id).paused_until is None
    assert post(staff, path, why="孩子生病了").status_code == 409


def test_a_pause_is_lifted(stage: Scene, client: FlaskClient, clock: Clock) -> None:
    """The list names nobody in full and says what was missed; with a reason they can sign up again."""
    (volunteer_id,) = missed_often(stage, clock)
    staff, path = sign_in(client, stage.staff), f"/desk/calls/pauses/{volunteer_id}"
    page = staff.get("/desk/calls/pauses").get_data(as_text=True)
    assert path in page and "邻居0" not in page and page.count("网格巡查") == 3
    assert "/desk/calls/pauses" in staff.get("/desk/calls").get_data(as_text=True)
    assert [post(staff, path, why=why).status_code for why in ("", "电话 13800138000", "已经谈过")] == [422, 422, 303]
    assert path not in staff.get("/desk/calls/pauses").get_data(as_text=True)
    assert staff.get(path).status_code == post(staff, path, why="已经谈过").status_code == 404
    with stage.app.app_context():
        stage.open_call(seats=2)
        assert stage.sign_up(0).state == "confirmed"


def test_nothing_there_for_others(stage: Scene, client: FlaskClient, clock: Clock) -> None:
    """Another community's staff find nobody; who only leads lifts no pause."""
    (volunteer_id,) = missed_often(stage, clock)
    far = make_person(stage.app, "远社工", (Role.COMMUNITY_STAFF, stage.at.far_community))
    for person, forgive, lift in ((far, 404, 404), (stage.leader, 404, 403), (stage.person(0), 403, 403)):
        other = sign_in(stage.app.test_client(), person)
        assert other.get("/desk/sign-ups/3/forgive").status_code == post(other, "/desk/sign-ups/3/forgive", why="有事").status_code == forgive
        path = f"/desk/calls/pauses/{volunteer_id}"
        assert other.get(path).status_code == post(other, path, why="有事").status_code == lift
        listed = other.get("/desk/calls/pauses")
        assert listed.status_code == (200 if person is far else 403) and path not in listed.get_data(as_text=True)
    with stage.app.app_context():
        assert db.session.get(SignUp, 3).state == "absent"


def test_a_guest_is_found_by_where_they_were_missed(stage: Scene, client: FlaskClient, clock: Clock) -> None:
    """Who has no account lives nowhere: the community that missed them lifts it; the list takes as many queries for many as for one."""
    (volunteer_id,) = missed_often(stage, clock)
    staff = sign_in(client, stage.staff)
    with statements(stage.app) as few:
        staff.get("/desk/calls/pauses")
    with stage.app.app_context(), transaction():
        guest = service.ensure_guest("欧阳客", "13800138001", "510100")
        guest.paused_until = db.session.get(Volunteer, volunteer_id).paused_until
        db.session.execute(db.update(SignUp).where(SignUp.id == 1).values(volunteer_id=guest.id))
        guest_path = f"/desk/calls/pauses/{guest.id}"
    with statements(stage.app) as many:
        page = staff.get("/desk/calls/pauses").get_data(as_text=True)
    assert guest_path in page and "欧阳客" not in page and len(many) == len(few)
    far = sign_in(stage.app.test_client(), make_person(stage.app, "远社工", (Role.COMMUNITY_STAFF, stage.at.far_community)))
    assert far.get(guest_path).status_code == 404
    assert post(staff, guest_path, why="已经谈过").status_code == 303
