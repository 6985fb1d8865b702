"""The certificate of a plan: the prices behind its bound, each with the name of its rule, written and read back."""

import numpy as np

from wishapp.solver.prices import Prices, no_prices, rows_of
from wishapp.solver.problem import Problem
from wishapp.solver.reading import ProblemError, listing, mapping, required, show, whole

PRICE_MAX = 2**80
SCALE_MAX = 10**9


def write_stage(p: Problem, goal: str | int, floors: list, prices: Prices, bound: int) -> dict:
    """One stage as JSON: goal "value" or a tier's number, floors [[tier, seats]], and every price that is not zero."""
    def sparse(values):
        return [(int(i), int(values[i])) for i in np.flatnonzero(values)]
    return {
        "goal": goal, "bound": int(bound), "scale": int(prices.scale), "floors": [[int(t), int(n)] for t, n in floors],
        "role": [[int(p.role_demand[k]), int(k - p.role_start[p.role_demand[k]]), price] for k, price in sparse(prices.role)],
        "capacity": [list(row) for row in sparse(prices.capacity)],
        "minutes": [list(row) for row in sparse(prices.minutes)],
        "stock": [[int(p.pool_supporter[k]), p.pool_name[k], price] for k, price in sparse(prices.pool)],
        "place": [[p.place_ids[g], price] for g, price in sparse(prices.place)],
        "tier": [list(row) for row in sparse(prices.tier)],
        "schedule": [[int(s), int(prices.schedule[s])] for s in np.flatnonzero(prices.schedule >= 0)],
        "clash": prices.meets.tolist(), "one_per_demand": prices.same.tolist(),
        "cuts": [["minutes", *row] for row in prices.minutes_cuts.tolist()] +
                [["teams", int(p.role_demand[k]), int(k - p.role_start[p.role_demand[k]]), count, price] for k, count, price in prices.team_cuts.tolist()],
    }


def read_stage(p: Problem, stage: dict, where: str) -> Prices:
    """Prices from JSON. Raises ProblemError where an entry is malformed or names nothing in the problem."""
    mapping(stage, where)
    prices = no_prices(p, whole(required(stage, "scale", where), f"{where}.scale", 1, SCALE_MAX))
    demands, supporters = len(p.demand_ids) - 1, len(p.supporter_ids) - 1
    pool = {(int(s), key): k for k, (s, key) in enumerate(zip(p.pool_supporter, p.pool_name, strict=True))}
    place = {key: g for g, key in enumerate(p.place_ids)}

    def rows(key: str, width: int):
        for index, row in enumerate(listing(stage.get(key, []), f"{where}.{key}")):
            at = f"{where}.{key}[{index}]"
            if not isinstance(row, (list, tuple)) or len(row) != width:
                raise ProblemError(f"{at}: expected {width} entries, got {show(row)}")
            yield at, row, whole(row[-1], at, -PRICE_MAX, PRICE_MAX)

    def put(values: np.ndarray, index: int, price: int, at: str) -> np.ndarray:
        if values[index]:
            raise ProblemError(f"{at}: priced twice")
        if abs(price) >= 2**62 and values.dtype != object:
            values = values.astype(object)
        values[index] = price
        return values

    def role_of(row, at) -> int:
        demand = whole(row[0], at, 0, demands)
        return int(p.role_start[demand]) + whole(row[1], at, 0, int(p.role_start[demand + 1] - p.role_start[demand]) - 1)

    for at, row, price in rows("role", 3):
        prices.role = put(prices.role, role_of(row, at), price, at)
    for at, row, price in rows("capacity", 2):
        prices.capacity = put(prices.capacity, whole(row[0], at, 0, supporters), price, at)
    for at, row, price in rows("minutes", 2):
        prices.minutes = put(prices.minutes, whole(row[0], at, 0, supporters), price, at)
    for at, row, price in rows("stock", 3):
        if (row[0], row[1]) not in pool:
            raise ProblemError(f"{at}: no such stock")
        prices.pool = put(prices.pool, pool[(row[0], row[1])], price, at)
    for at, row, price in rows("place", 2):
        if row[0] not in place:
            raise ProblemError(f"{at}: no such place")
        prices.place = put(prices.place, place[row[0]], price, at)
    for at, row, price in rows("schedule", 2):
        index = whole(row[0], at, 0, supporters)
        if prices.schedule[index] >= 0 or not 0 <= price < 2**60:
            raise ProblemError(f"{at}: a schedule is priced twice, below 0 or beyond measure")
        prices.schedule[index] = price
    for at, row, price in rows("tier", 2):
        prices.tier = put(prices.tier, whole(row[0], at, 0, len(prices.tier) - 1), price, at)
    prices.meets = rows_of([(whole(row[0], at, 0, supporters), whole(row[1], at, -(2**60), 2**60), price) for at, row, price in rows("clash", 3)])
    prices.same = rows_of([(whole(row[0], at, 0, supporters), whole(row[1], at, 0, demands), price) for at, row, price in rows("one_per_demand", 3)])
    minutes, teams = [], []
    for index, row in enumerate(listing(stage.get("cuts", []), f"{where}.cuts")):
        at = f"{where}.cuts[{index}]"
        if isinstance(row, (list, tuple)) and len(row) == 5 and row[0] == "teams":
            teams.append((role_of(row[1:3], at), whole(row[3], at, 1), whole(row[4], at, 0, PRICE_MAX)))
        elif isinstance(row, (list, tuple)) and len(row) == 4 and row[0] == "minutes":
            minutes.append((whole(row[1], at, 0, supporters), whole(row[2], at, 1, 2**60), whole(row[3], at, 0, PRICE_MAX)))
        else:
            raise ProblemError(f"{at}: an unknown cut {show(row)}")
    prices.minutes_cuts, prices.team_cuts = rows_of(minutes), rows_of(teams)
    return prices
