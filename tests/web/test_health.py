"""Signs of life, and a database that goes away and comes back."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import wishapp
from tests.conftest import close_app
from tests.databases import SUPERUSER, call, create_schema, program, server_account


def test_alive_ready_and_measured(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "alive"}
    assert client.get("/readyz").status_code == 200
    client.get("/")
    figures = client.get("/metrics").get_data(as_text=True)
    assert 'wishapp_http_request_total{method="GET",status="200"}' in figures
    assert 'endpoint="wishes.wall"' in figures
    assert 'wishapp_jobs{status="waiting"} 0.0' in figures


def test_figures_are_for_the_own_network(client: FlaskClient) -> None:
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "10.1.2.3"}).status_code == 200
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "203.0.114.9"}).status_code == 404
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "unknown"}).status_code == 404


def test_not_ready_without_tables(app: Flask, tmp_path: Path) -> None:
    bare = wishapp.create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'bare.sqlite'}", "INSTANCE": str(tmp_path)})
    client = bare.test_client()
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200
    close_app(bare)


class Server:
    """A PostgreSQL of this test's own, which may be stopped and started."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="wishapp-pg-"))
        self.account = server_account()
        if self.account:
            os.chown(self.folder, self.account["user"], self.account["group"])
        call(program("initdb"), "--pgdata", self.data, "--username", SUPERUSER, "--auth", "trust", "--no-sync", "--locale=C.UTF-8", "--encoding=UTF8",
             **self.account)

    @property
    def data(self) -> str:
        return str(self.folder / "data")

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://{SUPERUSER}@/postgres?host={self.folder}"

    def start(self) -> None:
        """Answer from now on."""
        call(program("pg_ctl"), "--pgdata", self.data, "--wait", "--log", str(self.folder / "log"), "--options",
             f"-c listen_addresses= -c fsync=off -k {self.folder}", "start", **self.account)

    def stop(self) -> None:
        """Be gone, in the middle of whatever goes on."""
        call(program("pg_ctl"), "--pgdata", self.data, "--mode", "immediate", "--wait", "stop", **self.account)


@pytest.fixture
def server() -> Iterator[Server]:
    """Started; stopped and removed with the test."""
    made = Server()
    made.start()
    yield made
    if (made.folder / "data" / "postmaster.pid").exists():
        made.stop()
    shutil.rmtree(made.folder, ignore_errors=True)


def test_the_database_goes_and_comes_back(server: Server, tmp_path: Path) -> None:
    create_schema(server.url, tmp_path)
    app = wishapp.create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": server.url, "INSTANCE": str(tmp_path)})
    client = app.test_client()
    assert client.get("/").status_code == 200
    server.stop()
    for _time in range(2):
        answer = client.get("/")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert "<html" in answer.get_data(as_text=True), "a page, not a bare line"
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
        assert client.get("/metrics").status_code == 200
    server.start()
    assert client.get("/readyz").status_code == 200
    assert client.get("/").status_code == 200
    close_app(app)
