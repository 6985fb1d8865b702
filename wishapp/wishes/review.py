"""What staff do with a wish before it is on the wall, and what takes it off again."""

from sqlalchemy import select

from wishapp.kernel import clock
from wishapp.kernel.errors import Forbidden, Refused, SomeoneWasFaster
from wishapp.kernel.permissions import UPPER_STAFF
from wishapp.kernel.privacy import check_reason
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.places import queries as places
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.transitions import advance
from wishapp.wishes.claims import follow_claims, living_claims, lock, release_claim
from wishapp.wishes.drafts import check_complete, index_for_search, make_ready
from wishapp.wishes.models import Claim, Wish
from wishapp.wishes.news import spread
from wishapp.wishes.telling import helpers, posters, staff, tell, upper_staff

WORDS = frozenset({"title", "story", "item", "kind"})
SETTLED = frozenset({"draft", "withdrawn", "expired", "merged"})


def _check_reviewer(wish: Wish, by: Actor) -> None:
    if by.is_system:
        return
    if not by.may("wishes.review", wish.place_path):
        raise Forbidden()
    if by.id == wish.beneficiary_id:
        raise Refused(N_("This is your own wish. A colleague has to look at it."))


def _is_upper(by: Actor, wish: Wish) -> bool:
    return by.is_system or any(grant.role in UPPER_STAFF and grant.reaches(wish.place_path) for grant in by.grants)


def is_reviewed_twice(wish: Wish) -> bool:
    """Does the wish's street want the second review."""
    street = places.street_of(wish.community)
    return bool(street and street.is_two_level)


def second_wish(wish: Wish, *, by: Actor) -> None:
    """First of two reviews: the community passes the wish up to the street. Refused where the street reviews once."""
    _check_reviewer(wish, by)
    if not is_reviewed_twice(wish):
        raise Refused(N_("One review is enough here. It can go on the wall right away."))
    advance(wish, "second", by=by)
    tell(wish, "wish", "second", posters(wish), upper_staff(wish))


def publish_wish(wish: Wish, *, by: Actor) -> None:
    """Put a wish on the wall. Where the street reviews twice, it must have been passed up by somebody else before."""
    _check_reviewer(wish, by)
    if wish.state == "submitted" and is_reviewed_twice(wish):
        raise Refused(N_("This street looks twice: the community passes the wish up, the street puts it on the wall."))
    if wish.state == "seconded":
        if not _is_upper(by, wish):
            raise Forbidden()
        first = next((row for row in audit.history("wish", wish.id) if row.action == "second"), None)
        if first is not None and first.actor_id == by.id:
            raise Refused(N_("You passed this one up yourself. A colleague puts it on the wall."))
    advance(wish, "publish", by=by)
    wish.published_at = clock.now()
    tell(wish, "wish", "publish", posters(wish))
    spread("opened", wish)


def unpublish_wish(wish: Wish, *, by: Actor) -> None:
    """Put on the wall by mistake: back to review. Refused once anybody has taken it or been asked, even if they gave it back."""
    _check_reviewer(wish, by)
    lock(wish)
    if wish.taken or db.session.scalar(select(Claim.id).where(Claim.wish_id == wish.id).limit(1)) is not None:
        raise Refused(N_("Somebody has taken this wish or been asked already. Take it down with a word to them instead."))
    advance(wish, "unpublish", by=by)
    wish.published_at = None
    tell(wish, "wish", "unpublish", posters(wish))
    spread("gone", wish)


def return_wish(wish: Wish, *, by: Actor, why: str) -> None:
    """Send a wish back to its poster with a reason."""
    _check_reviewer(wish, by)
    check_reason(why)
    advance(wish, "return", by=by, note=why)
    tell(wish, "wish", "return", posters(wish), why=why)


def merge_wish(wish: Wish, into: Wish, *, by: Actor, why: str) -> None:
    """The same wish was sent twice: follow the other one. Refused when somebody has taken a seat, or the other is over."""
    _check_reviewer(wish, by)
    for one in sorted((wish, into), key=lambda either: either.id):  # both, or two presses could join them into each other
        lock(one)
    if not by.may("wishes.review", into.place_path) or into.id == wish.id or into.state in SETTLED:
        raise Refused(N_("These two cannot be put together. Choose another wish that is still going on."))
    if wish.taken:
        raise Refused(N_("Somebody has already taken this wish. It can no longer be put together with another."))
    advance(wish, "merge", by=by, note=why, into_id=into.id)
    wish.merged_into_id = into.id
    tell(wish, "wish", "merge", posters(wish), into=into.title)
    spread("gone", wish)


def withdraw_wish(wish: Wish, *, by: Actor, why: str = "") -> None:
    """Take a wish back: by its poster, by the one it is for, or by staff. Seats already taken are given back, helpers told."""
    if by.id not in (wish.posted_by_id, wish.beneficiary_id) and not by.may("wishes.review", wish.place_path):
        raise Forbidden()
    lock(wish)
    claims = living_claims(wish.id)
    for claim in claims:
        if wish.state in ("open", "reserved"):
            release_claim(claim, by=by, action="withdraw", why=why)
    advance(wish, "withdraw", by=by, note=why or None)
    tell(wish, "wish", "withdraw", posters(wish), helpers(claims) if claims else {}, staff(wish) if wish.published_at else {})
    spread("gone", wish)


def renew_wish(wish: Wish, *, by: Actor) -> None:
    """Bring a withdrawn or expired wish back to review. Refused for a draft that was thrown away before anybody agreed to it."""
    if by.id not in (wish.posted_by_id, wish.beneficiary_id) and not by.may("wishes.review", wish.place_path):
        raise Forbidden()
    if wish.consent_at is None:
        raise Refused(N_("This can no longer be done: it has moved on in the meantime."))
    make_ready(wish, by=by)
    index_for_search(wish)
    advance(wish, "renew", by=by)
    tell(wish, "wish", "renew", posters(wish), staff(wish))


def edit_wish(wish: Wish, *, by: Actor, version: str | None = None, **values: object) -> None:
    """Staff put a wish right before or while it is on the wall: public fields only, never the person's own data.

    Fewer seats than were asked for, but no fewer than are taken: then those who came are enough, and it goes on. Where the
    street looks twice, only the street changes the words it has been shown. `version`: the one the form was filled from;
    SomeoneWasFaster when it is another by now.
    """
    _check_reviewer(wish, by)
    lock(wish)
    if version is not None and version != str(wish.version):  # looked at under the lock, which reads the version anew
        raise SomeoneWasFaster()
    if wish.state not in ("submitted", "seconded", "open"):
        raise Refused(N_("This wish has moved on; it can no longer be changed here."))
    if int(values.get("seats", wish.seats)) < wish.taken:
        raise Refused(N_("More helpers than that have taken it already."))
    if wish.taken and any(values.get(name, getattr(wish, name)) != getattr(wish, name) for name in ("kind", "minutes")):
        raise Refused(N_("Somebody has taken it as it stands: kind and time can no longer be changed."))
    changed = sorted(name for name, value in values.items() if getattr(wish, name) != value)
    if wish.state != "submitted" and WORDS & set(changed) and is_reviewed_twice(wish) and not _is_upper(by, wish):
        raise Refused(N_("This street looks twice: the community passes the wish up, the street puts it on the wall."))
    for name in changed:
        setattr(wish, name, values[name])
    check_complete(wish)
    index_for_search(wish)
    follow_claims(wish, by=by)
    if changed:
        audit.record("wish", wish.id, "edit", by=by, from_state=wish.state, to_state=wish.state, place_path=wish.place_path,
                     data={"fields": changed})
    if wish.state == "open" and {"urgency", "seats"} & set(changed):
        spread("opened", wish)


def wishes_by_ids(ids: list[int]) -> list[Wish]:
    """Wishes in the order of their ids; unknown ones are missing."""
    return list(db.session.scalars(select(Wish).where(Wish.id.in_(ids)).order_by(Wish.id)))
