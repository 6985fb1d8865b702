"""What staff do to proposals: one at a time and many at once. Every act leads back to the desk as it was filtered."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from wishapp.kernel.errors import BadInput, Refused
from wishapp.kernel.text import N_
from wishapp.matching import queries, review, words
from wishapp.matching.blueprint import blueprint
from wishapp.matching.forms import DismissForm, SwapForm, WithdrawForm
from wishapp.matching.models import MatchRun, Proposal
from wishapp.matching.offers import withdraw_offer
from wishapp.matching.views.desk import about, filters
from wishapp.store.db import db
from wishapp.store.transaction import retrying, transaction
from wishapp.web.actor import current_actor
from wishapp.web.forms import MAX_ID
from wishapp.web.guards import guard
from wishapp.web.redirects import safe_path

AT_ONCE = 50  # proposals per transaction, so that nobody waits long for the lock
MOST = 600  # proposals per press


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


def chosen_ids(run: MatchRun) -> list[int]:
    """The ticked proposals, or all that the filters in the address show; only those of this plan within the actor's places."""
    actor = current_actor()
    if request.form.get("all") == "1":
        query = queries.proposals(run, actor.paths_for("matching.review"), filters())
        return [row.id for row in db.session.scalars(query.limit(MOST + 1))]
    raw = request.form.getlist("ids")
    if not raw or len(raw) > MOST or any(not text.isascii() or not text.isdecimal() or len(text) > 10 or int(text) > MAX_ID for text in raw):
        raise BadInput(N_("Tick at least one row first."))
    rows = db.session.scalars(queries.proposals_by_ids(run, actor.paths_for("matching.review"), [int(text) for text in raw]))
    return [row.id for row in rows]


def do_many(run_id: int, verb: Any, done: Callable[[int], str] | None = None, **data: object) -> Any:
    """Run a bulk verb over what was chosen, a few per transaction, and say how many were done and which were not.

    `done` words an act that the desk's own undo bar does not know of, so that it can be taken back too.
    """
    actor = current_actor()
    run = queries.desk_access(actor, run_id)
    ids = chosen_ids(run)
    total = review.Outcome("")
    for start in range(0, min(len(ids), MOST), AT_ONCE):
        part = retrying(lambda start=start, batch=total.batch: _some(ids[start:start + AT_ONCE], verb, batch, data))
        total = review.Outcome(part.batch, total.done + part.done, total.left + part.left)
    tell_outcome(total)
    if done is not None and total.done:
        flash({"text": done(len(total.done)), "url": url_for("matching.undo", run_id=run.id),
               "fields": {"batch": total.batch, "back": request.form.get("back", "")}}, "undo")
    if len(ids) > MOST:
        flash(_("That was the first %(number)d. Press again for the rest.", number=MOST), "wait")
    return back(run)


def _some(ids: list[int], verb: Any, batch: str, data: dict) -> review.Outcome:
    with transaction():
        rows = [row for row in (db.session.get(Proposal, proposal_id) for proposal_id in ids) if row is not None]
        return verb(rows, by=current_actor(), batch=batch, **data)


def tell_outcome(outcome: review.Outcome) -> None:
    """How many it was done to; for the others, why not (the first five by name)."""
    if outcome.left:
        flash(" ".join([ngettext("%(num)d could not be done:", "%(num)d could not be done:", len(outcome.left)), *words.left(outcome.left)]), "wait")


@blueprint.post("/match/runs/<int:run_id>/approve-many")
@guard("matching.review", scope="place")
def approve_many(run_id: int) -> Any:
    return do_many(run_id, review.approve_many)


@blueprint.post("/match/runs/<int:run_id>/dismiss-many")
@guard("matching.review", scope="place")
def dismiss_many(run_id: int) -> Any:
    why = request.form.get("why", "")
    if why not in words.DISMISS_REASONS:
        raise BadInput(N_("Please say why, in a few words."))
    return do_many(run_id, review.dismiss_many, why=why)


@blueprint.post("/match/runs/<int:run_id>/pin-many")
@guard("matching.review", scope="place")
def pin_many(run_id: int) -> Any:
    return do_many(run_id, review.pin_many, lambda count: ngettext("%(num)d pinned", "%(num)d pinned", count))


@blueprint.post("/match/runs/<int:run_id>/forbid-many")
@guard("matching.review", scope="place")
def forbid_many(run_id: int) -> Any:
    return do_many(run_id, review.forbid_many)


@blueprint.post("/match/runs/<int:run_id>/undo")
@guard("matching.review", scope="place")
def undo(run_id: int) -> Any:
    run, batch = queries.desk_access(current_actor(), run_id), request.form.get("batch", "")
    if not batch.isalnum() or not batch.isascii() or len(batch) > 32:
        raise Refused(N_("There is nothing left to take back."))
    with transaction():
        outcome = review.undo_batch(batch, by=current_actor())
    tell_outcome(outcome)
    return back(run)
