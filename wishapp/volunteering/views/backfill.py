"""Hours written down afterwards: by one person, looked at by another."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, NotFound, Refused, SomeoneWasFaster
from wishapp.kernel.roles import Actor
from wishapp.places import queries as places
from wishapp.store.transaction import transaction
from wishapp.volunteering import backfill as service
from wishapp.volunteering import record_queries as queries
from wishapp.volunteering import record_words
from wishapp.volunteering.blueprint import blueprint
from wishapp.volunteering.record_forms import BackfillForm, ReasonForm
from wishapp.volunteering.views.photos import keep_photos, send_photo
from wishapp.volunteering.views.records import show_record
from wishapp.web.actor import current_actor
from wishapp.web.forms import offered, said
from wishapp.web.guards import guard


def _form(actor: Actor) -> BackfillForm:
    form = BackfillForm()
    form.kind.choices = offered((kind.value, words) for kind, words in record_words.KINDS.items())
    form.place_id.choices = offered((place.id, place.name) for place in service.places_for(actor))
    form.call_id.choices = offered([(0, _("None of these")), *((call.id, f"{call.title} · {call.community.name}") for call in service.calls_for(actor))])
    return form


@blueprint.route("/desk/hours/backfill", methods=["GET", "POST"], endpoint="backfill")
@guard("records.backfill", scope="place")
def backfill_page() -> Any:
    """Write hours down for somebody, with proof."""
    actor = current_actor()
    form = _form(actor)
    if form.validate_on_submit():
        try:
            photos = keep_photos(form.photos.data, most=service.MOST_PROOFS)
            with transaction():
                volunteer = service.find_volunteer(form.who.data, actor)
                if volunteer is None:
                    form.who.errors = [_("Nobody within your reach is known by this. Ask them for their volunteer number; it is on their page of hours.")]
                else:
                    record = service.claim_hours(volunteer, _served(form), by=actor, photos=photos)
            if volunteer is not None:
                flash(_("Written down. A second person looks at it, then the volunteer sees it."), "done")
                return redirect(url_for("volunteering.record", record_id=record.id), 303)
        except SomeoneWasFaster:
            raise
        except (BadInput, Refused) as error:
            form.form_errors.append(said(error))
    return render_template("volunteering/backfill.html", form=form, today=clock.today()), 422 if form.errors else 200


def _served(form: BackfillForm) -> service.Served:
    begin, end = (datetime.combine(form.day.data, time.data, clock.LOCAL) for time in (form.begin, form.end))
    return service.Served(
        title=form.title.data, content=form.content.data, kind=form.kind.data, starts_at=begin, ends_at=end, place=places.place(form.place_id.data),
        spot=form.spot.data or "", call_id=form.call_id.data or None)


@blueprint.post("/desk/hours/<int:record_id>/approve-hours")
@guard("records.review", scope="place")
def approve_hours(record_id: int) -> Any:
    """A second person has looked at it."""
    record = queries.access_record(current_actor(), record_id, "records.review")
    with transaction():
        service.approve_hours(record, by=current_actor())
    flash(_("Approved. The volunteer sees it now; it counts once the time to object is over."), "done")
    return redirect(url_for("volunteering.hours", tab="review"), 303)


@blueprint.post("/desk/hours/<int:record_id>/refuse-hours")
@guard("records.review", scope="place")
def refuse_hours(record_id: int) -> Any:
    """It does not hold, and why."""
    record, form = queries.access_record(current_actor(), record_id, "records.review"), ReasonForm()
    if not form.validate_on_submit():
        return show_record(record, form, 422)
    with transaction():
        service.refuse_hours(record, by=current_actor(), why=form.why.data)
    flash(_("Refused. Whoever wrote it down and the volunteer know why."), "done")
    return redirect(url_for("volunteering.hours", tab="review"), 303)


@blueprint.get("/desk/hours/<int:record_id>/photos/<int:photo_id>")
@guard("records.backfill", scope="place")
def proof(record_id: int, photo_id: int) -> Any:
    """A photo that proves it, for organisers only."""
    record = queries.access_record(current_actor(), record_id, "records.backfill")
    found = next((photo for photo in queries.proofs(record) if photo.id == photo_id), None)
    if found is None:
        raise NotFound()
    return send_photo(found)
