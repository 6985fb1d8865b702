"""One's own page, password, community and preferences; the privacy notice."""

from typing import Any
from urllib.parse import urlsplit

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from wishapp.accounts import service, signing
from wishapp.accounts.blueprint import blueprint, enter, me
from wishapp.accounts.forms import ChangePasswordForm, PlaceForm, ProfileForm
from wishapp.accounts.passwords import hash_password, verify_password
from wishapp.accounts.phones import show_phone
from wishapp.accounts.views.doors import first_page, refusal
from wishapp.accounts.views.picking import is_community, pick_place
from wishapp.kernel.errors import BadInput, WishappError
from wishapp.kernel.permissions import FIELD_STAFF
from wishapp.kernel.text import N_
from wishapp.places import queries as places
from wishapp.store.transaction import transaction
from wishapp.web.actor import current_actor
from wishapp.web.forms import said
from wishapp.web.guards import guard, public
from wishapp.web.i18n import COOKIES
from wishapp.web.limits import limit_sending
from wishapp.web.redirects import safe_path

YEAR = 365 * 24 * 3600


@blueprint.route("/me", methods=["GET", "POST"])
@guard("account.use", scope="own")
def profile() -> Any:
    """Name, phone, community, language and look."""
    form = ProfileForm(data={"display_name": me().display_name, "phone": show_phone(me().phone)})
    if form.validate_on_submit():
        try:
            with transaction():
                service.change_profile(
                    me(), display_name=form.display_name.data, phone=form.phone.data, community_id=None, by=current_actor())
            flash(_("Kept."), "done")
            return redirect(url_for("accounts.profile"), 303)
        except WishappError as error:
            form.form_errors.append(said(error))
    is_staff = bool(current_actor().roles & FIELD_STAFF)
    return render_template("accounts/profile.html", form=form, is_staff=is_staff), 422 if form.errors else 200


@blueprint.route("/me/community", methods=["GET", "POST"])
@guard("account.use", scope="own")
def change_community() -> Any:
    """Moved house: another community."""
    form = PlaceForm()
    if form.validate_on_submit():
        with transaction():
            service.change_profile(
                me(), display_name=me().display_name, phone=me().phone, community_id=form.place_id.data, by=current_actor())
        flash(_("From now on you see your new neighbourhood."), "done")
        return redirect(url_for("accounts.profile"), 303)
    picking = pick_place(places.roots(), until=is_community)
    is_chosen = picking.found is None and picking.here is not None and picking.here.level == "community"
    form.place_id.data = picking.here.id if is_chosen else None
    return render_template("accounts/change_community.html", form=form, picking=picking, is_chosen=is_chosen), 422 if form.errors else 200


@blueprint.route("/me/change-password", methods=["GET", "POST"])
@guard("account.use", scope="own")
@limit_sending("20 per minute")
def change_password() -> Any:
    """A new password; every other device is signed out."""
    form = ChangePasswordForm()
    if form.validate_on_submit() and _knows_password(form.old_password) and _is_another(form.password):
        hashed = hash_password(form.password.data)
        with transaction():
            service.change_password(me(), password_hash=hashed, by=current_actor())
        enter(me())
        flash(_("Your new password is in use. Other devices are signed out."), "done")
        return redirect(first_page(), 303)
    return render_template("accounts/change_password.html", form=form), 422 if form.errors else 200


def _is_another(field: Any) -> bool:
    """The new password must not be the one so far: a temporary one is known to whoever gave it."""
    if not verify_password(me().password_hash, field.data):
        return True
    field.errors = [_("That is the password so far. Please take another.")]
    return False


def _knows_password(field: Any) -> bool:
    """Is the password so far right; wrong ones count like wrong sign-ins. Not asked for when it is a temporary one."""
    if me().is_password_temporary:
        return True
    is_right = verify_password(me().password_hash, field.data or "")
    with transaction():
        attempt = signing.try_password(me(), "", is_right=is_right)
        if attempt.user is not None:
            signing.clear_count(attempt.user)
    if attempt.user is None:
        field.errors = [refusal(attempt) if attempt.locked_until else _("This is not your password so far.")]
    return attempt.user is not None


@blueprint.post("/preferences")
@public
def preferences() -> Any:
    """Language, elder mode, light or dark: in a cookie, and on the account of somebody signed in. Goes back to where it came from."""
    chosen = _chosen()
    if current_user.is_authenticated:
        with transaction():
            for name, value in chosen.items():
                setattr(me(), f"prefers_{name}", value)
    answer = redirect(_back(), 303)
    for name, value in chosen.items():
        answer.set_cookie(name, value, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure)
    return answer


def _chosen() -> dict[str, str]:
    sent = {name: request.form[name] for name in COOKIES if name in request.form}
    if "mode" in request.form:
        sent["elder"] = {"elder": "1", "standard": "0"}.get(request.form["mode"], "")
    if not sent or any(value not in COOKIES[name] for name, value in sent.items()):
        raise BadInput(N_("There is no such setting."))
    return sent


def _back() -> str:
    return safe_path(request.form.get("next")) or safe_path(_came_from()) or "/"


def _came_from() -> str | None:
    """Path of the page the request says it came from, when that is one of ours."""
    try:
        came_from = urlsplit(request.referrer or "")
    except ValueError:
        return None
    return came_from.path if came_from.netloc == request.host else None


@blueprint.get("/privacy")
@public
def privacy() -> Any:
    """What is kept, who sees it, how long, in plain words."""
    return render_template("accounts/privacy.html")
