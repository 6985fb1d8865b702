"""Walking every route of the site, so that a route added tomorrow is tested without anybody thinking of it."""

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers
from werkzeug.routing import BuildError, Rule
from werkzeug.test import TestResponse
from wtforms.fields.core import UnboundField

import wishapp
from tests.architecture.route_rules import PARAMETER, own_rules
from tests.factories import Neighbourhood, Person, make_person, sign_in
from wishapp.kernel.permissions import Role
from wishapp.web.forms import Form

READING, SENDING = "GET", "POST"
HUGE_IDS = (0, 2**31 - 1, 2**31, 2**63 - 1, 2**63, 10**30)
BAD_TEXTS = {
    "NUL": "a\x00b",
    "lone surrogate": "a\udc80b",
    "control characters": "a\x1b[31m\x7f\x85b",
    "direction override": "a\u202eb",
    "over-long": "长" * 70_000,
    "markup": "<script>alert(1)</script>{{ 7*7 }}%(x)s%s{0}",
    "SQL": "'; DROP TABLE users; --\\",
    "a negative number": "-1",
    "beyond 2^31": str(2**31),
    "beyond 2^63": str(2**63),
    "a very long number": "9" * 5000,
    "no number": "NaN",
    "exponent": "1e400",
    "full-width digits": "１２３",
    "no date": "2026-13-45",
    "a far date": "9999-12-31",
    "an early date": "0001-01-01",
    "an unknown word": "no-such-word",
    "blanks": " \u3000\t\n ",
    "nothing": "",
    "path": "../../../../etc/passwd",
    "emoji": "👨‍👩‍👧‍👦" * 40,
    "like pattern": "%_%\\_%",
}


def routes(app: Flask, method: str) -> list[Rule]:
    """Every own route that answers this method."""
    return sorted((rule for rule in own_rules(app) if method in rule.methods), key=lambda rule: (rule.rule, rule.endpoint))


def address(app: Flask, rule: Rule, number: int = 1, word: str = "x") -> str | None:
    """An address of the route, its numbers and words filled in; None where the converter refuses such a value."""
    values = {name: number if converter in ("int", "float") else word for converter, name in PARAMETER.findall(rule.rule)}
    try:
        return app.url_map.bind("localhost").build(rule.endpoint, {**values, **_choices(rule)})
    except (BuildError, ValueError):
        return None


def _choices(rule: Rule) -> dict[str, str]:
    """For any(a,b,c) converters: the first choice."""
    return {name: sorted(converter.items)[0] for name, converter in rule._converters.items() if hasattr(converter, "items")}


def has_parameters(rule: Rule) -> bool:
    return bool(rule.arguments)


@cache
def field_names() -> tuple[str, ...]:
    """Names of all fields of all forms of the house, and the parameters that pages read from their address."""
    for module in pkgutil.walk_packages(wishapp.__path__, "wishapp."):
        if module.name.rpartition(".")[2] in ("forms", "views") or ".views." in module.name:
            importlib.import_module(module.name)
    names = {"q", "page", "sort", "state", "kind", "place", "next", "from", "to", "ids", "id", "version", "request_key", "filter"}
    waiting = [Form]
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        names |= {name for name in dir(form) if isinstance(getattr(form, name, None), UnboundField)}
    return tuple(sorted(names))


def everybody(app: Flask, at: Neighbourhood) -> dict[str, Person]:
    """One person of each role, where that role is held, and one who is only signed in."""
    spots = {Role.STREET_STAFF: at.street, Role.DISTRICT_STAFF: at.district, Role.GRID_WORKER: at.grid}
    people = {
        role.value: make_person(app, "测试员", (role, spots.get(role, at.community)))
        for role in Role if role not in (Role.ANYONE, Role.SIGNED_IN, Role.SYSTEM)
    }
    people["signed_in"] = make_person(app, "测试员", lives_in=at.community)
    return people


def visitors(app: Flask, people: dict[str, Person]) -> Iterator[tuple[str, FlaskClient]]:
    """A stranger, and each of these people signed in."""
    yield "stranger", app.test_client()
    for role, person in people.items():
        yield role, sign_in(app.test_client(), person)


def send(client: FlaskClient, method: str, path: str, **options: object) -> TestResponse:
    """One request as a Chinese browser sends it."""
    headers = Headers({"Accept-Language": "zh-CN", "Accept": "text/html"})
    return client.open(path, method=method, headers=headers, buffered=True, **options)


def gather(work: Iterator[str], *, most: int = 30) -> str:
    """The first complaints of a walk, as one text."""
    return "\n  ".join(line for _number, line in zip(range(most), work, strict=False))


