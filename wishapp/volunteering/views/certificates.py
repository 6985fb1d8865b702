"""Certificates: issued at the desk, fetched by their holder, confirmed to anybody."""

from typing import Any

from flask import Response, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Refused, SomeoneWasFaster
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.places import queries as places
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering import certificate_queries as queries
from wishapp.volunteering import certificates as service
from wishapp.volunteering import record_words
from wishapp.volunteering.blueprint import blueprint
from wishapp.volunteering.certificate_forms import DOCUMENTS, CertificateForm, CheckForm, HolderForm
from wishapp.volunteering.certificate_paper import check_printable, paper
from wishapp.volunteering.models import Volunteer
from wishapp.volunteering.record_forms import ReasonForm
from wishapp.volunteering.record_models import Certificate
from wishapp.volunteering.record_queries import Totals, masked_names
from wishapp.volunteering.volunteers import volunteer_of
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.filters import local
from wishapp.web.forms import said
from wishapp.web.guards import guard, public
from wishapp.web.limits import limit_sending


@blueprint.get("/desk/certificates", endpoint="certificates")
@guard("records.certify", scope="place")
def certificates_desk() -> str:
    """Who asked for one, and what was issued."""
    actor, q = current_actor(), arguments.text("q", most=30)
    found, waiting = queries.issued(actor, q, arguments.page()), queries.asking(actor)
    people = {volunteer.id: volunteer for volunteer in [*waiting, *(made.volunteer for made in found.rows)]}
    return render_template("volunteering/certificates.html", found=found, q=q, waiting=waiting, names=masked_names(people.values()), words=record_words)


@blueprint.route("/desk/certificates/new", methods=["GET", "POST"])
@guard("records.certify", scope="place")
def issue_certificate() -> Any:
    """First whom for, then what goes on the paper."""
    actor = current_actor()
    who = arguments.text("who", most=40)
    volunteer = queries.find_holder(who, actor) if who else None
    if volunteer is None:
        return _whom(actor, _("Nobody within your reach is known by this. Ask them for their volunteer number.") if who else "")
    issuers = service.issuers_for(actor)
    form = CertificateForm(data=_first(volunteer, actor)).for_issuers([(place.id, place.name) for place in issuers])
    if form.validate_on_submit():
        try:
            made = _issue(volunteer, form, actor)
            flash(_("Issued. Print it, sign it, and hand it over; the holder can fetch it too."), "done")
            return redirect(url_for("volunteering.certificate", certificate_id=made.id), 303)
        except SomeoneWasFaster:
            raise
        except (BadInput, Refused) as error:
            form.form_errors.append(said(error))
    return render_template("volunteering/certificate_new.html", volunteer=volunteer, form=form, who=who, sums=_sums(volunteer, actor), words=record_words,
                           name=masked_names([volunteer])[volunteer.id]), 422 if form.errors else 200


def _whom(actor: Actor, error: str) -> Any:
    form = HolderForm()
    if form.validate_on_submit():
        volunteer = queries.find_holder(form.who.data, actor)
        if volunteer is not None:  # by number, so that no telephone or user name stands in the address
            return redirect(url_for("volunteering.issue_certificate", who=volunteer.number), 303)
        error = _("Nobody within your reach is known by this. Ask them for their volunteer number.")
    if error:
        form.who.errors = [*form.who.errors, error]
    return render_template("volunteering/certificate_whom.html", form=form), 422 if form.errors else 200


def _first(volunteer: Volunteer, actor: Actor) -> dict[str, object]:
    """What the form begins with: everything up to today, the actor as handler."""
    oldest = db.session.scalar(service.final_hours(volunteer, actor).limit(1))
    today = clock.today()
    return {"since": oldest.starts_at.astimezone(clock.LOCAL).date() if oldest else today.replace(month=1, day=1), "until": today, "handler": actor.name,
            "contact": next((place.phone for place in service.issuers_for(actor) if place.phone), "")}


def _sums(volunteer: Volunteer, actor: Actor) -> Totals:
    """What could be certified, both kinds apart."""
    lines = list(db.session.scalars(service.final_hours(volunteer, actor)))
    checked = sum(line.half_hours for line in lines if line.source == "check_in")
    return Totals(checked, sum(line.half_hours for line in lines) - checked, len(lines))


def _issue(volunteer: Volunteer, form: CertificateForm, actor: Actor) -> Certificate:
    issuer = places.place(form.issuer_id.data)
    asked = service.Asked(**{name: form[name].data or "" for name in ("holder", "document_kind", "document_number", "in_charge", "handler", "contact", "notes")},
                          since=form.since.data, until=form.until.data)
    check_printable(asked, issuer.name, service.hours_between(volunteer, actor, asked.since, asked.until))
    with transaction():
        return service.issue_certificate(volunteer, asked, by=actor, issuer=issuer)


@blueprint.get("/desk/certificates/<int:certificate_id>")
@guard("records.certify", scope="place")
def certificate(certificate_id: int) -> Any:
    """One certificate as staff see it."""
    return _show(service.access_certificate(current_actor(), certificate_id, "records.certify"))


def _show(made: Certificate, form: ReasonForm | None = None, status: int = 200) -> Any:
    checked, backfilled = service.apart(made.content)
    return render_template("volunteering/certificate.html", made=made, form=form or ReasonForm(), words=record_words, checked=checked, backfilled=backfilled,
                           check_url=_check_url(made), documents=DOCUMENTS, name=masked_names([made.volunteer])[made.volunteer_id]), status


@blueprint.post("/desk/certificates/<int:certificate_id>/revoke-certificate")
@guard("records.certify", scope="place")
def revoke_certificate(certificate_id: int) -> Any:
    """It does not hold any more, and why."""
    made, form = service.access_certificate(current_actor(), certificate_id, "records.certify"), ReasonForm()
    if not form.validate_on_submit():
        return _show(made, form, 422)
    with transaction():
        service.revoke_certificate(made, by=current_actor(), why=form.why.data)
    flash(_("Revoked. The public page says so from now on."), "done")
    return redirect(url_for("volunteering.certificate", certificate_id=made.id), 303)


@blueprint.get("/desk/certificates/<int:certificate_id>/paper.pdf")
@guard("records.certify", scope="place")
def certificate_paper(certificate_id: int) -> Response:
    """The paper for staff; that it was opened is written down."""
    made = service.access_certificate(current_actor(), certificate_id, "records.certify")
    printed = paper(made, _check_url(made))
    with transaction():
        service.note_read(made, by=current_actor())
    return _pdf(printed, made)


@blueprint.get("/volunteer/certificates/<int:certificate_id>/paper.pdf")
@guard("records.own", scope="own")
def own_certificate(certificate_id: int) -> Response:
    """The same paper for its holder."""
    made = service.access_certificate(current_actor(), certificate_id, "records.own")
    return _pdf(paper(made, _check_url(made)), made)


def _pdf(printed: bytes, made: Certificate) -> Response:
    answer = Response(printed, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f"inline; filename={made.number}.pdf"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/volunteer/certificates/ask-certificate")
@guard("records.own", scope="own")
def ask_certificate() -> Any:
    """I would like a certificate."""
    volunteer = volunteer_of(current_actor().id)
    if volunteer is None:
        raise Refused(N_("There are no final hours yet. A certificate can be issued once some count."))
    with transaction():
        service.ask_certificate(volunteer, by=current_actor())
    flash(_("Asked for. Your community issues it; bring a document along if its number is to stand on it."), "done")
    return redirect(url_for("volunteering.records"), 303)


@blueprint.get("/certificates")
@public
def certificate_find() -> Any:
    """Type number and code from a paper."""
    number, code = arguments.text("number", most=24), arguments.text("code", most=16)
    if number:
        return redirect(url_for("volunteering.certificate_check", number=number.replace("/", ""), code=code), 303)
    return _checked(None, "", "")


@blueprint.get("/certificates/<string:number>")
@public
@limit_sending("30 per minute", looking=True)
def certificate_check(number: str) -> Any:
    """Does this certificate hold: number, hours, period and issuer, and nothing about the person."""
    code = arguments.text("code", most=16)
    return _checked(service.confirmed(number, code) if code else None, number[:24], code)


def _checked(made: Certificate | None, number: str, code: str) -> Any:
    checked, backfilled = service.apart(made.content) if made else (0, 0)
    return render_template("volunteering/certificate_check.html", made=made, number=number, code=code, words=record_words, checked=checked,
                           backfilled=backfilled, form=CheckForm(data={} if made else {"number": number, "code": code}), local=local), 404 if code and made is None else 200


def _check_url(made: Certificate) -> str:
    return current_app.config["PUBLIC_URL"].rstrip("/") + url_for("volunteering.certificate_check", number=made.number, code=made.check_code)
