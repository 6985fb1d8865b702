"""志愿服务记录证明: issued from final hours as a snapshot that never changes; confirmed in public without personal data; at most revoked.

Staff issue it for whoever lives in their places, with all of that person's final hours, or for somebody who served there, with the hours
served there. Name and document are printed as the holder gives them; the document's number only masked, for nobody here needs it whole.
"""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import Select, or_, select

from wishapp.accounts import queries as accounts
from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Forbidden, NotFound, Refused
from wishapp.kernel.privacy import check_reason
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.notices import service as notices
from wishapp.places import queries as places
from wishapp.places.models import Place
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.volunteering.hours_telling import hours_text, staff_at
from wishapp.volunteering.models import Volunteer
from wishapp.volunteering.numbers import next_number
from wishapp.volunteering.record_models import Certificate, ServiceRecord
from wishapp.volunteering.record_queries import day_start

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 10
MASKED = re.compile(r"[0-9A-Z]{0,6}\*{4,14}[0-9A-Z]{0,4}")
MOST_LINES = 2000


class DocumentKind(StrEnum):
    """Which document the holder showed."""

    NONE = "none"
    IDENTITY_CARD = "identity_card"
    PASSPORT = "passport"
    TRAVEL_PERMIT = "travel_permit"
    OTHER = "other"


@dataclass(frozen=True)
class Asked:
    """What goes on the paper, as it was given. `document_number` masked; empty with kind none."""

    since: date
    until: date
    holder: str
    document_kind: str
    document_number: str = ""
    in_charge: str = ""
    handler: str = ""
    contact: str = ""
    notes: str = ""


def masked_number(text: str) -> str:
    """A document's number with its middle starred, e.g. 3701**********001X; BadInput for one that shows more than ten characters."""
    plain = unicodedata.normalize("NFKC", text).upper().replace(" ", "").replace("•", "*").replace("×", "*")
    if not MASKED.fullmatch(plain):
        raise BadInput(N_("Please give the number masked, with at least four stars in the middle: 3701**********001X. Nobody here needs it whole."))
    return plain


def may_certify(actor: Actor, volunteer: Volunteer) -> bool:
    """Does the volunteer live, or did they serve, where the actor may certify."""
    return _lives_near(actor, volunteer) or db.session.scalar(final_hours(volunteer, actor).limit(1)) is not None


def _lives_near(actor: Actor, volunteer: Volunteer) -> bool:
    person = accounts.user(volunteer.user_id)
    return person is not None and person.community is not None and actor.may("records.certify", person.community.path)


def final_hours(volunteer: Volunteer, actor: Actor) -> Select:
    """The final hours the actor may certify: all of somebody who lives in their places, else those served there. Oldest first."""
    query = (
        select(ServiceRecord).where(ServiceRecord.volunteer_id == volunteer.id, ServiceRecord.state == "final")
        .order_by(ServiceRecord.starts_at, ServiceRecord.id))
    if not _lives_near(actor, volunteer):
        paths = actor.paths_for("records.certify")
        query = query.where(or_(*(ServiceRecord.place_path.startswith(path, autoescape=True) for path in paths)) if paths else ServiceRecord.id.is_(None))
    return query


def hours_between(volunteer: Volunteer, actor: Actor, since: date, until: date) -> list[ServiceRecord]:
    """Final hours of service that began on these local days, both included."""
    query = final_hours(volunteer, actor).where(
        ServiceRecord.starts_at >= day_start(since), ServiceRecord.starts_at < day_start(until + timedelta(days=1))).limit(MOST_LINES + 1)
    return list(db.session.scalars(query))


def ask_certificate(volunteer: Volunteer, *, by: Actor) -> None:
    """The volunteer would like a certificate: the community's staff hear of it. Refused without final hours or a community, or when asked already."""
    if volunteer.user_id != by.id:
        raise Forbidden()
    person = accounts.user(volunteer.user_id)
    if person.community is None:
        raise Refused(N_("Please say on your page in which community you live; its staff issue the certificate."))
    if db.session.scalar(select(ServiceRecord.id).where(ServiceRecord.volunteer_id == volunteer.id, ServiceRecord.state == "final").limit(1)) is None:
        raise Refused(N_("There are no final hours yet. A certificate can be issued once some count."))
    if volunteer.certificate_asked_at is not None:
        raise Refused(N_("You have asked already; your community will get in touch."))
    volunteer.certificate_asked_at = clock.now()
    audit.record("volunteer", volunteer.id, "ask_certificate", by=by, place_path=person.community.path)
    notices.announce("certificate", "ask", thing_id=volunteer.id, people={"staff": staff_at(person.community.path)},
                     params={"number": volunteer.number, "place": person.community.name}, endpoint="volunteering.certificates")


def issue_certificate(volunteer: Volunteer, asked: Asked, *, by: Actor, issuer: Place) -> Certificate:
    """A certificate of the final hours of a period. What is printed was checked for glyphs by the caller, outside the transaction.

    Raises Forbidden outside the actor's places, BadInput on days, names or numbers that cannot be, Refused when nothing final lies in the period.
    """
    if not by.may("records.certify", issuer.path) or not may_certify(by, volunteer):
        raise Forbidden()
    if volunteer.user_id is not None and volunteer.user_id == by.id:
        raise Refused(N_("This would be your own certificate. Please ask a colleague to issue it."))
    if not asked.since <= asked.until <= clock.today():
        raise BadInput(N_("The period ends today at the latest and not before it begins."))
    if not asked.holder.strip():
        raise BadInput(N_("Please write the name as it is to be printed."))
    lines = hours_between(volunteer, by, asked.since, asked.until)
    if not lines:
        raise Refused(N_("There are no final hours in this period. Hours still shown count once the time to object is over."))
    if len(lines) > MOST_LINES:
        raise Refused(N_("That is too much for one paper. Please choose a shorter period."))
    number = "" if asked.document_kind == DocumentKind.NONE else masked_number(asked.document_number)
    made = Certificate(
        number=next_number("certificate", issuer.code[:6]), check_code="".join(secrets.choice(ALPHABET) for _turn in range(CODE_LENGTH)),
        volunteer_id=volunteer.id, holder=asked.holder.strip(), document=f"{asked.document_kind} {number}".strip(), since=asked.since, until=asked.until,
        half_hours=sum(line.half_hours for line in lines), content=[_line(line) for line in lines], issuer_id=issuer.id, issuer_name=issuer.name,
        in_charge=asked.in_charge, handler=asked.handler, contact=asked.contact, notes=asked.notes, made_by_id=by.id, made_at=clock.now())
    db.session.add(made)
    volunteer.certificate_asked_at = None
    db.session.flush()
    audit.record("certificate", made.id, "issue", by=by, place_path=issuer.path, data={"volunteer_id": volunteer.id, "half_hours": made.half_hours})
    if volunteer.user_id is not None:
        notices.announce("certificate", "issue", thing_id=made.id, people={"volunteer": [volunteer.user_id]},
                         params={"number": made.number, "place": issuer.name, "hours": hours_text(made.half_hours)}, endpoint="volunteering.records")
    return made


def _line(record: ServiceRecord) -> list[object]:
    day = record.starts_at.astimezone(clock.LOCAL).date()
    return [day.isoformat(), record.title, record.place_name, record.half_hours, record.source]


def revoke_certificate(made: Certificate, *, by: Actor, why: str) -> None:
    """It was issued by mistake: from now on the public page says that it does not hold. Refused when it is revoked already."""
    check_reason(why)
    if not why.strip():
        raise BadInput(N_("Please say why, in a few words."))
    if not by.may("records.certify", made.issuer.path):
        raise Forbidden()
    db.session.refresh(made, ["revoked_at"], with_for_update=True)
    if made.revoked_at is not None:
        raise Refused(N_("This certificate is revoked already."))
    made.revoked_at, made.revoked_why = clock.now(), why.strip()[:200]
    audit.record("certificate", made.id, "revoke", by=by, place_path=made.issuer.path, note=why.strip())
    user_id = db.session.get(Volunteer, made.volunteer_id).user_id
    if user_id is not None:
        notices.announce("certificate", "revoke", thing_id=made.id, people={"volunteer": [user_id]},
                         params={"number": made.number, "place": made.issuer_name, "why": why.strip()}, endpoint="volunteering.records")


def confirmed(number: str, code: str) -> Certificate | None:
    """The certificate with this number and check code. An unknown number and a wrong code are the same nothing, and take the same time."""
    found = db.session.scalar(select(Certificate).where(Certificate.number == number[:24].upper()))
    known = found.check_code if found is not None else "0" * CODE_LENGTH
    is_right = secrets.compare_digest(code.strip().upper().encode(), known.encode())
    return found if is_right and found is not None else None


def access_certificate(actor: Actor, certificate_id: int, permission: str) -> Certificate:
    """The certificate, for its holder ("records.own") or for staff at its issuer's place; NotFound otherwise."""
    found = db.session.get(Certificate, certificate_id)
    if found is None:
        raise NotFound()
    if permission == "records.own":
        allowed = actor.id is not None and db.session.get(Volunteer, found.volunteer_id).user_id == actor.id
    else:
        allowed = actor.may(permission, found.issuer.path)
    if not allowed:
        raise NotFound()
    return found


def note_read(made: Certificate, *, by: Actor) -> None:
    """Somebody of the staff opened the paper with name and document: it is written down."""
    audit.record("certificate", made.id, "read", by=by, place_path=made.issuer.path)


def issuers_for(actor: Actor) -> list[Place]:
    """Places in whose name the actor issues: where they hold the role."""
    found = [places.place(int(path.rstrip("/").rpartition("/")[2])) for path in actor.paths_for("records.certify")]
    return [place for place in found if place is not None]


def apart(content: list[list]) -> tuple[int, int]:
    """Half hours from check-in and from backfill of a certificate's content."""
    checked = sum(line[3] for line in content if line[4] == "check_in")
    return checked, sum(line[3] for line in content) - checked
