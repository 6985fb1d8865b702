"""What staff do to one proposal. Every act leads back to the desk as it was filtered."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from wishapp.matching import queries, review, words
from wishapp.matching.blueprint import blueprint
from wishapp.matching.forms import DismissForm, SwapForm, WithdrawForm
from wishapp.matching.models import MatchRun
from wishapp.matching.offers import withdraw_offer
from wishapp.matching.views.desk import about
from wishapp.store.transaction import transaction
from wishapp.web.actor import current_actor
from wishapp.web.guards import guard
from wishapp.web.redirects import safe_path


def back(run: MatchRun | None = None) -> Any:
    """To the desk as it was, when the form says where that is; never to another site."""
    target = safe_path(request.form.get("back")) or ""
    return redirect(target if target.startswith("/match/") else url_for("matching.desk", place=run.place_id if run else None), 303)


@blueprint.post("/match/proposals/<int:proposal_id>/approve")
@guard("matching.review", scope="place")
def approve(proposal_id: int) -> Any:
    found = queries.access_proposal(current_actor(), proposal_id)
    with transaction():
        is_done = review.approve_proposal(found, by=current_actor())
    if not is_done:
        flash(words.why(found), "wait")
    return back(found.run)


@blueprint.post("/match/proposals/<int:proposal_id>/dismiss")
@guard("matching.review", scope="place")
def dismiss(proposal_id: int) -> Any:
    found, form = queries.access_proposal(current_actor(), proposal_id), DismissForm()
    if not form.validate():
        return render_template("matching/proposal.html", **about(found), dismiss=form, withdraw=WithdrawForm(None), swap=SwapForm(None)), 422
    with transaction():
        review.dismiss_proposal(found, by=current_actor(), why=form.reason())
    return back(found.run)


@blueprint.post("/match/proposals/<int:proposal_id>/restore")
@guard("matching.review", scope="place")
def restore(proposal_id: int) -> Any:
    found = queries.access_proposal(current_actor(), proposal_id)
    with transaction():
        review.restore_proposal(found, by=current_actor())
    return back(found.run)


@blueprint.post("/match/proposals/<int:proposal_id>/recall")
@guard("matching.review", scope="place")
def recall(proposal_id: int) -> Any:
    found = queries.access_proposal(current_actor(), proposal_id)
    with transaction():
        review.recall_proposal(found, by=current_actor())
    return back(found.run)


@blueprint.post("/match/proposals/<int:proposal_id>/swap")
@guard("matching.review", scope="place")
def swap(proposal_id: int) -> Any:
    found, form = queries.access_proposal(current_actor(), proposal_id), SwapForm()
    if not form.validate():
        return render_template("matching/proposal.html", **about(found), dismiss=DismissForm(None), withdraw=WithdrawForm(None), swap=form), 422
    with transaction():
        following = review.swap_proposal(found, review.supporter_of(form.supporter_id.data), by=current_actor())
    flash(_("%(name)s is put in. Approve it when it is right.", name=following.supporter.name), "done")
    return back(found.run)


@blueprint.post("/match/proposals/<int:proposal_id>/pin")
@guard("matching.review", scope="place")
def pin(proposal_id: int) -> Any:
    found = queries.access_proposal(current_actor(), proposal_id)
    with transaction():
        review.pin_pair(found, by=current_actor())
    flash(_("Pinned: later plans keep this pair."), "done")
    return back(found.run)


@blueprint.post("/match/proposals/<int:proposal_id>/forbid")
@guard("matching.review", scope="place")
def forbid(proposal_id: int) -> Any:
    found = queries.access_proposal(current_actor(), proposal_id)
    with transaction():
        review.forbid_pair(found, by=current_actor())
    flash(_("These two will not be paired again."), "done")
    return back(found.run)


@blueprint.post("/match/proposals/<int:proposal_id>/unpin")
@guard("matching.review", scope="place")
def unpin(proposal_id: int) -> Any:
    found = queries.access_proposal(current_actor(), proposal_id)
    with transaction():
        review.unpin_pair(found, by=current_actor())
    return back(found.run)


@blueprint.post("/match/proposals/<int:proposal_id>/withdraw")
@guard("matching.review", scope="place")
def withdraw(proposal_id: int) -> Any:
    found, form = queries.access_proposal(current_actor(), proposal_id), WithdrawForm()
    if not form.validate():
        return render_template("matching/proposal.html", **about(found), dismiss=DismissForm(None), withdraw=form, swap=SwapForm(None)), 422
    with transaction():
        withdraw_offer(found, by=current_actor(), why=form.why.data)
    flash(_("Taken back. The supporter has been told why."), "done")
    return back(found.run)
