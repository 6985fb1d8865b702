"""Acts on many proposals: few of them within the request, many as a job with progress. Either way some per transaction, so that nobody
waits long for a lock, and what has been done stays done when the rest is stopped.

A press carries a batch of its own (see review), by which it is taken back.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import defer, joinedload

from wishapp.accounts import queries as accounts
from wishapp.jobs import service as jobs
from wishapp.jobs.models import Job
from wishapp.jobs.service import JobHandle, job
from wishapp.kernel.errors import Forbidden
from wishapp.kernel.roles import SYSTEM, Actor
from wishapp.matching import offers, review, sources
from wishapp.matching.models import MatchRun, Proposal
from wishapp.matching.review import Outcome
from wishapp.store.db import db
from wishapp.store.transaction import retrying, transaction

KIND = "review"
WITHIN_REQUEST = 200  # beyond, a press takes more than a moment and becomes a job
PLAIN_AT_ONCE, AT_ONCE = 500, 50  # proposals per transaction: the plain ones of an approval, any others
TOLD = 5  # of those that could not be done, so many are named


@dataclass(frozen=True)
class Press:
    """One press of a button: `verb` (see VERBS) on the proposals `ids`, most urgent first. `batch` names it; `why` is the reason given."""

    verb: str
    ids: list[int]
    batch: str
    why: str = ""


def _send(rows: list[Proposal], press: Press, by: Actor) -> Outcome:
    kept, gone = offers.leave_out_gone(_unsent(rows))
    offers.send_offers(kept, by=by)
    return Outcome(press.batch, [row.id for row in kept], [(row.title, row.why, row.why_params) for row in gone])


def _recall(rows: list[Proposal], _press: Press, by: Actor) -> Outcome:
    sources.lock([row.demand_ref for row in rows])
    return review.recall_unsent(_unsent(rows), by=by)


def _unsent(rows: list[Proposal]) -> list[Proposal]:
    """Those of these that are approved and not sent out, as they stand under their locks."""
    query = _rows([row.id for row in rows]).where(Proposal.state == "offered", Proposal.sent_at.is_(None))
    return list(db.session.scalars(query.order_by(None).order_by(Proposal.id).with_for_update(of=Proposal).execution_options(populate_existing=True)))


VERBS: dict[str, Callable[[list[Proposal], Press, Actor], Outcome]] = {
    "approve": lambda rows, press, by: review.approve_many(rows, by=by, batch=press.batch),
    "dismiss": lambda rows, press, by: review.dismiss_many(rows, by=by, why=press.why, batch=press.batch),
    "pin": lambda rows, press, by: review.pin_many(rows, by=by, batch=press.batch),
    "forbid": lambda rows, press, by: review.forbid_many(rows, by=by, batch=press.batch),
    "undo": lambda rows, press, by: review.undo_proposals(rows, press.batch, by=by),
    "recall": _recall,
    "send": _send,
}


@dataclass
class Tally:
    """How far a press is, as the job's row keeps it: how many were `done` and `left`, some of these `told` with their reasons; the parts
    before `at` are over, and of the part there the ids in `over`."""

    done: int = 0
    left: int = 0
    told: list = field(default_factory=list)
    at: int = 0
    over: list[int] = field(default_factory=list)

    def after(self, outcome: Outcome, at: int, handled: list[int]) -> "Tally":
        """With one more part."""
        told = [[title, message, {name: str(value) for name, value in params.items()}] for title, message, params in outcome.left]
        return Tally(self.done + len(outcome.done), self.left + len(outcome.left), [*self.told, *told][:TOLD], at,
                     [*(self.over if at == self.at else []), *handled])


T = TypeVar("T")
Part = Callable[[Actor], tuple[Outcome, list[int]]]


def do(press: Press, *, by: Actor) -> Outcome:
    """All of it, now, in transactions of its own."""
    return _sum(press, _parts(press, Tally(), lambda _at, part: _within(lambda: part(by)[0])))


def do_within(press: Press, *, by: Actor) -> Outcome:
    """All of it inside the caller's transaction."""
    return _sum(press, _parts(press, Tally(), lambda _at, part: part(by)[0]))


def start(run: MatchRun, press: Press, *, by: Actor, back: str = "") -> Job:
    """Have a job do it; inside the caller's transaction. `back`: the desk as it was, where the page of the job leads to in the end."""
    args = {"verb": press.verb, "ids": press.ids, "batch": press.batch, "why": press.why, "run_id": run.id, "back": back}
    return jobs.enqueue(KIND, args, by=by, place_path=run.place_path)


def under_way(run: MatchRun, batch: str) -> Job | None:
    """The job that is still at this press, or is to begin it."""
    found = db.session.scalars(select(Job).where(Job.kind == KIND, Job.place_path == run.place_path, Job.status.in_(("waiting", "running"))))
    return next((job for job in found if job.args["batch"] == batch and job.args["verb"] != "undo"), None)


@job(KIND)
def work(handle: JobHandle) -> dict:
    """Do a press part by part. Stopped or not, it ends as done with what came of it: {done, left, told, is_stopped}.

    How far it is stands in the job's row, written with each part: begun again after a crash, it goes on from there.
    """
    press = Press(*(handle.args[name] for name in ("verb", "ids", "batch", "why")))
    known = db.session.get(Job, handle.id, populate_existing=True).detail
    tally = Tally(**{name: known[name] for name in ("done", "left", "told", "at", "over")}) if "at" in known else Tally()
    db.session.rollback()

    def act(at: int, part: Part) -> Outcome:
        def within() -> tuple[Outcome, Tally]:
            handle.hold()
            by = accounts.actor_for(handle.started_by_id) if handle.started_by_id is not None else SYSTEM
            if by is None:
                raise Forbidden()
            outcome, handled = part(by)
            after = tally.after(outcome, at, handled)
            handle.keep((after.done + after.left) / max(1, len(press.ids)), press.verb, **after.__dict__)
            return outcome, after

        nonlocal tally
        outcome, tally = _within(within)
        return outcome

    is_stopped = False
    for _outcome in _parts(press, tally, act):
        is_stopped = handle.is_cancelled() and tally.done + tally.left < len(press.ids)
        if handle.stopping.is_set():
            return {}  # this worker is being stopped: the next one goes on
        if is_stopped:
            break

    def end() -> None:
        with transaction():
            handle.finish(done=tally.done, left=tally.left, told=tally.told, is_stopped=is_stopped)

    retrying(end)
    return {}


def _parts(press: Press, since: Tally, act: Callable[[int, Part], Outcome]) -> Iterator[Outcome]:
    """What came of each part, one after the other, from where an earlier attempt came to; `act` runs a part in a transaction."""
    few_at_once = AT_ONCE * (2 if press.verb in ("undo", "recall") else 1)
    for at in range(since.at, len(press.ids), PLAIN_AT_ONCE):
        over = set(since.over) if at == since.at else set()
        rest = [number for number in press.ids[at:at + PLAIN_AT_ONCE] if number not in over]
        if press.verb == "approve" and rest:
            outcome = act(at, lambda by, ids=rest: _plain(ids, press, by))
            yield outcome
            rest = [number for number in rest if number not in set(outcome.done)]
        for start_at in range(0, len(rest), few_at_once):
            yield act(at, lambda by, ids=rest[start_at:start_at + few_at_once]: _few(ids, press, by))


def _plain(ids: list[int], press: Press, by: Actor) -> tuple[Outcome, list[int]]:
    """The plain ones, and which of these ids are over with that."""
    query = _rows(ids).options(defer(Proposal.reasons), defer(Proposal.runners_up), defer(Proposal.search))
    rows = [row for row in db.session.scalars(query) if row.state == "proposed"]
    plain = review.approve_plain(rows, by=by, batch=press.batch)
    done = [row.id for row in rows if row.id in plain]
    return Outcome(press.batch, done), done


def _few(ids: list[int], press: Press, by: Actor) -> tuple[Outcome, list[int]]:
    rows = list(db.session.scalars(_rows(ids).options(joinedload(Proposal.supporter))))
    return VERBS[press.verb](rows, press, by), ids


def _rows(ids: list[int]) -> Any:
    return select(Proposal).where(Proposal.id.in_(ids)).order_by(Proposal.tier, Proposal.value.desc(), Proposal.id)


def _within(work: Callable[[], T]) -> T:
    def write() -> T:
        with transaction():
            return work()

    return retrying(write)


def _sum(press: Press, outcomes: Iterator[Outcome]) -> Outcome:
    total = Outcome(press.batch)
    for outcome in outcomes:
        total = total.plus(outcome)
    return total
