"""The strict browser must be strict: each kind of bad page is caught, a good one is not."""

import pytest
from flask import Flask

PAGE = (
    '<!doctype html><html lang="zh-Hans"><head><title>页</title><meta name="viewport" content="width=device-width, initial-scale=1">'
    "</head><body><main><h1>你好</h1>{}</main></body></html>"
)
GOOD = "<form><label>名字 <input name=a></label><button>走吧</button></form>"
BAD = {
    "unlabelled": ("<input name=a>", "a field has no label"),
    "english": ("<p>This field is required.</p>", "English on a Chinese page"),
    "english-hint": ("<button aria-label='close this window'>关</button>", "English on a Chinese page"),
    "unfilled": ("<p>还有 %(days)s 天</p>", "an unfilled placeholder"),
    "wide": ("<img width=900 height=1 alt=''>", "the page scrolls sideways"),
    "console": ("<script>console.error('broken')</script>", "console error"),
    "throws": ("<script>null.broken</script>", "page error"),
    "elsewhere": ("<img alt='' src='http://elsewhere.invalid/x.png'>", "request to another machine"),
    "forgeable": ("<form method=post><button>去</button></form>", "a POST form has no CSRF token"),
    "unnamed": ("<button></button>", "axe: button-name"),
    "inline": ("<p style='color:red'>红</p>", "inline style"),
    "twins": ("<p id=a>一</p><p id=a>二</p>", 'the id "a" is used 2 times'),
}


@pytest.fixture
def app() -> Flask:
    site = Flask("strictness")
    pages = {"good": GOOD, **{name: markup for name, (markup, _fault) in BAD.items()}}
    site.add_url_rule("/<name>", "page", lambda name: PAGE.format(pages[name]))
    site.add_url_rule("/favicon.ico", "icon", lambda: "")
    site.add_url_rule("/broken", "broken", lambda: (PAGE.format("坏了"), 500))
    return site


@pytest.mark.parametrize("javascript", [True, False])
def test_a_good_page_passes(visit, javascript: bool) -> None:
    visitor = visit(javascript=javascript)
    visitor.open("/good").fill("名字", "某").press("走吧").sees("你好").sees_not("再见")
    assert visitor.path == "/good"


@pytest.mark.parametrize("name", BAD)
def test_a_bad_page_is_caught(visit, name: str) -> None:
    with pytest.raises(AssertionError) as caught:
        visit().open(f"/{name}")
    assert BAD[name][1] in str(caught.value)


def test_an_answer_of_500_is_caught(visit) -> None:
    with pytest.raises(AssertionError, match="answer 500 from GET /broken"):
        visit().open("/broken")
