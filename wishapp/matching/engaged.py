"""When supporters are taken up, and how long they need to get from one place to the next."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from wishapp.kernel.ports import OpenDemand

GAP = 30  # least minutes between two places where the district has set nothing else
PACE = 200  # metres a minute from door to door: 12 km/h, a bicycle or a bus with its waiting


def minute(moment: datetime) -> int:
    """Minutes since 1970, as the problem counts them."""
    return int(moment.timestamp() // 60)


def buffers(radius: np.ndarray, gap: int = GAP) -> np.ndarray:
    """Minutes to leave between two times, by how far somebody goes: both places may lie at opposite ends of the radius, so twice the
    radius is allowed for. Up to 3 km that is the half hour people are used to; who goes farther needs longer."""
    return np.maximum(gap, -(-2 * radius // PACE)).astype(np.int64)


def _none() -> np.ndarray:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Times:
    """Times taken up, one entry each: row of the crowd, first and last minute (half-open)."""

    row: np.ndarray = field(default_factory=_none)
    start: np.ndarray = field(default_factory=_none)
    end: np.ndarray = field(default_factory=_none)

    def clashing(self, demand: OpenDemand, buffer: np.ndarray) -> np.ndarray:
        """Rows taken up during the demand's window, or too shortly before or after it. `buffer`: minutes by row of the crowd."""
        if demand.window is None or not len(self.row):
            return self.row[:0]
        start, end = (minute(moment) for moment in demand.window)
        apart = buffer[self.row]
        return np.unique(self.row[(self.start < end + apart) & (self.end + apart > start)])

    def and_these(self, entries: Iterable[tuple[int, int, int]]) -> "Times":
        """With further (row, start, end)."""
        more = np.array(list(entries), dtype=np.int64).reshape(-1, 3)
        return Times(*(np.concatenate([column, more[:, at]]) for at, column in enumerate((self.row, self.start, self.end))))
