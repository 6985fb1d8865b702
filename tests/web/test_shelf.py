"""The Flask shelf on a small app of its own: guards, repeated sends, running again on conflicts, headers, error pages."""

import itertools
from collections.abc import Callable

import pytest
from flask import Flask, redirect, request
from sqlalchemy import func, select

from wishapp.kernel.errors import Refused
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.transaction import Conflict, transaction
from wishapp.web.guards import guard, public

numbers = itertools.count(1)


@pytest.fixture
def shelf(make_app: Callable[..., Flask]) -> Flask:
    """An app with a few views of the test's own."""
    app = make_app(WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    failures = app.extensions["test_failures"] = []

    @app.post("/make")
    @public
    def make() -> object:
        if failures:
            raise failures.pop()
        number = next(numbers)
        with transaction():
            db.session.add(Place(code=str(number), name=request.form.get("name", ""), level="community", path=f"/{number}/"))
        return redirect(f"/made/{number}", 303)

    @app.get("/undeclared")
    def undeclared() -> str:
        return "secret"

    @app.get("/staff")
    @guard("audit.read")
    def staff() -> str:
        return "secret"

    @app.get("/broken")
    @public
    def broken() -> str:
        raise ZeroDivisionError("王某 13800001111")

    @app.get("/refused")
    @public
    def refused() -> str:
        raise Refused("Already taken by %(who)s.", who="<b>x</b>")

    return app


def _count(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Place))


@pytest.mark.both_databases
def test_a_repeated_send_is_answered_not_done(shelf: Flask) -> None:
    client = shelf.test_client()
    first = client.post("/make", data={"request_key": "k1", "name": "a"})
    second = client.post("/make", data={"request_key": "k1", "name": "a"})
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert _count(shelf) == 1


def test_the_same_key_with_other_content_is_refused(shelf: Flask) -> None:
    client = shelf.test_client()
    client.post("/make", data={"request_key": "k1", "name": "a"})
    assert client.post("/make", data={"request_key": "k1", "name": "b"}).status_code == 422
    assert _count(shelf) == 1


def test_control_without_a_key_it_is_done_twice(shelf: Flask) -> None:
    client = shelf.test_client()
    for _ in range(2):
        client.post("/make", data={"name": "a"})
    assert _count(shelf) == 2


def test_a_conflict_runs_the_view_again(shelf: Flask) -> None:
    shelf.extensions["test_failures"][:] = [Conflict("x"), Conflict("x")]
    assert shelf.test_client().post("/make", data={"request_key": "k", "name": "a"}).status_code == 303
    assert _count(shelf) == 1


def test_a_lasting_conflict_is_503_and_says_when_to_come_back(shelf: Flask) -> None:
    shelf.extensions["test_failures"][:] = [Conflict("x") for _ in range(9)]
    answer = shelf.test_client().post("/make", data={"name": "a"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"


def test_what_is_not_declared_is_closed(shelf: Flask) -> None:
    answer = shelf.test_client().get("/undeclared")
    assert answer.status_code == 403
    assert b"secret" not in answer.data


def test_strangers_are_led_to_the_sign_in_page(shelf: Flask) -> None:
    answer = shelf.test_client().get("/staff?page=2")
    assert answer.status_code == 303
    assert answer.location.endswith("?next=/staff?page%3D2") or "next=%2Fstaff" in answer.location


def test_a_fault_of_ours_tells_nothing(shelf: Flask) -> None:
    answer = shelf.test_client().get("/broken")
    assert answer.status_code == 500
    assert "13800001111" not in answer.text
    assert "ZeroDivisionError" not in answer.text


def test_refusals_are_escaped(shelf: Flask) -> None:
    answer = shelf.test_client().get("/refused")
    assert answer.status_code == 409
    assert "<b>x</b>" not in answer.text


def test_every_answer_carries_the_policy(shelf: Flask) -> None:
    for path in ("/broken", "/nowhere", "/staff"):
        headers = shelf.test_client().get(path).headers
        assert "script-src 'self' 'nonce-" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(("asked", "language"), [
    ("zh-CN", "zh-Hans"), ("zh-TW", "zh-Hant"), ("zh-HK,en;q=0.5", "zh-Hant"), ("en-GB", "en"), ("fr", "zh-Hans"), ("", "zh-Hans"),
])
def test_the_page_speaks_the_readers_language(shelf: Flask, asked: str, language: str) -> None:
    answer = shelf.test_client().get("/nowhere", headers={"Accept-Language": asked})
    assert f'lang="{language}"' in answer.text
