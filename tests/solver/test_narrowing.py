"""A flow over few pairs, with more taken in as they gain, is worth as much as the flow over all."""

import random

from tests.solver import cases
from wishapp.solver.canonical import canonical
from wishapp.solver.flow import cheapest, network, seats_of
from wishapp.solver.narrowing import best_flow
from wishapp.solver.plans import nothing
from wishapp.solver.prices import tier_stage, value_stage
from wishapp.solver.problem import parse_problem
from wishapp.solver.running import stage_value
from wishapp.solver.space import space_of

FLOWS = ("roles", "stock", "load", "places", "pins", "forbids", "previous", "upto", "negative", "tiers")


def worth(p, stage, seats):
    choice = nothing(p)
    choice.seats = seats
    return stage_value(p, stage, choice)


def test_as_much_as_over_all_pairs():
    laid = []

    def lay(p, space, stage, pairs, later):
        laid.append(len(later) - len(pairs))
        return network(p, space, stage, pairs, later)

    narrowed = again = 0
    for seed in range(400):
        rng = random.Random(seed)
        features = {word for word in FLOWS if rng.random() < 0.6}
        p = canonical(parse_problem(cases.problem(rng, features, rng.randint(2, 8), rng.randint(2, 8), 60, value=rng.choice((5, 50, 10**6)))))[0]
        space = space_of(p)
        for stage in (value_stage(p), tier_stage(p, 0)):
            laid.clear()
            whole = network(p, space, stage)
            flow, found = cheapest(whole), best_flow(p, space, stage, lay, spare=0)
            assert (flow is None) == (found is None), seed
            if found:
                assert worth(p, stage, seats_of(p, *found[:2])) == worth(p, stage, seats_of(p, whole, flow)), seed
            narrowed += laid[0] > 0
            again += len(laid) > 1
    assert narrowed > 100 and again > 50
