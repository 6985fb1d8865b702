"""The scenes of these tests: `scene` for services (inside an app context), `stage` for pages (around a client), `office` for organisers."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.conftest import Clock
from tests.factories import Neighbourhood
from tests.volunteering.posted import Office, make_office
from tests.volunteering.scene import Scene, make_scene


@pytest.fixture
def scene(context: Flask) -> Scene:
    """For tests of services."""
    return make_scene(context)


@pytest.fixture
def stage(app: Flask) -> Scene:
    """For tests of pages: no app context is held."""
    return make_scene(app)


@pytest.fixture
def office(make_app: Callable, person: Callable, clock: Clock, neighbourhood: Neighbourhood) -> Office:
    """Everybody an organiser meets, on a standing clock; forms need no token."""
    return make_office(make_app(WTF_CSRF_ENABLED=False), person, neighbourhood)
