"""Rows that may already be there: insert what is missing, leave the rest, on both engines."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from wishapp.store.db import db


def insert_missing(model: type, rows: Sequence[dict[str, Any]], key: Sequence[str], returning: Sequence[Any] = ()) -> list[Any]:
    """Insert `rows` into `model`, skipping those whose unique columns `key` are taken; returns `returning` of the new rows.

    On PostgreSQL a row somebody else is inserting right now is waited for, so that afterwards it can be read and locked.
    """
    if not rows:
        return []
    db.session.flush()
    flavour = postgresql if db.session.connection().dialect.name == "postgresql" else sqlite
    statement = flavour.insert(model.__table__).on_conflict_do_nothing(index_elements=list(key))
    given = rows[0] if len(rows) == 1 else list(rows)  # apart from the statement, so that it is compiled once and kept
    if not returning:
        db.session.execute(statement, given)
        return []
    return list(db.session.execute(statement.returning(*returning), given))
