"""Counters of many rows moved at once, each only as far as it may go."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update

from wishapp.kernel.errors import SomeoneWasFaster
from wishapp.store.db import db


def count_many(model: type, counter: Any, by: Mapping[int, int], *conditions: Any, most: Any = None) -> None:
    """Add `by` {id: how much} to the column `counter`, where it stays between 0 and the column `most` (if any) and `conditions` hold.

    One statement for each different amount. SomeoneWasFaster when one of the rows does not allow it: the caller rolls back.
    """
    by_amount: dict[int, list[int]] = {}
    for row_id, amount in by.items():
        by_amount.setdefault(amount, []).append(row_id)
    for amount, ids in by_amount.items():
        moved = db.session.execute(
            update(model).where(model.id.in_(ids), counter + amount >= 0, *conditions, *([] if most is None else [counter + amount <= most]))
            .values({counter: counter + amount}).execution_options(synchronize_session=False))
        if moved.rowcount != len(ids):
            raise SomeoneWasFaster()
