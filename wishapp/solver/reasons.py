"""Why this pair, why not that one, who is next, and why a demand goes unserved. Read off the plan and its prices; no search, no OR-Tools."""

import numpy as np

from wishapp.solver.bounds import bound_of
from wishapp.solver.certificate import read_stage
from wishapp.solver.entries import NO_BUDGET
from wishapp.solver.limits import clash
from wishapp.solver.meetings import groups_of
from wishapp.solver.plans import read_plan
from wishapp.solver.prices import value_stage
from wishapp.solver.problem import Problem, parse_problem
from wishapp.solver.reading import ProblemError, show
from wishapp.solver.rules import capacity_uses, minutes_used, role_seats, stock_used
from wishapp.solver.space import space_of

SWAPPABLE = {"role_full"}


class Explanation:
    """A problem and one of its plans, opened once for many questions. Raises ProblemError where either cannot be read."""

    def __init__(self, problem: dict | Problem, plan: dict):
        self.p = p = parse_problem(problem)
        self.seats, self.options, self.bundles = read_plan(p, plan)
        self.objective = int(plan.get("objective") or 0)
        self.space = space_of(p)
        self.given = role_seats(p, self.seats, self.options)
        self.uses = capacity_uses(p, self.seats, self.options)
        self.spent = minutes_used(p, self.seats, self.options)
        self.lent = stock_used(p, self.seats)
        self.scale, self.total = 1, None
        stages = (plan.get("certificate") or {}).get("stages") or []
        if stages:
            prices = read_stage(p, stages[-1], "certificate")
            try:
                priced = bound_of(p, self.space, value_stage(p, [tuple(f) for f in stages[-1].get("floors", [])]), prices)
            except ValueError as error:
                raise ProblemError(f"certificate: {error}") from None
            self.scale, self.total = prices.scale, priced.total
            self.pair_gain, self.option_gain, self.bundle_gain = priced.pairs, priced.options, priced.bundles
        self._pairs_at = groups_of(p.pair_demand, len(p.demand_ids))
        self._options_at = groups_of(p.option_demand, len(p.demand_ids))
        self._pairs_of = groups_of(p.pair_supporter, len(p.capacity))
        self._options_of = groups_of(p.option_supporter, len(p.capacity))

    def demand_named(self, key: str) -> int:
        if key not in self.p.demand_ids:
            raise ProblemError(f"demand: no {show(key)} in the problem")
        return self.p.demand_ids.index(key)

    def supporter_named(self, key: str) -> int:
        if key not in self.p.supporter_ids:
            raise ProblemError(f"supporter: no {show(key)} in the problem")
        return self.p.supporter_ids.index(key)

    def visits(self, supporter: int) -> np.ndarray:
        """Demands this supporter serves in the plan."""
        pairs, options = self._pairs_of(supporter), self._options_of(supporter)
        return np.concatenate([self.p.pair_demand[pairs[self.seats[pairs] > 0]], self.p.option_demand[options[self.options[options]]]])

    def loss_of_pair(self, pair: int) -> int:
        """A lower bound on what the plan's objective loses when `pair` must be chosen; 0 for one that is, or without a certificate."""
        if self.seats[pair] or self.total is None:
            return 0
        return self._loss(self.pair_gain[pair], int(self.p.pair_supporter[pair]), int(self.p.pair_demand[pair]), pair)

    def loss_of_option(self, option: int) -> int:
        """The same for an option."""
        if self.options[option] or self.total is None:
            return 0
        return self._loss(self.option_gain[option], int(self.p.option_supporter[option]), int(self.p.option_demand[option]), None)

    def _loss(self, gain, supporter: int, demand: int, pair: int | None) -> int:
        p = self.p
        bound = self.total + min(0, int(gain))
        bundle = int(p.demand_bundle[demand])
        if bundle >= 0:
            bound += min(0, int(self.bundle_gain[bundle]))
        elif gain < 0:  # the supporter's other uses that cannot go with this one fall away
            for own, gains, owner_demand, live in (
                (self._pairs_of(supporter), self.pair_gain, p.pair_demand, self.space.seats > 0),
                (self._options_of(supporter), self.option_gain, p.option_demand, self.space.options),
            ):
                own = own[live[own] & (gains[own] > 0) & (p.demand_bundle[owner_demand[own]] < 0)]
                own = own[~p.pinned[own]] if live is not self.space.options else own
                bound -= int(gains[own[clash(p, supporter, demand, owner_demand[own])]].sum())
        return max(0, self.objective - bound // self.scale)

    def failing(self, supporter: int, demand: int, role: int, minutes: int, pool: int, seats: int = 1) -> list[dict]:
        """Every rule that stands against adding this use to the plan as it is."""
        p, found = self.p, []
        if self.uses[supporter] >= p.capacity[supporter]:
            found.append({"rule": "capacity", "used": int(self.uses[supporter]), "limit": int(p.capacity[supporter])})
        if p.budget[supporter] != NO_BUDGET and self.spent[supporter] + minutes > p.budget[supporter]:
            found.append({"rule": "minutes", "used": int(self.spent[supporter]), "needed": minutes, "limit": int(p.budget[supporter])})
        visits = self.visits(supporter)
        for other in visits[clash(p, supporter, demand, visits)]:
            if other == demand:
                found.append({"rule": "one_per_demand", "demand": int(demand)})
            else:
                found.append({"rule": "clash", "demand": int(other), "interval": [int(p.demand_start[other]), int(p.demand_end[other])],
                              "buffer": int(p.buffer[supporter])})
        if pool >= 0 and self.lent[pool] >= p.pool_limit[pool]:
            found.append({"rule": "stock", "resource": p.pool_name[pool], "used": int(self.lent[pool]), "limit": int(p.pool_limit[pool])})
        bundle = int(p.demand_bundle[demand])
        if bundle >= 0 and not self.bundles[bundle]:
            found.append({"rule": "bundle", "bundle": bundle})
        elif self.given[role] + seats > p.role_need[role]:
            found.append({"rule": "role_full", "role": int(role - p.role_start[demand]), "given": int(self.given[role]), "need": int(p.role_need[role])})
        return found

    def failing_pair(self, pair: int) -> list[dict]:
        p = self.p
        found = [{"rule": "forbidden"}] if p.forbidden[pair] else []
        return found + self.failing(int(p.pair_supporter[pair]), int(p.pair_demand[pair]), int(p.pair_role[pair]),
                                    int(p.pair_minutes[pair]), int(p.pair_pool[pair]))

    def failing_option(self, option: int) -> list[dict]:
        p, found = self.p, []
        for entry in range(p.cover_start[option], p.cover_start[option + 1]):
            for fact in self.failing(int(p.option_supporter[option]), int(p.option_demand[option]), int(p.cover_role[entry]),
                                     int(p.option_minutes[option]), -1, int(p.cover_seats[entry])):
                if fact not in found:
                    found.append(fact)
        return found

    def why(self, demand: int, supporter: int) -> dict:
        """Reasons for or against `supporter` at `demand`. Raises ProblemError for an index out of range."""
        p = self.p
        if not 0 <= demand < len(p.demand_ids) or not 0 <= supporter < len(p.supporter_ids):
            raise ProblemError(f"why: no demand {show(demand)} or no supporter {show(supporter)}")
        pairs = self._pairs_at(demand)
        pairs = pairs[p.pair_supporter[pairs] == supporter]
        options = self._options_at(demand)
        options = options[p.option_supporter[options] == supporter]
        entries = [(not self.seats[i], self.loss_of_pair(i), 0, int(i)) for i in pairs]
        entries += [(not self.options[z], self.loss_of_option(z), 1, int(z)) for z in options]
        answer = {"demand": int(demand), "supporter": int(supporter), "pair": None, "option": None, "chosen": False, "value": None,
                  "failing": [{"rule": "no_pair"}], "at_least": 0, "rivals": self._rivals(demand), "instead": self._instead(supporter, demand)}
        if not entries:
            return answer
        unchosen, loss, is_option, index = min(entries)
        answer |= {"option" if is_option else "pair": index, "chosen": not unchosen, "at_least": loss,
                   "value": int((p.option_value if is_option else p.pair_value)[index]),
                   "failing": [] if not unchosen else self.failing_option(index) if is_option else self.failing_pair(index)}
        return answer

    def _rivals(self, demand: int) -> list[dict]:
        """Who has the demand's seats, least valuable first."""
        p = self.p
        pairs, options = self._pairs_at(demand), self._options_at(demand)
        rows = [{"pair": int(i), "supporter": int(p.pair_supporter[i]), "value": int(p.pair_value[i]), "seats": int(self.seats[i])}
                for i in pairs[self.seats[pairs] > 0]]
        rows += [{"option": int(z), "supporter": int(p.option_supporter[z]), "value": int(p.option_value[z]), "seats": int(p.option_seats[z])}
                 for z in options[self.options[options]]]
        return sorted(rows, key=lambda row: (row["value"], row["supporter"]))

    def _instead(self, supporter: int, demand: int) -> list[dict]:
        """What the supporter does elsewhere in the plan."""
        p = self.p
        pairs, options = self._pairs_of(supporter), self._options_of(supporter)
        rows = [{"pair": int(i), "demand": int(p.pair_demand[i]), "value": int(p.pair_value[i])} for i in pairs[self.seats[pairs] > 0]]
        rows += [{"option": int(z), "demand": int(p.option_demand[z]), "value": int(p.option_value[z])} for z in options[self.options[options]]]
        return [row for row in rows if row["demand"] != demand]

    def runner_ups(self, demand: int, count: int = 3) -> list[dict]:
        """The next supporters for a demand, least loss first, one row each; `feasible_now`: nothing stands against them but the seat being taken."""
        p = self.p
        pairs = self._pairs_at(demand)
        here = set(p.pair_supporter[pairs[self.seats[pairs] > 0]].tolist())
        pairs = pairs[(self.space.seats[pairs] > 0) & (self.seats[pairs] == 0)]
        rows, seen = [], set(here)
        ranked = sorted((self.loss_of_pair(i), -int(p.pair_value[i]), p.supporter_ids[p.pair_supporter[i]], int(i)) for i in pairs)
        for loss, _, _, pair in ranked:
            supporter = int(p.pair_supporter[pair])
            if supporter in seen:
                continue
            seen.add(supporter)
            fine = all(fact["rule"] in SWAPPABLE for fact in self.failing_pair(pair))
            rows.append({"pair": pair, "supporter": supporter, "loss_at_least": loss, "feasible_now": fine})
            if len(rows) == count:
                break
        return rows

    def unserved(self, closest: int = 3) -> list[dict]:
        """Demands with empty seats: why, and the supporters who came closest with the rule that stopped each."""
        p = self.p
        return [self._unserved(int(d), closest) for d in np.unique(p.role_demand[self.given < p.role_need])]

    def _unserved(self, demand: int, closest: int) -> dict:
        p = self.p
        pairs, options = self._pairs_at(demand), self._options_at(demand)
        pairs = pairs[(self.given < p.role_need)[p.pair_role[pairs]] & (self.seats[pairs] == 0)]
        options = options[~self.options[options]]
        rows = []
        for loss, is_option, index in sorted([(self.loss_of_pair(i), 0, int(i)) for i in pairs] + [(self.loss_of_option(z), 1, int(z)) for z in options]):
            failing = self.failing_option(index) if is_option else self.failing_pair(index)
            rows.append({"supporter": int((p.option_supporter if is_option else p.pair_supporter)[index]), "option" if is_option else "pair": index,
                         "at_least": loss, "blocked_by": failing[0]["rule"] if failing else "value"})
        bundle = int(p.demand_bundle[demand])
        reason = "no_pair" if not rows else "bundle" if bundle >= 0 and not self.bundles[bundle] else \
            "not_worth" if any(row["blocked_by"] == "value" for row in rows) else "all_busy"
        return {"demand": demand, "missing": int((p.role_need - self.given)[p.role_start[demand]:p.role_start[demand + 1]].sum()), "reason": reason,
                "closest": rows[:closest]}


def why(problem: dict, plan: dict, demand_index: int, supporter_index: int) -> dict:
    """Explanation(problem, plan).why(...), for one question."""
    return Explanation(problem, plan).why(demand_index, supporter_index)


def runner_ups(problem: dict, plan: dict, demand_index: int, count: int = 3) -> list[dict]:
    """Explanation(problem, plan).runner_ups(...), for one question."""
    return Explanation(problem, plan).runner_ups(demand_index, count)


def unserved(problem: dict, plan: dict) -> list[dict]:
    """Explanation(problem, plan).unserved()."""
    return Explanation(problem, plan).unserved()
