"""Single changes a trial may assume: one helper goes farther, promises one more, has the time, the skill; one demand waits an hour.

A grant is [what, supporter id, demand ref, how much]; `what` is one of WHATS. They are assumed, never written anywhere: a plan
for real takes things as they are.
"""

from dataclasses import replace
from datetime import timedelta

import numpy as np

from wishapp.kernel.errors import BadInput
from wishapp.kernel.ports import OpenDemand
from wishapp.kernel.text import N_
from wishapp.matching.crowd import UNIT, Crowd
from wishapp.matching.eligibility import parts_touched

# help: gives this kind of help · reach: metres · skill · room: one more promise, or so many minutes · time: free then
# seats: one more in this round · later: the demand begins so many minutes later
WHATS = ("help", "reach", "skill", "room", "time", "seats", "later")
MOST = 3
AMOUNT_MAX = 100_000
Grant = tuple[str, int, str, int]


def read_grants(stored: object) -> tuple[Grant, ...]:
    """Grants from JSON or from an address ("reach~12~wish:3~2500"), at most MOST. BadInput for anything else."""
    entries = [text.split("~") for text in stored.split(",")] if isinstance(stored, str) and stored else stored or ()
    try:
        grants = tuple((str(what), int(who), str(ref), int(amount)) for what, who, ref, amount in entries)
    except (TypeError, ValueError):
        raise _no_such_choice() from None
    for what, who, ref, amount in grants:
        if what not in WHATS or not 0 <= who < 2**31 or not 0 <= amount <= AMOUNT_MAX or len(ref) > 30 or not ref.isascii() or not ref.isprintable():
            raise _no_such_choice()
    if len(grants) > MOST:
        raise _no_such_choice()
    return grants


def _no_such_choice() -> BadInput:
    return BadInput(N_("The address of this page names a choice that does not exist."))


def write_grant(grant: Grant) -> str:
    """One grant as it stands in an address."""
    return "~".join(str(part) for part in grant)


def granted_demands(demands: list[OpenDemand], grants: tuple[Grant, ...]) -> list[OpenDemand]:
    """The demands, those with a later beginning moved."""
    later = {ref: timedelta(minutes=amount) for what, _who, ref, amount in grants if what == "later"}
    return [replace(demand, window=(demand.window[0] + later[demand.ref], demand.window[1] + later[demand.ref]))
            if demand.ref in later and demand.window is not None else demand for demand in demands]


def granted_crowd(crowd: Crowd, demands: list[OpenDemand], grants: tuple[Grant, ...]) -> Crowd:
    """The crowd with the grants assumed; helpers and demands that are not there any more are passed over."""
    known = {demand.ref: demand for demand in demands}
    for what, who, ref, amount in grants:
        row, demand = crowd.row_of(who), known.get(ref)
        if row is not None and demand is not None and what in CHANGES:
            crowd = replace(crowd, **CHANGES[what](crowd, row, demand, amount), _worked_out={})
    return crowd


def granted_seats(supporters: list[dict], grants: tuple[Grant, ...]) -> None:
    """One seat more in this round, for whom that is assumed; changes the problem's supporters in place."""
    more = {f"{who}" for what, who, _ref, _amount in grants if what == "seats"}
    for entry in supporters:
        if entry["id"] in more:
            entry["capacity"] += 1


def _with(column: np.ndarray, row: int, value: object) -> np.ndarray:
    copy = column.copy()
    copy[row] = value
    return copy


def _marked(columns: dict[str, np.ndarray], word: str, row: int, size: int) -> dict[str, np.ndarray]:
    return {**columns, word: _with(columns.get(word, np.zeros(size, dtype=bool)), row, True)}


def _room(crowd: Crowd, row: int, demand: OpenDemand, amount: int) -> dict:
    if crowd.kind[row] == UNIT:
        return {"left_any": _with(crowd.left_any, row, crowd.left_any[row] + max(1, amount))}
    return {"minutes": _with(crowd.minutes, row, crowd.minutes[row] + max(amount, demand.minutes))}


def _time(crowd: Crowd, row: int, demand: OpenDemand, _amount: int) -> dict:
    free = crowd.free.copy()
    for weekday, part in parts_touched(demand) if demand.window is not None else ():
        free[row, weekday, part] = True
    return {"free": free}


def _skills(crowd: Crowd, row: int, demand: OpenDemand, _amount: int) -> dict:
    return {"skills": _marked(crowd.skills, min(demand.skills), row, len(crowd))} if demand.skills else {}


CHANGES = {
    "help": lambda crowd, row, demand, _amount: {"helps": _marked(crowd.helps, demand.kind, row, len(crowd))},
    "reach": lambda crowd, row, _demand, amount: {"radius": _with(crowd.radius, row, max(int(crowd.radius[row]), amount))},
    "skill": _skills, "room": _room, "time": _time,
}
