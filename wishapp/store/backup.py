"""Copies of the database: SQLite's own backup (a copied WAL file would lose rows), pg_dump's business on PostgreSQL."""

import sqlite3
from contextlib import closing
from pathlib import Path

from wishapp.store.db import db


class CannotCopy(RuntimeError):
    """The copy cannot be made or taken back; the message says why."""


def database_file() -> Path:
    """Path of the SQLite database; CannotCopy when it is on PostgreSQL."""
    if db.engine.dialect.name != "sqlite" or not db.engine.url.database:
        raise CannotCopy("This database is on PostgreSQL: use pg_dump --format=custom and pg_restore (docs/deploy.md).")
    return Path(db.engine.url.database)


def write_copy(target: Path) -> int:
    """Copy the live database to `target`, which must not exist; returns the pages copied. The copy is checked before this returns."""
    source = database_file()
    if target.exists():
        raise CannotCopy(f"{target} exists already.")
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        _check(copy, target)
        return copy.execute("PRAGMA page_count").fetchone()[0]


def restore_copy(source: Path) -> None:
    """Put a copy in the place of the live database, inside SQLite's own locks; the copy is checked first."""
    target = database_file()
    if not source.exists():
        raise CannotCopy(f"{source} does not exist.")
    db.session.remove()
    db.engine.dispose()
    with closing(sqlite3.connect(source)) as copy:
        _check(copy, source)
        with closing(sqlite3.connect(target, timeout=15)) as live:
            copy.backup(live)
            live.execute("PRAGMA journal_mode=WAL")


def _check(connection: sqlite3.Connection, path: Path) -> None:
    try:
        verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
        known = connection.execute("SELECT count(*) FROM sqlite_master WHERE name IN ('wishes', 'audit_entries')").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise CannotCopy(f"{path} is no database.") from error
    if verdict != "ok":
        raise CannotCopy(f"{path} is damaged: {verdict}")
    if known != 2:
        raise CannotCopy(f"{path} is no database of this site.")
