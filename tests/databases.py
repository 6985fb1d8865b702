"""Real databases for the tests: SQLite files, and a PostgreSQL cluster of our own that lives as long as the test run.

A blank, migrated database is made once per run and kind; each test gets a copy of it (SQLite's backup, PostgreSQL's
CREATE DATABASE … TEMPLATE). pytest-xdist's workers share the cluster and the blanks; a lock file decides who makes them.
"""

import fcntl
import os
import pwd
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

import wishapp
from wishapp.store.db import db

SHARED = "WISHAPP_TEST_SHARED"
SUPERUSER = "wishapp"
BLANK = "wishapp_blank"
SERVER_OPTIONS = (
    "-c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    " -c max_connections=200 -c log_min_messages=fatal -c autovacuum=off"
)


@dataclass(frozen=True)
class Database:
    """One test's own database. `kind` is "sqlite" or "postgresql"; `url` is SQLAlchemy's."""

    kind: str
    url: str


def open_shared_folder() -> Path:
    """The run's folder for what its processes share; called by the first process, found by the others in the environment."""
    folder = Path(tempfile.mkdtemp(prefix="wishapp-tests-"))
    folder.chmod(0o711)
    os.environ[SHARED] = str(folder)
    return folder


def shared_folder() -> Path:
    """The folder made by open_shared_folder()."""
    return Path(os.environ[SHARED])


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Only one of the run's processes at a time."""
    with (shared_folder() / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def create_schema(url: str, folder: Path) -> None:
    """Bring an empty database to the newest schema."""
    app = wishapp.create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": url, "INSTANCE": str(folder)})
    with app.app_context():
        db.create_all()
        db.session.remove()
        db.engine.dispose()


# SQLite ---------------------------------------------------------------------


def blank_sqlite() -> Path:
    """The run's blank SQLite database."""
    path = shared_folder() / "blank.sqlite"
    with locked("sqlite"):
        if not path.exists():
            making = path.with_suffix(".making")
            create_schema(f"sqlite:///{making}", shared_folder())
            copy_sqlite(making, path)
    return path


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database as SQLite itself does it; copying the file alone would lose what is still in its log."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


@contextmanager
def sqlite_database(folder: Path) -> Iterator[Database]:
    """A fresh SQLite database in `folder`."""
    path = folder / "wishapp.sqlite"
    copy_sqlite(blank_sqlite(), path)
    yield Database("sqlite", f"sqlite:///{path}")


# PostgreSQL -----------------------------------------------------------------


def program(name: str) -> str:
    """A PostgreSQL program: from Debian's versioned folders (newest first), else from the path."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    found = next((str(folder / name) for folder in folders if (folder / name).exists()), None) or shutil.which(name)
    if not found:
        raise RuntimeError("PostgreSQL is not installed; `make test` says how")
    return found


def server_account() -> dict:
    """PostgreSQL refuses to run as root: then it runs as its own account, or as nobody."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    account = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def call(*command: str, **account: object) -> None:
    """Run one of PostgreSQL's programs; its output is shown only when it fails."""
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, **account)
    if done.returncode != 0:
        raise RuntimeError(f"{Path(command[0]).name} failed: {done.stdout}{done.stderr}")


def cluster() -> Path:
    """The socket folder of the run's cluster, started by whoever asks first."""
    folder = shared_folder() / "pg"
    with locked("postgresql"):
        if not (folder / "ready").exists():
            account = server_account()
            folder.mkdir(exist_ok=True)
            if account:
                os.chown(folder, account["user"], account["group"])
            data = str(folder / "data")
            call(program("initdb"), "--pgdata", data, "--username", SUPERUSER, "--auth", "trust", "--no-sync",
                 "--locale=C.UTF-8", "--encoding=UTF8", **account)
            # without --log the server would keep our pipes open and the call would never end
            call(program("pg_ctl"), "--pgdata", data, "--wait", "--log", str(folder / "server.log"),
                 "--options", f"{SERVER_OPTIONS} -k {folder}", "start", **account)
            administer(folder, f"CREATE DATABASE {BLANK}")
            create_schema(postgres_url(folder, BLANK), shared_folder())
            (folder / "ready").touch()
    return folder


def close_shared_folder() -> None:
    """Stop the cluster when there is one, and remove the folder; called by the first process at the end of the run."""
    folder = shared_folder()
    if (folder / "pg" / "data" / "postmaster.pid").exists():
        call(program("pg_ctl"), "--pgdata", str(folder / "pg" / "data"), "--mode", "immediate", "--wait", "stop", **server_account())
    shutil.rmtree(folder, ignore_errors=True)


def postgres_url(folder: Path, name: str) -> str:
    """SQLAlchemy's address of a database of the cluster."""
    return f"postgresql+psycopg://{SUPERUSER}@/{name}?host={folder}"


def administer(folder: Path, statement: str) -> None:
    """A statement outside any transaction."""
    with psycopg.connect(host=str(folder), user=SUPERUSER, dbname="postgres", autocommit=True) as connection:
        connection.execute(statement)


@contextmanager
def postgres_database(name: str) -> Iterator[Database]:
    """A fresh PostgreSQL database called `name`."""
    folder = cluster()
    administer(folder, f'CREATE DATABASE "{name}" TEMPLATE {BLANK}')
    try:
        yield Database("postgresql", postgres_url(folder, name))
    finally:
        administer(folder, f'DROP DATABASE "{name}" WITH (FORCE)')
