"""The street walked as its people walk it: from the first page by links, then every form they meet, sent with one bad value at a time.

No link that somebody is shown may lead nowhere. No value may end in a 5xx; what a person can see, they can also send wrongly.
"""

import os
import pickle
from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException

from tests.contracts.pages import FormFound, PageFound, read_page
from tests.contracts.walking import READING, STREET, gather, residents_of_the_street, send, with_quick_refusals
from tests.databases import shared_folder

pytestmark = pytest.mark.lived_in
PEOPLE = STREET
MOST_PAGES, MOST_ALIKE = 90, 2
NUMBERS = ("-1", str(2**31), str(2**63), "9" * 400, "NaN", "1.5", "")
TEXTS = ("a\x00b", "长" * 5000, " \u3000 ", "<b>{{ 7*7 }}%(x)s")
DATES = ("2026-13-45", "0001-01-01", "9999-12-31", "x")
WORDS = ("no-such-word", str(2**63), "")
BAD = {"number": NUMBERS, "hidden": (*NUMBERS, "a\x00b"), "date": DATES, "datetime-local": DATES, "select": WORDS, "radio": WORDS, "checkbox": WORDS}
LEFT_OUT = ("/sign-out",)


def endpoint_of(app: Flask, path: str, method: str = READING) -> str:
    """The endpoint that answers an address; "nothing" when none does."""
    try:
        return app.url_map.bind("localhost").match(path.partition("?")[0], method=method)[0]
    except HTTPException:
        return "nothing"


def crawl(app: Flask, client: FlaskClient) -> Iterator[tuple[str, int, PageFound]]:
    """Pages reached from the first one by links, a few of each kind: (path, status, what was found on it)."""
    waiting, seen, alike = ["/"], {"/"}, dict.fromkeys(("static", "nothing"), 0)
    pages = 0
    while waiting and pages < MOST_PAGES:
        path = waiting.pop(0)
        endpoint = endpoint_of(app, path)
        if endpoint == "static" or alike.get(endpoint, 0) >= MOST_ALIKE:
            continue
        alike[endpoint] = alike.get(endpoint, 0) + 1
        pages += 1
        answer = send(client, READING, path)
        is_page = answer.mimetype == "text/html" and answer.status_code == 200
        found = read_page(path, answer.get_data(as_text=True)) if is_page else PageFound([], [])
        if answer.status_code in (302, 303) and answer.location and answer.location.startswith("/"):
            found.links.append(answer.location)
        yield path, answer.status_code, found
        waiting += [link for link in found.links if link not in seen]
        seen.update(found.links)


def pages_of(app: Flask, client: FlaskClient, who: str) -> list[tuple[str, int, PageFound]]:
    """What `crawl` finds for one of the street's people. Every copy of the street is the same, so one crawl a run is kept for all tests."""
    kept = shared_folder() / f"crawl-{who}"
    if not kept.exists():
        making = kept.with_suffix(f".{os.getpid()}")
        making.write_bytes(pickle.dumps(list(crawl(app, client))))
        making.rename(kept)
    return pickle.loads(kept.read_bytes())


@pytest.mark.parametrize("who", PEOPLE)
def test_every_link_leads_somewhere(app: Flask, who: str) -> None:
    client = residents_of_the_street(app, who)[who]
    wrong = [f"{path} answers {status}" for path, status, _found in pages_of(app, client, who) if status not in (200, 302, 303)]
    assert not wrong, "\n  ".join(wrong)


@pytest.fixture
def trusting(make_app) -> Flask:
    """The site with CSRF off, so that every value reaches the view behind it."""
    return with_quick_refusals(make_app(WTF_CSRF_ENABLED=False))


@pytest.mark.both_databases
@pytest.mark.parametrize("who", PEOPLE[:3])
def test_every_form_takes_bad_values_calmly(trusting: Flask, who: str) -> None:
    client = residents_of_the_street(trusting, who)[who]

    def walk() -> Iterator[str]:
        sent: set[str] = set()
        for _path, _status, found in pages_of(trusting, client, who):
            for form in found.forms:
                kind = f"{form.method} {endpoint_of(trusting, form.action, form.method)}"
                if kind in sent or form.action.startswith(LEFT_OUT):
                    continue
                yield from misuse(client, form, {"csrf_token", *(("request_key",) if sent else ())})  # the key is read by the house, the same for all
                sent.add(kind)

    complaints = gather(walk())
    assert not complaints, complaints


def misuse(client: FlaskClient, form: FormFound, left: set[str]) -> Iterator[str]:
    """Send the form with one bad value in one field at a time, but for the fields `left` as they are."""
    for name, kind in {entry.name: entry.kind for entry in form.fields if entry.kind != "file" and entry.name not in left}.items():
        for bad in BAD.get(kind, TEXTS):
            values = [(key, value) for key, value in form.values() if key != name] + [(name, bad)]
            fresh = [(key, uuid4().hex if key == "request_key" and name != "request_key" else value) for key, value in values]
            status = submit(client, form, fresh)
            if status >= 500:
                yield f"{form.method} {form.action} with {name}={bad[:30]!r} answers {status}"


def submit(client: FlaskClient, form: FormFound, values: list[tuple[str, str]]) -> int:
    """Send a form as a browser would."""
    sent: dict[str, list[str]] = {}
    for name, value in values:
        sent.setdefault(name, []).append(value)
    if form.method == READING:
        return send(client, READING, form.action.partition("?")[0], query_string=sent).status_code
    return send(client, "POST", form.action, data=sent).status_code
