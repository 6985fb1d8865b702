"""What a plan states about itself: its columns, value, bound, gap, status, tiers and certificate."""

from dataclasses import dataclass

import numpy as np

from wishapp.solver.certificate import write_stage
from wishapp.solver.plans import Choice, gap_of
from wishapp.solver.prices import Prices
from wishapp.solver.problem import Problem
from wishapp.solver.rules import role_seats, tier_seats


@dataclass(slots=True)
class Settled:
    """One stage's end: goal ("value" or a tier), floors it kept, value and bound reached, and the prices with their total (x scale)."""

    goal: str | int
    floors: list
    value: int
    bound: int
    total: int
    prices: Prices


def figures(p: Problem, stages: list[Settled], choice: Choice, gap_wanted: float, is_cancelled: bool) -> dict:
    """Everything of a `wishapp-plan/1` but its name, timings and seal. The last stage is the value's."""
    last = stages[-1]
    gap = gap_of(last.value, last.bound)
    result = {
        "status": "", "pairs": [[int(i), int(choice.seats[i])] for i in np.flatnonzero(choice.seats)],
        "options": [int(z) for z in np.flatnonzero(choice.options)], "bundles": [int(b) for b in np.flatnonzero(choice.bundles)],
        "objective": int(last.value), "bound": int(last.bound), "gap": gap,
    }
    proven, short = last.value == last.bound, 0.0
    if p.tiered:
        served = tier_seats(p, role_seats(p, choice.seats, choice.options))
        most = np.zeros_like(served)
        for stage in stages[:-1]:
            most[stage.goal] = max(stage.bound, served[stage.goal])
        result["tiers"] = [[int(a), int(b)] for a, b in zip(served, most, strict=True)]
        proven &= bool((served == most).all())
        short = max((gap_of(int(a), int(b)) for a, b in zip(served, most, strict=True)), default=0.0)
    result["status"] = "optimal" if proven else "cancelled" if is_cancelled else "within_gap" if max(gap, short) <= gap_wanted else "time_limit"
    result["certificate"] = {"stages": [_stage(p, stage) for stage in stages]}
    return result


def _stage(p: Problem, stage: Settled) -> dict:
    reached = stage.total // stage.prices.scale
    written = write_stage(p, stage.goal, stage.floors, stage.prices, reached)
    written["proof"] = "prices" if stage.bound == reached else "search"
    return written
