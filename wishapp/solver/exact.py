"""The whole formulation as a CP-SAT model over chosen columns, everything outside them kept as it is."""

import threading
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from wishapp.solver.entries import NO_BUDGET
from wishapp.solver.ladders import segments, shifted
from wishapp.solver.limits import clash
from wishapp.solver.meetings import cliques, repeats, runs
from wishapp.solver.plans import Choice
from wishapp.solver.prices import Space, Stage
from wishapp.solver.problem import Problem
from wishapp.solver.rules import capacity_uses, minutes_used, place_seats, role_seats, stock_used, tier_seats


@dataclass(slots=True)
class Part:
    """The model of a part of the problem, with its variables by column."""

    model: cp_model.CpModel
    pairs: np.ndarray
    options: np.ndarray
    bundles: np.ndarray
    x: list
    z: list
    y: list
    terms: list
    weights: list


def build(p: Problem, space: Space, stage: Stage, pairs: np.ndarray, options: np.ndarray, bundles: np.ndarray, kept: Choice) -> Part:
    """A model free in `pairs`, `options` and `bundles` (indexes); `kept` holds everything else and must be empty there.

    Columns that contradict `kept` (same demand, clash) are dropped. Maximises the stage's objective of the free part,
    its ladders counted from where `kept` has climbed to.
    """
    model = cp_model.CpModel()
    pairs, options = _compatible(p, space, pairs, options, kept)
    part = Part(model, pairs, options, bundles, [], [], [], [], [])
    used = []
    for i in pairs:
        most, low = int(space.seats[i]), int(p.pinned[i])
        keep = stage.keep if p.previous[i] else 0
        value = int(stage.pair_value[i])
        if most == 1:
            x = model.new_bool_var("")
            if low:
                model.add(x == 1)
            used.append(x)
            part.weights.append(value + keep)
        else:
            x = model.new_int_var(low, most, "")
            u = model.new_bool_var("")
            model.add(x <= most * u)
            model.add(x >= u)
            used.append(u)
            if keep:
                part.terms.append(u)
                part.weights.append(keep)
            part.weights.append(value)
        part.x.append(x)
        part.terms.append(x)
    part.z = [model.new_bool_var("") for _ in options]
    part.y = [model.new_bool_var("") for _ in bundles]
    part.terms += part.z + part.y
    part.weights += [int(v) for v in stage.option_value[options]] + [int(v) for v in stage.bundle_value[bundles]]
    _roles(p, part, kept)
    _supporters(p, stage, part, kept)
    _meet(p, part, used)
    _places_and_tiers(p, stage, part, kept)
    model.maximize(cp_model.LinearExpr.weighted_sum(part.terms, part.weights))
    return part


def _compatible(p: Problem, space: Space, pairs, options, kept: Choice) -> tuple[np.ndarray, np.ndarray]:
    pairs, options = pairs[space.seats[pairs] > 0], options[space.options[options]]
    asked = np.zeros(len(p.capacity), dtype=bool)
    asked[p.pair_supporter[pairs]] = True
    asked[p.option_supporter[options]] = True
    held, teams = np.flatnonzero(kept.seats), np.flatnonzero(kept.options)
    held, teams = held[asked[p.pair_supporter[held]]], teams[asked[p.option_supporter[teams]]]
    by_owner: dict = {}
    for s, d in [*zip(p.pair_supporter[held], p.pair_demand[held], strict=True),
                 *zip(p.option_supporter[teams], p.option_demand[teams], strict=True)]:
        by_owner.setdefault(int(s), []).append(int(d))
    if not by_owner:
        return pairs, options
    result = []
    for columns, owner, demand in ((pairs, p.pair_supporter, p.pair_demand), (options, p.option_supporter, p.option_demand)):
        good = np.ones(len(columns), dtype=bool)
        busy = np.isin(owner[columns], list(by_owner))
        for s, group in runs(np.where(busy, owner[columns], -1)):
            if s >= 0:
                for other in by_owner[s]:
                    good[group] &= ~clash(p, s, other, demand[columns[group]])
        result.append(columns[good])
    return result[0], result[1]


def _sum(variables: list, weights=None):
    return cp_model.LinearExpr.weighted_sum(variables, weights) if weights is not None else cp_model.LinearExpr.sum(variables)


def _roles(p: Problem, part: Part, kept: Choice) -> None:
    given = role_seats(p, kept.seats, kept.options)
    members: dict = {}
    for x, k in zip(part.x, p.pair_role[part.pairs].tolist(), strict=True):
        members.setdefault(k, []).append((x, 1))
    for z, option in zip(part.z, part.options, strict=True):
        for entry in range(p.cover_start[option], p.cover_start[option + 1]):
            members.setdefault(int(p.cover_role[entry]), []).append((z, int(p.cover_seats[entry])))
    free = {int(b): y for b, y in zip(part.bundles, part.y, strict=True)}
    bundle = p.demand_bundle[p.role_demand]
    for k in np.flatnonzero(np.isin(bundle, part.bundles)).tolist():
        members.setdefault(k, [])
    for k, entries in sorted(members.items()):
        total = _sum([e[0] for e in entries], [e[1] for e in entries]) if entries else 0
        if bundle[k] < 0:
            if sum(e[1] for e in entries) + int(given[k]) > p.role_need[k] or any(e[1] == 1 for e in entries):
                part.model.add(total <= int(p.role_need[k] - given[k]))
        elif int(bundle[k]) in free:
            part.model.add(total == int(p.role_need[k]) * free[int(bundle[k])])
        else:
            part.model.add(total == int(p.role_need[k]) * bool(kept.bundles[bundle[k]]) - int(given[k]))


def _supporters(p: Problem, stage: Stage, part: Part, kept: Choice) -> None:
    uses, spent = capacity_uses(p, kept.seats, kept.options), minutes_used(p, kept.seats, kept.options)
    members: dict = {}
    for x, i in zip(part.x, part.pairs, strict=True):
        members.setdefault(int(p.pair_supporter[i]), []).append((x, int(p.pair_minutes[i])))
    for z, o in zip(part.z, part.options, strict=True):
        members.setdefault(int(p.option_supporter[o]), []).append((z, int(p.option_minutes[o])))
    for s, entries in sorted(members.items()):
        variables, room = [e[0] for e in entries], int(p.capacity[s] - uses[s])
        total = _sum(variables)
        part.model.add(total <= room)
        if p.budget[s] != NO_BUDGET and any(e[1] for e in entries):
            part.model.add(_sum(variables, [e[1] for e in entries]) <= int(p.budget[s] - spent[s]))
        if stage.laddered and p.load_steps[s]:
            ladder = segments(shifted(p.load_steps[s], int(uses[s])), room, True)
            _climb(part, total, ladder, -1)
    stock = stock_used(p, kept.seats)
    pools: dict = {}
    for x, i in zip(part.x, part.pairs, strict=True):
        if p.pair_pool[i] >= 0:
            pools.setdefault(int(p.pair_pool[i]), []).append(x)
    for pool, variables in sorted(pools.items()):
        part.model.add(_sum(variables) <= int(p.pool_limit[pool] - stock[pool]))


def _climb(part: Part, total, ladder: list, sign: int) -> None:
    """Pay (sign -1) or earn (+1) the ladder's amounts for `total` units."""
    rungs = [(part.model.new_int_var(0, count, ""), amount) for count, amount in ladder]
    climbed = _sum([r[0] for r in rungs]) if rungs else 0
    part.model.add(climbed >= total if sign < 0 else climbed <= total)
    for variable, amount in rungs:
        if amount:
            part.terms.append(variable)
            part.weights.append(sign * amount)


def _meet(p: Problem, part: Part, used: list) -> None:
    variables = used + part.z
    owner = np.concatenate([p.pair_supporter[part.pairs], p.option_supporter[part.options]])
    demand = np.concatenate([p.pair_demand[part.pairs], p.option_demand[part.options]])
    for s, group in runs(owner):
        if len(group) < 2 or p.capacity[s] < 2:
            continue
        for _, positions in cliques(p, s, demand[group]) + repeats(p, s, demand[group]):
            part.model.add_at_most_one([variables[group[i]] for i in positions])


def _places_and_tiers(p: Problem, stage: Stage, part: Part, kept: Choice) -> None:
    given = role_seats(p, kept.seats, kept.options)
    variables = part.x + part.z
    demand = np.concatenate([p.pair_demand[part.pairs], p.option_demand[part.options]])
    weight = [1] * len(part.x) + [int(n) for n in p.option_seats[part.options]]
    if stage.laddered and p.place_steps:
        served = place_seats(p, given)
        for g, group in runs(p.demand_place[demand]):
            if g >= 0 and p.place_steps[g]:
                ladder, left = [], int(served[g])
                for count, amount in p.place_steps[g]:
                    taken = min(left, count)
                    left -= taken
                    if count > taken:
                        ladder.append((count - taken, amount))
                _climb(part, _sum([variables[i] for i in group], [weight[i] for i in group]), ladder, 1)
    if stage.floors:
        already = tier_seats(p, given)
        for tier, least in stage.floors:
            group = np.flatnonzero(p.demand_tier[demand] == tier)
            total = _sum([variables[i] for i in group], [weight[i] for i in group]) if len(group) else 0
            part.model.add(total >= int(least - already[tier]))


@dataclass(slots=True)
class Answer:
    """What a search found: a choice (the free part put into `kept`) or None, whether it is proven best, and a bound on the free part."""

    choice: Choice | None
    proven: bool
    infeasible: bool
    bound: int | None
    effort: float  # deterministic time spent


def search(part: Part, kept: Choice, *, seconds: float, effort: float | None, seed: int, hint: Choice | None = None, cancelled=None, told=None,
           is_small: bool = False) -> Answer:
    """Run CP-SAT with one worker. `effort` is a deterministic time; `cancelled()` is asked ten times a second in the caller's thread.
    `is_small`: begin almost at once (benchmarks/repairs.py: most of a repair's search went into probing and looking for symmetries)."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2
    solver.parameters.random_seed = seed
    solver.parameters.max_time_in_seconds = max(0.01, seconds)
    if is_small:
        solver.parameters.max_presolve_iterations, solver.parameters.cp_model_probing_level, solver.parameters.symmetry_level = 1, 0, 0
    if effort is not None:
        solver.parameters.max_deterministic_time = effort
    if hint is not None:
        for x, i in zip(part.x, part.pairs, strict=True):
            part.model.add_hint(x, int(hint.seats[i]))
        for z, o in zip(part.z, part.options, strict=True):
            part.model.add_hint(z, bool(hint.options[o]))
        for y, b in zip(part.y, part.bundles, strict=True):
            part.model.add_hint(y, bool(hint.bundles[b]))
    if cancelled is None:
        status = solver.solve(part.model)
    else:
        outcome: list = []
        runner = threading.Thread(target=lambda: outcome.append(solver.solve(part.model)))
        runner.start()
        while runner.is_alive():
            runner.join(0.1)
            if runner.is_alive() and cancelled():
                solver.stop_search()
            elif told is not None:
                told()
        status = outcome[0]
    if status == cp_model.MODEL_INVALID:
        raise ValueError("the values are too large for an exact search")
    spent = float(solver.response_proto.deterministic_time)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Answer(None, False, status == cp_model.INFEASIBLE, None, spent)
    choice = kept.copy()
    choice.seats[part.pairs] = [solver.value(x) for x in part.x]
    choice.options[part.options] = [bool(solver.value(z)) for z in part.z]
    choice.bundles[part.bundles] = [bool(solver.value(y)) for y in part.y]
    best = solver.best_objective_bound
    bound = int(np.floor(best + max(1e-6, 1e-9 * abs(best)))) if abs(best) < 2**60 else None
    return Answer(choice, status == cp_model.OPTIMAL, False, bound, spent)
