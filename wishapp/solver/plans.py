"""The plan format: `wishapp-plan/1` read into arrays, and the digest that seals it."""

import hashlib
import json
from dataclasses import dataclass

import numpy as np

from wishapp.solver.problem import Problem
from wishapp.solver.reading import ProblemError, listing, mapping, required, show, whole

SOLVER = "wishapp.solver 1"
STATUSES = ("optimal", "within_gap", "time_limit", "cancelled", "infeasible_pins")
UNSEALED = ("digest", "seconds")


@dataclass(slots=True)
class Choice:
    """A plan as arrays: seats per pair, chosen options, served bundles."""

    seats: np.ndarray
    options: np.ndarray
    bundles: np.ndarray

    def copy(self) -> "Choice":
        return Choice(self.seats.copy(), self.options.copy(), self.bundles.copy())


def nothing(p: Problem) -> Choice:
    return Choice(np.zeros(len(p.pair_value), dtype=np.int64), np.zeros(len(p.option_value), dtype=bool), np.zeros(len(p.bundle_value), dtype=bool))


def seal(plan: dict) -> str:
    """sha256 of a plan without its timings: any later change to plan or certificate shows."""
    body = {key: value for key, value in plan.items() if key not in UNSEALED}
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()


def gap_of(objective: int, bound: int) -> float:
    """(bound - objective) / max(1, |bound|), rounded up in the seventh place so that it never flatters."""
    return 0.0 if bound == objective else max(1e-7, round((bound - objective) / max(1, abs(bound)) + 5e-8, 7))


def read_plan(p: Problem, plan: dict) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(seats per pair, chosen options, served bundles) of a plan. Raises ProblemError where it is malformed."""
    mapping(plan, "plan")
    seats = np.zeros(len(p.pair_value), dtype=np.int64)
    for index, entry in enumerate(listing(required(plan, "pairs", "plan"), "plan.pairs")):
        at = f"plan.pairs[{index}]"
        if not isinstance(entry, (list, tuple)) or len(entry) != 2:
            raise ProblemError(f"{at}: expected [pair, seats], got {show(entry)}")
        pair = whole(entry[0], at, 0, len(seats) - 1)
        if seats[pair]:
            raise ProblemError(f"{at}: pair {pair} is named twice")
        seats[pair] = whole(entry[1], at, 1)
    result = [seats]
    for key, size in (("options", len(p.option_value)), ("bundles", len(p.bundle_value))):
        flags = np.zeros(size, dtype=bool)
        for index, entry in enumerate(listing(plan.get(key, []), f"plan.{key}")):
            number = whole(entry, f"plan.{key}[{index}]", 0, size - 1)
            if flags[number]:
                raise ProblemError(f"plan.{key}[{index}]: {number} is named twice")
            flags[number] = True
        result.append(flags)
    return result[0], result[1], result[2]
