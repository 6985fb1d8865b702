"""A certificate as a paper: PDF with a vector seal and a QR code to the public check page."""

from io import BytesIO

import segno

from wishapp.kernel import clock
from wishapp.store.db import db
from wishapp.volunteering.certificates import Asked, apart
from wishapp.volunteering.hours_telling import hours_text
from wishapp.volunteering.models import Volunteer
from wishapp.volunteering.record_models import Certificate, ServiceRecord
from wishapp.web import papers

TEMPLATE = "volunteering/certificate.typ"


def check_printable(asked: Asked, issuer_name: str, lines: list[ServiceRecord]) -> None:
    """Refused, naming the character, when something that will stand on the paper cannot be drawn. Look before issuing."""
    papers.check_drawable([asked.holder, asked.document_number, asked.in_charge, asked.handler, asked.contact, asked.notes, issuer_name,
                           *(text for line in lines for text in (line.title, line.place_name))])


def paper(made: Certificate, check_url: str, *, form: str = "pdf") -> bytes | list[bytes]:
    """The certificate as PDF (or pages as PNG). `check_url`: full address of its public check page, in the QR code. Refused on a missing glyph."""
    kind, _, number = made.document.partition(" ")
    checked, backfilled = apart(made.content)
    return papers.set_paper(TEMPLATE, {
        "number": made.number, "check_code": made.check_code, "holder": made.holder, "volunteer": db.session.get(Volunteer, made.volunteer_id).number,
        "document_kind": kind, "document_number": number, "since": made.since.isoformat(), "until": made.until.isoformat(),
        "hours": hours_text(made.half_hours), "checked": hours_text(checked), "backfilled": hours_text(backfilled), "times": str(len(made.content)),
        "lines": [[day, title, place, hours_text(halves), source] for day, title, place, halves, source in made.content],
        "issuer": made.issuer_name, "in_charge": made.in_charge, "handler": made.handler, "contact": made.contact, "notes": made.notes,
        "revoked": made.revoked_at is not None,
        "date": made.made_at.astimezone(clock.LOCAL).date().isoformat(),
    }, unchecked={"qr": _qr(check_url)}, form=form)


def _qr(address: str) -> str:
    drawn = BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", border=2, xmldecl=False)
    return drawn.getvalue().decode()
