"""The one place that commits.

`with transaction():` ends the reading transaction, opens a writing one (BEGIN IMMEDIATE on SQLite, so what was read
before is read again under the lock), commits at the end and rolls back on any error. Conflicts that a second try may
settle surface as `Conflict`: the web layer then runs the whole view again, commands and jobs use `retrying`.
No hashing, rendering, mail or solving inside.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError

from wishapp.kernel import faults
from wishapp.kernel.errors import Busy
from wishapp.store.db import db

T = TypeVar("T")
TRIES = 5
_RETRYABLE_SQLSTATES = {"40001", "40P01", "55P03", "23P01"}


class Conflict(Exception):
    """Another transaction was in the way; the same work may succeed when run again from the start."""


def is_retryable(error: BaseException) -> bool:
    """Serialization failure, deadlock, lock time-out, SQLITE_BUSY, a stale version, a row deleted since it was read, or an interval that
    another transaction took meanwhile (23P01, exclusion constraint): when run again, the service finds it and says so in words."""
    if isinstance(error, (Conflict, StaleDataError, ObjectDeletedError)):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    return state in _RETRYABLE_SQLSTATES or (isinstance(error, OperationalError) and "database is locked" in str(error.orig))


@contextmanager
def transaction() -> Iterator[None]:
    """A writing transaction. Not nestable: services join the one their caller opened."""
    session = db.session()
    if session.info.get("writing"):
        raise RuntimeError("transaction() is already open; services do not open their own")
    session.rollback()
    session.info["writing"] = True
    try:
        session.connection(execution_options={"wishapp_write": True})
        yield
        for hook in session.info.get("before_commit", ()):
            hook()
        faults.point("transaction.before_commit")
        session.commit()
        faults.point("transaction.after_commit")
    except BaseException as error:
        session.rollback()
        if is_retryable(error) and not isinstance(error, Conflict):
            raise Conflict(str(error)) from error
        raise
    finally:
        session.info.pop("writing", None)
        session.info.pop("before_commit", None)


@contextmanager
def side_transaction() -> Iterator[Connection]:
    """A short writing transaction on a connection of its own, whatever the session is doing: a job's lease and progress.

    Never inside `transaction()`: on SQLite it would wait for the very lock its caller holds (RuntimeError instead).
    """
    if db.session().info.get("writing"):
        raise RuntimeError("side_transaction() inside transaction() would wait for itself")
    try:
        with db.engine.connect().execution_options(wishapp_write=True) as connection, connection.begin():
            yield connection
    except DBAPIError as error:
        if is_retryable(error):
            raise Conflict(str(error)) from error
        raise


def before_commit(hook: Callable[[], None]) -> None:
    """Have `hook` run inside this session's next transaction, just before it commits; replaces an unused earlier one."""
    db.session().info["before_commit"] = [hook]


def pause(attempt: int) -> None:
    """Wait a little, longer with each attempt, with jitter."""
    time.sleep(random.uniform(0.01, 0.05) * 2**attempt)


def retrying(work: Callable[[], T]) -> T:
    """Run `work` (which opens its own transaction) up to 5 times; raises Busy when the conflict does not settle."""
    for attempt in range(TRIES):
        try:
            return work()
        except Conflict:
            db.session.rollback()
            pause(attempt)
    raise Busy()
