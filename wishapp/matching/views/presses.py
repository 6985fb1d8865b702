"""What staff do to many proposals at once: those ticked, or all that the desk shows. Where they are many, a job does it and a page shows how
far it is; in the end it leads to the desk with what came of it."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from wishapp.jobs import queries as jobs
from wishapp.jobs import service as job_service
from wishapp.jobs.models import Job
from wishapp.kernel.errors import BadInput, NotFound, Refused
from wishapp.kernel.text import N_
from wishapp.matching import presses, queries, review, words
from wishapp.matching.blueprint import blueprint
from wishapp.matching.models import MatchRun
from wishapp.matching.presses import Press
from wishapp.matching.views.acts import back
from wishapp.matching.views.desk import filters
from wishapp.store.transaction import transaction
from wishapp.web.actor import current_actor
from wishapp.web.forms import MAX_ID
from wishapp.web.guards import guard
from wishapp.web.redirects import safe_path

MOST_TICKED = 600


def chosen_ids(run: MatchRun) -> list[int]:
    """The ticked proposals, or all that the filters in the address show; only those of this plan within the actor's places."""
    actor = current_actor()
    if request.form.get("all") == "1":
        return queries.row_ids(queries.proposals(run, actor.paths_for("matching.review"), filters()))
    raw = request.form.getlist("ids")
    if not raw or len(raw) > MOST_TICKED or any(not text.isascii() or not text.isdecimal() or len(text) > 10 or int(text) > MAX_ID for text in raw):
        raise BadInput(N_("Tick at least one row first."))
    return queries.row_ids(queries.proposals_by_ids(run, actor.paths_for("matching.review"), [int(text) for text in raw]))


def do_many(run_id: int, verb: str, done: Callable[[int], str] | None = None, *, why: str = "") -> Any:
    """Do a bulk verb to what was chosen and say how many were done and which were not; where they are many, lead to the page that watches it.

    `done` words an act that the desk's own undo bar does not know of, so that it can be taken back too.
    """
    run = queries.desk_access(current_actor(), run_id)
    press = Press(verb, chosen_ids(run), review.new_batch(), why)
    if len(press.ids) > presses.WITHIN_REQUEST:
        return begin(run, press)
    outcome = presses.do(press, by=current_actor())
    tell_left(len(outcome.left), outcome.left)
    if done is not None and outcome.done:
        offer_undo(run.id, done(len(outcome.done)), outcome.batch, request.form.get("back", ""))
    return back(run)


def begin(run: MatchRun, press: Press) -> Any:
    """Have a job do it, and watch."""
    target = safe_path(request.form.get("back")) or ""
    with transaction():
        if press.verb == "undo":
            review.undo_marks(press.batch, by=current_actor())
        begun = presses.start(run, press, by=current_actor(), back=target if target.startswith("/match/") else "")
    return redirect(url_for("matching.press", job_id=begun.id), 303)


def offer_undo(run_id: int, text: str, batch: str, where: str) -> None:
    """Say what was done, with a button that takes it back."""
    flash({"text": text, "url": url_for("matching.undo", run_id=run_id), "fields": {"batch": batch, "back": where}}, "undo")


def tell_left(count: int, entries: list[tuple[str, str, dict]]) -> None:
    """How many it could not be done to, and why not (the first five by name)."""
    if count:
        flash(" ".join([ngettext("%(num)d could not be done:", "%(num)d could not be done:", count), *words.left(entries)]), "wait")


@blueprint.get("/match/presses/<int:job_id>")
@guard("matching.review", scope="place")
def press(job_id: int) -> Any:
    """How far an act on many proposals is; when it is over, the desk with what came of it."""
    job = jobs.access_job(current_actor(), job_id)
    if job.kind != presses.KIND:
        raise NotFound()
    if job.status != "done":
        return render_template("matching/press.html", job=job, heading=words.PRESSES[job.args["verb"]], is_over=job.status in ("failed", "cancelled"))
    if request.headers.get("HX-Request"):  # the browser comes itself, once, and is told then
        return "", 200, {"HX-Redirect": url_for("matching.press", job_id=job_id)}
    tell_end(job)
    return redirect(job.args["back"] or url_for("matching.desk", place=queries.desk_access(current_actor(), job.args["run_id"]).place_id), 303)


def tell_end(job: Job) -> None:
    """What came of a press, in the words its own page would have used."""
    result, args = job.result, job.args
    if result["is_stopped"]:
        flash(_("Stopped after %(done)d of %(all)d.", done=result["done"], all=len(args["ids"])), "wait")
    tell_left(result["left"], [tuple(entry) for entry in result["told"]])
    if args["verb"] == "pin" and result["done"]:
        offer_undo(args["run_id"], pinned(result["done"]), args["batch"], args["back"])
    elif args["verb"] == "send":
        flash(ngettext("%(num)d offer sent out. The plan is in use now.", "%(num)d offers sent out. The plan is in use now.", result["done"]), "done")


@blueprint.post("/match/presses/<int:job_id>/stop")
@guard("matching.review", scope="place")
def stop(job_id: int) -> Any:
    job = jobs.access_job(current_actor(), job_id)
    if job.kind != presses.KIND or job.args["verb"] == "recall":  # seats of a plan put aside are given back to the end
        raise NotFound()
    with transaction():
        job_service.request_cancel(job, by=current_actor())
    return redirect(url_for("matching.press", job_id=job_id), 303)


def pinned(count: int) -> str:
    return ngettext("%(num)d pinned", "%(num)d pinned", count)


@blueprint.post("/match/runs/<int:run_id>/approve-many")
@guard("matching.review", scope="place")
def approve_many(run_id: int) -> Any:
    return do_many(run_id, "approve")


@blueprint.post("/match/runs/<int:run_id>/dismiss-many")
@guard("matching.review", scope="place")
def dismiss_many(run_id: int) -> Any:
    why = request.form.get("why", "")
    if why not in words.DISMISS_REASONS:
        raise BadInput(N_("Please say why, in a few words."))
    return do_many(run_id, "dismiss", why=why)


@blueprint.post("/match/runs/<int:run_id>/pin-many")
@guard("matching.review", scope="place")
def pin_many(run_id: int) -> Any:
    return do_many(run_id, "pin", pinned)


@blueprint.post("/match/runs/<int:run_id>/forbid-many")
@guard("matching.review", scope="place")
def forbid_many(run_id: int) -> Any:
    return do_many(run_id, "forbid")


@blueprint.post("/match/runs/<int:run_id>/undo")
@guard("matching.review", scope="place")
def undo(run_id: int) -> Any:
    run, batch = queries.desk_access(current_actor(), run_id), request.form.get("batch", "")
    if not batch.isalnum() or not batch.isascii() or len(batch) > 32:
        raise Refused(N_("There is nothing left to take back."))
    busy = presses.under_way(run, batch)
    if busy is not None:  # first it ends; then there is something to take back
        with transaction():
            job_service.request_cancel(busy, by=current_actor())
        return redirect(url_for("matching.press", job_id=busy.id), 303)
    ids = review.undoable(batch, by=current_actor())
    if len(ids) > presses.WITHIN_REQUEST:
        return begin(run, Press("undo", ids, batch))
    with transaction():
        outcome = review.undo_batch(batch, by=current_actor())
    tell_left(len(outcome.left), outcome.left)
    return back(run)
