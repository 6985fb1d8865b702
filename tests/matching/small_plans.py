"""Small random snapshots with plans: every kind of helper, promises by kind, pins, a plan before, too few helpers for all."""

import random

from tests.matching.crowds import crowd, demand, one
from wishapp import solver
from wishapp.matching.papers import Papers, open_plan, open_problem, pack, unpack_terms
from wishapp.matching.snapshot import Options, Snapshot, take_snapshot
from wishapp.matching.weights import HOUSE


def small_snapshot(seed: int, *, demands: int = 8, helpers: int = 6) -> Snapshot:
    """A snapshot of this seed: the same one every time."""
    dice = random.Random(seed)
    people = []
    for _ in range(helpers):
        kind = dice.choice(("unit", "unit", "member", "team", "volunteer"))
        promised = {"goods": dice.randint(0, 1), "service": dice.randint(1, 2)} if kind == "unit" and dice.random() < 0.4 else {}
        people.append(one(kind, metres=dice.randint(0, 2500), radius=dice.choice((1500, 3000)), any=dice.randint(0, 2), left=promised, quota=promised,
                          minutes=dice.choice((60, 120, 240)), load=dice.randint(0, 2), helps=dice.choice((("goods",), ("goods", "service")))))
    wanted = [demand(f"wish:{number}", kind=dice.choice(("goods", "goods", "service")), tier=dice.randint(0, 2), waiting_days=dice.randint(0, 40),
                     community_id=dice.choice((4, 5)), seats=(dice.choice((1, 1, 2)),)) for number in range(demands)]
    before = {f"wish:{number}": {dice.randint(101, 100 + helpers)} for number in range(0, demands, 3)}
    return take_snapshot(wanted, crowd(*people, paired=(0,)), options=Options(seconds=5), previous=before)


def small_plan(seed: int, **size: int) -> tuple[Snapshot, dict]:
    """The snapshot of a seed and its proven best plan."""
    snapshot = small_snapshot(seed, **size)
    plan = solver.solve(snapshot.problem | {"settings": {"seconds": 5, "gap": 0.0, "seed": 1}})
    return snapshot, plan


def papers_of(snapshot: Snapshot, plan: dict) -> Papers:
    """The papers of a plan as the database would give them back."""
    packed = pack(snapshot, plan)
    return Papers(open_problem(packed.problem), open_plan(packed.plan), *unpack_terms(packed.terms), HOUSE)
