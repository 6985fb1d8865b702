"""Weights in a real browser: a version drafted, looked at and put to use, on a phone with its sliders and at a desk without JavaScript."""

import pytest

from tests.matching.office import Office
from tests.matching.test_browser import enter
from wishapp.jobs import run as jobs
from wishapp.matching.models import Weighting
from wishapp.store.db import db


@pytest.mark.parametrize("size, javascript", [("phone", True), ("desk", False)])
def test_from_the_first_look_to_a_version_in_force(office: Office, visit, size: str, javascript: bool) -> None:
    office.supporter("远帆样例院", person=office.contact, paired=True, at=office.places.far_community)
    office.supporter("近邻样例社", person=office.contact)
    office.wish("一盏台灯", urgency="now")
    office.run()
    district = enter(visit(size, javascript=javascript), office.district).open("/match/weights").press("起草新一版")
    if javascript:
        district.page.locator("[data-mirror=p_near]").fill("300")
        assert district.page.input_value("#p_near") == "300", "the number follows the slider"
    district.page.fill("#p_near", "300")
    district.page.fill("#p_paired", "0")
    district.page.get_by_label("重一点").first.check(force=True)
    district.press("存成草稿", exact=True).sees("草稿存好了").press("先看看会怎样").sees("正在按这一版重排")
    with office.app.app_context():
        jobs.run_job(db.session.get(Weighting, 1).job_id)
    district.open("/match/weights/1").sees("有 1 个心愿会换人来接").sees("一盏台灯").sees("近邻样例社")
    district.press("启用").sees("用上了")
    assert office.look(Weighting, 1, "adopted_by_id") == (office.district.id,)
    street = enter(visit(size, javascript=javascript), office.street).open("/match/weights").sees("权重由区里定").open("/match/weights/1")
    street.open(f"/match/runs/{office.run(objective='tiers')}").sees("权重：第 1 版").sees("最急的先派")
