"""The pages in Chromium: on a phone and at a desk, in Chinese, large type, and without JavaScript."""

import pytest
from flask import Flask

from tests.browser import Visitor
from tests.factories import PASSWORD, Neighbourhood, make_neighbourhood, make_person
from wishapp.kernel.permissions import Role


def enter(one: Visitor, name: str, password: str) -> Visitor:
    """Sign in through the page."""
    one.open("/sign-in").fill("用户名或手机号", name).fill("密码", password)
    return one.press("登录", within=one.page.get_by_role("main"), exact=True)


@pytest.fixture
def where(app: Flask) -> Neighbourhood:
    return make_neighbourhood(app)


@pytest.mark.parametrize("has_javascript", [True, False])
def test_a_resident_registers_and_comes_back(visit, where: Neighbourhood, has_javascript: bool) -> None:
    one = visit("phone", javascript=has_javascript)
    one.open("/register").press(where.street.name).press(where.community.name)
    one.fill("怎么称呼您", "王测试").fill("手机号", "1380000001").fill("密码", "password1")
    one.expect_refusal(422).press("注册", exact=True)
    one.sees("少了几位，手机号是 11 位").sees("同意的话，请勾上这里")
    one.fill("手机号", "13800000001").fill("密码", "三条安静的河流呀").tick("我年满 14 岁，看过并同意隐私说明")
    one.press("注册", exact=True)
    one.open("/me").sees(where.community.name).press("改密码").open("/me/community").open("/privacy")
    one.open("/me").page.get_by_role("button", name="退出登录").locator("visible=true").first.click()
    enter(one, "138 0000 0001", "三条安静的河流呀").open("/me").sees("王测试")


def test_large_type_and_dark(visit, app: Flask, where: Neighbourhood) -> None:
    person = make_person(app, "老人测试", (Role.RESIDENT, where.community))
    one = visit("small")
    one.open("/sign-in").press("长辈版")
    enter(one, person.username, PASSWORD).open("/me").press("暗色").open("/me/change-password").open("/privacy").open("/me/community")


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_staff_look_after_people_and_places(visit, app: Flask, where: Neighbourhood, size: str) -> None:
    staff = make_person(app, "街道员", (Role.STREET_STAFF, where.street))
    neighbour = make_person(app, "居民测试", (Role.RESIDENT, where.community))
    one = visit(size)
    enter(one, staff.username, PASSWORD).open(f"/desk/people?q={neighbour.username}").press(neighbour.name).press("看完整号码").sees(neighbour.phone[-4:])
    one.open(f"/desk/people/{neighbour.id}").press("给身份").press("网格员").press(where.community.name).press("就设在这里").sees("网格员")
    one.press("换个新密码").sees("首次密码")
    one.open("/desk/people/new").press(where.community.name).fill("姓名", "新人").press("开好账号").sees("首次密码")
    one.open("/desk/people?q=nobody").sees("没找到人")
    one.open("/desk/places").press(where.community.name).fill("居民能打的电话", "随便").expect_refusal(422).press("存好").sees("电话只写数字")
    one.open("/me/two-step").sees("扫码")
