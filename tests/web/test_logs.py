"""What a fault leaves in the log: its kind and its place, nothing of what anybody sent."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from wishapp.store.db import db
from wishapp.web.guards import public


@pytest.fixture
def shelf(make_app: Callable[..., Flask]) -> Flask:
    """An app with a fault in it."""
    app = make_app(WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)

    @app.get("/broken")
    @public
    def broken() -> str:
        try:
            int("王秘密")
        except ValueError as error:
            raise LookupError("13800001111") from error
        return ""

    return app


def test_a_fault_is_logged_without_what_it_says(shelf: Flask, capfd: pytest.CaptureFixture[str]) -> None:
    assert shelf.test_client().get("/broken").status_code == 500
    logged = "".join(capfd.readouterr())
    assert "unexpected_error" in logged and "LookupError" in logged and "ValueError" in logged and "test_logs.py" in logged
    assert "王秘密" not in logged and "13800001111" not in logged


def test_the_database_quotes_no_values(shelf: Flask) -> None:
    with shelf.app_context(), pytest.raises(Exception) as raised:
        db.session.execute(text("SELECT nothing FROM nowhere WHERE a = :secret"), {"secret": "13800001111"})
    assert "13800001111" not in str(raised.value)
