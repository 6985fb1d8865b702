"""Codes to scan: the volunteer's own, read by the leader; the place's, which changes every minute, read by the volunteer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import segno
from flask import current_app, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeTimedSerializer

from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, NotFound, Refused
from wishapp.kernel.text import N_
from wishapp.store.transaction import transaction
from wishapp.volunteering import codes, day, sending
from wishapp.volunteering.access import access_shift, access_sign_up, may_with_call
from wishapp.volunteering.blueprint import blueprint
from wishapp.volunteering.check_ins import IN, read_key, window
from wishapp.volunteering.models import SignUp
from wishapp.volunteering.record_models import CheckHow
from wishapp.web.actor import current_actor
from wishapp.web.guards import guard, public

PASS, PASS_SECONDS = "place_pass", 600
GUEST_LINK = "guest_link"
RENEW_SECONDS = 30


@dataclass(frozen=True)
class OwnCheck:
    """What a volunteer's own page says about checking in. `stage`: before, in, out, over, "" when there is nothing to check."""

    opens_at: datetime
    is_open: bool
    stage: str
    code: str


@blueprint.app_template_global()
def own_check(sign_up: SignUp) -> OwnCheck:
    """For the partial _check_in.html: the volunteer's own code as an image, and how far things are."""
    opens, ends = window(sign_up.shift)
    stage = ("out" if sign_up.checked_out_at else "in") if sign_up.state in IN else "before" if sign_up.state == "confirmed" else ""
    is_open = opens <= clock.now() <= ends and sign_up.shift.state in ("open", "under_way")
    return OwnCheck(opens, is_open, stage, qr(url_for("volunteering.check", token=codes.own_code(sign_up.id), _external=True)))


def qr(text: str) -> str:
    """A code to scan as the address of an image: dark on white whatever the page's colours are."""
    return segno.make(text, error="m", micro=False).svg_data_uri(scale=4, border=3, dark="#000", light="#fff")


@blueprint.get("/desk/shifts/<int:shift_id>/code")
@guard("calls.lead", scope="place")
def place_code(shift_id: int) -> Any:
    """The place's code for a screen or the leader's phone; the page renews itself, without a script too."""
    shift = access_shift(current_actor(), shift_id, "calls.lead")
    if shift.call.published_at is None:
        raise NotFound()
    opens, ends = window(shift)
    is_open = opens <= clock.now() <= ends and shift.state in ("open", "under_way")
    image = qr(url_for("volunteering.check", token=codes.place_code(shift), _external=True)) if is_open else ""
    answer = make_response(render_template(
        "volunteering/place_code.html", shift=shift, call=shift.call, image=image, opens=opens, now=clock.now(), counts=day.counts(day.lines(shift))))
    answer.headers["Refresh"] = str(RENEW_SECONDS)
    return answer


@blueprint.route("/check/<string:token>", methods=["GET", "POST"])
@public
def check(token: str) -> Any:
    """What a scanned code opens: one button."""
    own_id = codes.read_own_code(token)
    if own_id is not None:
        return _scanned_own(token, own_id)
    code = codes.read_place_code(token)
    if code is None:
        raise NotFound()
    return _scanned_place(token, code)


def _scanned_own(token: str, sign_up_id: int) -> Any:
    """The leader scans a volunteer's own code. Whoever it belongs to is led to their page; nobody else learns anything."""
    actor = current_actor()
    if actor.id is None:
        return redirect(url_for("accounts.sign_in", next=request.path), 303)
    found = access_sign_up(actor, sign_up_id, "calls.sign_up" if _is_own(sign_up_id) else "calls.lead")
    if not may_with_call(actor, found.shift.call, "calls.lead"):
        return redirect(url_for("volunteering.mine_show", sign_up_id=found.id), 303)
    if request.method == "POST":
        what = _press(found, CheckHow.OWN_CODE)
        flash(_("Checked in.") if what == "in" else _("Checked out."), "done")
        return redirect(request.path, 303)
    line = next((line for line in day.lines(found.shift) if line.sign_up.id == found.id), None)
    return render_template("volunteering/check.html", shift=found.shift, call=found.shift.call, sign_up=found, line=line, is_leader=True)


def _is_own(sign_up_id: int) -> bool:
    try:
        access_sign_up(current_actor(), sign_up_id, "calls.sign_up")
    except NotFound:
        return False
    return True


def _scanned_place(token: str, code: codes.PlaceCode) -> Any:
    """The volunteer scans the place's code. Opened in time, the page may wait a while for the sign-in or the thumb."""
    if not code.is_fresh and not _has_pass(token):
        raise Refused(N_("This code has run out. Please scan the one on the screen now."))
    actor, guest = current_actor(), session.get(GUEST_LINK, "")
    try:
        found = sending.own_in(code.shift, guest, actor)
    except NotFound:
        found = None
    if request.method == "POST":
        if found is None:
            raise NotFound()
        what = _press(found, CheckHow.PLACE_CODE)
        flash(_("You are checked in. Good to have you here!") if what == "in" else _("You are checked out. Thank you for today!"), "done")
        is_account = actor.id is not None
        return redirect(url_for("volunteering.mine_show", sign_up_id=found.id) if is_account else url_for("volunteering.guest", token=guest), 303)
    answer = make_response(render_template(
        "volunteering/check.html", shift=code.shift, call=code.shift.call, sign_up=found, line=None, is_leader=False,
        sign_in=url_for("accounts.sign_in", next=request.path) if actor.id is None else ""))
    answer.set_cookie(PASS, _passes().dumps(token), max_age=PASS_SECONDS, path="/check", httponly=True, samesite="Lax",
                      secure=current_app.config["SESSION_COOKIE_SECURE"])
    return answer


def _press(found: SignUp, how: str) -> str:
    what, sent = request.form.get("what", ""), request.form.get("request_key", "")
    if what not in ("in", "out"):
        raise BadInput(sending.UNREADABLE)
    with transaction():
        day.press(found, what, key=read_key(sent), at=clock.now(), by=current_actor(), how=how)
    return what


def _passes() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key, salt="place-pass")


def _has_pass(token: str) -> bool:
    """Did this browser open this very code while it was good, some minutes ago at most."""
    try:
        return _passes().loads(request.cookies.get(PASS, ""), max_age=PASS_SECONDS) == token
    except BadData:
        return False
