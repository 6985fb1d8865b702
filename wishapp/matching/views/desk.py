"""The desk: the list of proposals with the strip above and the unserved beside it; one proposal with everything about it."""

from datetime import timedelta

from flask import current_app, render_template, request, url_for

from wishapp.accounts import queries as accounts
from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, NotFound
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.matching import acceptance, figures, partners, queries, repair_words, sources, waves, words
from wishapp.matching.blueprint import blueprint
from wishapp.matching.forms import DismissForm, SwapForm, WithdrawForm
from wishapp.matching.models import MatchRun, Proposal
from wishapp.matching.queries import Filters
from wishapp.places.models import Place
from wishapp.store import audit
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.guards import guard

PAGE = 20
UNSERVED_SHOWN = 6
REPAIRS_SHOWN, REPAIRS_WITHIN = 3, timedelta(hours=24)


def filters() -> Filters:
    """What the address narrows the desk to; BadInput for words that are no choice."""
    show = arguments.text("show", most=10) or "waiting"
    if show not in queries.SHOWS:
        raise BadInput(N_("The address of this page names a choice that does not exist."))
    what = arguments.text("what", most=10)
    if what not in words.WHATS:
        raise BadInput(N_("The address of this page names a choice that does not exist."))
    return Filters(what=what, community=arguments.number("community"), tier=arguments.number("tier", high=2), show=show, words=arguments.text("q", most=60))


def place_asked(actor: Actor, own: list[Place] | None = None) -> Place:
    """The place in the address, else the first of the actor's own (`own`, when they have been read already)."""
    place_id = arguments.number("place", low=1)
    own = queries.own_places(actor) if own is None else own
    if place_id is not None:
        return next((place for place in own if place.id == place_id), None) or queries.access_place(actor, place_id)
    if not own:
        raise NotFound()
    return own[0]


def strip(run: MatchRun, actor: Actor) -> dict:
    """The figures this person may see: of the whole plan where its place is theirs, else summed over their own communities."""
    if actor.may("matching.review", run.place_path):
        return run.figures
    return figures.within(run.figures, actor.paths_for("matching.review"))


def unserved(run: MatchRun, actor: Actor) -> list[dict]:
    """Demands without anybody, within the actor's places, the most urgent first."""
    found = [{"ref": ref, **entry} for ref, entry in run.unserved.items() if actor.may("matching.review", entry["path"])]
    return sorted(found, key=lambda entry: (entry["tier"], entry["ref"]))


def sure() -> int:
    """How certain the office wants to be that somebody says yes, per cent."""
    return current_app.config["SURE_PERCENT"]


@blueprint.get("/match/desk")
@guard("matching.review", scope="place")
def desk() -> str:
    actor = current_actor()
    own = queries.own_places(actor)
    place = place_asked(actor, own)
    runs, chosen = queries.desk_runs(place), filters()
    common = {"place": place, "own_places": own, "filters": chosen, "words": words, "open_runs": runs.beside}
    if runs.plan is None:
        return render_template("matching/desk_empty.html", **common, below=queries.current_below(place))
    run, paths = runs.plan, actor.paths_for("matching.review")
    page = queries.page_of_proposals(queries.proposals(run, paths, chosen), arguments.page(), PAGE)
    rows: list[Proposal] = page.rows
    counts, missing = queries.counts(run, paths, actor), unserved(run, actor)
    return render_template(
        "matching/desk.html", **common, run=run, page=page, counts=counts, strip=strip(run, actor),
        marks=queries.marks_of([row.demand_ref for row in rows]), unserved=missing,
        shown=missing if arguments.text("unserved") == "all" else missing[:UNSERVED_SHOWN],
        answers=queries.answers([row.supporter_id for row in rows]), waves=waves, sure=sure(),
        repairs=repairs_shown(run, paths), last_act=queries.last_act(actor, run) if counts["undoable"] else None, in_use=runs.in_use,
        may_adopt=actor.may("matching.run", run.place_path), here=request.full_path.rstrip("?"), now=clock.now(), link=link,
    )


def repairs_shown(run: MatchRun, paths: list[str]) -> list[repair_words.Said]:
    """What repairs of the last hours changed in these subtrees, newest first, a few of them."""
    found = (repair_words.said(repair, paths) for repair in queries.repairs_of(run, since=clock.now() - REPAIRS_WITHIN) if repair.status == "changed"
             or repair.changes.get("nobody") or repair.changes.get("failed"))
    return [entry for entry in found if entry is not None][:REPAIRS_SHOWN]


def link(**changes: object) -> str:
    """This desk with some filters changed; the page number starts over. None takes a filter away."""
    kept = {name: value for name, value in arguments.kept().items() if name != "page"} | changes
    return url_for("matching.desk", **{name: value for name, value in kept.items() if value not in (None, "")})


@blueprint.get("/match/proposals/<int:proposal_id>")
@guard("matching.review", scope="place")
def proposal(proposal_id: int) -> str:
    actor = current_actor()
    found = queries.access_proposal(actor, proposal_id)
    return render_template("matching/proposal.html", **about(found), dismiss=DismissForm(), withdraw=WithdrawForm(), swap=SwapForm())


def about(found: Proposal) -> dict:
    """Everything the proposal's page shows."""
    ids = [found.supporter_id, *(entry[0] for entry in found.runners_up)]
    known = queries.supporters_by_id(ids)
    history = audit.history("proposal", found.id)
    likely = acceptance.likely(found, ids)
    if found.chance is not None:
        likely[found.supporter_id] = (found.chance, likely[found.supporter_id][1])
    turns = []
    if found.state in ("proposed", "offered"):
        turns = waves.waves(found, likely[found.supporter_id][0], acceptance.ranked(found, likely), clock.now())
    return {
        "proposal": found, "run": found.run, "words": words, "card": sources.cards([found.demand_ref]).get(found.demand_ref),
        "partners": partners.partners(found, known) if found.state == "proposed" else [], "others": queries.of_demand(found.run_id, found.demand_ref),
        "answers": queries.answers(ids), "likely": likely, "waves": turns, "sure": sure(), "mark": queries.marks_of([found.demand_ref]).get((found.demand_ref, found.supporter_id)),
        "history": history, "names": accounts.display_names(entry.actor_id for entry in history), "back": request.args.get("back", ""),
    }
