"""The main road in Chromium, in Chinese: from posting a wish to thanks, each person at their own device.

By an offer three times: on phones, at desks, and on phones without JavaScript; the side roads at fewer. Only the worker's part (solving) runs beside the browser,
as it does in the house. Every page met on the way is inspected (tests/browser.py) and judged by axe-core.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from tests.browser import Visitor
from tests.factories import PASSWORD, Neighbourhood, Person, make_neighbourhood, make_person
from wishapp.jobs import run as jobs
from wishapp.jobs.models import Job
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import SYSTEM
from wishapp.places.models import Place
from wishapp.points import queries as points
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters import service as supporters
from wishapp.wishes.models import Wish

WAYS = pytest.mark.parametrize(("size", "javascript"), [("phone", True), ("desk", True), ("phone", False)], ids=["phone", "desk", "no-script"])
TITLE = "想要一副老花镜"
DOOR, PHONE = "样例楼二单元301", "13800000001"
SECRETS = (DOOR, "138 0000 0001", PHONE, "王测试")


@dataclass(frozen=True)
class Street:
    """Who takes part."""

    app: Flask
    places: Neighbourhood
    staff: Person
    grid: Person
    contact: Person
    member: Person
    unit_id: int
    member_id: int


@pytest.fixture
def street(app: Flask) -> Street:
    """A community with staff, a grid worker, a paired unit and a party member."""
    places = make_neighbourhood(app)
    contact = make_person(app, "联络测试", (Role.UNIT_CONTACT, places.community))
    member = make_person(app, "党员测试", (Role.PARTY_MEMBER, places.next_community))
    with app.app_context(), transaction():
        home = db.session.get(Place, places.community.id)
        unit = supporters.create_supporter(by=SYSTEM, kind="unit", name="远帆样例院", place=home, people=[contact.id])
        supporters.set_abilities(unit, by=SYSTEM, help_kinds=("goods",), skills=())
        supporters.set_quota(unit, by=SYSTEM, period=jobs.clock.today().strftime("%Y"), what="any", quota=5)
        supporters.pair_unit(unit, home, by=SYSTEM)
        helper = supporters.create_supporter(by=SYSTEM, kind="member", name="党某", place=db.session.get(Place, places.next_community.id), people=[member.id])
        supporters.set_abilities(helper, by=SYSTEM, help_kinds=("goods", "service"), skills=())
        ids = unit.id, helper.id
    return Street(app, places, make_person(app, "社工测试", (Role.COMMUNITY_STAFF, places.community)),
                  make_person(app, "网格测试", (Role.GRID_WORKER, places.grid)), contact, member, *ids)


@pytest.fixture
def arrive(visit: Callable[..., Visitor], size: str, javascript: bool) -> Callable[[Person], Visitor]:
    """Somebody signs in at a device of their own."""

    def sign_in(person: Person) -> Visitor:
        one = visit(size, javascript=javascript)
        one.open("/sign-in").fill("用户名或手机号", person.username).fill("密码", PASSWORD)
        return one.press("登录", within=one.page.get_by_role("main"), exact=True)

    return sign_in


def solve(street: Street, watcher: Visitor) -> None:
    """The worker's part: every run and every repair that waits is done. Whoever watches the run's page leaves it first, as people do."""
    watcher.page.goto("about:blank")
    with street.app.app_context():
        waiting = list(db.session.scalars(select(Job.id).where(Job.kind.in_(("match", "repair")), Job.status == "waiting").order_by(Job.id)))
    for job_id in waiting:
        with street.app.app_context():
            jobs.run_job(job_id)


def only_wish(street: Street) -> tuple[int, str]:
    """Id and state of the one wish there is."""
    with street.app.app_context():
        return tuple(db.session.execute(select(Wish.id, Wish.state)).one())


def photo() -> dict[str, object]:
    """A picture as a phone would send it."""
    held = io.BytesIO()
    Image.new("RGB", (900, 700), (200, 120, 60)).save(held, "JPEG")
    return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": held.getvalue()}


def post(one: Visitor, *, start: str = "/wishes/new", name: str = "王测试") -> None:
    """Post the wish step by step."""
    one.open(start).tick("一样东西").press("下一步")
    one.fill("用一句话说说", TITLE).fill("再多说几句", "看报纸要拿放大镜，眼睛累得慌。").press("下一步")
    one.tick("3 天内").press("下一步")
    one.fill("姓名", name).tick("70 多岁").fill("电话", PHONE).fill("住址", DOOR)


def publish(one: Visitor) -> None:
    """Staff put the wish on the wall."""
    one.open("/desk/wishes").sees(TITLE).press(f"放上墙：{TITLE}")


def hides_secrets(one: Visitor) -> None:
    """Nothing restricted anywhere in the page's source."""
    assert not [secret for secret in SECRETS if secret in one.page.content()]


def finish(street: Street, resident: Visitor, helper: Visitor, wish_id: int, supporter_id: int) -> None:
    """From taken on to thanks."""
    helper.open(f"/wishes/{wish_id}")
    hides_secrets(helper)
    helper.press("看一下").sees(DOOR).sees("王测试")
    helper.open("/wishes/jobs").press("办好了，说一声")
    helper.page.get_by_label("照片").first.set_input_files(photo())
    helper.fill("说两句", "送到了，试过，看报纸正好。").press("办好了", within=helper.page.get_by_role("main"), exact=True)
    assert only_wish(street)[1] == "delivered"

    resident.open(f"/wishes/{wish_id}").sees("轮到您").press("还没办好").fill("哪里还没办好", "度数不对，看不清。").press("说一声")
    assert only_wish(street)[1] == "in_progress"
    helper.open("/wishes/jobs").press("办好了，说一声").fill("说两句", "换了一副，这次合适。").press("办好了", within=helper.page.get_by_role("main"), exact=True)

    resident.open(f"/wishes/{wish_id}").fill("想说句话吗？", "戴上就看清了。").press("办好了，心愿达成")
    assert only_wish(street)[1] == "fulfilled"
    with street.app.app_context():
        assert points.balance(f"supporter:{supporter_id}") == 10
    resident.fill("对帮忙的人说", "谢谢你们跑两趟。").press("说声谢谢")
    assert only_wish(street)[1] == "closed"
    resident.open("/wishes/mine").sees(TITLE)
    helper.open("/points").sees(TITLE).open("/notices").sees(TITLE)


@WAYS
def test_from_posting_to_thanks_by_an_offer(street: Street, visit, arrive, size: str, javascript: bool) -> None:
    resident = visit(size, javascript=javascript)
    resident.open("/register").press(street.places.street.name).press(street.places.community.name)
    resident.fill("怎么称呼您", "王测试").fill("手机号", "13900000009").fill("密码", "三条安静的河流呀").tick("我年满 14 岁，看过并同意隐私说明").press("注册", exact=True)
    post(resident)
    resident.expect_refusal(422).press("许下这个心愿").sees("要勾上这一项才能发出去")
    resident.expect_refusal().tick("同意把姓").press("许下这个心愿").sees("这件事走到哪了")
    wish_id, state = only_wish(street)
    assert state == "submitted"

    staff = arrive(street.staff)
    publish(staff)
    stranger = visit(size, javascript=javascript).open(f"/?q={TITLE[:4]}").sees(TITLE).open(f"/wishes/{wish_id}").sees("王某")
    hides_secrets(stranger)

    staff.open("/match/desk").press("现在匹配")
    solve(street, staff)
    staff.open("/match/desk").sees(TITLE).sees("远帆样例院").press(f"通过：{TITLE}").press("派出已通过的 1 件")
    assert only_wish(street)[1] == "reserved"

    contact = arrive(street.contact)
    contact.open("/offers").press(TITLE).sees("为什么想到")
    hides_secrets(contact)
    contact.press("接下这件")
    assert only_wish(street)[1] == "in_progress"
    finish(street, resident, contact, wish_id, street.unit_id)
    staff.open(f"/wishes/{wish_id}").open("/figures").open("/today")


@pytest.mark.parametrize(("size", "javascript"), [("phone", True), ("phone", False)], ids=["phone", "no-script"])
def test_from_a_grid_worker_to_thanks_by_a_direct_claim(street: Street, visit, arrive, size: str, javascript: bool) -> None:
    grid, staff, member = arrive(street.grid), arrive(street.staff), arrive(street.member)
    post(grid, start="/desk/wishes/new")
    grid.tick("当面").tick("同意把姓").press("许下这个心愿")
    wish_id, _state = only_wish(street)
    staff.open(f"/wishes/{wish_id}").fill("退回的原因", "问一下多少度。").press("退回", exact=True)
    assert only_wish(street)[1] == "returned"
    grid.open(f"/wishes/{wish_id}").sees("问一下多少度").press("改一改再发").fill("再多说几句", "二百度。").press("下一步").press("下一步")
    grid.tick("当面").tick("同意把姓").press("许下这个心愿")
    publish(staff)

    member.open(f"/wishes/{wish_id}").press("我来认领")
    assert only_wish(street)[1] == "in_progress"
    finish(street, grid, member, wish_id, street.member_id)


@pytest.mark.parametrize(("size", "javascript"), [("desk", True)], ids=["desk"])
def test_a_declined_offer_goes_to_the_next(street: Street, visit, arrive, size: str, javascript: bool) -> None:
    grid, staff = arrive(street.grid), arrive(street.staff)
    post(grid, start="/desk/wishes/new")
    grid.tick("当面").tick("同意把姓").press("许下这个心愿")
    publish(staff)
    staff.open("/match/desk").press("现在匹配")
    solve(street, staff)
    staff.open("/match/desk").press(f"通过：{TITLE}").press("派出已通过的 1 件")
    contact = arrive(street.contact)
    contact.open("/offers").press(TITLE).tick("今年额度用完了").press("婉拒，请社区再找")
    solve(street, contact)
    member = arrive(street.member)
    member.open("/offers").press(TITLE).press("我来办")
    assert only_wish(street)[1] == "in_progress"
    contact.open("/offers").sees("婉拒")
