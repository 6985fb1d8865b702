"""Loading: once, never in production, never over something; the bulk district keeps every promise too."""

import pytest
from flask import Flask

from tests.factories import make_neighbourhood
from wishapp.commands import verify
from wishapp.demo import district
from wishapp.places.models import Place
from wishapp.store.db import db


def test_not_in_production(make_app) -> None:  # noqa: ANN001
    app = make_app(ENV="production", SECRET_KEY="s" * 40, DATA_KEY="d" * 40)
    answer = app.test_cli_runner().invoke(args=["demo", "load"])
    assert answer.exit_code == 1
    assert "production" in answer.output
    with app.app_context():
        assert db.session.query(Place).count() == 0


def test_not_over_something(app: Flask) -> None:
    make_neighbourhood(app)
    answer = app.test_cli_runner().invoke(args=["demo", "load"])
    assert answer.exit_code == 1
    assert "not empty" in answer.output
    assert app.test_cli_runner().invoke(args=["demo", "load", "--once"]).exit_code == 0
    with app.app_context():
        assert db.session.query(Place).filter(Place.code.startswith("370102")).count() == 0


@pytest.mark.both_databases
def test_a_small_district_keeps_every_promise(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in {"GRIDS": 150, "UNITS": 150, "MEMBERS": 300, "TEAMS": 150, "WISHES": 200}.items():
        monkeypatch.setattr(district, name, size)
    made = district.load(3)
    assert made["communities"] == 139
    report = verify(context.extensions["wishapp_checks"])
    assert {name: found["broken"] for name, found in report["checks"].items() if found["broken"]} == {}


def test_the_sign_ins_are_listed(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(args=["demo", "accounts"])
    assert "resident" in answer.output
    assert "quiet-spring-72" in answer.output
