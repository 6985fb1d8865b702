"""From the live database to a `wishapp-problem/1`: what is open, who could help, what each pair is worth.

No loop over pairs: per demand one pass of the rules over the rows that give its kind of help (6,000 demands against 36,500
supporters take a few seconds). The snapshot keeps what is needed afterwards to give reasons and to name runners-up.
"""

from dataclasses import dataclass, field

import numpy as np

from wishapp.kernel.errors import BadInput
from wishapp.kernel.ports import OpenDemand
from wishapp.kernel.text import N_
from wishapp.matching import eligibility, scores, wholes
from wishapp.matching.crowd import MEMBER, TEAM, UNIT, VOLUNTEER, Crowd
from wishapp.matching.engaged import minute
from wishapp.matching.grants import Grant, granted_crowd, granted_demands, granted_seats, read_grants
from wishapp.matching.weights import HOUSE, Weights
from wishapp.matching.wholes import Gathering, Wholes

SEATS_AT_ONCE = {UNIT: 10, MEMBER: 2, TEAM: 4, VOLUNTEER: 2}
KEEP = 60
OBJECTIVES = ("value", "tiers")


@dataclass(frozen=True)
class Options:
    """What a run may change: `reach` least radius in metres, `extra` wishes more per unit, `seconds` at most, `keep` bonus, `seed`;
    `objective`: "value", or "tiers": the most urgent first, whatever it costs; `grants`: what a trial assumes (see grants)."""

    reach: int = 0
    extra: int = 0
    seconds: int = 35
    keep: int = KEEP
    seed: int = 1
    objective: str = OBJECTIVES[0]
    grants: tuple[Grant, ...] = ()

    @classmethod
    def read(cls, stored: dict) -> "Options":
        """From the run's JSON; unknown keys are left out. BadInput for an objective nobody knows."""
        wanted = {name: int(stored[name]) for name in cls.__dataclass_fields__ if name in stored and name not in ("objective", "grants")}
        objective = stored.get("objective") or OBJECTIVES[0]
        if objective not in OBJECTIVES:
            raise BadInput(N_("The address of this page names a choice that does not exist."))
        return cls(**wanted, objective=objective, grants=read_grants(stored.get("grants")))


@dataclass(frozen=True)
class Snapshot:
    """A problem and what it was made from. Columns over pairs: `demand` (index into demands), `row` (of the crowd), `metres`, `value`,
    and the unweighted points of each term in `terms`; `weights`: by which they count; `wholes`: teams that come whole, by option."""

    problem: dict
    demands: list[OpenDemand]
    crowd: Crowd
    demand: np.ndarray
    row: np.ndarray
    metres: np.ndarray
    value: np.ndarray
    terms: dict[str, np.ndarray]
    weights: Weights = HOUSE
    wholes: Wholes = wholes.NONE
    impossible_pins: list[tuple[str, int]] = field(default_factory=list)

    def pairs_of(self, demand_index: int) -> np.ndarray:
        """Pair indexes of one demand (pairs stand in the order of demands)."""
        first, last = np.searchsorted(self.demand, [demand_index, demand_index + 1])
        return np.arange(first, last)

    def set_aside_pin(self, pair: int) -> None:
        """Leave this pinned pair to the plan: it contradicts other pins. Staff see it among the impossible ones."""
        self.problem["pins"].remove(pair)
        self.impossible_pins.append((self.demands[self.demand[pair]].ref, int(self.crowd.ids[self.row[pair]])))


def take_snapshot(
    demands: list[OpenDemand], crowd: Crowd, *, options: Options, previous: dict[str, set[int]] | None = None, weights: Weights = HOUSE,
) -> Snapshot:
    """The problem for these demands and this crowd. `previous`: {demand ref: supporter ids} of the plan before, which are kept if equal."""
    crowd = crowd.widened(options.reach, options.extra) if options.reach or options.extra else crowd
    if options.grants:
        demands = granted_demands(demands, options.grants)
        crowd = granted_crowd(crowd, demands, options.grants)
    columns: dict[str, list[np.ndarray]] = {"demand": [], "row": [], "metres": [], "value": []}
    tables = [np.zeros((len(scores.TERMS), 0), dtype=np.int32)]
    teams = Gathering()
    pins: list[int] = []
    impossible: list[tuple[str, int]] = []
    count = 0
    for index, demand in enumerate(demands):
        who = eligibility.eligible(demand, crowd)
        metres = eligibility.distances(demand, crowd, who)
        whole = wholes.come_whole(demand, crowd, who)
        if whole.any():
            groups, far = who[whole], metres[whole]
            teams.add(index, crowd, groups, far, scores.points(demand, crowd, groups, far), weights)
            who, metres = who[~whole], metres[~whole]
        columns["demand"].append(np.full(len(who), index, dtype=np.int64))
        columns["row"].append(who)
        columns["metres"].append(metres)
        tables.append(scores.points(demand, crowd, who, metres))
        columns["value"].append(scores.worth(tables[-1], weights))
        for row in (row for row, kind in crowd.marks.get(demand.ref, {}).items() if kind == "pin"):
            at = int(np.searchsorted(who, row))
            if at < len(who) and who[at] == row:
                pins.append(count + at)
            elif not (whole.any() and row in groups):
                impossible.append((demand.ref, int(crowd.ids[row])))
        count += len(who)
    joined = {name: np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64) for name, parts in columns.items()}
    whole_teams = teams.columns()
    used, supporter = np.unique(np.concatenate([joined["row"], whole_teams.row]), return_inverse=True)
    bonus = wholes.bonuses(whole_teams, demands, crowd, previous or {}, options.keep)
    both = {name: np.concatenate([joined[name], getattr(whole_teams, name)]) for name in ("demand", "row")}
    problem = {
        "format": "wishapp-problem/1",
        "demands": [_demand(demand) for demand in demands],
        "supporters": _supporters(demands, crowd, used, both, weights),
        "pairs": {"demand": joined["demand"], "role": np.zeros(count, dtype=np.int64), "supporter": supporter[:count].astype(np.int64),
                  "value": joined["value"]},
        "options": wholes.options(whole_teams, supporter[count:], bonus),
        "places": weights.place_steps(seats_by_place(demands)),
        "pins": pins,
        "previous": _previous(demands, crowd, joined, previous or {}),
        "keep": options.keep,
        "objective": options.objective,
        "settings": {"seconds": options.seconds, "gap": 0.001, "seed": options.seed},
    }
    granted_seats(problem["supporters"], options.grants)
    resources = _resources(problem["supporters"], demands, joined["demand"], supporter[:count])
    if resources is not None:
        problem["pairs"]["resource"] = resources
    minutes = _whole_time(problem["supporters"], demands, both["demand"], supporter)[:count]
    if minutes.any():
        problem["pairs"]["minutes"] = np.where(minutes, minutes, _spent(demands)[joined["demand"]])
    return Snapshot(problem, demands, crowd, joined["demand"], joined["row"], joined["metres"], joined["value"],
                    dict(zip(scores.TERMS, np.concatenate(tables, axis=1), strict=True)), weights, whole_teams, impossible)


def _demand(demand: OpenDemand) -> dict:
    window = None
    if demand.window is not None:
        start, end = (minute(moment) for moment in demand.window)
        window = [start, max(end, start + 1)]
    return {"id": demand.ref, "place": str(demand.community_id), "tier": demand.tier, "interval": window,
            "minutes": demand.minutes, "roles": [{"need": seats} for seats in demand.seats]}


def _supporters(demands: list[OpenDemand], crowd: Crowd, used: np.ndarray, joined: dict[str, np.ndarray], weights: Weights) -> list[dict]:
    """Everybody who has at least one pair. Limits that cannot bind are left out, so that the problem stays a pure flow where it can."""
    timed = any(demand.window is not None for demand in demands)
    spent = np.array([max(1, demand.minutes) for demand in demands], dtype=np.int64)[joined["demand"]] if len(used) else np.zeros(0)
    longest, shortest = np.zeros(len(crowd), dtype=np.int64), np.full(len(crowd), np.iinfo(np.int64).max)
    np.maximum.at(longest, joined["row"], spent)
    np.minimum.at(shortest, joined["row"], spent)
    rooms = np.stack([crowd.left[kind] for kind in sorted(crowd.left)]).sum(axis=0) if crowd.left else np.zeros(len(crowd), dtype=np.int64)
    several = _kinds_promised(crowd)
    steps = {kind: weights.load_steps(kind) for kind in SEATS_AT_ONCE}
    buffers, questions_left = crowd.buffers(), crowd.questions_left(np.arange(len(crowd)))
    entries = []
    for row in used.tolist():
        kind = int(crowd.kind[row])
        if kind == UNIT:
            capacity, minutes = int(min(SEATS_AT_ONCE[kind], rooms[row] + crowd.left_any[row])), None
        else:
            capacity = SEATS_AT_ONCE[kind] if kind == TEAM else int(min(SEATS_AT_ONCE[kind], questions_left[row]))
            capacity = max(1, min(capacity, int(crowd.minutes[row] // shortest[row])))  # whoever has time for one is asked for one: no knapsack
            minutes = int(crowd.minutes[row]) if capacity > 1 and crowd.minutes[row] < capacity * longest[row] else None
        entry = {"id": f"{crowd.ids[row]}", "capacity": capacity, "minutes": minutes, "exclusive": timed and kind != UNIT,
                 "buffer": int(buffers[row]) if timed else 0, "load_steps": steps[kind]}
        if kind == UNIT and several[row]:
            entry["stock"] = {name: int(crowd.left[name][row] + crowd.left_any[row]) for name in sorted(crowd.left)
                              if crowd.left[name][row] + crowd.left_any[row] < capacity}
        entries.append(entry)
    return entries


def _spent(demands: list[OpenDemand]) -> np.ndarray:
    """Minutes each demand takes of whoever comes."""
    return np.array([demand.minutes for demand in demands], dtype=np.int64)


def _whole_time(supporters: list[dict], demands: list[OpenDemand], demand: np.ndarray, supporter: np.ndarray) -> np.ndarray:
    """Per pair the supporter's whole time where nothing else would fit beside this one, else 0.

    Says the same with one number instead of leaving it to be found out, so the bound is tighter: half a long shift and all of a short
    one are no longer a plan.
    """
    if not len(demand):
        return np.zeros(0, dtype=np.int64)
    spent = _spent(demands)[demand]
    shortest = np.full(len(supporters), np.iinfo(np.int64).max)
    np.minimum.at(shortest, supporter, spent)
    limit = np.array([-1 if entry["minutes"] is None else entry["minutes"] for entry in supporters], dtype=np.int64)[supporter]
    return np.where((limit >= 0) & (spent + shortest[supporter] > limit), limit, 0)


def _kinds_promised(crowd: Crowd) -> np.ndarray:
    """Mask: promises named by kind, so that a limit per kind may bind."""
    named = sum(((quota > 0).astype(np.int64) for quota in crowd.quota.values()), np.zeros(len(crowd), dtype=np.int64))
    return named > 0


def _resources(supporters: list[dict], demands: list[OpenDemand], demand: np.ndarray, supporter: np.ndarray) -> list | None:
    """The stock each pair draws on: the unit's promise for the demand's kind, where that limit is written down."""
    kinds = np.array([entry.kind for entry in demands], dtype=object)
    limited = np.array([bool(entry.get("stock")) for entry in supporters], dtype=bool)
    if not limited.any():
        return None
    resources: list = [None] * len(demand)
    for pair in np.flatnonzero(limited[supporter]).tolist():
        kind = kinds[demand[pair]]
        if kind in supporters[supporter[pair]]["stock"]:
            resources[pair] = kind
    return resources


def seats_by_place(demands: list[OpenDemand]) -> dict[str, int]:
    """{community: open seats}, the places equity is about."""
    seats: dict[str, int] = {}
    for demand in demands:
        seats[str(demand.community_id)] = seats.get(str(demand.community_id), 0) + sum(demand.seats)
    return seats


def _previous(demands: list[OpenDemand], crowd: Crowd, joined: dict[str, np.ndarray], previous: dict[str, set[int]]) -> list[int]:
    wanted = {index: previous[demand.ref] for index, demand in enumerate(demands) if demand.ref in previous}
    if not wanted:
        return []
    candidates = np.flatnonzero(np.isin(joined["demand"], np.array(sorted(wanted), dtype=np.int64)))
    ids = crowd.ids[joined["row"][candidates]]
    return [int(pair) for pair, supporter_id in zip(candidates, ids.tolist(), strict=True) if supporter_id in wanted[int(joined["demand"][pair])]]
