"""Bad input anywhere a person can type or send gives a clear 4xx, never a 5xx, in a street that is lived in; what reaches a database, on both.

Every route is met by whoever may use it first (see walking.residents_of_the_street), with every kind of bad value in everything it reads:
what a route reads is noted while it answers, and asked again with that until it reads nothing new.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest
from flask import Flask, Request, request
from flask.testing import FlaskClient
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule

from tests.contracts.walking import (
    BAD_TEXTS,
    HUGE_IDS,
    READING,
    SENDING,
    actors_of_the_street,
    address,
    as_signed_in,
    gather,
    has_ids,
    ids_of,
    residents_of_the_street,
    routes,
    send,
    with_quick_refusals,
)
from tests.databases import Database

pytestmark = pytest.mark.lived_in
LEFT_OUT = {"accounts.sign_out"}  # it would end the walk


class Noting(ImmutableMultiDict):
    """Parameters or fields of a request; notes which names are asked for."""

    read: set[str] = set()

    def get(self, key: str, *args: object, **options: object) -> object:
        self.read.add(key)
        return super().get(key, *args, **options)

    def getlist(self, key: str, *args: object, **options: object) -> list:
        self.read.add(key)
        return super().getlist(key, *args, **options)

    def __getitem__(self, key: str) -> object:
        self.read.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.read.add(key)
        return super().__contains__(key)

    def items(self, *args: object, **options: object) -> Iterator:
        if request.method == READING:  # of what is sent, everything is looked at to know it again, the same for every route
            self.read.add("q")
        return super().items(*args, **options)


class NotingRequest(Request):
    """A request whose parameters and fields note what is read of them."""

    parameter_storage_class = Noting


@dataclass
class Street:
    """The site with CSRF off, so that every bad value reaches the view behind it, and its people signed in. `names`: what each route was
    seen to read, by method and endpoint."""

    app: Flask
    clients: dict[str, FlaskClient]
    actors: dict = field(default_factory=dict)
    names: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def status(self, method: str, rule: Rule, ask: Callable[[list[str]], int]) -> int:
        """The worst answer of `ask(names)`, asked until the route reads no name that was not among them."""
        known, worst = self.names.setdefault((method, rule.endpoint), set()), 0
        while True:
            Noting.read.clear()
            asked = set(known)
            worst = max(worst, ask(sorted(asked)))
            known |= Noting.read - {"request_key"}
            if known == asked:
                return worst

    def client_for(self, rule: Rule) -> FlaskClient:
        """Whoever may use the route first; a stranger where everybody may."""
        guard = getattr(self.app.view_functions[rule.endpoint], "__guard__", "public")
        if guard == "public":
            return self.clients["stranger"]
        return next(client for name, client in self.clients.items() if name in self.actors and self.actors[name].may(guard))

    def reads_nothing(self, method: str, rule: Rule) -> bool:
        """Has the route been asked and read nothing: another value changes nothing."""
        return self.names.get((method, rule.endpoint)) == set()

    def walk(self, method: str) -> Iterator[tuple[Rule, FlaskClient]]:
        """Every route of this method with whoever meets it."""
        for rule in routes(self.app, method):
            if rule.endpoint not in LEFT_OUT:
                yield rule, self.client_for(rule)


@pytest.fixture
def street(make_app, database: Database) -> Street:
    quick = (SENDING,) if database.kind == "sqlite" else (SENDING, READING)  # how a refusal is drawn does not hang on the database
    app = with_quick_refusals(make_app(WTF_CSRF_ENABLED=False), *quick)
    app.request_class = NotingRequest
    clients = {**residents_of_the_street(app), "stranger": app.test_client()}
    return Street(app, {name: as_signed_in(client) for name, client in clients.items()}, actors_of_the_street(app))


@pytest.mark.both_databases
def test_ids_out_of_range(street: Street) -> None:
    def walk() -> Iterator[str]:
        for method in (READING, SENDING):
            for rule, client in street.walk(method):
                for number in HUGE_IDS if has_ids(rule) else ():
                    path = address(street.app, rule, number)
                    status = send(client, method, path).status_code if path else 404
                    if status >= 500 or status == 200:
                        yield f"{method} {rule.rule} with {number} answers {status}"

    complaints = gather(walk())
    assert not complaints, complaints


@pytest.mark.both_databases
def test_bad_words_in_the_address(street: Street) -> None:
    def walk() -> Iterator[str]:
        for rule, client in street.walk(READING):
            number = ids_of(street.app, rule, 1)[0]
            for name, bad in BAD_TEXTS.items():
                quoted = quote(bad[:120].encode("utf-8", "surrogatepass"), safe="")  # longer than any field takes, and still an address that servers let through
                for path in bad_paths(street.app, rule, number, quoted if bad.strip() not in ("", ".") else ""):
                    if street.reads_nothing(READING, rule) and quoted not in path:
                        continue
                    status = street.status(READING, rule, lambda names, client=client, path=path, quoted=quoted: send(
                        client, READING, f"{path}?{'&'.join(f'{name}={quoted}' for name in names)}").status_code)
                    if status >= 500:
                        yield f"{path[:90]} ({name}) answers {status}"

    complaints = gather(walk())
    assert not complaints, complaints


def bad_paths(app: Flask, rule: Rule, number: int, quoted: str) -> Iterator[str]:
    """The route as it is, and with the bad text in its own words."""
    yield address(app, rule, number)
    worded = address(app, rule, number, word="WORD")
    if worded and "WORD" in worded and quoted:
        yield worded.replace("WORD", quoted)


def test_control_a_parameter_read_only_after_another_is_found(street: Street) -> None:
    """A view that breaks on a bad value of a parameter no form names, and reads it only where another is given."""
    def view() -> str:
        first = request.args.get("an_odd_name")
        return str(int(request.args.get("another", "1"))) if first else ""

    view.__guard__ = "public"
    street.app.view_functions["control.view"] = view
    rule = Rule("/control", endpoint="control.view", methods=["GET"])
    street.app.url_map.add(rule)
    street.app.config["PROPAGATE_EXCEPTIONS"] = False
    status = [street.status(READING, rule, lambda names, bad=bad: send(
        street.clients["stranger"], READING, f"/control?{urlencode([(name, bad) for name in names])}").status_code) for bad in ("1", "x")]
    assert status == [200, 500] and street.names[READING, "control.view"] == {"an_odd_name", "another"}


PARAMETERS = ("page=-1", "page=99999999999999999999", "page=1&page=x", "q=" + "x" * 20_000, "q=%00", "state=nothing&kind=nothing&sort=;drop",
              "place=9223372036854775808", "&=&%00=%00&a[]=1")


def test_single_bad_parameters(street: Street) -> None:
    def walk() -> Iterator[str]:
        for rule, client in street.walk(READING):
            path = address(street.app, rule, ids_of(street.app, rule, 1)[0])
            for query in PARAMETERS:
                if street.reads_nothing(READING, rule):
                    break
                status = street.status(READING, rule, lambda _names, client=client, path=path, query=query: send(client, READING, f"{path}?{query}").status_code)
                if status >= 500:
                    yield f"{path}?{query[:30]} answers {status}"

    complaints = gather(walk())
    assert not complaints, complaints


@pytest.mark.both_databases
def test_bad_words_in_every_field(street: Street) -> None:
    def walk() -> Iterator[str]:
        for rule, client in street.walk(SENDING):
            path = address(street.app, rule, ids_of(street.app, rule, 1)[0])
            for name, bad in BAD_TEXTS.items():
                if street.reads_nothing(SENDING, rule):
                    break
                status = street.status(SENDING, rule, lambda names, client=client, path=path, bad=bad: send(
                    client, SENDING, path, data=body_with(names, bad[:600]), content_type="application/x-www-form-urlencoded").status_code)
                if status >= 500:
                    yield f"{rule.rule} with {name} in every field answers {status}"

    complaints = gather(walk())
    assert not complaints, complaints


def body_with(names: list[str], bad: str) -> bytes:
    """A form with the bad text in every field."""
    sent = quote(bad.encode("utf-8", "surrogatepass"))
    return "&".join([*(f"{name}={sent}" for name in names), f"request_key={uuid4().hex}"]).encode()


BODIES = {
    "no body": {"data": b""},
    "broken form": {"data": b"%%%=\xff\xfe&&&=;", "content_type": "application/x-www-form-urlencoded"},
    "broken multipart": {"data": b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1", "content_type": "multipart/form-data; boundary=x"},
    "multipart without boundary": {"data": b"abc", "content_type": "multipart/form-data"},
    "JSON": {"data": b'{"a": [1, {"b": "\\ud800"}]}', "content_type": "application/json"},
    "broken JSON": {"data": b'{"a": ', "content_type": "application/json"},
    "XML": {"data": b'<!DOCTYPE x [<!ENTITY y "z">]><x>&y;</x>', "content_type": "application/xml"},
    "another charset": {"data": "名=值".encode("gb18030"), "content_type": "application/x-www-form-urlencoded; charset=gb18030"},
    "a thousand fields": {"data": urlencode([(f"f{number}", "1") for number in range(1500)]), "content_type": "application/x-www-form-urlencoded"},
    "a large field": {"data": b"title=" + b"x" * 700_000, "content_type": "application/x-www-form-urlencoded"},
    "no photo": {"data": {"photo": (b"", "a.jpg"), "photos": (b"", "b.jpg"), "proof": (b"", "c.jpg")}},
}


def test_bodies_nobody_asked_for(street: Street) -> None:
    first = next(rule for rule, _client in street.walk(SENDING))

    def walk() -> Iterator[str]:
        for rule, client in street.walk(SENDING):
            path = address(street.app, rule, ids_of(street.app, rule, 1)[0])
            for name in BODIES:
                status = street.status(SENDING, rule, lambda _names, client=client, path=path, name=name: send(client, SENDING, path, **body_of(name)).status_code)
                if status >= 500:
                    yield f"{path} with {name} answers {status}"
                if street.reads_nothing(SENDING, rule) and rule is not first:  # there the house alone looks at what is sent, the same for all
                    break

    complaints = gather(walk())
    assert not complaints, complaints


def body_of(name: str) -> dict:
    """A fresh body: files are read once."""
    made = dict(BODIES[name])
    if isinstance(made["data"], dict):
        made["data"] = {key: (BytesIO(content), filename) for key, (content, filename) in made["data"].items()}
    return made


COOKIES = ("session=garbage", "session=", "remember_token=1|x", "lang=xx", "lang=\"zh", "elder=9", "theme=%00", "session=.eJw.xx.yy", "lang=zh-Hant; lang=en")


def test_cookies_nobody_gave(street: Street) -> None:
    client = street.app.test_client(use_cookies=False)
    for rule in routes(street.app, READING)[:12]:
        for cookie in COOKIES:
            with client.get(address(street.app, rule), headers={"Cookie": cookie}, buffered=True) as answer:
                assert answer.status_code < 500, (rule.rule, cookie)


HEADERS = (
    {"Accept-Language": "xx-XX,zz;q=foo,*;q=9"}, {"Accept-Language": "zh" * 5000}, {"Accept-Language": "zh-CN;q=1e9, zh-Hant-HK, en;q=-1"},
    {"Range": "bytes=0-1,5-900000000000000000000"}, {"If-Modified-Since": "yesterday"}, {"If-None-Match": '"\\'},
    {"X-Forwarded-For": "'; --, ::1, 999.999.999.999"}, {"Host": "evil.invalid"}, {"User-Agent": "\xff" * 3000},
    {"Referer": "javascript:alert(1)"}, {"Referer": "https://evil.invalid/"}, {"HX-Request": "true"}, {"Content-Length": "-5"}, {"Accept": "\x00"},
)


def test_headers_nobody_sends(street: Street) -> None:
    for rule, client in list(street.walk(READING))[:12]:
        for headers in HEADERS:
            with client.get(address(street.app, rule), headers=headers, buffered=True) as answer:
                assert answer.status_code < 500, (rule.rule, headers)
                assert "evil.invalid" not in answer.headers.get("Location", ""), (rule.rule, headers)
