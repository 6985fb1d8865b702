"""`/audit`: the record, for staff, within their own places."""

from flask import Blueprint, render_template
from flask_babel import gettext as _

from wishapp.accounts import queries as accounts
from wishapp.dashboards import audit_words, record
from wishapp.kernel.errors import BadInput
from wishapp.kernel.text import N_
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.guards import guard

blueprint = Blueprint("audit", __name__)


def word(name: str, known: dict) -> str | None:
    """A word of the query string that must be one of `known`; None when absent, BadInput when unknown."""
    value = arguments.text(name, most=40) or None
    if value is not None and value not in known:
        raise BadInput(N_("The address of this page names a choice that does not exist."))
    return value


@blueprint.get("/audit")
@guard("audit.read", scope="place")
def index() -> str:
    """Entries, newest first; filters stand in the address."""
    person = arguments.text("person", most=40)
    found = accounts.user_by_name(person) if person else None
    filters = record.Filters(
        kind=word("kind", audit_words.KINDS), thing_id=arguments.number("thing"), action=word("action", audit_words.ACTIONS),
        actor_id=(found.id if found else 0) if person else None,
    )
    page = record.entries(current_actor().paths_for("audit.read"), filters, arguments.page())
    kept = {name: value for name, value in arguments.kept().items() if value and name != "page"}
    return render_template(
        "audit/index.html", page=page, filters=filters, person=person, kept=kept, kinds=audit_words.KINDS, actions=audit_words.ACTIONS,
        names=record.names_of(page.rows), places=record.places_of(page.rows), nobody=_("the site itself"),
    )
