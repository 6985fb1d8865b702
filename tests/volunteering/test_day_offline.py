"""Presses without a connection, in a real Chromium: kept on the device, sent once, by whoever pressed and nobody else."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from tests.volunteering.scene import Scene
from tests.volunteering.the_day import enter, on_the_day
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering.models import SignUp
from wishapp.volunteering.record_models import CheckEvent
from wishapp.volunteering.sign_ups import cancel_sign_up

DAY = "/desk/shifts/1/day"


def came(stage: Scene) -> int:
    """Check-ins that have arrived."""
    with stage.app.app_context():
        return db.session.scalar(select(func.count()).select_from(CheckEvent).where(CheckEvent.what == "in"))


@pytest.fixture
def today(stage: Scene, clock: object) -> Scene:
    """A shift that begins now by the device's own clock too."""
    clock.set(datetime.now(UTC))
    on_the_day(stage, clock, people=4, minutes=0, hours=0.4)
    return stage


def press_in(anna: object, number: int) -> None:
    anna.page.locator(f"#s{number} [data-press=in] button").click()


def count_is(anna: object, text: str) -> None:
    expect(anna.page.locator("[data-came]")).to_have_text(text)


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_with_a_connection(today: Scene, visit: Callable, size: str) -> None:
    """Every state of a line; a press is answered without leaving the page."""
    anna = enter(visit(size), today.staff, DAY)
    press_in(anna, 1)
    anna.sees("签退")
    count_is(anna, "1")
    anna.page.locator("#s2 [data-press=excuse] button").click()
    expect(anna.page.locator("#s2[data-stage=excused]")).to_be_visible()
    anna.page.locator("#s3 [data-press=in] button").click()
    expect(anna.page.locator("#s3[data-stage=in]")).to_be_visible()
    anna.page.locator("#s3 [data-press=out] button").click()
    expect(anna.page.locator("#s3[data-stage=out]")).to_be_visible()
    anna.look().open("/desk/sign-ups/3/put-right").open(f"{DAY}?q=zz")


def test_without_a_connection(today: Scene, visit: Callable) -> None:
    """Pressed, pressed again, in and out; the same page in a second tab; online again it arrives, each once."""
    anna = enter(visit("phone"), today.staff, DAY)
    tab = anna.context.new_page()
    tab.goto(anna.address + DAY)
    anna.context.set_offline(True)
    press_in(anna, 1)
    anna.sees("已记下，有网就送出")
    count_is(anna, "1")
    expect(anna.page.locator("#s1 [data-press=in]")).to_be_hidden()
    anna.page.locator("#s1 [data-press=out] button").click()
    expect(tab.locator("#s1 [data-press=in]")).to_be_hidden()  # the other tab knows
    tab.locator("#s2 [data-press=in] button").click()
    assert came(today) == 0
    anna.context.set_offline(False)
    expect(anna.page.locator("#s1[data-stage=out]")).to_be_visible()
    expect(tab.locator("[data-came]")).to_have_text("2")
    assert came(today) == 2
    anna.look().sees_not("已记下，有网就送出")


def test_somebody_else_at_the_device(today: Scene, visit: Callable) -> None:
    """Signed out meanwhile: kept. The next person neither sees nor sends it; the same person, back again, does."""
    anna = enter(visit("phone"), today.staff, DAY)
    page = anna.page
    anna.context.set_offline(True)
    press_in(anna, 1)
    anna.context.clear_cookies()
    anna.context.set_offline(False)
    anna.sees("您已经退出登录")
    other = enter(anna, today.street, DAY)
    expect(page.locator("#s1 [data-press=in]")).to_be_visible()
    press_in(other, 2)
    expect(page.locator("#s2[data-stage=in]")).to_be_visible()
    assert came(today) == 1
    anna.context.clear_cookies()
    enter(anna, today.staff, DAY)
    expect(page.locator("#s1[data-stage=in]")).to_be_visible()
    assert came(today) == 2


def test_one_refused_among_others(today: Scene, visit: Callable) -> None:
    """What cannot be taken says why and stays until it is read; the rest goes through."""
    anna = enter(visit("phone"), today.staff, DAY)
    anna.context.set_offline(True)
    press_in(anna, 1)
    press_in(anna, 2)
    with today.app.app_context(), transaction():
        cancel_sign_up(db.session.get(SignUp, 1), by=today.staff.actor, why="他来过电话")
    anna.context.set_offline(False)
    anna.sees("这个班次里没有已确认的名额")
    expect(anna.page.locator("#s2[data-stage=in]")).to_be_visible()
    anna.press("知道了").sees_not("这个班次里没有已确认的名额")
    assert came(today) == 1


# the browser's own wait takes a promise for a yes: this one asks again until what was promised is true
UNTIL = """async (paths) => {
  const ends = Date.now() + 10000, every = (found) => paths.length ? paths.every((path) => found.includes(path)) : !found.length;
  for (;;) {
    const found = [];
    for (const name of await caches.keys()) if (paths.length || name.startsWith("pages"))
      found.push(...(await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname));
    if (every(found) && (await navigator.serviceWorker.ready).active.state === "activated") return;
    if (Date.now() > ends) throw new Error(`kept: ${found}`);
    await new Promise((go) => setTimeout(go, 20));
  }
}"""
PARTS = """() => [...new Set(performance.getEntriesByType("resource").map((part) => new URL(part.name).pathname).filter((path) => path.startsWith("/static/")))]"""


def test_opened_again_without_a_connection(today: Scene, visit: Callable) -> None:
    """The page of the day and the volunteer's own open without a connection; what is pressed there arrives; signing out forgets them."""
    anna = enter(visit("phone"), today.staff, DAY)
    page = anna.page
    page.evaluate(UNTIL, [DAY, *page.evaluate(PARTS)])
    anna.context.set_offline(True)
    page.reload()
    press_in(anna, 3)
    anna.sees("已记下，有网就送出")
    anna.faults = [fault for fault in anna.faults if "ERR_INTERNET_DISCONNECTED" not in fault]  # a page just opened may try once before it hears that it is offline
    anna.complain()
    anna.context.set_offline(False)
    expect(page.locator("#s3[data-stage=in]")).to_be_visible()
    assert came(today) == 1
    page.locator("footer").get_by_role("button", name="退出登录").click()
    page.wait_for_load_state()
    page.evaluate(UNTIL, [])
