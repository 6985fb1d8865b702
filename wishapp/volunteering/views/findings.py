"""What participants found: sending it, organisers' list, one tap to the draft of an issue."""

from collections.abc import Callable
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from wishapp.kernel.errors import Refused, WishappError
from wishapp.kernel.roles import NOBODY, Actor
from wishapp.kernel.text import N_
from wishapp.store.transaction import Conflict, transaction
from wishapp.volunteering import findings as service
from wishapp.volunteering.access import access_call, access_sign_up
from wishapp.volunteering.blueprint import blueprint
from wishapp.volunteering.day_forms import FindingForm
from wishapp.volunteering.models import SignUp
from wishapp.volunteering.views.guests import access_by_token
from wishapp.volunteering.views.photos import keep_photos, send_photo
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.forms import said
from wishapp.web.guards import guard, public
from wishapp.web.limits import limit_sending

blueprint.add_app_template_global(service.may_add, "may_add_finding")
blueprint.add_app_template_global(service.findings_of, "findings_of")


@blueprint.route("/sign-ups/<int:sign_up_id>/finding", methods=["GET", "POST"])
@guard("calls.sign_up", scope="own")
def add_finding(sign_up_id: int) -> Any:
    """Send what I found."""
    actor = current_actor()
    found = access_sign_up(actor, sign_up_id, "calls.sign_up")
    return _add(found, actor, url_for("volunteering.mine_show", sign_up_id=found.id))


@blueprint.route("/guests/<string:token>/finding", methods=["GET", "POST"])
@public
@limit_sending("20 per minute")
def guest_finding(token: str) -> Any:
    """The same by a guest's private link."""
    return _add(access_by_token(token), NOBODY, url_for("volunteering.guest", token=token))


def _add(sign_up: SignUp, by: Actor, back: str) -> Any:
    if not service.may_add(sign_up):
        raise Refused(N_("Findings are sent by those who are there, up to a week after the shift."))
    form = FindingForm()
    if form.validate_on_submit():
        try:
            photos = keep_photos(form.photos.data, most=service.MOST_PHOTOS)
            with transaction():
                service.add_finding(sign_up, words=form.words.data, spot=form.spot.data or "", photos=photos, by=by)
            flash(_("Thank you, it has arrived. Whoever leads the shift looks at it."), "done")
            return redirect(request.path, 303)
        except Conflict:
            raise
        except WishappError as error:
            form.form_errors.append(said(error))
    page = render_template("volunteering/add_finding.html", sign_up=sign_up, call=sign_up.shift.call, form=form, back=back, sent=service.found_by(sign_up.id))
    return page, 422 if form.errors else 200


@blueprint.get("/desk/findings")
@guard("calls.lead", scope="place")
def findings() -> str:
    """What was found at my calls."""
    actor = current_actor()
    asked = service.FindingFilters(arguments.choice("pile", service.Pile) or service.Pile.NEW, arguments.number("call"), arguments.text("q", most=40))
    call = access_call(actor, asked.call_id, "calls.lead") if asked.call_id else None
    return render_template("volunteering/findings.html", found=service.findings_page(actor, asked, arguments.page()), asked=asked, call=call, link=_link,
                           piles=service.piles(actor, asked.call_id))


def _link(**changes: Any) -> str:
    kept = {name: value for name, value in arguments.kept().items() if name in ("pile", "call", "q")}
    return url_for("volunteering.findings", **{name: value for name, value in {**kept, **changes}.items() if value not in (None, "")})


@blueprint.get("/desk/findings/photos/<int:photo_id>")
@guard("calls.lead", scope="place")
def finding_photo(photo_id: int) -> Response:
    """A photo of a finding, for whoever leads its call."""
    return send_photo(service.access_photo(current_actor(), photo_id))


def _do(finding_id: int, verb: Callable[..., None]) -> Any:
    actor = current_actor()
    with transaction():
        found = service.access_finding(actor, finding_id)
        verb(found, by=actor)
    return redirect(request.form.get("back") == "call" and url_for("volunteering.manage", call_id=found.call_id) or url_for("volunteering.findings"), 303)


@blueprint.post("/desk/findings/<int:finding_id>/draft-issue")
@guard("calls.lead", scope="place")
def draft_issue(finding_id: int) -> Any:
    """One tap: the draft of an issue."""
    answer = _do(finding_id, service.draft_issue)
    flash({"text": _("Kept as the draft of an issue."), "url": url_for("volunteering.undraft_issue", finding_id=finding_id)}, "undo")
    return answer


@blueprint.post("/desk/findings/<int:finding_id>/undraft-issue")
@guard("calls.lead", scope="place")
def undraft_issue(finding_id: int) -> Any:
    """Not an issue after all."""
    answer = _do(finding_id, service.undraft_issue)
    flash(_("It is a finding like the others again."), "done")
    return answer
