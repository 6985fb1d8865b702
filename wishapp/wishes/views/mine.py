"""What the poster does: follow their wishes, confirm, thank, object, take back, make anew."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from wishapp.store.transaction import transaction
from wishapp.web.actor import current_actor
from wishapp.web.guards import guard
from wishapp.wishes import queries, service, words
from wishapp.wishes.blueprint import blueprint
from wishapp.wishes.forms import ConfirmForm, MaybeWhyForm, ThankForm, WhyForm
from wishapp.wishes.models import Wish
from wishapp.wishes.views.public import show_wish

MY_TURN = ("delivered", "returned", "expired", "draft")
GOING_ON = ("submitted", "seconded", "open", "reserved", "in_progress")


def _judged(wish_id: int) -> Wish:
    """A wish the person may judge: their own, or as grid worker or staff of the place."""
    actor = current_actor()
    permission = "wishes.verify_on_site" if actor.may("wishes.verify_on_site") else "wishes.follow"
    if permission == "wishes.verify_on_site":
        wish = queries.access_wish(actor, wish_id, "wall.read")
        if actor.may(permission, wish.place_path):
            return wish
    return queries.access_wish(actor, wish_id, "wishes.follow")


@blueprint.get("/wishes/mine")
@guard("wishes.follow", scope="own")
def mine() -> str:
    """My wishes: what waits for me first."""
    found = queries.own(current_actor().id)
    groups = (
        ("turn", [wish for wish in found if wish.state in MY_TURN]), ("going", [wish for wish in found if wish.state in GOING_ON]),
        ("thank", [wish for wish in found if wish.state == "fulfilled"]),
        ("past", [wish for wish in found if wish.state in ("closed", "withdrawn", "merged")]),
    )
    return render_template("wishes/mine.html", groups=groups, total=len(found), words=words)


@blueprint.post("/wishes/<int:wish_id>/confirm")
@guard("wishes.follow", scope="own")
def confirm(wish_id: int) -> Any:
    """It has come true: stars and words."""
    wish, form = _judged(wish_id), ConfirmForm()
    if not form.validate_on_submit():
        return show_wish(wish, form=form, status=422)
    with transaction():
        service.confirm_wish(wish, by=current_actor(), rating=int(form.stars.data), words=form.words.data or "", is_public=form.is_public.data)
    flash(_("A wish come true. The helpers have been told, and their points are in."), "done")
    return redirect(url_for("wishes.show", wish_id=wish.id), 303)


@blueprint.route("/wishes/<int:wish_id>/dispute", methods=["GET", "POST"])
@guard("wishes.follow", scope="own")
def dispute(wish_id: int) -> Any:
    """Not really done: say what is missing."""
    wish, form = _judged(wish_id), WhyForm()
    if form.validate_on_submit():
        with transaction():
            service.dispute_wish(wish, by=current_actor(), why=form.why.data)
        flash(_("Said. The helper and the community know; it goes on."), "done")
        return redirect(url_for("wishes.show", wish_id=wish.id), 303)
    return render_template("wishes/why.html", wish=wish, form=form, act="dispute"), 422 if form.errors else 200


@blueprint.post("/wishes/<int:wish_id>/thank")
@guard("wishes.follow", scope="own")
def thank(wish_id: int) -> Any:
    """A word of thanks."""
    wish, form = _judged(wish_id), ThankForm()
    if not form.validate_on_submit():
        return show_wish(wish, form=form, status=422)
    with transaction():
        service.thank_wish(wish, by=current_actor(), words=form.words.data, is_public=form.is_public.data)
    flash(_("Passed on. That warms the heart."), "done")
    return redirect(url_for("wishes.show", wish_id=wish.id), 303)


@blueprint.route("/wishes/<int:wish_id>/withdraw", methods=["GET", "POST"])
@guard("wishes.follow", scope="own")
def withdraw(wish_id: int) -> Any:
    """Take a wish back: its poster, or staff of the place."""
    actor = current_actor()
    wish = queries.access_wish(actor, wish_id, "wall.read")
    if not actor.may("wishes.review", wish.place_path):
        wish = queries.access_wish(actor, wish_id, "wishes.follow")
    form = MaybeWhyForm()
    if form.validate_on_submit():
        with transaction():
            service.withdraw_wish(wish, by=actor, why=form.why.data or "")
        flash(_("Taken back. You can make it again at any time."), "done")
        return redirect(url_for("wishes.show", wish_id=wish.id), 303)
    return render_template("wishes/why.html", wish=wish, form=form, act="withdraw"), 422 if form.errors else 200


@blueprint.post("/wishes/<int:wish_id>/renew")
@guard("wishes.follow", scope="own")
def renew(wish_id: int) -> Any:
    """Make a wish again that was taken back or ran out."""
    wish = queries.access_wish(current_actor(), wish_id, "wishes.follow")
    with transaction():
        service.renew_wish(wish, by=current_actor())
    flash(_("It is on its way. The community has a look first, usually within a day."), "done")
    return redirect(url_for("wishes.show", wish_id=wish.id), 303)


@blueprint.get("/wishes/<int:wish_id>/reads")
@guard("wishes.follow", scope="own")
def reads(wish_id: int) -> str:
    """Who looked at my telephone and address, and why."""
    wish = queries.access_wish(current_actor(), wish_id, "wishes.follow")
    return render_template("wishes/reads.html", wish=wish, reads=queries.readers(wish), words=words)
