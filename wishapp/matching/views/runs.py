"""Runs: begin one, watch it, stop it, put its plan to use; trials beside the plan."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from wishapp.accounts import queries as accounts
from wishapp.jobs import queries as jobs
from wishapp.kernel import clock
from wishapp.matching import acceptance, papers, queries, repair_words, service, weight_words, words
from wishapp.matching.blueprint import blueprint
from wishapp.matching.forms import StartForm
from wishapp.matching.grants import read_grants
from wishapp.matching.models import MatchRun, Weighting
from wishapp.matching.runs import names_of
from wishapp.matching.views.desk import place_asked
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.forms import MAX_ID
from wishapp.web.guards import guard

PHASES = ("read", "flow", "bound", "search", "check")


@blueprint.get("/match/trial")
@guard("matching.run", scope="place")
def trial() -> str:
    place = place_asked(current_actor())
    form = StartForm(place_id=place.id, reach=arguments.number("reach", 0, high=50_000), extra=arguments.number("extra", 0, high=50),
                     objective="tiers" if arguments.text("objective", most=5) == "tiers" else "value", is_what_if=True,
                     grants=arguments.text("grants", most=200))
    return render_template("matching/trial.html", place=place, form=form, runs=queries.open_runs(place.id), words=words, assumed=assumed(form))


def assumed(form: StartForm) -> list[str]:
    """What the trial assumes of single helpers and demands, in words."""
    grants = read_grants(form.grants.data)
    names = names_of(grants).get("names", {})
    return [words.assumed(list(grant), names) for grant in grants]


@blueprint.post("/match/start")
@guard("matching.run", scope="place")
def start() -> Any:
    form = StartForm()
    place = queries.access_place(current_actor(), min(form.place_id.data or 0, MAX_ID))
    if not form.validate():
        return render_template("matching/trial.html", place=place, form=form, runs=queries.open_runs(place.id), words=words, assumed=assumed(form)), 422
    with transaction():
        run = service.start_run(place, by=current_actor(), options=form.options(), is_what_if=form.is_what_if.data)
    return redirect(url_for("matching.run", run_id=run.id), 303)


@blueprint.get("/match/runs/<int:run_id>")
@guard("matching.run", scope="place")
def run(run_id: int) -> Any:
    found = queries.access_run(current_actor(), run_id)
    page = "matching/_progress.html" if request.headers.get("HX-Request") else "matching/run.html"
    if request.headers.get("HX-Request") and found.state not in service.UNDER_WAY:
        return "", 200, {"HX-Refresh": "true"}
    earlier = queries.runs_of(found.place_id)
    names = accounts.display_names({row.started_by_id for row in [found, *earlier]})
    weights = db.session.get(Weighting, found.weighting_id) if found.weighting_id else None
    return render_template(page, run=found, repairs=repairs_of(found),
                           weights=weights, weight_words=weight_words, may_read_weights=current_actor().may("matching.weights_read"),
                           job=jobs.job(found.job_id) if found.job_id else None, earlier=earlier, names=names, words=words,
                           phases=progress(found), in_use=queries.run_in_use(found.place_id), now=clock.now(), has_papers=papers.are_kept(found),
                           calibration=acceptance.calibration(found.place_path) if found.status and not found.is_what_if else [],
                           changes=changes(found) if found.is_what_if and found.state == "in_review" else None)


def repairs_of(found: MatchRun) -> list[repair_words.Said]:
    """Everything that changed the plan since it was worked out, in words."""
    paths = current_actor().paths_for("matching.run")
    return [said for said in (repair_words.said(repair, paths) for repair in queries.repairs_of(found)) if said is not None]


def progress(found: MatchRun) -> list[dict]:
    """The phases of a run as the page shows them: name, past | here | todo, seconds spent."""
    job = jobs.job(found.job_id) if found.job_id else None
    detail, here = (job.detail or {}, job.phase) if job else ({}, "")
    spent, ended = detail.get("spent", {}), found.state not in service.UNDER_WAY
    at = PHASES.index(here) if here in PHASES else 0
    rows = []
    for place, name in enumerate(PHASES):
        before = max([spent.get(earlier, 0.0) for earlier in PHASES[:place]], default=0.0)
        state = "past" if ended or place < at else "here" if place == at else "todo"
        rows.append({"name": name, "state": state, "seconds": max(0.0, spent[name] - before) if name in spent else None, "detail": detail})
    return rows


def changes(found: MatchRun) -> dict:
    """What a trial would change against the plan it was compared with."""
    figures = found.figures
    counted = figures.get("difference", {}).get("counts", [0, 0, 0])
    return {"since": figures.get("since"), "gained": counted[0], "lost": counted[1], "changed": counted[2],
            "titles": figures.get("titles", {}), "parts": figures.get("difference", {})}


@blueprint.post("/match/runs/<int:run_id>/cancel")
@guard("matching.run", scope="place")
def cancel(run_id: int) -> Any:
    found = queries.access_run(current_actor(), run_id)
    with transaction():
        service.cancel_run(found, by=current_actor())
    flash(_("Cancelled. Nothing has changed; the plan in use stays."), "done")
    return redirect(url_for("matching.run", run_id=found.id), 303)


@blueprint.post("/match/runs/<int:run_id>/take-best")
@guard("matching.run", scope="place")
def take_best(run_id: int) -> Any:
    found = queries.access_run(current_actor(), run_id)
    with transaction():
        service.take_best(found, by=current_actor())
    return redirect(url_for("matching.run", run_id=found.id), 303)


def tell_left(entries: list[tuple[str, str, dict]]) -> None:
    """Say what was approved and not sent after all."""
    if entries:
        flash(" ".join([ngettext("%(num)d was left out:", "%(num)d were left out:", len(entries)), *words.left(entries)]), "wait")


@blueprint.post("/match/runs/<int:run_id>/adopt")
@guard("matching.run", scope="place")
def adopt(run_id: int) -> Any:
    found = queries.access_run(current_actor(), run_id)
    with transaction():
        sending = service.adopt_run(found, by=current_actor())
    if sending.job_id is not None:
        return redirect(url_for("matching.press", job_id=sending.job_id), 303)
    flash(ngettext("%(num)d offer sent out. The plan is in use now.", "%(num)d offers sent out. The plan is in use now.", sending.sent), "done")
    tell_left(sending.left)
    return redirect(url_for("matching.desk", place=found.place_id), 303)
