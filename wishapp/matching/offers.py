"""Offers: an approved proposal put to a supporter, with a deadline; the answer; and whom to ask next."""

from datetime import datetime, timedelta

from wishapp.accounts import queries as accounts
from wishapp.kernel import clock
from wishapp.kernel.errors import Forbidden, Refused
from wishapp.kernel.permissions import UPPER_STAFF, Role
from wishapp.kernel.ports import Promise
from wishapp.kernel.privacy import check_reason
from wishapp.kernel.roles import SYSTEM, Actor
from wishapp.kernel.text import N_
from wishapp.matching import partners, sources
from wishapp.matching.crowd import invitations
from wishapp.matching.events import note_event, plan_after
from wishapp.matching.models import PairMark, Proposal
from wishapp.matching.waves import deadline, remind_at
from wishapp.notices import service as notices
from wishapp.store.db import db
from wishapp.store.search import index_text
from wishapp.store.transitions import advance
from wishapp.supporters import queries as supporters
from wishapp.supporters.models import Supporter, SupporterKind
from wishapp.volunteering import queries as volunteering

REMEMBERED = timedelta(days=30)
UNSENT_HOLD = timedelta(days=7)
RECALLED = "recalled"
TAKEN_OVER = N_("They signed up by themselves in the meantime.")
PERSONS = (SupporterKind.MEMBER, SupporterKind.VOLUNTEER)
GONE = N_("It has been settled or taken back in the meantime.")
AWAY = N_("They are taking a break just now.")


def hold_seat(proposal: Proposal, *, by: Actor) -> None:
    """Take the seat and the capacity for this pair, live. Refused (saying who was faster) when either is gone."""
    _check_week(proposal)
    until = proposal.answer_by or clock.now() + UNSENT_HOLD
    promise = sources.source_for(proposal.demand_ref).hold(proposal.demand_ref, proposal.supporter_id, until=until, by=by)
    proposal.promise_ref, proposal.seats = promise.ref, promise.seats


def _check_week(proposal: Proposal) -> None:
    """A person is asked only so many times within seven days, whoever asks."""
    if proposal.supporter.kind not in PERSONS:
        return
    asked = invitations([proposal.supporter_id], but=proposal.id).get(proposal.supporter_id, 0)
    if asked >= volunteering.rules_at(proposal.place_path).asked_a_week:
        raise Refused(N_("%(who)s has been asked %(number)s times within a week. Please give them some rest."), who=proposal.supporter.name, number=asked)


def recall_hold(proposal: Proposal, *, by: Actor) -> None:
    """Take an approval back: the seat is free again, the proposal back in review."""
    advance(proposal, "recall", by=by)
    _release(proposal, by=by, action="withdraw", reason=RECALLED)
    if proposal.sent_at is not None:
        tell(proposal, "recall", supporter=people(proposal))
    forget_hold(proposal)


def forget_hold(proposal: Proposal) -> None:
    """Nothing is held for this proposal any more, and it was never sent."""
    proposal.promise_ref, proposal.answer_by, proposal.sent_at, proposal.remind_at, proposal.batch = None, None, None, None, ""


def leave_out_gone(proposals: list[Proposal]) -> tuple[list[Proposal], list[Proposal]]:
    """Look again at approved proposals that are about to be sent: (those that stand, those taken back, `why` saying it).

    Gone is what was withdrawn meanwhile (its seat has been released) and whose supporter is away; the latter's demand is repaired.
    """
    kept, gone, today = [], [], clock.today()
    promises = _promises(proposals)
    for proposal in proposals:
        promise, supporter = promises.get(proposal.promise_ref), proposal.supporter
        if promise is None or promise.state != "held":
            settle(proposal, promise)
            gone.append(proposal)
        elif not supporter.is_active or (supporter.paused_until and supporter.paused_until >= today):
            withdraw_offer(proposal, by=SYSTEM, why=AWAY)
            note_event(plan_after(proposal.run), "withdrawn", ref=proposal.demand_ref, supporter_id=proposal.supporter_id)
            gone.append(proposal)
        else:
            kept.append(proposal)
    return kept, gone


def _promises(proposals: list[Proposal]) -> dict[str | None, Promise]:
    """The promises these proposals hold, one call per kind of demand."""
    by_prefix: dict[str, list[Proposal]] = {}
    for proposal in proposals:
        by_prefix.setdefault(proposal.demand_ref.partition(":")[0], []).append(proposal)
    found: dict[str | None, Promise] = {}
    for own in by_prefix.values():
        found.update(sources.source_for(own[0].demand_ref).promises([proposal.promise_ref for proposal in own if proposal.promise_ref]))
    return found


def send_offers(proposals: list[Proposal], *, by: Actor) -> int:
    """Put approved proposals to their supporters: deadline set, people told. Returns how many."""
    now, behind = clock.now(), supporters.people_of({proposal.supporter_id for proposal in proposals})
    for proposal in proposals:
        proposal.sent_at, proposal.answer_by, proposal.reminded_at = now, deadline(proposal.tier, now, proposal.starts_at), None
        proposal.remind_at = remind_at(now, proposal.answer_by, proposal.chance)
    for proposal in proposals:  # after all are written, which is then one statement
        tell(proposal, "approve", supporter=behind[proposal.supporter_id], until=proposal.answer_by)
    return len(proposals)


def accept_offer(proposal: Proposal, *, by: Actor) -> None:
    """Yes: the held seat is theirs. Refused after the deadline or when the offer is gone; Forbidden for anybody else's offer."""
    _check_answer(proposal, by)
    if proposal.answer_by is not None and proposal.answer_by <= clock.now():
        raise Refused(N_("The time to answer is over and somebody else is being asked. Thank you all the same."))
    if not proposal.supporter.is_active:
        raise Refused(N_("%(name)s is taking a break just now."), name=proposal.supporter.name)
    advance(proposal, "accept", by=by)
    sources.source_for(proposal.demand_ref).start(proposal.promise_ref, by=by)
    tell(proposal, "accept", staff=staff(proposal))


def decline_offer(proposal: Proposal, *, by: Actor, why: str, reason: str = "other") -> None:
    """No, this time: the seat is free, the pair remembered; a repair asks somebody else within a second (see repairs).

    `why` in a few words (BadInput when empty), for staff only; `reason` a word for the figures.
    """
    _check_answer(proposal, by)
    check_reason(why)
    advance(proposal, "decline", by=by, note=why, reason=reason)
    proposal.why, proposal.why_params = why[:300], {"reason": reason}
    _release(proposal, by=by, action="decline", reason=why)
    remember(proposal, "declined", by=by)
    tell(proposal, "decline", staff=staff(proposal), why=why)
    note_event(plan_after(proposal.run), "declined", ref=proposal.demand_ref, supporter_id=proposal.supporter_id)


def lapse_offer(proposal: Proposal) -> None:
    """No answer in time: as a no, but nobody's fault. Refused before the deadline."""
    if proposal.answer_by is None or proposal.answer_by > clock.now():
        raise Refused(N_("The time to answer is not over yet."))
    advance(proposal, "lapse", by=SYSTEM)
    _release(proposal, by=SYSTEM, action="lapse", reason="lapsed")
    remember(proposal, "lapsed", by=SYSTEM)
    tell(proposal, "lapse", supporter=people(proposal))  # staff hear it with whom is asked next: one message, not two
    note_event(plan_after(proposal.run), "lapsed", ref=proposal.demand_ref, supporter_id=proposal.supporter_id)


def settle(proposal: Proposal, promise: Promise | None) -> None:
    """Take back an offer whose seat is gone. Who signed up alone meanwhile has what they were asked for, and is not written to."""
    is_taken_over = promise is not None and promise.is_taken_over
    withdraw_offer(proposal, by=SYSTEM, why=TAKEN_OVER if is_taken_over else GONE, is_quiet=is_taken_over)


def withdraw_offer(proposal: Proposal, *, by: Actor, why: str, is_quiet: bool = False) -> None:
    """Staff (or the house, when the demand is gone) take an offer back, with a reason the supporter is told.

    Refused once the supporter has done it, or has given it back: then there is nothing to take.
    """
    if not by.is_system and not by.may("matching.review", proposal.place_path):
        raise Forbidden()
    if proposal.state == "accepted" and _promise_state(proposal) != "accepted":
        raise Refused(N_("This can no longer be done: it has moved on in the meantime."))
    check_reason(why)
    is_sent = proposal.sent_at is not None
    advance(proposal, "withdraw", by=by, note=why)
    proposal.why = why[:300]
    _release(proposal, by=by, action="withdraw", reason=why)
    if is_sent and not is_quiet:
        tell(proposal, "withdraw", supporter=people(proposal), why=why)
    if not by.is_system:
        note_event(plan_after(proposal.run), "withdrawn", ref=proposal.demand_ref, supporter_id=proposal.supporter_id)


def ask(proposal: Proposal, *, after: Proposal) -> None:
    """Put a proposal in review to its supporter at once, in place of `after`, whose no staff had provided for by agreeing to it.

    Refused when seat or capacity are gone; the caller keeps a savepoint.
    """
    now = clock.now()
    proposal.decided_by_id, proposal.decided_at, proposal.answer_by = after.decided_by_id, now, deadline(proposal.tier, now, proposal.starts_at)
    advance(proposal, "ask_next", by=SYSTEM, after=after.id)
    hold_seat(proposal, by=SYSTEM)
    proposal.sent_at, proposal.reminded_at, proposal.remind_at = now, None, remind_at(now, proposal.answer_by, proposal.chance)
    tell(proposal, "ask_next", supporter=people(proposal), staff=staff(after), until=proposal.answer_by)


def follow(proposal: Proposal, supporter: Supporter, entry: list, rest: list, *, origin: str) -> Proposal:
    """An unsaved proposal of the same demand for somebody else. `entry`: a runner-up as plan.Line has them."""
    return Proposal(
        run_id=proposal.run_id, demand_ref=proposal.demand_ref, supporter_id=supporter.id, place_path=proposal.place_path,
        starts_at=proposal.starts_at, ends_at=proposal.ends_at, tier=proposal.tier, value=proposal.value - entry[1], distance=entry[2], runners_up=rest,
        chance=entry[5] if len(entry) > 5 else None,
        **partners.fit(proposal, supporter.id, entry[2]), change="changed", was=proposal.supporter.name, origin=origin, title=proposal.title,
        kind=proposal.kind, decided_by_id=proposal.decided_by_id, search=index_text(proposal.title, supporter.name)[:400],
    )


def remember(proposal: Proposal, kind: str, *, by: Actor) -> None:
    """Keep in mind that this pair was declined or lapsed, for 30 days."""
    now = clock.now()
    db.session.merge(PairMark(
        demand_ref=proposal.demand_ref, supporter_id=proposal.supporter_id, kind=kind, place_path=proposal.place_path,
        why=proposal.why[:200], by_id=by.id, until=now + REMEMBERED, at=now))


def people(proposal: Proposal) -> list[int]:
    """Who answers for the supporter."""
    return supporters.people_of([proposal.supporter_id])[proposal.supporter_id]


def staff(proposal: Proposal) -> list[int]:
    """Whoever approved it; else the community's staff, else those above."""
    if proposal.decided_by_id is not None:
        return [proposal.decided_by_id]
    return accounts.holders({Role.COMMUNITY_STAFF}, proposal.place_path) or accounts.holders(set(UPPER_STAFF), proposal.place_path)


def tell(proposal: Proposal, action: str, *, until: datetime | None = None, why: str = "", **audiences: list[int]) -> None:
    """Announce a step of a proposal: supporters are led to their offer, staff to the proposal."""
    params = {"title": titled(proposal), "who": proposal.supporter.name, "was": proposal.was, "until": until, "why": why}
    for audience, user_ids in audiences.items():
        endpoint = "matching.offer" if audience == "supporter" else "matching.proposal"
        notices.announce("proposal", action, thing_id=proposal.id, people={audience: user_ids}, params=params,
                         endpoint=endpoint, values={"proposal_id": proposal.id})


def titled(proposal: Proposal) -> str:
    """What it is about, with its time where it has one: a person may be asked for the same thing on two days."""
    if proposal.starts_at is None:
        return proposal.title
    return f"{proposal.title} {proposal.starts_at.astimezone(clock.LOCAL):%m-%d %H:%M}"


def _check_answer(proposal: Proposal, by: Actor) -> None:
    if not supporters.answers_for(by.id, proposal.supporter_id) and not by.may("matching.review", proposal.place_path):
        raise Forbidden()
    if proposal.sent_at is None and proposal.state == "offered":
        raise Refused(N_("This has not been sent out yet."))


def _promise_state(proposal: Proposal) -> str:
    """The claim's own word, read anew; empty when there is none."""
    promise = sources.source_for(proposal.demand_ref).promises([proposal.promise_ref]).get(proposal.promise_ref) if proposal.promise_ref else None
    return promise.state if promise is not None else ""


def _release(proposal: Proposal, *, by: Actor, action: str, reason: str) -> None:
    """Give the seat back, unless the demand's own side already did."""
    source = sources.source_for(proposal.demand_ref)
    promise = source.promises([proposal.promise_ref]).get(proposal.promise_ref) if proposal.promise_ref else None
    if promise is not None and promise.state in ("held", "accepted"):
        source.release(promise.ref, by=by, reason=reason, action=action)
