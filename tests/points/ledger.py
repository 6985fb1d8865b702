"""What the tests of the ledger share: short verbs, many at once, and a ledger without its protections."""

import threading
from collections.abc import Callable

from flask import Flask
from sqlalchemy import MetaData, Table, UniqueConstraint

from wishapp.kernel.errors import Busy, Refused
from wishapp.kernel.roles import SYSTEM
from wishapp.points import service
from wishapp.points.models import PointsAccount, PointsEntry, PointsTransfer
from wishapp.store.db import db
from wishapp.store.transaction import retrying, transaction


def give(owner: str, amount: int, source: str, reason: str = "test") -> int:
    """Credit in a transaction of its own; returns the transfer's id."""

    def work() -> int:
        with transaction():
            return service.credit(owner, amount, source=source, reason=reason, by=SYSTEM, title="测试", place_path="/1/").id

    return retrying(work)


def move(payer: str, owner: str, amount: int, source: str) -> int:
    """Transfer in a transaction of its own."""

    def work() -> int:
        with transaction():
            return service.transfer(payer, owner, amount, source=source, reason="test", by=SYSTEM).id

    return retrying(work)


def take_back(transfer_id: int, note: str = "记错了") -> int:
    """Reverse in a transaction of its own."""

    def work() -> int:
        with transaction():
            return service.reverse(db.session.get(PointsTransfer, transfer_id), by=SYSTEM, note=note).id

    return retrying(work)


def at_once(app: Flask, works: list[Callable[[], object]]) -> list[str]:
    """Run every work in a thread of its own, all starting together; "done", "refused", "busy" or the fault's name for each."""
    start = threading.Barrier(len(works))
    results = [""] * len(works)

    def run(number: int) -> None:
        with app.app_context():
            start.wait()
            try:
                works[number]()
                results[number] = "done"
            except Refused:
                results[number] = "refused"
            except Busy:
                results[number] = "busy"
            except Exception as fault:  # the test looks at what came out, it does not hide it
                results[number] = type(fault).__name__
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def drop_protection() -> None:
    """Take every unique constraint off the (still empty) ledger: what the controls run on."""
    tables = [PointsTransfer.__table__, PointsEntry.__table__]
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            for table in tables:
                for constraint in unique_constraints(table):
                    connection.exec_driver_sql(f'ALTER TABLE {table.name} DROP CONSTRAINT "{constraint.name}"')
            return
        bare = MetaData(naming_convention=db.metadata.naming_convention)
        copies = [model.__table__.to_metadata(bare) for model in (PointsAccount, PointsTransfer, PointsEntry)][1:]
        for table in copies:
            for constraint in unique_constraints(table):
                table.constraints.remove(constraint)
        for table in reversed(copies):
            table.drop(connection)
        for table in copies:
            table.create(connection)


def unique_constraints(table: Table) -> list[UniqueConstraint]:
    """Unique constraints of a table, its primary key not among them."""
    return [constraint for constraint in table.constraints if isinstance(constraint, UniqueConstraint)]
