"""Reads about wishes for other slices: access, one's own, counts. The wall, the timeline and the queues have modules of their own."""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload

from wishapp.accounts import queries as accounts
from wishapp.accounts.service import mask_name
from wishapp.kernel.errors import NotFound
from wishapp.kernel.permissions import HELPERS, PERMISSIONS, Role
from wishapp.kernel.roles import Actor
from wishapp.store.db import db
from wishapp.supporters.models import SupporterPerson
from wishapp.wishes.claims import LIVING
from wishapp.wishes.models import Claim, Wish
from wishapp.wishes.queue import tab_counts, to_verify, waiting_for_review
from wishapp.wishes.restricted import count_reads, may_read_restricted, reads_of
from wishapp.wishes.stories import timeline
from wishapp.wishes.wall import wall

__all__ = [
    "PUBLIC_STATES", "access_claim", "access_wish", "claims_of_people", "claims_under_way", "count_reads", "counts", "may_read_restricted", "own",
    "reads_of", "tab_counts", "timeline", "to_verify", "waiting_for_review", "wall", "within",
]
IN_REVIEW = ("draft", "submitted", "seconded", "returned")
PUBLIC_STATES = ("open", "reserved", "in_progress", "delivered", "fulfilled", "closed")


def within(paths: list[str]) -> ColumnElement[bool]:
    """Condition: the wish lies in one of these subtrees."""
    return or_(*(Wish.place_path.startswith(path, autoescape=True) for path in paths)) if paths else Wish.id.is_(None)


def claims_of_people(user_id: int, wish_id: int) -> list[Claim]:
    """Claims on this wish, released ones too, of supporters the person answers for; newest first."""
    query = (
        select(Claim).join(SupporterPerson, SupporterPerson.supporter_id == Claim.supporter_id)
        .where(Claim.wish_id == wish_id, SupporterPerson.user_id == user_id, SupporterPerson.is_confirmed).order_by(Claim.id.desc())
    )
    return list(db.session.scalars(query))


def access_wish(actor: Actor, wish_id: int, permission: str) -> Wish:
    """The wish, when the actor may do `permission` with it; NotFound otherwise, whether it exists or not.

    "wall.read": on the wall now or once, or one's own, or helped with (unless it is back in review), or in one's places as
    staff. "wishes.follow" and "wishes.submit": one's own. A helper's permission: on the wall, or helped with. A staff
    permission: in one's places.
    """
    wish = db.session.scalar(select(Wish).options(joinedload(Wish.community)).where(Wish.id == wish_id))
    if wish is None or not _reaches(actor, wish, permission):
        raise NotFound()
    return wish


def _reaches(actor: Actor, wish: Wish, permission: str) -> bool:
    allowed = PERMISSIONS[permission]
    is_own = actor.id is not None and actor.id in (wish.posted_by_id, wish.beneficiary_id)
    is_shown = wish.state in PUBLIC_STATES
    if permission == "wall.read":
        return (is_shown or is_own or (wish.state != "draft" and actor.may("wishes.staff_read", wish.place_path))
                or _has_helped(actor, wish))
    if Role.SIGNED_IN in allowed:
        return is_own
    if allowed <= HELPERS:
        return actor.may(permission) and (is_shown or _has_helped(actor, wish))
    return wish.state != "draft" and actor.may(permission, wish.place_path)


def _has_helped(actor: Actor, wish: Wish) -> bool:
    return actor.id is not None and wish.state not in IN_REVIEW and bool(claims_of_people(actor.id, wish.id))


def access_claim(actor: Actor, claim_id: int, permission: str) -> Claim:
    """The claim, for the people of its supporter (helpers' permissions) or staff of its place; NotFound otherwise."""
    claim = db.session.scalar(select(Claim).options(joinedload(Claim.wish), joinedload(Claim.supporter)).where(Claim.id == claim_id))
    if claim is None or actor.id is None:
        raise NotFound()
    allowed = PERMISSIONS[permission]
    if allowed <= HELPERS and actor.may(permission) and claim in claims_of_people(actor.id, claim.wish_id):
        return claim
    if not allowed <= HELPERS and actor.may(permission, claim.place_path):
        return claim
    raise NotFound()


def own(user_id: int) -> list[Wish]:
    """Wishes the person posted or that are for them, newest first."""
    query = (
        select(Wish).options(joinedload(Wish.community))
        .where(or_(Wish.posted_by_id == user_id, Wish.beneficiary_id == user_id)).order_by(Wish.id.desc()).limit(300)
    )
    return list(db.session.scalars(query))


def counts(path: str) -> dict[str, int]:
    """How many wishes of each state lie in the subtree, drafts left out; states without any are missing."""
    query = select(Wish.state, func.count()).where(Wish.place_path.startswith(path, autoescape=True), Wish.state != "draft").group_by(Wish.state)
    return dict(db.session.execute(query).all())


def claims_under_way(user_id: int) -> list[Claim]:
    """Claims the person's supporters have taken on, oldest first. Seats only held for an offer are not theirs yet: see matching."""
    query = (
        select(Claim).join(SupporterPerson, SupporterPerson.supporter_id == Claim.supporter_id)
        .options(joinedload(Claim.wish).joinedload(Wish.community), joinedload(Claim.supporter))
        .where(SupporterPerson.user_id == user_id, SupporterPerson.is_confirmed, Claim.state.in_(LIVING), Claim.state != "held").order_by(Claim.id)
    )
    return list(db.session.scalars(query))


def is_claim_of(actor: Actor, claim_id: int) -> bool:
    """Does the actor answer for the supporter of this claim."""
    query = select(Claim.id).join(SupporterPerson, SupporterPerson.supporter_id == Claim.supporter_id).where(
        Claim.id == claim_id, SupporterPerson.user_id == actor.id, SupporterPerson.is_confirmed)
    return actor.id is not None and db.session.scalar(query) is not None


def readers(wish: Wish) -> list[tuple[datetime, str, str]]:
    """Who read the wish's restricted fields, newest first: (when, masked name, purpose)."""
    rows = reads_of(wish.id)
    names = accounts.display_names(row.reader_id for row in rows)
    return [(row.at, mask_name(names.get(row.reader_id, "")), row.purpose) for row in rows]


def count_to_review(actor: Actor) -> Select[tuple[int]]:
    """How many wishes wait for review within the actor's places, as a query."""
    paths = actor.paths_for("wishes.review")
    return select(func.count()).select_from(Wish).where(within(paths), Wish.state.in_(("submitted", "seconded")))
