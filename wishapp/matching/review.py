"""Staff's review of proposals: approve, dismiss, swap, pin, forbid; one or many at once; all of it undone within minutes.

The verbs for one proposal raise what stands against them. The bulk verbs do what they can, each proposal behind a savepoint
of its own, and tell how many were done and which were not and why.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, exists, select

from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Forbidden, Refused, WishappError
from wishapp.kernel.privacy import check_reason
from wishapp.kernel.roles import SYSTEM, Actor
from wishapp.kernel.text import N_
from wishapp.matching import offers, sources
from wishapp.matching.approving import approve_plain, lock_plan, recall_plain
from wishapp.matching.models import PairMark, Proposal
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.search import index_text
from wishapp.store.transitions import advance
from wishapp.supporters import queries as supporters
from wishapp.supporters.models import Supporter
from wishapp.workflows.run import CURRENT

UNDO_WITHIN = timedelta(minutes=10)


@dataclass
class Outcome:
    """What a bulk act came to: ids `done`; `left` [(title, message, params)] for those it could not be done to; `batch` names the act."""

    batch: str
    done: list[int] = field(default_factory=list)
    left: list[tuple[str, str, dict]] = field(default_factory=list)

    def plus(self, more: "Outcome") -> "Outcome":
        """Both together, under the name of the first."""
        return Outcome(self.batch, self.done + more.done, self.left + more.left)


def new_batch() -> str:
    """A name for one press of a button."""
    return uuid.uuid4().hex


def _decide(proposal: Proposal, by: Actor, batch: str) -> None:
    if not by.may("matching.review", proposal.place_path):
        raise Forbidden()
    lock_plan(proposal.run)
    if proposal.run.state not in CURRENT:
        raise Refused(N_("This plan has been replaced. The newer one is on the desk."))
    proposal.decided_by_id, proposal.decided_at, proposal.batch = by.id, clock.now(), batch or new_batch()


def approve_proposal(proposal: Proposal, *, by: Actor, batch: str = "") -> bool:
    """Approve: seat and capacity are held at once, re-checked live. In a plan already in use the offer goes out at once.

    False when somebody was faster: the proposal is then stale and `why` says who. Refused, Forbidden as `advance`.
    """
    _decide(proposal, by, batch)
    try:
        with db.session.begin_nested():
            advance(proposal, "approve", by=by, supporter_id=proposal.supporter_id)
            if proposal.run.state == "in_use":
                proposal.answer_by = offers.deadline(proposal.tier, clock.now(), proposal.starts_at)
            offers.hold_seat(proposal, by=by)
    except Refused as refusal:
        db.session.expire_all()  # what was read inside may be of rows that are gone, and their ids go to others
        if proposal.state != "proposed":
            raise
        advance(proposal, "outdate", by=SYSTEM)
        proposal.why, proposal.why_params = refusal.message[:300], {key: str(value) for key, value in refusal.params.items()}
        return False
    if proposal.run.state == "in_use":
        offers.send_offers([proposal], by=by)
    return True


def dismiss_proposal(proposal: Proposal, *, by: Actor, why: str, batch: str = "") -> None:
    """Turn a proposal down, with a reason (BadInput when empty). The demand waits for the next round or another pick."""
    check_reason(why)
    _decide(proposal, by, batch)
    advance(proposal, "dismiss", by=by, note=why, supporter_id=proposal.supporter_id)
    proposal.why = why[:300]


def restore_proposal(proposal: Proposal, *, by: Actor) -> None:
    """Bring a dismissed proposal back into review."""
    _decide(proposal, by, "")
    advance(proposal, "restore", by=by)
    proposal.why, proposal.batch = "", ""


def recall_proposal(proposal: Proposal, *, by: Actor) -> None:
    """Take an approval back: always before it was sent out, within ten minutes after. Later: withdraw, with a reason."""
    if proposal.sent_at is not None and clock.now() - proposal.sent_at > UNDO_WITHIN:
        raise Refused(N_("This went out more than ten minutes ago. Withdraw it with a reason instead."))
    _decide(proposal, by, "")
    offers.recall_hold(proposal, by=by)


def swap_proposal(proposal: Proposal, supporter: Supporter, *, by: Actor, batch: str = "") -> Proposal:
    """Put somebody else in: only one of the runners-up. Returns the new proposal, still to be approved."""
    entry = next((entry for entry in proposal.runners_up if entry[0] == supporter.id), None)
    if entry is None:
        raise Refused(N_("%(name)s does not fit here."), name=supporter.name)
    batch = batch or new_batch()
    _decide(proposal, by, batch)
    advance(proposal, "swap", by=by, supporter_id=supporter.id)
    earlier = db.session.scalar(select(Proposal).where(
        Proposal.run_id == proposal.run_id, Proposal.demand_ref == proposal.demand_ref, Proposal.supporter_id == supporter.id))
    if earlier is not None:
        if earlier.state != "dismissed":
            raise Refused(N_("%(name)s is proposed for this already."), name=supporter.name)
        advance(earlier, "restore", by=by)
        earlier.decided_by_id, earlier.decided_at, earlier.batch = by.id, clock.now(), batch
        return earlier
    back = [proposal.supporter_id, -entry[1], proposal.distance, 1, proposal.supporter.name]
    if proposal.chance is not None:
        back.append(proposal.chance)
    rest = [[other[0], other[1] - entry[1], *other[2:]] for other in proposal.runners_up if other[0] != supporter.id]
    following = offers.follow(proposal, supporter, entry, [back, *rest], origin="swap")
    following.decided_by_id, following.decided_at, following.batch = by.id, clock.now(), batch
    following.search = index_text(proposal.title, supporter.name)[:400]
    db.session.add(following)
    db.session.flush()
    audit.record("proposal", following.id, "propose", by=by, to_state="proposed", place_path=following.place_path,
                 data={"instead_of": proposal.id})
    return following


def pin_pair(proposal: Proposal, *, by: Actor, batch: str = "") -> None:
    """Keep this pair in every later plan, as long as it is possible."""
    _mark(proposal, "pin", by, batch, instead_of="forbid")


def forbid_pair(proposal: Proposal, *, by: Actor, why: str = "", batch: str = "") -> None:
    """Never propose this pair again; one still in review is dismissed with it."""
    check_reason(why)
    if proposal.state == "proposed":
        dismiss_proposal(proposal, by=by, why=why or "forbid", batch=batch)
    _mark(proposal, "forbid", by, batch, why=why, instead_of="pin")


def unpin_pair(proposal: Proposal, *, by: Actor) -> None:
    """Take pins and forbids of this pair away."""
    if not by.may("matching.review", proposal.place_path):
        raise Forbidden()
    db.session.execute(delete(PairMark).where(
        PairMark.demand_ref == proposal.demand_ref, PairMark.supporter_id == proposal.supporter_id, PairMark.kind.in_(("pin", "forbid"))))
    audit.record("pair", proposal.id, "unpin", by=by, place_path=proposal.place_path, data=_pair(proposal))


def _mark(proposal: Proposal, kind: str, by: Actor, batch: str, *, why: str = "", instead_of: str) -> None:
    if not by.may("matching.review", proposal.place_path):
        raise Forbidden()
    db.session.execute(delete(PairMark).where(
        PairMark.demand_ref == proposal.demand_ref, PairMark.supporter_id == proposal.supporter_id, PairMark.kind == instead_of))
    db.session.merge(PairMark(demand_ref=proposal.demand_ref, supporter_id=proposal.supporter_id, kind=kind, place_path=proposal.place_path,
                              why=why[:200], by_id=by.id, batch=batch, until=None, at=clock.now()))
    audit.record("pair", proposal.id, kind, by=by, place_path=proposal.place_path, data=_pair(proposal))


def _pair(proposal: Proposal) -> dict:
    return {"demand": proposal.demand_ref, "supporter_id": proposal.supporter_id}


def _each(proposals: list[Proposal], verb: Callable[[Proposal, str], bool | None], batch: str) -> Outcome:
    outcome = Outcome(batch or new_batch())
    for proposal in proposals:
        title = proposal.title
        try:
            with db.session.begin_nested():
                is_done = verb(proposal, outcome.batch)
        except WishappError as refusal:
            db.session.expire_all()
            outcome.left.append((title, refusal.message, refusal.params))
            continue
        if is_done is False:
            outcome.left.append((title, proposal.why, proposal.why_params))
        else:
            outcome.done.append(proposal.id)
    return outcome


def approve_many(proposals: list[Proposal], *, by: Actor, batch: str = "") -> Outcome:
    """Approve each; those somebody else was faster with become stale, the others go on."""
    batch = batch or new_batch()
    plain = approve_plain(proposals, by=by, batch=batch)
    rest = [proposal for proposal in proposals if proposal.id not in plain]
    sources.lock([proposal.demand_ref for proposal in rest])
    outcome = _each(rest, lambda proposal, batch: approve_proposal(proposal, by=by, batch=batch), batch)
    outcome.done = [proposal.id for proposal in proposals if proposal.id in plain | set(outcome.done)]
    return outcome


def dismiss_many(proposals: list[Proposal], *, by: Actor, why: str, batch: str = "") -> Outcome:
    """Turn each down for one reason."""
    if not why.strip():
        raise BadInput(N_("Please say why, in a few words."))
    check_reason(why)
    return _each(proposals, lambda proposal, batch: dismiss_proposal(proposal, by=by, why=why, batch=batch), batch)


def pin_many(proposals: list[Proposal], *, by: Actor, batch: str = "") -> Outcome:
    """Pin each pair."""
    return _each(proposals, lambda proposal, batch: pin_pair(proposal, by=by, batch=batch), batch)


def forbid_many(proposals: list[Proposal], *, by: Actor, why: str = "", batch: str = "") -> Outcome:
    """Forbid each pair."""
    return _each(proposals, lambda proposal, batch: forbid_pair(proposal, by=by, why=why, batch=batch), batch)


def undo_batch(batch: str, *, by: Actor) -> Outcome:
    """Take back one press of a button, by the same person, within ten minutes: approvals, dismissals, swaps, pins, forbids."""
    ids = undoable(batch, by=by)
    proposals = list(db.session.scalars(select(Proposal).where(Proposal.id.in_(ids)).order_by(Proposal.id)))
    return undo_marks(batch, by=by).plus(undo_proposals(proposals, batch, by=by))


def undoable(batch: str, *, by: Actor) -> list[int]:
    """Ids of the proposals that this person may still take back of a press. Refused when there are neither these nor marks."""
    since = clock.now() - UNDO_WITHIN
    ids = list(db.session.scalars(select(Proposal.id).where(
        Proposal.batch == batch, Proposal.decided_by_id == by.id, Proposal.decided_at >= since).order_by(Proposal.id)))
    if not batch or not (ids or db.session.scalar(select(exists().where(*_own_marks(batch, by))))):
        raise Refused(N_("There is nothing left to take back."))
    return ids


def _own_marks(batch: str, by: Actor) -> tuple[ColumnElement[bool], ...]:
    return PairMark.batch == batch, PairMark.by_id == by.id, PairMark.at >= clock.now() - UNDO_WITHIN


def undo_marks(batch: str, *, by: Actor) -> Outcome:
    """Take pins and forbids away that one press has set; two statements."""
    marks = list(db.session.scalars(select(PairMark).where(*_own_marks(batch, by))))
    audit.record_many("pair", "unpin", [
        {"thing_id": mark.supporter_id, "place_path": mark.place_path, "data": {"demand": mark.demand_ref}} for mark in marks], by=by)
    db.session.execute(delete(PairMark).where(*_own_marks(batch, by)))
    return Outcome("", [mark.supporter_id for mark in marks])


def undo_proposals(proposals: list[Proposal], batch: str, *, by: Actor) -> Outcome:
    """Take back what the press `batch` decided about these; what has been decided anew since stays."""
    sources.lock([proposal.demand_ref for proposal in proposals if proposal.state == "offered"])
    rows = db.session.scalars(
        select(Proposal).where(Proposal.id.in_([proposal.id for proposal in proposals]), Proposal.batch == batch, Proposal.decided_by_id == by.id)
        .order_by(Proposal.id).with_for_update(of=Proposal).execution_options(populate_existing=True))
    still = list(rows)  # as they are under their locks: one that was sent a moment ago is told
    plain = recall_plain([proposal for proposal in still if proposal.state == "offered"], by=by, is_decision=True)
    outcome = _each([proposal for proposal in still if proposal.id not in plain], lambda proposal, _batch: _undo(proposal, by), "")
    return Outcome("", [proposal.id for proposal in still if proposal.id in plain | set(outcome.done)], outcome.left)


def recall_unsent(proposals: list[Proposal], *, by: Actor) -> Outcome:
    """Give the seats of approvals back that were not sent (their demands locked): the plan is put aside."""
    plain = recall_plain(proposals, by=by, is_decision=False)
    outcome = _each([proposal for proposal in proposals if proposal.id not in plain], lambda proposal, _batch: offers.recall_hold(proposal, by=by), "")
    return Outcome("", [proposal.id for proposal in proposals if proposal.id in plain | set(outcome.done)], outcome.left)


def _undo(proposal: Proposal, by: Actor) -> None:
    if proposal.state == "offered":
        recall_proposal(proposal, by=by)
    elif proposal.state == "dismissed":
        restore_proposal(proposal, by=by)
    elif proposal.state == "proposed":  # put in by a swap: only a swap leaves its batch on a proposal still in review
        dismiss_proposal(proposal, by=by, why="swap_undone")
        proposal.batch = ""
    else:
        raise Refused(N_("This can no longer be done: it has moved on in the meantime."))


def supporter_of(supporter_id: int) -> Supporter:
    """The supporter named in a swap; BadInput when there is none."""
    found = supporters.supporter(supporter_id)
    if found is None:
        raise BadInput(N_("Choose one of the people on the list."))
    return found
