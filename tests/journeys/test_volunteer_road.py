"""The volunteers' road in Chromium, in Chinese: from shifts made in bulk to a certificate that anybody can check.

Each person at their own device, on phones and at desks. Jobs run beside the browser, as in the house; every page met is inspected (tests/browser.py).
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import select

from tests.browser import Visitor
from tests.factories import Neighbourhood, Person, make_neighbourhood, make_person
from tests.volunteering.the_day import enter
from wishapp.jobs import run as jobs
from wishapp.jobs import service as job_service
from wishapp.kernel import clock as house_clock
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import SYSTEM
from wishapp.points import queries as points
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering.models import Call, Shift, SignUp
from wishapp.volunteering.record_models import Certificate, ServiceRecord

TITLE, SPOT = "周末网格巡查", "服务中心东门"


def work(app: Flask, kind: str) -> None:
    """The worker's part: one job by the clock."""
    with app.app_context():
        with transaction():
            job_id = job_service.enqueue(kind, {}, by=SYSTEM).id
        jobs.run_job(job_id)
        db.session.remove()


def states(app: Flask) -> list[str]:
    """States of all sign-ups, in the order of coming."""
    with app.app_context():
        return list(db.session.scalars(select(SignUp.state).order_by(SignUp.id)))


def make_the_call(staff: Visitor, app: Flask, at: Neighbourhood) -> tuple[int, list[Shift]]:
    """A call with a draft, then every Saturday and Sunday of two weeks laid out, one row unticked; published."""
    today = house_clock.today()
    saturday = today + timedelta(days=(3 - today.weekday()) % 7 + 2)  # far enough ahead to give a seat back, also on a Friday
    staff.open("/desk/calls").press("发起").fill("招人做什么？", TITLE).fill("在哪儿集合？", SPOT).press("存草稿")
    with app.app_context():
        call_id = db.session.scalar(select(Call.id))
    staff.open(f"/desk/calls/{call_id}").press("批量排班")
    page = staff.page
    page.fill("[name=first]", f"{saturday:%Y-%m-%d}")
    page.fill("[name=last]", f"{saturday + timedelta(days=8):%Y-%m-%d}")
    for day in (5, 6):
        page.locator(f"[name=weekdays][value='{day}']").check()
    page.fill("[name=from_1]", "09:00")
    page.fill("[name=to_1]", "11:00")
    page.fill("[name=seats]", "2")
    staff.press("排出来看看")
    rows = page.locator("[name=rows]")
    assert rows.count() == 4
    rows.last.uncheck()
    staff.press("生成打勾的班次").press("发布", exact=True)
    with app.app_context():
        shifts = list(db.session.scalars(select(Shift).order_by(Shift.starts_at)))
        assert [shift.call.state for shift in shifts] == ["open"] * 3
        db.session.expunge_all()
    return call_id, shifts


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_from_bulk_shifts_to_the_certificate(app: Flask, visit: Callable[..., Visitor], clock, size: str) -> None:
    clock.set(datetime.now(UTC).replace(hour=2, minute=0, second=0, microsecond=0))
    at = make_neighbourhood(app)
    staff_, judge = (make_person(app, name, (Role.COMMUNITY_STAFF, at.community)) for name in ("社工测试", "审核测试"))
    first, second, third = (make_person(app, name, (Role.RESIDENT, at.community)) for name in ("甲测试", "乙测试", "丙测试"))
    staff = enter(visit(size), staff_, "/desk/calls")
    call_id, shifts = make_the_call(staff, app, at)
    shift = shifts[0]

    def arrive(person: Person, path: str) -> Visitor:
        return enter(visit(size), person, path)

    # two seats, three people: the third waits, a seat is given back, the third is asked and says yes
    anna, bert, carl = (arrive(person, "/volunteer/mine") for person in (first, second, third))
    for one in (anna, bert):
        one.open(f"/shifts/{shift.id}").press("报名", exact=True)
    carl.open(f"/shifts/{shift.id}").sees("第 1").press("排候补", exact=True)
    assert states(app) == ["confirmed", "confirmed", "waitlisted"]
    anna.open("/volunteer/mine").press(TITLE).press("来不了了")
    assert states(app) == ["cancelled", "confirmed", "offered"]
    carl.open("/volunteer/mine").sees("空出一个位子").press(TITLE).press("我去", exact=True)
    assert states(app) == ["cancelled", "confirmed", "confirmed"]

    # the day: the leader has no network; pressed twice, it arrives once, when the network is back
    clock.set(shift.starts_at - timedelta(minutes=5))
    staff.page.clock.set_fixed_time(clock.now)
    staff.open(f"/desk/shifts/{shift.id}/day")
    staff.context.set_offline(True)
    staff.page.locator("#s2 [data-press=in] button").click()
    staff.sees("已记下")
    assert "attended" not in states(app)
    staff.context.set_offline(False)
    expect(staff.page.locator("#s2[data-stage=in]")).to_be_visible()
    assert states(app)[1:] == ["attended", "confirmed"]

    # the end by the clock: checked out at the planned end, who never came is absent, hours are shown
    clock.set(shift.ends_at + timedelta(hours=4))
    work(app, "close_shifts")
    assert states(app)[1:] == ["attended", "absent"]
    with app.app_context():
        record = db.session.scalar(select(ServiceRecord))
        assert (record.state, record.half_hours, record.source) == ("shown", 4, "check_in")
        record_id, due = record.id, record.final_due

    # an objection keeps the hours from becoming final; the answer puts them right and shows them again
    bert.open("/volunteer/records").sees(TITLE).open(f"/service-records/{record_id}/object").fill("哪里不对", "收摊又帮了半小时，十一点半才走。").press("说一声")
    clock.set(due + timedelta(minutes=1))
    work(app, "finalise_hours")
    staff.page.clock.set_fixed_time(clock.now)
    staff.open("/desk/hours").sees(TITLE).open(f"/desk/hours/{record_id}")
    staff.fill("计入的分钟", "150").fill("您的答复", "核对过照片，您说得对。").press("答复", exact=True)
    with app.app_context():
        record = db.session.get(ServiceRecord, record_id)
        assert (record.state, record.half_hours) == ("shown", 5)
        due = record.final_due
    clock.set(due + timedelta(minutes=1))
    work(app, "finalise_hours")
    with app.app_context():
        assert db.session.get(ServiceRecord, record_id).state == "final"
        assert points.balance(f"user:{second.id}") == 20  # two points a day at most
    bert.open("/volunteer/records").sees("2.5").open("/points").sees(TITLE)

    # the certificate, and a stranger who checks it
    office = enter(visit("desk"), judge, "/desk/certificates")
    office.press("开具证明").fill("给谁", second.username).press("下一步")
    office.fill("证明上的姓名", "乙测试").press("开具", exact=True)
    with app.app_context():
        made = db.session.scalar(select(Certificate))
        number, code = made.number, made.check_code
    paper = office.page.request.get(f"{office.address}/desk/certificates/1/paper.pdf")
    assert paper.status == 200 and paper.body().startswith(b"%PDF")
    stranger = visit(size).open(f"/certificates/{number}?code={code}").sees("这份证明有效").sees("2.5").sees_not("乙测试")
    stranger.expect_refusal(404).open(f"/certificates/{number}?code=0000000000").sees_not("这份证明有效")
    staff.open(f"/desk/calls/{call_id}").sees(TITLE)
