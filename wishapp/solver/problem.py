"""The problem as arrays: what `wishapp-problem/1` says, checked, with every list of objects turned into columns."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from wishapp.solver.entries import read_demands, read_supporters, unique
from wishapp.solver.ladders import kinds_of
from wishapp.solver.reading import COUNT_MAX, TIME_MAX, VALUE_MAX, ProblemError, column, listing, mapping, name, optional, required, show, steps, whole

FORMAT = "wishapp-problem/1"
TOTAL_MAX = 2**60  # no sum of values may come near the edge of 64 bits


@dataclass
class Problem:
    """All indexes refer to the order of the problem given. D demands, K roles (flat), S supporters, P pairs, Z options.

    `role_start[d]..role_start[d+1]` are demand d's roles; `pool` is one (supporter, resource) with its limit;
    `cover_start[z]..` are option z's (role, seats). Minutes without limit are NO_BUDGET; absent links are -1.
    """

    demand_ids: list
    demand_tier: np.ndarray
    demand_minutes: np.ndarray
    demand_start: np.ndarray
    demand_end: np.ndarray
    demand_timed: np.ndarray
    demand_place: np.ndarray
    demand_bundle: np.ndarray
    role_start: np.ndarray
    role_demand: np.ndarray
    role_need: np.ndarray
    supporter_ids: list
    capacity: np.ndarray
    budget: np.ndarray
    exclusive: np.ndarray
    buffer: np.ndarray
    load_steps: list
    pool_supporter: np.ndarray
    pool_name: list
    pool_limit: np.ndarray
    pair_demand: np.ndarray
    pair_role: np.ndarray
    pair_supporter: np.ndarray
    pair_value: np.ndarray
    pair_minutes: np.ndarray
    pair_upto: np.ndarray
    pair_pool: np.ndarray
    option_supporter: np.ndarray
    option_demand: np.ndarray
    option_value: np.ndarray
    option_minutes: np.ndarray
    option_seats: np.ndarray
    cover_start: np.ndarray
    cover_role: np.ndarray
    cover_seats: np.ndarray
    bundle_ids: list
    bundle_value: np.ndarray
    place_ids: list
    place_steps: list
    pinned: np.ndarray
    forbidden: np.ndarray
    previous: np.ndarray
    keep: int
    tiered: bool
    settings: dict = field(default_factory=dict)

    @cached_property
    def load_kinds(self) -> tuple[np.ndarray, list]:
        """(number of each supporter's load steps, the distinct load steps)."""
        return kinds_of(self.load_steps)

    @property
    def cover_option(self) -> np.ndarray:
        """The option each cover entry belongs to."""
        return np.repeat(np.arange(len(self.option_value)), np.diff(self.cover_start))


def parse_problem(problem: dict | Problem) -> Problem:
    """Read and validate a whole `wishapp-problem/1`; one already read is given back. Raises ProblemError (one line) for anything malformed."""
    if isinstance(problem, Problem):
        return problem
    mapping(problem, "problem")
    if problem.get("format") != FORMAT:
        raise ProblemError(f"format: expected '{FORMAT}', got {show(problem.get('format'))}")
    bundles = [mapping(entry, f"bundles[{i}]") for i, entry in enumerate(listing(optional(problem, "bundles", []), "bundles"))]
    places = mapping(optional(problem, "places", {}), "places")
    place_ids = sorted(name(key, "places") for key in places)
    parts = read_demands(listing(required(problem, "demands", "problem"), "demands"), len(bundles), place_ids)
    parts |= read_supporters(listing(required(problem, "supporters", "problem"), "supporters"))
    parts |= {
        "bundle_ids": unique([name(required(b, "id", f"bundles[{i}]"), f"bundles[{i}].id") for i, b in enumerate(bundles)], "bundles"),
        "bundle_value": np.array(
            [whole(b.get("value", 0), f"bundles[{i}].value", -VALUE_MAX, VALUE_MAX) for i, b in enumerate(bundles)], dtype=np.int64),
        "place_ids": place_ids,
        "place_steps": [steps(mapping(places[key], f"places[{key!r}]").get("steps", []), f"places[{key!r}].steps", False)
                        for key in place_ids],
        "keep": whole(problem.get("keep", 0), "keep", 0, VALUE_MAX),
        "settings": read_settings(optional(problem, "settings", {})),
    }
    objective = problem.get("objective", "value")
    if objective not in ("value", "tiers"):
        raise ProblemError(f"objective: expected 'value' or 'tiers', got {show(objective)}")
    parts["tiered"] = objective == "tiers"
    parts |= _pairs(mapping(required(problem, "pairs", "problem"), "pairs"), parts)
    parts |= _options(listing(optional(problem, "options", []), "options"), parts)
    count = len(parts["pair_demand"])
    for key, target in (("pins", "pinned"), ("forbids", "forbidden"), ("previous", "previous")):
        chosen = column(problem[key] if problem.get(key) is not None else [], key, None, 0, count - 1)
        flags = np.zeros(count, dtype=bool)
        flags[chosen] = True
        parts[target] = flags
    pools = parts.pop("pools")
    parts["pool_supporter"] = np.array([pool[0] for pool in pools], dtype=np.int64)
    parts["pool_name"] = [pool[1] for pool in pools]
    parts["pool_limit"] = np.array([pool[2] for pool in pools], dtype=np.int64)
    parsed = Problem(**parts)
    _bounded(parsed)
    return parsed


def _pairs(pairs: dict, parts: dict) -> dict:
    demand = column(required(pairs, "demand", "pairs"), "pairs.demand", None, 0, len(parts["demand_ids"]) - 1)
    count = len(demand)
    role = column(required(pairs, "role", "pairs"), "pairs.role", count, 0, COUNT_MAX)
    supporter = column(required(pairs, "supporter", "pairs"), "pairs.supporter", count, 0, len(parts["capacity"]) - 1)
    value = column(required(pairs, "value", "pairs"), "pairs.value", count, -VALUE_MAX, VALUE_MAX)
    roles = np.diff(parts["role_start"])
    wrong = role >= roles[demand] if count else np.zeros(0, dtype=bool)
    if wrong.any():
        index = int(np.argmax(wrong))
        raise ProblemError(f"pairs.role[{index}]: role {int(role[index])} of a demand with {int(roles[demand[index]])} roles")
    own = parts["demand_minutes"][demand]
    if pairs.get("minutes") is None:
        minutes = own
    else:
        minutes = column(pairs["minutes"], "pairs.minutes", count, 0, TIME_MAX, missing=-1)
        minutes = np.where(minutes < 0, own, minutes)
    upto = np.ones(count, dtype=np.int64) if pairs.get("upto") is None else \
        column(pairs["upto"], "pairs.upto", count, 1, COUNT_MAX, missing=1)
    return {"pair_demand": demand, "pair_role": parts["role_start"][demand] + role, "pair_supporter": supporter,
            "pair_value": value, "pair_minutes": minutes, "pair_upto": upto,
            "pair_pool": _pools(pairs.get("resource"), supporter, parts["pools"])}


def _pools(resource, supporter: np.ndarray, pools: list) -> np.ndarray:
    """Pool per pair, -1 for none. A resource the supporter does not stock has a limit of zero: an added pool."""
    result = np.full(len(supporter), -1, dtype=np.int64)
    if resource is None:
        return result
    entries = listing(resource, "pairs.resource")
    if len(entries) != len(supporter):
        raise ProblemError(f"pairs.resource: {len(entries)} entries where {len(supporter)} are expected")
    index = {(owner, key): number for number, (owner, key, _) in enumerate(pools)}
    for position, key in enumerate(entries):
        if key is None:
            continue
        owner = int(supporter[position])
        key = (owner, name(key, f"pairs.resource[{position}]"))
        if key not in index:
            index[key] = len(pools)
            pools.append((owner, key[1], 0))
        result[position] = index[key]
    return result


def _options(entries, parts: dict) -> dict:
    supporter, demand, value, minutes, start, roles, seats = [], [], [], [], [0], [], []
    for index, entry in enumerate(entries):
        where = f"options[{index}]"
        mapping(entry, where)
        supporter.append(whole(required(entry, "supporter", where), f"{where}.supporter", 0, len(parts["capacity"]) - 1))
        target = whole(required(entry, "demand", where), f"{where}.demand", 0, len(parts["demand_ids"]) - 1)
        demand.append(target)
        value.append(whole(required(entry, "value", where), f"{where}.value", -VALUE_MAX, VALUE_MAX))
        spent = entry.get("minutes")
        minutes.append(int(parts["demand_minutes"][target]) if spent is None else whole(spent, f"{where}.minutes", 0, TIME_MAX))
        first, after = int(parts["role_start"][target]), int(parts["role_start"][target + 1])
        seen = set()
        for position, cover in enumerate(listing(required(entry, "covers", where), f"{where}.covers")):
            at = f"{where}.covers[{position}]"
            if not isinstance(cover, (list, tuple)) or len(cover) != 2:
                raise ProblemError(f"{at}: expected [role, seats], got {show(cover)}")
            role = whole(cover[0], at, 0, after - first - 1)
            if role in seen:
                raise ProblemError(f"{at}: role {role} is named twice")
            seen.add(role)
            roles.append(first + role)
            seats.append(whole(cover[1], at, 1))
        if not seen:
            raise ProblemError(f"{where}.covers: a team must cover at least one seat")
        start.append(len(roles))
    ints = {"option_supporter": supporter, "option_demand": demand, "option_value": value, "option_minutes": minutes,
            "cover_start": start, "cover_role": roles, "cover_seats": seats}
    found = {key: np.array(values, dtype=np.int64) for key, values in ints.items()}
    found["option_seats"] = np.add.reduceat(found["cover_seats"], found["cover_start"][:-1]) if entries else np.zeros(0, dtype=np.int64)
    return found


def read_settings(settings) -> dict:
    """{'seconds': float, 'gap': float, 'seed': int, 'clock': 'wall', 'cpu' or 'effort'} with defaults 60, 0, 1 and 'wall'."""
    mapping(settings, "settings")
    result = {"seconds": 60.0, "gap": 0.0, "seed": 1, "clock": optional(settings, "clock", "wall")}
    if result["clock"] not in ("wall", "cpu", "effort"):
        raise ProblemError(f"settings.clock: expected 'wall', 'cpu' or 'effort', got {show(result['clock'])}")
    for key, high in (("seconds", 10**7), ("gap", 1.0)):
        value = settings.get(key)
        if value is None:
            continue
        if type(value) not in (int, float) or not 0 <= value <= high:
            raise ProblemError(f"settings.{key}: expected a number from 0 to {high}, got {show(value)}")
        result[key] = float(value)
    if settings.get("seed") is not None:
        result["seed"] = whole(settings["seed"], "settings.seed", 0, 2**31 - 1)
    return result


def _bounded(p: Problem) -> None:
    """Refuse problems whose sums could leave 64 bits."""
    seats = np.minimum(p.pair_upto, np.minimum(p.role_need[p.pair_role], p.capacity[p.pair_supporter]))
    total = float((np.abs(p.pair_value.astype(float)) * seats).sum()) + float(np.abs(p.option_value.astype(float)).sum())
    total += float(np.abs(p.bundle_value.astype(float)).sum()) + float(p.keep) * float(p.previous.sum())
    uses = np.bincount(p.pair_supporter, weights=seats, minlength=len(p.capacity))
    uses = np.minimum(uses + np.bincount(p.option_supporter, minlength=len(p.capacity)), p.capacity)
    total += sum(float(ladder[-1][1]) * float(uses[s]) for s, ladder in enumerate(p.load_steps) if ladder)
    total += sum(float(count) * float(amount) for ladder in p.place_steps for count, amount in ladder)
    if total > TOTAL_MAX:
        raise ProblemError(f"values: they may add up to about {total:.3g}, more than 2^60; use smaller units")
    needs = float(p.role_need.astype(float).sum())
    if needs > 2**53 or float((p.pair_minutes.astype(float) * seats).max(initial=0)) > 2**53:
        raise ProblemError("demands: seats or minutes add up to more than 2^53")
