"""One solve under way: its clock, seed and listeners, and what a stage counts."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from wishapp.solver.plans import Choice
from wishapp.solver.prices import Stage
from wishapp.solver.problem import Problem
from wishapp.solver.rules import objective, role_seats, tier_seats, violations

EFFORT_PER_SECOND = 0.6  # deterministic time granted per second of the limit, so that the clock rarely decides


@dataclass(slots=True)
class Run:
    """Clock, seed and listeners of one solve. With the clock `worked` the limit counts work instead of time: the same plan under any load."""

    seconds: float
    gap: float
    seed: int
    progress: Callable | None = None
    cancelled: Callable | None = None
    clock: Callable = time.monotonic
    began: float = 0.0
    spent: dict = field(default_factory=lambda: {"read": 0.0, "flow": 0.0, "bound": 0.0, "search": 0.0})
    is_cancelled: bool = False
    used: float = 0.0  # deterministic time of all searches so far, with what flows and relaxations count for
    is_small: bool = False

    def worked(self) -> float:
        """Work so far in seconds of an idle machine, about."""
        return self.used / EFFORT_PER_SECOND

    def part(self, share: float, progress: Callable | None) -> "Run":
        """The same run with a share of its seconds; give it back with `after`."""
        other = replace(self, seconds=share * self.seconds, progress=progress)
        if self.clock == self.worked:
            other.clock = other.worked
        return other

    def after(self, part: "Run") -> None:
        self.used, self.is_cancelled = part.used, part.is_cancelled

    def left(self) -> float:
        return max(0.0, self.began + self.seconds - self.clock())

    def wall(self) -> float:
        """Seconds to grant a solver that counts on the wall clock: far more than are left where this run counts the processor's."""
        if self.clock == self.worked:
            return 1e6
        return self.left() * (1 if self.clock is time.monotonic else 40)

    def effort(self) -> float | None:
        """A deterministic limit in place of the wall clock, where this run counts the processor's time."""
        return None if self.clock is time.monotonic else EFFORT_PER_SECOND * self.left()

    def share(self) -> float:
        """The most effort one step may take so that it ends about when the run must."""
        return max(0.02, EFFORT_PER_SECOND * self.left())

    def watch(self) -> Callable | None:
        """What a long search is to ask whether it must end, where its own clock does not say."""
        if self.clock is time.process_time:
            return lambda: self.stopped() or self.left() <= 0
        return self.stopped if self.cancelled else None

    def tell(self, phase: str, fraction: float, best: int | None = None, bound: int | None = None) -> None:
        if self.progress is not None:
            self.progress(phase, fraction, best, bound)

    def stopped(self) -> bool:
        if not self.is_cancelled and self.cancelled is not None and self.cancelled():
            self.is_cancelled = True
        return self.is_cancelled

    def lap(self, phase: str, since: float) -> float:
        now = self.clock()
        self.spent[phase] += now - since
        return now


def stage_value(p: Problem, stage: Stage, choice: Choice) -> int:
    """What the stage counts, for a whole plan."""
    if stage.laddered:
        total = objective(p, choice.seats, choice.options, choice.bundles)
        if stage.pair_value is not p.pair_value:  # weighted by tier
            total += int((stage.pair_value - p.pair_value) @ choice.seats) + int((stage.option_value - p.option_value)[choice.options].sum())
        return total
    return int(stage.pair_value @ choice.seats) + int(stage.option_value[choice.options].sum())


def allowed(p: Problem, stage: Stage, choice: Choice) -> bool:
    """Feasible, and no earlier tier gives up a seat."""
    if violations(p, choice.seats, choice.options, choice.bundles):
        return False
    return floors_kept(p, stage, choice)


def floors_kept(p: Problem, stage: Stage, choice: Choice) -> bool:
    """No earlier tier gives up a seat."""
    if not stage.floors:
        return True
    served = tier_seats(p, role_seats(p, choice.seats, choice.options))
    return all(served[tier] >= least for tier, least in stage.floors)
