"""The blueprint of accounts, and who the cookie stands for."""

from typing import Any

from flask import Blueprint, Flask, redirect, request, url_for
from flask_login import current_user, login_user
from sqlalchemy import select

from wishapp.accounts.models import User
from wishapp.accounts.phones import mask_phone, show_phone
from wishapp.store.db import db
from wishapp.web.forms import MAX_ID
from wishapp.web.words import level_name, role_name

blueprint = Blueprint("accounts", __name__)
# pages open to somebody whose password is a temporary one
MAY_WAIT = {"accounts.change_password", "accounts.sign_out", "accounts.preferences", "accounts.privacy", "static"}


def load_user(cookie_id: str) -> User | None:
    """The person of a cookie's "id:session version"; None when the version is an older one or the person is disabled."""
    number, _colon, version = cookie_id.partition(":")
    if not (number.isascii() and number.isdigit() and version.isascii() and version.isdigit() and len(number) < 11 and int(number) <= MAX_ID):
        return None
    found = db.session.scalar(select(User).where(User.id == int(number)))
    return found if found is not None and found.is_enabled and str(found.session_version) == version else None


def me() -> User:
    """The signed-in person's row: what services take. Flask-Login's current_user is only a proxy of it."""
    return current_user._get_current_object()


def enter(user: User, *, remember: bool = False) -> None:
    """Sign this person in here; called after everything else, since a new session version needs a new cookie."""
    login_user(user, remember=remember)


@blueprint.record_once
def _install(state: Any) -> None:
    app: Flask = state.app
    app.extensions["wishapp_login"].user_loader(load_user)
    for function in (role_name, level_name, show_phone, mask_phone):
        app.jinja_env.filters[function.__name__] = function


@blueprint.before_app_request
def own_password_first() -> Any:
    """A temporary password is replaced before anything else."""
    if request.endpoint is None or request.endpoint in MAY_WAIT or not current_user.is_authenticated:
        return None
    return redirect(url_for("accounts.change_password"), 303) if current_user.is_password_temporary else None
