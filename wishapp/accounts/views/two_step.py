"""Turning the second step on and off."""

from typing import Any

from flask import flash, redirect, render_template, session, url_for
from flask_babel import gettext as _

from wishapp.accounts import signing, two_step
from wishapp.accounts.blueprint import blueprint, enter, me
from wishapp.accounts.forms import CodeForm, ConfirmForm
from wishapp.accounts.passwords import verify_password
from wishapp.accounts.views.doors import refusal
from wishapp.kernel.errors import BadInput
from wishapp.store.transaction import transaction
from wishapp.web.actor import current_actor
from wishapp.web.forms import said
from wishapp.web.guards import guard
from wishapp.web.limits import limit_sending


@blueprint.route("/me/two-step", methods=["GET", "POST"], endpoint="two_step")
@guard("account.use", scope="own")
@limit_sending("20 per minute")
def show_two_step() -> Any:
    """Set the second step up with an authenticator app, or see that it is on."""
    if me().totp_secret:
        left = two_step.recovery_codes_left(me())
        return render_template("accounts/two_step_on.html", form=ConfirmForm(), left=left)
    secret = session.setdefault("new_two_step", two_step.new_secret())
    form = CodeForm()
    if form.validate_on_submit():
        try:
            with transaction():
                codes = two_step.turn_on(me(), secret=secret, code=form.code.data, by=current_actor())
            return _show_codes(codes)
        except BadInput as error:
            form.code.errors = [said(error)]
    picture = two_step.picture(secret, me().username, _("Micro-wishes"))
    groups = [secret[start:start + 4] for start in range(0, len(secret), 4)]
    return render_template("accounts/two_step.html", form=form, picture=picture, groups=groups), 422 if form.errors else 200


def _show_codes(codes: list[str]) -> str:
    """The recovery codes, this once. Other sessions have ended; this one goes on."""
    session.pop("new_two_step", None)
    enter(me())
    return render_template("accounts/recovery_codes.html", codes=codes)


@blueprint.post("/me/turn-off-two-step")
@guard("account.use", scope="own")
@limit_sending("20 per minute")
def turn_off_two_step() -> Any:
    """Do without the second step; asks for the password."""
    form = ConfirmForm()
    if form.validate_on_submit() and _is_own_password(form):
        with transaction():
            two_step.turn_off(me(), by=current_actor())
        enter(me())
        flash(_("From now on the password alone is enough."), "done")
        return redirect(url_for("accounts.two_step"), 303)
    return render_template("accounts/two_step_on.html", form=form, left=two_step.recovery_codes_left(me())), 422


@blueprint.post("/me/new-recovery-codes")
@guard("account.use", scope="own")
@limit_sending("20 per minute")
def new_recovery_codes() -> Any:
    """Eight new recovery codes; asks for the password."""
    form = ConfirmForm()
    if form.validate_on_submit() and _is_own_password(form) and me().totp_secret:
        with transaction():
            codes = two_step.new_recovery_codes(me())
        return _show_codes(codes)
    return render_template("accounts/two_step_on.html", form=form, left=two_step.recovery_codes_left(me())), 422


def _is_own_password(form: ConfirmForm) -> bool:
    is_right = verify_password(me().password_hash, form.password.data)
    with transaction():
        attempt = signing.try_password(me(), "", is_right=is_right)
        if attempt.user is not None:
            signing.clear_count(attempt.user)
    if attempt.user is None:
        form.password.errors = [refusal(attempt) if attempt.locked_until else _("This is not your password.")]
    return attempt.user is not None
