"""Random small problems over the whole format, each feature on or off."""

FEATURES = ("roles", "options", "bundles", "minutes", "clash", "stock", "load", "places", "pins", "forbids", "previous", "upto", "tiers", "negative")


def problem(rng, features, demands=3, supporters=3, pairs=8, options=3, value=20):
    """A `wishapp-problem/1` of about this size; features is a set of names from FEATURES."""
    on = features.__contains__
    low = -value // 3 if on("negative") else 1
    ds = []
    for d in range(demands):
        roles = [{"need": rng.randint(0 if on("negative") else 1, 3)} for _ in range(rng.randint(1, 2) if on("roles") else 1)]
        demand = {"id": f"d{d}", "roles": roles, "tier": rng.randint(0, 2) if on("tiers") else 0, "place": None, "interval": None, "bundle": None}
        if on("minutes"):
            demand["minutes"] = rng.choice([0, 30, 60, 90])
        if on("clash") and rng.random() < 0.8:
            start = rng.randint(0, 10)
            demand["interval"] = [start, start + rng.randint(1, 6)]
        if on("places"):
            demand["place"] = rng.choice(["north", "south", None])
        if on("bundles") and rng.random() < 0.5:
            demand["bundle"] = rng.randint(0, 1)
        ds.append(demand)
    ss = []
    for s in range(supporters):
        supporter = {"id": f"s{s}", "capacity": rng.randint(1, 4)}
        if on("minutes") and rng.random() < 0.8:
            supporter["minutes"] = rng.choice([60, 100, 150])
        if on("clash"):
            supporter |= {"exclusive": rng.random() < 0.7, "buffer": rng.randint(0, 2)}
        if on("stock"):
            supporter["stock"] = {"chair": rng.randint(0, 2)}
        if on("load"):
            supporter["load_steps"] = rng.choice([[], [[1, 0], [1, 4]], [[2, 1], [1, 6]], [[1, 3]]])
        ss.append(supporter)
    result = {"format": "wishapp-problem/1", "demands": ds, "supporters": ss, "settings": {"seconds": 30, "gap": 0, "seed": 1}}
    columns = {"demand": [], "role": [], "supporter": [], "value": []}
    for _ in range(rng.randint(0 if rng.random() < 0.1 else 2, pairs)):
        d = rng.randrange(demands)
        columns["demand"].append(d)
        columns["role"].append(rng.randrange(len(ds[d]["roles"])))
        columns["supporter"].append(rng.randrange(supporters))
        columns["value"].append(rng.randint(low, value))
    count = len(columns["demand"])
    if on("minutes") and rng.random() < 0.5:
        columns["minutes"] = [rng.choice([None, 20, 50]) for _ in range(count)]
    if on("upto"):
        columns["upto"] = [rng.choice([1, 1, 2, 3]) if i < 5 else 1 for i in range(count)]
    if on("stock"):
        columns["resource"] = [rng.choice([None, "chair", "chair", "drill"]) for _ in range(count)]
    result["pairs"] = columns
    if on("options"):
        result["options"] = []
        for _ in range(rng.randint(0, options)):
            d = rng.randrange(demands)
            roles = rng.sample(range(len(ds[d]["roles"])), rng.randint(1, len(ds[d]["roles"])))
            result["options"].append({"supporter": rng.randrange(supporters), "demand": d, "covers": [[r, rng.randint(1, 3)] for r in roles],
                                      "value": rng.randint(low, 3 * value)})
    if on("bundles"):
        result["bundles"] = [{"id": "b0", "value": rng.randint(low, value)}, {"id": "b1", "value": rng.randint(low, value)}]
    if on("places"):
        result["places"] = {"north": {"steps": [[1, 9], [2, 4]]}, "south": {"steps": [[2, 5]]}}
    picks = list(range(count))
    if on("pins") and count:
        result["pins"] = rng.sample(picks, min(count, rng.randint(0, 2)))
    if on("forbids") and count:
        result["forbids"] = rng.sample(picks, rng.randint(0, min(2, count)))
    if on("previous") and count:
        result |= {"previous": rng.sample(picks, rng.randint(0, min(3, count))), "keep": rng.randint(1, 8)}
    if on("tiers"):
        result["objective"] = "tiers"
    return result


def shuffled(rng, problem):
    """(the same problem in another order, position of each original pair in it)."""
    def order(n):
        sequence = list(range(n))
        rng.shuffle(sequence)
        return sequence, {old: new for new, old in enumerate(sequence)}
    ds, d_at = order(len(problem["demands"]))
    ss, s_at = order(len(problem["supporters"]))
    bs, b_at = order(len(problem.get("bundles", [])))
    ps, p_at = order(len(problem["pairs"]["demand"]))
    zs, _ = order(len(problem.get("options", [])))
    result = dict(problem)
    result["demands"] = [dict(problem["demands"][d]) for d in ds]
    for demand in result["demands"]:
        if demand.get("bundle") is not None:
            demand["bundle"] = b_at[demand["bundle"]]
    result["supporters"] = [problem["supporters"][s] for s in ss]
    result["pairs"] = {key: [values[p] for p in ps] for key, values in problem["pairs"].items()}
    result["pairs"]["demand"] = [d_at[d] for d in result["pairs"]["demand"]]
    result["pairs"]["supporter"] = [s_at[s] for s in result["pairs"]["supporter"]]
    if "bundles" in problem:
        result["bundles"] = [problem["bundles"][b] for b in bs]
    if "options" in problem:
        result["options"] = [problem["options"][z] | {"demand": d_at[problem["options"][z]["demand"]],
                                                      "supporter": s_at[problem["options"][z]["supporter"]]} for z in zs]
    for key in ("pins", "forbids", "previous"):
        if key in problem:
            result[key] = [p_at[p] for p in problem[key]]
    return result, p_at
