"""Questions about a plan, answered from its papers: what would this helper cost, why not that one. Nothing asked here changes anything.

The answers are about the plan as it was worked out; what staff or supporters did with it since does not move the prices.
"""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import select

from wishapp import solver
from wishapp.jobs import queries as jobs
from wishapp.jobs import service as job_service
from wishapp.jobs.models import Job
from wishapp.jobs.service import JobHandle, job
from wishapp.kernel.roles import Actor
from wishapp.matching import eligibility, scores, sources
from wishapp.matching.crowd import district_path, read_crowd
from wishapp.matching.ideas import would_help
from wishapp.matching.models import MatchRun, Proposal
from wishapp.matching.papers import Papers, open_papers
from wishapp.matching.weighting import weights_of_run
from wishapp.store import search
from wishapp.store.db import db
from wishapp.supporters.models import Supporter

FOUND = 12
AT_ONCE = 60_000  # pairs up to which a question is answered while one waits; beyond it is a job


def is_quick(run: MatchRun) -> bool:
    """Is the plan small enough to be asked while one waits."""
    return (run.figures or {}).get("pairs", 0) <= AT_ONCE


def answer(question: str, run_id: int, ref: str, supporter_id: int = 0) -> dict:
    """The answer to "price" or "ideas", as JSON."""
    return price(run_id, ref, supporter_id) if question == "price" else would_help(run_id, ref)


@job("ask")
def ask(handle: JobHandle) -> dict:
    """A question about a large plan."""
    handle.progress(0.2, "search")
    return {"answer": answer(**handle.args)}


def ask_later(question: str, run: MatchRun, ref: str, supporter_id: int = 0, *, by: Actor) -> Job:
    """Inside transaction(): have a question answered in the background."""
    return job_service.enqueue("ask", {"question": question, "run_id": run.id, "ref": ref, "supporter_id": supporter_id}, by=by, place_path=run.place_path)


def asked(job_id: int | None, question: str, run_id: int, ref: str, supporter_id: int = 0) -> Job | None:
    """The job with this number, when it is about this very question."""
    found = jobs.job(job_id) if job_id else None
    wanted = {"question": question, "run_id": run_id, "ref": ref, "supporter_id": supporter_id}
    return found if found is not None and found.kind == "ask" and found.args == wanted else None


def helpers_called(words: str, path: str) -> list[Supporter]:
    """Active supporters of the district around `path` whose name (or its initials) has these words; at most FOUND, by name."""
    if not words.strip():
        return []
    return list(db.session.scalars(select(Supporter).where(
        Supporter.is_active, Supporter.place_path.startswith(district_path(path), autoescape=True), search.matches(Supporter.search, words),
    ).order_by(Supporter.name, Supporter.id).limit(FOUND)))


def helper_near(supporter_id: int, path: str) -> Supporter | None:
    """A supporter of the district around `path`; None for anybody else."""
    found = db.session.get(Supporter, supporter_id)
    return found if found is not None and found.place_path.startswith(district_path(path)) else None


@dataclass(frozen=True)
class Standing:
    """Somebody else for a proposal's demand, as things stand now: names of the rules against it, metres, [[reason, points], …].

    `metres` is None when they (or the demand) are not there to be asked at all.
    """

    broken: list[str]
    metres: int | None
    reasons: list

    @property
    def points(self) -> int:
        """Sum of the reasons."""
        return sum(points for _reason, points in self.reasons)


def standing(proposal: Proposal, supporter_id: int) -> Standing:
    """How this supporter stands to the proposal's demand now."""
    demand = next((demand for demand in sources.open_demands(proposal.place_path) if demand.ref == proposal.demand_ref), None)
    crowd = read_crowd(proposal.place_path, only=[supporter_id])
    row = crowd.row_of(supporter_id)
    if row is None:
        return Standing(["away"], None, [])
    if demand is None:
        return Standing([], None, [])
    metres = int(eligibility.distances(demand, crowd, np.array([row]))[0])
    broken = eligibility.broken_rules(demand, crowd, row)
    reasons = scores.reasons(demand, crowd, row, metres, weights_of_run(proposal.run))
    if "help" in broken:  # the points for giving this kind of help are not theirs
        reasons = [entry for entry in reasons if entry[0].partition(".")[0] != "kind"]
    return Standing(broken, metres, reasons)


def price(run_id: int, ref: str, supporter_id: int) -> dict:
    """What the plan loses when this supporter must come to this demand, as JSON; {} when the papers have been let go.

    {"pair": were they a pair at all, "chosen", "possible", "at_least": proven, "at_most": of a plan found by solving the neighbourhood
    again (None when none was found), "exact": both are the same; "against": [[rule, …], …] what fills the supporter in the plan,
    "doing": refs the supporter has in the plan, "keep": points of it for leaving the plan before, "moves": [[supporter id, from refs,
    to refs], …] with this supporter first, "left": refs then without anybody}.
    """
    papers = open_papers(db.session.get(MatchRun, run_id))
    db.session.rollback()
    if papers is None:
        return {}
    pair = papers.pair_of(ref, supporter_id)
    if pair is None:
        return {"pair": False}
    question = solver.Question(papers.problem, papers.plan)
    told = question.reasons.why(papers.demand_of(ref), papers.supporter_of(supporter_id))
    found = question.force(pair)
    return {
        "pair": True, "chosen": told["chosen"], "possible": found["possible"], "at_least": found["at_least"], "at_most": found["at_most"],
        "exact": found["exact"], "against": [[fact["rule"], *_where(fact, papers)] for fact in told["failing"] if fact["rule"] != "role_full"],
        "doing": [papers.refs[entry["demand"]] for entry in told["instead"]], "keep": kept_back(papers, found["dropped"], found["added"]),
        **moved(papers, found["dropped"], found["added"], supporter_id),
    }


def _where(fact: dict, papers: Papers) -> list:
    """What a rule against a pair is about: the other demand of a clash, how much of how much is used."""
    if fact["rule"] == "clash":
        return [papers.refs[fact["demand"]]]
    return [fact["used"], fact["limit"]] if "limit" in fact else []


def kept_back(papers: Papers, dropped: list[int], added: list[int]) -> int:
    """Points of a difference that come from leaving the plan before alone, and not from who fits better."""
    before = set(papers.problem["previous"])
    return papers.problem["keep"] * (len(before.intersection(dropped)) - len(before.intersection(added)))


def moved(papers: Papers, dropped: list[int], added: list[int], first: int) -> dict:
    """{"moves", "left"} of a difference of plans, in supporter ids and refs; see price."""
    columns = papers.problem["pairs"]
    ways: dict[int, tuple[list[str], list[str]]] = {}
    for pairs, side in ((dropped, 0), (added, 1)):
        for pair in pairs:
            supporter_id = int(papers.supporter_ids[columns["supporter"][pair]])
            ways.setdefault(supporter_id, ([], []))[side].append(papers.refs[columns["demand"][pair]])
    gone, come = ({papers.refs[columns["demand"][pair]] for pair in pairs} for pairs in (dropped, added))
    kept = {papers.refs[columns["demand"][pair]] for pair, _seats in papers.plan["pairs"] if pair not in set(dropped)}
    return {"moves": [[supporter_id, *ways[supporter_id]] for supporter_id in sorted(ways, key=lambda supporter_id: supporter_id != first)],
            "left": sorted(gone - come - kept)}
