"""The doors: sign in, second step, sign out, register."""

import secrets
from typing import Any

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, logout_user

from wishapp.accounts import queries, service, signing, two_step
from wishapp.accounts.blueprint import blueprint, enter, me
from wishapp.accounts.forms import CodeForm, RegisterForm, SignInForm
from wishapp.accounts.models import User
from wishapp.accounts.passwords import hash_password, needs_rehash, verify_password
from wishapp.accounts.signing import Attempt
from wishapp.accounts.views.picking import is_community, pick_place
from wishapp.kernel import clock
from wishapp.kernel.errors import WishappError
from wishapp.kernel.roles import SYSTEM
from wishapp.places import queries as places
from wishapp.store.transaction import transaction
from wishapp.web.actor import current_actor
from wishapp.web.filters import when
from wishapp.web.forms import said
from wishapp.web.guards import guard, public
from wishapp.web.limits import limit_sending
from wishapp.web.redirects import safe_path

SECOND_STEP_SECONDS = 600


def first_page() -> str:
    """Where people land who came for nothing in particular: the page the shell names for them, else the wall."""
    links = current_app.extensions["wishapp_shell"].links(current_actor())
    return links.get("start") or links.get("home") or "/"


def refusal(attempt: Attempt) -> str:
    """Why a try did not get in, and what helps."""
    if attempt.locked_until is not None:
        return _("Too many wrong tries. Please wait until %(until)s, or ask your community for a new password.", until=when(attempt.locked_until))
    if attempt.is_disabled:
        return _("This account is switched off. Please ask your community.")
    return _("The name or the password is not right. Please look at them again.")


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
@limit_sending("30 per minute")
def sign_in() -> Any:
    """User name or phone, and password."""
    target = safe_path(request.args.get("next"))
    if request.method == "GET" and current_user.is_authenticated:
        return redirect(target or first_page(), 303)
    form = SignInForm(data={"next": target})
    if form.validate_on_submit():
        attempt = _try(form)
        if attempt.user is not None:
            return _second_step(form) if attempt.user.totp_secret else _inside(attempt.user, form.remember.data, form.next.data)
        form.password.errors = [refusal(attempt)]
    return render_template("accounts/sign_in.html", form=form), 422 if form.errors else 200


def _try(form: SignInForm) -> Attempt:
    user = queries.user_by_name_or_phone(form.username.data)
    is_right = verify_password(user.password_hash if user else None, form.password.data)
    new_hash = hash_password(form.password.data) if is_right and needs_rehash(user.password_hash) else None
    with transaction():
        attempt = signing.try_password(user, form.username.data, is_right=is_right)
        if attempt.user is not None and not attempt.user.totp_secret:
            signing.let_in(attempt.user, new_hash=new_hash)
    return attempt


def _second_step(form: SignInForm) -> Any:
    user = queries.user_by_name_or_phone(form.username.data)
    session["second_step"] = {
        "id": user.get_id(), "until": clock.now().timestamp() + SECOND_STEP_SECONDS, "remember": form.remember.data, "next": safe_path(form.next.data),
    }
    return redirect(url_for("accounts.sign_in_code"), 303)


def _inside(user: User, remember: bool, target: str | None) -> Any:
    session.clear()
    enter(user, remember=remember)
    return redirect(safe_path(target) or first_page(), 303)


def _waiting_for_code() -> User | None:
    kept = session.get("second_step")
    if not kept or kept["until"] < clock.now().timestamp():
        return None
    user = queries.user(int(kept["id"].partition(":")[0]))
    return user if user is not None and user.is_enabled and user.totp_secret and user.get_id() == kept["id"] else None


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@public
@limit_sending("30 per minute")
def sign_in_code() -> Any:
    """The second step: a code of the app, or a recovery code."""
    user = _waiting_for_code()
    if user is None:
        flash(_("That took a while. Please sign in again."), "wait")
        return redirect(url_for("accounts.sign_in"), 303)
    form = CodeForm()
    if form.validate_on_submit():
        with transaction():
            is_right = two_step.use_code(user, form.code.data)
            attempt = signing.try_password(user, "", is_right=is_right)
            if attempt.user is not None:
                signing.let_in(user)
        if attempt.user is not None:
            return _inside(user, session["second_step"]["remember"], session["second_step"]["next"])
        form.code.errors = [refusal(attempt) if attempt.locked_until else _(two_step.WRONG_CODE)]
    return render_template("accounts/sign_in_code.html", form=form), 422 if form.errors else 200


@blueprint.post("/sign-out")
@guard("account.use", scope="own")
def sign_out() -> Any:
    """Sign out, here and on every other device."""
    with transaction():
        signing.sign_out(me())
    session.clear()
    logout_user()
    flash(_("You are signed out. See you soon."), "done")
    return redirect("/", 303)


@blueprint.route("/register", methods=["GET", "POST"])
@public
@limit_sending("20 per hour")
def register() -> Any:
    """First the community, by links; then name, phone, password."""
    form = RegisterForm()
    if not form.is_submitted():
        picking = pick_place(places.roots(), until=is_community)
        community = places.community_of(picking.here) if picking.here else None
        if community is None or picking.found is not None:
            return render_template("accounts/register_place.html", picking=picking)
        form.community_id.data = community.id
    home = places.place(form.community_id.data or 0)
    if form.validate_on_submit():
        try:
            return _registered(form)
        except WishappError as error:
            form.form_errors.append(said(error))
    return render_template("accounts/register.html", form=form, home=home), 422 if form.errors else 200


def _registered(form: RegisterForm) -> Any:
    hashed = hash_password(form.password.data)
    with transaction():
        user = service.register_user(
            username=form.username.data or f"r{secrets.randbelow(10**9):09d}", display_name=form.display_name.data, phone=form.phone.data,
            password_hash=hashed, community_id=form.community_id.data, by=SYSTEM,
        )
    flash(_("Welcome, %(name)s. This is the wish wall of your neighbourhood.", name=user.display_name), "done")
    session.pop("second_step", None)
    enter(user)
    return redirect(first_page(), 303)
