"""The report that closes a call, and both sides rating each other."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from wishapp.kernel.errors import BadInput
from wishapp.store.transaction import transaction
from wishapp.volunteering import record_words
from wishapp.volunteering import reports as service
from wishapp.volunteering.access import access_call, access_sign_up
from wishapp.volunteering.blueprint import blueprint
from wishapp.volunteering.models import Call, SignUp
from wishapp.volunteering.record_queries import masked_names
from wishapp.volunteering.report_forms import RateForm, ReportForm
from wishapp.volunteering.views.photos import keep_photos
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.forms import said
from wishapp.web.guards import guard


@blueprint.route("/desk/calls/<int:call_id>/report", methods=["GET", "POST"])
@guard("calls.lead", scope="place")
def report(call_id: int) -> Any:
    """The leader's report: figures are there already, words and photos are added, the call is closed."""
    call, form = access_call(current_actor(), call_id, "calls.lead"), ReportForm()
    if form.validate_on_submit():
        try:
            photos = keep_photos(form.photos.data, most=service.MOST_PHOTOS)
            with transaction():
                service.archive_call(call, by=current_actor(), words=form.words.data, photos=photos)
            flash(_("Closed. The report stands on the page of the call; whoever was there has been told."), "done")
            return redirect(url_for("volunteering.show", call_id=call.id), 303)
        except BadInput as error:
            form.form_errors.append(said(error))
    return render_template("volunteering/report.html", call=call, form=form, figures=service.figures(call), said_of=service.said_of(call),
                           words=record_words), 422 if form.errors else 200


@blueprint.route("/sign-ups/<int:sign_up_id>/rate", methods=["GET", "POST"])
@guard("calls.sign_up", scope="own")
def rate(sign_up_id: int) -> Any:
    """The volunteer about the call."""
    sign_up = access_sign_up(current_actor(), sign_up_id, "calls.sign_up")
    form = RateForm(data={"stars": str(sign_up.call_rating or 5), "words": sign_up.call_words})
    if form.validate_on_submit():
        with transaction():
            service.rate_call(sign_up, by=current_actor(), stars=int(form.stars.data), words=form.words.data or "")
        flash(_("Thank you. The organisers read it without your name."), "done")
        return redirect(url_for("volunteering.mine_show", sign_up_id=sign_up.id), 303)
    return render_template("volunteering/rate.html", sign_up=sign_up, call=sign_up.shift.call, form=form, may=service.may_rate(sign_up)), 422 if form.errors else 200


@blueprint.get("/desk/calls/<int:call_id>/ratings")
@guard("calls.lead", scope="place")
def ratings(call_id: int) -> Any:
    """Whoever led it about those who came."""
    return _ratings(access_call(current_actor(), call_id, "calls.lead"))


def _ratings(call: Call, refused: SignUp | None = None, form: RateForm | None = None, status: int = 200) -> Any:
    found = service.participants(call, arguments.page())
    people = {sign_up.volunteer_id: sign_up.volunteer for sign_up in found.rows}
    return render_template("volunteering/ratings.html", call=call, found=found, names=masked_names(people.values()), may_rate=service.may_rate, words=record_words,
                           refused_id=refused.id if refused else 0, refused_form=form), status


@blueprint.post("/desk/sign-ups/<int:sign_up_id>/rate-volunteer")
@guard("calls.lead", scope="place")
def rate_volunteer(sign_up_id: int) -> Any:
    """One participant."""
    sign_up, form = access_sign_up(current_actor(), sign_up_id, "calls.lead"), RateForm()
    if not form.validate_on_submit():
        return _ratings(access_call(current_actor(), sign_up.shift.call_id, "calls.lead"), sign_up, form, 422)
    with transaction():
        service.rate_volunteer(sign_up, by=current_actor(), stars=int(form.stars.data), words=form.words.data or "")
    flash(_("Kept. Only they and the organisers see it."), "done")
    return redirect(url_for("volunteering.ratings", call_id=sign_up.shift.call_id), 303)
