"""What if: the exact price of choosing another pair, and the smallest changes that would serve an unserved demand, each solved again."""

import numpy as np

from wishapp.solver.entries import NO_BUDGET
from wishapp.solver.plans import Choice
from wishapp.solver.reading import ProblemError, show
from wishapp.solver.reasons import Explanation
from wishapp.solver.standing import Standing


def what_if(problem: dict, plan: dict, pair: int) -> dict:
    """The price of choosing `pair`: see Question.force."""
    return Question(problem, plan).force(pair)


def suggestions(problem: dict, plan: dict, demand: int) -> list[dict]:
    """Changes that would serve `demand`: see Question.suggest."""
    return Question(problem, plan).suggest(demand)


class Question:
    """A plan opened for what-if questions; nothing asked here changes it."""

    def __init__(self, problem: dict, plan: dict):
        self.standing = Standing(problem, plan)
        self.reasons = Explanation(problem, plan)

    def force(self, pair: int) -> dict:
        """{"pair", "possible", "at_least", "at_most", "exact", "dropped", "added"}: what the objective loses when the pair must be chosen.

        `at_least` follows from the prices for any plan; `at_most` is the loss of a plan actually found by solving the neighbourhood again;
        where they meet the loss is exact. A negative `at_most` is a gain: the plan was not optimal there.
        """
        standing, p = self.standing, self.standing.p
        if not 0 <= pair < len(p.pair_value):
            raise ProblemError(f"what_if: no pair {show(pair)}")
        answer = {"pair": int(pair), "possible": True, "at_least": self.reasons.loss_of_pair(pair), "at_most": 0, "exact": True, "dropped": [], "added": []}
        if standing.choice.seats[pair]:
            return answer
        if standing.space.seats[pair] < 1:
            return answer | {"possible": False, "at_most": None, "exact": True}
        found, demands = None, self._around(pair, 4)
        for helpers in (4, 12):
            found = standing.resolve(demands, forced=pair, effort=0.6)
            if found is not None and standing.gained(standing.choice, found) <= answer["at_least"]:
                break
            demands = self._around(pair, helpers)
        if found is None:
            return answer | {"possible": False, "at_most": None, "exact": False}
        loss = standing.gained(standing.choice, found)
        return answer | {"at_most": loss, "exact": loss == answer["at_least"]} | _difference(standing.choice, found)

    def _around(self, pair: int, helpers: int) -> np.ndarray:
        """The pair's demand, all its supporter serves, and those from which that would be mended."""
        standing, p = self.standing, self.standing.p
        demands = np.unique(np.append(standing.demands_of(int(p.pair_supporter[pair])), p.pair_demand[pair]))
        return standing.around(demands, helpers)

    def suggest(self, demand: int, count: int = 5) -> list[dict]:
        """[{"change": "capacity" | "minutes" | "stock" | "interval", "supporter" or "demand", "from", "to", "gain", "pair"}], best gain first:
        single changes under which solving the neighbourhood again gives the demand more seats than now."""
        standing, p = self.standing, self.standing.p
        if not 0 <= demand < len(p.demand_ids):
            raise ProblemError(f"suggestions: no demand {show(demand)}")
        roles = slice(int(p.role_start[demand]), int(p.role_start[demand + 1]))
        had = int(standing.served()[roles].sum())
        found, seen = [], set()
        pairs = standing.pairs_at(demand)
        pairs = pairs[(standing.choice.seats[pairs] == 0) & ~p.forbidden[pairs]]
        for pair in pairs[np.argsort(-standing.priced.pairs[pairs], kind="stable")][:40].tolist():
            for change in self._changes(pair):
                key = (change["change"], change.get("supporter"), change.get("demand"), change["to"])
                if key in seen or len(found) >= count:
                    continue
                seen.add(key)
                gain, seats = self._with(change, demand, roles)
                if seats > had:
                    found.append(change | {"pair": pair, "seats": seats - had, "gain": gain})
        return sorted(found, key=lambda row: (-row["seats"], -row["gain"]))

    def _changes(self, pair: int) -> list[dict]:
        """The single changes that would lift the one rule standing against a pair; none where several do."""
        p = self.standing.p
        failing = [fact for fact in self.reasons.failing_pair(pair) if fact["rule"] not in ("role_full", "bundle")]
        if len({fact["rule"] for fact in failing}) != 1:
            return []
        fact, s = failing[0], int(p.pair_supporter[pair])
        if fact["rule"] == "capacity":
            return [{"change": "capacity", "supporter": s, "from": int(p.capacity[s]), "to": int(p.capacity[s]) + 1}]
        if fact["rule"] == "minutes":
            return [{"change": "minutes", "supporter": s, "from": int(p.budget[s]), "to": fact["used"] + fact["needed"]}]
        if fact["rule"] == "stock":
            return [{"change": "stock", "supporter": s, "resource": fact["resource"], "from": fact["limit"], "to": fact["limit"] + 1}]
        if fact["rule"] == "clash":
            d = int(p.pair_demand[pair])
            length = int(p.demand_end[d] - p.demand_start[d])
            start = fact["interval"][1] + fact["buffer"]
            return [{"change": "interval", "demand": d, "from": [int(p.demand_start[d]), int(p.demand_end[d])], "to": (start, start + length)}]
        return []

    def _with(self, change: dict, demand: int, roles: slice) -> tuple[int, int]:
        """(gain, seats of the demand) after the change, the neighbourhood solved again; the change is undone."""
        standing, p = self.standing, self.standing.p
        kind, before = change["change"], None
        own = standing.pairs_of(change["supporter"]) if "supporter" in change else standing.pairs_at(demand)
        closed = standing.space.seats[own].copy()
        if kind == "interval":
            d = change["demand"]
            before = (int(p.demand_start[d]), int(p.demand_end[d]))
            p.demand_start[d], p.demand_end[d] = change["to"]
            good = self._still_free(d)
        else:
            column, index = {"capacity": (p.capacity, change.get("supporter")), "minutes": (p.budget, change.get("supporter")),
                             "stock": (p.pool_limit, self._pool(change))}[kind]
            before, column[index] = int(column[index]), change["to"]
            good = True
        try:
            standing.space.seats[own] = np.maximum(closed, self._openable(own))
            choice = standing.resolve(standing.around(np.array([demand])), keep=0) if good else None
            if choice is None:
                return 0, -1
            return standing.gained(choice, standing.choice), int(standing.served(choice)[roles].sum())
        finally:
            standing.space.seats[own] = closed
            if kind == "interval":
                p.demand_start[change["demand"]], p.demand_end[change["demand"]] = before
            else:
                column[index] = before

    def _openable(self, own: np.ndarray) -> np.ndarray:
        """One seat for every pair of `own` that fits its limits now."""
        p = self.standing.p
        s = p.pair_supporter[own]
        fits = (p.capacity[s] > 0) & (p.role_need[p.pair_role[own]] > 0) & ~p.forbidden[own]
        fits &= (p.budget[s] == NO_BUDGET) | (p.pair_minutes[own] <= p.budget[s])
        pool = p.pair_pool[own]
        if len(p.pool_limit):
            fits &= (pool < 0) | (p.pool_limit[np.maximum(pool, 0)] > 0)
        return fits.astype(np.int64)

    def _still_free(self, demand: int) -> bool:
        """Whether those who serve the demand now could come at its new time too."""
        standing, p = self.standing, self.standing.p
        pairs = standing.pairs_at(demand)
        for pair in pairs[standing.choice.seats[pairs] > 0].tolist():
            others = standing.demands_of(int(p.pair_supporter[pair]))
            s, gap = int(p.pair_supporter[pair]), int(p.buffer[p.pair_supporter[pair]])
            others = others[(others != demand) & p.demand_timed[others]]
            if p.exclusive[s] and ((p.demand_start[others] < p.demand_end[demand] + gap) & (p.demand_start[demand] < p.demand_end[others] + gap)).any():
                return False
        return True

    def _pool(self, change: dict) -> int:
        p = self.standing.p
        return next((k for k in range(len(p.pool_limit)) if p.pool_supporter[k] == change["supporter"] and p.pool_name[k] == change.get("resource")), -1)


def _difference(before: Choice, after: Choice) -> dict:
    return {"dropped": np.flatnonzero((before.seats > 0) & (after.seats == 0)).tolist(),
            "added": np.flatnonzero((before.seats == 0) & (after.seats > 0)).tolist()}
