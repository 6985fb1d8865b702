"""The list of a shift for whoever runs it: letting in, taking off, signing up by hand, seats, invitations, the list as a workbook."""

from collections.abc import Callable
from typing import Any

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from wishapp.accounts.service import show_phone
from wishapp.kernel import clock
from wishapp.kernel.errors import Forbidden, SomeoneWasFaster, WishappError
from wishapp.store.transaction import transaction
from wishapp.volunteering import invitations, service, words
from wishapp.volunteering import roster as rosters
from wishapp.volunteering.access import access_shift, access_sign_up, may_with_call
from wishapp.volunteering.blueprint import blueprint
from wishapp.volunteering.making_forms import WhyForm
from wishapp.volunteering.models import Shift, SignUp
from wishapp.volunteering.roster_forms import AddForm, SeatsForm
from wishapp.web.actor import current_actor
from wishapp.web.filters import local
from wishapp.web.forms import PressForm, said
from wishapp.web.guards import guard
from wishapp.web.sheets import workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def led_shift(shift_id: int) -> Shift:
    """The shift, for whoever leads it."""
    return access_shift(current_actor(), shift_id, "calls.lead")


@blueprint.get("/desk/shifts/<int:shift_id>", endpoint="roster")
@guard("calls.lead", scope="place")
def show_roster(shift_id: int) -> Any:
    """Who is on the list, names masked."""
    return _page(led_shift(shift_id))


def _page(shift: Shift, *, form: AddForm | None = None, is_opened: bool = False, status: int = 200) -> Any:
    actor = current_actor()
    page = render_template(
        "volunteering/roster.html", shift=shift, call=shift.call, found=rosters.roster(shift, is_opened=is_opened), words=words, is_opened=is_opened,
        form=form or _add_form(shift), reads=rosters.count_reads(shift.id), may_make=may_with_call(actor, shift.call, "calls.make"), press=PressForm(formdata=None),
        now=clock.now(), today=clock.today(), may_review=actor.may("calls.review"),
        is_live=shift.state in ("open", "under_way") and shift.call.state in ("open", "full", "under_way"))
    return page, status


def _add_form(shift: Shift) -> AddForm:
    form = AddForm()
    form.offer(shift, current_app.jinja_env.filters["skill_word"])
    return form


def _blank(shift: Shift) -> AddForm:
    form = AddForm(formdata=None)
    form.offer(shift, current_app.jinja_env.filters["skill_word"])
    return form


def _back(shift_id: int) -> Any:
    return redirect(url_for("volunteering.roster", shift_id=shift_id), 303)


@blueprint.post("/desk/shifts/<int:shift_id>/read-contacts")
@guard("calls.lead", scope="place")
def read_contacts(shift_id: int) -> Any:
    """Full names and telephones for this one look; it is written down. Answered in place."""
    shift = led_shift(shift_id)
    with transaction():
        rosters.read_contacts(shift, by=current_actor(), purpose=request.form.get("purpose", ""))
    return _page(shift, form=_blank(shift), is_opened=True)


@blueprint.post("/desk/shifts/<int:shift_id>/add-person")
@guard("calls.lead", scope="place")
def add_person(shift_id: int) -> Any:
    """Put somebody on the list by hand."""
    shift = led_shift(shift_id)
    form = _add_form(shift)
    if form.validate_on_submit():
        is_account = form.how.data == "account"
        try:
            with transaction():
                made = rosters.add_by_hand(
                    rosters.role_of(shift, form.role_id.data), by=current_actor(), who=form.who.data if is_account else "",
                    name=form.name.data or "", phone=form.phone.data or "", people=form.people.data)
            flash(_("On the list.") if made.state == "confirmed" else _("The shift is full: on the waitlist."), "done")
            return _back(shift.id)
        except SomeoneWasFaster:
            raise
        except WishappError as error:
            form.form_errors.append(said(error))
    return _page(shift, form=form, status=422)


@blueprint.post("/desk/shifts/<int:shift_id>/change-seats")
@guard("calls.make", scope="place")
def change_seats(shift_id: int) -> Any:
    """More or fewer seats of one sort; more are offered to the queue at once."""
    shift, form = access_shift(current_actor(), shift_id, "calls.make"), SeatsForm()
    if not form.validate_on_submit():
        flash(_("Please give the number of seats, from 0 to 500."), "alarm")
        return _page(shift, form=_blank(shift), status=422)
    with transaction():
        service.change_seats(rosters.role_of(shift, form.role_id.data), form.seats.data, by=current_actor())
    flash(_("Kept."), "done")
    return _back(shift.id)


@blueprint.post("/desk/sign-ups/<int:sign_up_id>/approve")
@guard("calls.lead", scope="place")
def approve(sign_up_id: int) -> Any:
    """Let an applicant in."""
    found = access_sign_up(current_actor(), sign_up_id, "calls.lead")
    with transaction():
        service.approve_sign_up(found, by=current_actor())
    flash(_("Let in; they have been told."), "done")
    return _back(found.shift_id)


@blueprint.route("/desk/sign-ups/<int:sign_up_id>/refuse", methods=["GET", "POST"])
@guard("calls.lead", scope="place")
def refuse(sign_up_id: int) -> Any:
    """An applicant cannot be taken, with a reason they read."""
    return _with_reason(sign_up_id, service.refuse_sign_up, _("Not taken; they have been told why."), is_refusal=True)


@blueprint.route("/desk/sign-ups/<int:sign_up_id>/take-off", methods=["GET", "POST"])
@guard("calls.lead", scope="place")
def take_off(sign_up_id: int) -> Any:
    """Take somebody off the list, with a reason they read; the seat goes to the queue."""
    return _with_reason(sign_up_id, service.cancel_sign_up, _("Taken off; they have been told why, and the seat goes to the queue."), is_refusal=False)


def _with_reason(sign_up_id: int, verb: Callable, done: str, *, is_refusal: bool) -> Any:
    found: SignUp = access_sign_up(current_actor(), sign_up_id, "calls.lead")
    form = WhyForm()
    if form.validate_on_submit():
        with transaction():
            verb(found, by=current_actor(), why=form.why.data)
        flash(done, "done")
        return _back(found.shift_id)
    entries = rosters.roster(found.shift)
    entry = next(one for part in (entries.applied, entries.holding, entries.queue, entries.gone) for one in part if one.sign_up.id == found.id)
    page = render_template("volunteering/take_off.html", entry=entry, shift=found.shift, call=found.shift.call, form=form, is_refusal=is_refusal)
    return page, 422 if form.errors else 200


@blueprint.post("/desk/shifts/<int:shift_id>/export")
@guard("calls.lead", scope="place")
def export(shift_id: int) -> Response:
    """The list with full names and telephones as a workbook; that it was read is written down first."""
    shift = led_shift(shift_id)
    with transaction():
        rosters.read_contacts(shift, by=current_actor(), purpose=rosters.Purpose.LIST)
    found = rosters.roster(shift, is_opened=True)
    seat = current_app.jinja_env.filters["skill_word"]
    body = workbook(_("List"), [_("No."), _("Name"), _("Telephone"), _("People"), _("Seat"), _("State"), _("Volunteer number")], [
        (line, one.name, show_phone(one.phone), one.sign_up.people, seat(one.sign_up.role.skill), words.SIGN_UP_STATES[one.sign_up.state], one.number)
        for line, one in enumerate([*found.listed, *found.queue], start=1)])
    name = f"shift-{shift.id}-{local(shift.starts_at):%Y%m%d}.xlsx"
    return Response(body, mimetype=XLSX, headers={"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"})


@blueprint.get("/desk/shifts/<int:shift_id>/invitations", endpoint="invitations")
@guard("calls.lead", scope="place")
def show_invitations(shift_id: int) -> Any:
    """Who could be asked, names masked."""
    return _invitations(led_shift(shift_id))


@blueprint.post("/desk/shifts/<int:shift_id>/read-invited")
@guard("calls.lead", scope="place")
def read_invited(shift_id: int) -> Any:
    """The same with names and telephones; it is written down. Answered in place."""
    shift = led_shift(shift_id)
    if not invitations.may_open(current_actor(), shift):
        raise Forbidden()
    with transaction():
        rosters.read_contacts(shift, by=current_actor(), purpose=rosters.Purpose.INVITE)
    return _invitations(shift, is_opened=True)


def _invitations(shift: Shift, *, is_opened: bool = False) -> str:
    return render_template("volunteering/invitations.html", shift=shift, call=shift.call, found=invitations.candidates(shift, is_opened=is_opened), is_opened=is_opened,
                           reads=rosters.count_reads(shift.id), may_open=invitations.may_open(current_actor(), shift))


@blueprint.post("/desk/shifts/<int:shift_id>/note-asked")
@guard("calls.lead", scope="place")
def note_asked(shift_id: int) -> Any:
    """These people were asked just now: others come first next time."""
    shift = led_shift(shift_id)
    ids = [int(value) for value in request.form.getlist("ids")[:200] if value.isascii() and value.isdecimal() and len(value) < 10]
    with transaction():
        count = invitations.note_asked(shift, ids, by=current_actor())
    flash(ngettext("%(num)d person noted as asked.", "%(num)d people noted as asked.", count), "done" if count else "wait")
    return redirect(url_for("volunteering.invitations", shift_id=shift.id), 303)
