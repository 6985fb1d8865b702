"""Strict readers for the parts of a `wishapp-problem/1`: the right type and range, or a ProblemError saying where."""

import numpy as np

COUNT_MAX = 10**9  # seats, capacities, stock
TIME_MAX = 10**12  # minutes
VALUE_MAX = 2**60  # one value; parse_problem also bounds the sum


class ProblemError(ValueError):
    """The problem cannot be read; the message is one line that says where and why."""


def show(thing) -> str:
    """`thing` on one short line, for an error message."""
    text = repr(thing).replace("\n", " ")
    return text if len(text) <= 60 else text[:57] + "..."


def mapping(thing, where: str) -> dict:
    if not isinstance(thing, dict):
        raise ProblemError(f"{where}: expected an object, got {show(thing)}")
    return thing


def listing(thing, where: str):
    if isinstance(thing, np.ndarray):
        return thing.tolist()
    if not isinstance(thing, (list, tuple)):
        raise ProblemError(f"{where}: expected a list, got {show(thing)}")
    return thing


def required(holder: dict, key: str, where: str):
    if key not in holder:
        raise ProblemError(f"{where}: '{key}' is missing")
    return holder[key]


def optional(holder: dict, key: str, default):
    """The entry, or the default where it is absent or null."""
    value = holder.get(key)
    return default if value is None else value


def whole(thing, where: str, low: int = 0, high: int = COUNT_MAX) -> int:
    """An integer in [low, high]; booleans, floats and digits in quotes are refused."""
    if isinstance(thing, np.integer):
        thing = int(thing)
    if type(thing) is not int:
        raise ProblemError(f"{where}: expected a whole number, got {show(thing)}")
    if not low <= thing <= high:
        raise ProblemError(f"{where}: {show(thing)} is outside {low} to {high}")
    return thing


def name(thing, where: str) -> str:
    if not isinstance(thing, str) or not thing:
        raise ProblemError(f"{where}: expected a non-empty text, got {show(thing)}")
    try:
        thing.encode()
    except UnicodeEncodeError:
        raise ProblemError(f"{where}: the text {ascii(thing)[:60]} is not valid Unicode") from None
    return thing


def steps(thing, where: str, rising: bool) -> list[tuple[int, int]]:
    """[[count, amount], ...] with amounts that never fall (rising) or never rise; zero counts are dropped."""
    result, last = [], None
    for index, entry in enumerate(listing(thing, where)):
        at = f"{where}[{index}]"
        if not isinstance(entry, (list, tuple)) or len(entry) != 2:
            raise ProblemError(f"{at}: expected [count, amount], got {show(entry)}")
        count, amount = whole(entry[0], at), whole(entry[1], at, 0, VALUE_MAX)
        if last is not None and (amount < last if rising else amount > last):
            raise ProblemError(f"{at}: amounts must not {'fall' if rising else 'rise'} ({last} then {amount})")
        last = amount
        if count:
            result.append((count, amount))
    return result


def column(thing, where: str, length: int | None, low: int, high: int, missing: int | None = None) -> np.ndarray:
    """A list or array of whole numbers as int64; null becomes `missing` where that is given."""
    if isinstance(thing, np.ndarray):
        if thing.ndim != 1 or thing.dtype.kind not in "iu":
            raise ProblemError(f"{where}: expected a column of whole numbers, got {thing.dtype} with {thing.ndim} axes")
        if thing.dtype == np.uint64 and thing.size and int(thing.max()) > high:
            raise ProblemError(f"{where}: {int(thing.max())} is outside {low} to {high}")
        values = thing.astype(np.int64)
        given = None
    else:
        entries = listing(thing, where)
        kinds = set(map(type, entries))
        given = None
        if missing is not None and type(None) in kinds:
            given = np.array([entry is not None for entry in entries], dtype=bool)
            entries = [missing if entry is None else entry for entry in entries]
            kinds.discard(type(None))
        if not kinds <= {int}:
            entries = [whole(entry, f"{where}[{index}]", low, high) for index, entry in enumerate(entries)]
        try:
            values = np.array(entries, dtype=np.int64)
        except OverflowError:
            index = next(i for i, entry in enumerate(entries) if not low <= entry <= high)
            raise ProblemError(f"{where}[{index}]: {show(entries[index])} is outside {low} to {high}") from None
    if length is not None and len(values) != length:
        raise ProblemError(f"{where}: {len(values)} entries where {length} are expected")
    wrong = (values < low) | (values > high)
    if given is not None:
        wrong &= given
    if wrong.any():
        index = int(np.argmax(wrong))
        raise ProblemError(f"{where}[{index}]: {int(values[index])} is outside {low} to {high}")
    return values


MISSING = object()


def numbers(entries, key: str, where, low: int, high: int, default=MISSING, null: int | None = None) -> np.ndarray:
    """Whole numbers entries[i][key] as int64: `default` where the key is absent (required without one), `null` where it is null (refused
    without one). `where` names the list, or names an entry from its index."""
    values = [entry.get(key, default) for entry in entries]
    empty = [] if null is None else [index for index, value in enumerate(values) if value is None]
    for index in empty:
        values[index] = low
    try:
        if set(map(type, values)) <= {int}:
            result = np.array(values, dtype=np.int64)
            if not len(result) or len(empty) == len(result) or (result.min() >= low and result.max() <= high):
                result[empty] = 0 if null is None else null
                return result
    except OverflowError:
        pass  # some value is far out of range: the slow way says which
    for index, entry in enumerate(entries):
        at = where(index) if callable(where) else f"{where}[{index}]"
        if default is MISSING:
            required(entry, key, at)
        value = entry.get(key, default)
        values[index] = null if value is None and null is not None else whole(value, f"{at}.{key}", low, high)
    return np.array(values, dtype=np.int64)
