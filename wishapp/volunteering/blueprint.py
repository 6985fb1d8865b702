"""The blueprint all pages of this slice hang on."""

from typing import Any

from flask import Blueprint, current_app

from wishapp.kernel.permissions import FIELD_STAFF
from wishapp.web.actor import current_actor

blueprint = Blueprint("volunteering", __name__)


@blueprint.context_processor
def frame() -> dict[str, Any]:
    """`known_endpoints`: so that a page links only to pages that are there. `house`: organisers who are staff work in the staff's house."""
    return {"known_endpoints": current_app.view_functions, "house": "staff.html" if current_actor().roles & FIELD_STAFF else "base.html"}
