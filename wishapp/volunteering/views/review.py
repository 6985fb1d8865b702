"""What staff do with calls before people see them."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from wishapp.kernel.errors import SomeoneWasFaster, WishappError
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering import desk, service
from wishapp.volunteering.access import access_call
from wishapp.volunteering.blueprint import blueprint
from wishapp.volunteering.making_forms import WhyForm
from wishapp.volunteering.models import Call
from wishapp.volunteering.views.desk import filters, show_call
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.forms import said
from wishapp.web.guards import guard


def _reviewed(call_id: int) -> Call:
    return access_call(current_actor(), call_id, "calls.review")


def _back(call: Call) -> Any:
    return redirect(url_for("volunteering.manage", call_id=call.id), 303)


@blueprint.post("/desk/calls/<int:call_id>/publish")
@guard("calls.review", scope="place")
def publish(call_id: int) -> Any:
    """Put it up for everybody."""
    call = _reviewed(call_id)
    with transaction():
        service.publish_call(call, by=current_actor())
    flash(_("“%(title)s” is published. People can sign up.", title=call.title), "done")
    return _back(call)


@blueprint.post("/desk/calls/<int:call_id>/second")
@guard("calls.review", scope="place")
def second(call_id: int) -> Any:
    """Pass it up to the street."""
    call = _reviewed(call_id)
    with transaction():
        service.second_call(call, by=current_actor())
    flash(_("“%(title)s” is with the street now.", title=call.title), "done")
    return _back(call)


@blueprint.post("/desk/calls/<int:call_id>/return", endpoint="return")
@guard("calls.review", scope="place")
def return_(call_id: int) -> Any:
    """Send it back with a reason."""
    call, form = _reviewed(call_id), WhyForm()
    if not form.validate_on_submit():
        return show_call(call, form, 422)
    with transaction():
        service.return_call(call, by=current_actor(), why=form.why.data)
    flash(_("Sent back, with your words."), "done")
    return _back(call)


@blueprint.post("/desk/calls/publish-all")
@guard("calls.review", scope="place")
def publish_all() -> Any:
    """Pass the ticked ones, or all of the filter, on; says how many went and why others did not."""
    actor = current_actor()
    ids = [int(value) for value in request.form.getlist("ids")[:200] if value.isascii() and value.isdecimal() and len(value) < 10]
    done, held = 0, []
    with transaction():
        for call in desk.chosen(actor, filters(), ids, is_all=request.form.get("all") == "1"):
            try:
                with db.session.begin_nested():
                    service.pass_on(call, by=actor)
                done += 1
            except SomeoneWasFaster:
                raise
            except WishappError as error:
                held.append(_("%(title)s: %(why)s", title=call.title, why=said(error)))
    flash(ngettext("%(num)d passed on.", "%(num)d passed on.", done), "done" if done else "wait")
    for line in held[:10]:
        flash(line, "wait")
    return redirect(url_for("volunteering.desk", **arguments.kept()), 303)
