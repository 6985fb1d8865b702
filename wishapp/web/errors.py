"""Every refusal is a page in the reader's language that says what helps. Never a bare 5xx."""

import structlog
from flask import Flask, current_app, g, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, InternalError, OperationalError, TimeoutError
from werkzeug.exceptions import HTTPException

from wishapp.kernel.errors import BadInput, Busy, Forbidden, WishappError
from wishapp.kernel.text import N_
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.web import i18n
from wishapp.web.actor import current_actor

log = structlog.get_logger()

MESSAGES = {
    400: _l("Something in this request could not be read. Please go back and try again."),
    401: _l("Please sign in first."),
    403: _l("This is not yours to do. Ask your community if you think it should be."),
    404: _l("There is nothing here, or it is not for you to see."),
    405: _l("This page cannot be used in that way."),
    409: _l("Someone was faster. This page now shows how things stand."),
    413: _l("That is too large. A photo may have up to 10 MB."),
    415: _l("This kind of file cannot be used here."),
    422: _l("Something in the form needs another look."),
    429: _l("That was a bit fast. Please wait a minute and try again."),
    500: _l("Something broke on our side. It has been written down; please try again later."),
    503: _l("Many people are here at once. Please try again in a moment; nothing was lost."),
}


def error_page(status: int, message: str | None = None) -> tuple[str, int, dict[str, str]]:
    """The page for a refusal; `message` is already in the reader's language."""
    words = message or str(MESSAGES.get(status, MESSAGES[400]))
    try:
        page = render_template("errors/error.html", status=status, message=words)
    except (OperationalError, InternalError, TimeoutError):
        # the page's shell asks the database who is reading; when that is what failed, a page without shell must do
        db.session.rollback()
        page = current_app.jinja_env.get_template("errors/plain.html").render(status=status, message=words, lang=i18n.from_header(request))
    return page, status, {"Retry-After": "5"} if status == 503 else {}


def refused(error: WishappError) -> tuple[str, int, dict[str, str]]:
    """A refusal from a service. Forbidden attempts go into the record."""
    db.session.rollback()
    db.session().info.pop("before_commit", None)  # the key of a send that came to nothing is not kept with the record of its refusal
    if isinstance(error, Forbidden) and current_actor().id is not None:
        with transaction():
            audit.record("route", 0, "denied", by=current_actor(), data={"endpoint": request.endpoint or "", "method": request.method})
    return error_page(error.status, _(error.message) % error.params if error.params else _(error.message))


def http_error(error: HTTPException) -> tuple[str, int, dict[str, str]]:
    """Errors raised by Flask and Werkzeug themselves."""
    if error.code and error.code < 400:
        return error
    status = error.code if error.code in MESSAGES else 400
    return error_page(status)


def unreachable(error: OperationalError) -> tuple[str, int, dict[str, str]]:
    """The database does not answer: it will, by itself, later. Nobody can be looked up meanwhile, so the reader is a stranger."""
    db.session.rollback()
    g._login_user = current_app.login_manager.anonymous_user()
    log.warning("database_unavailable", kind=type(error).__name__)
    return error_page(Busy.status)


def bad_value(error: DataError | IntegrityError | UnicodeEncodeError | OverflowError) -> tuple[str, int, dict[str, str]]:
    """A value the database refuses although no form caught it: the sender's matter, and ours to add a check for."""
    db.session.rollback()
    log.warning("value_refused_by_database", endpoint=request.endpoint, kind=type(error).__name__)
    return error_page(BadInput.status, _(N_("Something in the form needs another look.")))


def broken(error: Exception) -> tuple[str, int, dict[str, str]]:
    """A fault of ours. The log gets the place of the fault, never what the person sent."""
    db.session.rollback()
    log.error("unexpected_error", endpoint=request.endpoint, kind=type(error).__name__, exc_info=error)
    return error_page(500)


def init_app(app: Flask) -> None:
    """Install all handlers."""
    app.register_error_handler(WishappError, refused)
    app.register_error_handler(CSRFError, lambda error: error_page(400, _("This page had been open for too long. Please load it again and send once more.")))
    app.register_error_handler(HTTPException, http_error)
    for kind in (OperationalError, InterfaceError, TimeoutError):
        app.register_error_handler(kind, unreachable)
    for kind in (DataError, IntegrityError, UnicodeEncodeError, OverflowError):
        app.register_error_handler(kind, bad_value)
    if not app.config.get("PROPAGATE_EXCEPTIONS"):
        app.register_error_handler(Exception, broken)
