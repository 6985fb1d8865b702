"""Making calls and shifts, review, the desk: who may do what, in one go, with nothing typed lost."""

from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from sqlalchemy import func, select

from tests.conftest import Clock
from tests.volunteering import posted
from tests.volunteering.posted import Office
from wishapp.kernel.errors import BadInput, Forbidden, Refused, SomeoneWasFaster
from wishapp.kernel.permissions import Role
from wishapp.places import queries as places
from wishapp.places import service as places_service
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering import call_stories, desk, planning, service
from wishapp.volunteering.models import Call, Shift, SignUp
from wishapp.volunteering.sketch import sketch

SHORT = {"title": "周六网格巡逻", "kind": "service", "spot": "服务中心东门", "point": "centre", "day": "2026-06-13", "begins": "09:00", "ends": "11:00", "seats": "8",
         "minimum": "3", "closes_hours": "0", "late_hours": "24", "check_radius": "300", "check_minutes": "30", "points": "1", "takes_guests": "y"}


def short_form(office: Office, **changes: str) -> dict[str, str]:
    """What the short form sends."""
    return SHORT | {"place_id": str(office.at.community.id), "team_id": "0", "go": "send"} | changes


def test_a_title_a_spot_and_one_shift_are_a_published_call(office: Office) -> None:
    client = office.visit(office.staff)
    assert f'value="{SHORT["title"]}' not in client.get("/desk/calls/new").get_data(as_text=True)
    answer = client.post("/desk/calls/new", data=short_form(office))
    assert answer.status_code == 303
    with office.app.app_context():
        call = db.session.scalar(select(Call))
        assert (call.state, call.title, call.spot, call.contact_phone, call.points_per_hour) == ("open", "周六网格巡逻", "服务中心东门", "053100000000", 10)
        assert call.number.startswith("000000-Z2026-")
        assert (call.latitude, call.longitude) == (places.place(office.at.community.id).latitude, places.place(office.at.community.id).longitude)
        shift = call.shifts[0]
        assert (shift.starts_at.isoformat(), shift.seats, shift.minimum) == ("2026-06-13T01:00:00+00:00", 8, 3)
    page = client.get(answer.location).get_data(as_text=True)
    assert "0/8" in page


def test_a_leader_sends_to_review_and_only_their_own_team_runs_it(office: Office) -> None:
    client = office.visit(office.leader)
    form = short_form(office, team_id=str(office.team_id), grid_until="")
    answer = client.post("/desk/calls/new", data=form)
    assert answer.status_code == 303
    with office.app.app_context():
        call = db.session.scalar(select(Call))
        assert (call.state, call.team_id) == ("submitted", office.team_id)
        with transaction(), pytest.raises(Forbidden):
            service.create_call(places.place(office.at.community.id), by=office.other_leader.actor, team_id=office.team_id, title="别队的")
        with transaction(), pytest.raises(Forbidden):
            service.create_call(places.place(office.at.far_community.id), by=office.leader.actor, team_id=office.team_id, title="远处")
        number = call.id
    with office.app.app_context(), transaction(), pytest.raises(Forbidden):
        service.publish_call(db.session.get(Call, number), by=office.leader.actor)
    assert client.post(f"/desk/calls/{number}/publish").status_code == 403
    assert office.visit(office.staff).post(f"/desk/calls/{number}/publish").status_code == 303
    assert posted.call_state(office.app, number) == "open"


IMPOSSIBLE = [
    ("title", ""), ("title", "电话13900001111"), ("day", "2026-02-30"), ("begins", "25:00"), ("ends", ""), ("seats", "0"), ("seats", "九"), ("minimum", "9"),
    ("age_min", "3"), ("opens_at", "yesterday"), ("opens_at", "0001-01-01T00:00"), ("community_until", "9999-12-31T23:59"), ("points", "NaN"), ("points", "0.15"),
    ("point", "own"), ("point", "g999"), ("day", "2026-06-01"), ("day", "9999-12-31"), ("contact_phone", "call me"), ("place_id", str(2**63)), ("closes_hours", "-1"),
]


def test_what_cannot_be_is_said_and_nothing_typed_is_lost(office: Office) -> None:
    client = office.visit(office.staff)
    for field, value in IMPOSSIBLE:
        answer = client.post("/desk/calls/new", data=short_form(office, story="两人一组", **{field: value}))
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422, (field, value)
        assert "两人一组" in page
        assert "服务中心东门" in page
        assert 'class="note note--alarm"' in page
    with office.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Call)) == 0


def test_a_point_of_ones_own_lies_near(office: Office) -> None:
    client = office.visit(office.staff)
    assert client.post("/desk/calls/new", data=short_form(office, point="own", latitude="10", longitude="10")).status_code == 422
    assert client.post("/desk/calls/new", data=short_form(office, point="own", latitude="36.67", longitude="117.03")).status_code == 303
    with office.app.app_context():
        call = db.session.scalar(select(Call))
        assert (call.latitude, call.longitude) == (36.67, 117.03)
        dots = sketch([("centre", places.place(office.at.community.id)), ("g1", places.place(office.at.grid.id))], (36.7, 117.1))
        assert all(0 <= dot.x <= 320 and 0 <= dot.y <= 220 for dot in dots)
        assert len({(dot.x, dot.y) for dot in dots}) == 3
        assert dots[2].y < dots[0].y < dots[2].y + 300  # further north is further up


def test_a_draft_is_nobody_elses(office: Office) -> None:
    call_id, shift_ids = posted.make_call(office.app, office.at.community, office.staff, is_sent=False)
    for person in (office.colleague, office.leader, office.street, office.grid_worker, office.far_staff):
        client = office.visit(person)
        assert client.get(f"/desk/calls/{call_id}").status_code == 404, person.name
        assert "网格巡逻" not in client.get("/desk/calls?tab=making").get_data(as_text=True)
        assert client.post(f"/desk/shifts/{shift_ids[0]}/drop-shift").status_code == (403 if person is office.grid_worker else 404)
    own = office.visit(office.staff)
    assert "网格巡逻" in own.get("/desk/calls?tab=making").get_data(as_text=True)
    assert own.post(f"/desk/shifts/{shift_ids[0]}/drop-shift").status_code == 303
    assert own.post(f"/desk/calls/{call_id}/submit").status_code == 422
    assert own.post(f"/desk/calls/{call_id}/delete").status_code == 303
    with office.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Shift)) == 0


ROUTES = (
    ("GET", "/desk/calls/{call}"), ("GET", "/desk/calls/{call}/edit"), ("GET", "/desk/calls/{call}/shifts"), ("POST", "/desk/calls/{call}/add-shifts"),
    ("GET", "/desk/calls/{call}/shift"), ("GET", "/desk/calls/{call}/cancel"), ("GET", "/desk/shifts/{shift}/cancel"),
    ("POST", "/desk/calls/{call}/publish"), ("POST", "/desk/calls/{call}/return"), ("POST", "/desk/calls/{call}/second"), ("GET", "/desk/calls/new?like={call}"))
LEADS = {"/desk/calls/{call}"}
REVIEWS = {"/desk/calls/{call}/publish", "/desk/calls/{call}/return", "/desk/calls/{call}/second"}


def test_who_reaches_which_page(office: Office) -> None:
    """The truth over roles: what is not theirs is not there, what they may never do is refused."""
    call_id, shifts = posted.make_call(office.app, office.at.community, office.leader, team_id=office.team_id, is_published=False)
    for person in (office.staff, office.street, office.leader, office.other_leader, office.far_staff, office.grid_worker, office.resident):
        client = office.visit(person)
        for method, route in ROUTES:
            status = client.open(route.format(call=call_id, shift=shifts[0]), method=method).status_code
            if person is office.resident:
                expected = {403}
            elif route in REVIEWS:
                expected = {403} if person in (office.leader, office.other_leader, office.grid_worker) else {404} if person is office.far_staff else {303, 409, 422}
            elif person is office.grid_worker:  # leads in the own grid only, and this call is the community's
                expected = {404} if route in LEADS else {403}
            else:
                expected = {404} if person in (office.other_leader, office.far_staff) else {200, 302, 422}
            assert status in expected, f"{person.name} {method} {route}: {status}"


def test_a_street_that_looks_twice(office: Office) -> None:
    with office.app.app_context(), transaction():
        street = places.place(office.at.street.id)
        places_service.change_settings(street, by=office.street.actor, version=street.version, is_two_level=True)
    call_id, _shifts = posted.make_call(office.app, office.at.community, office.leader, team_id=office.team_id, is_published=False)
    staff, street_staff = office.visit(office.staff), office.visit(office.street)
    assert staff.post(f"/desk/calls/{call_id}/publish").status_code == 409
    assert staff.post("/desk/calls/publish-all?tab=review", data={"ids": call_id}).status_code == 303
    assert posted.call_state(office.app, call_id) == "seconded"
    assert staff.post(f"/desk/calls/{call_id}/publish").status_code == 403
    assert street_staff.post(f"/desk/calls/{call_id}/return", data={"why": "请写明急救箱谁带"}).status_code == 303
    with office.app.app_context():
        call = db.session.get(Call, call_id)
        with transaction():
            service.edit_call(call, by=office.leader.actor, safeguards="急救箱由队长带")
            service.submit_call(call, by=office.leader.actor)
            service.second_call(call, by=office.street.actor)
        with transaction(), pytest.raises(Refused):
            service.publish_call(call, by=office.street.actor)
        with transaction():
            service.publish_call(call, by=office.street_colleague.actor)
        with transaction(), pytest.raises(Refused):
            service.edit_call(call, by=office.staff.actor, title="换个名字")
        with transaction():
            service.edit_call(call, by=office.street.actor, title="换个名字")
            service.edit_call(call, by=office.staff.actor, spot="西门")


def test_reviewed_words_are_not_the_leaders_to_change(office: Office) -> None:
    call_id, _shifts = posted.make_call(office.app, office.at.community, office.leader, team_id=office.team_id)
    with office.app.app_context():
        call = db.session.get(Call, call_id)
        with transaction(), pytest.raises(Refused):
            service.edit_call(call, by=office.leader.actor, story="别的事情")
        with transaction():
            service.edit_call(call, by=office.leader.actor, risks="台阶滑")
        with transaction(), pytest.raises(SomeoneWasFaster):
            service.edit_call(call, by=office.staff.actor, version=call.version - 1, risks="又滑")


PATTERN = {"first": "2026-06-10", "last": "2026-06-28", "weekdays": ["5"], "from_1": "09:00", "to_1": "11:00", "from_2": "22:00", "to_2": "01:00", "seats": "6",
           "minimum": "2", "skill_1": "nursing", "count_1": "1"}


@pytest.mark.both_databases
def test_a_pattern_is_laid_out_looked_at_and_made_in_one_go(office: Office) -> None:
    call_id, _shifts = posted.make_call(office.app, office.at.community, office.staff)
    client = office.visit(office.staff)
    with office.app.app_context(), transaction():
        call = db.session.get(Call, call_id)
        starts, ends = planning.span(date(2026, 6, 20), time(9), time(11))
        service.add_shift(call, starts, ends, 5, by=office.staff.actor)
        rows = planning.lay_out(call, planning.Pattern(date(2026, 6, 6), date(2026, 6, 28), frozenset({5}), ((time(9), time(11)), (time(10), time(12)))))
        assert [row.trouble for row in rows] == ["past", "past", "", "", "twin", "clash", "", ""]
    page = client.get(f"/desk/calls/{call_id}/shifts", query_string=PATTERN).get_data(as_text=True)
    keys = [f"2026-06-{day}T{times}" for day in (13, 20, 27) for times in (f"09:00/2026-06-{day}T11:00", f"22:00/2026-06-{day + 1}T01:00")]
    assert all(key in page for key in keys)
    assert page.count('name="rows"') == 6
    assert client.post(f"/desk/calls/{call_id}/add-shifts", data=PATTERN).status_code == 422  # nothing ticked
    assert client.post(f"/desk/calls/{call_id}/add-shifts", data=PATTERN | {"rows": ["2026-06-13"]}).status_code == 422
    refused = client.post(f"/desk/calls/{call_id}/add-shifts", data=PATTERN | {"rows": keys})  # one of them is there already: none is made
    assert refused.status_code == 422
    with office.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Shift)) == 2
    assert client.post(f"/desk/calls/{call_id}/add-shifts", data=PATTERN | {"rows": [keys[0], keys[1], keys[5]]}).status_code == 303
    with office.app.app_context():
        made = db.session.get(Call, call_id).shifts
        assert len(made) == 5
        assert {role.skill: role.seats for role in made[-1].roles} == {"": 6, "nursing": 1}
        assert made[-1].minutes == 180
        story = call_stories.timeline(db.session.get(Call, call_id), office.staff.actor)
        assert any(entry.times >= 3 for entry in story)


IMPOSSIBLE_PATTERNS = [
    {"first": "2026-07-01"}, {"last": "2029-01-01"}, {"first": "0001-01-01", "last": "0001-01-03"}, {"weekdays": []}, {"weekdays": ["9"]}, {"weekdays": ["x"]},
    {"to_1": ""}, {"from_1": "", "to_1": "", "from_2": "", "to_2": ""}, {"seats": "501"}, {"minimum": "8"}, {"skill_1": "flying"},
    {"weekdays": list("0123456"), "last": "2027-06-01"},
]


def test_a_pattern_that_cannot_be(office: Office) -> None:
    call_id, _shifts = posted.make_call(office.app, office.at.community, office.staff)
    client = office.visit(office.staff)
    for changes in IMPOSSIBLE_PATTERNS:
        answer = client.get(f"/desk/calls/{call_id}/shifts", query_string=PATTERN | changes)
        assert answer.status_code == 422, changes
        assert 'name="rows"' not in answer.get_data(as_text=True)


def test_again_like_last_time(office: Office, clock: Clock) -> None:
    call_id, shifts = posted.make_call(office.app, office.at.community, office.staff, shifts=2, seats=7, skills={"nursing": 1}, risks="台阶滑")
    clock.forward(days=30)
    client = office.visit(office.staff)
    page = client.get(f"/desk/calls/new?community={office.at.community.id}&like={call_id}").get_data(as_text=True)
    assert "台阶滑" in page
    data = short_form(office, day="", begins="", ends="", shifts_too="y", go="draft")
    assert client.post(f"/desk/calls/new?community={office.at.community.id}&like={call_id}", data=data).status_code == 303
    with office.app.app_context():
        made = db.session.scalar(select(Call).order_by(Call.id.desc()).limit(1))
        old = [db.session.get(Shift, number) for number in shifts]
        assert [(new.starts_at - before.starts_at) % timedelta(weeks=1) for new, before in zip(made.shifts, old, strict=True)] == [timedelta()] * 2
        assert made.shifts[0].starts_at > clock.now
        assert [role.seats for role in made.shifts[0].roles] == [7, 1]


def test_calling_off_tells_everybody_once(office: Office, person: Callable) -> None:
    call_id, shifts = posted.make_call(office.app, office.at.community, office.staff, shifts=2)
    volunteer = person("志愿者", (Role.VOLUNTEER, office.at.community))
    for shift_id in shifts:
        posted.sign_up(office.app, shift_id, volunteer)
    client = office.visit(office.staff)
    assert "1" in client.get(f"/desk/calls/{call_id}/cancel").get_data(as_text=True)
    assert client.post(f"/desk/calls/{call_id}/cancel", data={"why": ""}).status_code == 422
    assert client.post(f"/desk/calls/{call_id}/cancel", data={"why": "打 13900001111"}).status_code == 422
    assert client.post(f"/desk/shifts/{shifts[0]}/cancel", data={"why": "下雨"}).status_code == 303
    assert client.post(f"/desk/calls/{call_id}/cancel", data={"why": "还在下雨"}).status_code == 303
    with office.app.app_context():
        assert set(db.session.scalars(select(SignUp.state))) == {"cancelled"}
        assert "还在下雨" in {entry.note for entry in call_stories.timeline(db.session.get(Call, call_id), office.staff.actor)}
        with transaction(), pytest.raises(Refused):
            service.add_shift(db.session.get(Call, call_id), *planning.span(date(2026, 7, 1), time(9), time(10)), 3, by=office.staff.actor)


def test_the_desk_counts_finds_and_asks_a_constant_number_of_queries(office: Office, clock: Clock) -> None:
    for number in range(3):
        posted.make_call(office.app, office.at.community, office.staff, title=f"巡逻第{number}次", shifts=2, minimum=2)
    posted.make_call(office.app, office.at.far_community, office.far_staff, title="别处的事")
    with office.app.app_context():
        found = desk.page(office.staff.actor, desk.DeskFilters(desk.Tab.OPEN), 1)
        assert [(row.standing.shifts, row.standing.ahead, row.standing.seats, row.standing.below) for row in found.rows] == [(2, 2, 10, 2)] * 3
        assert desk.tab_counts(office.staff.actor)[desk.Tab.OPEN] == 3
        assert desk.page(office.staff.actor, desk.DeskFilters(desk.Tab.OPEN, q="第1次"), 1).total == 1
        assert desk.page(office.colleague.actor, desk.DeskFilters(desk.Tab.OPEN, is_mine=True), 1).total == 0
        assert desk.page(office.leader.actor, desk.DeskFilters(desk.Tab.OPEN), 1).total == 0
        with transaction(), pytest.raises(BadInput):
            planning.read_key("2026-06-13T09:00")
    page = office.visit(office.staff).get("/desk/calls").get_data(as_text=True)
    assert "巡逻第0次" in page
    assert "别处的事" not in page
