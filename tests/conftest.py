"""Fixtures for every test: a real database, an application on it, a clock that stands where it is put.

A test marked `both_databases` runs on SQLite and on PostgreSQL, the others on SQLite. `--db sqlite` or `--db postgresql`
runs all of them on one. Do not hold an app context around the test client: Flask-Login would keep the first user.
"""

import gc
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import wishapp
from tests import databases, kept
from tests.databases import Database
from tests.factories import Neighbourhood, Person, make_neighbourhood, make_person
from wishapp.kernel import clock as house_clock
from wishapp.store.db import db

pytest_plugins = ["tests.browser"]

NOON = datetime.fromisoformat("2026-06-10T12:00:00+08:00")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", choices=["sqlite", "postgresql", "both"], default="both", help="run database tests on these")


def pytest_configure(config: pytest.Config) -> None:
    gc.set_threshold(200_000, 20, 100)  # a test's rows and pages are soon gone by themselves; looking for cycles all the time finds none
    if not hasattr(config, "workerinput"):
        databases.use_memory()
        databases.open_shared_folder()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        databases.close_shared_folder()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" not in metafunc.fixturenames:
        return
    wanted = metafunc.config.getoption("--db")
    if wanted == "both":
        kinds = ["sqlite", "postgresql"] if metafunc.definition.get_closest_marker("both_databases") else ["sqlite"]
    else:
        kinds = [wanted]
    metafunc.parametrize("database", kinds, indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, so that no worker waits for another at the end; and one of those with the lived-in street before
    everything, for the others of them need what it makes."""
    texts = {path: path.read_text() for path in {item.path for item in items}}

    def turn(item: pytest.Item) -> int:
        is_lived_in = "mark.lived_in" in texts[item.path]
        if is_lived_in or any(word in texts[item.path] for word in ("visit(", "Popen", "tests.processes", "RUNS, STEPS")):
            return 0 if item.path.name == "test_bad_input.py" else 2 if is_lived_in else 1
        return 3

    items.sort(key=turn)


@pytest.fixture(scope="session", autouse=True)
def templates() -> Iterator[kept.Templates]:
    """What is kept from one application to the next (see tests/kept.py); of templates, what was compiled."""
    with pytest.MonkeyPatch.context() as patch:
        kept.keep_rules(patch)
        kept.keep_statements(patch)
        yield kept.Templates()


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """This test's own database: blank, or with the demonstration street in it when the test is marked `lived_in`."""
    first = "lived" if request.node.get_closest_marker("lived_in") else "blank"
    if request.param == "sqlite":
        opened = databases.sqlite_database(tmp_path, first)
    else:
        opened = databases.postgres_database(f"test_{uuid.uuid4().hex}", first)
    with opened as made:
        if first == "lived":
            shutil.copytree(databases.lived_folder(), tmp_path, dirs_exist_ok=True)
        yield made


@pytest.fixture
def make_app(database: Database, tmp_path: Path, templates: kept.Templates) -> Iterator[Callable[..., Flask]]:
    """`make_app(SETTING=value, …)`: an application on this test's database; may be called several times."""
    with ExitStack() as stack:

        def make(**settings: object) -> Flask:
            app = wishapp.create_app({
                "TESTING": True,
                "SQLALCHEMY_DATABASE_URI": database.url,
                "INSTANCE": str(tmp_path),
                **settings,
            })
            app.jinja_env.bytecode_cache = templates
            stack.callback(close_app, app)
            return app

        yield make


def close_app(app: Flask) -> None:
    """Give every connection back, so that no warning and no lock outlives the test."""
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """The application, on this test's own database."""
    return make_app()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor without JavaScript; sign in with tests.factories.sign_in(client, user)."""
    return app.test_client()


@pytest.fixture
def context(request: pytest.FixtureRequest, app: Flask) -> Iterator[Flask]:
    """An app context for tests of services and queries; never together with `client`."""
    if "client" in request.fixturenames:
        pytest.fail("`context` and `client` in one test: Flask-Login would cache the first user")
    with app.app_context():
        yield app


class Clock:
    """The house's clock, standing still until moved."""

    def __init__(self) -> None:
        self.now = NOON
        house_clock.set_for_testing(lambda: self.now)

    def set(self, moment: datetime | str) -> datetime:
        """Put the clock to a moment, aware or as ISO text with its offset."""
        self.now = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        return self.now

    def forward(self, **span: float) -> datetime:
        """Move on: forward(days=3), forward(hours=2, minutes=1)."""
        self.now += timedelta(**span)
        return self.now


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Noon of 10 June 2026 in Shanghai; clock.set(…), clock.forward(hours=1)."""
    standing = Clock()
    yield standing
    house_clock.set_for_testing(None)


@pytest.fixture
def neighbourhood(app: Flask) -> Neighbourhood:
    """Invented places: two streets, three communities, two grids."""
    return make_neighbourhood(app)


@pytest.fixture
def person(app: Flask) -> Callable[..., Person]:
    """`person("王某", (Role.RESIDENT, neighbourhood.community), …)`: an account with these roles."""
    return partial(make_person, app)
