"""Questions staff ask about a plan: why not somebody else, what that would cost, what would help a demand without anybody."""

from typing import Any

from flask import redirect, render_template, request, url_for

from wishapp.jobs.models import Job
from wishapp.kernel.errors import NotFound
from wishapp.matching import phrases, queries, questions, sources, words
from wishapp.matching.blueprint import blueprint
from wishapp.matching.forms import SwapForm
from wishapp.matching.grants import write_grant
from wishapp.matching.models import MatchRun, Proposal
from wishapp.store.transaction import transaction
from wishapp.supporters import queries as supporters
from wishapp.supporters.models import Supporter
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.forms import MAX_ID
from wishapp.web.guards import guard


@blueprint.get("/match/proposals/<int:proposal_id>/instead")
@guard("matching.review", scope="place")
def instead(proposal_id: int) -> str:
    found = queries.access_proposal(current_actor(), proposal_id)
    who = helper(found, arguments.number("supporter", low=1)) if request.args.get("supporter") else None
    called = arguments.text("q", most=40)
    return render_template(
        "matching/instead.html", proposal=found, run=found.run, words=words, phrases=phrases, who=who, q=called, back=request.args.get("back", ""),
        hits=questions.helpers_called(called, found.place_path), **(about(found, who) if who else {}))


def helper(found: Proposal, supporter_id: int | None) -> Supporter:
    """Somebody of the proposal's district; NotFound otherwise."""
    who = questions.helper_near(supporter_id or 0, found.place_path)
    if who is None:
        raise NotFound()
    return who


def about(found: Proposal, who: Supporter) -> dict:
    """How somebody else stands to the proposal's demand, and what the plan says of it."""
    job, told = worked_out("price", found.run, found.demand_ref, who.id)
    near = told or {}
    ids = {entry[0] for entry in near.get("moves", ())}
    refs = {found.demand_ref, *near.get("left", ()), *near.get("doing", ()), *(ref for entry in near.get("moves", ()) for side in entry[1:] for ref in side),
            *(rule[1] for rule in near.get("against", ()) if rule[0] == "clash")}
    entry = next((entry for entry in found.runners_up if entry[0] == who.id), None)
    return {
        "standing": questions.standing(found, who.id), "price": told, "job": job, "names": supporters.names(ids),
        "titles": {ref: card.title for ref, card in sources.cards(sorted(refs)).items()}, "may_put_in": entry is not None and found.state == "proposed",
        "least": entry[6] if entry is not None and len(entry) > 6 and found.origin == "plan" else 0,
    }


def worked_out(question: str, run: MatchRun, ref: str, supporter_id: int = 0) -> tuple[Job | None, dict | None]:
    """(job under way or ended, answer or None): at once where the plan is small, else from the job named in the address."""
    if questions.is_quick(run):
        return None, questions.answer(question, run.id, ref, supporter_id)
    job = questions.asked(arguments.number("job", low=1), question, run.id, ref, supporter_id)
    return job, job.result.get("answer") if job is not None and job.status == "done" else None


@blueprint.post("/match/proposals/<int:proposal_id>/price")
@guard("matching.review", scope="place")
def price(proposal_id: int) -> Any:
    found, form = queries.access_proposal(current_actor(), proposal_id), SwapForm()
    who = helper(found, min(form.supporter_id.data or 0, MAX_ID))
    with transaction():
        job = questions.ask_later("price", found.run, found.demand_ref, who.id, by=current_actor())
    return redirect(url_for("matching.instead", proposal_id=found.id, supporter=who.id, job=job.id, back=request.form.get("back") or None), 303)


@blueprint.get("/match/runs/<int:run_id>/ideas")
@guard("matching.review", scope="place")
def ideas(run_id: int) -> str:
    run, entry = unserved_entry(run_id, arguments.text("ref", most=30))
    job, told = worked_out("ideas", run, entry["ref"])
    return render_template("matching/ideas.html", run=run, entry=entry, told=told, job=job, words=words, phrases=phrases, write_grant=write_grant,
                           may_try=current_actor().may("matching.run", run.place_path), card=sources.cards([entry["ref"]]).get(entry["ref"]))


def unserved_entry(run_id: int, ref: str) -> tuple[MatchRun, dict]:
    """A demand that found nobody in this plan, within the actor's places; NotFound otherwise."""
    actor = current_actor()
    run = queries.desk_access(actor, run_id)
    entry = run.unserved.get(ref)
    if entry is None or not actor.may("matching.review", entry["path"]):
        raise NotFound()
    return run, {"ref": ref, **entry}


@blueprint.post("/match/runs/<int:run_id>/ask-ideas")
@guard("matching.review", scope="place")
def ask_ideas(run_id: int) -> Any:
    run, entry = unserved_entry(run_id, request.form.get("ref", "")[:30])
    with transaction():
        job = questions.ask_later("ideas", run, entry["ref"], by=current_actor())
    return redirect(url_for("matching.ideas", run_id=run.id, ref=entry["ref"], job=job.id), 303)
