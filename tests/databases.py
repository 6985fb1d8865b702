"""Real databases for the tests: SQLite files, and a PostgreSQL cluster of our own that lives as long as the test run.

A blank, migrated database is made once per run and kind; each test gets a copy of it (SQLite's backup, PostgreSQL's
CREATE DATABASE … TEMPLATE). pytest-xdist's workers share the cluster and the blanks; a lock file decides who makes them.
"""

import fcntl
import os
import pwd
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg
from flask_migrate import upgrade
from sqlalchemy import Engine, create_engine, text

import wishapp
from wishapp.demo import street
from wishapp.store.db import Base, db

SHARED = "WISHAPP_TEST_SHARED"
SUPERUSER = "wishapp"
MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30  # a whole run needs about a gigabyte
SERVER_OPTIONS = (
    "-c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    " -c max_connections=200 -c max_wal_size=200MB -c log_min_messages=fatal -c autovacuum=off"
)


@dataclass(frozen=True)
class Database:
    """One test's own database. `kind` is "sqlite" or "postgresql"; `url` is SQLAlchemy's."""

    kind: str
    url: str


def use_memory() -> None:
    """Keep everything temporary in memory where there is plenty of it: databases that live for a moment need no disk."""
    free = int(re.search(r"MemAvailable:\s+(\d+)", Path("/proc/meminfo").read_text())[1]) * 1024 if MEMORY.is_dir() else 0
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and min(free, shutil.disk_usage(MEMORY).free) > ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def open_shared_folder() -> Path:
    """The run's folder for what its processes share; called by the first process, found by the others in the environment."""
    for left in Path(tempfile.gettempdir()).glob("wishapp-tests-*-*"):
        if left.owner() == pwd.getpwuid(os.geteuid()).pw_name and not Path(f"/proc/{left.name.split('-')[2]}").exists():
            remove(left)  # a killed run could not
    folder = Path(tempfile.mkdtemp(prefix=f"wishapp-tests-{os.getpid()}-"))
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
        upgrade()
        db.session.remove()
        db.engine.dispose()


# SQLite ---------------------------------------------------------------------


def first_sqlite(name: str) -> Path:
    """The run's first database of this name, of which tests get copies: "blank", or "lived" with the demonstration street in it."""
    path = shared_folder() / f"{name}.sqlite"
    with locked(name):
        if not path.exists():
            making = path.with_suffix(".making")
            if name == "blank":
                create_schema(f"sqlite:///{making}", shared_folder())
            else:
                copy_sqlite(first_sqlite("blank"), making)
                live_in(f"sqlite:///{making}", lived_folder())
            copy_sqlite(making, path)
    return path


def lived_folder() -> Path:
    """Instance folder of the lived-in database: its photos are below."""
    return shared_folder() / "lived"


def live_in(url: str, folder: Path) -> None:
    """Load the demonstration street."""
    app = wishapp.create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": url, "INSTANCE": str(folder)})
    with app.app_context():
        street.load(1)
        db.session.remove()
        db.engine.dispose()


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database as SQLite itself does it; copying the file alone would lose what is still in its log."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


@contextmanager
def sqlite_database(folder: Path, first: str) -> Iterator[Database]:
    """A fresh SQLite database in `folder`, a copy of the first one of this name."""
    path = folder / "wishapp.sqlite"
    copy_sqlite(first_sqlite(first), path)
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
            (folder / "ready").touch()
    return folder


def first_postgres(name: str) -> str:
    """The run's first PostgreSQL database of this name (see first_sqlite); returns what it is called in the cluster."""
    folder = cluster()
    called = f"first_{name}"
    with locked(called):
        if not (shared_folder() / called).exists():
            administer(folder, f"DROP DATABASE IF EXISTS {called}")
            administer(folder, f"CREATE DATABASE {called}")
            create_schema(postgres_url(folder, called), shared_folder())
            if name == "lived":
                copy_rows(f"sqlite:///{first_sqlite('lived')}", postgres_url(folder, called))
            (shared_folder() / called).touch()
    return called


def copy_rows(source: str, target: str) -> None:
    """Every row of one database into another with the same, empty tables; sequences go on behind the last id."""
    with closing_engine(source) as old, closing_engine(target) as new, old.connect() as reading, new.begin() as writing:
        writing.execute(text("SET session_replication_role = replica"))  # rows may point forward, as rows of one table do
        for table in Base.metadata.sorted_tables:
            rows = [dict(row) for row in reading.execute(table.select()).mappings()]
            if rows:
                writing.execute(table.insert(), rows)
            for column in table.primary_key.columns:
                if table.autoincrement_column is column:
                    writing.execute(text(
                        f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), "
                        f"coalesce(max({column.name}), 1), max({column.name}) IS NOT NULL) FROM {table.name}"))


@contextmanager
def closing_engine(url: str) -> Iterator[Engine]:
    """An engine of our own, with every connection closed at the end."""
    engine = create_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def runs_here(data: Path) -> bool:
    """Whether the server noted in this cluster's folder still runs; after a crash its number may be gone or someone else's."""
    note = data / "postmaster.pid"
    if not note.exists():
        return False
    command = Path(f"/proc/{note.read_text().split(maxsplit=1)[0]}/cmdline")
    return command.exists() and str(data).encode() in command.read_bytes()


def remove(folder: Path) -> None:
    """Stop the cluster of a run's folder when one runs there, and remove the folder."""
    data = folder / "pg" / "data"
    if runs_here(data):
        call(program("pg_ctl"), "--pgdata", str(data), "--mode", "immediate", "--wait", "stop", **server_account())
    shutil.rmtree(folder, ignore_errors=True)


def close_shared_folder() -> None:
    """Called by the first process at the end of the run."""
    remove(shared_folder())


def postgres_url(folder: Path, name: str) -> str:
    """SQLAlchemy's address of a database of the cluster."""
    return f"postgresql+psycopg://{SUPERUSER}@/{name}?host={folder}"


def administer(folder: Path, statement: str) -> None:
    """A statement outside any transaction."""
    with psycopg.connect(host=str(folder), user=SUPERUSER, dbname="postgres", autocommit=True) as connection:
        connection.execute(statement)


@cache
def file_copy(folder: Path) -> str:
    """The words that have a template's files copied as they are: servers from 15 on would otherwise write every page twice."""
    with psycopg.connect(host=str(folder), user=SUPERUSER, dbname="postgres") as connection:
        return " STRATEGY file_copy" if connection.info.server_version >= 150_000 else ""


@contextmanager
def postgres_database(name: str, first: str) -> Iterator[Database]:
    """A fresh PostgreSQL database called `name`, a copy of the first one called `first`."""
    folder = cluster()
    administer(folder, f'CREATE DATABASE "{name}" TEMPLATE {first_postgres(first)}{file_copy(folder)}')
    try:
        yield Database("postgresql", postgres_url(folder, name))
    finally:
        administer(folder, f'DROP DATABASE "{name}" WITH (FORCE)')
