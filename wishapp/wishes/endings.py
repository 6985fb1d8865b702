"""How a wish ends: confirmed with points, disputed, thanked, closed; and what happens when nobody says anything."""

from collections.abc import Callable
from datetime import timedelta

import structlog
from sqlalchemy import select

from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Forbidden, Refused, WishappError
from wishapp.kernel.privacy import check_reason, private_part
from wishapp.kernel.roles import SYSTEM, Actor
from wishapp.kernel.text import N_
from wishapp.points import service as points
from wishapp.points.models import PointsTransfer
from wishapp.store.db import db
from wishapp.store.transitions import advance
from wishapp.supporters import queries as supporters
from wishapp.wishes.claims import living_claims, lock
from wishapp.wishes.models import Claim, Wish
from wishapp.wishes.news import spread
from wishapp.wishes.telling import helpers, posters, staff, tell

log = structlog.get_logger()
AUTO_CONFIRM_DAYS = 7
REMIND_DAYS = 3
WORK_DAYS = 5
DISPUTE_DAYS = 14
CLOSE_DAYS = 30
EXPIRE_DAYS = 90


def _check_judge(wish: Wish, by: Actor) -> None:
    """Poster, beneficiary, or a grid worker or staff of the place may judge; nobody judges their own help."""
    if by.is_system:
        return
    if by.id not in (wish.posted_by_id, wish.beneficiary_id) and not by.may("wishes.verify_on_site", wish.place_path):
        raise Forbidden()
    if any(supporters.answers_for(by.id, claim.supporter_id) for claim in living_claims(wish.id)):
        raise Refused(N_("You helped with this one yourself. Somebody else has to say that it is done."))


def _check_words(words: str) -> str:
    if message := private_part(words):
        raise BadInput(message)
    return words.strip()[:300]


def confirm_wish(wish: Wish, *, by: Actor, rating: int | None, words: str = "", is_public: bool = False) -> None:
    """It has come true: stars 1 to 5 (None when nobody said anything), a few words; points for every helper at once."""
    if rating is not None and not 1 <= rating <= 5:
        raise BadInput(N_("Please give one to five stars."))
    lock(wish)
    _check_judge(wish, by)
    words = _check_words(words)
    advance(wish, "confirm", by=by, rating=rating)
    wish.fulfilled_at, wish.rating, wish.review_words, wish.is_review_public = clock.now(), rating, words, is_public
    for claim in living_claims(wish.id):
        advance(claim, "confirm", by=by, wish_id=wish.id)
        amount = _credit(wish, claim, by)
        tell(wish, "claim", "confirm", helpers([claim]), thing_id=claim.id, points=amount)
    tell(wish, "wish", "auto_confirm" if by.is_system else "confirm", posters(wish))


def _credit(wish: Wish, claim: Claim, by: Actor) -> int:
    """Credit the supporter for this round of the claim; returns tenths of a point."""
    source = f"claim:{claim.id}" if claim.round == 1 else f"claim:{claim.id}:{claim.round}"
    transfer = points.credit_wish(f"supporter:{claim.supporter_id}", owner_kind=claim.supporter.kind, kind=wish.kind, minutes=wish.minutes,
                                  source=source, by=by, title=wish.title, place_path=wish.place_path)
    claim.transfer_id = transfer.id if transfer else None
    return transfer.amount if transfer else 0


def dispute_wish(wish: Wish, *, by: Actor, why: str) -> None:
    """Not really done: back to work, within 14 days of the confirmation. Points already credited are taken back."""
    check_reason(why)
    lock(wish)
    _check_judge(wish, by)
    if wish.state == "fulfilled" and wish.fulfilled_at < clock.now() - timedelta(days=DISPUTE_DAYS):
        raise Refused(N_("That was more than two weeks ago. Please make a new wish, or call your community."))
    advance(wish, "dispute", by=by, note=why)
    claims = living_claims(wish.id)
    for claim in claims:
        advance(claim, "dispute", by=by, note=why, wish_id=wish.id)
        if claim.transfer_id and not _is_reversed(claim.transfer_id):
            points.reverse(db.session.get(PointsTransfer, claim.transfer_id), by=by, note=why)
        claim.transfer_id = None
        claim.round += 1
    wish.delivered_at = wish.fulfilled_at = wish.rating = None
    wish.review_words, wish.is_review_public = "", False
    tell(wish, "wish", "dispute", helpers(claims), staff(wish), posters(wish), why=why)


def _is_reversed(transfer_id: int) -> bool:
    """Have staff taken these points back already."""
    return db.session.scalar(select(PointsTransfer.id).where(PointsTransfer.reverses_id == transfer_id)) is not None


def thank_wish(wish: Wish, *, by: Actor, words: str, is_public: bool = False) -> None:
    """A word of thanks to the helpers; with it the wish is closed."""
    if by.id not in (wish.posted_by_id, wish.beneficiary_id) and not by.may("wishes.verify_on_site", wish.place_path):
        raise Forbidden()
    words = _check_words(words)
    if not words:
        raise BadInput(N_("A short thank-you is enough."))
    lock(wish)
    advance(wish, "thank", by=by)
    wish.thanks, wish.is_thanks_public = words, is_public
    tell(wish, "wish", "thank", helpers(living_claims(wish.id)), words=words)


def _each(step: Callable[[Wish], None], limit: int, refused: set[int], state: str, column: object, days: int, *more: object) -> int:
    """Take one step with each wish that has been in a state for so many days, each behind a savepoint of its own: one that refuses keeps
    nobody else waiting. It is added to `refused`, which are left out. Returns how many were looked at."""
    query = select(Wish).where(Wish.state == state, column <= clock.now() - timedelta(days=days), Wish.id.not_in(refused), *more)
    due = list(db.session.scalars(query.order_by(column).limit(limit)))
    for wish in due:
        wish_id = wish.id
        try:
            with db.session.begin_nested():
                step(wish)
        except WishappError as refusal:
            refused.add(wish_id)
            log.warning("wish_not_settled", wish=wish_id, why=refusal.message)
    return len(due)


def auto_confirm(limit: int = 100, refused: set[int] | None = None) -> int:
    """Delivered a week ago and nobody said a word: taken as done, without stars. Returns how many were looked at (see _each)."""
    return _each(lambda wish: confirm_wish(wish, by=SYSTEM, rating=None), limit, set() if refused is None else refused,
                 "delivered", Wish.delivered_at, AUTO_CONFIRM_DAYS)


def close_wishes(limit: int = 200, refused: set[int] | None = None) -> int:
    """Fulfilled thirty days ago: into the archive. Returns how many were looked at (see _each)."""
    return _each(lambda wish: advance(wish, "close", by=SYSTEM), limit, set() if refused is None else refused,
                 "fulfilled", Wish.fulfilled_at, CLOSE_DAYS)


def expire_wishes(limit: int = 200, refused: set[int] | None = None) -> int:
    """On the wall for ninety days and nobody came: taken down, poster and staff told. Returns how many were looked at (see _each)."""
    return _each(_expire, limit, set() if refused is None else refused, "open", Wish.published_at, EXPIRE_DAYS, Wish.taken == 0)


def _expire(wish: Wish) -> None:
    lock(wish)
    if wish.taken == 0 and wish.state == "open":
        advance(wish, "expire", by=SYSTEM)
        tell(wish, "wish", "expire", posters(wish), staff(wish))
        spread("gone", wish)


def remind_wishes() -> int:
    """Delivered three days ago and not confirmed: ask the poster once more. Accepted five days ago and not delivered: the helper.

    Looks at what came due within the last two days, so that old ones do not crowd out new ones; each is told once per step of the
    thing, however often this runs. Returns how many were looked at.
    """
    window = timedelta(days=2)
    before = clock.now() - timedelta(days=REMIND_DAYS)
    due = list(db.session.scalars(select(Wish).where(Wish.state == "delivered", Wish.delivered_at.between(before - window, before))))
    for wish in due:
        tell(wish, "wish", "remind_confirm", posters(wish))
    before = clock.now() - timedelta(days=WORK_DAYS)
    slow = list(db.session.scalars(select(Claim).where(Claim.state == "accepted", Claim.accepted_at.between(before - window, before))))
    for claim in slow:
        tell(claim.wish, "claim", "remind_deliver", helpers([claim]), thing_id=claim.id)
    return len(due) + len(slow)
