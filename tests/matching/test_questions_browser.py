"""Questions about a plan in a real browser, on a phone and at a desk, with and without JavaScript: every page opened is inspected."""

import pytest

from tests.matching.office import Office
from tests.matching.test_browser import enter


@pytest.fixture
def plan(office: Office) -> tuple[int, int]:
    """(run, proposal): one of two equal units is planned, another lies too far; one wish more than promised."""
    for name in ("甲样例院", "乙样例院"):
        office.supporter(name, person=office.contact, paired=name.startswith("甲"), quota=1)
    for number in range(3):
        office.wish(f"一盏台灯 {number}")
    run_id = office.run()
    return run_id, office.proposals(run_id)[0]


@pytest.mark.parametrize("size, javascript", [("phone", True), ("desk", False)])
def test_prices_ideas_and_fairness(office: Office, plan: tuple, visit, size: str, javascript: bool) -> None:
    run_id, proposal_id = plan
    staff = enter(visit(size, javascript=javascript), office.street).open(f"/match/proposals/{proposal_id}")
    if javascript:
        staff.page.locator("#swap a.cap").first.click()
        staff.page.wait_for_selector("#swap .panel .fig")
        staff.look().sees("会有哪些变化")
    staff.open(f"/match/proposals/{proposal_id}/instead").sees("您想到的是谁")
    staff.page.fill("input[name=q]", "样例院")
    staff.press("搜索", within=staff.page.locator("#else"))
    staff.page.locator("#else .rows a").last.click()
    staff.page.wait_for_load_state()
    staff.look().sees("一条一条比")
    staff.open("/match/desk").press("怎样就能成").sees("今年多认一件")
    staff.press("试算").sees("这次试算假定")
    staff.open(f"/match/runs/{run_id}/fairness").sees("谁扛了多少").open(f"/match/runs/{run_id}").sees("再看细一点")
