"""The best set of uses by enumeration equals trying every subset."""

import itertools
import random

import numpy as np

from wishapp.solver.ladders import ladder_total
from wishapp.solver.problem import parse_problem
from wishapp.solver.schedules import best_sets, beyond_first, company, loads, schedulable, sets_near
from wishapp.solver.space import space_of


def problem(rng):
    demands = []
    for d in range(rng.randint(3, 9)):
        start = rng.randint(0, 20)
        demands.append({"id": f"d{d}", "roles": [{"need": 1}, {"need": 1}], "minutes": rng.choice([30, 50, 70]),
                        "interval": [start, start + rng.randint(1, 6)] if rng.random() < 0.7 else None})
    supporters = [{"id": f"s{s}", "capacity": rng.randint(1, 3), "minutes": rng.choice([None, 60, 100, 130]), "exclusive": rng.random() < 0.8,
                   "buffer": rng.randint(0, 2), "load_steps": rng.choice([None, [[1, 0], [1, 6]], [[1, 2], [1, 3], [4, 11]], [[2, 5]]])} for s in range(4)]
    count = rng.randint(1, 60)
    return {"format": "wishapp-problem/1", "demands": demands, "supporters": supporters, "pairs": {
        "demand": [rng.randrange(len(demands)) for _ in range(count)], "role": [rng.randint(0, 1) for _ in range(count)],
        "supporter": [rng.randrange(4) for _ in range(count)], "value": [1] * count}}


def feasible(p, chosen):
    if len({p.pair_demand[i] for i in chosen}) < len(chosen):
        return False
    s = p.pair_supporter[chosen[0]]
    if len(chosen) > p.capacity[s] or (p.budget[s] >= 0 and p.pair_minutes[list(chosen)].sum() > p.budget[s]):
        return False
    for a, b in itertools.combinations([p.pair_demand[i] for i in chosen], 2):
        if p.exclusive[s] and p.demand_timed[a] and p.demand_timed[b] and p.demand_start[a] < p.demand_end[b] + p.buffer[s] \
                and p.demand_start[b] < p.demand_end[a] + p.buffer[s]:
            return False
    return True


def test_best_sets_equal_all_subsets():
    for seed in range(150):
        rng = random.Random(seed)
        p = parse_problem(problem(rng))
        space = space_of(p)
        able = schedulable(p, space.seats)
        load = loads(p, True, 10)
        more = beyond_first(load)
        worth = np.array([rng.randint(-50, 400) for _ in p.pair_value])
        gain = worth - load[p.pair_supporter, 0]
        columns = np.flatnonzero((space.seats > 0) & (gain > 0) & able[p.pair_supporter])
        best, most = best_sets(p, columns, gain[columns], more)
        reach = rng.randint(0, 150)
        every = np.flatnonzero((space.seats > 0) & able[p.pair_supporter])
        near = {tuple(sorted(i for i in row if i >= 0)) for row in sets_near(p, every, gain[every], more, best, most, reach).tolist()}
        beside = dict(zip(every.tolist(), company(p, every, columns, gain[columns], more, most).tolist(), strict=True))
        for s in np.flatnonzero(able):
            own = [int(i) for i in every if p.pair_supporter[i] == s]
            values = {c: int(worth[list(c)].sum()) - 10 * ladder_total(p.load_steps[s], len(c), True)
                      for n in (1, 2, 3) for c in itertools.combinations(own, n) if feasible(p, c)}
            assert best[s] == max([0, *values.values()])
            if not p.load_steps[s]:
                assert most[s] == max([0, *[v for c, v in values.items() if len(c) < p.capacity[s]]])
            wanted = {c for c, v in values.items() if len(c) > 1 and v >= best[s] - reach}
            assert wanted == {c for c in near if p.pair_supporter[c[0]] == s}
            for i in own:
                highest = max([v for c, v in values.items() if i in c], default=None)
                assert highest is None or highest <= gain[i] + beside[i] <= gain[i] + most[s]
