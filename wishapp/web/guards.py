"""Default deny: every view names a permission or says that it is public; `enforce` runs before every view."""

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, redirect, request, url_for
from flask_login import current_user

from wishapp.kernel.errors import Forbidden
from wishapp.kernel.permissions import PERMISSIONS
from wishapp.web.actor import current_actor

View = Callable[..., Any]
PUBLIC = "public"


def guard(permission: str, *, scope: str = "any") -> Callable[[View], View]:
    """Let only holders of `permission` in. `scope` says in words where the object check happens, for `wishapp routes`:
    "any" (no object), "own" (the person's own things) or "place" (access_<thing> compares place paths)."""
    if permission not in PERMISSIONS:
        raise KeyError(f"no such permission: {permission}")

    def mark(view: View) -> View:
        view.__guard__ = permission
        view.__scope__ = scope
        return view

    return mark


def public(view: View) -> View:
    """Anybody may open this."""
    view.__guard__ = PUBLIC
    view.__scope__ = "any"
    return view


def enforce() -> Any:
    """Refuse what is not declared; send strangers to the sign-in page and bring them back afterwards."""
    if request.endpoint is None:
        return None
    if request.endpoint == "static" or request.endpoint.endswith(".static"):
        return None
    view = current_app.view_functions[request.endpoint]
    permission = getattr(view, "__guard__", None)
    if permission is None:
        raise Forbidden()
    if permission == PUBLIC or current_actor().may(permission):
        return None
    if not current_user.is_authenticated:
        target = request.full_path if request.method == "GET" else None
        return redirect(url_for("accounts.sign_in", next=target.rstrip("?") if target else None), 303)
    raise Forbidden()


def init_app(app: Flask) -> None:
    """Install the guard."""
    app.before_request(enforce)
