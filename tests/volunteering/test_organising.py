"""The organiser's road in a real browser: a call, its shifts in one go, the list, the poster; at a desk and on a phone."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.factories import PASSWORD, Neighbourhood, Person
from tests.volunteering import posted
from wishapp.kernel.permissions import Role


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_from_a_title_to_the_poster(app: Flask, neighbourhood: Neighbourhood, person: Callable[..., Person], visit: Callable, size: str) -> None:
    staff = person("张社工", (Role.COMMUNITY_STAFF, neighbourhood.community))
    _call, (shift,) = posted.make_call(app, neighbourhood.community, staff)
    posted.sign_up(app, shift, person("王建国", (Role.VOLUNTEER, neighbourhood.community)))
    worker = visit(size, javascript=size == "desk")
    worker.open("/sign-in").fill("用户名或手机号", staff.username).fill("密码", PASSWORD)
    worker.press("登录", within=worker.page.get_by_role("main"), exact=True)
    worker.open("/desk/calls/new").fill("招人做什么", "周六网格巡逻").fill("在哪儿集合", "服务中心东门").press("存草稿")
    worker.press("批量排班")
    page = worker.page
    page.locator("#first").fill("2030-06-01")
    page.locator("#last").fill("2030-06-30")
    page.locator("label[for=weekdays-5]").click()
    page.locator("#from_1").fill("09:00")
    page.locator("#to_1").fill("11:00")
    worker.press("排出来看看")
    page.locator("input[name=rows]").last.uncheck()
    worker.press("生成打勾的班次").sees("加了 4 个班次")
    worker.press("发布").sees("招募中")
    worker.press("海报").sees("每周六")
    worker.open(f"/desk/shifts/{shift}").sees("王某").sees_not("王建国")
    worker.press("看一下").sees("王建国")
    worker.open(f"/desk/shifts/{shift}/sheet")
    worker.open("/desk/calls?tab=open").sees("周六网格巡逻")
