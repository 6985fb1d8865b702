"""The office in a real browser: every page it opens is inspected; the desk by keyboard, on a phone, and without JavaScript."""

import pytest

from tests.factories import PASSWORD
from tests.matching.office import MatchRun, Office, Proposal


@pytest.fixture
def plan(office: Office) -> tuple[int, list[int]]:
    """A plan in review with three proposals and one demand nobody serves."""
    for name in ("甲样例院", "乙样例院"):
        office.supporter(name, person=office.contact, paired=name.startswith("甲"))
    for number in range(3):
        office.wish(f"一盏台灯 {number}", urgency="now" if number == 0 else "week")
    office.wish("陪着说说话", kind="companionship")
    run_id = office.run()
    return run_id, office.proposals(run_id)


def enter(visitor: object, person: object) -> object:
    visitor.open("/sign-in")
    visitor.page.fill("input[name=username]", person.username)
    visitor.page.fill("input[type=password]", PASSWORD)
    visitor.page.press("input[type=password]", "Enter")
    visitor.page.wait_for_load_state()
    return visitor


def test_the_desk_by_keyboard(office: Office, plan: tuple, visit) -> None:
    desk = enter(visit("desk"), office.street).open("/match/desk").sees("匹配台").sees("陪着说说话")
    desk.page.keyboard.press("j")
    with desk.page.expect_navigation():
        desk.page.keyboard.press("a")
    desk.look().sees("通过了 1 件")
    assert [office.state(Proposal, proposal_id) for proposal_id in plan[1]].count("offered") == 1
    desk.page.keyboard.press("j")
    with desk.page.expect_navigation(url="**/match/proposals/**"):
        desk.page.keyboard.press("r")
    desk.look().tick("太远").press("否决", exact=True).sees("否决了 1 件")
    desk.press("撤销").sees("通过了 1 件")
    desk.press("撤销")
    assert {office.state(Proposal, proposal_id) for proposal_id in plan[1]} == {"proposed"}


@pytest.mark.parametrize("size, javascript", [("phone", True), ("desk", False)])
def test_from_the_desk_to_the_answer(office: Office, plan: tuple, visit, size: str, javascript: bool) -> None:
    run_id, ids = plan
    staff = enter(visit(size, javascript=javascript), office.street).open("/match/desk")
    for box in staff.page.locator("input[name=ids]").all():
        box.check()
    staff.press("通过", within=staff.page.locator(".bulk"), exact=True)
    staff.press("派出已通过的 3 件").sees("派出了 3 件")
    assert office.state(MatchRun, run_id) == "in_use" and {office.state(Proposal, proposal_id) for proposal_id in ids} == {"offered"}
    staff.open(f"/match/runs/{run_id}").open("/match/trial").open("/today").open("/figures").open(f"/match/proposals/{ids[0]}")
    helper = enter(visit(size, javascript=javascript), office.contact).open("/today").open("/offers").open(f"/offers/{ids[0]}")
    helper.press("接下这件")
    assert office.state(Proposal, ids[0]) == "accepted"
    helper.open(f"/offers/{ids[1]}").tick("太远，不方便").press("婉拒，请社区再找").sees("没关系")
    assert office.state(Proposal, ids[1]) == "declined"
    helper.open("/offers")
    staff.open(f"/match/runs/{run_id}").sees("估得准不准").open(f"/match/proposals/{ids[2]}").sees("问到有人答应为止")
