"""What a volunteer meets before the day, in a real Chromium."""

from collections.abc import Callable

import pytest

from tests.factories import PASSWORD, Person
from tests.volunteering.scene import Scene
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering import service
from wishapp.volunteering.models import SignUp


def enter(visitor: object, person: Person, path: str) -> object:
    """Sign in on the way to a page."""
    visitor.open(path)
    visitor.page.fill("[name=username]", person.username)
    visitor.page.fill("[name=password]", PASSWORD)
    visitor.page.press("[name=password]", "Enter")
    visitor.page.wait_for_url(f"**{path}")
    return visitor.look()


def test_a_stranger_signs_up_as_a_guest(stage: Scene, clock: object, visit: Callable) -> None:
    """Without JavaScript: list, shift, a form with something missing, the private link, stepping back."""
    with stage.app.app_context():
        stage.open_call(title="图书馆整理书架", seats=2, risks="书架较高", contact_phone="053188880000")
    anna = visit("phone", javascript=False)
    anna.open("/volunteer").press("图书馆整理书架").sees("书架较高")
    anna.fill("您的姓名", "赵客人").fill("您的电话", "139 0000 1111")
    anna.expect_refusal(422).press("直接报名").sees("要勾上这一项才能发出去")
    assert anna.page.input_value("#name") == "赵客人"
    anna.page.locator("#consent").check()
    anna.press("直接报名").sees("请收好这个地址").sees("报上了，到时见！")
    anna.press("来不了了").sees("您已不在名单上")


def test_clash_alternative_queue_seat(stage: Scene, clock: object, visit: Callable) -> None:
    """A clash is named and the other shift is one tap away; the queue says its number; the kept seat is answered on the first page."""
    with stage.app.app_context():
        stage.open_call(title="网格巡查", hours=49, seats=3)
        stage.sign_up(0)
        stage.open_call(title="助餐送饭", hours=48, shifts=2, seats=1, spot="食堂")
        first = stage.sign_up(1, shift=0).id
        stage.sign_up(2, shift=1)
        with transaction():
            service.change_seats(stage.role(1), 2, by=stage.staff.actor)
    clashing, free = stage.shift_ids
    bela = enter(visit("phone"), stage.person(0), "/volunteer/mine")
    bela.sees("网格巡查").open(f"/shifts/{clashing}").sees("网格巡查").sees("同一活动另一个时间有空位").press("改报这一班").sees("报上了，到时见！")
    assert bela.path.startswith("/sign-ups/")
    cilla = enter(visit("phone"), stage.person(3), "/volunteer/mine")
    cilla.open(f"/shifts/{clashing}").sees("候补第 1 位").press("排候补").sees("您候补第 1 位")
    with stage.app.app_context():
        with transaction():
            service.cancel_sign_up(db.session.get(SignUp, first), by=stage.person(1).actor)
    cilla.open("/today").sees("空出一个位子").press("我去").sees("报上了，到时见！")
    cilla.open("/volunteer/mine").sees("已报上")
    cilla.open(f"/calls/{stage.call_id}").sees("您已报名")
    assert free != clashing


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_every_page(stage: Scene, clock: object, visit: Callable, size: str) -> None:
    """The list with its filters and reasons, a shift out of reach, one's own page with a calendar's address; in elder mode on the phone."""
    with stage.app.app_context():
        stage.open_call(title="网格巡查", hours=3)
        stage.sign_up(0)
        stage.open_call(title="长者陪伴", hours=3.5, kind="companionship", age_min=60, skills={"nursing": 2}, latitude=36.672, longitude=117.035)
        stage.open_call(title="清晨保洁", hours=28, shifts=3, seats=16, kind="environment", latitude=36.65, longitude=117.05)
    anna = enter(visit(size), stage.person(0), "/volunteer/mine")
    anna.open("/volunteer").sees("清晨保洁").sees_not("长者陪伴").press("看看是哪些").sees("年龄不符")
    anna.open("/volunteer?when=weekend&kind=learning").sees("没有这样的班次")
    anna.open("/volunteer?q=保洁&free=1").sees("还缺 16 人")
    anna.open(f"/shifts/{stage.shift_ids[2]}").sees("在您家")
    anna.open("/sign-ups/1").sees("快开始了").press("来不了了").sees("正在找人顶班").press("我又能来了").sees("到时见")
    anna.open("/volunteer/profile").press("生成地址").sees("只在这里出现一次")
    if size == "phone":
        anna.press("长辈版").open("/volunteer").open(f"/shifts/{stage.shift_ids[2]}").press("报名").sees("报上了，到时见！")
