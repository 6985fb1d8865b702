"""Sending forms as a browser without JavaScript does."""

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

HIDDEN = re.compile(r'<input[^>]*name="(csrf_token|request_key|version)"[^>]*value="([^"]*)"')


def send(client: FlaskClient, page: str, action: str | None = None, **fields: object) -> TestResponse:
    """Open `page`, take its hidden fields, and post `fields` with them to `action` (the page itself when not said)."""
    hidden = dict(HIDDEN.findall(client.get(page).get_data(as_text=True)))
    return client.post(action or page, data={**hidden, **fields})
