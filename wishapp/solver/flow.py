"""The part of the problem that is a minimum-cost flow: pairs, capacities, stock, load steps and place steps.

source -> supporter (one arc per load step) -> stock pool -> role -> place (one arc per bonus step) -> sink.
Teams, bundles, minutes and meetings are left out; where a flow keeps them too, it is the proven optimum.
"""

from dataclasses import dataclass

import numpy as np
from ortools.graph.python import min_cost_flow

from wishapp.solver.ladders import segments
from wishapp.solver.prices import Prices, Space, Stage, no_prices
from wishapp.solver.problem import Problem
from wishapp.solver.rules import summed


@dataclass(slots=True)
class Network:
    """Arcs with lower and upper limits and an integer cost; `pair` names the pair an arc carries, -1 for none."""

    tail: np.ndarray
    head: np.ndarray
    low: np.ndarray
    high: np.ndarray
    cost: np.ndarray
    pair: np.ndarray
    supporter_at: int
    pool_at: int
    role_at: int
    place_at: int
    nodes: int


def network(p: Problem, space: Space, stage: Stage, pairs: np.ndarray | None = None, later: np.ndarray | None = None) -> Network:
    """The flow network over `pairs` (default: all open ones) for one stage's objective; supporters get the arcs they need for these, or for
    those of `later`."""
    if pairs is None:
        pairs = np.flatnonzero(space.seats > 0)
    reach = pairs if later is None else later
    supporter_at, pool_at = 2, 2 + len(p.capacity)
    role_at = pool_at + len(p.pool_limit)
    place_at = role_at + len(p.role_need)
    nodes = place_at + len(p.place_ids)
    parts: list = []
    kept = p.previous[pairs] if stage.keep else np.zeros(len(pairs), dtype=bool)
    pooled = p.pair_pool[pairs] >= 0
    tail = np.where(pooled, pool_at + p.pair_pool[pairs], supporter_at + p.pair_supporter[pairs])
    head = role_at + p.pair_role[pairs]
    first = np.where(kept | p.pinned[pairs], 1, space.seats[pairs])
    bonus = np.where(kept, stage.keep, 0)
    parts.append((tail, head, p.pinned[pairs].astype(np.int64), first, -stage.pair_value[pairs] - bonus, pairs))
    more = np.flatnonzero(space.seats[pairs] > first)
    parts.append((tail[more], head[more], np.zeros(len(more), dtype=np.int64), (space.seats[pairs] - first)[more],
                  -stage.pair_value[pairs[more]], pairs[more]))
    pools = np.arange(len(p.pool_limit))
    parts.append(_arcs(supporter_at + p.pool_supporter, pool_at + pools, p.pool_limit, 0))
    asked = np.minimum(p.capacity, summed(p.pair_supporter[reach], space.seats[reach], len(p.capacity)))
    parts += _loads(p, stage, asked, supporter_at)
    place = p.demand_place[p.role_demand]
    roles = np.arange(len(p.role_need))
    parts.append(_arcs(role_at + roles, np.where(place >= 0, place_at + place, 1), p.role_need, 0))
    seats = summed(place[place >= 0], p.role_need[place >= 0], len(p.place_ids))
    for g, ladder in enumerate(p.place_steps):
        for count, amount in segments(ladder if stage.laddered else [], int(seats[g]), False):
            parts.append(_arcs(np.array([place_at + g]), np.array([1]), np.array([count]), -amount))
    columns = [np.concatenate([part[i] for part in parts]) for i in range(6)]
    return Network(*columns, supporter_at, pool_at, role_at, place_at, nodes)


def _arcs(tail, head, high, cost) -> tuple:
    size = len(tail)
    return tail, head, np.zeros(size, dtype=np.int64), high, np.broadcast_to(np.int64(cost), size), np.full(size, -1)


def _loads(p: Problem, stage: Stage, asked: np.ndarray, supporter_at: int) -> list:
    """Source -> supporter, one arc per load step."""
    kind, distinct = p.load_kinds
    parts = []
    for number, ladder in enumerate(distinct):
        own = np.flatnonzero((kind == number) & (asked > 0))
        if not ladder or not stage.laddered:
            parts.append(_arcs(np.zeros(len(own), dtype=np.int64), supporter_at + own, asked[own], 0))
            continue
        for length in np.unique(asked[own]):
            same = own[asked[own] == length]
            for count, amount in segments(ladder, int(length), True):
                parts.append(_arcs(np.zeros(len(same), dtype=np.int64), supporter_at + same, np.full(len(same), count), amount))
    return parts


def cheapest(net: Network) -> np.ndarray | None:
    """Flow per arc of least cost, or None where no flow fits the lower limits (or costs are out of the solver's range)."""
    solver = min_cost_flow.SimpleMinCostFlow()
    unit = max(1, int(np.gcd.reduce(net.cost)))  # the solver halves costs until they are nothing: round values take it half the time
    high, asked = net.high - net.low, np.flatnonzero(net.low)
    arcs = solver.add_arcs_with_capacity_and_unit_cost(net.tail, net.head, high, net.cost // unit)
    supply = np.zeros(net.nodes, dtype=np.int64)
    np.add.at(supply, net.head[asked], net.low[asked])
    np.subtract.at(supply, net.tail[asked], net.low[asked])
    room = int(high[net.tail == 0].sum())
    supply[0] += room
    supply[1] -= room
    solver.add_arc_with_capacity_and_unit_cost(0, 1, room + int(net.low.sum()), 0)  # what is left over; keeps every instance balanced
    solver.set_nodes_supplies(np.arange(net.nodes), supply)
    if solver.solve() != solver.OPTIMAL:
        return None
    return solver.flows(arcs) + net.low


def potentials(net: Network, flow: np.ndarray) -> np.ndarray:
    """Node potentials under which no residual arc has a negative reduced cost (Bellman-Ford over all arcs at once), source at 0."""
    ahead, back = np.flatnonzero(flow < net.high), np.flatnonzero(flow > net.low)
    tail = np.concatenate([net.tail[ahead], net.head[back], [0]])
    head = np.concatenate([net.head[ahead], net.tail[back], [1]])
    cost = np.concatenate([net.cost[ahead], -net.cost[back], [0]])
    spare = 1
    tail, head, cost = np.append(tail, spare), np.append(head, 0), np.append(cost, 0)  # leftover arc: source and sink cost the same
    order = np.argsort(head.astype(np.uint16) if net.nodes < 2**16 else head, kind="stable")  # short numbers are sorted by their digits
    tail, head, cost = tail[order], head[order], cost[order]
    starts = np.flatnonzero(np.diff(head, prepend=-1))
    targets = head[starts]
    distance = np.zeros(net.nodes, dtype=np.int64)
    for _ in range(net.nodes + 1):
        reached = np.minimum.reduceat(distance[tail] + cost, starts)
        better = reached < distance[targets]
        if not better.any():
            distance -= distance[0]
            touched = np.zeros(net.nodes, dtype=bool)
            touched[net.tail] = touched[net.head] = True
            distance[~touched] = 0
            return distance
        distance[targets[better]] = reached[better]
    raise ArithmeticError("a negative cycle is left: the flow was not optimal")


def flow_prices(p: Problem, net: Network, distance: np.ndarray, scale: int = 1) -> Prices:
    """Prices on roles, capacities, stock and places from node potentials. `distance` counts cost from the source."""
    prices = no_prices(p, scale)
    at_supporter = distance[net.supporter_at:net.pool_at]
    at_role = distance[net.role_at:net.place_at]
    at_place = distance[net.place_at:net.place_at + len(p.place_ids)]
    prices.capacity = np.maximum(at_supporter, 0)
    prices.pool = np.maximum(distance[net.pool_at:net.role_at] - prices.capacity[p.pool_supporter], 0)
    prices.place = np.maximum(at_place, 0)
    place = p.demand_place[p.role_demand]
    beyond = np.where(place >= 0, prices.place[np.maximum(place, 0)], 0) if len(at_place) else 0
    prices.role = np.maximum(beyond - at_role, 0)
    return prices


def seats_of(p: Problem, net: Network, flow: np.ndarray) -> np.ndarray:
    """Seats per pair carried by a flow."""
    carried = np.flatnonzero((net.pair >= 0) & (flow > 0))
    return summed(net.pair[carried], flow[carried], len(p.pair_value))
