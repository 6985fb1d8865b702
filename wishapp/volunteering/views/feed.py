"""The calendar to subscribe to, and one shift as a file."""

import secrets
from typing import Any

from flask import Response, flash, redirect, url_for
from flask_babel import gettext as _

from wishapp.kernel.errors import NotFound
from wishapp.store.transaction import transaction
from wishapp.volunteering import calendars, service
from wishapp.volunteering.access import access_sign_up
from wishapp.volunteering.blueprint import blueprint
from wishapp.volunteering.models import SignUp
from wishapp.volunteering.views.guests import access_by_token
from wishapp.volunteering.views.mine import show_profile
from wishapp.volunteering.volunteers import volunteer_of
from wishapp.web.actor import current_actor
from wishapp.web.guards import guard, public


def page_of(sign_up: SignUp) -> str:
    """Address of one's own sign-up; it opens only to its owner."""
    return url_for("volunteering.mine_show", sign_up_id=sign_up.id, _external=True)


def as_file(body: bytes, name: str) -> Response:
    """An iCalendar answer that no shared cache keeps."""
    return Response(body, content_type="text/calendar; charset=utf-8", headers={
        "Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-cache", "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex"})


@blueprint.get("/calendar/<string:token>.ics")
@public
def feed(token: str) -> Response:
    """All shifts of whoever gave this address to their calendar."""
    volunteer = calendars.volunteer_by_feed(token)
    return as_file(calendars.calendar_of(calendars.shifts_of(volunteer), _("My shifts"), page_of), "shifts.ics")


@blueprint.get("/sign-ups/<int:sign_up_id>/event.ics")
@guard("calls.sign_up", scope="own")
def event(sign_up_id: int) -> Response:
    """One shift for one's own calendar."""
    return _one(access_sign_up(current_actor(), sign_up_id, "calls.sign_up"), page_of)


@blueprint.get("/guests/<string:token>/event.ics")
@public
def guest_event(token: str) -> Response:
    """A guest's shift for their own calendar."""
    return _one(access_by_token(token), lambda _sign_up: url_for("volunteering.guest", token=token, _external=True))


def _one(sign_up: SignUp, address: Any) -> Response:
    if sign_up.state not in calendars.STATUS:
        raise NotFound()
    return as_file(calendars.calendar_of([sign_up], sign_up.shift.call.title, address), "shift.ics")


@blueprint.post("/volunteer/start-feed")
@guard("calls.sign_up", scope="own")
def start_feed() -> Any:
    """An address for one's calendar, shown this once; an older one ends."""
    actor, secret = current_actor(), secrets.token_urlsafe(24)
    with transaction():
        calendars.start_feed(service.ensure_volunteer(actor.id), secret, by=actor)
    return show_profile(feed=url_for("volunteering.feed", token=secret, _external=True))


@blueprint.post("/volunteer/end-feed")
@guard("calls.sign_up", scope="own")
def end_feed() -> Any:
    """The address of the calendar opens nothing any more."""
    actor = current_actor()
    volunteer = volunteer_of(actor.id)
    if volunteer is not None and volunteer.feed_digest is not None:
        with transaction():
            calendars.end_feed(volunteer, by=actor)
        flash(_("The address is closed; calendars that use it get nothing any more."), "done")
    return redirect(url_for("volunteering.profile"), 303)
