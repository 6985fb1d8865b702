"""Offers, as the people who are asked see them: the list, one offer, yes and no."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from wishapp.kernel import clock
from wishapp.matching import queries, service, sources, words
from wishapp.matching.blueprint import blueprint
from wishapp.matching.forms import DeclineForm
from wishapp.matching.models import Proposal
from wishapp.store.transaction import transaction
from wishapp.supporters import queries as supporters
from wishapp.web.actor import current_actor
from wishapp.web.guards import guard

OF_SHIFTS = ("time", "far", "other")
ANSWERED = ("accepted", "declined", "lapsed", "withdrawn")


@blueprint.get("/offers")
@guard("matching.answer", scope="own")
def offers() -> str:
    actor = current_actor()
    waiting = queries.offers_of(actor.id)
    answered = queries.offers_of(actor.id, ANSWERED, limit=20)
    cards = sources.cards([offer.demand_ref for offer in [*waiting, *answered]])
    return render_template("matching/offers.html", waiting=waiting, answered=answered, cards=cards, words=words)


@blueprint.get("/offers/<int:proposal_id>")
@guard("matching.answer", scope="own")
def offer(proposal_id: int) -> str:
    found = queries.access_offer(current_actor(), proposal_id)
    form = decline_form(found, reason="time")
    return render_template("matching/offer.html", **about(found), form=form)


def decline_form(found: Proposal, **values: str) -> DeclineForm:
    """Why not this time: for a shift nobody is asked about promises or things."""
    form = DeclineForm(**values)
    if found.starts_at is not None:
        form.reason.choices = [choice for choice in form.reason.choices if choice.value in OF_SHIFTS]
    return form


def about(found: Proposal) -> dict:
    """Everything the offer's page shows: masked; contact comes with the wish's own page after a yes."""
    card = sources.card(found.demand_ref)
    supporter = supporters.details(found.supporter_id)
    promises = sorted(((row.what, row.taken, row.quota) for row in supporter.capacities if row.period == f"{clock.today().year}" and row.quota),
                      key=lambda row: row[0])
    quota = next(((taken, total) for what, taken, total in promises if what == found.kind), None)
    return {
        "offer": found, "card": card, "supporter": supporter, "promises": promises, "words": words,
        "reasons": words.why_you(found, card.place_name, quota), "waiting": queries.offers_of(current_actor().id), "now": clock.now(),
    }


@blueprint.post("/offers/<int:proposal_id>/accept")
@guard("matching.answer", scope="own")
def accept(proposal_id: int) -> Any:
    found = queries.access_offer(current_actor(), proposal_id)
    with transaction():
        service.accept_offer(found, by=current_actor())
    card = sources.card(found.demand_ref)
    if card.window is not None:
        flash(_("Thank you. It is among your shifts now, and you will be reminded the day before."), "done")
        return redirect(url_for("matching.offer", proposal_id=found.id), 303)
    flash(_("Thank you. Telephone and door number are on this page now; it is best to call first."), "done")
    return redirect(url_for(card.url_endpoint, **card.url_values), 303)


@blueprint.post("/offers/<int:proposal_id>/decline")
@guard("matching.answer", scope="own")
def decline(proposal_id: int) -> Any:
    found = queries.access_offer(current_actor(), proposal_id)
    form = decline_form(found)
    if not form.validate():
        return render_template("matching/offer.html", **about(found), form=form), 422
    said = str(words.DECLINE_REASONS[form.reason.data])
    with transaction():
        service.decline_offer(found, by=current_actor(), why=_("%(reason)s. %(words)s", reason=said, words=form.words.data or "").strip(),
                              reason=form.reason.data)
    flash(_("That is all right. The community asks somebody else."), "done")
    return redirect(url_for("matching.offers"), 303)
