"""Re-match after an event: what the event takes away is solved again around it, everything promised elsewhere is kept."""

import numpy as np

from wishapp.solver.bounds import with_schedules
from wishapp.solver.plans import Choice
from wishapp.solver.prices import tier_stage, value_stage
from wishapp.solver.reading import ProblemError, listing, mapping, required, show, whole
from wishapp.solver.standing import Standing

KEEP = 0.15  # of a usual pair's value: what moving someone must gain
EVENTS = ("withdrawal", "decline", "lapse", "cancelled", "new_demand")


def rematch(problem: dict, plan: dict, event: dict) -> dict:
    """{"problem", "plan", "dropped", "added", "others"}: the problem as the event left it, the repaired and sealed plan, the pairs no longer
    and newly chosen, and how many supporters besides those the event speaks of were moved.

    Events: {"kind": "withdrawal", "supporter": index}, {"kind": "decline" | "lapse", "pair": index}, {"kind": "cancelled", "demand": index},
    {"kind": "new_demand", "demand": {...}, "pairs": {"role": [...], "supporter": [...], "value": [...], ...}}. Raises ProblemError for anything else.
    """
    office = Office(problem, plan)
    change = office.apply(event)
    return {"problem": office.standing.problem, "plan": office.standing.sealed()} | change


class Office:
    """A standing plan through many events; `apply` each, then take `standing.sealed()`."""

    def __init__(self, problem: dict, plan: dict):
        self.standing = Standing(dict(problem), plan)
        chosen = self.standing.choice.seats > 0
        self.keep = int(KEEP * float(np.median(self.standing.p.pair_value[chosen]))) if chosen.any() else 0

    def apply(self, event: dict) -> dict:
        """Carry the event out and repair the plan: {"dropped": [pairs], "added": [pairs], "options": [...], "others": n}."""
        kind = required(mapping(event, "event"), "kind", "event")
        if kind not in EVENTS:
            raise ProblemError(f"event.kind: expected one of {', '.join(EVENTS)}, got {show(kind)}")
        before = self.standing.choice.copy()
        spoken_of, demands = getattr(self, f"_{kind}")(event)
        standing = self.standing
        if len(before.seats) < len(standing.choice.seats):
            before.seats = np.append(before.seats, np.zeros(len(standing.choice.seats) - len(before.seats), dtype=np.int64))
        if len(demands):
            self._repair(demands)
        after = standing.choice
        dropped, added = np.flatnonzero((before.seats > 0) & (after.seats == 0)), np.flatnonzero((before.seats == 0) & (after.seats > 0))
        moved = set(standing.p.pair_supporter[dropped].tolist()) | set(standing.p.option_supporter[before.options & ~after.options].tolist())
        return {"dropped": dropped.tolist(), "added": added.tolist(), "options": np.flatnonzero(after.options).tolist(),
                "others": len(moved - spoken_of)}

    def _repair(self, demands: np.ndarray) -> None:
        standing = self.standing
        vacated = standing.choice
        found = standing.resolve(standing.around(demands), keep=self.keep)
        if found is not None and (standing.p.tiered or standing.gained(found, vacated) >= 0):
            standing.choice = found

    def _vacate(self, pairs: np.ndarray, options: np.ndarray) -> np.ndarray:
        """Take these out of the plan, with whatever of a bundle they leave incomplete; the demands they leave."""
        standing, p = self.standing, self.standing.p
        pairs, options = pairs[standing.choice.seats[pairs] > 0], options[standing.choice.options[options]]
        demands = np.unique(np.concatenate([p.pair_demand[pairs], p.option_demand[options]]))
        standing.choice.seats[pairs] = 0
        standing.choice.options[options] = False
        for b in np.unique(p.demand_bundle[demands]):
            if b >= 0:
                self._drop_bundle(standing.choice, int(b))
        return demands

    def _drop_bundle(self, choice: Choice, b: int) -> None:
        p = self.standing.p
        for d in np.flatnonzero(p.demand_bundle == b):
            choice.seats[self.standing.pairs_at(d)] = 0
            choice.options[self.standing.options_at(d)] = False
        choice.bundles[b] = False

    def _withdrawal(self, event: dict) -> tuple[set, np.ndarray]:
        standing, p = self.standing, self.standing.p
        s = whole(required(event, "supporter", "event"), "event.supporter", 0, len(p.capacity) - 1)
        pairs, options = standing.pairs_of(s), standing.options_of(s)
        demands = self._vacate(pairs, options)
        p.capacity[s] = 0
        p.pinned[pairs] = False
        standing.space.seats[pairs] = 0
        standing.space.options[options] = False
        for _, prices in standing.prices:
            prices.schedule[s] = -1
        self._change("supporters", s, {"capacity": 0})
        self._unpin(pairs)
        return {s}, demands

    def _decline(self, event: dict) -> tuple[set, np.ndarray]:
        standing, p = self.standing, self.standing.p
        pair = whole(required(event, "pair", "event"), "event.pair", 0, len(p.pair_value) - 1)
        demands = self._vacate(np.array([pair]), np.zeros(0, dtype=np.int64))
        p.pinned[pair], p.forbidden[pair], standing.space.seats[pair] = False, True, 0
        self._unpin(np.array([pair]))
        standing.problem["forbids"] = sorted({*map(int, listing(standing.problem.get("forbids") or [], "forbids")), pair})
        return {int(p.pair_supporter[pair])}, demands

    _lapse = _decline

    def _cancelled(self, event: dict) -> tuple[set, np.ndarray]:
        standing, p = self.standing, self.standing.p
        d = whole(required(event, "demand", "event"), "event.demand", 0, len(p.demand_ids) - 1)
        pairs, options = standing.pairs_at(d), standing.options_at(d)
        freed = np.unique(np.concatenate([p.pair_supporter[pairs[standing.choice.seats[pairs] > 0]],
                                          p.option_supporter[options[standing.choice.options[options]]]]))
        self._vacate(pairs, options)
        roles = slice(int(p.role_start[d]), int(p.role_start[d + 1]))
        p.role_need[roles] = 0
        p.demand_bundle[d] = -1
        p.pinned[pairs] = False
        standing.space.seats[pairs] = 0
        standing.space.options[options] = False
        self._change("demands", d, {"roles": [role | {"need": 0} for role in standing.problem["demands"][d]["roles"]], "bundle": None})
        self._unpin(pairs)
        for _, prices in standing.prices:
            prices.role[roles] = 0
        short = standing.served() < p.role_need
        waiting = [int(p.pair_demand[i]) for s in freed.tolist() for i in standing.pairs_of(int(s)).tolist()
                   if standing.space.seats[i] > 0 and short[p.pair_role[i]]]
        return set(freed.tolist()), np.unique(np.array(waiting[:50], dtype=np.int64))

    def _new_demand(self, event: dict) -> tuple[set, np.ndarray]:
        """Added at the end of demands and pairs, so that every index in use stays what it was."""
        standing = self.standing
        problem, number = dict(standing.problem), len(standing.p.demand_ids)
        added = mapping(required(event, "pairs", "event"), "event.pairs")
        count = len(listing(required(added, "supporter", "event.pairs"), "event.pairs.supporter"))
        columns = {"demand": [number] * count} | dict(added)
        fill = {"minutes": None, "upto": 1, "resource": None}
        present = {key for key in (*problem["pairs"], *columns) if problem["pairs"].get(key) is not None or columns.get(key) is not None}
        old = len(standing.p.pair_value)
        problem["demands"] = [*problem["demands"], required(event, "demand", "event")]
        problem["pairs"] = {key: [*listing(problem["pairs"].get(key, [fill.get(key)] * old), key), *listing(columns.get(key, [fill.get(key)] * count), key)]
                            for key in sorted(present)}
        choice, plan = standing.choice, dict(standing.plan)
        plan |= {"pairs": [[int(i), int(choice.seats[i])] for i in np.flatnonzero(choice.seats)],
                 "options": np.flatnonzero(choice.options).tolist(), "bundles": np.flatnonzero(choice.bundles).tolist()}
        self.standing = renewed = Standing(problem, plan)
        self._price_new(renewed, number)
        return set(), np.array([number])

    def _price_new(self, standing: Standing, number: int) -> None:
        """A price for each new role, so that the bound stays near: its best gain that does not fit its need."""
        p = standing.p
        for goal, prices in standing.prices:
            for k in range(p.role_start[number], p.role_start[number + 1]):
                own = np.flatnonzero((p.pair_role == k) & (standing.space.seats > 0))
                gains = np.sort(standing.priced.pairs[own])[::-1]
                need = int(p.role_need[k])
                prices.role[k] = max(0, int(gains[need])) if len(gains) > need and p.demand_bundle[number] < 0 else 0
            if (prices.schedule >= 0).any():
                stage = value_stage(p) if goal == "value" else tier_stage(p, goal)
                prices.schedule = with_schedules(p, standing.space, stage, prices).schedule

    def _change(self, key: str, index: int, entries: dict) -> None:
        changed = list(self.standing.problem[key])
        changed[index] = changed[index] | entries
        self.standing.problem[key] = changed

    def _unpin(self, pairs: np.ndarray) -> None:
        pins = self.standing.problem.get("pins")
        if pins is not None and len(pins):
            gone = set(pairs.tolist())
            self.standing.problem["pins"] = [int(i) for i in pins if int(i) not in gone]

