"""Acts on many proposals: few of them within the request, many as a job with progress. Either way some per transaction, so that nobody
waits long for a lock, and what has been done stays done when the rest is stopped.

A press carries a batch of its own (see review): a job that starts again after a crash knows by it what it has done already.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import defer, joinedload

from wishapp.accounts import queries as accounts
from wishapp.jobs import service as jobs
from wishapp.jobs.models import Job
from wishapp.jobs.service import JobHandle, job
from wishapp.kernel.errors import Forbidden
from wishapp.kernel.roles import SYSTEM, Actor
from wishapp.matching import offers, review, sources
from wishapp.matching.approving import recall_plain
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
    unsent = select(Proposal).where(Proposal.id.in_([row.id for row in rows]), Proposal.state == "offered", Proposal.sent_at.is_(None))
    locked = db.session.scalars(unsent.order_by(Proposal.id).with_for_update(of=Proposal).execution_options(populate_existing=True))
    kept, gone = offers.leave_out_gone(list(locked))
    offers.send_offers(kept, by=by)
    return Outcome(press.batch, [row.id for row in kept], [(row.title, row.why, row.why_params) for row in gone])


def _recall(rows: list[Proposal], press: Press, by: Actor) -> Outcome:
    unsent = [row for row in rows if row.state == "offered" and row.sent_at is None]
    sources.lock([row.demand_ref for row in unsent])
    plain = recall_plain(unsent, by=by, is_decision=False)
    for row in unsent:
        if row.id not in plain:
            offers.recall_hold(row, by=by)
    return Outcome(press.batch, [row.id for row in unsent])


VERBS: dict[str, Callable[[list[Proposal], Press, Actor], Outcome]] = {
    "approve": lambda rows, press, by: review.approve_many(rows, by=by, batch=press.batch),
    "dismiss": lambda rows, press, by: review.dismiss_many(rows, by=by, why=press.why, batch=press.batch),
    "pin": lambda rows, press, by: review.pin_many(rows, by=by, batch=press.batch),
    "forbid": lambda rows, press, by: review.forbid_many(rows, by=by, batch=press.batch),
    "undo": lambda rows, press, by: review.undo_proposals(rows, press.batch, by=by),
    "recall": _recall,
    "send": _send,
}
DECIDES = ("approve", "dismiss", "forbid")  # leave their batch on the proposals


def do(press: Press, *, by: Actor) -> Outcome:
    """All of it, now, in transactions of its own."""
    return _sum(press, _parts(press, lambda part: _within(lambda: part(by))))


def do_within(press: Press, *, by: Actor) -> Outcome:
    """All of it inside the caller's transaction."""
    return _sum(press, _parts(press, lambda part: part(by)))


def start(run: MatchRun, press: Press, *, by: Actor, back: str = "") -> Job:
    """Have a job do it; inside the caller's transaction. `back`: the desk as it was, where the page of the job leads to in the end."""
    args = {"verb": press.verb, "ids": press.ids, "batch": press.batch, "why": press.why, "run_id": run.id, "back": back}
    return jobs.enqueue(KIND, args, by=by, place_path=run.place_path)


@job(KIND)
def work(handle: JobHandle) -> dict:
    """Do a press part by part. Stopped or not, it ends as done with what came of it: {done, left, told, is_stopped}."""
    press = Press(*(handle.args[name] for name in ("verb", "ids", "batch", "why")))
    total, seen, is_stopped = Outcome(press.batch), 0, False

    def act(part: Callable[[Actor], Outcome]) -> Outcome:
        def within() -> Outcome:
            handle.hold()
            by = accounts.actor_for(handle.started_by_id) if handle.started_by_id is not None else SYSTEM
            if by is None:
                raise Forbidden()
            return part(by)

        return _within(within)

    for outcome in _parts(press, act):
        total = total.plus(outcome)
        seen = len(total.done) + len(total.left)
        handle.progress(seen / max(1, len(press.ids)), press.verb, done=len(total.done), left=len(total.left), all=len(press.ids))
        if handle.stopping.is_set():
            return {}  # this worker is being stopped: the next one goes on
        if handle.is_cancelled():
            is_stopped = seen < len(press.ids)
            break
    told = [[title, message, {name: str(value) for name, value in params.items()}] for title, message, params in total.left[:TOLD]]

    def end() -> None:
        with transaction():
            handle.finish(done=len(total.done), left=len(total.left), is_stopped=is_stopped, told=told)

    retrying(end)
    return {}


def _parts(press: Press, act: Callable[[Callable[[Actor], Outcome]], Outcome]) -> Iterator[Outcome]:
    """What came of each part, one after the other; `act` runs a part in a transaction and says who acts."""
    for ids in _slices(press.ids, PLAIN_AT_ONCE):
        rest = ids
        if press.verb == "approve":
            outcome = act(lambda by, ids=ids: _plain(ids, press, by))
            yield outcome
            rest = [number for number in ids if number not in set(outcome.done)]
        for few in _slices(rest, AT_ONCE * (2 if press.verb in ("undo", "recall") else 1)):
            yield act(lambda by, few=few: _few(few, press, by))


def _plain(ids: list[int], press: Press, by: Actor) -> Outcome:
    query = _rows(ids).options(defer(Proposal.reasons), defer(Proposal.runners_up), defer(Proposal.search))
    rows = [row for row in db.session.scalars(query) if row.state == "proposed"]
    plain = review.approve_plain(rows, by=by, batch=press.batch)
    return Outcome(press.batch, [row.id for row in rows if row.id in plain])


def _few(ids: list[int], press: Press, by: Actor) -> Outcome:
    rows = list(db.session.scalars(_rows(ids).options(joinedload(Proposal.supporter))))
    done = [row.id for row in rows if press.verb in DECIDES and row.batch == press.batch and row.state != "proposed"]  # by an earlier attempt
    outcome = VERBS[press.verb]([row for row in rows if row.id not in done], press, by)
    return Outcome(press.batch, [*done, *outcome.done], outcome.left)


def _rows(ids: list[int]) -> Any:
    return select(Proposal).where(Proposal.id.in_(ids)).order_by(Proposal.tier, Proposal.value.desc(), Proposal.id)


def _within(work: Callable[[], Outcome]) -> Outcome:
    def write() -> Outcome:
        with transaction():
            return work()

    return retrying(write)


def _sum(press: Press, outcomes: Iterator[Outcome]) -> Outcome:
    total = Outcome(press.batch)
    for outcome in outcomes:
        total = total.plus(outcome)
    return total


def _slices(ids: Sequence[int], most: int) -> Iterator[list[int]]:
    for start_at in range(0, len(ids), most):
        yield list(ids[start_at:start_at + most])
