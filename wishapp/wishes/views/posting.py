"""Posting a wish step by step. The draft's row carries everything from page to page, so no script is needed."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from wishapp.kernel.errors import BadInput, Forbidden, WishappError
from wishapp.places import queries as places
from wishapp.store.transaction import transaction
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.forms import Form, said
from wishapp.web.guards import guard
from wishapp.web.limits import limit_sending
from wishapp.wishes import queries, service, steps, wall, words
from wishapp.wishes.blueprint import blueprint
from wishapp.wishes.drafts import EDITABLE
from wishapp.wishes.models import Wish


def page(step: str, form: Form, wish: Wish | None, *, is_on_behalf: bool, ask_place: bool = False) -> Any:
    """The page of a step; 422 when the form was refused."""
    row = steps.steps()
    number = row.index(step) + 1 if step in row else len(row)
    alike = wall.alike(wish) if wish is not None and wish.title and step in ("words", "whom", "send") else []
    photo = next((photo for photo in wish.photos if photo.purpose == "story"), None) if wish is not None and step == "words" else None
    found = render_template(
        "wishes/post.html", step=step, number=number, total=len(row), form=form, wish=wish, words=words, alike=alike, photo=photo,
        is_on_behalf=is_on_behalf, ask_place=ask_place, before=row[number - 2] if number > 1 else "", is_last=number == len(row),
        coming=row[number:], show_all=bool(request.args.get("all")))
    return found, 422 if form.errors else 200


def _begin(*, is_on_behalf: bool) -> Any:
    actor = current_actor()
    home = steps.home_of(actor, is_on_behalf=is_on_behalf)
    form = steps.form_for("kind", None, actor)
    if form.validate_on_submit():
        community = places.place(form.community_id.data) if form.community_id.data else home
        if community is None:
            form.community_id.errors = [_("Please choose a community.")]
        else:
            with transaction():
                wish = service.start_draft(
                    by=actor, kind=form.kind.data, community=community, is_on_behalf=is_on_behalf,
                    name="" if is_on_behalf else current_user.display_name, phone=None if is_on_behalf else current_user.phone)
            return redirect(url_for("wishes.draft", wish_id=wish.id, step="words"), 303)
    if form.community_id.data is None and home is not None:
        form.community_id.data = home.id
    return page("kind", form, None, is_on_behalf=is_on_behalf, ask_place=home is None or is_on_behalf)


@blueprint.route("/wishes/new", methods=["GET", "POST"])
@guard("wishes.submit", scope="own")
@limit_sending("300 per hour")
def new() -> Any:
    """First step: what kind of help."""
    return _begin(is_on_behalf=False)


@blueprint.route("/desk/wishes/new", methods=["GET", "POST"])
@guard("wishes.submit_for", scope="place")
def new_for() -> Any:
    """The same for a resident who cannot do it alone; grid workers and staff note how the person agreed."""
    return _begin(is_on_behalf=True)


@blueprint.route("/wishes/<int:wish_id>/draft/<any(kind,words,when,whom,name,reach,send):step>", methods=["GET", "POST"])
@guard("wishes.submit", scope="own")
def draft(wish_id: int, step: str) -> Any:
    """A step of one's own draft or returned wish."""
    actor = current_actor()
    wish = _own_draft(wish_id)
    if wish.state not in EDITABLE:
        return redirect(url_for("wishes.show", wish_id=wish.id), 303)
    form = steps.form_for(step, wish, actor)
    if request.method == "POST":
        answer = _keep(step, form, wish)
        if answer is not None:
            return answer
    return page(step, form, wish, is_on_behalf=wish.is_on_behalf, ask_place=wish.is_on_behalf)


def _own_draft(wish_id: int) -> Wish:
    wish, actor = queries.access_wish(current_actor(), wish_id, "wishes.submit"), current_actor()
    if wish.posted_by_id != actor.id or (wish.is_on_behalf and not actor.may("wishes.submit_for")):
        raise Forbidden()  # the pages of a draft show name, telephone and address: not to somebody who does this work no longer
    return wish


def _keep(step: str, form: Form, wish: Wish) -> Any:
    """Save what the step says and lead on; None when the page has to be shown again."""
    is_valid = form.validate()
    puts_aside = bool(request.form.get("later"))
    try:
        photo = steps.keep_photo(form.photo.data) if "photo" in form else None
        if is_valid or puts_aside:
            with transaction():
                service.edit_draft(wish, by=current_actor(), **steps.values_of(step, form, wish))
                if photo or ("drop_photo" in form and form.drop_photo.data):
                    service.remove_photos(wish)
                if photo:
                    service.add_photo(wish, photo, by=current_actor())
    except BadInput as error:
        form["photo" if "photo" in form else "community_id"].errors = [said(error)]
        return None
    if puts_aside:
        flash(_("Put aside. You find it under “My wishes”."), "done")
        return redirect(url_for("wishes.mine"), 303)
    return redirect(url_for("wishes.draft", wish_id=wish.id, step=steps.after(step)), 303) if is_valid else None


@blueprint.post("/wishes/<int:wish_id>/submit")
@guard("wishes.submit", scope="own")
@limit_sending("200 per hour")
def submit(wish_id: int) -> Any:
    """The last step: agree and send."""
    wish = _own_draft(wish_id)
    step = request.form.get("step") if request.form.get("step") in ("whom", "send") else steps.steps()[-1]
    form = steps.form_for(step, wish, current_actor())
    if request.form.get("later"):
        return _keep(step, form, wish)
    if form.validate():
        try:
            with transaction():
                service.edit_draft(wish, by=current_actor(), **steps.values_of(step, form, wish))
                service.submit_wish(by=current_actor(), wish=wish)
            flash(_("It is on its way. The community has a look first, usually within a day."), "done")
            return redirect(url_for("wishes.show", wish_id=wish.id), 303)
        except WishappError as error:
            form.form_errors.append(said(error))
    return page(step, form, wish, is_on_behalf=wish.is_on_behalf)


@blueprint.get("/wishes/<int:wish_id>/similar")
@guard("wishes.submit", scope="own")
def similar(wish_id: int) -> str:
    """Fragment while typing: wishes nearby that say the same."""
    wish = _own_draft(wish_id)
    title = arguments.text("title", most=60)
    return render_template("wishes/_similar.html", alike=wall.alike(wish, title) if len(title) > 1 else [], words=words)


@blueprint.post("/wishes/<int:wish_id>/delete")
@guard("wishes.submit", scope="own")
def delete(wish_id: int) -> Any:
    """Throw a draft away."""
    wish = _own_draft(wish_id)
    with transaction():
        service.delete_draft(wish, by=current_actor())
    flash(_("Thrown away."), "done")
    return redirect(url_for("wishes.mine"), 303)


