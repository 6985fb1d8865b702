"""A plan's papers to take along: the problem and the plan as files anybody can check. Numbers and ids only."""

from flask import Response, make_response

from wishapp.kernel.errors import NotFound
from wishapp.matching import papers, queries
from wishapp.matching.blueprint import blueprint
from wishapp.web.actor import current_actor
from wishapp.web.guards import guard

PARTS = ("problem", "plan")


@blueprint.get("/match/runs/<int:run_id>/papers/<string:part>")
@guard("matching.run", scope="place")
def run_papers(run_id: int, part: str) -> Response:
    """The problem or the plan of a run, as long as its papers are kept."""
    kept = papers.open_papers(queries.access_run(current_actor(), run_id)) if part in PARTS else None
    if kept is None:
        raise NotFound()
    answer = make_response(papers.as_json(kept.problem if part == "problem" else kept.plan))
    answer.headers["Content-Type"] = "application/json"
    answer.headers["Content-Disposition"] = f'attachment; filename="{part}-{run_id}.json"'
    return answer
