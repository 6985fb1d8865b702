"""Reading certificates: the staff's list, one's own, and who waits for one."""

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import joinedload, undefer

from wishapp.accounts import queries as accounts
from wishapp.accounts.models import User
from wishapp.kernel.roles import Actor
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.paging import Page, page_of
from wishapp.volunteering.backfill import guest_by_phone
from wishapp.volunteering.certificates import may_certify
from wishapp.volunteering.models import Volunteer
from wishapp.volunteering.record_models import Certificate


def issued(actor: Actor, q: str, number: int) -> Page:
    """Certificates issued in the actor's places, newest first; `q`: a certificate's or a volunteer's number."""
    query = (
        select(Certificate).join(Place, Place.id == Certificate.issuer_id).where(_within(Place.path, actor))
        .options(joinedload(Certificate.volunteer).options(undefer(Volunteer.guest_name))).order_by(Certificate.id.desc()))
    if q:
        numbered = select(Volunteer.id).where(Volunteer.number == q.upper())
        query = query.where(or_(Certificate.number == q.upper(), Certificate.volunteer_id.in_(numbered)))
    return page_of(query, number, 30)


def asking(actor: Actor) -> list[Volunteer]:
    """Volunteers of the actor's places who asked for a certificate, longest waiting first."""
    query = (
        select(Volunteer).join(User, User.id == Volunteer.user_id).join(Place, Place.id == User.community_id)
        .where(Volunteer.certificate_asked_at.is_not(None), _within(Place.path, actor)).order_by(Volunteer.certificate_asked_at).limit(50))
    return list(db.session.scalars(query))


def own_certificates(volunteer_id: int) -> list[Certificate]:
    """One's own, newest first."""
    return list(db.session.scalars(select(Certificate).where(Certificate.volunteer_id == volunteer_id).order_by(Certificate.id.desc()).limit(20)))


def find_holder(text: str, actor: Actor) -> Volunteer | None:
    """Whoever has this volunteer number, user name or telephone, when the actor may certify for them; None tells nothing more."""
    text = text.strip()
    found = db.session.scalar(select(Volunteer).where(Volunteer.number == text.upper()[:20])) if text else None
    if found is None and text:
        person = accounts.user_by_name_or_phone(text)
        found = db.session.scalar(select(Volunteer).where(Volunteer.user_id == person.id)) if person is not None else guest_by_phone(text)
    return found if found is not None and may_certify(actor, found) else None


def _within(column: ColumnElement[str], actor: Actor) -> ColumnElement[bool]:
    paths = actor.paths_for("records.certify")
    return or_(*(column.startswith(path, autoescape=True) for path in paths)) if paths else false()
