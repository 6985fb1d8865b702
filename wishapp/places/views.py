"""Places as staff see them: the tree of their own subtree, and the settings of each place."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from wishapp.kernel.errors import SomeoneWasFaster
from wishapp.places import queries, service
from wishapp.places.forms import SettingsForm
from wishapp.places.models import Place
from wishapp.store.transaction import transaction
from wishapp.web.actor import current_actor
from wishapp.web.guards import guard

blueprint = Blueprint("places", __name__)


def own_tops() -> list[Place]:
    """The topmost places the person works for."""
    found = [queries.place(queries.ids_of(path)[-1]) for path in current_actor().paths_for("places.edit")]
    return [place for place in found if place is not None]


@blueprint.get("/desk/places")
@guard("places.edit", scope="place")
def index() -> Any:
    """Where one works: straight to the place when it is only one."""
    tops = own_tops()
    if len(tops) == 1:
        return redirect(url_for("places.show", place_id=tops[0].id), 303)
    return render_template("places/index.html", tops=tops)


@blueprint.get("/desk/places/<int:place_id>")
@guard("places.edit", scope="place")
def show(place_id: int) -> Any:
    """One place: what lies in it, and its settings."""
    place = queries.access_place(current_actor(), place_id, "places.edit")
    return _page(place, _form(place)), 200


def _form(place: Place) -> SettingsForm:
    return SettingsForm(data={"version": place.version, "phone": place.phone, "is_two_level": place.is_two_level})


def _page(place: Place, form: SettingsForm, *, was_faster: bool = False) -> str:
    actor = current_actor()
    tops = own_tops()
    trail = [step for step in queries.chain(place.path)[:-1] if any(step.path.startswith(top.path) for top in tops)]
    below = queries.children(place.id)
    return render_template(
        "places/show.html", place=place, form=form, trail=trail, below=below, was_faster=was_faster, counts=queries.counts_below(place.path),
        may_switch=place.level == "street" and actor.may("places.settings", place.path), has_street=queries.street_of(place),
    )


@blueprint.post("/desk/places/<int:place_id>/change-settings")
@guard("places.edit", scope="place")
def change_settings(place_id: int) -> Any:
    """Keep the settings; 409 with both states when somebody changed them meanwhile."""
    place = queries.access_place(current_actor(), place_id, "places.edit")
    form = SettingsForm()
    if not form.validate_on_submit():
        return _page(place, form), 422
    may_switch = place.level == "street" and current_actor().may("places.settings", place.path)
    try:
        with transaction():
            service.change_settings(
                place, by=current_actor(), version=form.version.data, phone=form.phone.data or "",
                is_two_level=form.is_two_level.data if may_switch else None,
            )
    except SomeoneWasFaster:
        form.version.raw_data, form.version.data = None, place.version  # WTForms would show again what was sent
        return _page(place, form, was_faster=True), 409
    flash(_("Kept."), "done")
    return redirect(url_for("places.show", place_id=place.id), 303)
