"""A database's schema as plain values, so that two databases can be compared; and one row for every table."""

import datetime
import re
from typing import Any

from sqlalchemy import JSON, Boolean, CheckConstraint, Column, Date, DateTime, Engine, Float, Integer, LargeBinary, MetaData, Table, inspect, text

from wishapp.store.types import EncryptedText, UTCDateTime

SERVICE_TABLES = {"alembic_version"}
TRIGGERS = {
    "sqlite": "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT t.tgname, c.relname, pg_get_triggerdef(t.oid) || p.prosrc FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
                  " JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal",
}


def describe(engine: Engine) -> dict[str, Any]:
    """Every table with its columns, keys, checks and indexes; every trigger with its text."""
    inspector = inspect(engine)
    described: dict[str, Any] = {}
    for table in inspector.get_table_names():
        if table in SERVICE_TABLES:
            continue
        described[table] = {
            "columns": {column["name"]: (column["type"].compile(engine.dialect), column["nullable"], _plain(column["default"]))
                        for column in inspector.get_columns(table)},
            "primary key": _part(inspector.get_pk_constraint(table), "name", "constrained_columns"),
            "foreign keys": sorted(_part(key, "name", "constrained_columns", "referred_table", "referred_columns", "options")
                                   for key in inspector.get_foreign_keys(table)),
            "unique": sorted(_part(key, "name", "column_names") for key in inspector.get_unique_constraints(table)),
            "checks": sorted(_part(check, "name", "sqltext") for check in inspector.get_check_constraints(table)),
            "indexes": sorted(_part(index, "name", "column_names", "unique") for index in inspector.get_indexes(table)),
        }
    with engine.connect() as connection:
        described["triggers"] = sorted(tuple(_plain(part) for part in row) for row in connection.execute(text(TRIGGERS[engine.dialect.name])))
    return described


def _plain(value: object) -> str:
    return re.sub(r"\s+", " ", str(value)).strip()


def _part(found: dict, *names: str) -> tuple[str, ...]:
    return tuple(_plain(found.get(name)) for name in names)


def fill(engine: Engine, metadata: MetaData) -> dict[str, int]:
    """Put one row into every table; returns how many rows each has. The values satisfy types, keys and simple checks."""
    known: dict[tuple[str, str], Any] = {}
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            row = {column.name: _value(table, column, known) for column in table.columns}
            connection.execute(table.insert().values(row))
            known |= {(table.name, name): value for name, value in row.items()}
    with engine.connect() as connection:
        return {table.name: connection.scalar(text(f'SELECT count(*) FROM "{table.name}"')) for table in metadata.sorted_tables}


def _must_differ(table: Table, column: Column) -> bool:
    """A check says that this column, which may be empty, is another than its neighbour."""
    texts = [str(check.sqltext) for check in table.constraints if isinstance(check, CheckConstraint)]
    return bool(column.nullable) and any(re.search(rf"\b{column.name} <>", text_) for text_ in texts)


def _value(table: Table, column: Column, known: dict[tuple[str, str], Any]) -> Any:
    if _must_differ(table, column):
        return None
    for key in column.foreign_keys:
        if key.column.table is table:
            return None if column.nullable else 1
        return known.get((key.column.table.name, key.column.name))
    checked = _checked(table, column)
    kind = column.type
    if checked is not None:
        return int(checked) if checked.lstrip("-").isdigit() else checked
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Integer | Float):
        return 1
    if isinstance(kind, UTCDateTime | DateTime):
        return datetime.datetime(2026, 6, 2 if column.name == "ends_at" else 1, tzinfo=datetime.UTC)
    if isinstance(kind, Date):
        return datetime.date(2026, 6, 1)
    if isinstance(kind, JSON):
        return {"a": ["值"]}
    if isinstance(kind, EncryptedText):
        return "某"
    return b"x" if isinstance(kind, LargeBinary) else "x"


def _checked(table: Table, column: Column) -> str | None:
    """The first value that a CHECK on this column names: IN ('a', …), BETWEEN 1 AND 5."""
    for check in table.constraints:
        if not isinstance(check, CheckConstraint):
            continue
        words = str(check.sqltext)
        found = re.search(rf"\b{column.name}\b[^a-z]*\bIN\s*\(\s*'?([^',)]+)|\b{column.name}\b[^a-z]*\bBETWEEN\s+(-?\d+)", words, re.IGNORECASE)
        if found:
            return found[1] or found[2]
    return None
