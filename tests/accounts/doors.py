"""Sending forms as a browser does: open the page, take its token, post."""

import uuid

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import csrf_token


def send(client: FlaskClient, path: str, page: str = "", **fields: object) -> TestResponse:
    """POST `fields` to `path` with the token of `page` (the path itself when not said) and a fresh request key."""
    token = csrf_token(client, page or path)
    return client.post(path, data={"csrf_token": token, "request_key": uuid.uuid4().hex, **fields})


def knock(client: FlaskClient, name: str, password: str, **more: object) -> TestResponse:
    """Try to sign in."""
    return send(client, "/sign-in", username=name, password=password, **more)


def is_in(client: FlaskClient) -> bool:
    """Does the site know who this is."""
    return client.get("/me").status_code == 200
