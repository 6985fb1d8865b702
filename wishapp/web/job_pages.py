"""Pages of background work: how far it is, how long it has taken, and a way to stop it. Leaving and coming back is fine."""

from datetime import datetime, timedelta

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from wishapp.jobs import queries, service
from wishapp.jobs.models import Job
from wishapp.kernel import clock
from wishapp.store.transaction import transaction
from wishapp.web.actor import current_actor
from wishapp.web.guards import guard

blueprint = Blueprint("jobs", __name__)


def elapsed(job: Job) -> timedelta:
    """Time since it was begun, until now or its end."""
    begun: datetime = job.started_at or job.created_at
    return max(timedelta(0), (job.finished_at or clock.now()) - begun)


@blueprint.get("/jobs/<int:job_id>")
@guard("account.use", scope="place")
def show(job_id: int) -> str:
    """The page of one job; it renews itself while the work goes on."""
    job = queries.access_job(current_actor(), job_id)
    return render_template("jobs/show.html", job=job, seconds=int(elapsed(job).total_seconds()), is_over=job.status in ("done", "failed", "cancelled"))


@blueprint.get("/jobs/<int:job_id>/status")
@guard("account.use", scope="place")
def status(job_id: int) -> Response:
    """The same as JSON, for scripts."""
    job = queries.access_job(current_actor(), job_id)
    return jsonify({
        "id": job.id, "kind": job.kind, "status": job.status, "progress": round(job.progress, 4), "phase": job.phase, "detail": job.detail,
        "attempt": job.attempt, "is_cancel_asked": job.is_cancel_asked, "seconds": round(elapsed(job).total_seconds(), 1),
    })


@blueprint.post("/jobs/<int:job_id>/cancel")
@guard("account.use", scope="place")
def cancel(job_id: int) -> Redirect:
    """Ask it to stop."""
    job = queries.access_job(current_actor(), job_id)
    with transaction():
        service.request_cancel(job, by=current_actor())
    flash(_("It will stop in a moment. Nothing has been changed by it."), "done")
    return redirect(url_for("jobs.show", job_id=job_id), 303)
