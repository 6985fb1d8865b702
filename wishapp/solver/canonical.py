"""The canonical form of a problem: everything in the order of its ids, so that a shuffled file is the same problem."""

import hashlib
import json
from dataclasses import fields, replace

import numpy as np

from wishapp.solver.problem import Problem

ENTRY_FIELDS = ("pair_role", "pair_value", "pair_minutes", "pair_upto", "pinned", "forbidden", "previous")
NOT_THE_PROBLEM = ("settings",)


def _ranked(ids: list) -> tuple[list, np.ndarray]:
    """(positions in order of id, rank of each position)."""
    order = sorted(range(len(ids)), key=ids.__getitem__)
    rank = np.empty(len(ids), dtype=np.int64)
    rank[order] = np.arange(len(ids))
    return order, rank


def _linked(rank: np.ndarray, index: np.ndarray) -> np.ndarray:
    """`index` renumbered by `rank`, -1 staying -1."""
    return np.where(index >= 0, rank[np.maximum(index, 0)], -1) if len(rank) else index


def canonical(p: Problem) -> tuple[Problem, np.ndarray, np.ndarray, np.ndarray]:
    """(problem in canonical order, original pair, original option, original bundle of each canonical one)."""
    d_order, d_rank = _ranked(p.demand_ids)
    s_order, s_rank = _ranked(p.supporter_ids)
    b_order, b_rank = _ranked(p.bundle_ids)
    pool_key = [(int(s_rank[s]), key) for s, key in zip(p.pool_supporter, p.pool_name, strict=True)]
    k_order, k_rank = _ranked(pool_key)
    sizes = np.diff(p.role_start)[d_order]
    role_start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    role_rank = role_start[d_rank[p.role_demand]] + np.arange(len(p.role_need)) - p.role_start[p.role_demand] \
        if len(p.role_need) else np.zeros(0, dtype=np.int64)
    role_order = np.argsort(role_rank)
    parts = {name: getattr(p, name)[d_order] for name in
             ("demand_tier", "demand_minutes", "demand_start", "demand_end", "demand_timed", "demand_place")}
    parts |= {name: getattr(p, name)[s_order] for name in ("capacity", "budget", "exclusive", "buffer")}
    parts |= {
        "demand_ids": [p.demand_ids[i] for i in d_order], "demand_bundle": _linked(b_rank, p.demand_bundle[d_order]),
        "role_start": role_start, "role_demand": np.repeat(np.arange(len(d_order)), sizes), "role_need": p.role_need[role_order],
        "supporter_ids": [p.supporter_ids[i] for i in s_order], "load_steps": [p.load_steps[i] for i in s_order],
        "pool_supporter": s_rank[p.pool_supporter][k_order] if k_order else p.pool_supporter,
        "pool_name": [p.pool_name[i] for i in k_order], "pool_limit": p.pool_limit[k_order],
        "bundle_ids": [p.bundle_ids[i] for i in b_order], "bundle_value": p.bundle_value[b_order],
    }
    pairs = {name: getattr(p, name) for name in ENTRY_FIELDS} | {
        "pair_demand": d_rank[p.pair_demand], "pair_role": role_rank[p.pair_role], "pair_supporter": s_rank[p.pair_supporter],
        "pair_pool": _linked(k_rank, p.pair_pool)}
    pair_order = _pair_order(pairs, len(s_order))
    parts |= {name: values[pair_order] for name, values in pairs.items()}
    option_order, options = _options(p, d_rank, s_rank, role_rank)
    return replace(p, **parts, **options), pair_order, option_order, np.array(b_order, dtype=np.int64)


def _pair_order(pairs: dict, supporters: int) -> np.ndarray:
    """By role and supporter; pairs that share both by everything else they say."""
    key = pairs["pair_role"] * supporters + pairs["pair_supporter"]
    order = np.argsort(key, kind="stable")
    if (np.diff(key[order]) > 0).all():
        return order
    return np.lexsort([pairs[n] for n in ("previous", "forbidden", "pinned", "pair_upto", "pair_minutes", "pair_value", "pair_pool",
                                          "pair_supporter", "pair_role")])


def _options(p: Problem, d_rank, s_rank, role_rank) -> tuple[np.ndarray, dict]:
    covers = [sorted((int(role_rank[p.cover_role[i]]), int(p.cover_seats[i]))
                     for i in range(p.cover_start[z], p.cover_start[z + 1])) for z in range(len(p.option_value))]
    keys = [(int(d_rank[p.option_demand[z]]), int(s_rank[p.option_supporter[z]]), covers[z], int(p.option_value[z]),
             int(p.option_minutes[z])) for z in range(len(covers))]
    order = np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)
    flat = [entry for z in order for entry in covers[z]]
    return order, {
        "option_supporter": s_rank[p.option_supporter[order]], "option_demand": d_rank[p.option_demand[order]],
        "option_value": p.option_value[order], "option_minutes": p.option_minutes[order], "option_seats": p.option_seats[order],
        "cover_start": np.concatenate([[0], np.cumsum([len(covers[z]) for z in order])]).astype(np.int64),
        "cover_role": np.array([entry[0] for entry in flat], dtype=np.int64),
        "cover_seats": np.array([entry[1] for entry in flat], dtype=np.int64)}


def digest(p: Problem) -> str:
    """sha256 of a problem already in canonical order, each column in the narrowest of 1, 2, 4, 8 bytes a number that hold it.
    Settings and unknown keys are no part of it."""
    state = hashlib.sha256(b"wishapp-problem/1")
    for entry in fields(Problem):
        value = getattr(p, entry.name)
        if entry.name in NOT_THE_PROBLEM:
            continue
        if isinstance(value, np.ndarray):
            kind = _narrowest(value)
            state.update(f"|{entry.name}|{kind}|{len(value)}|".encode())
            state.update(np.ascontiguousarray(value, dtype=kind).data)
        else:
            state.update(f"|{entry.name}|".encode())
            state.update(json.dumps(value, ensure_ascii=False).encode())
    return state.hexdigest()


def _narrowest(values: np.ndarray) -> str:
    if values.dtype == bool or not len(values):
        return "<i1"
    low, high = int(values.min()), int(values.max())
    return next(f"<i{size}" for size in (1, 2, 4, 8) if -(2 ** (8 * size - 1)) <= low and high < 2 ** (8 * size - 1))
