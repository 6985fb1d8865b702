"""Large print: 22.4 px, and 30 px for those who ask for it; nothing runs out of a small phone."""

import pytest


@pytest.mark.parametrize(("choice", "size"), [("0", "17px"), ("1", "22.4px"), ("2", "30px")])
def test_sizes_of_body_text(visit, choice, size):
    reader = visit("small")
    reader.context.add_cookies([{"name": "elder", "value": choice, "url": reader.address}])
    reader.open("/sign-in")
    reader.open("/privacy")
    assert reader.page.evaluate("getComputedStyle(document.body).fontSize") == size


def test_larger_and_back_from_the_footer(visit):
    reader = visit("phone", javascript=False)
    reader.open("/privacy")
    foot = reader.page.locator("footer")
    for value in ("1", "2", "1", "0"):
        foot.locator(f"button[name=elder][value='{value}']").click()
        reader.page.wait_for_load_state()
        reader.look()
        assert reader.page.locator("html").get_attribute("data-size") == ("larger" if value == "2" else None)
        assert reader.page.locator("html").get_attribute("data-mode") == (None if value == "0" else "elder")
