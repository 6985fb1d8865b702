"""What happens by the clock: reminders, lapses, offers whose demand is gone. Each proposal in a transaction of its own."""

from sqlalchemy import select

from wishapp.jobs.service import JobHandle, every, job
from wishapp.kernel import clock
from wishapp.kernel.errors import WishappError
from wishapp.kernel.ports import Promise
from wishapp.kernel.roles import SYSTEM
from wishapp.matching import offers, sources, waves
from wishapp.matching.models import Proposal
from wishapp.store.db import db
from wishapp.store.transaction import retrying, transaction


@job("lapse_offers")
def work(handle: JobHandle) -> dict:
    """Periodic: see the four below."""
    return {"withdrawn": withdraw_gone(), "lapsed": lapse_offers(), "reminded": remind_offers(), "recalled": recall_unsent()}


every("lapse_offers", 5)


def lapse_offers() -> int:
    """End every offer whose deadline has passed, and ask the next in line; returns how many ended."""
    due = select(Proposal.id).where(Proposal.state == "offered", Proposal.sent_at.is_not(None), Proposal.answer_by <= clock.now())
    return _each(due, offers.lapse_offer)


def remind_offers() -> int:
    """Remind once, at the moment planned when the offer was sent (see waves.remind_at); a worker that comes late waits for the day."""
    now = clock.now()
    if not waves.is_day(now):
        return 0
    due = select(Proposal.id).where(
        Proposal.state == "offered", Proposal.answer_by > now, Proposal.remind_at <= now, Proposal.reminded_at.is_(None))
    return _each(due, remind_offer)


def recall_unsent() -> int:
    """Put approvals that nobody sent out within a week back into review, so that their seats do not wait for ever; returns how many."""
    due = select(Proposal.id).where(
        Proposal.state == "offered", Proposal.sent_at.is_(None), Proposal.decided_at <= clock.now() - offers.UNSENT_HOLD)
    return _each(due, lambda proposal: offers.recall_hold(proposal, by=SYSTEM))


def remind_offer(proposal: Proposal) -> None:
    """Say again, kindly, that an answer is awaited."""
    proposal.reminded_at = clock.now()
    offers.tell(proposal, "remind", supporter=offers.people(proposal), until=proposal.answer_by)


def withdraw_gone() -> int:
    """Take back offers whose seat the demand's own side has released meanwhile (a wish withdrawn by its poster)."""
    rows = db.session.execute(select(Proposal.id, Proposal.demand_ref, Proposal.promise_ref).where(
        Proposal.state == "offered", Proposal.promise_ref.is_not(None))).all()
    by_prefix: dict[str, list] = {}
    for row in rows:
        by_prefix.setdefault(row.demand_ref.partition(":")[0], []).append(row)
    gone: list[int] = []
    found: dict[str, Promise] = {}
    for own in by_prefix.values():
        promises = sources.source_for(own[0].demand_ref).promises([row.promise_ref for row in own])
        found.update(promises)
        gone += [row.id for row in own if row.promise_ref not in promises or promises[row.promise_ref].state == "released"]
    return _each(gone, lambda proposal: offers.settle(proposal, found.get(proposal.promise_ref)))


def _each(wanted: object, verb: object) -> int:
    """Do `verb` to each proposal on its own; one that moved meanwhile is left to whoever moved it."""
    ids = list(wanted) if isinstance(wanted, list) else list(db.session.scalars(wanted))
    db.session.rollback()
    return sum(retrying(lambda proposal_id=proposal_id: _one(proposal_id, verb)) for proposal_id in ids)


def _one(proposal_id: int, verb: object) -> int:
    try:
        with transaction():
            verb(db.session.get(Proposal, proposal_id, with_for_update=True))
    except WishappError:
        return 0
    return 1
