"""Fixtures of this folder."""

from collections.abc import Callable

import pytest

from tests.conftest import Clock
from tests.factories import Neighbourhood
from tests.volunteering.posted import Office, make_office


@pytest.fixture
def office(make_app: Callable, person: Callable, clock: Clock, neighbourhood: Neighbourhood) -> Office:
    """Everybody an organiser meets, on a standing clock; forms need no token."""
    return make_office(make_app(WTF_CSRF_ENABLED=False), person, neighbourhood)
