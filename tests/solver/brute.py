"""An independent exact answer for tiny problems: every plan enumerated straight from the JSON, with none of the solver's code."""

import itertools


def load_cost(steps, uses):
    cost = 0
    for number in range(uses):
        seen = 0
        for count, amount in steps:
            seen += count
            if number < seen:
                cost += amount
                break
        else:
            cost += steps[-1][1] if steps else 0
    return cost


def place_bonus(steps, seats):
    flat = [amount for count, amount in steps for _ in range(count)]
    return sum(flat[:seats])


def worth(problem, seats, options):
    """(feasible, value, seats per tier) of one choice, bundles following from it at their best."""
    demands, supporters, pairs = problem["demands"], problem["supporters"], problem["pairs"]
    column = lambda key, i, default: default if pairs.get(key) is None or pairs[key][i] is None else pairs[key][i]  # noqa: E731
    given, uses, minutes, stock, visits, value = {}, {}, {}, {}, {}, 0
    for i, n in enumerate(seats):
        if i in problem.get("pins", []) and not n or i in problem.get("forbids", []) and n:
            return False, 0, ()
        if not n:
            continue
        d, s = pairs["demand"][i], pairs["supporter"][i]
        given[d, pairs["role"][i]] = given.get((d, pairs["role"][i]), 0) + n
        uses[s] = uses.get(s, 0) + n
        minutes[s] = minutes.get(s, 0) + n * column("minutes", i, demands[d].get("minutes", 0))
        resource = column("resource", i, None)
        if resource is not None:
            stock[s, resource] = stock.get((s, resource), 0) + n
        visits.setdefault(s, []).append(d)
        value += pairs["value"][i] * n + (problem.get("keep", 0) if i in problem.get("previous", []) else 0)
    for z in options:
        option = problem["options"][z]
        d, s = option["demand"], option["supporter"]
        for role, n in option["covers"]:
            given[d, role] = given.get((d, role), 0) + n
        uses[s] = uses.get(s, 0) + 1
        minutes[s] = minutes.get(s, 0) + demands[d].get("minutes", 0)
        visits.setdefault(s, []).append(d)
        value += option["value"]
    for s, n in uses.items():
        if n > supporters[s]["capacity"]:
            return False, 0, ()
        value -= load_cost(supporters[s].get("load_steps", []), n)
    for s, n in minutes.items():
        if supporters[s].get("minutes") is not None and n > supporters[s]["minutes"]:
            return False, 0, ()
    for (s, resource), n in stock.items():
        if n > supporters[s].get("stock", {}).get(resource, 0):
            return False, 0, ()
    for s, whom in visits.items():
        if len(set(whom)) < len(whom):
            return False, 0, ()
        if supporters[s].get("exclusive"):
            gap = supporters[s].get("buffer", 0)
            for a, b in itertools.combinations(whom, 2):
                one, two = demands[a].get("interval"), demands[b].get("interval")
                if one and two and one[0] - gap < two[1] and two[0] < one[1] + gap:
                    return False, 0, ()
    for (d, role), n in given.items():
        if n > demands[d]["roles"][role]["need"]:
            return False, 0, ()
    for b, bundle in enumerate(problem.get("bundles", [])):
        wanted = {(d, r): role["need"] for d, demand in enumerate(demands) if demand.get("bundle") == b for r, role in enumerate(demand["roles"])}
        got = {key: given.get(key, 0) for key in wanted}
        full, none = got == wanted, not any(got.values())
        if not full and not none:
            return False, 0, ()
        if full:
            value += max(0, bundle["value"]) if none else bundle["value"]
    tiers = {}
    places = {}
    for (d, _), n in given.items():
        tiers[demands[d].get("tier", 0)] = tiers.get(demands[d].get("tier", 0), 0) + n
        places[demands[d].get("place")] = places.get(demands[d].get("place"), 0) + n
    for place, n in places.items():
        value += place_bonus(problem.get("places", {}).get(place, {}).get("steps", []), n)
    top = max((d.get("tier", 0) for d in demands), default=0)
    return True, value, tuple(tiers.get(t, 0) for t in range(top + 1))


def best(problem):
    """(best key, value, tiers) over all plans, or None where pins cannot be met. Key: tiers first where asked, then value."""
    pairs = problem["pairs"]
    upto = pairs.get("upto") or [1] * len(pairs["demand"])
    found = None
    count = len(problem.get("options", []))
    subsets = [c for n in range(count + 1) for c in itertools.combinations(range(count), n)]
    for seats in itertools.product(*[range(n + 1) for n in upto]):
        for options in subsets:
            fine, value, tiers = worth(problem, seats, options)
            if not fine:
                continue
            key = (*tiers, value) if problem.get("objective") == "tiers" else (value,)
            if found is None or key > found[0]:
                found = (key, value, tiers)
    return found
