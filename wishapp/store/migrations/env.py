"""Alembic's environment: migrations run on the application's own engine, all steps in one transaction, or none."""

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, text

from wishapp.store.db import Base, db
from wishapp.store.types import EncryptedText, UTCDateTime

SERVICE_TABLES = {"alembic_version"}


def belongs(_thing: object, name: str | None, kind: str, _is_reflected: bool, _other: object) -> bool:
    """Is this ours to compare when a migration is drafted."""
    return not (kind == "table" and name in SERVICE_TABLES)


def spelt(kind: str, thing: object, _context: AutogenContext) -> str | bool:
    """Our column types as a migration writes them: by what the database sees, so that old migrations outlive our classes."""
    if kind == "type" and isinstance(thing, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, EncryptedText):
        return "sa.LargeBinary()"
    return False


def migrate(connection: Connection) -> None:
    """Run the migrations on this connection."""
    context.configure(
        connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True, include_object=belongs, render_item=spelt,
    )
    with context.begin_transaction():
        context.run_migrations()


def run_on_sqlite(connection: Connection) -> None:
    """Batch mode drops and rebuilds tables: with foreign keys on, dropping one would empty those that point at it.

    The switch works outside transactions only, hence on the bare connection; every reference is checked before this commits.
    """
    bare = connection.connection.dbapi_connection
    bare.execute("PRAGMA foreign_keys=OFF")
    try:
        with connection.begin():
            migrate(connection)
            broken = connection.execute(text("PRAGMA foreign_key_check")).all()
            if broken:
                raise RuntimeError(f"the migration would leave rows that point at nothing: {broken[:5]}")
    finally:
        bare.execute("PRAGMA foreign_keys=ON")


def run_on_postgresql(connection: Connection) -> None:
    """Migrations may take longer than a page may."""
    with connection.begin():
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        migrate(connection)


with db.engine.connect() as opened:
    (run_on_sqlite if opened.dialect.name == "sqlite" else run_on_postgresql)(opened)
