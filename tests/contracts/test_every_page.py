"""Every page of the street, as the strict browser sees it: on a phone for those who live and help there, at a desk for those who work there."""

import pytest
from flask import Flask

from tests.contracts.test_crawl import endpoint_of, pages_of
from tests.contracts.walking import residents_of_the_street
from wishapp.demo.accounts import PASSWORD

pytestmark = pytest.mark.lived_in
DEVICES = [("resident", "phone"), ("unit", "phone"), ("member", "small"), ("grid", "phone"), ("community", "desk"), ("street", "desk"), ("community", "phone")]


@pytest.mark.parametrize(("who", "size"), DEVICES)
def test_every_page_passes_the_strict_browser(app: Flask, visit, who: str, size: str) -> None:
    paths: dict[str, str] = {}
    for path, status, found in pages_of(app, residents_of_the_street(app, who)[who], who):
        if status == 200 and found.links:  # files to download have none
            paths.setdefault(endpoint_of(app, path), path)
    visitor = visit(size)
    visitor.open("/sign-in")
    visitor.page.get_by_label("用户名或手机号").fill(who)
    visitor.page.locator("input[name=password]").fill(PASSWORD)
    visitor.page.locator("main form button").first.click()
    visitor.page.wait_for_load_state()
    wrong = []
    for path in paths.values():
        try:
            visitor.open(path)
        except AssertionError as fault:
            wrong.append(str(fault).partition("\nassert")[0])
    assert not wrong, "\n".join(wrong)
