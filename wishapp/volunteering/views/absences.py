"""Somebody missed who had a good reason, and pauses lifted before they end."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from wishapp.kernel.errors import Refused, SomeoneWasFaster, WishappError
from wishapp.kernel.text import N_
from wishapp.store.transaction import transaction
from wishapp.volunteering import day as days
from wishapp.volunteering import pauses, service
from wishapp.volunteering.access import access_sign_up
from wishapp.volunteering.blueprint import blueprint
from wishapp.volunteering.making_forms import WhyForm
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.forms import said
from wishapp.web.guards import guard


@blueprint.route("/desk/sign-ups/<int:sign_up_id>/forgive", methods=["GET", "POST"])
@guard("calls.lead", scope="place")
def forgive(sign_up_id: int) -> Any:
    """Absent, with a good reason after all: excused, and a pause that came of it ends."""
    found = access_sign_up(current_actor(), sign_up_id, "calls.lead")
    if found.state != "absent":
        raise Refused(N_("They are not noted as absent any more."))
    form = WhyForm()
    if form.validate_on_submit():
        try:
            with transaction():
                service.forgive_sign_up(found, by=current_actor(), why=form.why.data)
            flash(_("Excused; they have been told."), "done")
            return redirect(url_for("volunteering.day", shift_id=found.shift_id, _anchor=f"s{found.id}"), 303)
        except SomeoneWasFaster:
            raise
        except WishappError as error:
            form.form_errors.append(said(error))
    line = next((line for line in days.lines(found.shift) if line.sign_up.id == found.id), None)
    return render_template("volunteering/forgive.html", shift=found.shift, call=found.shift.call, line=line, form=form), 422 if form.errors else 200


@blueprint.get("/desk/calls/pauses", endpoint="pauses")
@guard("calls.review", scope="place")
def show_pauses() -> str:
    """Whose sign-up rests, names masked."""
    return render_template("volunteering/pauses.html", found=pauses.page(current_actor(), arguments.page()))


@blueprint.route("/desk/calls/pauses/<int:volunteer_id>", methods=["GET", "POST"])
@guard("calls.review", scope="place")
def lift_pause(volunteer_id: int) -> Any:
    """Let somebody sign up again before the pause ends, with a reason."""
    pause, form = pauses.access_pause(current_actor(), volunteer_id), WhyForm()
    if form.validate_on_submit():
        try:
            with transaction():
                service.lift_pause(pause.volunteer, by=current_actor(), why=form.why.data)
            flash(_("The pause is lifted; they can sign up again."), "done")
            return redirect(url_for("volunteering.pauses"), 303)
        except SomeoneWasFaster:
            raise
        except WishappError as error:
            form.form_errors.append(said(error))
    return render_template("volunteering/lift_pause.html", pause=pause, form=form), 422 if form.errors else 200
