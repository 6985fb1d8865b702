"""The job of a run: read, solve, check, save. Solving stands outside every transaction."""

import time
from typing import Any

import structlog
from sqlalchemy import select

from wishapp import solver
from wishapp.jobs.service import JobHandle, job
from wishapp.kernel import clock, faults
from wishapp.kernel.errors import Refused
from wishapp.kernel.roles import SYSTEM
from wishapp.kernel.text import N_
from wishapp.matching import acceptance, sources
from wishapp.matching.crowd import read_crowd
from wishapp.matching.explain import explain_unserved
from wishapp.matching.fairness import price_later
from wishapp.matching.losses import with_losses
from wishapp.matching.models import MatchRun
from wishapp.matching.papers import pack
from wishapp.matching.plan import read_plan
from wishapp.matching.runs import UNDER_WAY
from wishapp.matching.saving import Solved, communities, previous_pairs, save_plan
from wishapp.matching.snapshot import Options, Snapshot, take_snapshot
from wishapp.matching.weighting import weights_of_run
from wishapp.notices import service as notices
from wishapp.store.db import db
from wishapp.store.transaction import retrying, transaction
from wishapp.store.transitions import advance

log = structlog.get_logger()
SHARES = {"read": (0.0, 0.1), "flow": (0.1, 0.25), "bound": (0.25, 0.45), "search": (0.45, 0.95), "check": (0.95, 1.0)}
CURVE_POINTS = 120
LOOK_EVERY = 0.5


class PlanRefused(Refused):
    """The plan is not saved: the referee found a broken rule."""


def end_run(handle: JobHandle, why: str) -> None:
    """The job ended without a plan: the run is cancelled or failed, whoever started it is told."""

    def write() -> None:
        with transaction():
            run = db.session.get(MatchRun, handle.args["run_id"])
            if run is None or run.state not in UNDER_WAY:
                return
            advance(run, "cancel" if why == "cancelled" else "fail", by=SYSTEM, note=why[:200])
            run.finished_at = clock.now()
            if why != "cancelled" and run.started_by_id is not None:
                notices.announce("run", "fail", thing_id=run.id, people={"staff": [run.started_by_id]},
                                 params={"place": run.place.name}, endpoint="matching.run", values={"run_id": run.id})

    retrying(write)


@job("match", on_failure=end_run)
def match(handle: JobHandle) -> dict:
    """Work out one run. May start again from the beginning after a crash: nothing is saved but at the very end, all at once."""
    run_id = handle.args["run_id"]
    if not retrying(lambda: _begin(run_id)):
        return {}
    teller = Teller(handle, run_id)
    teller.phase("read", 0.1)
    snapshot = read_snapshot(run_id)
    teller.counts = {"demands": len(snapshot.demands), "supporters": len(snapshot.crowd), "pairs": len(snapshot.demand)}
    faults.point("match.before_solve")
    problem = solver.parse_problem(snapshot.problem)
    plan = solver.solve(problem, progress=teller.told, cancelled=teller.is_over)
    while plan["status"] == "infeasible_pins":
        snapshot.set_aside_pin(plan["conflict"][-1])
        problem = solver.parse_problem(snapshot.problem)
        plan = solver.solve(problem, progress=teller.told, cancelled=teller.is_over)
    if handle.is_cancelled():
        return {}
    teller.phase("check", 0.5)
    referee(problem, plan)
    lines = read_plan(snapshot, plan)
    names, _paths = communities(snapshot)
    known = acceptance.read_estimates(db.session.get(MatchRun, run_id).place_path)
    db.session.rollback()
    lines = with_losses(snapshot, problem, plan, acceptance.rank_lines(lines, snapshot, known))
    unserved = explain_unserved(snapshot, lines, names)
    solved = Solved(snapshot, plan, lines, unserved, teller.curve, time.monotonic() - teller.began, pack(snapshot, plan))

    def save() -> None:
        with transaction():
            handle.hold()
            run = db.session.get(MatchRun, run_id, with_for_update=True)
            if run.state == "solving":  # else it was cancelled a moment ago, and there is nothing to save
                save_plan(run, solved)
                if not run.is_what_if:
                    price_later(run)
                handle.finish(run_id=run_id)

    retrying(save)
    return {}


def _begin(run_id: int) -> bool:
    """Take the run into work; False when it was cancelled or saved already. A run a dead worker left behind is taken over."""
    with transaction():
        run = db.session.get(MatchRun, run_id)
        if run is None or run.state not in UNDER_WAY:
            return False
        if run.state == "queued":
            advance(run, "solve", by=SYSTEM)
    return True


def read_snapshot(run_id: int) -> Snapshot:
    """The problem of a run, read in one short reading transaction that has ended when the arithmetic begins."""
    run = db.session.get(MatchRun, run_id)
    options, weights = Options.read(run.options), weights_of_run(run)
    demands = sources.open_demands(run.place_path)
    crowd = read_crowd(run.place_path)
    previous = previous_pairs(run)
    db.session.rollback()
    return take_snapshot(demands, crowd, options=options, previous=previous, weights=weights)


def referee(problem: solver.Problem, plan: dict) -> None:
    """Let the independent referee check the plan. PlanRefused when a rule is broken; the log names it."""
    broken = solver.check(problem, plan)
    if broken:
        log.error("plan_breaks_rules", violations=broken[:5])
        raise PlanRefused(N_("The plan did not pass its check and was not saved. The plan in use stays as it is."))


class Teller:
    """Between the solver and the job page: turns progress into phases, seconds and the curve; knows when to stop."""

    def __init__(self, handle: JobHandle, run_id: int) -> None:
        self.handle, self.run_id = handle, run_id
        self.began = self.looked = time.monotonic()
        self.counts: dict[str, int] = {}
        self.spent: dict[str, float] = {}
        self.curve: list[list] = []
        self.best: int | None = None
        self.bound: int | None = None
        self.now = "read"

    def phase(self, name: str, fraction: float) -> None:
        """Note where we are and show it."""
        self.now = name
        elapsed = round(time.monotonic() - self.began, 1)
        self.spent[name] = elapsed
        low, high = SHARES.get(name, (0.0, 1.0))
        detail: dict[str, Any] = {**self.counts, "spent": self.spent, "best": self.best, "bound": self.bound, "elapsed": elapsed,
                                  "curve": self.curve[-CURVE_POINTS:]}
        self.handle.progress(low + (high - low) * min(1.0, max(0.0, fraction)), name, **detail)

    def told(self, phase: str, fraction: float, best: int | None, bound: int | None) -> None:
        """The solver's own report."""
        if (best, bound) != (self.best, self.bound) and (best is not None or bound is not None):
            self.best, self.bound = best, bound
            self.curve.append([round(time.monotonic() - self.began, 2), best, bound])
            if len(self.curve) > 2 * CURVE_POINTS:
                self.curve = self.curve[::2] + self.curve[-1:]
        self.phase(phase, fraction)

    def is_over(self) -> bool:
        """Asked to stop, or somebody is content with what there is."""
        if self.handle.is_cancelled():
            return True
        if time.monotonic() - self.looked < LOOK_EVERY:
            return False
        self.looked = time.monotonic()
        with db.engine.connect() as connection:
            return bool(connection.scalar(select(MatchRun.is_enough).where(MatchRun.id == self.run_id)))
