"""The list of a shift, people by hand, whom to ask, paper, the district's rules: masked until a look is written down, nothing for others."""

import io
import zipfile
from collections.abc import Callable

import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import func, select

from tests.conftest import Clock
from tests.volunteering import posted
from tests.volunteering.posted import Office
from wishapp.kernel.errors import BadInput, Forbidden, Refused, SomeoneWasFaster
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import SYSTEM
from wishapp.places import queries as places
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters import service as supporters
from wishapp.volunteering import invitations, roster, schedule, service
from wishapp.volunteering.models import Call, Shift, SignUp
from wishapp.volunteering.record_models import ContactRead
from wishapp.volunteering.rule_changes import change_rules
from wishapp.volunteering.rules import USUAL, half_hours, rules_at

PURPOSES = select(ContactRead.purpose).order_by(ContactRead.id)


def test_names_are_masked_until_the_look_is_written_down(office: Office, person: Callable) -> None:
    _call, (shift,) = posted.make_call(office.app, office.at.community, office.staff)
    volunteer = person("欧阳春华", (Role.VOLUNTEER, office.at.community))
    posted.sign_up(office.app, shift, volunteer, people=2)
    client = office.visit(office.staff)
    for path in (f"/desk/shifts/{shift}", f"/desk/shifts/{shift}/sheet"):
        page = client.get(path).get_data(as_text=True)
        assert "欧阳某" in page
        assert "欧阳春华" not in page
        assert volunteer.phone[3:] not in page
    assert client.post(f"/desk/shifts/{shift}/read-contacts", data={"purpose": "curiosity"}).status_code == 422
    assert "欧阳春华" in client.post(f"/desk/shifts/{shift}/read-contacts", data={"purpose": "call"}).get_data(as_text=True)
    assert "欧阳春华" in client.post(f"/desk/shifts/{shift}/full-sheet").get_data(as_text=True)
    book = client.post(f"/desk/shifts/{shift}/export")
    with zipfile.ZipFile(io.BytesIO(book.data)) as opened:
        assert "欧阳春华" in opened.read("xl/sharedStrings.xml").decode()
    with office.app.app_context():
        assert list(db.session.scalars(PURPOSES)) == ["call", "sheet", "list"]


def test_whose_list_it_is(office: Office) -> None:
    """Every page and press of a list over roles: another community's staff and another team's leader find nothing."""
    call_id, (shift,) = posted.make_call(office.app, office.at.grid, office.leader, team_id=office.team_id, is_published=False)
    with office.app.app_context(), transaction():
        service.publish_call(db.session.get(Call, call_id), by=office.staff.actor)
    sign_up = posted.sign_up(office.app, shift, office.resident)
    gets = [f"/desk/shifts/{shift}", f"/desk/shifts/{shift}/sheet", f"/desk/shifts/{shift}/invitations", f"/desk/sign-ups/{sign_up}/take-off"]
    posts = [f"/desk/shifts/{shift}/{verb}" for verb in ("read-contacts", "full-sheet", "export", "add-person", "change-seats", "read-invited", "note-asked")]
    posts += [f"/desk/sign-ups/{sign_up}/{verb}" for verb in ("approve", "refuse", "take-off")]
    for someone in (office.staff, office.leader, office.grid_worker, office.other_leader, office.far_staff, office.resident):
        client = office.visit(someone)
        for path in [*gets, *posts]:
            status = (client.get(path) if path in gets else client.post(path)).status_code
            if (someone is office.resident or (someone is office.grid_worker and path.endswith("change-seats"))
                    or (someone is office.leader and path.endswith("read-invited"))):
                assert status == 403, f"{someone.name} {path}: {status}"
            elif someone in (office.other_leader, office.far_staff):
                assert status == 404, f"{someone.name} {path}: {status}"
            else:
                assert status in (200, 303, 409, 422), f"{someone.name} {path}: {status}"


def test_people_by_hand_seats_and_reasons(office: Office, person: Callable) -> None:
    _call, (shift,) = posted.make_call(office.app, office.at.community, office.staff, seats=1, needs_approval=True)
    stranger = person("远方人", (Role.RESIDENT, office.at.far_community))
    client = office.visit(office.staff)
    with office.app.app_context():
        role = str(db.session.get(Shift, shift).roles[0].id)
    add = f"/desk/shifts/{shift}/add-person"
    assert client.post(add, data={"how": "account", "who": stranger.username, "people": "1", "role_id": role}).status_code == 422
    assert client.post(add, data={"how": "guest", "name": "刘访客", "people": "1", "role_id": role}).status_code == 422
    assert client.post(add, data={"how": "account", "who": office.resident.phone, "people": "1", "role_id": "999"}).status_code == 422
    assert client.post(add, data={"how": "account", "who": office.resident.phone, "people": "1", "role_id": role}).status_code == 303
    assert client.post(add, data={"how": "guest", "name": "刘访客", "phone": "13900002222", "people": "1", "role_id": role}).status_code == 303
    with office.app.app_context():
        assert list(db.session.scalars(select(SignUp.state).order_by(SignUp.id))) == ["confirmed", "waitlisted"]
        first = db.session.scalar(select(SignUp.id).order_by(SignUp.id))
    seats = f"/desk/shifts/{shift}/change-seats"
    assert [client.post(seats, data={"role_id": role, "seats": number}).status_code for number in ("x", "-1", "501", "0", "2")] == [422, 422, 422, 422, 303]
    assert client.post(f"/desk/sign-ups/{first}/take-off", data={"why": ""}).status_code == 422
    assert client.post(f"/desk/sign-ups/{first}/take-off", data={"why": "改到下周"}).status_code == 303
    with office.app.app_context():
        parts = roster.roster(db.session.get(Shift, shift))
        assert [len(part) for part in (parts.holding, parts.queue, parts.gone)] == [1, 0, 1]
        with transaction(), pytest.raises(Refused):
            roster.add_by_hand(db.session.get(Shift, shift).roles[0], by=office.staff.actor, who="nobody-at-all")


@pytest.mark.both_databases
def test_whom_to_ask(office: Office, person: Callable, clock: Clock) -> None:
    """Free then and skilled first, the least recently asked before others; who is on the list, busy or pausing is left out."""
    _call, (shift,) = posted.make_call(office.app, office.at.community, office.staff, kind="environment", skills={"nursing": 1})
    _other, (same_time,) = posted.make_call(office.app, office.at.community, office.staff)
    people = [person(f"{name}志愿", (Role.VOLUNTEER, office.at.community)) for name in "甲乙丙丁戊"]
    with office.app.app_context(), transaction():
        for number, one in enumerate(people):
            made = supporters.create_supporter(kind="volunteer", name="某", place=places.place(office.at.community.id), by=SYSTEM, people=[one.id])
            supporters.set_abilities(made, by=SYSTEM, help_kinds=["environment"], skills=["nursing"] if number == 1 else [])
            if number == 4:
                supporters.set_free_times(made, by=SYSTEM, times=[(0, "morning")])  # not on that Saturday afternoon
    posted.sign_up(office.app, same_time, people[3])
    with office.app.app_context():
        rows = invitations.candidates(db.session.get(Shift, shift))
        assert [row.user_id for row in rows] == [people[1].id, people[0].id, people[2].id]
        assert rows[0].skills == ("nursing",)
        assert all(row.name.endswith("某") and not row.phone for row in rows)
        with transaction():
            assert invitations.note_asked(db.session.get(Shift, shift), [people[0].id, people[3].id, 10**6], by=office.staff.actor) == 1
        assert [row.user_id for row in invitations.candidates(db.session.get(Shift, shift))] == [people[1].id, people[2].id, people[0].id]
    client = office.visit(office.staff)
    assert "甲志愿" not in client.get(f"/desk/shifts/{shift}/invitations").get_data(as_text=True)
    assert "甲志愿" in client.post(f"/desk/shifts/{shift}/read-invited").get_data(as_text=True)


def test_who_signed_up_for_nothing_stays_masked_for_a_team_leader(office: Office) -> None:
    """Telephones of the whole community are for those who work there; the leader of a call sees those of its list."""
    _call, (shift,) = posted.make_call(office.app, office.at.community, office.leader, team_id=office.team_id)
    client = office.visit(office.leader)
    assert client.get(f"/desk/shifts/{shift}/invitations").status_code == 200
    assert client.post(f"/desk/shifts/{shift}/read-invited").status_code == 403
    with office.app.app_context():
        assert not list(db.session.scalars(PURPOSES))



def test_what_comes_back_every_week_is_one_line(office: Office) -> None:
    _call, shifts = posted.make_call(office.app, office.at.community, office.staff, shifts=15)
    with office.app.app_context():
        rows = [db.session.get(Shift, number) for number in shifts]
        weekly = [row for row in rows if (row.starts_at - rows[0].starts_at).days % 7 == 0]
        assert [(line.times, line.is_weekly) for line in schedule.lines(weekly)] == [(3, True)]
        assert sum(line.times for line in schedule.lines(rows)) == 15
        assert [line.times for line in schedule.lines(rows[:9])] == [1] * 9


def test_the_poster_is_public_once_published_and_its_codes_are_read(office: Office) -> None:
    draft, _shifts = posted.make_call(office.app, office.at.community, office.staff, is_sent=False)
    call_id, _more = posted.make_call(office.app, office.at.community, office.staff, shifts=8, title="陪独居老人包饺子，顺便量个血压", story="说" * 300, risks="滑" * 200)
    nobody = office.app.test_client()
    assert nobody.get(f"/calls/{draft}/poster").status_code == 404
    assert nobody.get(f"/calls/{draft}/poster.png").status_code == 404
    assert office.visit(office.staff).get(f"/calls/{draft}/poster").status_code == 200
    page = nobody.get(f"/calls/{call_id}/poster").get_data(as_text=True)
    assert "陪独居老人包饺子" in page
    assert office.staff.name not in page
    picture = Image.open(io.BytesIO(nobody.get(f"/calls/{call_id}/poster.png").data))
    assert picture.size == (1080, 1440)
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [f"http://127.0.0.1:5000/calls/{call_id}"]


def test_the_districts_rules(office: Office, person: Callable) -> None:
    district = person("区里郑", (Role.DISTRICT_STAFF, office.at.district))
    client, street = office.visit(district), office.visit(office.street)
    form = {"version": "0", "day_hours": "6", "gap_minutes": "30", "answer_hours": "12", "asked_a_week": "3", "misses": "3", "misses_days": "180", "pause_days": "30",
            "objection_days": "7", "close_hours": "3", "activity_hours": "0", "half_from": "30", "whole_from": "60"}
    assert street.get("/desk/calls/rules").status_code == 200
    assert street.post("/desk/calls/rules", data=form).status_code == 403
    assert office.visit(office.staff).get("/desk/calls/rules").status_code == 403
    for field, value in (("day_hours", "NaN"), ("day_hours", "25"), ("misses", "0"), ("half_from", "60"), ("whole_from", "20"), ("close_hours", "x")):
        assert client.post("/desk/calls/rules", data=form | {field: value}).status_code == 422, (field, value)
    assert client.get("/desk/calls/rules?district=999").status_code == 404
    assert client.post("/desk/calls/rules", data=form).status_code == 303
    assert client.post("/desk/calls/rules", data=form | {"misses": "5"}).status_code == 409  # the form was filled from older rules
    with office.app.app_context():
        rules = rules_at(office.at.community.path)
        assert (rules.day_minutes, rules.misses) == (360, USUAL.misses)
        assert [half_hours(minutes, rules) for minutes in (89, 90, 119)] == [2, 3, 3]
        place = places.place(office.at.district.id)
        with transaction(), pytest.raises(Forbidden):
            change_rules(place, by=office.street.actor, version=1, misses=5)
        with transaction(), pytest.raises(BadInput):
            change_rules(place, by=district.actor, version=1, misses=21)
        with transaction(), pytest.raises(SomeoneWasFaster):
            change_rules(place, by=district.actor, version=0, misses=5)
        assert db.session.scalar(select(func.count()).select_from(ContactRead)) == 0
