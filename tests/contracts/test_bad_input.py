"""Bad input anywhere a person can type or send gives a clear 4xx, never a 5xx, on both databases."""

from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
from flask import Flask

from tests.contracts.walking import BAD_TEXTS, HUGE_IDS, READING, SENDING, address, everybody, field_names, gather, has_parameters, routes, send, visitors
from tests.factories import Neighbourhood

pytestmark = pytest.mark.both_databases
WATCHERS = ("stranger", "signed_in", "unit_contact", "district_staff")


@pytest.fixture
def site(make_app, database) -> Flask:
    """The site with CSRF off, so that every bad value reaches the view behind it."""
    return make_app(WTF_CSRF_ENABLED=False)


@pytest.fixture
def app(site: Flask) -> Flask:
    return site


def walkers(site: Flask, at: Neighbourhood) -> Iterator:
    people = {role: person for role, person in everybody(site, at).items() if role in WATCHERS}
    return visitors(site, people)


def quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"))


def test_ids_out_of_range(site: Flask, neighbourhood: Neighbourhood) -> None:
    def walk() -> Iterator[str]:
        for role, client in walkers(site, neighbourhood):
            for method in (READING, SENDING):
                for rule in filter(has_parameters, routes(site, method)):
                    for number in HUGE_IDS:
                        status = send(client, method, address(site, rule, number)).status_code
                        if status >= 500 or status == 200:
                            yield f"{method} {rule.rule} with {number} answers {role} {status}"

    complaints = gather(walk())
    assert not complaints, complaints


@pytest.mark.parametrize("name", BAD_TEXTS)
def test_bad_words_in_the_address(site: Flask, neighbourhood: Neighbourhood, name: str) -> None:
    bad = BAD_TEXTS[name][:3000]

    def walk() -> Iterator[str]:
        for role, client in walkers(site, neighbourhood):
            for rule in routes(site, READING):
                for path in bad_addresses(site, rule, bad):
                    status = send(client, READING, path).status_code
                    if status >= 500:
                        yield f"{path[:90]} answers {role} {status}"

    complaints = gather(walk())
    assert not complaints, complaints


def bad_addresses(site: Flask, rule: object, bad: str) -> Iterator[str]:
    """The route with the bad text in every query parameter at once, one at a time, twice, and in its own words."""
    path = address(site, rule)
    encoded = bad.encode("utf-8", "surrogatepass")
    yield f"{path}?{urlencode(dict.fromkeys(field_names(), encoded))}"
    for name in ("q", "page", "sort", "state", "kind", "place", "next", "lang"):
        yield f"{path}?{name}={quote(encoded)}"
    yield f"{path}?page=-1&page={quote(encoded)}"
    yield f"{path}?{quote(encoded)}"
    worded = address(site, rule, word="WORD")
    if worded and "WORD" in worded and bad.strip() not in ("", "."):
        yield worded.replace("WORD", quote(encoded, safe=""))


@pytest.mark.parametrize("name", BAD_TEXTS)
def test_bad_words_in_every_field(site: Flask, neighbourhood: Neighbourhood, name: str) -> None:
    bad = BAD_TEXTS[name].encode("utf-8", "surrogatepass")

    def walk() -> Iterator[str]:
        for role, client in walkers(site, neighbourhood):
            for rule in routes(site, SENDING):
                if rule.endpoint == "accounts.sign_out":
                    continue
                status = send(client, SENDING, address(site, rule), data=urlencode(dict.fromkeys(field_names(), bad[:4000])),
                              content_type="application/x-www-form-urlencoded").status_code
                if status >= 500:
                    yield f"{rule.rule} with {name} in every field answers {role} {status}"

    complaints = gather(walk())
    assert not complaints, complaints


BODIES = {
    "no body": {"data": b""},
    "broken form": {"data": b"%%%=\xff\xfe&&&=;", "content_type": "application/x-www-form-urlencoded"},
    "broken multipart": {"data": b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1", "content_type": "multipart/form-data; boundary=x"},
    "multipart without boundary": {"data": b"abc", "content_type": "multipart/form-data"},
    "JSON": {"data": b'{"a": [1, {"b": "\\ud800"}]}', "content_type": "application/json"},
    "broken JSON": {"data": b'{"a": ', "content_type": "application/json"},
    "deep JSON": {"data": b"[" * 20000, "content_type": "application/json"},
    "XML": {"data": b'<!DOCTYPE x [<!ENTITY y "z">]><x>&y;</x>', "content_type": "application/xml"},
    "another charset": {"data": "名=值".encode("gb18030"), "content_type": "application/x-www-form-urlencoded; charset=gb18030"},
    "a thousand fields": {"data": urlencode([(f"f{number}", "1") for number in range(1500)]), "content_type": "application/x-www-form-urlencoded"},
    "too large": {"data": b"a=" + b"x" * (13 * 1024 * 1024), "content_type": "application/x-www-form-urlencoded"},
}


@pytest.mark.parametrize("name", BODIES)
def test_bodies_nobody_asked_for(site: Flask, neighbourhood: Neighbourhood, name: str) -> None:
    def walk() -> Iterator[str]:
        for role, client in walkers(site, neighbourhood):
            for rule in routes(site, SENDING):
                if rule.endpoint == "accounts.sign_out":
                    continue
                status = send(client, SENDING, address(site, rule), **BODIES[name]).status_code
                if status >= 500:
                    yield f"{rule.rule} with {name} answers {role} {status}"

    complaints = gather(walk())
    assert not complaints, complaints


COOKIES = ("session=garbage", "session=", "remember_token=1|x", "lang=xx", "lang=\"zh", "elder=2", "theme=%00", "session=.eJw.xx.yy", "lang=zh-Hant; lang=en")


@pytest.mark.parametrize("cookie", COOKIES)
def test_cookies_nobody_gave(site: Flask, neighbourhood: Neighbourhood, cookie: str) -> None:
    client = site.test_client(use_cookies=False)
    for rule in routes(site, READING):
        answer = client.get(address(site, rule), headers={"Cookie": cookie})
        assert answer.status_code < 500, rule.rule


HEADERS = (
    {"Accept-Language": "xx-XX,zz;q=foo,*;q=9"}, {"Accept-Language": "zh" * 5000}, {"Accept-Language": "zh-CN;q=1e9, zh-Hant-HK, en;q=-1"},
    {"Range": "bytes=0-1,5-900000000000000000000"}, {"If-Modified-Since": "yesterday"}, {"If-None-Match": '"\\'},
    {"X-Forwarded-For": "'; --, ::1, 999.999.999.999"}, {"Host": "evil.invalid"}, {"Host": "a b"}, {"User-Agent": "\xff" * 3000},
    {"Referer": "javascript:alert(1)"}, {"HX-Request": "true"}, {"Content-Length": "-5"}, {"Accept": "\x00"},
)


@pytest.mark.parametrize("headers", HEADERS, ids=lambda headers: next(iter(headers)))
def test_headers_nobody_sends(site: Flask, neighbourhood: Neighbourhood, headers: dict) -> None:
    client = site.test_client()
    for rule in routes(site, READING):
        answer = client.get(address(site, rule), headers=headers)
        assert answer.status_code < 500, rule.rule
        assert "evil.invalid" not in answer.headers.get("Location", ""), rule.rule
