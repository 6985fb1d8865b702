"""Walking every route of the site, so that a route added tomorrow is tested without anybody thinking of it."""

import re
from collections.abc import Iterator

from flask import Flask
from flask.testing import FlaskClient
from jinja2 import ChoiceLoader, DictLoader, PrefixLoader
from sqlalchemy import select
from werkzeug.datastructures import Headers
from werkzeug.routing import BuildError, Rule
from werkzeug.test import TestResponse

from tests.architecture.route_rules import PARAMETER, own_rules
from tests.factories import Neighbourhood, Person, csrf_token, make_person, sign_in
from wishapp.accounts.models import User
from wishapp.demo.accounts import PASSWORD as DEMO_PASSWORD
from wishapp.demo.accounts import SIGN_INS
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import Actor
from wishapp.store.db import Base, db

READING, SENDING = "GET", "POST"
HUGE_IDS = (0, 2**31 - 1, 2**31, 2**63 - 1, 2**63, 10**30)
BAD_TEXTS = {
    "NUL": "a\x00b",
    "lone surrogate": "a\udc80b",
    "control characters": "a\x1b[31m\x7f\x85\u202eb",
    "over-long": "长" * 600,
    "markup and SQL": "<script>alert(1)</script>{{ 7*7 }}%(x)s%s{0}'; DROP TABLE users; --\\",
    "beyond 2^31": str(2**31),
    "beyond 2^63": str(2**63),
    "a very long number": "9" * 5000,
    "no number": "NaN",
    "an early date": "0001-01-01",
    "an unknown word": "no-such-word",
    "blanks": " \u3000\t\n ",
}


# a refusal of what was sent to an address: everything its page asks of the database and of the form's keys, without the drawing
WORDS = "{{ status }} {{ message }}"
REFUSAL = "{{ status }} {{ message }} {{ ui.lang }} {{ ui.elder }} {{ ui.theme }} {{ ui.links }} {{ ui.nav }} {{ ui.rail }} {{ ui.unread }} " \
          "{{ ui.place_name }} {{ ui.community_phone }} {{ current_user.is_authenticated }} value=\"{{ csrf_token() }}\" nonce=\"{{ csp_nonce() }}\""


def with_quick_refusals(app: Flask, *methods: str) -> Flask:
    """The site, where requests by the thousand are refused: of the page that says so, what it is told, for these methods (sends when not said)."""
    drawn = app.jinja_env.loader
    is_light = app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite:")  # there no refused statement spoils the questions after it
    app.jinja_env.globals["quick_methods"] = methods or (SENDING,)
    app.jinja_env.loader = ChoiceLoader([
        DictLoader({"errors/error.html": "{% extends 'quick' if request.method in quick_methods else 'drawn:errors/error.html' %}", "quick": WORDS if is_light else REFUSAL}),
        PrefixLoader({"drawn": drawn}, delimiter=":"), drawn,
    ])
    return app


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


def has_ids(rule: Rule) -> bool:
    """Does the address name something by a number of ours."""
    return any(converter == "int" for converter, _name in PARAMETER.findall(rule.rule))


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


STREET = ("community", "unit", "resident", "grid", "member", "street", "district", "team", "volunteer")


def residents_of_the_street(app: Flask, *names: str) -> dict[str, FlaskClient]:
    """People of the demonstration street (all, or these), signed in, by user name; those with most of the day's work first."""
    clients = {}
    for name in names or STREET:
        client = clients[name] = app.test_client()
        token = csrf_token(client, "/sign-in")
        answer = client.post("/sign-in", data={"csrf_token": token, "username": name, "password": DEMO_PASSWORD})
        assert answer.status_code == 303, f"{name} cannot sign in: {answer.status_code}"
    return clients


def as_signed_in(client: FlaskClient) -> FlaskClient:
    """The same person's browser, which shows the cookies it has and takes no new ones: to find out which of them go with an address
    Werkzeug's client reads it twice letter by letter, which on addresses as long as these takes longer than the site's answer."""
    steady = client.application.test_client(use_cookies=False)
    steady.environ_base["HTTP_COOKIE"] = "; ".join(f"{cookie.key}={cookie.value}" for cookie in client._cookies.values())
    return steady


def actors_of_the_street(app: Flask) -> dict[str, Actor]:
    """The same people as the services know them."""
    with app.app_context():
        users = {user.username: user.actor for user in db.session.scalars(select(User).where(User.username.in_([s.username for s in SIGN_INS])))}
        db.session.remove()
    return users


def ids_of(app: Flask, rule: Rule, most: int = 3) -> list[int]:
    """Ids that exist for the route's last number, judged by its name (wish_id: ids of wishes): the first, the middle, the last."""
    numbers = [name for converter, name in PARAMETER.findall(rule.rule) if converter == "int"]
    if not numbers:
        return [1]
    word = numbers[-1].removesuffix("_id")
    table = next((table for table in Base.metadata.sorted_tables if "id" in table.columns and re.search(rf"(^|_){word}(e?s)?$", table.name)), None)
    if table is None:
        return [1, 2, 3][:most]
    with app.app_context():
        found = sorted(db.session.scalars(select(table.c.id)))
        db.session.remove()
    return list(dict.fromkeys([found[0], found[len(found) // 2], found[-1]]))[:most] if found else [1]


def send(client: FlaskClient, method: str, path: str, **options: object) -> TestResponse:
    """One request as a Chinese browser sends it."""
    headers = Headers({"Accept-Language": "zh-CN", "Accept": "text/html"})
    return client.open(path, method=method, headers=headers, buffered=True, **options)


def gather(work: Iterator[str], *, most: int = 30) -> str:
    """The first complaints of a walk, as one text."""
    return "\n  ".join(line for _number, line in zip(range(most), work, strict=False))


