"""A synthetic district of the demonstration's shape: wishes, shifts, units, members and teams on a map, with named features on or off."""

import numpy as np

KINDS = 8
KIND_SHARE = np.array([0.55, 0.13, 0.09, 0.07, 0.06, 0.05, 0.03, 0.02])  # goods first, as published
SLOTS = 21  # seven days of three parts
NEAR = {"wish": 18, "shift": 80}  # communities from which people come


def district(members=35000, units=1200, teams=300, wishes=6000, shifts=196, communities=139, seed=1, *, volunteers=0, bundles=True, clashes=True,
             fairness=True, minutes=True, tiers=False, seats_per_shift=54, headcount=None) -> dict:
    """A `wishapp-problem/1` whose pair columns are numpy arrays. The same arguments give the same problem.

    `headcount`: (least, most) seats of a shift, some of them in up to two quotas for a skill; without it shifts are large and have one.
    Volunteers come beside the members: all are active, some with time for five things.
    """
    rng = np.random.default_rng(seed)
    communities = max(1, min(communities, members // 40))
    spot = rng.uniform(0, 10, (communities, 2))  # kilometres
    far = np.hypot(*(spot[:, None] - spot[None]).transpose(2, 0, 1))
    near = np.argsort(far, axis=1, kind="stable")
    people = _supporters(rng, members, volunteers, units, teams, communities, clashes, fairness, minutes)
    demands = _demands(rng, wishes, shifts, communities, clashes, bundles, seats_per_shift, tiers)
    if headcount is not None:
        _headcounts(rng, demands, *headcount)
    columns = _pairs(rng, people, demands, near, far)
    problem = {
        "format": "wishapp-problem/1", "demands": [_demand(d) for d in demands], "supporters": people["entries"], "pairs": columns,
        "options": _options(rng, people, demands, near, far, units + members + volunteers, teams),
        "bundles": [{"id": f"project:{b}", "value": int(rng.integers(300, 1500))} for b in range(1 + max((d["bundle"] or 0) for d in demands))]
        if any(d["bundle"] is not None for d in demands) else [],
        "objective": "tiers" if tiers else "value", "settings": {"seconds": 60, "gap": 0.0, "seed": 1},
    }
    if fairness:
        problem["places"] = {f"c{c:03d}": {"steps": [[5, 200], [20, 100]]} for c in range(communities)}
    return problem


def _demand(d: dict) -> dict:
    return {key: d[key] for key in ("id", "place", "tier", "interval", "minutes", "roles", "bundle")}


def _supporters(rng, members, volunteers, units, teams, communities, clashes, fairness, minutes) -> dict:
    entries = []
    people = members + volunteers
    total = units + people + teams
    home = rng.integers(0, communities, total)
    skill = np.zeros((total, KINDS), dtype=bool)
    free = rng.random((total, SLOTS)) < 0.3
    quota = rng.choice([1, 2, 3, 4, 8], units, p=[0.3, 0.25, 0.2, 0.15, 0.1])
    for s in range(units):
        skill[s, rng.choice(KINDS, 2, replace=False, p=KIND_SHARE)] = True
        steps = [[int(quota[s] + 1) // 2, 0], [int(quota[s]), 60]] if fairness else []
        entries.append({"id": f"unit:{s}", "capacity": int(quota[s]), "minutes": None, "exclusive": False, "load_steps": steps})
    free[:units] = True
    skill[units:units + people, 1:] = rng.random((people, KINDS - 1)) < 0.15
    capacity = rng.choice([1, 2, 3], people, p=[0.6, 0.3, 0.1])
    hours = rng.choice([120, 180, 240, 360, 480], people)
    if volunteers:
        capacity[members:] = rng.choice([1, 2, 3, 4, 5], volunteers, p=[0.4, 0.3, 0.15, 0.1, 0.05])
        hours[members:] = rng.choice([120, 240, 360, 480, 720], volunteers)
    for m in range(people):
        entries.append({"id": f"member:{m}" if m < members else f"volunteer:{m - members}", "capacity": int(capacity[m]), "minutes": int(hours[m]) if minutes else None,
                        "exclusive": bool(clashes), "buffer": 30})
    for t in range(teams):
        entries.append({"id": f"team:{t}", "capacity": 2, "minutes": None, "exclusive": bool(clashes), "buffer": 30})
    active = np.ones(total, dtype=bool)
    active[units:units + members] = rng.random(members) < 0.25
    return {"entries": entries, "home": home, "skill": skill, "free": free, "units": units, "people": people, "active": active}


def _demands(rng, wishes, shifts, communities, clashes, bundles, seats_per_shift, tiers) -> list:
    demands = []
    for number in range(wishes + shifts):
        shift = number >= wishes
        slot = int(rng.integers(SLOTS))
        timed = clashes and (shift or rng.random() < 0.5)
        start = (slot // 3) * 1440 + 480 + (slot % 3) * 240 + int(rng.integers(0, 5)) * 15
        length = int(rng.choice([60, 90, 120, 180]))
        if shift:
            seats = max(3, int(rng.gamma(4, seats_per_shift / 4)))
            skilled = max(1, seats // 8)
            roles = [{"need": seats - skilled}, {"need": skilled}]
        else:
            roles = [{"need": 1 if rng.random() < 0.95 else int(rng.integers(2, 5))}]
        home = int(rng.integers(communities))
        demands.append({
            "id": f"call:{number - wishes}" if shift else f"wish:{number}", "home": home, "place": f"c{home:03d}",
            "tier": int(rng.choice(3, p=[0.15, 0.35, 0.5])) if not shift or tiers else 2, "interval": [start, start + length] if timed else None,
            "minutes": length, "roles": roles, "bundle": None, "slot": slot if timed else None, "shift": shift,
            "kind": int(rng.integers(1, KINDS)) if shift else int(rng.choice(KINDS, p=KIND_SHARE))})
        demands[-1]["quotas"] = [demands[-1]["kind"]] if shift else []  # the skill each role after the first asks for
    if bundles and wishes:
        projects = max(1, wishes // 150)
        for b in range(projects):
            for number in rng.choice(wishes, min(wishes, int(rng.integers(2, 6))), replace=False):
                demands[int(number)]["bundle"] = b
    return demands


def _headcounts(rng, demands, least, most) -> None:
    """Shifts of `least` to `most` seats with no, one or two quotas of their seats for a skill."""
    for demand in demands:
        if not demand["shift"]:
            continue
        seats = int(rng.integers(least, most + 1))
        quotas = rng.choice(np.arange(1, KINDS), int(rng.choice(3, p=[0.3, 0.45, 0.25])), replace=False)[:seats - 1]
        skilled = [int(rng.integers(1, max(1, seats // 4) + 1)) for _ in quotas]
        demand["quotas"] = quotas.tolist()
        demand["roles"] = [{"need": max(1, seats - sum(skilled))}, *({"need": need} for need in skilled)]


def _pairs(rng, people, demands, near, far) -> dict:
    units, members = people["units"], people["people"]
    home, skill, free, active = people["home"], people["skill"], people["free"], people["active"]
    unit_of = [np.flatnonzero(skill[:units, k]) for k in range(KINDS)]
    order = units + np.argsort(home[units:units + members], kind="stable")
    runs = np.searchsorted(home[order], np.arange(len(near) + 1))
    living = [order[runs[c]:runs[c + 1]] for c in range(len(near))]
    found: list = []
    for d, demand in enumerate(demands):
        reach = NEAR["shift" if demand["shift"] else "wish"]
        people_near = np.concatenate([living[c] for c in near[demand["home"]][:reach]])
        people_near = people_near[active[people_near]]
        if demand["slot"] is not None:
            people_near = people_near[free[people_near, demand["slot"]]]
        if demand["shift"]:
            sides = [(0, people_near), *((role, people_near[skill[people_near, kind]]) for role, kind in enumerate(demand["quotas"], 1))]
        else:
            able = people_near[skill[people_near, demand["kind"]]]
            helpers = unit_of[demand["kind"]]
            helpers = helpers[np.argsort(far[home[helpers], demand["home"]] + rng.exponential(1.0, len(helpers)))[:25]]
            sides = [(0, np.concatenate([helpers, able]))]
        for role, group in sides:
            if not len(group):
                continue
            distance = far[home[group], demand["home"]]
            fit = rng.integers(0, 500, len(group)) + np.where(skill[group, demand["kind"]], 120, 0)
            value = np.maximum(1, (900, 650, 450)[demand["tier"]] + fit - (60 * distance).astype(int) + np.where(distance == 0, 80, 0))
            minutes = demand["minutes"] + (12 * distance).astype(int)
            found.append((np.full(len(group), d), np.full(len(group), role), group, value, minutes))
    columns = [np.concatenate([f[i] for f in found]) if found else np.zeros(0, dtype=np.int64) for i in range(5)]
    return dict(zip(("demand", "role", "supporter", "value", "minutes"), columns, strict=True))


def _options(rng, people, demands, near, far, first, teams) -> list:
    """Each team may come whole to a few shifts around its home."""
    calls = [d for d, demand in enumerate(demands) if demand["shift"]]
    options = []
    for team in range(first, first + teams):
        if not calls:
            break
        size = int(rng.integers(4, 16))
        distance = np.array([far[people["home"][team], demands[d]["home"]] for d in calls]) + rng.exponential(1.0, len(calls))
        for position in np.argsort(distance)[:6]:
            d = calls[int(position)]
            needs = [role["need"] for role in demands[d]["roles"]]
            skilled = [min(need, size // 6) for need in needs[1:]]
            covers = [[0, min(needs[0], size - sum(skilled))], *([role, seats] for role, seats in enumerate(skilled, 1))]
            covers = [cover for cover in covers if cover[1] > 0]
            if covers:
                seats = sum(n for _, n in covers)
                value = seats * (520 + int(rng.integers(0, 250)) - int(30 * distance[position]))
                options.append({"supporter": team, "demand": d, "covers": covers, "value": max(seats, value)})
    return options
