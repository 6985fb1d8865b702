"""Pages of wishes in a real Chromium, on a phone and at a desk: every page met is inspected (tests/browser.py)."""

from collections.abc import Callable

import pytest

from tests.factories import PASSWORD, Person
from tests.wishes.scene import Scene


def enter(visitor: object, person: Person, path: str) -> object:
    """Sign in on the way to a page."""
    visitor.open(path)
    visitor.page.fill("[name=username]", person.username)
    visitor.page.fill("[name=password]", PASSWORD)
    visitor.page.press("[name=password]", "Enter")
    visitor.page.wait_for_url(f"**{path}")
    return visitor.look()


@pytest.fixture
def lively(stage: Scene) -> dict[str, int]:
    """Wishes in every state, by state."""
    with stage.app.app_context():
        ids = {"submitted": stage.submit(title="想要一台血糖仪", item="").id, "open": stage.open_wish(title="上门理一次发", kind="service", item="").id}
        wish, _claim = stage.fulfilled()
        ids["fulfilled"] = wish.id
        wish, claim = stage.delivered()
        ids["delivered"] = wish.id
        wish = stage.open_wish(title="一口新电饭煲")
        ids["in_progress"], ids["claim"] = wish.id, stage.claim(wish).id
    return ids


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_visitor(stage: Scene, lively: dict[str, int], visit: Callable, size: str) -> None:
    """The wall, searched and filtered; a wish; nothing found."""
    anna = visit(size)
    anna.open("/").sees("邻居们的心愿").sees("上门理一次发")
    for path in ("/?q=理发", "/?q=没有这个", "/?state=done", *(f"/wishes/{lively[state]}" for state in ("open", "delivered", "fulfilled"))):
        anna.open(path)


def test_posting_on_a_phone(stage: Scene, lively: dict[str, int], visit: Callable) -> None:
    """Four steps with the thumb; the same wish nearby is shown while typing."""
    anna = enter(visit("phone"), stage.resident, "/wishes/new")
    anna.tick("上门帮忙").press("下一步")
    anna.page.locator("#title").press_sequentially("上门理一次发吧")
    anna.sees("附近有一样的").press("下一步").press("下一步")
    anna.page.fill("#beneficiary_phone", "13800001234")
    anna.expect_refusal(422).press("许下这个心愿").sees("要勾上这一项才能发出去")
    anna.page.locator("#consent").check()
    anna.press("许下这个心愿").sees("社区正在看")


@pytest.mark.parametrize(("who", "paths"), [
    ("resident", ["/wishes/mine", "/wishes/{delivered}", "/wishes/{fulfilled}", "/wishes/{submitted}", "/wishes/{delivered}/dispute",
                  "/wishes/{open}/withdraw", "/wishes/{delivered}/reads"]),
    ("contact", ["/wishes/jobs", "/wishes/{open}", "/wishes/{in_progress}", "/wishes/claims/{claim}/deliver", "/wishes/claims/{claim}/leave"]),
    ("staff", ["/desk/wishes", "/desk/wishes?tab=open", "/wishes/{submitted}", "/desk/wishes/{submitted}/edit", "/desk/wishes/{submitted}/merge",
               "/desk/field", "/desk/wishes/new"]),
])
@pytest.mark.parametrize("size", ["phone", "desk"])
def test_every_page(stage: Scene, lively: dict[str, int], visit: Callable, size: str, who: str, paths: list[str]) -> None:
    """Each person's pages at both widths."""
    first, *others = [path.format(**lively) for path in paths]
    anna = enter(visit(size), getattr(stage, who), first)
    for path in others:
        anna.open(path)
