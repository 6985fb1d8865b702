"""The inbox."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from wishapp.accounts import queries as accounts
from wishapp.notices import queries, service
from wishapp.notices.forms import AddressForm
from wishapp.notices.wording import path_to, rule_of, sentence
from wishapp.store.transaction import transaction
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.guards import guard

blueprint = Blueprint("notices", __name__, url_prefix="/notices")


@blueprint.get("")
@guard("notices.read", scope="own")
def inbox() -> Any:
    """Everything this person was told: unread first, then the newest."""
    only_unread = request.args.get("only") == "unread"
    actor = current_actor()
    page = queries.inbox(actor.id, arguments.page(), is_unread_only=only_unread)
    unread = queries.unread_count(actor.id)
    return render_template("notices/inbox.html", page=page, unread=unread, only_unread=only_unread, sentence=sentence, rule_of=rule_of, path_to=path_to)


@blueprint.post("/<int:notice_id>/read")
@guard("notices.read", scope="own")
def read(notice_id: int) -> Any:
    """Open a notice: it counts as read, and the page about the thing comes up."""
    notice = queries.access_notice(current_actor(), notice_id)
    with transaction():
        service.read_notice(notice, by=current_actor())
    return redirect(path_to(notice) or url_for("notices.inbox"), 303)


@blueprint.post("/read-all")
@guard("notices.read", scope="own")
def read_all() -> Any:
    """Everything counts as read."""
    with transaction():
        count = service.read_all_notices(by=current_actor())
    flash(ngettext("%(num)d message marked as read", "%(num)d messages marked as read", count), "done")
    return redirect(url_for("notices.inbox"), 303)


@blueprint.route("/address", methods=["GET", "POST"])
@guard("notices.read", scope="own")
def change_address() -> Any:
    """Where messages also go by e-mail; an empty field turns it off."""
    actor = current_actor()
    user = accounts.user(actor.id)
    form = AddressForm(data={"email": user.email})
    if form.validate_on_submit():
        with transaction():
            service.change_address(user, form.email.data or None, by=actor)
        flash(_("Saved. What is your turn also comes by e-mail.") if form.email.data else _("Saved. No more e-mail; everything stands here."), "done")
        return redirect(url_for("notices.inbox"), 303)
    return render_template("notices/address.html", form=form), 422 if form.errors else 200
