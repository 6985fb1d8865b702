"""Triggers that make a table append-only on both engines. Migrations create the same ones through `trigger_statements`."""

from sqlalchemy import DDL, Table, event


def trigger_statements(table: str, dialect: str) -> list[str]:
    """SQL that forbids UPDATE and DELETE on `table`, for "sqlite" or "postgresql"."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER tr_{table}_no_{verb} BEFORE {verb.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("update", "delete")
        ]
    return [
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger AS $$ "
        "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$ LANGUAGE plpgsql",
        f"CREATE TRIGGER tr_{table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]


def append_only(table: Table) -> None:
    """Attach the triggers to `table` wherever it is created from the models."""
    for dialect in ("sqlite", "postgresql"):
        for statement in trigger_statements(table.name, dialect):
            event.listen(table, "after_create", DDL(statement.replace("%", "%%")).execute_if(dialect=dialect))
