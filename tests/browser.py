"""A strict visitor in a real Chromium: meets a fault on a page, fails the test.

    def test_wall(visit):
        anna = visit()                       # a phone, 360 x 780; visit("desk"), visit("phone", javascript=False)
        anna.open("/")
        anna.fill("手机号", "13900000001")
        anna.press("下一步")
        anna.sees("轮到您了")

On every page a visitor meets: title, language, one heading, labelled fields, CSRF tokens, unique ids, nothing scrolling
sideways, no English on a Chinese page, axe-core without serious faults. At all times: no console error, no page error, no
breach of the content policy, no answer of 500 or more, no request to another machine.
"""

import hashlib
import os
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from babel.messages.pofile import read_po
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Locator, Page, Request, Response, expect, sync_playwright

from tests import databases
from tests.live import serving

HERE = Path(__file__).parent
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox", "--renderer-process-limit=1", "--disable-gpu", "--in-process-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]
SIZES = {"phone": (360, 780), "small": (320, 640), "tablet": (768, 1024), "desk": (1280, 900), "wall": (1920, 1080)}
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# bars that stick to the edge lie still while axe measures: a target half under one is whole again at the next scroll
RUN_AXE = """async (tags) => {
  const bars = [...document.querySelectorAll(".tabbar, .undo--float")];
  bars.forEach((bar) => { bar.style.position = "static"; });
  const found = (await axe.run(document, {runOnly: tags, resultTypes: ["violations"]})).violations;
  bars.forEach((bar) => bar.removeAttribute("style"));
  return found.filter((fault) => ["serious", "critical"].includes(fault.impact))
    .map((fault) => `${fault.id} (${fault.impact}): ${fault.help}: ` + fault.nodes.slice(0, 3).map((node) => node.target.join(" ")).join(" | "));
}"""

# the kinds of elements a page is made of, each with what it stands in and what stands in it; however many, and whatever they say
KINDS = """() => {
  const kind = (node) => `${node.localName} ` + [...node.attributes]
    .map(({name, value}) => ["class", "role", "type"].includes(name) ? `${name}=${value}` : name).sort().join(" ");
  const kinds = new Map([...document.querySelectorAll("*")].map((node) => [node, kind(node)]));
  const mode = JSON.stringify(document.documentElement.dataset) + matchMedia("(prefers-color-scheme: dark)").matches;
  const parts = (node) => new Set([...node.children].map((child) => child.localName));
  return [...new Set([...kinds].map(([node, own]) => [kinds.get(node.parentElement) || "", own, mode, ...parts(node)].join(" / ")))];
}"""

expect.set_options(timeout=10_000)


@cache
def page_checks() -> str:
    return (HERE / "page_checks.js").read_text(encoding="utf-8")


@cache
def axe() -> str:
    return (HERE / "vendor" / "axe.min.js").read_text(encoding="utf-8")


@cache
def english_messages() -> frozenset[str]:
    """Message ids whose Chinese differs, long enough to be no accident on a Chinese page."""
    path = HERE.parent / "translations" / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as handle:
        catalogue = read_po(handle, locale="zh_Hans_CN")
    return frozenset(entry.id for entry in catalogue if isinstance(entry.id, str) and len(entry.id) > 3 and entry.string != entry.id)


class Judged:
    """What axe-core has found nothing wrong with in this run, in whichever process: read from the run's folder, file by file."""

    def __init__(self) -> None:
        self.kinds: set[str] = set()
        self.read: set[str] = set()

    def holds(self, kinds: set[str]) -> bool:
        """Has every one of these been judged."""
        for path in self._folder().glob("*.kinds"):
            if path.name not in self.read:
                self.read.add(path.name)
                self.kinds.update(path.read_text().split())
        return kinds <= self.kinds

    def add(self, kinds: set[str]) -> None:
        """For all processes; a file is there whole or not at all."""
        fresh = self._folder() / uuid.uuid4().hex
        fresh.write_text("\n".join(kinds))
        fresh.rename(fresh.with_suffix(".kinds"))

    @staticmethod
    def _folder() -> Path:
        folder = databases.shared_folder() / "axe"
        folder.mkdir(exist_ok=True)
        return folder


JUDGED = Judged()


class Visitor:
    """One person at one device. `page` is Playwright's own page, for what the verbs here do not say."""

    def __init__(self, context: BrowserContext, address: str, *, has_javascript: bool) -> None:
        self.address = address
        self.context = context
        self.has_javascript = has_javascript
        self.faults: list[str] = []
        self.expected_statuses: set[int] = set()
        self.page: Page = context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        self.page.on("request", self._request)
        self.page.on("response", self._response)

    # going and doing

    def open(self, path: str) -> "Visitor":
        """Go to a path of the site."""
        self.page.goto(self.address + path)
        return self.look()

    def press(self, name: str, *, within: Locator | None = None, exact: bool = False) -> "Visitor":
        """Press the first shown button or link with this name, and look at what comes."""
        place = within or self.page
        target = place.get_by_role("button", name=name, exact=exact).or_(place.get_by_role("link", name=name, exact=exact))
        target.locator("visible=true").first.click()
        self.page.wait_for_load_state()
        return self.look()

    def fill(self, label: str, value: str) -> "Visitor":
        """Type into the field with this label."""
        self.page.get_by_label(label).locator("visible=true").first.fill(value)
        return self

    def choose(self, label: str, value: str) -> "Visitor":
        """Choose an option, by its text, in the list with this label."""
        self.page.get_by_label(label).first.select_option(label=value)
        return self

    def tick(self, label: str) -> "Visitor":
        """Tick a box or pick a radio button by its label, as a finger on the label does."""
        field = self.page.get_by_label(label).first
        if not field.is_checked():
            self.page.locator(f"label[for='{field.get_attribute('id')}'], label:has(input)").filter(has_text=label).first.click()
        return self

    def sees(self, text: str) -> "Visitor":
        """The text is shown somewhere on the page."""
        expect(self.page.get_by_text(text).locator("visible=true").first).to_be_visible()
        return self

    def sees_not(self, text: str) -> "Visitor":
        """The text is shown nowhere on the page."""
        expect(self.page.get_by_text(text).locator("visible=true")).to_have_count(0)
        return self

    @property
    def path(self) -> str:
        """Path of the page the visitor is on."""
        return urlsplit(self.page.url).path

    def expect_refusal(self, *statuses: int) -> "Visitor":
        """The next pages may answer with these statuses: Chromium reports such answers on its console, and so would we."""
        self.expected_statuses = set(statuses)
        return self

    # looking

    def look(self) -> "Visitor":
        """Inspect the page as it stands; raises AssertionError naming every fault."""
        try:
            self._inspect()
        except Error:  # the page was just giving way to the next one
            self.page.wait_for_timeout(200)
            self.page.wait_for_load_state()
            self._inspect()
        self.complain()
        return self

    def _inspect(self) -> None:
        seen = self.page.evaluate(page_checks())
        found = seen["faults"] + [f"English on a Chinese page ({where}): “{words[:80]}”" for words, where in seen["latin"] if words in english_messages()]
        if self.has_javascript and not found:
            kinds = self._kinds()
            if not JUDGED.holds(kinds):
                self.context.new_cdp_session(self.page).send("Runtime.evaluate", {"expression": axe()})  # half the way of page.evaluate
                found = [f"axe: {fault}" for fault in self.page.evaluate(RUN_AXE, AXE_TAGS)]
                if not found:
                    JUDGED.add(kinds)
        self.faults += found

    def complain(self) -> None:
        """Raise what has gathered."""
        faults, self.faults = self.faults, []
        assert not faults, f"on {self.page.url}:\n  " + "\n  ".join(dict.fromkeys(faults))

    def screenshot(self, path: Path | str, *, full_page: bool = True) -> None:
        """Keep a picture of the page."""
        self.page.screenshot(path=str(path), full_page=full_page)

    def _kinds(self) -> set[str]:
        """What axe-core could find fault with on this page at this size: that it is this page, and each kind of element in its place."""
        size, address = self.page.viewport_size, re.sub(r"\d+|/[\w-]{20,}", "0", self.path)
        return {hashlib.sha256(f"{size} {kind}".encode()).hexdigest()[:24] for kind in [address, *self.page.evaluate(KINDS)]}

    # what Chromium reports

    def _console(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        refusal = re.search(r"the server responded with a status of (\d+)", message.text)
        if refusal and int(refusal[1]) in self.expected_statuses:
            return
        self.faults.append(f"console error: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.address + "/", "data:", "blob:")):
            self.faults.append(f"request to another machine: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500 and response.status not in self.expected_statuses:
            self.faults.append(f"answer {response.status} from {response.request.method} {urlsplit(response.url).path}")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium, started once per test process."""
    program = os.environ.get("WISHAPP_TEST_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not program:
        pytest.fail("no Chromium on this machine; `make test` says how to install it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def live(app: Flask) -> Iterator[str]:
    """Address of the site, served on this test's own database."""
    with serving(app) as address:
        yield address


@pytest.fixture
def visit(chromium: Browser, live: str) -> Iterator[Callable[..., Visitor]]:
    """`visit(size, javascript=True, …)`: a new visitor with a browser of their own; other words go to Playwright's new_context."""
    with ExitStack() as stack:
        visitors: list[Visitor] = []

        def arrive(size: str = "phone", *, javascript: bool = True, **device: object) -> Visitor:
            width, height = SIZES[size]
            settings = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": {"width": width, "height": height}, **device}
            context = chromium.new_context(java_script_enabled=javascript, **settings)
            stack.callback(context.close)
            visitors.append(Visitor(context, live, has_javascript=javascript))
            return visitors[-1]

        yield arrive
        for visitor in visitors:
            visitor.complain()
