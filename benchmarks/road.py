"""The road in the browser: from pressing "match" to the plan on the desk, and on to the approved plan.

    python -m benchmarks.road [street|district] [most]      (street, at most 1 approval press when not said)

Loads the demonstration into a throw-away SQLite database, serves it as `wishapp serve` does, signs in with Chromium as
the staff in charge, presses, waits and approves everything in the filter. Prints the seconds of each part, the gap as the desk shows
it, and the machine's load. One press takes them all; a second one is only for what came up meanwhile.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests import databases
from tests.browser import ARGUMENTS, BROWSERS
from wishapp import create_app
from wishapp.demo import district, street
from wishapp.demo.accounts import PASSWORD
from wishapp.store.db import db

ROOT = Path(__file__).resolve().parents[1]
SCALES = {"street": street.load, "district": district.load}
PATIENCE = 600_000  # milliseconds
WAITING = "main [data-review] h2"


def serve(folder: str) -> tuple[subprocess.Popen, str]:
    """The site on a free port; (its process, its address)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (Path(folder) / "serve.log").open("w")
    process = subprocess.Popen([sys.executable, "-m", "flask", "--app", "wishapp", "serve", "--port", str(port)],
                               cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, env={**os.environ, "WISHAPP_INSTANCE": folder})
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process, f"http://127.0.0.1:{port}"
        time.sleep(0.2)
    raise SystemExit("the site did not start")


def walk(page: Page, address: str, username: str, presses: int) -> None:
    """Sign in, press, wait, approve; prints as it goes."""
    page.set_default_timeout(PATIENCE)
    page.goto(f"{address}/sign-in")
    page.fill("main input[type=text]", username)
    page.fill("main input[type=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.goto(f"{address}/match/desk")
    before, began = os.getloadavg()[0], time.perf_counter()
    page.click("main form[action$='/match/start'] button")
    page.wait_for_selector("main a[href*='/match/desk'].btn--work")  # "review it" stands on the page of a plan that has come out
    found = time.perf_counter()
    page.click("main a[href*='/match/desk'].btn--work")
    page.wait_for_selector("table.tbl--desk")
    seen = time.perf_counter()
    gap = re.search(r"≤\s*([\d.]+)\s*%", page.inner_text("main .strip--desk"))
    print(f"from pressing to a plan: {found - began:.1f} s, on the desk: {seen - began:.1f} s, "
          f"gap shown: {gap[1] if gap else '0'} %, load {before:.1f} to {os.getloadavg()[0]:.1f}", flush=True)
    for number in range(presses):
        if not page.query_selector("input[name=all]"):
            break
        page.check("input[name=all]")
        waiting = page.inner_text(WAITING)
        page.click("button[formaction*='approve-many']")
        page.wait_for_function("([where, before]) => { const head = document.querySelector(where); return head && head.innerText !== before }",
                               arg=[WAITING, waiting])
        print(f"    press {number + 1} of approve: {time.perf_counter() - began:.1f} s since the beginning; "
              f"{waiting.strip()} before, {page.inner_text(WAITING).strip()} after", flush=True)


def main(scale: str = "street", presses: int = 1) -> None:
    """Load, serve, walk."""
    databases.open_shared_folder()
    folder = tempfile.mkdtemp(prefix="wishapp-road-")
    process = None
    try:
        url = f"sqlite:///{folder}/wishapp.sqlite"
        databases.create_schema(url, Path(folder))
        app = create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": url, "INSTANCE": folder, "LOG_LEVEL": "ERROR"})
        with app.app_context():
            SCALES[scale](1)
            db.session.remove()
            db.engine.dispose()
        process, address = serve(folder)
        program = os.environ.get("WISHAPP_TEST_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
            walk(browser.new_page(viewport={"width": 1280, "height": 900}, locale="zh-CN"), address, scale, presses)
            browser.close()
    finally:
        if process is not None:
            process.terminate()
            process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)
        databases.close_shared_folder()


if __name__ == "__main__":
    main(*[kind(word) for kind, word in zip((str, int), sys.argv[1:], strict=False)])
