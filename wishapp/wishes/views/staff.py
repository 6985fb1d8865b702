"""What staff and grid workers do: the review queue, putting right, on-site checks."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from wishapp.kernel.errors import NotFound, SomeoneWasFaster, WishappError
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.forms import PressForm, said
from wishapp.web.guards import guard
from wishapp.wishes import queries, queue, service, words
from wishapp.wishes.blueprint import blueprint
from wishapp.wishes.forms import EditForm, MergeForm, WhyForm
from wishapp.wishes.models import Urgency, Wish, WishKind
from wishapp.wishes.views.public import link, show_wish

EDITED = ("title", "story", "kind", "urgency", "group", "item", "quantity", "cost", "minutes", "seats", "skill", "wanted_by")


def _filters() -> queue.QueueFilters:
    return queue.QueueFilters(
        tab=arguments.choice("tab", queue.Tab) or queue.Tab.REVIEW, community_id=arguments.number("community"),
        kind=arguments.choice("kind", WishKind), urgency=arguments.choice("urgency", Urgency), q=arguments.text("q", most=60))


@blueprint.get("/desk/wishes", endpoint="queue")
@guard("wishes.review", scope="place")
def review_queue() -> str:
    """What waits for staff, and everything else by state."""
    actor, asked = current_actor(), _filters()
    found = queue.page(actor, asked, arguments.page())
    return render_template("wishes/queue.html", found=found, asked=asked, tabs=queue.tab_counts(actor), words=words, link=link, kept=arguments.kept(),
                           communities=queue.communities(actor), form=PressForm())


def _reviewed(wish_id: int) -> Wish:
    return queries.access_wish(current_actor(), wish_id, "wishes.review")


def _back(wish: Wish) -> Any:
    """Back to the queue when the press came from there, else to the wish."""
    target = url_for("wishes.queue") if request.form.get("from") == "queue" else url_for("wishes.show", wish_id=wish.id)
    return redirect(target, 303)


@blueprint.post("/wishes/<int:wish_id>/publish")
@guard("wishes.review", scope="place")
def publish(wish_id: int) -> Any:
    """Put it on the wall."""
    wish = _reviewed(wish_id)
    with transaction():
        service.publish_wish(wish, by=current_actor())
    flash({"text": _("“%(title)s” is on the wall.", title=wish.title), "url": url_for("wishes.unpublish", wish_id=wish.id)}, "undo")
    return _back(wish)


@blueprint.post("/wishes/<int:wish_id>/unpublish")
@guard("wishes.review", scope="place")
def unpublish(wish_id: int) -> Any:
    """Put on the wall by mistake: back to review."""
    wish = _reviewed(wish_id)
    with transaction():
        service.unpublish_wish(wish, by=current_actor())
    flash(_("“%(title)s” is back in review.", title=wish.title), "done")
    return redirect(url_for("wishes.show", wish_id=wish.id), 303)


@blueprint.post("/wishes/<int:wish_id>/second")
@guard("wishes.review", scope="place")
def second(wish_id: int) -> Any:
    """Pass it up to the street."""
    wish = _reviewed(wish_id)
    with transaction():
        service.second_wish(wish, by=current_actor())
    flash(_("“%(title)s” is with the street now.", title=wish.title), "done")
    return _back(wish)


@blueprint.post("/wishes/<int:wish_id>/return", endpoint="return")
@guard("wishes.review", scope="place")
def return_(wish_id: int) -> Any:
    """Send it back with a reason."""
    wish, form = _reviewed(wish_id), WhyForm()
    if not form.validate_on_submit():
        return show_wish(wish, form=form, status=422)
    with transaction():
        service.return_wish(wish, by=current_actor(), why=form.why.data)
    flash(_("Sent back, with your words."), "done")
    return _back(wish)


@blueprint.post("/desk/wishes/publish-all")
@guard("wishes.review", scope="place")
def publish_all() -> Any:
    """Put the ticked ones, or all of the filter, on the wall; says how many went and why others did not."""
    actor = current_actor()
    ids = [int(value) for value in request.form.getlist("ids")[:500] if value.isascii() and value.isdecimal() and len(value) < 10]
    done, held = 0, []
    with transaction():
        for wish in queue.chosen(actor, _filters(), ids, is_all=request.form.get("all") == "1"):
            try:
                with db.session.begin_nested():
                    queue.pass_on(wish, by=actor)
                done += 1
            except SomeoneWasFaster:
                raise
            except WishappError as error:
                held.append(_("%(title)s: %(why)s", title=wish.title, why=said(error)))
    flash(ngettext("%(num)d passed on.", "%(num)d passed on.", done), "done" if done else "wait")
    for line in held[:10]:
        flash(line, "wait")
    return redirect(url_for("wishes.queue", **arguments.kept()), 303)


@blueprint.route("/desk/wishes/<int:wish_id>/edit", methods=["GET", "POST"])
@guard("wishes.review", scope="place")
def edit(wish_id: int) -> Any:
    """Put public fields right."""
    wish = _reviewed(wish_id)
    form = EditForm(data={**{name: getattr(wish, name) for name in EDITED}, "version": wish.version})
    if form.validate_on_submit():
        try:
            with transaction():
                service.edit_wish(wish, by=current_actor(), version=form.version.data or "", **{name: form[name].data for name in EDITED})
            flash(_("Kept."), "done")
            return redirect(url_for("wishes.show", wish_id=wish.id), 303)
        except SomeoneWasFaster:
            raise
        except WishappError as error:
            form.form_errors.append(said(error))
    return render_template("wishes/edit.html", wish=wish, form=form, words=words), 422 if form.errors else 200


@blueprint.route("/desk/wishes/<int:wish_id>/merge", methods=["GET", "POST"])
@guard("wishes.review", scope="place")
def merge(wish_id: int) -> Any:
    """Put it together with another wish that says the same."""
    wish, actor = _reviewed(wish_id), current_actor()
    form = MergeForm(data={"number": request.args.get("into", "")})
    if form.validate_on_submit():
        into = queue.by_number(actor, form.number.data)
        if into is None:
            form.number.errors = [_("There is no wish with this number among yours.")]
        else:
            with transaction():
                service.merge_wish(wish, into, by=actor, why=form.why.data)
            flash(_("Put together. The poster has been told."), "done")
            return redirect(url_for("wishes.show", wish_id=into.id), 303)
    return render_template("wishes/merge.html", wish=wish, form=form, words=words), 422 if form.errors else 200


@blueprint.get("/desk/field")
@guard("wishes.verify_on_site", scope="place")
def field() -> str:
    """For grid workers: what to look at on site, and what I posted for others."""
    actor = current_actor()
    if not actor.paths_for("wishes.verify_on_site"):
        raise NotFound()
    return render_template("wishes/field.html", to_verify=queue.to_verify(actor), posted=queue.posted_for_others(actor), words=words)
