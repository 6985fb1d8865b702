"""Names, telephones and addresses: who may read them, and the log of every read."""

from enum import StrEnum

from sqlalchemy import func, select

from wishapp.kernel.errors import NotFound
from wishapp.kernel.roles import Actor
from wishapp.store.db import db
from wishapp.supporters import queries as supporters
from wishapp.wishes.claims import living_claims
from wishapp.wishes.models import RestrictedRead, Wish


class Purpose(StrEnum):
    """Why somebody looks."""

    HELP = "help"
    REVIEW = "review"
    VERIFY = "verify"
    CALL_BACK = "call_back"
    OWN = "own"


FIELDS = "name,phone,address"


def may_read_restricted(wish: Wish, actor: Actor) -> str | None:
    """In which capacity the actor may read the restricted fields: "own", "staff", "helper", or None.

    A helper may from accepting until it is confirmed. Whoever posted for somebody else reads as staff: logged, and only as
    long as they work there.
    """
    if actor.id is None:
        return None
    if actor.id == wish.beneficiary_id or (actor.id == wish.posted_by_id and not wish.is_on_behalf):
        return "own"
    if actor.may("wishes.read_restricted", wish.place_path):
        return "staff"
    if any(claim.state in ("accepted", "delivered") and supporters.answers_for(actor.id, claim.supporter_id) for claim in living_claims(wish.id)):
        return "helper"
    return None


def read_restricted(wish: Wish, *, by: Actor, purpose: str) -> dict[str, str]:
    """The person's name, telephone and address; the read is logged in the same transaction. NotFound for everybody else."""
    capacity = may_read_restricted(wish, by)
    if capacity is None:
        raise NotFound()
    if capacity != "own":
        reason = Purpose.HELP if capacity == "helper" else Purpose(purpose)
        db.session.add(RestrictedRead(wish_id=wish.id, reader_id=by.id, fields=FIELDS, purpose=reason))
        db.session.flush()
    return {"name": wish.beneficiary_name, "phone": wish.beneficiary_phone or "", "address": wish.address or ""}


def reads_of(wish_id: int, limit: int = 50) -> list[RestrictedRead]:
    """The newest reads of a wish's restricted fields."""
    query = select(RestrictedRead).where(RestrictedRead.wish_id == wish_id).order_by(RestrictedRead.id.desc()).limit(limit)
    return list(db.session.scalars(query))


def count_reads(wish_id: int) -> int:
    """How often the restricted fields of a wish were read."""
    return db.session.scalar(select(func.count()).select_from(RestrictedRead).where(RestrictedRead.wish_id == wish_id))
