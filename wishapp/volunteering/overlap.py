"""Nobody in two places at once, kept by the database itself: an exclusion constraint on PostgreSQL, triggers on SQLite.

Half-open intervals: a shift may begin the minute another ends. Somebody who was absent or only waits occupies no time.
"""

from sqlalchemy import DDL, Table, event

PRESENT = ("applied", "offered", "confirmed", "attended", "late")
NAME = "ex_sign_ups_one_place_at_a_time"
_STATES = ", ".join(f"'{state}'" for state in PRESENT)


def overlap_statements(dialect: str) -> list[str]:
    """SQL that forbids overlapping sign-ups of one volunteer, for "sqlite" or "postgresql"."""
    if dialect == "sqlite":
        clash = (
            "SELECT 1 FROM sign_ups other WHERE other.volunteer_id = NEW.volunteer_id AND other.id IS NOT NEW.id "
            f"AND other.state IN ({_STATES}) AND other.starts_at < NEW.ends_at AND NEW.starts_at < other.ends_at")
        return [
            f"CREATE TRIGGER tr_sign_ups_overlap_{verb} BEFORE {verb.upper()} ON sign_ups "
            f"WHEN NEW.state IN ({_STATES}) AND EXISTS ({clash}) BEGIN SELECT RAISE(ABORT, '{NAME}'); END"
            for verb in ("insert", "update")
        ]
    return [
        f"ALTER TABLE sign_ups ADD CONSTRAINT {NAME} EXCLUDE USING gist "
        f"(int4range(volunteer_id, volunteer_id, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&) WHERE (state IN ({_STATES}))"]


def no_overlap(table: Table) -> None:
    """Attach the protection to `table` wherever it is created from the models."""
    for dialect in ("sqlite", "postgresql"):
        for statement in overlap_statements(dialect):
            event.listen(table, "after_create", DDL(statement).execute_if(dialect=dialect))
