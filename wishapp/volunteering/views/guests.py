"""People without an account: they sign up with name and telephone and keep a private link, which is all there is to it."""

from collections.abc import Callable
from typing import Any

from flask import flash, make_response, redirect, render_template, session, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from wishapp.kernel.errors import BadInput, NotFound, Refused
from wishapp.kernel.roles import NOBODY
from wishapp.kernel.text import N_
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering import service
from wishapp.volunteering.access import access_shift
from wishapp.volunteering.blueprint import blueprint
from wishapp.volunteering.models import Call, Shift, SignUp
from wishapp.volunteering.sign_up_forms import GuestForm
from wishapp.volunteering.sign_ups import digest
from wishapp.volunteering.views.mine import about
from wishapp.volunteering.views.public import show_shift, what_came_of
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.forms import said
from wishapp.web.guards import public
from wishapp.web.limits import limit_sending


@blueprint.post("/shifts/<int:shift_id>/guest-sign-up")
@public
@limit_sending("20 per minute")
def guest_sign_up(shift_id: int) -> Any:
    """A place in the shift without an account; leads to the private link."""
    if current_actor().id is not None:
        return redirect(url_for("volunteering.shift", shift_id=shift_id), 303)
    shift = access_shift(NOBODY, shift_id, "calls.read")
    form = GuestForm().for_shift(shift, frozenset())
    if not shift.call.takes_guests:
        raise Refused(N_("This call is for people with an account."))
    if not form.validate_on_submit():
        return show_shift(shift, form=form, status=422)
    if (known := _found(form.key.data)) is not None:  # the same send once more
        return _to(form.key.data) if known.shift_id == shift.id else show_shift(shift, form=form, status=409)
    role = next(role for role in shift.roles if role.id == form.role_id.data)
    try:
        with transaction():
            guest = service.ensure_guest(form.name.data, form.phone.data, shift.call.community.code[:6])
            made = service.sign_up(role, guest, by=NOBODY, people=form.people.data, origin="guest")
            made.token_digest = digest(form.key.data)
    except BadInput as error:
        form.name.errors = [*form.name.errors, said(error)]
        return show_shift(shift, form=form, status=422)
    except Refused as refusal:
        return show_shift(shift, form=form, refusal=refusal, status=refusal.status)
    flash(what_came_of(made), "done" if made.state == "confirmed" else "wait")
    return _to(form.key.data)


def _to(token: str) -> Response:
    answer = redirect(url_for("volunteering.guest", token=token), 303)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _found(token: str) -> SignUp | None:
    return db.session.scalar(
        select(SignUp).options(joinedload(SignUp.volunteer), joinedload(SignUp.role), joinedload(SignUp.shift).joinedload(Shift.call).joinedload(Call.community))
        .where(SignUp.token_digest == digest(token)))


def access_by_token(token: str) -> SignUp:
    """The guest's sign-up behind a private link; NotFound for any other word."""
    found = _found(token) if token.isascii() and 32 <= len(token) <= 48 else None
    if found is None:
        raise NotFound()
    return found


def show_guest(sign_up: SignUp, token: str, *, refusal: Refused | None = None) -> Response:
    """The guest's page: like one's own sign-up page, by the link alone; kept by no cache, told to no other site."""
    address = url_for("volunteering.guest", token=token, _external=True)
    answer = make_response(render_template(
        "volunteering/guest.html", sign_up=sign_up, token=token, address=address, event_url=url_for("volunteering.guest_event", token=token),
        refusal=said(refusal) if refusal else "",
        act=lambda name: url_for("volunteering.guest_act", token=token, verb=name), **about(sign_up, {None})), refusal.status if refusal else 200)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@blueprint.get("/guests/<string:token>")
@public
def guest(token: str) -> Response:
    """A guest's own sign-up; this device is known for it from now on, so that a code scanned at the place finds it."""
    found = access_by_token(token)
    session["guest_link"] = token
    return show_guest(found, token)


ACTS: dict[str, tuple[Callable[..., Any], str]] = {
    "accept": (service.accept_seat, N_("You are in. See you there!")),
    "decline": (service.decline_seat, N_("Said. The seat goes on to the next; thank you.")),
    "ask_off": (service.ask_off, N_("Said. A stand-in is being looked for; you will hear at once.")),
    "come_after_all": (service.come_after_all, N_("Good to have you back. See you there!")),
    "cancel": (service.cancel_sign_up, N_("You are off the list. Thank you for saying so in time; the seat goes to whoever waits.")),
}


@blueprint.post("/guests/<string:token>/guest-act")
@public
@limit_sending("30 per minute")
def guest_act(token: str) -> Any:
    """Answer, step back or ask off by the private link; `verb` in the address says which."""
    sign_up = access_by_token(token)
    verb = arguments.text("verb", most=20)
    if verb not in ACTS:
        raise NotFound()
    act, told = ACTS[verb]
    try:
        with transaction():
            act(sign_up, by=NOBODY)
    except Refused as refusal:
        return show_guest(access_by_token(token), token, refusal=refusal)
    flash(_(told), "done")
    return _to(token)
