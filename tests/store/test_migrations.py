"""Migrations: up, down and up again with rows in every table, on both databases; the schema is the models', triggers and all."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from tests.store.schema import describe, fill
from wishapp.store.db import Base, db

pytestmark = pytest.mark.both_databases


@pytest.fixture
def empty(app: Flask) -> Iterator[Engine]:
    """An engine on a database in which nothing is left."""
    with app.app_context():
        db.session.remove()
        if db.engine.dialect.name == "sqlite":
            db.engine.dispose()
            for file in Path(db.engine.url.database).parent.glob(Path(db.engine.url.database).name + "*"):
                file.unlink()
        else:
            with db.engine.begin() as connection:
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))
        yield db.engine


def test_the_migrated_schema_is_the_models(empty: Engine) -> None:
    upgrade()
    migrated = describe(empty)
    downgrade(revision="base")
    Base.metadata.create_all(empty)
    modelled = describe(empty)
    assert migrated == modelled


def test_up_down_up_with_rows_everywhere(empty: Engine) -> None:
    upgrade()
    first = describe(empty)
    assert set(fill(empty, Base.metadata).values()) == {1}
    downgrade(revision="base")
    assert {name: found for name, found in describe(empty).items() if name != "triggers"} == {}
    upgrade()
    assert describe(empty) == first
    assert set(fill(empty, Base.metadata).values()) == {1}


def test_every_step_goes_down_and_up(empty: Engine, app: Flask) -> None:
    versions = Path(app.extensions["migrate"].directory) / "versions"
    upgrade()
    last = describe(empty)
    for _step in list(versions.glob("*.py"))[1:]:
        fill_if_empty(empty)
        downgrade(revision="-1")
    upgrade()
    assert describe(empty) == last


def fill_if_empty(engine: Engine) -> None:
    """Rows for the tables that are there at this step."""
    present = set(describe(engine))
    with engine.begin() as connection:
        if any(connection.scalar(text(f'SELECT count(*) FROM "{table}"')) for table in present - {"triggers"}):
            return
    if present >= {table.name for table in Base.metadata.sorted_tables}:
        fill(engine, Base.metadata)


def test_append_only_tables_stay_so_after_migrating(empty: Engine, subtests: pytest.Subtests) -> None:
    upgrade()
    fill(empty, Base.metadata)
    for table in ("audit_entries", "audit_seals"):
        column = next(iter(Base.metadata.tables[table].columns)).name
        for change in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            with subtests.test(change=change), pytest.raises(DBAPIError, match="append-only"), empty.begin() as connection:
                connection.execute(text(change))


def test_nothing_is_left_to_migrate(empty: Engine, app: Flask) -> None:
    """`flask db migrate` would find nothing: models and migrations say the same."""
    upgrade()
    with empty.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
