"""A copy of the live database holds everything that was committed, and can be put back."""

import shutil
from pathlib import Path

import pytest
from flask import Flask

from wishapp.kernel.roles import SYSTEM
from wishapp.store import audit, backup
from wishapp.store.audit import AuditEntry
from wishapp.store.db import db
from wishapp.store.transaction import transaction


def note(count: int) -> None:
    """So many rows in the record."""
    for number in range(count):
        with transaction():
            audit.record("sample", number, "note", by=SYSTEM)


def notes() -> int:
    """How many there are."""
    found = db.session.query(AuditEntry).count()
    db.session.rollback()
    return found


def test_copy_and_back(context: Flask, tmp_path: Path) -> None:
    note(30)
    copy = tmp_path / "copy.sqlite"
    assert backup.write_copy(copy) > 10
    note(5)
    assert notes() == 35
    backup.restore_copy(copy)
    assert notes() == 30
    note(1)
    assert notes() == 31


def test_control_copying_the_file_loses_rows(context: Flask, tmp_path: Path) -> None:
    note(30)
    stolen = tmp_path / "stolen.sqlite"
    shutil.copy(backup.database_file(), stolen)
    backup.restore_copy(stolen)
    assert notes() < 30


def test_nothing_is_overwritten_or_taken_on_trust(context: Flask, tmp_path: Path) -> None:
    note(1)
    there = tmp_path / "there.sqlite"
    there.write_bytes(b"not a database, but long enough to be looked at" * 100)
    with pytest.raises(backup.CannotCopy, match="exists already"):
        backup.write_copy(there)
    with pytest.raises(backup.CannotCopy, match="no database"):
        backup.restore_copy(there)
    with pytest.raises(backup.CannotCopy, match="does not exist"):
        backup.restore_copy(tmp_path / "nowhere.sqlite")
    assert notes() == 1


def test_a_damaged_copy_is_refused(context: Flask, tmp_path: Path) -> None:
    note(200)
    copy = tmp_path / "copy.sqlite"
    backup.write_copy(copy)
    data = bytearray(copy.read_bytes())
    for offset in range(4096 * 3, len(data), 4096):
        data[offset:offset + 64] = b"\xff" * 64
    copy.write_bytes(bytes(data))
    with pytest.raises(backup.CannotCopy):
        backup.restore_copy(copy)
    assert notes() == 200


@pytest.mark.both_databases
def test_postgresql_names_its_own_tools(context: Flask, tmp_path: Path) -> None:
    if db.engine.dialect.name == "sqlite":
        assert backup.database_file().exists()
        return
    with pytest.raises(backup.CannotCopy, match="pg_dump"):
        backup.write_copy(tmp_path / "copy")
