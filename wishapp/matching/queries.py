"""Reads of the office: the desk's list and strip, runs, offers, the record of answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import joinedload

from wishapp.kernel import clock
from wishapp.kernel.errors import NotFound
from wishapp.kernel.roles import Actor
from wishapp.matching.models import MatchRun, PairMark, Proposal, Repair
from wishapp.matching.runs import CURRENT, UNDER_WAY
from wishapp.places.models import Place
from wishapp.places.queries import ids_of
from wishapp.store import search
from wishapp.store.db import db
from wishapp.store.paging import Page
from wishapp.supporters import queries as supporters
from wishapp.supporters.models import Supporter, SupporterPerson

UNDO_WITHIN = timedelta(minutes=10)
SHOWS = ("waiting", "changed", "approved", "settled")


@dataclass(frozen=True)
class Filters:
    """What the desk is narrowed to: a community id, a tier, one of SHOWS, words, a kind of demand (prefix of its refs)."""

    community: int | None = None
    tier: int | None = None
    show: str = "waiting"
    words: str = ""
    what: str = ""


def access_run(actor: Actor, run_id: int, permission: str = "matching.run") -> MatchRun:
    """The run, where the actor holds `permission` at its place; NotFound otherwise."""
    found = db.session.get(MatchRun, run_id)
    if found is None or not actor.may(permission, found.place_path):
        raise NotFound()
    return found


def access_proposal(actor: Actor, proposal_id: int, permission: str = "matching.review") -> Proposal:
    """The proposal of a plan (not of a what-if), where the actor holds `permission` at the demand's place; NotFound otherwise."""
    found = db.session.get(Proposal, proposal_id)
    if found is None or not actor.may(permission, found.place_path):
        raise NotFound()
    return found


def access_offer(actor: Actor, proposal_id: int) -> Proposal:
    """A proposal that was sent out to a supporter the actor answers for; NotFound otherwise."""
    found = db.session.get(Proposal, proposal_id)
    if found is None or found.sent_at is None or not actor.may("matching.answer") or not supporters.answers_for(actor.id, found.supporter_id):
        raise NotFound()
    return found


def in_subtrees(column: ColumnElement, paths: list[str]) -> ColumnElement:
    """Condition: the path lies in one of these subtrees."""
    return or_(*(column.startswith(path, autoescape=True) for path in paths)) if paths else column.is_(None)


def own_places(actor: Actor) -> list[Place]:
    """The places whose desks the actor may open: where the grants are, outermost first."""
    paths = actor.paths_for("matching.review")
    return list(db.session.scalars(select(Place).where(Place.path.in_(paths)).order_by(func.length(Place.path), Place.code)))


def access_place(actor: Actor, place_id: int) -> Place:
    """A place at or below one of the actor's own; NotFound otherwise."""
    found = db.session.get(Place, place_id)
    if found is None or not actor.may("matching.review", found.path):
        raise NotFound()
    return found


@dataclass(frozen=True)
class DeskRuns:
    """The runs one desk is about: the plan on it (or None), the plan in use if that is another, runs under way and the newest trial."""

    plan: MatchRun | None
    in_use: MatchRun | None
    beside: list[MatchRun]


def desk_runs(place: Place) -> DeskRuns:
    """The plan on this place's desk: its own newest current one, else the nearest above it; one query."""
    query = select(MatchRun).where(
        MatchRun.place_id.in_(ids_of(place.path)),
        or_(MatchRun.state.in_(UNDER_WAY), and_(MatchRun.state.in_(CURRENT), MatchRun.is_what_if.is_(False)),
            and_(MatchRun.is_what_if, MatchRun.state == "in_review")),
    ).options(joinedload(MatchRun.place)).order_by(MatchRun.id.desc()).limit(60)
    found = list(db.session.scalars(query))
    current = [run for run in found if run.state in CURRENT and not run.is_what_if]
    plan = max(current, key=lambda run: (len(run.place_path), run.number), default=None)
    in_use = next((run for run in current if plan is not None and run.place_id == plan.place_id and run.state == "in_use" and run is not plan), None)
    return DeskRuns(plan, in_use, [run for run in found if run.place_id == place.id and run not in current])


def current_below(place: Place) -> list[MatchRun]:
    """Current plans of places below this one, the newest of each, by name of the place."""
    newest = select(func.max(MatchRun.id)).where(
        MatchRun.state.in_(CURRENT), MatchRun.is_what_if.is_(False), MatchRun.place_path.startswith(place.path, autoescape=True),
        MatchRun.place_id != place.id).group_by(MatchRun.place_id)
    return list(db.session.scalars(
        select(MatchRun).join(Place).where(MatchRun.id.in_(newest)).options(joinedload(MatchRun.place)).order_by(Place.code).limit(60)))


def run_in_use(place_id: int) -> MatchRun | None:
    """The plan people have been told of."""
    return db.session.scalar(select(MatchRun).where(
        MatchRun.place_id == place_id, MatchRun.state == "in_use", MatchRun.is_what_if.is_(False)).order_by(MatchRun.number.desc()).limit(1))


def open_runs(place_id: int) -> list[MatchRun]:
    """Runs under way, and trials that have come out; newest first."""
    query = select(MatchRun).where(MatchRun.place_id == place_id, or_(
        MatchRun.state.in_(UNDER_WAY), and_(MatchRun.is_what_if, MatchRun.state == "in_review"))).order_by(MatchRun.id.desc()).limit(4)
    return list(db.session.scalars(query))


def runs_of(place_id: int, limit: int = 10) -> list[MatchRun]:
    """Earlier plans of a place, newest first, without what-ifs."""
    return list(db.session.scalars(select(MatchRun).where(
        MatchRun.place_id == place_id, MatchRun.is_what_if.is_(False)).order_by(MatchRun.number.desc()).limit(limit)))


def proposals(run: MatchRun, paths: list[str], filters: Filters) -> Select:
    """The desk's list as an ordered select: most urgent first, then by points."""
    query = select(Proposal).where(_on_desk(run), in_subtrees(Proposal.place_path, paths), _shown(filters.show))
    if filters.community:
        query = query.where(Proposal.place_path.contains(f"/{filters.community}/"))
    if filters.tier is not None:
        query = query.where(Proposal.tier >= 2 if filters.tier == 2 else Proposal.tier == filters.tier)
    if filters.what:
        query = query.where(Proposal.demand_ref.startswith(f"{filters.what}:", autoescape=True))
    if filters.words:
        query = query.where(search.matches(Proposal.search, filters.words))
    return query.options(joinedload(Proposal.supporter)).order_by(Proposal.tier, Proposal.value.desc(), Proposal.id)


def page_of_proposals(query: Select, number: int, size: int) -> Page:
    """One page of the desk's list with its total, in one query (two when the number is past the end)."""
    def rows(at: int) -> list:
        return db.session.execute(query.add_columns(func.count().over()).limit(size).offset((at - 1) * size)).all()

    found = rows(number)
    if not found and number > 1:
        number, found = 1, rows(1)
    return Page([row[0] for row in found], number, size, found[0][1] if found else 0)


def row_ids(query: Select) -> list[int]:
    """Ids of the rows of such a list, in its order."""
    return list(db.session.scalars(query.with_only_columns(Proposal.id)))


def _on_desk(run: MatchRun) -> ColumnElement:
    """Condition: of this plan, or an offer of an older plan of the same place that is still out."""
    of_place = select(MatchRun.id).where(MatchRun.place_id == run.place_id, MatchRun.is_what_if.is_(False))
    return or_(Proposal.run_id == run.id, and_(Proposal.run_id.in_(of_place), Proposal.state == "offered"))


def proposals_by_ids(run: MatchRun, paths: list[str], ids: list[int]) -> Select:
    """These proposals, as far as they are of this plan and within these subtrees."""
    return select(Proposal).where(Proposal.run_id == run.id, Proposal.id.in_(ids), in_subtrees(Proposal.place_path, paths)).order_by(Proposal.id)


def desk_access(actor: Actor, run_id: int) -> MatchRun:
    """The plan, when it touches the actor's places: at, above or below one of them; NotFound otherwise."""
    found = db.session.get(MatchRun, run_id)
    paths = actor.paths_for("matching.review")
    if found is None or found.is_what_if or not any(path.startswith(found.place_path) or found.place_path.startswith(path) for path in paths):
        raise NotFound()
    return found


def _shown(show: str) -> ColumnElement:
    if show == "changed":
        return and_(Proposal.state == "proposed", Proposal.change != "same")
    if show == "approved":
        return Proposal.state.in_(("offered", "accepted"))
    if show == "settled":
        return Proposal.state.in_(("dismissed", "stale", "declined", "lapsed", "withdrawn"))
    return Proposal.state == "proposed"


def counts(run: MatchRun, paths: list[str], actor: Actor) -> dict[str, int]:
    """How many there are of each of SHOWS, how many are approved but not sent, and how many this person may still take back; one query."""
    columns = [func.sum(case((_shown(show), 1), else_=0)) for show in SHOWS]
    mine = func.sum(case((and_(Proposal.decided_by_id == actor.id, Proposal.batch != "", Proposal.decided_at >= clock.now() - UNDO_WITHIN), 1), else_=0))
    goes_out = or_(Proposal.run_id == run.id, Proposal.run_id.in_(select(MatchRun.id).where(
        MatchRun.place_id == run.place_id, MatchRun.state.in_(("replaced", "in_use")))))
    unsent = func.sum(case((and_(goes_out, Proposal.state == "offered", Proposal.sent_at.is_(None)), 1), else_=0))
    row = db.session.execute(select(*columns, unsent, mine).where(_on_desk(run), in_subtrees(Proposal.place_path, paths))).one()
    return dict(zip((*SHOWS, "unsent", "undoable"), (int(value or 0) for value in row), strict=True))


def marks_of(refs: list[str]) -> dict[tuple[str, int], str]:
    """Pins and forbids of these demands: {(demand ref, supporter id): kind}."""
    rows = db.session.execute(select(PairMark.demand_ref, PairMark.supporter_id, PairMark.kind).where(
        PairMark.demand_ref.in_(refs), PairMark.kind.in_(("pin", "forbid"))))
    return {(row.demand_ref, row.supporter_id): row.kind for row in rows}


def last_act(actor: Actor, run: MatchRun) -> tuple[str, str, int] | None:
    """(batch, state it led to, how many) of what this person did last on this plan, while it can still be taken back."""
    row = db.session.execute(
        select(Proposal.batch, Proposal.state, func.count(), func.max(Proposal.decided_at)).where(
            Proposal.run_id == run.id, Proposal.decided_by_id == actor.id, Proposal.batch != "",
            Proposal.state.in_(("offered", "dismissed", "proposed")), Proposal.decided_at >= clock.now() - UNDO_WITHIN)
        .group_by(Proposal.batch, Proposal.state).order_by(func.max(Proposal.decided_at).desc(), Proposal.state).limit(1)).one_or_none()
    return (row[0], row[1], row[2]) if row else None


def answers(supporter_ids: list[int]) -> dict[int, tuple[int, int]]:
    """{supporter id: (said yes, answered or let lapse)}, over all offers ever sent; nobody is left out."""
    found = dict.fromkeys(supporter_ids, (0, 0))
    said_yes = func.sum(case((Proposal.state == "accepted", 1), else_=0))
    rows = db.session.execute(select(Proposal.supporter_id, said_yes, func.count()).where(
        Proposal.supporter_id.in_(found), Proposal.sent_at.is_not(None), Proposal.state.in_(("accepted", "declined", "lapsed"))
    ).group_by(Proposal.supporter_id))
    for supporter_id, yes, asked in rows:
        found[supporter_id] = (int(yes), asked)
    return found


def offers_of(user_id: int, states: tuple[str, ...] = ("offered",), limit: int = 50) -> list[Proposal]:
    """Offers to supporters this person answers for, the soonest deadline first."""
    own = select(SupporterPerson.supporter_id).where(SupporterPerson.user_id == user_id, SupporterPerson.is_confirmed)
    query = select(Proposal).where(Proposal.supporter_id.in_(own), Proposal.sent_at.is_not(None), Proposal.state.in_(states))
    order = (Proposal.answer_by, Proposal.id) if states == ("offered",) else (Proposal.answer_by.desc(), Proposal.id.desc())
    return list(db.session.scalars(query.options(joinedload(Proposal.supporter)).order_by(*order).limit(limit)))


def offers_waiting(user_id: int) -> int:
    """How many offers wait for this person's answer."""
    own = select(SupporterPerson.supporter_id).where(SupporterPerson.user_id == user_id, SupporterPerson.is_confirmed)
    return db.session.scalar(select(func.count()).where(
        Proposal.supporter_id.in_(own), Proposal.sent_at.is_not(None), Proposal.state == "offered")) or 0


def count_to_review(actor: Actor) -> Select[tuple[int]]:
    """How many proposals of current plans wait for review in the actor's places, as a query; the badge of the desk."""
    paths = actor.paths_for("matching.review")
    current = select(func.max(MatchRun.id)).where(MatchRun.state.in_(CURRENT), MatchRun.is_what_if.is_(False)).group_by(MatchRun.place_id)
    return select(func.count()).where(Proposal.run_id.in_(current), Proposal.state == "proposed", in_subtrees(Proposal.place_path, paths))


def offers_out(actor: Actor) -> tuple[int, int]:
    """(offers awaiting an answer, of them due within a day) in the actor's places."""
    paths = actor.paths_for("matching.review")
    soon = func.sum(case((Proposal.answer_by <= clock.now() + timedelta(days=1), 1), else_=0))
    row = db.session.execute(select(func.count(), soon).where(
        Proposal.state == "offered", Proposal.sent_at.is_not(None), in_subtrees(Proposal.place_path, paths))).one()
    return int(row[0]), int(row[1] or 0)


def under_way(actor: Actor) -> list[MatchRun]:
    """Runs being worked out in the actor's places."""
    return list(db.session.scalars(select(MatchRun).options(joinedload(MatchRun.place)).where(
        MatchRun.state.in_(UNDER_WAY), in_subtrees(MatchRun.place_path, actor.paths_for("matching.run"))).order_by(MatchRun.id.desc()).limit(5)))


def repairs_of(run: MatchRun, *, since: datetime | None = None, limit: int = 30) -> list[Repair]:
    """Repairs of a plan, newest first: all of them, or those since a moment that staff should know of."""
    query = select(Repair).where(Repair.run_id == run.id)
    if since is not None:
        query = query.where(Repair.at >= since, Repair.status != "waiting")
    return list(db.session.scalars(query.order_by(Repair.id.desc()).limit(limit)))


def of_demand(run_id: int, demand_ref: str) -> list[Proposal]:
    """All proposals of one demand in one plan, oldest first."""
    return list(db.session.scalars(select(Proposal).where(
        Proposal.run_id == run_id, Proposal.demand_ref == demand_ref).options(joinedload(Proposal.supporter)).order_by(Proposal.id)))


def supporters_by_id(supporter_ids: list[int]) -> dict[int, Supporter]:
    """Supporters by id."""
    return {row.id: row for row in db.session.scalars(select(Supporter).where(Supporter.id.in_(set(supporter_ids))))}
