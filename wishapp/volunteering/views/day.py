"""The leader's one screen of the day: in, out, excused, absent; people who just turn up; putting right."""

import uuid
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from wishapp.kernel import clock
from wishapp.kernel.errors import NotFound, SomeoneWasFaster, WishappError
from wishapp.store.transaction import transaction
from wishapp.volunteering import day as days
from wishapp.volunteering.access import access_shift, access_sign_up
from wishapp.volunteering.blueprint import blueprint
from wishapp.volunteering.check_ins import put_right, read_key, take_back, window
from wishapp.volunteering.closing import close_shift
from wishapp.volunteering.day_forms import PutRightForm, WalkInForm
from wishapp.volunteering.models import Shift
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.filters import local
from wishapp.web.forms import said
from wishapp.web.guards import guard


@blueprint.get("/desk/shifts/<int:shift_id>/day")
@guard("calls.lead", scope="place")
def day(shift_id: int) -> str:
    """Everybody of a shift, to be checked in and out."""
    return _show_day(_shift(shift_id))


@blueprint.post("/desk/shifts/<int:shift_id>/read-names")
@guard("calls.lead", scope="place")
def read_names(shift_id: int) -> str:
    """Full names and telephones for this one look; it is written down. Answered in place."""
    shift = _shift(shift_id)
    with transaction():
        days.read_names(shift, by=current_actor())
    return _show_day(shift, is_opened=True)


def _shift(shift_id: int) -> Shift:
    shift = access_shift(current_actor(), shift_id, "calls.lead")
    if shift.call.published_at is None:
        raise NotFound()
    return shift


def _show_day(shift: Shift, *, form: WalkInForm | None = None, is_opened: bool = False) -> str:
    found = days.lines(shift, is_opened=is_opened)
    q = arguments.text("q", most=40)
    shown = [line for line in found if not q or q.casefold() in f"{line.name} {line.tail}".casefold()]
    return render_template(
        "volunteering/day.html", shift=shift, call=shift.call, lines=shown, total=len(found), counts=days.counts(found), q=q, is_opened=is_opened,
        form=form or _walk_in_form(shift), begins=clock.now() >= shift.starts_at, closes_at=window(shift)[1])


def _press(sign_up_id: int, what: str, done: str) -> Any:
    actor = current_actor()
    found = access_sign_up(actor, sign_up_id, "calls.lead")
    sent = request.form.get("request_key", "")
    key = read_key(sent) if sent else str(uuid.uuid4())
    with transaction():
        answer = days.press(found, what, key=key, at=clock.now(), by=actor)
    if answer.is_new:
        flash(done, "done")
    else:
        flash(_("That was noted already, at %(time)s.", time=f"{local(answer.at):%H:%M}"), "info")
    return _back(found.shift_id, found.id)


def _back(shift_id: int, sign_up_id: int) -> Any:
    return redirect(url_for("volunteering.day", shift_id=shift_id, _anchor=f"s{sign_up_id}"), 303)


@blueprint.post("/desk/sign-ups/<int:sign_up_id>/check-in")
@guard("calls.lead", scope="place")
def check_in(sign_up_id: int) -> Any:
    """They are there."""
    return _press(sign_up_id, "in", _("Checked in."))


@blueprint.post("/desk/sign-ups/<int:sign_up_id>/check-out")
@guard("calls.lead", scope="place")
def check_out(sign_up_id: int) -> Any:
    """They leave."""
    return _press(sign_up_id, "out", _("Checked out."))


@blueprint.post("/desk/sign-ups/<int:sign_up_id>/excuse")
@guard("calls.lead", scope="place")
def excuse(sign_up_id: int) -> Any:
    """They said that they cannot come."""
    return _press(sign_up_id, "excuse", _("Noted as excused."))


@blueprint.post("/desk/sign-ups/<int:sign_up_id>/miss")
@guard("calls.lead", scope="place")
def miss(sign_up_id: int) -> Any:
    """They did not come and said nothing."""
    return _press(sign_up_id, "miss", _("Noted as absent."))


@blueprint.post("/desk/sign-ups/<int:sign_up_id>/take-back", endpoint="take_back")
@guard("calls.lead", scope="place")
def take_back_press(sign_up_id: int) -> Any:
    """Pressed on the wrong line."""
    found = access_sign_up(current_actor(), sign_up_id, "calls.lead")
    with transaction():
        take_back(found, by=current_actor())
    flash(_("Taken back."), "done")
    return _back(found.shift_id, found.id)


@blueprint.route("/desk/sign-ups/<int:sign_up_id>/put-right", methods=["GET", "POST"], endpoint="put_right")
@guard("calls.lead", scope="place")
def put_right_page(sign_up_id: int) -> Any:
    """Who was there and when, put right with a reason."""
    actor = current_actor()
    found = access_sign_up(actor, sign_up_id, "calls.lead")
    form = PutRightForm(data={"came": _typed(found.checked_in_at or found.starts_at), "left": _typed(found.checked_out_at or found.ends_at)})
    if form.validate_on_submit():
        try:
            with transaction():
                put_right(found, came_at=form.moment("came"), left_at=form.moment("left"), by=actor, why=form.why.data)
            flash(_("Put right. It stands in the record with your reason."), "done")
            return _back(found.shift_id, found.id)
        except SomeoneWasFaster:
            raise
        except WishappError as error:
            form.form_errors.append(said(error))
    line = next((line for line in days.lines(found.shift) if line.sign_up.id == found.id), None)
    return render_template("volunteering/put_right.html", sign_up=found, shift=found.shift, call=found.shift.call, line=line, form=form), 422 if form.errors else 200


def _typed(moment: datetime) -> datetime:
    return local(moment).replace(tzinfo=None, second=0, microsecond=0)


@blueprint.post("/desk/shifts/<int:shift_id>/walk-in")
@guard("calls.lead", scope="place")
def walk_in(shift_id: int) -> Any:
    """Somebody just turned up: on the list and checked in."""
    actor, shift = current_actor(), _shift(shift_id)
    form = _walk_in_form(shift)
    if form.validate_on_submit():
        role = next((role for role in shift.roles if str(role.id) == form.role.data), None)
        sent = request.form.get("request_key", "")
        try:
            with transaction():
                found, _answer = days.walk_in(role, name=form.name.data, phone=form.phone.data, people=form.people.data,
                                              key=read_key(sent) if sent else str(uuid.uuid4()), by=actor)
            flash(_("On the list and checked in."), "done")
            return _back(shift.id, found.id)
        except SomeoneWasFaster:
            raise
        except WishappError as error:
            form.form_errors.append(said(error))
    return _show_day(shift, form=form), 422


@blueprint.post("/desk/shifts/<int:shift_id>/close")
@guard("calls.lead", scope="place")
def close(shift_id: int) -> Any:
    """Everybody has gone home: close it now, before the clock does."""
    shift = _shift(shift_id)
    with transaction():
        close_shift(shift, by=current_actor())
    flash(_("Closed. Who was still in is checked out, who never came is noted as absent."), "done")
    return redirect(url_for("volunteering.day", shift_id=shift.id), 303)


def _walk_in_form(shift: Shift) -> WalkInForm:
    form = WalkInForm()
    form.offer(shift)
    return form
