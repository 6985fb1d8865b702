"""Weights of a district: the versions, a form for a new one, a look at what it would have changed, putting it to use, going back."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from wishapp.accounts import queries as accounts
from wishapp.jobs import queries as jobs
from wishapp.kernel.errors import BadInput, NotFound
from wishapp.kernel.text import N_
from wishapp.matching import weight_words, weighting
from wishapp.matching.models import Weighting
from wishapp.matching.preview import plans_to_compare
from wishapp.matching.weight_forms import SeenForm, WeightsForm
from wishapp.matching.weights import HOUSE
from wishapp.matching.words import TIERS
from wishapp.places.models import Place
from wishapp.store.transaction import transaction
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.guards import guard

blueprint = Blueprint("weights", __name__)


def district(place_id: int | None = None, permission: str = "matching.weights_read") -> Place:
    """The district asked for, else the first of the actor's own; NotFound when it is not theirs."""
    found = weighting.district_for(current_actor(), place_id, permission)
    if found is None:
        raise NotFound()
    return found


@blueprint.get("/match/weights")
@guard("matching.weights_read", scope="place")
def index() -> str:
    actor = current_actor()
    place = district(arguments.number("place", low=1))
    versions, in_force = weighting.versions(place.id), weighting.weighting_in_force(place.path)
    percent, spread = weighting.full(weighting.weights_of(in_force))
    people = accounts.display_names({user_id for row in versions for user_id in (row.made_by_id, row.adopted_by_id)})
    return render_template("weights/index.html", place=place, places=weighting.districts(actor), versions=versions, in_force=in_force, percent=percent,
                           spread=spread, people=people, may_change=actor.may("matching.weights", place.path), words=weight_words, changed=differences)


@blueprint.get("/match/weights/new")
@guard("matching.weights", scope="place")
def new() -> str:
    actor, start = current_actor(), arguments.number("like", low=1)
    like = weighting.access_weighting(actor, start, "matching.weights") if start is not None else None
    place = district(like.place_id if like else arguments.number("place", low=1), "matching.weights")
    percent, spread = weighting.full(weighting.weights_of(like or weighting.weighting_in_force(place.path)))
    form = WeightsForm(place_id=place.id, note=like.note if like and like.adopted_at is None else "",
                       **{f"p_{name}": value for name, value in percent.items()}, **{f"s_{name}": str(value) for name, value in spread.items()})
    return render_template("weights/new.html", place=place, form=form, words=weight_words, like=like)


@blueprint.post("/match/weights/draft")
@guard("matching.weights", scope="place")
def draft() -> Any:
    form = WeightsForm()
    is_valid = form.validate()
    place = district(form.place_id.data if not form.place_id.errors else -1, "matching.weights")
    if not is_valid:
        return render_template("weights/new.html", place=place, form=form, words=weight_words, like=None), 422
    with transaction():
        made = weighting.draft_weighting(place, by=current_actor(), percent=form.percent(), spread=form.spread(), note=form.note.data or "")
    flash(_("Put down as a draft. Nothing counts differently yet."), "done")
    return redirect(url_for("weights.show", weighting_id=made.id), 303)


@blueprint.get("/match/weights/<int:weighting_id>")
@guard("matching.weights_read", scope="place")
def show(weighting_id: int) -> Any:
    actor = current_actor()
    version = weighting.access_weighting(actor, weighting_id)
    place, work = district(version.place_id), jobs.job(version.job_id) if version.job_id else None
    is_under_way, may_change = work is not None and work.status in ("waiting", "running"), actor.may("matching.weights", place.path)
    if request.headers.get("HX-Request"):
        return render_template("weights/_working.html", job=work, may_change=may_change) if is_under_way else ("", 200, {"HX-Refresh": "true"})
    in_force = weighting.weighting_in_force(place.path)
    percent, spread = weighting.full(weighting.weights_of(version))
    made_at = datetime.fromisoformat(version.preview["made_at"]) if version.preview else None
    return render_template(
        "weights/show.html", version=version, place=place, in_force=in_force, percent=percent, spread=spread, job=work, is_under_way=is_under_way,
        changed=differences(version, in_force), made_at=made_at, tier_names=TIERS, words=weight_words, may_change=may_change,
        people=accounts.display_names([version.made_by_id, version.adopted_by_id]), has_plans=bool(plans_to_compare(place)))


def differences(version: Weighting, other: Weighting | None) -> list[tuple[str, str, str]]:
    """[(name, as it is in the other, as it is here), …] of everything that differs, in words."""
    (percent, spread), (old_percent, old_spread) = (weighting.full(weighting.weights_of(row) if row else HOUSE) for row in (version, other))
    terms = [(str(weight_words.TERMS[name][0]), weight_words.percent(old_percent[name]), weight_words.percent(value))
             for name, value in percent.items() if value != old_percent[name]]
    return terms + [(_("Spread: %(whom)s", whom=weight_words.SPREADS[name][0]), str(weight_words.STRENGTHS[old_spread[name]]), str(weight_words.STRENGTHS[value]))
                    for name, value in spread.items() if value != old_spread[name]]


def seen() -> int:
    """Number of the version in force that was on the screen; BadInput when the form says none."""
    form = SeenForm()
    if not form.validate():
        raise BadInput(N_("The address of this page names a choice that does not exist."))
    return form.seen.data


@blueprint.post("/match/weights/<int:weighting_id>/adopt")
@guard("matching.weights", scope="place")
def adopt(weighting_id: int) -> Any:
    version, number = weighting.access_weighting(current_actor(), weighting_id, "matching.weights"), seen()
    with transaction():
        weighting.adopt_weighting(version, by=current_actor(), seen=number)
    flash(_("In force from now on. Plans already worked out stay as they are; the next match counts by it."), "done")
    return redirect(url_for("weights.index", place=version.place_id), 303)


@blueprint.post("/match/weights/<int:weighting_id>/revert")
@guard("matching.weights", scope="place")
def revert(weighting_id: int) -> Any:
    version, number = weighting.access_weighting(current_actor(), weighting_id, "matching.weights"), seen()
    with transaction():
        again = weighting.revert_weighting(version, by=current_actor(), seen=number)
    flash(_("Back to how version %(number)d was; it is now version %(next)d.", number=version.number, next=again.number), "done")
    return redirect(url_for("weights.index", place=version.place_id), 303)


@blueprint.post("/match/weights/<int:weighting_id>/discard")
@guard("matching.weights", scope="place")
def discard(weighting_id: int) -> Any:
    version = weighting.access_weighting(current_actor(), weighting_id, "matching.weights")
    place_id = version.place_id
    with transaction():
        weighting.discard_weighting(version, by=current_actor())
    flash(_("Thrown away."), "done")
    return redirect(url_for("weights.index", place=place_id), 303)


@blueprint.post("/match/weights/<int:weighting_id>/preview")
@guard("matching.weights", scope="place")
def preview(weighting_id: int) -> Any:
    version = weighting.access_weighting(current_actor(), weighting_id, "matching.weights")
    with transaction():
        weighting.preview_weighting(version, by=current_actor())
    return redirect(url_for("weights.show", weighting_id=version.id), 303)
