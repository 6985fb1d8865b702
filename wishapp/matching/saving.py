"""Saving a plan: one transaction that checks every line against the live database, or nothing at all."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from wishapp.kernel import clock, faults
from wishapp.kernel.roles import SYSTEM
from wishapp.matching import acceptance, sources
from wishapp.matching.crowd import read_crowd
from wishapp.matching.explain import entry_of
from wishapp.matching.figures import difference, figures_of
from wishapp.matching.grants import granted_crowd, read_grants
from wishapp.matching.models import MatchRun, Proposal
from wishapp.matching.papers import Packed, save_papers
from wishapp.matching.plan import Line
from wishapp.matching.runs import CURRENT
from wishapp.matching.snapshot import Snapshot
from wishapp.notices import service as notices
from wishapp.places import queries as places
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.search import index_text
from wishapp.store.transitions import advance, begin_many
from wishapp.supporters import queries as supporters

DROPPED_SHOWN = 100


@dataclass(frozen=True)
class Solved:
    """What a job brings to the transaction: the snapshot, its plan, the lines read from it, what found nobody and why (see
    explain), the curve, seconds in all, the papers to keep. Everything slow has been worked out before, so that nobody waits for the lock."""

    snapshot: Snapshot
    plan: dict
    lines: list[Line]
    unserved: dict[str, dict]
    curve: list
    seconds: float
    papers: Packed


def latest_run(place_id: int, *, but: int = 0) -> MatchRun | None:
    """The newest plan of a place that is in review or in use."""
    return db.session.scalar(select(MatchRun).where(
        MatchRun.place_id == place_id, MatchRun.is_what_if.is_(False), MatchRun.state.in_(CURRENT), MatchRun.id != but,
    ).order_by(MatchRun.number.desc()).limit(1))


def previous_pairs(run: MatchRun) -> dict[str, set[int]]:
    """{demand ref: supporter ids} of the plan before: what people have seen, or been told, and is not over."""
    before = latest_run(run.place_id, but=run.id)
    if before is None:
        return {}
    pairs: dict[str, set[int]] = {}
    rows = db.session.execute(select(Proposal.demand_ref, Proposal.supporter_id).where(
        Proposal.run_id == before.id, Proposal.state.in_(("proposed", "offered", "accepted"))))
    for ref, supporter_id in rows:
        pairs.setdefault(ref, set()).add(supporter_id)
    return pairs


def seats_of(run: MatchRun, refs: set[str]) -> int:
    """Seats in review that a plan has for these demands."""
    found = db.session.execute(select(Proposal.demand_ref, func.sum(Proposal.seats)).where(
        Proposal.run_id == run.id, Proposal.state == "proposed").group_by(Proposal.demand_ref))
    return sum(int(seats) for ref, seats in found if ref in refs)


def still_possible(run: MatchRun, solved: Solved) -> tuple[list[Line], list[list]]:
    """Lines that stand against the live database, and [[ref, title, why], …] for the others: seat gone, or room gone."""
    now_open = {demand.ref: sum(demand.seats) for demand in sources.open_demands(run.place_path)}
    crowd = solved.snapshot.crowd
    chosen = sorted({int(crowd.ids[line.row]) for line in solved.lines})
    extra = run.options.get("extra", 0)
    live = read_crowd(run.place_path, only=chosen).widened(run.options.get("reach", 0), extra) if chosen else crowd
    live = granted_crowd(live, solved.snapshot.demands, read_grants(run.options.get("grants")))
    kept, dropped = [], []
    for line in solved.lines:
        demand = solved.snapshot.demands[line.demand]
        row = live.row_of(int(crowd.ids[line.row]))
        if now_open.get(demand.ref, 0) < line.seats:
            dropped.append([demand.ref, demand.title[:80], "taken"])
        elif row is None or (live.room(demand.kind)[row] < 1 if live.kind[row] == 0 else live.minutes[row] < demand.minutes):
            dropped.append([demand.ref, demand.title[:80], "room"])
        else:
            now_open[demand.ref] -= line.seats
            kept.append(line)
    return kept, dropped


def save_plan(run: MatchRun, solved: Solved) -> None:
    """Inside transaction(): the run gets its figures, and a plan its proposals; the plan in review before is replaced.

    A what-if keeps its pairs in its own figures, beside the difference to the plan it is compared with, and touches nothing else.
    Refused when the run is not being solved any more (cancelled, or saved already).
    """
    lines, dropped = still_possible(run, solved)
    faults.point("match.before_save")
    before = latest_run(run.place_id, but=run.id)
    asked_again = {demand.ref for demand in solved.snapshot.demands}
    old_pairs = {ref: pair for ref, pair in previous_pairs(run).items() if ref in asked_again}
    names, paths = communities(solved.snapshot)
    figures = figures_of(solved.snapshot, lines, names, paths)
    figures |= {"dropped": dropped[:DROPPED_SHOWN], "dropped_count": len(dropped), "gap": solved.plan.get("gap", 0.0), "tiers_proven": solved.plan.get("tiers"),
                "impossible_pins": [list(pin) for pin in solved.snapshot.impossible_pins[:DROPPED_SHOWN]]}
    figures["acceptance"] = acceptance.outlook(lines)
    new_pairs: dict[str, set[int]] = {}
    for line in lines:
        new_pairs.setdefault(solved.snapshot.demands[line.demand].ref, set()).add(int(solved.snapshot.crowd.ids[line.row]))
    figures["difference"] = difference(old_pairs, new_pairs)
    if before is not None:
        served = figures["served"] - seats_of(before, asked_again)  # over the seats still open: what was approved meanwhile is in neither
        figures["since"] = {"number": before.number, "served": served, "demands": before.demands,
                            "mean_metres": figures["mean_metres"] - before.figures.get("mean_metres", 0),
                            "tiers": before.figures.get("tiers", [])}
    run.figures, run.unserved = figures, solved.unserved | left_over(solved, dropped, names)
    run.snapshot_sha256, run.status = solved.plan.get("problem_sha256", ""), solved.plan["status"]
    run.demands, run.served = figures["demands"], figures["served"]
    run.objective, run.bound = int(solved.plan["objective"]), int(solved.plan["bound"])
    run.curve, run.seconds, run.finished_at = solved.curve, round(solved.seconds), clock.now()
    advance(run, "save", by=SYSTEM, served=run.served, demands=run.demands)
    if run.is_what_if:
        run.figures = {**figures, "titles": _titles(solved, figures["difference"])}
        for older in db.session.scalars(select(MatchRun).where(
                MatchRun.place_id == run.place_id, MatchRun.is_what_if, MatchRun.state == "in_review", MatchRun.id != run.id)):
            advance(older, "replace", by=SYSTEM)
    else:
        begin_many(Proposal, proposals_of(run, solved.snapshot, lines, old_pairs))
        faults.point("match.half_saved")
        if before is not None and before.state == "in_review":
            advance(before, "replace", by=SYSTEM)
        save_papers(run, solved.papers)
    if run.started_by_id is not None:
        notices.announce(
            "run", "save", thing_id=run.id, people={"staff": [run.started_by_id]},
            params={"place": run.place.name, "served": run.served, "demands": run.demands}, endpoint="matching.run", values={"run_id": run.id})


def left_over(solved: Solved, dropped: list[list], names: dict[int, str]) -> dict[str, dict]:
    """Unserved entries for lines whose supporter had nothing left at the last look; what somebody else took is served."""
    lost = {ref for ref, _title, why in dropped if why == "room"}
    return {demand.ref: entry_of(demand, 0, names, [["changed"]], {"extra": 1}) for demand in solved.snapshot.demands if demand.ref in lost}


def proposals_of(run: MatchRun, snapshot: Snapshot, lines: list[Line], old_pairs: dict[str, set[int]]) -> list[dict[str, Any]]:
    """The columns of a proposal for each of these lines, with what it changed."""
    crowd, demands = snapshot.crowd, snapshot.demands
    old_names = supporters.names({supporter_id for pair in old_pairs.values() for supporter_id in pair})
    made = []
    for line in lines:
        demand, supporter_id = demands[line.demand], int(crowd.ids[line.row])
        before = old_pairs.get(demand.ref, set())
        change = "new" if not before else "same" if supporter_id in before else "changed"
        was = old_names.get(min(before), "") if change == "changed" else ""
        made.append({
            "run_id": run.id, "demand_ref": demand.ref, "supporter_id": supporter_id, "place_path": demand.place_path, "tier": demand.tier,
            "starts_at": demand.window[0] if demand.window else None, "ends_at": demand.window[1] if demand.window else None,
            "seats": line.seats, "value": line.points, "distance": line.metres, "load_after": line.load_after, "load_quota": line.quota,
            "reasons": line.reasons, "runners_up": line.runners_up, "change": change, "was": was, "origin": "plan", "title": demand.title[:80],
            "kind": demand.kind, "chance": line.chance, "search": index_text(demand.title, crowd.names[line.row])[:400],
        })
    return made


def communities(snapshot: Snapshot) -> tuple[dict[int, str], dict[int, str]]:
    """Names and paths of the communities the demands lie in, by id."""
    wanted = {demand.community_id for demand in snapshot.demands}
    paths = {row.id: row.path for row in db.session.execute(select(Place.id, Place.path).where(Place.id.in_(wanted)))} if wanted else {}
    return places.names(wanted), paths


def _titles(solved: Solved, changes: dict) -> dict[str, str]:
    """Titles of the demands named in a difference, as far as this run knows them."""
    wanted = {ref for part in ("gained", "lost", "changed") for ref in changes[part]}
    return {demand.ref: demand.title[:80] for demand in solved.snapshot.demands if demand.ref in wanted}
