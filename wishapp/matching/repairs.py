"""The job of a repair: what an event left open is solved again around it, everything promised kept (see docs/adr/0042).

One job per event, written in the event's own transaction. It reads, solves outside any transaction, and saves in one that checks
all it rests on again; when something moved in between it starts over. A worker that dies leaves the row waiting for the next.
"""

import importlib
import time

from sqlalchemy import select

from wishapp.jobs.service import JobHandle, job
from wishapp.kernel import clock, faults
from wishapp.kernel.errors import Busy
from wishapp.kernel.roles import PlaceLevel
from wishapp.matching import mending, sources
from wishapp.matching.mending import Moved
from wishapp.matching.models import MatchRun, Repair
from wishapp.matching.nearby import Nearby, Pair, is_of_plan, read_nearby, read_standing, servable, unserved_by
from wishapp.matching.resolve import solve_nearby
from wishapp.places import queries as places
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.transaction import pause, retrying, transaction
from wishapp.workflows.run import CURRENT

TRIES = 6
TURN_SECONDS = 5.0  # at most so long another repair of the same place is waited for; the saving transaction decides anyway


def give_up(handle: JobHandle, why: str) -> None:
    """The job ended without a repair: the desk says so, nothing else has changed."""

    def write() -> None:
        with transaction():
            repair = db.session.get(Repair, handle.args["repair_id"], with_for_update=True)
            if repair is not None and repair.status == "waiting":
                repair.status, repair.done_at, repair.changes = "unchanged", clock.now(), {**repair.changes, "failed": why[:200]}

    retrying(write)


def get_ready() -> None:
    """Load the solver, so that the first repair of a worker does not wait half a second for it."""
    importlib.import_module("wishapp.solver.engine")


@job("repair", on_failure=give_up, get_ready=get_ready)
def repair(handle: JobHandle) -> dict:
    """Repair one plan after one event. Every step may be repeated; the end is written together with what it changed."""
    began = time.monotonic()
    repair_id = handle.args["repair_id"]
    if not begin(handle, repair_id):
        return {}
    faults.point("repair.let_go")
    barred: set[Pair] = set()
    for attempt in range(TRIES):
        near = work_out(repair_id, barred)
        faults.point("repair.before_save")
        try:
            retrying(lambda near=near: _save(handle, repair_id, near, began))
            return {}
        except Moved as moved:
            barred |= moved.barred
            pause(attempt)
    raise Busy()


def begin(handle: JobHandle, repair_id: int) -> bool:
    """Wait while another repair of the same place is at work, then carry out what the event itself means; False when it is done already."""
    until = time.monotonic() + TURN_SECONDS
    while True:
        is_begun = retrying(lambda: _begin(handle, repair_id, is_patient=time.monotonic() < until))
        if is_begun is not None:
            return is_begun
        time.sleep(0.03)


def _begin(handle: JobHandle, repair_id: int, *, is_patient: bool) -> bool | None:
    with transaction():
        handle.hold()
        found = db.session.get(Repair, repair_id, with_for_update=True, populate_existing=True)
        if found is None or found.status != "waiting":
            return False
        run = db.session.get(MatchRun, found.run_id)
        db.session.execute(select(Place.id).where(Place.id == run.place_id).with_for_update(key_share=True))
        if not handle.take_turn() and is_patient:
            return None
        mending.let_go(found)
    return True


def work_out(repair_id: int, barred: set[Pair]) -> Nearby | None:
    """The solved local problem of a repair, read live; None when nothing is open that anybody could take or be asked for."""
    found = db.session.get(Repair, repair_id, populate_existing=True)
    run, changes = db.session.get(MatchRun, found.run_id), found.changes
    scope = scope_of(run, changes["path"])
    demands = {demand.ref: demand for demand in sources.open_demands(scope)}
    standing = read_standing(run.id, scope)
    if run.state not in CURRENT:  # no plan to review: what staff agreed to before is still asked, nothing else is touched
        standing.rows = {pair: (number, "stale" if state == "proposed" else state) for pair, (number, state) in standing.rows.items()}
        demands = {ref: demand for ref, demand in demands.items() if ref in changes["ask"]}
    idle = unserved_by(standing, demands)
    if found.event == "cancelled":
        free = [ref for ref in idle if is_of_plan(ref, run, standing)]
        focus = servable(scope, changes["freed"], free, demands) if changes["freed"] else []
    else:  # one that is to be asked for at once may have somebody in review already: then that one is asked
        focus = [ref for ref in dict.fromkeys(changes["refs"]) if ref in idle or (ref in changes["ask"] and ref in demands)]
    if not focus:
        db.session.rollback()
        return None
    away = {(found.demand_ref, found.supporter_id)} if found.supporter_id else set()
    near = read_nearby(run, focus, demands, standing, barred | away, scope)
    solve_nearby(near, set(changes["ask"]))
    return near


def scope_of(run: MatchRun, path: str) -> str:
    """The part of the plan's place a repair looks at: the street around the event, or the whole where the plan is for no more than that."""
    above = [place for place in places.chain(path) if place.level == PlaceLevel.STREET and place.path.startswith(run.place_path)]
    return above[0].path if above else run.place_path


def _save(handle: JobHandle, repair_id: int, near: Nearby | None, began: float) -> None:
    with transaction():
        found = db.session.get(Repair, repair_id, with_for_update=True, populate_existing=True)
        if found is None or found.status != "waiting":
            return
        run = db.session.get(MatchRun, found.run_id, with_for_update={"key_share": True}, populate_existing=True)
        mending.mend(found, run, near, round(1000 * (time.monotonic() - began)))
        handle.finish(repair_id=repair_id, status=found.status)
