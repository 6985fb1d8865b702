"""The scene of these tests: `scene` for services (inside an app context), `stage` for pages (around a client)."""

import pytest
from flask import Flask

from tests.volunteering.scene import Scene, make_scene


@pytest.fixture
def scene(context: Flask) -> Scene:
    """For tests of services."""
    return make_scene(context)


@pytest.fixture
def stage(app: Flask) -> Scene:
    """For tests of pages: no app context is held."""
    return make_scene(app)
