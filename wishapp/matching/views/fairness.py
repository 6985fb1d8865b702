"""How fairly a plan spreads help and load, and what that costs."""

from flask import render_template

from wishapp.matching import phrases, queries, words
from wishapp.matching.blueprint import blueprint
from wishapp.matching.fairness import fairness_of
from wishapp.matching.models import MatchRun
from wishapp.matching.papers import open_papers
from wishapp.matching.views.desk import strip
from wishapp.web.actor import current_actor
from wishapp.web.guards import guard


@blueprint.get("/match/runs/<int:run_id>/fairness")
@guard("matching.review", scope="place")
def fairness(run_id: int) -> str:
    actor = current_actor()
    run = queries.desk_access(actor, run_id)
    is_whole = actor.may("matching.review", run.place_path)
    figures = strip(run, actor)
    return render_template("matching/fairness.html", run=run, figures=figures, report=report(run) if is_whole else None, is_whole=is_whole,
                           names={str(row["id"]): row["name"] for row in figures.get("communities", [])}, words=words, phrases=phrases)


def report(run: MatchRun) -> dict | None:
    """The report kept with the run; counted here while its price is still being worked out; None when there is nothing to count from."""
    kept = (run.figures or {}).get("fairness")
    if kept is not None:
        return kept
    papers = open_papers(run)
    return fairness_of(papers, papers.plan) if papers is not None else None
