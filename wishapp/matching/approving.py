"""Approving many at once, and taking it back: the plain ones in a few statements for all of them, so that a district's plan is reviewed in
one press.

Plain is what nothing speaks against and nobody contends for: all that is approved together finds its seats, times and room, in whatever
order. Everything else goes through review.approve_proposal(), which alone refuses and says why. So both lead to the same. An approval is
plainly taken back when nobody has been told of it and nobody waits in a queue for its seat.
"""

from collections import Counter
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from wishapp.kernel import clock
from wishapp.kernel.errors import WishappError
from wishapp.kernel.ports import Asking, Promise
from wishapp.kernel.roles import Actor
from wishapp.matching import offers, sources
from wishapp.matching.crowd import invitations
from wishapp.matching.models import MatchRun, Proposal
from wishapp.matching.waves import deadline
from wishapp.store.db import db
from wishapp.store.transitions import advance_many
from wishapp.supporters.models import Supporter
from wishapp.volunteering import queries as volunteering
from wishapp.workflows.run import CURRENT


def approve_plain(proposals: list[Proposal], *, by: Actor, batch: str) -> set[int]:
    """Approve the plain ones among these (of one plan); their ids. The others are as they were. Locks the plan, its demands, its proposals."""
    if not proposals:
        return set()
    lock_plan(proposals[0].run)  # outside the savepoint, so that it is kept for what follows one by one
    return _at_once(lambda: _approve(proposals, by, batch))


def lock_plan(run: MatchRun) -> None:
    """Neither replaced, put aside nor sent out before we commit; read as it is under that lock."""
    db.session.flush()
    db.session.refresh(run, ["state"], with_for_update={"read": True})


def recall_plain(proposals: list[Proposal], *, by: Actor, is_decision: bool) -> set[int]:
    """Take the plain approvals among these back, as offers.recall_hold() would; their ids. `is_decision`: somebody of the staff takes
    them back, and is noted. The caller has locked demands and proposals and read them under these locks."""
    return _at_once(lambda: _recall(proposals, by, is_decision))


def _at_once(work: Callable[[], set[int]]) -> set[int]:
    """Do it whole or leave everything as it was: when something moved in between, one by one it is found out what."""
    try:
        with db.session.begin_nested():
            return work()
    except (WishappError, IntegrityError):
        db.session.expire_all()
        return set()


def _approve(proposals: list[Proposal], by: Actor, batch: str) -> set[int]:
    run = proposals[0].run
    if run.state not in CURRENT:
        return set()
    now, is_sent = clock.now(), run.state == "in_use"
    sources.lock([proposal.demand_ref for proposal in proposals])
    living = set(db.session.scalars(
        select(Proposal.id).where(Proposal.id.in_([proposal.id for proposal in proposals]), Proposal.run_id == run.id, Proposal.state == "proposed")
        .order_by(Proposal.id).with_for_update()))
    rested, mixed = _may_be_asked(proposals), _of_several_kinds(proposals)
    chosen = {proposal.id for proposal in proposals if proposal.id in living and proposal.supporter_id in rested
              and proposal.supporter_id not in mixed and by.may("matching.review", proposal.place_path)}
    asks = {proposal.id: Asking(proposal.demand_ref, proposal.supporter_id,
                                deadline(proposal.tier, now, proposal.starts_at) if is_sent else now + offers.UNSENT_HOLD) for proposal in proposals}
    promises = _hold({number: ask for number, ask in asks.items() if number in chosen}, [ask for number, ask in asks.items() if number not in chosen], by)
    held = [proposal for proposal in proposals if proposal.id in promises]
    advance_many(held, "approve", by=by, data=[{"supporter_id": proposal.supporter_id} for proposal in held])
    for proposal in held:
        promise = promises[proposal.id]
        proposal.decided_by_id, proposal.decided_at, proposal.batch = by.id, now, batch
        proposal.promise_ref, proposal.seats = promise.ref, promise.seats
    if is_sent:
        offers.send_offers(held, by=by)
    return {proposal.id for proposal in held}


def _may_be_asked(proposals: list[Proposal]) -> set[int]:
    """Supporters whom all of these together do not ask too often within the week; see offers.hold_seat()."""
    wanted = Counter(proposal.supporter_id for proposal in proposals)
    asked, rules = invitations(list(wanted)), volunteering.rules_of({proposal.place_path for proposal in proposals})
    persons = set(db.session.scalars(select(Supporter.id).where(Supporter.id.in_(wanted), Supporter.kind.in_(offers.PERSONS))))
    most: dict[int, int] = {}
    for proposal in proposals:
        if proposal.supporter_id in persons:
            here = rules[proposal.place_path].asked_a_week
            most[proposal.supporter_id] = min(most.get(proposal.supporter_id, here), here)
    return {supporter_id for supporter_id, count in wanted.items()
            if supporter_id not in most or asked.get(supporter_id, 0) + count <= most[supporter_id]}


def _of_several_kinds(proposals: list[Proposal]) -> set[int]:
    """Supporters asked for demands of different kinds: each source sees only its own, and their room is one."""
    kinds: dict[int, set[str]] = {}
    for proposal in proposals:
        kinds.setdefault(proposal.supporter_id, set()).add(proposal.demand_ref.partition(":")[0])
    return {supporter_id for supporter_id, found in kinds.items() if len(found) > 1}


def _hold(asks: dict[int, Asking], others: list[Asking], by: Actor) -> dict[int, Promise]:
    """{proposal: the promise now kept for it}, of the plain ones among `asks`."""
    found: dict[int, Promise] = {}
    for prefix in sorted({ask.ref.partition(":")[0] for ask in asks.values()}):
        own = {number: ask for number, ask in asks.items() if ask.ref.startswith(f"{prefix}:")}
        beside = [ask for ask in others if ask.ref.startswith(f"{prefix}:")]
        made = sources.SOURCES[prefix].hold_plain(list(own.values()), beside, by=by) if prefix in sources.SOURCES else [None] * len(own)
        found.update({number: promise for number, promise in zip(own, made, strict=True) if promise is not None})
    return found


def _recall(proposals: list[Proposal], by: Actor, is_decision: bool) -> set[int]:
    unsent = {proposal.promise_ref: proposal for proposal in proposals
              if proposal.state == "offered" and proposal.sent_at is None and proposal.promise_ref
              and (not is_decision or by.may("matching.review", proposal.place_path) and proposal.run.state in CURRENT)}
    released = set()
    for prefix in sorted({proposal.demand_ref.partition(":")[0] for proposal in unsent.values()} & sources.SOURCES.keys()):
        own = [ref for ref, proposal in unsent.items() if proposal.demand_ref.startswith(f"{prefix}:")]
        released |= sources.SOURCES[prefix].release_plain(own, by=by, reason=offers.RECALLED)
    gone = [unsent[ref] for ref in unsent if ref in released]
    advance_many(gone, "recall", by=by)
    for proposal in gone:
        if is_decision:
            proposal.decided_by_id, proposal.decided_at = by.id, clock.now()
        offers.forget_hold(proposal)
    return {proposal.id for proposal in gone}
