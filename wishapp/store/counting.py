"""Counters of many rows raised at once, each only as far as it may go."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update

from wishapp.kernel.errors import SomeoneWasFaster
from wishapp.store.db import db


def raise_many(model: type, counter: Any, by: Mapping[int, int], *conditions: Any, most: Any = None) -> None:
    """Raise the column `counter` by `by` {id: how much}, where it stays within the column `most` (if any) and `conditions` hold.

    One statement for each different amount. SomeoneWasFaster when one of the rows does not allow it: the caller rolls back.
    """
    by_amount: dict[int, list[int]] = {}
    for row_id, amount in by.items():
        by_amount.setdefault(amount, []).append(row_id)
    for amount, ids in by_amount.items():
        moved = db.session.execute(
            update(model).where(model.id.in_(ids), *conditions, *([] if most is None else [counter + amount <= most]))
            .values({counter: counter + amount}).execution_options(synchronize_session=False))
        if moved.rowcount != len(ids):
            raise SomeoneWasFaster()
