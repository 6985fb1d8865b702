"""The office fixture."""

import pytest
from flask import Flask

from tests.matching.office import Office, open_office


@pytest.fixture
def office(app: Flask, clock: object) -> Office:
    """People of every role at work at noon of 10 June 2026."""
    return open_office(app)
