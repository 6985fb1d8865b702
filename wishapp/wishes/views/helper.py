"""What helpers do: take a wish, see whom to call, deliver, or give it back."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from wishapp.kernel.errors import BadInput
from wishapp.kernel.text import N_
from wishapp.store.transaction import transaction
from wishapp.supporters import queries as supporters
from wishapp.web.actor import current_actor
from wishapp.web.forms import said
from wishapp.web.guards import guard
from wishapp.wishes import queries, service, steps, words
from wishapp.wishes.blueprint import blueprint
from wishapp.wishes.claims import MAX_PROOFS
from wishapp.wishes.forms import DeliverForm, WhyForm
from wishapp.wishes.restricted import Purpose
from wishapp.wishes.views.public import show_wish


@blueprint.get("/wishes/jobs")
@guard("wishes.deliver", scope="own")
def jobs() -> str:
    """What I have taken on, the next act of each."""
    found = queries.claims_under_way(current_actor().id)
    groups = (
        ("do", [claim for claim in found if claim.state == "accepted"]),
        ("wait", [claim for claim in found if claim.state == "delivered"]),
        ("done", [claim for claim in reversed(found) if claim.state == "fulfilled"][:30]),
    )
    return render_template("wishes/jobs.html", groups=groups, total=len(found), words=words)


@blueprint.post("/wishes/<int:wish_id>/claim")
@guard("wishes.claim", scope="own")
def claim(wish_id: int) -> Any:
    """Take a wish straight from the wall, for a supporter the person answers for."""
    actor = current_actor()
    wish = queries.access_wish(actor, wish_id, "wishes.claim")
    chosen = request.form.get("supporter_id", "")
    if not (chosen.isascii() and chosen.isdecimal() and len(chosen) < 10):
        raise BadInput(N_("Please say in whose name."))
    supporter = supporters.access_supporter(actor, int(chosen), "supporters.self")
    with transaction():
        service.claim_wish(wish, supporter, by=actor)
    flash(_("It is yours now. Get in touch within seven days; telephone and address are below."), "done")
    return redirect(url_for("wishes.show", wish_id=wish.id), 303)


@blueprint.post("/wishes/<int:wish_id>/read-restricted")
@guard("account.use", scope="own")
def read_restricted(wish_id: int) -> Any:
    """Open name, telephone and address for this one look; it is written down. Answered in place: nothing of it enters an address."""
    actor = current_actor()
    wish = queries.access_wish(actor, wish_id, "wall.read")
    purpose = request.form.get("purpose", "")
    if purpose not in set(Purpose):
        raise BadInput(N_("Please say what you need it for."))
    with transaction():
        opened = service.read_restricted(wish, by=actor, purpose=purpose)
    return show_wish(wish, restricted=opened)


@blueprint.route("/wishes/claims/<int:claim_id>/deliver", methods=["GET", "POST"])
@guard("account.use", scope="own")
def deliver(claim_id: int) -> Any:
    """It is done: words and photos."""
    actor = current_actor()
    claim, form = _claim(claim_id), DeliverForm()
    if form.validate_on_submit():
        try:
            sent = [photo for photo in form.photos.data or [] if photo]
            if len(sent) > MAX_PROOFS:
                raise BadInput(N_("Six photos are enough."))
            photos = [kept for kept in map(steps.keep_photo, sent) if kept]
            with transaction():
                service.deliver_wish(claim, by=actor, words=form.words.data or "", photos=photos)
            flash(_("Well done. Once it is confirmed, the points come by themselves."), "done")
            return redirect(url_for("wishes.show", wish_id=claim.wish_id), 303)
        except BadInput as error:
            form.photos.errors = [*form.photos.errors, said(error)]
    return render_template("wishes/deliver.html", claim=claim, wish=claim.wish, form=form, words=words), 422 if form.errors else 200


@blueprint.route("/wishes/claims/<int:claim_id>/leave", methods=["GET", "POST"])
@guard("account.use", scope="own")
def leave(claim_id: int) -> Any:
    """It cannot be done after all: give it back with a reason."""
    claim, form = _claim(claim_id), WhyForm()
    if form.validate_on_submit():
        with transaction():
            service.leave_claim(claim, by=current_actor(), why=form.why.data)
        flash(_("Given back. Somebody else can take it now; thank you for saying so in time."), "done")
        return redirect(url_for("wishes.show", wish_id=claim.wish_id), 303)
    return render_template("wishes/why.html", wish=claim.wish, claim=claim, form=form, act="leave"), 422 if form.errors else 200


def _claim(claim_id: int) -> Any:
    """A claim of one's own supporter, or in one's places as grid worker or staff."""
    actor = current_actor()
    permission = "wishes.deliver" if actor.may("wishes.deliver") and queries.is_claim_of(actor, claim_id) else "wishes.verify_on_site"
    return queries.access_claim(actor, claim_id, permission)
