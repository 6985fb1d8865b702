"""Seats: taking one, holding one for an offer, accepting, giving back, delivering.

The seat is taken by one conditional UPDATE; every other verb locks the wish's row first. `follow_claims` then moves the
wish itself: the last seat taken reserves it, all accepted starts it, all delivered delivers it, a seat given back opens it.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Forbidden, Refused
from wishapp.kernel.privacy import check_reason, private_part
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.transitions import advance
from wishapp.supporters import queries as supporters
from wishapp.supporters import service as capacity
from wishapp.supporters.models import Supporter
from wishapp.wishes.drafts import StoredPhoto, add_photo
from wishapp.wishes.models import Claim, Wish
from wishapp.wishes.news import spread
from wishapp.wishes.telling import helpers, posters, staff, tell

LIVING = ("held", "accepted", "delivered", "fulfilled")
MAX_PROOFS = 6
MOST_GIVEN_BACK = 3
PERSONS = ("member", "volunteer")


def lock(wish: Wish) -> None:
    """Read the wish again under its row's lock (on SQLite the writing transaction is the lock)."""
    db.session.flush()
    db.session.refresh(wish, ["state", "taken", "seats", "version"], with_for_update=True)


def living_claims(wish_id: int) -> list[Claim]:
    """Claims of the wish that are not released, oldest first."""
    return list(db.session.scalars(select(Claim).where(Claim.wish_id == wish_id, Claim.state.in_(LIVING)).order_by(Claim.id)))


def take_seat(wish: Wish) -> None:
    """Take one free seat, or say who was faster. The one statement that decides every race."""
    db.session.flush()
    taken = db.session.execute(
        update(Wish).where(Wish.id == wish.id, Wish.state == "open", Wish.taken < Wish.seats)
        .values(taken=Wish.taken + 1).execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:
        raise _too_late(wish)
    db.session.refresh(wish, ["state", "taken"])


def _too_late(wish: Wish) -> Refused:
    db.session.refresh(wish, ["state", "taken"])
    last = db.session.scalar(
        select(Supporter.name).join(Claim, Claim.supporter_id == Supporter.id)
        .where(Claim.wish_id == wish.id, Claim.state.in_(LIVING)).order_by(Claim.id.desc()).limit(1)
    )
    if last and wish.taken >= wish.seats:
        return Refused(N_("%(who)s was a moment faster and has taken this wish. Others nearby are still waiting."), who=last)
    return Refused(N_("This wish is not waiting for a helper just now. Others nearby are."))


def _new_claim(wish: Wish, supporter: Supporter, *, by: Actor, origin: str, until: datetime | None) -> Claim:
    take_seat(wish)
    earlier = list(db.session.scalars(select(Claim).where(Claim.wish_id == wish.id, Claim.supporter_id == supporter.id)))
    if any(claim.state in LIVING for claim in earlier):
        raise Refused(N_("%(who)s has this wish already."), who=supporter.name)
    token = capacity.take_capacity(supporter.id, kind=wish.kind, minutes=wish.minutes, day=clock.today())
    claim = Claim(wish_id=wish.id, supporter_id=supporter.id, turn=len(earlier), origin=origin, place_path=wish.place_path,
                  capacity_period=token, by_id=by.id, answer_by=until)
    db.session.add(claim)
    db.session.flush()
    audit.record("claim", claim.id, "claim" if origin == "direct" else "hold", by=by, to_state="held", place_path=wish.place_path,
                 data={"wish_id": wish.id, "supporter_id": supporter.id})
    return claim


def claim_wish(wish: Wish, supporter: Supporter, *, by: Actor) -> Claim:
    """A supporter takes an open wish straight from the wall: the claim is accepted at once.

    Refused when somebody was faster, the supporter's promise is used up, or it is the person's own wish; Forbidden when the
    actor does not answer for the supporter.
    """
    if not supporters.answers_for(by.id, supporter.id):
        raise Forbidden()
    if by.id == wish.beneficiary_id:
        raise Refused(N_("This is your own wish. Somebody else will be glad to take it."))
    if _given_back_lately(supporter.id) >= MOST_GIVEN_BACK:
        raise Refused(N_("Several wishes were given back lately. Please have a word with your community first."))
    claim = _new_claim(wish, supporter, by=by, origin="direct", until=None)
    advance(claim, "accept", by=by, wish_id=wish.id)
    claim.accepted_at = clock.now()
    follow_claims(wish, by=by)
    if wish.state != "open":
        spread("gone", wish)
    tell(wish, "wish", "claim", posters(wish), staff(wish), helpers([claim]), thing_id=claim.id, who=supporter.name)
    return claim


def _given_back_lately(supporter_id: int) -> int:
    """Wishes this supporter took from the wall and gave back within 30 days: taking shows names and addresses, so it is no game."""
    return db.session.scalar(select(func.count()).select_from(Claim).where(
        Claim.supporter_id == supporter_id, Claim.origin == "direct", Claim.state == "released",
        Claim.created_at >= clock.now() - timedelta(days=30))) or 0


def hold_seat(wish: Wish, supporter: Supporter, *, until: datetime, by: Actor) -> Claim:
    """Keep a seat for a supporter who is being asked, until `until`. Refused (saying who was faster) when none is left, and
    when it is a person's own wish."""
    if supporter.kind in PERSONS and supporters.answers_for(wish.beneficiary_id, supporter.id):
        raise Refused(N_("This is your own wish. Somebody else will be glad to take it."))
    claim = _new_claim(wish, supporter, by=by, origin="offer", until=until)
    follow_claims(wish, by=by)
    return claim


def accept_claim(claim: Claim, *, by: Actor) -> None:
    """The asked supporter says yes: the held seat is theirs, and the poster hears of it. Whoever asked tells the others."""
    lock(claim.wish)
    advance(claim, "accept", by=by, wish_id=claim.wish_id)
    claim.accepted_at = clock.now()
    follow_claims(claim.wish, by=by)
    tell(claim.wish, "claim", "accept", posters(claim.wish), thing_id=claim.id, who=claim.supporter.name)


def release_claim(claim: Claim, *, by: Actor, action: str, why: str = "") -> None:
    """Give a seat back; action decline | lapse | withdraw. The wish is open again and the supporter's promise restored."""
    wish = claim.wish
    lock(wish)
    advance(claim, action, by=by, note=why or None, wish_id=wish.id)
    claim.released_why = why[:200]
    db.session.execute(
        update(Wish).where(Wish.id == wish.id, Wish.taken > 0).values(taken=Wish.taken - 1).execution_options(synchronize_session=False)
    )
    db.session.refresh(wish, ["taken"])
    if claim.capacity_period:
        capacity.give_back_capacity(claim.supporter_id, claim.capacity_period, minutes=wish.minutes)
    follow_claims(wish, by=by)


def leave_claim(claim: Claim, *, by: Actor, why: str) -> None:
    """A supporter who took a wish cannot do it after all. Needs a reason; poster and staff are told."""
    if not supporters.answers_for(by.id, claim.supporter_id) and not by.may("wishes.review", claim.place_path):
        raise Forbidden()
    if not why.strip():
        raise BadInput(N_("Please say why, in a few words."))
    check_reason(why)
    if claim.state == "held":
        raise Refused(N_("This is still a question to you. Please answer it on the page of the request."))
    release_claim(claim, by=by, action="withdraw", why=why)
    tell(claim.wish, "claim", "withdraw", posters(claim.wish), staff(claim.wish), thing_id=claim.id, who=claim.supporter.name, why=why)
    spread("freed", claim.wish, f"claim:{claim.id}")


def deliver_wish(claim: Claim, *, by: Actor, words: str, photos: list[StoredPhoto]) -> None:
    """The supporter says it is done, in a few words and with up to 6 photos (at least one of the two)."""
    if not supporters.answers_for(by.id, claim.supporter_id) and not by.may("wishes.verify_on_site", claim.place_path):
        raise Forbidden()
    words = words.strip()
    if not words and not photos:
        raise BadInput(N_("Add a photo, or say in a few words how it went."))
    if len(photos) > MAX_PROOFS:
        raise BadInput(N_("Six photos are enough."))
    if message := private_part(words):
        raise BadInput(message)
    wish = claim.wish
    lock(wish)
    advance(claim, "deliver", by=by, wish_id=wish.id, photos=len(photos))
    claim.delivered_at, claim.delivery_words = clock.now(), words[:300]
    for photo in photos:
        add_photo(wish, photo, by=by, purpose="proof", claim_id=claim.id)
    follow_claims(wish, by=by)
    if wish.state == "delivered":
        tell(wish, "wish", "deliver", posters(wish), staff(wish))
    else:
        tell(wish, "claim", "deliver", staff(wish), thing_id=claim.id, who=claim.supporter.name)


def follow_claims(wish: Wish, *, by: Actor) -> None:
    """Move the wish to where its claims are (the caller holds its lock)."""
    states = [claim.state for claim in living_claims(wish.id)]
    if wish.state in ("reserved", "in_progress") and wish.taken < wish.seats:
        advance(wish, "reopen_seat", by=by)
    if wish.state == "open" and wish.taken >= wish.seats:
        advance(wish, "reserve", by=by)
    if wish.state == "reserved" and "held" not in states:
        advance(wish, "start", by=by)
    if wish.state == "in_progress" and states and set(states) == {"delivered"}:
        advance(wish, "deliver", by=by)
        wish.delivered_at = clock.now()
