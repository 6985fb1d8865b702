"""The blueprint all pages of this slice hang on."""

from datetime import datetime
from typing import Any

from flask import Blueprint
from flask_babel import format_date
from flask_babel import gettext as _

from wishapp.kernel import clock
from wishapp.kernel.permissions import FIELD_STAFF
from wishapp.web.actor import current_actor
from wishapp.web.filters import local

blueprint = Blueprint("volunteering", __name__)


@blueprint.context_processor
def frame() -> dict[str, Any]:
    """`house`: organisers who are staff work in the staff's house."""
    return {"house": "staff.html" if current_actor().roles & FIELD_STAFF else "base.html"}


@blueprint.app_template_filter("localday")
def localday(moment: datetime) -> str:
    """The day of a moment on the neighbourhood's clock, always with its weekday: 6月13日 周六."""
    there = local(moment).date()
    return format_date(there, _("MMM d EEE") if there.year == clock.today().year else _("MMM d, y"))


@blueprint.app_template_filter("hhmm")
def hhmm(moment: datetime) -> str:
    """The time of a moment on the neighbourhood's clock: 09:00."""
    return f"{local(moment):%H:%M}"


@blueprint.app_template_filter("monthday")
def monthday(moment: datetime) -> str:
    """The day of a moment without its weekday: 6月13日."""
    return format_date(local(moment).date(), _("MMM d"))


@blueprint.app_template_filter("weekday")
def weekday(moment: datetime) -> str:
    """The weekday of a moment: 周六."""
    return format_date(local(moment).date(), "EEE")
