"""Demands and supporters: lists of objects read into columns, all entries of a key at once."""

from itertools import chain

import numpy as np

from wishapp.solver.reading import COUNT_MAX, TIME_MAX, ProblemError, mapping, name, numbers, required, show, steps, whole

NO_BUDGET = -1


def read_demands(entries, bundle_count: int, place_ids: list) -> dict:
    """The demand and role columns of a Problem. Raises ProblemError for the first entry that is malformed."""
    _objects(entries, "demands")
    place_index = {key: index for index, key in enumerate(place_ids)}
    count = len(entries)
    start, end, timed = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64), np.zeros(count, dtype=bool)
    for index, interval in enumerate([entry.get("interval") for entry in entries]):
        if interval is not None:
            start[index], end[index] = _interval(interval, f"demands[{index}].interval")
            timed[index] = True
    place = np.full(count, -1, dtype=np.int64)
    for index, spot in enumerate([entry.get("place") for entry in entries]):
        if spot is not None:
            place[index] = place_index.get(name(spot, f"demands[{index}].place"), -1)
    roles = [entry.get("roles") for entry in entries]
    if not set(map(type, roles)) <= {list}:
        roles = [_roles(entry, index) for index, entry in enumerate(entries)]
    needs, sizes = list(chain.from_iterable(roles)), list(map(len, roles))
    role_start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64) if count else np.zeros(1, dtype=np.int64)
    role_demand = np.repeat(np.arange(count), np.diff(role_start))

    def role_at(number: int) -> str:
        return f"demands[{role_demand[number]}].roles[{number - role_start[role_demand[number]]}]"
    if not set(map(type, needs)) <= {dict}:
        for number, role in enumerate(needs):
            mapping(role, role_at(number))
    return {
        "demand_ids": _names(entries, "demands"), "demand_tier": numbers(entries, "tier", "demands", 0, 1000, 0),
        "demand_minutes": numbers(entries, "minutes", "demands", 0, TIME_MAX, 0), "demand_start": start, "demand_end": end, "demand_timed": timed,
        "demand_place": place, "demand_bundle": numbers(entries, "bundle", "demands", 0, bundle_count - 1, None, null=-1),
        "role_start": role_start, "role_demand": role_demand, "role_need": numbers(needs, "need", role_at, 0, COUNT_MAX),
    }


def _interval(interval, where: str) -> tuple[int, int]:
    if not isinstance(interval, (list, tuple)) or len(interval) != 2:
        raise ProblemError(f"{where}: expected [start, end] or null, got {show(interval)}")
    first, last = (whole(t, where, -TIME_MAX, TIME_MAX) for t in interval)
    if first >= last:
        raise ProblemError(f"{where}: the start {first} is not before the end {last}")
    return first, last


def _roles(entry: dict, index: int) -> list:
    roles = required(entry, "roles", f"demands[{index}]")
    if not isinstance(roles, (list, tuple)):
        raise ProblemError(f"demands[{index}].roles: expected a list, got {show(roles)}")
    return list(roles)


def read_supporters(entries) -> dict:
    """The supporter columns of a Problem, and `pools`: [(supporter, resource, limit)]."""
    _objects(entries, "supporters")
    load, pools = [], []
    known: dict[int, list] = {}  # a program gives all of a kind the same list: it is read once
    for index, entry in enumerate(entries):
        ladder, stock = entry.get("load_steps"), entry.get("stock")
        if id(ladder) not in known:
            known[id(ladder)] = [] if ladder is None or ladder == [] else steps(ladder, f"supporters[{index}].load_steps", True)
        load.append(known[id(ladder)])
        if stock is not None:
            where = f"supporters[{index}].stock"
            mapping(stock, where)
            pools += [(index, name(key, where), whole(stock[key], f"{where}[{key!r}]")) for key in sorted(stock)]
    exclusive = [entry.get("exclusive", False) for entry in entries]
    if not set(map(type, exclusive)) <= {bool}:
        index = next(i for i, alone in enumerate(exclusive) if type(alone) is not bool)
        raise ProblemError(f"supporters[{index}].exclusive: expected true or false, got {show(exclusive[index])}")
    return {
        "supporter_ids": _names(entries, "supporters"), "capacity": numbers(entries, "capacity", "supporters", 0, COUNT_MAX),
        "budget": numbers(entries, "minutes", "supporters", 0, TIME_MAX, None, null=NO_BUDGET), "exclusive": np.array(exclusive, dtype=bool),
        "buffer": numbers(entries, "buffer", "supporters", 0, TIME_MAX, 0), "load_steps": load, "pools": pools,
    }


def _objects(entries, where: str) -> None:
    if not set(map(type, entries)) <= {dict}:
        for index, entry in enumerate(entries):
            mapping(entry, f"{where}[{index}]")


def _names(entries, where: str) -> list:
    ids = [entry.get("id") for entry in entries]
    if not set(map(type, ids)) <= {str} or "" in ids or not "".join(ids).isascii():
        ids = [name(required(entry, "id", f"{where}[{index}]"), f"{where}[{index}].id") for index, entry in enumerate(entries)]
    return unique(ids, where)


def unique(ids: list, where: str) -> list:
    """`ids` as they are. Raises ProblemError where one is used twice."""
    if len(set(ids)) != len(ids):
        seen: set = set()
        for index, entry in enumerate(ids):
            if entry in seen:
                raise ProblemError(f"{where}[{index}].id: {show(entry)} is used twice")
            seen.add(entry)
    return ids
