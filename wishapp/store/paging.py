"""Pages of a list: 1-based page numbers, a fixed size, one counting query."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from wishapp.store.db import db


@dataclass(frozen=True)
class Page:
    """One page of rows. `number` is 1-based and already brought into range; `total` counts all rows."""

    rows: list[Any]
    number: int
    size: int
    total: int

    @property
    def last(self) -> int:
        """Number of the last page, at least 1."""
        return max(1, -(-self.total // self.size))

    @property
    def first_row(self) -> int:
        """1-based position of the first row shown, 0 when there is none."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last_row(self) -> int:
        """1-based position of the last row shown."""
        return self.first_row + len(self.rows) - 1 if self.rows else 0


def page_of(query: Select, number: int, size: int = 24, *, scalars: bool = True, convert: Callable | None = None) -> Page:
    """Rows of page `number` of an ordered select: two queries. A number out of range is moved to the nearest page."""
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery()))
    number = min(max(1, number), max(1, -(-total // size)))
    window = query.limit(size).offset((number - 1) * size)
    rows = list(db.session.scalars(window) if scalars else db.session.execute(window))
    return Page([convert(row) for row in rows] if convert else rows, number, size, total)
