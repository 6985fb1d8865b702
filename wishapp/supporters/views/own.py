"""One's own page as a supporter, and how one becomes one."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from wishapp.accounts import queries as accounts
from wishapp.kernel import clock
from wishapp.kernel.errors import NotFound
from wishapp.places import queries as places
from wishapp.store.transaction import transaction
from wishapp.supporters import listing, queries, service
from wishapp.supporters.blueprint import blueprint
from wishapp.supporters.forms import JoinForm
from wishapp.supporters.models import SupporterKind
from wishapp.supporters.views.register import describe_page
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.guards import guard


@blueprint.get("/supporters/mine")
@guard("account.use", scope="own")
def mine() -> Any:
    """Whoever this person answers for: the only one at once, several to choose from, none leads to joining."""
    own = queries.supporters_of(current_actor().id)
    if len(own) == 1:
        return redirect(url_for("supporters.profile", supporter_id=own[0].id), 303)
    return render_template("supporters/mine.html", own=own) if own else redirect(url_for("supporters.join"), 303)


@blueprint.route("/supporters/<int:supporter_id>/profile", methods=["GET", "POST"])
@guard("supporters.self", scope="own")
def profile(supporter_id: int) -> Any:
    """What I can do, when, how far, how much: filled in by the people it is about."""
    actor = current_actor()
    supporter = queries.access_supporter(actor, supporter_id, "supporters.self")
    return describe_page("supporters/profile.html", supporter, url_for("supporters.profile", supporter_id=supporter_id),
                         own=queries.supporters_of(actor.id), promises=queries.promises(supporter), last_year=clock.today().year - 1)


@blueprint.route("/supporters/join", methods=["GET", "POST"])
@guard("account.use", scope="own")
def join() -> Any:
    """I would like to help: as a volunteer at once, as a party member after the community's word, or for a unit."""
    actor = current_actor()
    user = accounts.user(actor.id)
    own = [supporter for supporter in queries.supporters_of(actor.id) if supporter.kind in (SupporterKind.VOLUNTEER, SupporterKind.MEMBER)]
    form = JoinForm()
    if form.validate_on_submit():
        with transaction():
            made = service.enrol(user, kind=form.kind.data, by=actor)
        if made.kind == SupporterKind.VOLUNTEER:
            flash(_("Welcome aboard. Now say what you are good at and when you have time."), "done")
            return redirect(url_for("supporters.profile", supporter_id=made.id), 303)
        flash(_("Your community has been asked and will get back to you."), "done")
        return redirect(url_for("supporters.join"), 303)
    asked, search = listing.asked_by(actor.id), arguments.text("q", most=60)
    found = listing.to_join(_district(user.community.path), search) if search and user.community else []
    answered = {supporter.id for supporter in queries.supporters_of(actor.id)} | {ask.supporter_id for ask in asked}
    page = render_template("supporters/join.html", form=form, own=own, asked=asked, q=search, found=found, user=user, answered=answered)
    return page, 422 if form.errors else 200


def _district(path: str) -> str:
    """Path of the district a place lies in; its own path when there is none above."""
    return next((place.path for place in places.chain(path) if place.level == "district"), path)


@blueprint.post("/supporters/<int:supporter_id>/ask")
@guard("account.use", scope="own")
def ask(supporter_id: int) -> Any:
    """Ask to answer for a unit or a team of one's own district."""
    user = accounts.user(current_actor().id)
    supporter = queries.supporter(supporter_id)
    if supporter is None or user.community is None or not supporter.place_path.startswith(_district(user.community.path)):
        raise NotFound()
    with transaction():
        service.ask_to_answer(supporter, by=current_actor())
    flash(_("The community of %(name)s has been asked and will get back to you.", name=supporter.name), "done")
    return redirect(url_for("supporters.join"), 303)
