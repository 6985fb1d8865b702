"""A plan that stands, opened for local work: what-if questions, repairs after an event, suggestions. Everything far away is kept."""

from dataclasses import replace

import numpy as np

from wishapp.solver.bounds import bound_of
from wishapp.solver.canonical import canonical, digest
from wishapp.solver.certificate import read_stage
from wishapp.solver.exact import build, search
from wishapp.solver.figures import Settled, figures
from wishapp.solver.ladders import ladder_total
from wishapp.solver.meetings import groups_of
from wishapp.solver.neighbourhood import whole_bundles
from wishapp.solver.plans import SOLVER, Choice, read_plan, seal
from wishapp.solver.prices import no_prices, tier_stage, value_stage
from wishapp.solver.problem import parse_problem
from wishapp.solver.reading import ProblemError
from wishapp.solver.rules import objective, place_seats, role_seats, summed, tier_seats
from wishapp.solver.space import space_of

SEATS_AROUND = 60  # seats of other demands that a local solve frees, nearest first
NEAR_PAIRS = 24  # columns per seat-poor demand that a local solve looks at
TIER_STEP = 8  # a seat of a more urgent tier outweighs this many best pairs


class Standing:
    """A problem and its plan as arrays that events may change. Raises ProblemError where either cannot be read."""

    def __init__(self, problem: dict, plan: dict):
        self.problem, self.plan = problem, plan
        self.p = p = parse_problem(problem)
        seats, options, bundles = read_plan(p, plan)
        self.choice = Choice(seats, options, bundles)
        self.space = space_of(p)
        stages = (plan.get("certificate") or {}).get("stages") or []
        self.prices = [(stage.get("goal"), read_stage(p, stage, "certificate")) for stage in stages] or [("value", no_prices(p))]
        self.priced = bound_of(p, self.space, value_stage(p), self._value_prices())
        self.scale = self.prices[-1][1].scale
        self.pairs_at, self.pairs_of = groups_of(p.pair_demand, len(p.demand_ids)), groups_of(p.pair_supporter, len(p.capacity))
        self.options_at, self.options_of = groups_of(p.option_demand, len(p.demand_ids)), groups_of(p.option_supporter, len(p.capacity))

    def _value_prices(self):
        prices = self.prices[-1][1]
        if prices.tier.any():
            prices = prices.copy()
            prices.tier[:] = 0
        return prices

    def value(self, choice: Choice | None = None) -> int:
        choice = choice or self.choice
        return objective(self.p, choice.seats, choice.options, choice.bundles)

    def gained(self, new: Choice, old: Choice) -> int:
        """What `new` is worth beyond `old`, counted only where they differ."""
        p = self.p
        pairs, options = np.flatnonzero(new.seats != old.seats), np.flatnonzero(new.options != old.options)
        seats, turn = (new.seats - old.seats)[pairs], new.options[options].astype(np.int64) - old.options[options]
        total = int(p.pair_value[pairs] @ seats) + int(p.option_value[options] @ turn) + int(p.bundle_value @ (new.bundles.astype(np.int64) - old.bundles))
        total += p.keep * int((p.previous[pairs] * (np.sign(new.seats[pairs]) - np.sign(old.seats[pairs]))).sum())
        for s in np.unique(np.concatenate([p.pair_supporter[pairs], p.option_supporter[options]])).tolist():
            if p.load_steps[s]:
                after, before = (int(c.seats[self.pairs_of(s)].sum()) + int(c.options[self.options_of(s)].sum()) for c in (new, old))
                total -= ladder_total(p.load_steps[s], after, True) - ladder_total(p.load_steps[s], before, True)
        if any(p.place_steps):
            before = place_seats(p, self.served(old))
            moved = np.concatenate([seats, turn * p.option_seats[options]])
            place = p.demand_place[np.concatenate([p.pair_demand[pairs], p.option_demand[options]])]
            after = before + summed(place[place >= 0], moved[place >= 0], len(before))
            total += sum(ladder_total(p.place_steps[g], int(after[g]), False) - ladder_total(p.place_steps[g], int(before[g]), False)
                         for g in np.flatnonzero(after != before))
        return total

    def served(self, choice: Choice | None = None) -> np.ndarray:
        """Seats given per role."""
        choice = choice or self.choice
        return role_seats(self.p, choice.seats, choice.options)

    def demands_of(self, supporter: int) -> np.ndarray:
        """Demands the supporter serves now."""
        pairs, options = self.pairs_of(supporter), self.options_of(supporter)
        return np.concatenate([self.p.pair_demand[pairs[self.choice.seats[pairs] > 0]], self.p.option_demand[options[self.choice.options[options]]]])

    def columns_near(self, demand: int, count: int = NEAR_PAIRS) -> np.ndarray:
        """The demand's open pairs of least loss, with those of the plan."""
        pairs = self.pairs_at(demand)
        pairs = pairs[self.space.seats[pairs] > 0]
        if len(pairs) > count:
            loss = -self.priced.pairs[pairs]
            pairs = pairs[(loss <= np.partition(loss, count)[count]) | (self.choice.seats[pairs] > 0)]
        return pairs

    def around(self, demands: np.ndarray, helpers: int = 8) -> np.ndarray:
        """The demands, with those from which their nearest busy supporters would have to be taken."""
        found: dict = {}
        for demand in demands.tolist():
            pairs = self.columns_near(demand, 3 * helpers)
            pairs = pairs[(self.choice.seats[pairs] == 0)]
            for i in pairs[np.argsort(-self.priced.pairs[pairs], kind="stable")][:helpers].tolist():
                for other in self.demands_of(int(self.p.pair_supporter[i])).tolist():
                    found.setdefault(other, len(found))
        extra = np.array([d for d in found if d not in set(demands.tolist())], dtype=np.int64)
        seats = summed(self.p.role_demand, self.p.role_need, len(self.p.demand_ids))
        extra = extra[np.cumsum(seats[extra]) <= SEATS_AROUND]
        return whole_bundles(self.p, np.union1d(demands, extra))

    def resolve(self, demands: np.ndarray, *, forced: int | None = None, keep: int = 0, effort: float = 0.5, seconds: float = 2.0,
                wide: int = NEAR_PAIRS) -> Choice | None:
        """The plan with these demands solved again and all else kept: `forced` must be chosen, each use of today's plan kept is worth `keep`
        more to the search. None where nothing fits (or nothing was found in time)."""
        p, kept = self.p, self.choice.copy()
        free = np.zeros(len(p.demand_ids), dtype=bool)
        free[demands] = True
        pairs = np.unique(np.concatenate([self.columns_near(d, wide + int(p.role_need[p.role_start[d]:p.role_start[d + 1]].sum()))
                                          for d in demands.tolist()] + ([np.array([forced])] if forced is not None else [])))
        options = np.concatenate([self.options_at(d) for d in demands.tolist()])
        options = options[self.space.options[options]]
        bundles = np.unique(p.demand_bundle[demands])
        bundles = bundles[bundles >= 0]
        for d in demands.tolist():
            kept.seats[self.pairs_at(d)] = 0
            kept.options[self.options_at(d)] = False
        kept.bundles[bundles] = False
        bundles = bundles[self.space.bundles[bundles]]
        stage, space = value_stage(p), self.space
        if keep or p.tiered:
            worth = stage.pair_value[pairs] + keep * (self.choice.seats[pairs] > 0) + self._urgency(p.pair_demand[pairs])
            stage = replace(stage, pair_value=p.pair_value.copy(), option_value=p.option_value.copy())
            stage.pair_value[pairs] = worth
            stage.option_value[options] += keep * self.choice.options[options] * 2 + self._urgency(p.option_demand[options]) * p.option_seats[options]
        part = build(p, space, stage, pairs, options, bundles, kept)
        if forced is not None:
            at = np.flatnonzero(part.pairs == forced)
            if not len(at):
                return None
            part.model.add(part.x[int(at[0])] >= 1)
        hint = None if forced is not None else self.choice
        return search(part, kept, seconds=seconds, effort=effort, seed=1, hint=hint, is_small=True).choice

    def _urgency(self, demands: np.ndarray) -> np.ndarray:
        """With tiers, what a seat is worth beyond its value."""
        if not self.p.tiered:
            return np.zeros(len(demands), dtype=np.int64)
        top = int(self.p.demand_tier.max(initial=0))
        step = TIER_STEP * int(np.abs(self.p.pair_value).max(initial=1))
        return step * (top + 1 - np.minimum(self.p.demand_tier[demands], top))

    def sealed(self) -> dict:
        """The plan as it stands now, its bound taken again from the same prices."""
        p, floors, settled = self.p, [], []
        served = tier_seats(p, self.served())
        for goal, prices in self.prices:
            stage = value_stage(p, floors) if goal == "value" else tier_stage(p, goal, floors)
            priced = bound_of(p, self.space, stage, prices)
            value = self.value() if goal == "value" else int(served[goal])
            bound = priced.total // prices.scale
            settled.append(Settled(goal, list(floors), value, bound, priced.total, prices))
            if goal != "value":
                floors.append((goal, int(served[goal])))
        if settled[-1].goal != "value":
            raise ProblemError("plan: its certificate has no stage for the value")
        plan = {"format": "wishapp-plan/1", "problem_sha256": digest(canonical(p)[0])} | figures(p, settled, self.choice, 0.0, False)
        plan |= {"seconds": {}, "seed": self.plan.get("seed", 1), "solver": SOLVER}
        plan["digest"] = seal(plan)
        return plan
