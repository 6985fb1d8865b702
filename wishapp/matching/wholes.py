"""Teams that come whole: where people are wanted in person, a team of q takes q seats or none. In the problem these are options."""

from dataclasses import dataclass

import numpy as np

from wishapp.kernel.ports import OpenDemand
from wishapp.matching import scores
from wishapp.matching.crowd import TEAM, Crowd
from wishapp.matching.weights import Weights

PIN = 2000  # points for each seat of a team pinned by staff: more than any others in its place could be worth


@dataclass(frozen=True)
class Wholes:
    """Columns over the problem's options: `demand` (index), `row` (of the crowd), `metres`, `seats`, `value` (of all its seats
    together) and the unweighted points of each term for one seat."""

    demand: np.ndarray
    row: np.ndarray
    metres: np.ndarray
    seats: np.ndarray
    value: np.ndarray
    terms: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.demand)

    def of(self, demand_index: int) -> np.ndarray:
        """Options of one demand (they stand in the order of demands)."""
        first, last = np.searchsorted(self.demand, [demand_index, demand_index + 1])
        return np.arange(first, last)


NONE = Wholes(*(np.zeros(0, dtype=np.int64) for _ in range(5)), {name: np.zeros(0, dtype=np.int32) for name in scores.TERMS})


def come_whole(demand: OpenDemand, crowd: Crowd, who: np.ndarray) -> np.ndarray:
    """Mask over `who`: teams asked as a whole for this demand."""
    return (crowd.kind[who] == TEAM) & demand.in_person


class Gathering:
    """Collects the teams of each demand, in the order of demands, and makes columns and options of them."""

    def __init__(self) -> None:
        self._parts: dict[str, list[np.ndarray]] = {"demand": [], "row": [], "metres": [], "seats": [], "value": []}
        self._tables: list[np.ndarray] = []

    def add(self, index: int, crowd: Crowd, rows: np.ndarray, metres: np.ndarray, table: np.ndarray, weights: Weights) -> None:
        """These teams for the demand with this index; `table`: their unweighted points by term."""
        seats = crowd.size[rows]
        columns = (np.full(len(rows), index, dtype=np.int64), rows, metres, seats, scores.worth(table, weights) * seats)
        for name, column in zip(self._parts, columns, strict=True):
            self._parts[name].append(column)
        self._tables.append(table)

    def columns(self) -> Wholes:
        """Everything collected."""
        if not self._tables:
            return NONE
        joined = {name: np.concatenate(parts).astype(np.int64) for name, parts in self._parts.items()}
        return Wholes(**joined, terms=dict(zip(scores.TERMS, np.concatenate(self._tables, axis=1), strict=True)))


def options(wholes: Wholes, supporter: np.ndarray, bonus: np.ndarray) -> list[dict]:
    """The problem's options. `supporter`: index of each one's supporter in the problem; `bonus`: points for a pin or for having been there."""
    return [{"supporter": who, "demand": demand, "covers": [[0, seats]], "value": value} for who, demand, seats, value in zip(
        supporter.tolist(), wholes.demand.tolist(), wholes.seats.tolist(), (wholes.value + bonus).tolist(), strict=True)]


def bonuses(wholes: Wholes, demands: list[OpenDemand], crowd: Crowd, previous: dict[str, set[int]], keep: int) -> np.ndarray:
    """Points per option beside its value: pinned by staff (options have no pins of their own in the problem), or in the plan before."""
    found = np.zeros(len(wholes), dtype=np.int64)
    for at, (index, row) in enumerate(zip(wholes.demand.tolist(), wholes.row.tolist(), strict=True)):
        ref = demands[index].ref
        if crowd.marks.get(ref, {}).get(row) == "pin":
            found[at] += PIN * wholes.seats[at]
        if int(crowd.ids[row]) in previous.get(ref, ()):
            found[at] += keep * wholes.seats[at]
    return found
