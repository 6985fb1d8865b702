"""Solving the local problem of a repair, and keeping only the changes that belong to the event."""

import numpy as np

from wishapp import solver
from wishapp.matching import acceptance
from wishapp.matching.nearby import Nearby, Pair
from wishapp.matching.plan import read_plan
from wishapp.matching.snapshot import Snapshot


def solve_nearby(near: Nearby, ask: set[str]) -> None:
    """Fill in `lines`. `ask`: refs that are put to somebody at once, where being turned down again costs time: a likely yes counts there."""
    snapshot, problem = near.snapshot, near.snapshot.problem
    value = snapshot.value.copy()
    for index, demand in enumerate(snapshot.demands):
        pairs = snapshot.pairs_of(index)
        if demand.ref in ask and len(pairs):
            rows = snapshot.row[pairs]
            chance = near.estimates.of(snapshot.crowd.ids[rows], snapshot.crowd.kind[rows], demand.kind)
            value[pairs] = np.maximum(1, value[pairs] - (acceptance.IN_VAIN[min(demand.tier, len(acceptance.IN_VAIN) - 1)] / chance).astype(np.int64))
    problem["pairs"]["value"] = value
    problem["forbids"] = _beyond_need(snapshot, value)
    plan = solver.solve(problem, is_small=True)
    while plan["status"] == "infeasible_pins":
        snapshot.set_aside_pin(plan["conflict"][-1])
        plan = solver.solve(problem, is_small=True)
    broken = solver.check(problem, plan)
    if broken:
        raise RuntimeError(f"a repair breaks a rule: {broken[:3]}")
    lines = acceptance.rank_lines(read_plan(snapshot, plan, known=set(problem["previous"])), snapshot, near.estimates)
    near.lines = {(snapshot.demands[line.demand].ref, int(snapshot.crowd.ids[line.row])): line for line in lines}
    near.left = _unrelated(near)


def _beyond_need(snapshot: Snapshot, value: np.ndarray) -> list[int]:
    """Pairs no best plan needs: with n seats in the problem a demand has one of its n best supporters to itself, so worse pairs lose.

    Those in review count among the best whatever their value, and pinned ones are never left out.
    """
    seats = sum(sum(demand.seats) for demand in snapshot.demands)
    stays = np.zeros(len(value), dtype=bool)
    stays[[*snapshot.problem["previous"], *snapshot.problem["pins"]]] = True
    left_out = []
    for index in range(len(snapshot.demands)):
        pairs = snapshot.pairs_of(index)
        worse = pairs[np.argsort(-value[pairs], kind="stable")[seats:]]
        left_out += worse[~stays[worse]].tolist()
    return sorted(left_out)


def _unrelated(near: Nearby) -> set[Pair]:
    """Changed pairs that hang together with the event's own demands through no chain of demands and supporters.

    Limits hold per demand and per supporter, so such changes can be left out as a whole: a repair is not the occasion to better the rest.
    """
    changed = {*near.lines} ^ {*near.movable}
    beside: dict[str | int, set[str | int]] = {}
    for ref, supporter_id in changed:
        beside.setdefault(ref, set()).add(supporter_id)
        beside.setdefault(supporter_id, set()).add(ref)
    reached, edge = set(near.focus), list(near.focus)
    while edge:
        following = beside.get(edge.pop(), set()) - reached
        reached |= following
        edge += following
    return {pair for pair in changed if pair[0] not in reached}
