"""Every route, walked by everybody: guards, CSRF, headers, methods, redirects. New routes are walked by themselves."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.contracts.walking import READING, SENDING, address, everybody, gather, routes, send, visitors, with_quick_refusals
from tests.factories import Neighbourhood, Person, csrf_token, sign_in
from wishapp.kernel.permissions import Role

HEADERS = {
    "Content-Security-Policy": "default-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ELSEWHERE = (
    "https://evil.invalid/", "//evil.invalid/", "/\\evil.invalid/", "\\\\evil.invalid/", "/%5cevil.invalid", "///evil.invalid/",
    "https:evil.invalid", "/\t/evil.invalid/", "\t//evil.invalid/", " //evil.invalid/", "javascript:alert(1)", "http:///evil.invalid",
    "//evil.invalid@localhost/", "/\x00/evil.invalid",
)


def guard_of(app: Flask, endpoint: str) -> str:
    return getattr(app.view_functions[endpoint], "__guard__", "undeclared")


def test_a_stranger_gets_in_only_where_it_says_public(app: Flask, neighbourhood: Neighbourhood) -> None:
    def walk() -> Iterator[str]:
        client = app.test_client()
        for rule in routes(app, READING):
            answer = send(client, READING, address(app, rule))
            if guard_of(app, rule.endpoint) in ("public", "wall.read", "calls.read"):
                if answer.status_code >= 500:
                    yield f"{rule.rule}: public, but answers {answer.status_code}"
            elif answer.status_code != 303 or not answer.location.startswith("/sign-in"):
                yield f"{rule.rule}: answers a stranger {answer.status_code} {answer.location or ''}"

    complaints = gather(walk())
    assert not complaints, complaints


def test_only_holders_of_the_permission_get_in(app: Flask, neighbourhood: Neighbourhood) -> None:
    """Who lacks the permission gets 403 (or, for what they may not even know of, 404); who holds it never gets 403 without an object."""
    with_quick_refusals(app, READING)

    def walk() -> Iterator[str]:
        people = everybody(app, neighbourhood)
        for role, client in visitors(app, people):
            actor = people[role].actor if role in people else None
            for rule in routes(app, READING):
                guard = guard_of(app, rule.endpoint)
                if actor is None or guard == "public":
                    continue
                status = send(client, READING, address(app, rule, number=999_999)).status_code
                if not actor.may(guard) and status not in (403, 404):
                    yield f"{rule.rule} ({guard}) answers {role} {status}"
                if actor.may(guard) and not rule.arguments and status in (401, 403):
                    yield f"{rule.rule} ({guard}) refuses {role} with {status}"

    complaints = gather(walk())
    assert not complaints, complaints


def test_every_sending_route_wants_the_token(app: Flask, neighbourhood: Neighbourhood, person: Callable[..., Person]) -> None:
    def walk() -> Iterator[str]:
        staff = person("测试员", (Role.DISTRICT_STAFF, neighbourhood.district), (Role.UNIT_CONTACT, neighbourhood.community))
        client = sign_in(app.test_client(), staff)
        for rule in routes(app, SENDING):
            for sent in ({}, {"csrf_token": "made-up"}):
                answer = send(client, SENDING, address(app, rule), data=sent)
                if answer.status_code != 400:
                    yield f"{rule.rule}: without a valid token answers {answer.status_code}"

    complaints = gather(walk())
    assert not complaints, complaints


def test_every_answer_carries_the_security_headers(app: Flask, neighbourhood: Neighbourhood) -> None:
    def walk() -> Iterator[str]:
        client = app.test_client()
        for method in (READING, SENDING):
            for path in [address(app, rule) for rule in routes(app, method)] + ["/no-such-page", "/static/css/tokens.css"]:
                answer = send(client, method, path)
                for name, value in HEADERS.items():
                    if value not in answer.headers.get(name, ""):
                        yield f"{method} {path}: {name} is {answer.headers.get(name)!r}"
                if "unsafe" in answer.headers.get("Content-Security-Policy", ""):
                    yield f"{method} {path}: the content policy allows unsafe-…"
                for cookie in answer.headers.getlist("Set-Cookie"):
                    if cookie.startswith(("session=", "remember_token=")) and not ("HttpOnly" in cookie and "SameSite=Lax" in cookie):
                        yield f"{method} {path}: {cookie.partition('=')[0]} is open to scripts or to other sites"

    complaints = gather(walk())
    assert not complaints, complaints


def test_wrong_methods_are_refused(app: Flask, neighbourhood: Neighbourhood) -> None:
    with_quick_refusals(app, "GET", "POST", "PUT", "PATCH", "DELETE")

    def walk() -> Iterator[str]:
        client = app.test_client()
        for rule in {rule.rule: rule for rule in app.url_map.iter_rules()}.values():
            path = address(app, rule)
            for method in ("PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"):
                allowed = {method for other in app.url_map.iter_rules() if other.rule == rule.rule for method in other.methods}
                if path and method not in allowed:
                    status = send(client, method, path).status_code
                    if status not in (400, 405):
                        yield f"{method} {path} answers {status}"

    complaints = gather(walk())
    assert not complaints, complaints


def test_head_answers_as_get_does(app: Flask, neighbourhood: Neighbourhood) -> None:
    client = app.test_client()
    for rule in routes(app, READING):
        path = address(app, rule)
        got, asked = send(client, READING, path), send(client, "HEAD", path)
        assert (asked.status_code, asked.data) == (got.status_code, b""), path


@pytest.mark.parametrize("target", ELSEWHERE)
def test_sign_in_leads_nowhere_else(client: FlaskClient, neighbourhood: Neighbourhood, person: Callable[..., Person], target: str) -> None:
    someone = person("测试员", lives_in=neighbourhood.community)
    token = csrf_token(client, "/sign-in")
    answer = client.post("/sign-in", query_string={"next": target}, data={
        "csrf_token": token, "username": someone.username, "password": "three calm rivers", "next": target})
    assert answer.status_code in (303, 400, 422)
    if answer.status_code == 303:
        # browsers drop TAB, CR, LF and leading blanks, and take a backslash for a slash
        seen = re.sub(r"[\t\r\n]", "", answer.location).strip().replace("\\", "/")
        assert seen.startswith("/") and not seen.startswith("//")
