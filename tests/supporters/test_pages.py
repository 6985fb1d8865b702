"""Pages of the register and of supporters themselves: without a browser, then in one."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.browser import Visitor
from tests.factories import PASSWORD, Person, sign_in
from tests.supporters.conftest import Helpers
from tests.supporters.pages import send
from wishapp.supporters import queries
from wishapp.supporters.models import Supporter

both = pytest.mark.both_databases


def text(client: FlaskClient, path: str) -> str:
    """A page that must come up."""
    answer = client.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    return answer.get_data(as_text=True)


def entry(app: Flask, supporter_id: int) -> Supporter:
    """A supporter with everything around it."""
    with app.app_context():
        return queries.details(supporter_id)


@both
def test_staff_see_their_register_and_no_other(client: FlaskClient, helpers: Helpers) -> None:
    sign_in(client, helpers.staff)
    page = text(client, "/desk/supporters?q=青桥")
    assert "青桥小学" in page and "远帆" not in text(client, "/desk/supporters")
    assert client.get(f"/desk/supporters/{helpers.far_unit}").status_code == 404
    assert client.get(f"/desk/supporters/{helpers.far_unit}/edit").status_code == 404
    assert client.get("/desk/supporters/2147483647").status_code == 404


IMPOSSIBLE_ADDRESSES = ["kind=dragon", "help=1", "standing=x", "page=-1", "page=x", "place=99999999999999", "q=%00"]


def test_addresses_that_cannot_be_are_refused_kindly(client: FlaskClient, helpers: Helpers, subtests: pytest.Subtests) -> None:
    sign_in(client, helpers.staff)
    for query in IMPOSSIBLE_ADDRESSES:
        with subtests.test(query=query):
            assert client.get(f"/desk/supporters?{query}").status_code == 422


def test_residents_and_helpers_do_not_see_the_register(client: FlaskClient, helpers: Helpers) -> None:
    sign_in(client, helpers.contact)
    for path in ("/desk/supporters", f"/desk/supporters/{helpers.unit}", "/desk/supporters/create"):
        assert client.get(path).status_code == 403


@both
def test_a_new_entry(client: FlaskClient, app: Flask, helpers: Helpers) -> None:
    sign_in(client, helpers.staff)
    place = entry(app, helpers.unit).place_id
    answer = send(client, "/desk/supporters/create", kind="unit", name="测试医院", place_id=place, unit_level="city", unit_kind="hospital", size=1,
                  person=helpers.resident.username)
    assert answer.status_code == 303
    made = entry(app, int(answer.location.split("/")[-2]))
    assert (made.name, made.unit_level, made.unit_kind) == ("测试医院", "city", "hospital")
    assert [person.user_id for person in made.people] == [helpers.resident.id]


def test_of_a_person_only_the_surname_is_kept(client: FlaskClient, app: Flask, helpers: Helpers) -> None:
    sign_in(client, helpers.staff)
    place = entry(app, helpers.unit).place_id
    answer = send(client, "/desk/supporters/create", kind="member", name="王小测", place_id=place, size=1, unit_level="", unit_kind="")
    assert entry(app, int(answer.location.split("/")[-2])).name == "王某"


WRONG_ENTRIES = [
    {"name": ""}, {"name": "长" * 81}, {"name": "a\x00b"}, {"kind": "dragon"}, {"place_id": 99999}, {"place_id": "x"}, {"place_id": 2**63}, {"size": 0},
    {"size": 2**40}, {"unit_level": "moon"}, {"person": "nobody-here"},
]


@both
def test_what_cannot_be_entered_says_so(client: FlaskClient, app: Flask, helpers: Helpers, subtests: pytest.Subtests) -> None:
    sign_in(client, helpers.staff)
    for wrong in WRONG_ENTRIES:
        with subtests.test(wrong=wrong):
            right = {"kind": "unit", "name": "测试", "place_id": entry(app, helpers.unit).place_id, "size": 1, "unit_level": "", "unit_kind": "", "person": ""}
            answer = send(client, "/desk/supporters/create", **{**right, **wrong})
            assert answer.status_code == 422
            assert "note--alarm" in answer.get_data(as_text=True)


def test_people_of_other_places_cannot_be_put_in(client: FlaskClient, helpers: Helpers) -> None:
    sign_in(client, helpers.staff)
    page = f"/desk/supporters/{helpers.unit}"
    assert send(client, page, f"{page}/add-person", person=helpers.far_staff.username).status_code == 422


@pytest.mark.parametrize(("who", "fields"), [
    ("unit", {"unit_level": "", "unit_kind": "school"}), ("member", {}), ("team", {"size": 9}),
])
def test_each_kind_is_changed_with_its_own_fields(client: FlaskClient, app: Flask, helpers: Helpers, who: str, fields: dict) -> None:
    sign_in(client, helpers.street)
    one = entry(app, getattr(helpers, who))
    assert send(client, f"/desk/supporters/{one.id}/edit", name="孙某", place_id=one.place_id, **fields).status_code == 303
    changed = entry(app, one.id)
    assert (changed.name, changed.size) == ("孙某", fields.get("size", one.size))


def test_an_older_form_is_refused(client: FlaskClient, app: Flask, helpers: Helpers) -> None:
    sign_in(client, helpers.staff)
    page, fields = f"/desk/supporters/{helpers.unit}/edit", {"place_id": entry(app, helpers.unit).place_id, "unit_level": "", "unit_kind": "", "size": 1}
    assert send(client, page, name="第一次", **fields).status_code == 303
    answer = client.post(page, data={"name": "第二次", "version": 1, **fields})
    assert answer.status_code in (400, 409)
    assert send(client, page, name="第二次", **{**fields, "version": 1}).status_code == 409
    assert entry(app, helpers.unit).name == "第一次"


@both
def test_promises_pairs_and_people(client: FlaskClient, app: Flask, helpers: Helpers) -> None:
    sign_in(client, helpers.street)
    page = f"/desk/supporters/{helpers.unit}"
    year = text(client, page).split('name="year"')[1].split('value="')[1].split('"')[0]
    assert send(client, page, f"{page}/set-quota", year=year, what="repair", quota=7).status_code == 303
    assert {(row.what, row.quota) for row in entry(app, helpers.unit).capacities if row.period == year} >= {("repair", 7)}
    assert send(client, page, f"{page}/set-quota", year="1999", what="repair", quota=7).status_code == 422
    assert send(client, page, f"{page}/set-quota", year=year, what="repair", quota="-1").status_code == 422
    team_place = entry(app, helpers.team).place_id
    for _ in range(2):
        assert send(client, page, f"{page}/pair", id=team_place).status_code == 303
    assert [pairing.community_id for pairing in entry(app, helpers.unit).pairings] == [team_place]
    assert send(client, page, f"{page}/pair", id=entry(app, helpers.far_unit).place_id).status_code == 404
    assert send(client, page, f"{page}/unpair", id=team_place).status_code == 303
    assert send(client, page, f"{page}/remove-person", id=helpers.contact.id).status_code == 303
    assert send(client, page, f"{page}/remove-person", id=helpers.contact.id).status_code == 404
    assert send(client, page, f"{page}/disable").status_code == 303
    assert send(client, page, f"{page}/enable").status_code == 303


@both
def test_a_member_fills_in_their_own_page(client: FlaskClient, app: Flask, helpers: Helpers) -> None:
    sign_in(client, helpers.member_person)
    assert client.get("/supporters/mine").location.endswith(f"/supporters/{helpers.member}/profile")
    page = f"/supporters/{helpers.member}/profile"
    answer = send(client, page, help_kinds=["repair", "goods"], skills=["haircut"], more_skills="磨剪子、修鞋", radius=5000, hours=6,
                  times=["5-morning", "6-evening"], paused_until="")
    assert answer.status_code == 303
    one = entry(app, helpers.member)
    assert {ability.word for ability in one.abilities} == {"repair", "goods", "haircut", "磨剪子", "修鞋"}
    assert ({(time.weekday, time.part) for time in one.times}, one.radius, one.monthly_minutes) == ({(5, "morning"), (6, "evening")}, 5000, 360)
    assert client.get(f"/supporters/{helpers.unit}/profile").status_code == 404


WRONG_PAGES = [
    {"help_kinds": "dragon"}, {"times": "9-morning"}, {"times": "x"}, {"radius": 7}, {"radius": "far"}, {"hours": 301}, {"hours": "x"},
    {"paused_until": "2001-01-01"}, {"paused_until": "9999-99-99"}, {"more_skills": "长" * 21}, {"more_skills": "长" * 121},
]


@both
def test_a_page_filled_in_wrongly_says_so(client: FlaskClient, helpers: Helpers, subtests: pytest.Subtests) -> None:
    sign_in(client, helpers.member_person)
    for wrong in WRONG_PAGES:
        with subtests.test(wrong=wrong):
            answer = send(client, f"/supporters/{helpers.member}/profile", **{"radius": 3000, "hours": 4, **wrong})
            assert answer.status_code == 422


@both
def test_a_resident_joins(client: FlaskClient, helpers: Helpers) -> None:
    sign_in(client, helpers.resident)
    assert client.get("/supporters/mine").location.endswith("/supporters/join")
    assert "青桥小学" in text(client, "/supporters/join?q=青桥")
    assert send(client, "/supporters/join", f"/supporters/{helpers.unit}/ask").status_code == 303
    assert send(client, "/supporters/join", f"/supporters/{helpers.member}/ask").status_code == 404
    assert send(client, "/supporters/join", kind="unit").status_code == 422
    answer = send(client, "/supporters/join", kind="volunteer")
    assert answer.location.endswith("/profile")
    assert client.get(answer.location).status_code == 200


# in a browser ----------------------------------------------------------------


def enter(one: Visitor, person: Person) -> Visitor:
    """Sign in through the page."""
    one.open("/sign-in").fill("用户名或手机号", person.username).fill("密码", PASSWORD)
    return one.press("登录", within=one.page.get_by_role("main"), exact=True)


@pytest.mark.parametrize("has_javascript", [True, False])
def test_joining_on_a_phone(visit, helpers: Helpers, has_javascript: bool) -> None:
    one = enter(visit("phone", javascript=has_javascript), helpers.resident)
    one.open("/supporters/join").press("算我一个").tick("维修").tick("理发").fill("每月几小时", "6")
    one.page.get_by_label("周六 上午").check(force=True)
    one.press("存好", exact=True).sees("存好了")
    assert one.page.get_by_label("周六 上午").is_checked()


def test_the_own_page_in_large_type_and_dark(visit, helpers: Helpers) -> None:
    one = visit("small", color_scheme="dark")
    one.open("/sign-in").press("长辈版")
    enter(one, helpers.member_person).open(f"/supporters/{helpers.member}/profile").open("/supporters/join")


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_staff_keep_the_register(visit, helpers: Helpers, size: str) -> None:
    one = enter(visit(size), helpers.staff)
    one.open("/desk/supporters").fill("搜索", "qqxx").press("搜索", exact=True).press("青桥小学").fill("认领几件", "9").press("记下").sees("认领数记下了")
    one.open("/desk/supporters/create").expect_refusal(422).press("登记", within=one.page.get_by_role("main"), exact=True).sees("还没填名称")
    one.open(f"/desk/supporters/{helpers.member}/describe").open("/desk/supporters?q=没有这个")
