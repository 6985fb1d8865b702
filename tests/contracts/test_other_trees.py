"""What lies outside somebody's tree answers exactly like what does not exist, on every route with an id, to look at and to send to."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.contracts.walking import READING, SENDING, address, everybody, gather, has_parameters, ids_of, routes, send, with_quick_refusals
from tests.factories import make_neighbourhood, sign_in
from wishapp.wishes.restricted import Purpose

pytestmark = [pytest.mark.lived_in]
NOBODY = 987_654_321
# what is on the wall, and calls that look for people, are everybody’s to read and take
OPEN = {"wishes.show", "wishes.claim", "wishes.photo", "places.children", "volunteering.poster", "volunteering.poster_picture", "volunteering.sign_up"}


@pytest.fixture
def site(make_app) -> Flask:
    return with_quick_refusals(make_app(WTF_CSRF_ENABLED=False), READING, SENDING)


def test_another_trees_objects_do_not_exist(site: Flask) -> None:
    theirs = {rule.endpoint: ids_of(site, rule, 3) for rule in site.url_map.iter_rules() if rule.endpoint != "static"}
    elsewhere = make_neighbourhood(site)
    people = everybody(site, elsewhere)

    def walk() -> Iterator[str]:
        for role, person in people.items():
            client = sign_in(site.test_client(), person)
            for method in (READING, SENDING):
                for rule in filter(has_parameters, routes(site, method)):
                    guard = getattr(site.view_functions[rule.endpoint], "__guard__", "public")
                    if guard != "public" and rule.endpoint not in OPEN and person.actor.may(guard):
                        yield from compare(site, client, role, method, rule, theirs[rule.endpoint])

    complaints = gather(walk())
    assert not complaints, complaints


def compare(site: Flask, client: FlaskClient, role: str, method: str, rule: Rule, theirs: list[int]) -> Iterator[str]:
    """One person, one route: the answer for each object of the demonstration street against the answer for nothing."""
    nothing = look(client, method, address(site, rule, NOBODY))
    for number in theirs:
        found = look(client, method, address(site, rule, number))
        if found != nothing:
            yield f"{method} {rule.rule} with {number}: {role} from elsewhere gets {found[0]}, for nothing {nothing[0]}"


def look(client: FlaskClient, method: str, path: str | None) -> tuple[int, str]:
    """Status and text of an answer, without its numbers and one-time values."""
    if path is None:
        return 404, ""
    answer = send(client, method, path, **({"data": {"purpose": Purpose.HELP}} if method == SENDING else {}))
    text = re.sub(r'(nonce|value|content|href|action)="[^"]*"|[0-9a-f]{32}|\d+', "", answer.data.decode("utf-8", "replace"))  # papers and pictures too
    return answer.status_code, text


def test_the_walk_would_notice(site: Flask) -> None:
    """The control: the street's own staff get other answers for their objects than for nothing."""
    client = site.test_client()
    client.post("/sign-in", data={"username": "street", "password": "quiet-spring-72"})
    seen = [rule.endpoint for rule in filter(has_parameters, routes(site, READING))
            if look(client, READING, address(site, rule, ids_of(site, rule, 1)[0])) != look(client, READING, address(site, rule, NOBODY))]
    assert {"matching.run", "wishes.show", "supporters.show"} <= set(seen)
