"""What leaves a hole in a plan. Each event writes a Repair row and its job in the event's own transaction; see repairs for what follows.

Heard from the office's own verbs, from the sources of demands (kernel.ports.DemandNews) and from the supporters.
"""

from sqlalchemy import and_, func, or_, select

from wishapp.jobs import service as jobs
from wishapp.kernel.ports import DemandNews
from wishapp.kernel.roles import SYSTEM
from wishapp.matching import sources
from wishapp.matching.models import MatchRun, Proposal, Repair
from wishapp.places.queries import ids_of
from wishapp.store.db import db
from wishapp.supporters import service as supporters
from wishapp.supporters.models import Supporter
from wishapp.workflows.run import CURRENT

URGENT = 0


def note_event(run: MatchRun, event: str, *, ref: str = "", supporter_id: int | None = None) -> Repair:
    """Write down what happened and ask a worker to look at it. `event`: declined | lapsed | withdrawn | paused | posted | cancelled."""
    made = Repair(run_id=run.id, event=event, demand_ref=ref, supporter_id=supporter_id)
    db.session.add(made)
    db.session.flush()
    jobs.enqueue("repair", {"repair_id": made.id}, by=SYSTEM, place_path=run.place_path)
    return made


def plan_after(run: MatchRun) -> MatchRun:
    """The plan that is current where this one was made: the newest in review or in use there, else this one itself."""
    newest = db.session.scalar(select(MatchRun.id).where(  # its id only: a plan's own row is long
        MatchRun.place_id == run.place_id, MatchRun.is_what_if.is_(False), MatchRun.state.in_(CURRENT)).order_by(MatchRun.number.desc()).limit(1))
    return db.session.get(MatchRun, newest) if newest is not None else run


def plan_over(path: str) -> MatchRun | None:
    """The plan on whose desk a demand at this path lies: the newest current one of the nearest place that has one."""
    return db.session.scalar(select(MatchRun).where(
        MatchRun.place_id.in_(ids_of(path)), MatchRun.is_what_if.is_(False), MatchRun.state.in_(CURRENT),
    ).order_by(func.length(MatchRun.place_path).desc(), MatchRun.number.desc()).limit(1))


def heard_of_demand(news: DemandNews) -> None:
    """News from a source of demands: an urgent one opened, a helper gave a seat back, or nobody is asked for any more."""
    if news.what == "opened" and news.tier == URGENT:
        run = plan_over(news.place_path)
        if run is not None:
            note_event(run, "posted", ref=news.ref)
    elif news.what == "freed":
        promise = sources.source_for(news.ref).promises([news.promise_ref]).get(news.promise_ref)
        asked = db.session.scalar(select(Proposal).where(Proposal.promise_ref == news.promise_ref).order_by(Proposal.id.desc()).limit(1))
        run = plan_after(asked.run) if asked is not None else plan_over(news.place_path)
        if run is not None:
            note_event(run, "withdrawn", ref=news.ref, supporter_id=promise.supporter_id if promise else None)
    elif news.what == "gone":
        for run in _plans_with(Proposal.demand_ref == news.ref):
            note_event(run, "cancelled", ref=news.ref)


def heard_of_supporter(action: str, supporter: Supporter, user_id: int, why: str) -> None:
    """A supporter pauses or leaves while something is planned with them or they are being asked."""
    if action in ("pause", "disable"):
        for run in _plans_with(Proposal.supporter_id == supporter.id):
            note_event(run, "paused", supporter_id=supporter.id)


def _plans_with(condition: object) -> list[MatchRun]:
    """Plans with something outstanding that meets `condition`: in review there, or an offer not yet answered."""
    outstanding = or_(Proposal.state == "offered", and_(Proposal.state == "proposed", MatchRun.state.in_(CURRENT)))
    ids = select(MatchRun.id).join(Proposal).where(condition, outstanding, MatchRun.is_what_if.is_(False))
    runs = db.session.scalars(select(MatchRun).where(MatchRun.id.in_(ids)).order_by(MatchRun.id))
    found = {run.id: run for run in (plan_after(run) for run in runs)}
    return list(found.values())


def listen() -> None:
    """Put the listeners into the lists, once."""
    for listeners, listener in ((sources.LISTENERS, heard_of_demand), (supporters.LISTENERS, heard_of_supporter)):
        if listener not in listeners:
            listeners.append(listener)


listen()
