"""Runs: start one, stop it, be content with it, put it to use."""

from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select

from wishapp.jobs import queries as jobs
from wishapp.jobs import service as job_service
from wishapp.kernel import clock
from wishapp.kernel.errors import Forbidden, Refused
from wishapp.kernel.roles import SYSTEM, Actor
from wishapp.kernel.text import N_
from wishapp.matching import sources
from wishapp.matching.grants import Grant
from wishapp.matching.models import MatchRun, Proposal
from wishapp.matching.presses import WITHIN_REQUEST, Press, do_within, start
from wishapp.matching.review import new_batch
from wishapp.matching.snapshot import Options
from wishapp.matching.weighting import weighting_in_force
from wishapp.places.models import Place
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.transitions import advance
from wishapp.supporters import queries as supporters
from wishapp.workflows.run import CURRENT as CURRENT
from wishapp.workflows.run import UNDER_WAY


def start_run(place: Place, *, by: Actor, options: dict | None = None, is_what_if: bool = False) -> MatchRun:
    """Begin a run over a place: a row and a job, nothing else yet. `options`: see snapshot.Options.

    Forbidden outside the actor's places; Refused while another run of the same kind is under way there.
    """
    if not by.is_system and not by.may("matching.run", place.path):
        raise Forbidden()
    db.session.execute(select(Place.id).where(Place.id == place.id).with_for_update())
    busy = db.session.scalar(select(MatchRun.number).where(
        MatchRun.place_id == place.id, MatchRun.is_what_if == is_what_if, MatchRun.state.in_(UNDER_WAY)).limit(1))
    if busy is not None:
        raise Refused(N_("A match for %(place)s is already being worked out."), place=place.name)
    wanted = Options.read(options or {})
    if wanted.grants and not is_what_if:
        raise Refused(N_("A plan for real takes things as they are. Agree on it first, then match again."))
    weights = weighting_in_force(place.path)
    run = MatchRun(number=next_number(place.id, is_what_if), place_id=place.id, place_path=place.path, started_by_id=by.id,
                   is_what_if=is_what_if, options=wanted.__dict__ | names_of(wanted.grants), weighting_id=weights.id if weights else None)
    db.session.add(run)
    db.session.flush()
    audit.record("run", run.id, "start", by=by, to_state="queued", place_path=place.path, data={"number": run.number})
    run.job_id = job_service.enqueue("match", {"run_id": run.id}, by=by, place_path=place.path).id
    return run


def names_of(grants: tuple[Grant, ...]) -> dict:
    """{"names": {supporter id: name}} of those a trial assumes something of, kept with its options for the pages."""
    return {"names": {str(who): name for who, name in supporters.names([grant[1] for grant in grants]).items()}} if grants else {}


def next_number(place_id: int, is_what_if: bool) -> int:
    """1, 2, 3 … for plans; -1, -2 … for what-ifs."""
    numbers = select(func.max(MatchRun.number), func.min(MatchRun.number)).where(MatchRun.place_id == place_id)
    highest, lowest = db.session.execute(numbers).one()
    return min(0, lowest or 0) - 1 if is_what_if else max(0, highest or 0) + 1


def cancel_run(run: MatchRun, *, by: Actor) -> None:
    """Stop a run that is under way, or put a plan in review aside. Seats already held for approved proposals are given back."""
    db.session.refresh(run, ["state"], with_for_update=True)  # an approval on its way is waited for, none comes after
    was_under_way = run.state in UNDER_WAY
    advance(run, "cancel", by=by)
    run.finished_at = run.finished_at or clock.now()
    if was_under_way:
        job = jobs.job(run.job_id) if run.job_id else None
        if job is not None and job.status in ("waiting", "running"):
            job_service.request_cancel(job, by=by)
    else:
        unsent = db.session.scalars(select(Proposal.id).where(Proposal.run_id == run.id, Proposal.state == "offered", Proposal.sent_at.is_(None)))
        _press(run, "recall", list(unsent), by)


def take_best(run: MatchRun, *, by: Actor) -> None:
    """Good enough: the search ends at its next look and the best plan found so far is checked and saved."""
    if run.state not in UNDER_WAY:
        raise Refused(N_("This match has already ended."))
    run.is_enough = True
    audit.record("run", run.id, "take_best", by=by, place_path=run.place_path)


@dataclass(frozen=True)
class Sending:
    """What came of sending a plan out: how many offers were `sent`; `left` [(title, message, params)] those left out, and why; or the
    job that is doing it, where there are many."""

    sent: int
    left: list[tuple[str, str, dict]]
    job_id: int | None = None


def adopt_run(run: MatchRun, *, by: Actor) -> Sending:
    """Put a reviewed plan to use and send out what was approved, each looked at again: what is gone meanwhile is left out.

    The plan in use before is replaced; what was approved in it and not yet sent goes out too. Demands that found nobody are
    counted as passed over. In a plan in use already it sends what is left, where sending was stopped half-way. Refused for a what-if
    and when there is nothing to put to use (a second press included).
    """
    if run.is_what_if:
        raise Refused(N_("A trial is only for looking at. Start a new match with its settings instead."))
    db.session.refresh(run, ["state"], with_for_update=True)
    waiting = _unsent(run)
    if run.state != "in_use" or not waiting:
        _put_to_use(run, by)
        waiting = _unsent(run)
    elif not by.is_system and not by.may("matching.run", run.place_path):
        raise Forbidden()
    return _press(run, "send", waiting, by)


def _unsent(run: MatchRun) -> list[int]:
    """What is approved in this plan, or in one it replaced, and not sent out; never of one that is in review or was put aside."""
    of_plan = or_(MatchRun.id == run.id, and_(MatchRun.place_id == run.place_id, MatchRun.state == "replaced"))
    return list(db.session.scalars(select(Proposal.id).join(MatchRun).where(
        of_plan, Proposal.state == "offered", Proposal.sent_at.is_(None)).order_by(Proposal.tier, Proposal.id)))


def _put_to_use(run: MatchRun, by: Actor) -> None:
    advance(run, "adopt", by=by)
    before = db.session.scalars(select(MatchRun).where(
        MatchRun.place_id == run.place_id, MatchRun.state == "in_use", MatchRun.id != run.id, MatchRun.is_what_if.is_(False))).all()
    for old in before:
        advance(old, "replace", by=SYSTEM)
    sources.pass_over([ref for ref, entry in run.unserved.items() if not entry.get("given")])


def _press(run: MatchRun, verb: str, ids: list[int], by: Actor) -> Sending:
    """Do it with these here and now, or have it done where they are many."""
    press = Press(verb, ids, new_batch())
    if len(ids) > WITHIN_REQUEST:
        return Sending(0, [], start(run, press, by=SYSTEM if verb == "recall" else by).id)  # decided already, whoever loses a role meanwhile
    outcome = do_within(press, by=by)
    return Sending(len(outcome.done), outcome.left)
