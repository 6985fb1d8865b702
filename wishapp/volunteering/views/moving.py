"""Another time for a shift."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from wishapp.kernel.errors import NotFound, SomeoneWasFaster, WishappError
from wishapp.store.transaction import transaction
from wishapp.volunteering import moving, planning, service
from wishapp.volunteering.access import access_shift
from wishapp.volunteering.blueprint import blueprint
from wishapp.volunteering.moving_forms import MoveForm
from wishapp.web.actor import current_actor
from wishapp.web.filters import local
from wishapp.web.forms import said
from wishapp.web.guards import guard


@blueprint.route("/desk/shifts/<int:shift_id>/move", methods=["GET", "POST"])
@guard("calls.make", scope="place")
def move(shift_id: int) -> Any:
    """Another time; whoever cannot come then is named by number first, and taken off only when that is ticked."""
    shift = access_shift(current_actor(), shift_id, "calls.make")
    if shift.call.published_at is None:
        raise NotFound()
    starts, ends = local(shift.starts_at), local(shift.ends_at)
    form = MoveForm(data={"day": starts.date(), "begins": starts.time(), "ends": ends.time(), "version": str(shift.version)})
    if form.validate_on_submit():
        try:
            span = planning.span(form.day.data, form.begins.data, form.ends.data)
            with transaction():
                staying, gone = service.move_shift(shift, *span, by=current_actor(), why=form.why.data or "", is_taking_off=form.taking_off.data,
                                                   version=form.seen)
            flash(_outcome(staying, gone), "done")
            return redirect(url_for("volunteering.manage", call_id=shift.call_id), 303)
        except SomeoneWasFaster:
            raise
        except WishappError as error:
            form.form_errors.append(said(error))
    return render_template("volunteering/move.html", shift=shift, call=shift.call, form=form, told=moving.people_on(shift)), 422 if form.errors else 200


def _outcome(staying: int, gone: int) -> str:
    words = [_("The shift has its new time.")]
    if staying:
        words.append(ngettext("%(num)d person has been told.", "%(num)d people have been told.", staying))
    if gone:
        words.append(ngettext("%(num)d person was taken off and told why.", "%(num)d people were taken off and told why.", gone))
    return " ".join(words)
