"""What the tests of the ledger share: short verbs, many at once, and a ledger without its protections."""

import threading
from collections.abc import Callable

from flask import Flask
from sqlalchemy import MetaData, UniqueConstraint

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
    """Build the ledger's tables anew without any unique constraint (and without triggers): what the controls run on."""
    bare = MetaData(naming_convention=db.metadata.naming_convention)
    tables = [model.__table__.to_metadata(bare) for model in (PointsAccount, PointsTransfer, PointsEntry)]
    for table in tables[1:]:
        for constraint in [one for one in table.constraints if isinstance(one, UniqueConstraint)]:
            table.constraints.remove(constraint)
    with db.engine.begin() as connection:
        for table in reversed(tables[1:]):
            table.drop(connection)
        for table in tables[1:]:
            table.create(connection)
