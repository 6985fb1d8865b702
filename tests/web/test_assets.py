"""Static files are kept for a year under an address that names their content, and asked for again under any other."""

import os

import pytest
from flask import url_for
from flask.testing import FlaskClient

from wishapp.web import assets

YEAR = "public, max-age=31536000"


@pytest.fixture
def address(client: FlaskClient) -> str:
    """Of a stylesheet, as pages name it."""
    with client.application.test_request_context():
        return url_for("static", filename="css/tokens.css")


def test_kept_under_its_own_version_only(client: FlaskClient, address: str) -> None:
    path, _, version = address.partition("?v=")
    assert len(version) == 12
    kept = {address: YEAR, path: "no-cache", f"{path}?v=": "no-cache", f"{path}?v=000000000000": "no-cache", f"{address}x": "no-cache"}
    for asked, expected in kept.items():
        with client.get(asked) as answer:
            assert answer.headers["Cache-Control"] == expected, asked


def test_another_content_is_another_address(tmp_path) -> None:
    file = tmp_path / "a.css"
    file.write_text("a {}")
    first = assets.version(str(tmp_path), "a.css")
    file.write_text("b {}")
    os.utime(file, (1, 1))
    assert first and assets.version(str(tmp_path), "a.css") not in ("", first)


@pytest.mark.parametrize("name", ["no.css", "../../pyproject.toml", "/etc/hostname", "a\x00b", "x" * 5000, ""])
def test_names_of_nothing_have_no_version(client: FlaskClient, name: str) -> None:
    folder = client.application.static_folder
    assert assets.version(folder, name) == ""
    assert client.get(f"/static/{name}", query_string={"v": "1"}).status_code in (301, 308, 404)


def test_pages_name_versions(client: FlaskClient) -> None:
    page = client.get("/").text
    assert page.count("/static/") > 5 and page.count("/static/") == page.count("?v=")
