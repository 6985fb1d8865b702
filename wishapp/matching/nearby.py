"""The local problem of a repair: what the event left open, what lies near it and may still be moved, and who could take it.

Read from the live database in one short reading transaction, so that no stored plan has to be unpacked and nothing can be out of
date but by the blink the arithmetic takes. Whatever is approved, offered, accepted or pinned is not in it: it only counts as taken.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from sqlalchemy import and_, case, exists, false, not_, or_, select

from wishapp.kernel.ports import OpenDemand
from wishapp.matching import acceptance, eligibility
from wishapp.matching.crowd import UNIT, Crowd, district_path, read_crowd
from wishapp.matching.eligibility import METRES_PER_DEGREE
from wishapp.matching.engaged import minute
from wishapp.matching.models import MatchRun, PairMark, Proposal, Repair
from wishapp.matching.plan import Line
from wishapp.matching.snapshot import SEATS_AT_ONCE, Options, Snapshot, take_snapshot
from wishapp.matching.weighting import weights_of_run
from wishapp.store.db import db
from wishapp.supporters.models import Ability, Capacity, Pairing, Supporter

MOVABLE, UNSERVED = 20, 8  # demands at most: with somebody proposed who could help here instead, and with nobody
GROUPS, PERSONS, SKILLED = 200, 300, 100  # who could help, at most
KEEP = 150  # points for each proposal that stays: others are moved for a demand served, not for a shade of fit
SECONDS = 1
LIVING = ("offered", "accepted")
Pair = tuple[str, int]


@dataclass
class Standing:
    """The plan as it stands: `rows`: {pair: (proposal id, state)}; `fixed`: pairs in review that stay (pinned); `seats`: of those that
    take more than one; `times`: minutes from and to, of those with a time; `refs`: demands it has or had somebody for."""

    rows: dict[Pair, tuple[int, str]]
    fixed: set[Pair]
    seats: dict[Pair, int] = field(default_factory=dict)
    times: dict[Pair, tuple[int, int]] = field(default_factory=dict)
    refs: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.refs = {ref for ref, _supporter_id in self.rows}

    def in_state(self, *states: str) -> list[Pair]:
        """Pairs whose proposal is in one of these states."""
        return [pair for pair, (_id, state) in self.rows.items() if state in states]


@dataclass
class Nearby:
    """A local problem. `focus`: refs the event is about; `demands`: all open ones of the plan, by ref; `movable`: {pair: proposal id}
    in review within the problem; `stamp`: what the problem rests on (see stamp_of); `lines`: what the solver chose, of which the
    changes in `left` are not carried out."""

    focus: list[str]
    demands: dict[str, OpenDemand]
    standing: Standing
    movable: dict[Pair, int]
    snapshot: Snapshot
    stamp: list[tuple]
    estimates: acceptance.Estimates
    lines: dict[Pair, Line] = field(default_factory=dict)
    left: set[Pair] = field(default_factory=set)

    @property
    def added(self) -> list[Pair]:
        """Pairs newly chosen, in the order of demands."""
        return [pair for pair in self.lines if pair not in self.movable and pair not in self.left]

    @property
    def dropped(self) -> list[Pair]:
        """Pairs in review that are not chosen any more."""
        return [pair for pair in self.movable if pair not in self.lines and pair not in self.left]

    @property
    def kept(self) -> list[Pair]:
        """Pairs in review that stay."""
        return [pair for pair in self.movable if pair in self.lines or pair in self.left]


def read_standing(run_id: int, scope: str) -> Standing:
    """The proposals of a plan within a subtree, and which of them staff pinned."""
    columns = Proposal.demand_ref, Proposal.supporter_id, Proposal.id, Proposal.state, Proposal.seats, Proposal.starts_at, Proposal.ends_at
    found = db.session.execute(select(*columns).where(Proposal.run_id == run_id, Proposal.place_path.startswith(scope, autoescape=True))).all()
    rows = {(row.demand_ref, row.supporter_id): (row.id, row.state) for row in found}
    seats = {(row.demand_ref, row.supporter_id): row.seats for row in found if row.seats > 1}
    times = {(row.demand_ref, row.supporter_id): (minute(row.starts_at), minute(row.ends_at)) for row in found if row.starts_at is not None}
    pinned = db.session.execute(select(PairMark.demand_ref, PairMark.supporter_id).join(Proposal, and_(
        Proposal.demand_ref == PairMark.demand_ref, Proposal.supporter_id == PairMark.supporter_id, Proposal.run_id == run_id,
        Proposal.state == "proposed")).where(PairMark.kind == "pin"))
    return Standing(rows, {(ref, supporter_id) for ref, supporter_id in pinned}, seats, times)


def stamp_of(run_id: int, refs: Iterable[str]) -> list[tuple]:
    """Proposals of these demands in this plan, as they stand: what must not have changed when the repair is saved."""
    return sorted(tuple(row) for row in db.session.execute(
        select(Proposal.id, Proposal.state).where(Proposal.run_id == run_id, Proposal.demand_ref.in_(list(refs)))))


def unserved_by(standing: Standing, demands: dict[str, OpenDemand]) -> list[str]:
    """Refs with more open seats than proposals in review, also of demands newer than the plan."""
    given: dict[str, int] = {}
    for pair in standing.in_state("proposed"):
        given[pair[0]] = given.get(pair[0], 0) + standing.seats.get(pair, 1)
    return [ref for ref, demand in demands.items() if sum(demand.seats) > given.get(ref, 0)]


def is_of_plan(ref: str, run: MatchRun, standing: Standing) -> bool:
    """Did the plan look at this demand: one that came later and is not urgent waits for the next round, whoever happens to be free."""
    return ref in run.unserved or ref in standing.refs


def who_could(path: str, demands: list[OpenDemand], reach: int = 0, *, among: set[int] | None = None) -> list[int]:
    """Ids of active supporters who give these kinds of help and come as far as the box around these demands (at least `reach` metres):
    the nearest units and teams, the nearest persons, the nearest with a skill that is wanted, and everybody paired there.

    `among`: look at these supporters only.
    """
    if not demands:
        return []
    kinds, skills = sorted({demand.kind for demand in demands}), sorted({word for demand in demands for word in demand.skills})
    up, down = max(demand.latitude for demand in demands), min(demand.latitude for demand in demands)
    east, west = max(demand.longitude for demand in demands), min(demand.longitude for demand in demands)
    narrow = float(np.cos(np.radians(up)))
    goes = case((Supporter.radius < reach, reach), else_=Supporter.radius)
    high, wide = goes / METRES_PER_DEGREE + 0.0005, goes / (METRES_PER_DEGREE * narrow) + 0.0005
    near = and_(Supporter.latitude.between(down - high, up + high), Supporter.longitude.between(west - wide, east + wide))
    gives = or_(
        exists().where(Ability.supporter_id == Supporter.id, Ability.kind == "help", Ability.word.in_(kinds)),
        exists().where(Capacity.supporter_id == Supporter.id, Capacity.what.in_(kinds)))
    paired = Supporter.id.in_(select(Pairing.unit_id).where(Pairing.community_id.in_({demand.community_id for demand in demands})))
    skilled = exists().where(Ability.supporter_id == Supporter.id, Ability.kind == "skill", Ability.word.in_(skills)) if skills else false()
    query = select(Supporter.id, Supporter.kind, Supporter.latitude, Supporter.longitude, paired, skilled).where(
        Supporter.is_active, Supporter.place_path.startswith(district_path(path), autoescape=True), or_(near, paired), gives)
    rows = db.session.execute(query if among is None else query.where(Supporter.id.in_(among))).all()
    rows.sort(key=lambda row: (row[2] - (up + down) / 2) ** 2 + ((row[3] - (east + west) / 2) * narrow) ** 2)
    groups = [row[0] for row in rows if row[1] in ("unit", "team")][:GROUPS]
    persons = [row[0] for row in rows if row[1] not in ("unit", "team")][:PERSONS]
    return sorted({*groups, *persons, *(row[0] for row in rows if row[4]), *[row[0] for row in rows if row[5]][:SKILLED]})


def read_nearby(run: MatchRun, focus: list[str], demands: dict[str, OpenDemand], standing: Standing, barred: set[Pair], scope: str) -> Nearby:
    """The local problem around `focus` (refs among `demands`, which lie in the subtree `scope`); `barred`: pairs not to be chosen besides
    those the rules exclude."""
    centre, options = [demands[ref] for ref in focus], Options.read(run.options)
    able = set(who_could(run.place_path, centre, options.reach, among={supporter_id for _ref, supporter_id in standing.in_state("proposed")}))
    moving = {ref for ref, supporter_id in standing.in_state("proposed") if supporter_id in able and ref in demands and ref not in focus}
    chosen = [*focus, *_nearest(centre, [demands[ref] for ref in moving], MOVABLE)]
    taken_care_of = set(chosen) | waiting(run.id)
    idle = [demands[ref] for ref in unserved_by(standing, demands) if ref not in taken_care_of and is_of_plan(ref, run, standing)]
    chosen += _nearest(centre, idle, UNSERVED)
    movable = {pair: standing.rows[pair][0] for pair in standing.in_state("proposed") if pair[0] in chosen and pair not in standing.fixed}
    kept: dict[str, int] = {}
    for pair in standing.fixed:
        kept[pair[0]] = kept.get(pair[0], 0) + standing.seats.get(pair, 1)
    near = [replace(demands[ref], seats=(max(0, demands[ref].seats[0] - kept.get(ref, 0)), *demands[ref].seats[1:])) for ref in chosen]
    crowd = read_crowd(run.place_path, only=sorted({*who_could(run.place_path, near, options.reach), *(supporter_id for _ref, supporter_id in movable)}))
    outside = [pair for pair in standing.in_state("proposed") if pair not in movable]
    count_on(crowd, outside, demands)
    beyond = _elsewhere(run.id, scope, crowd)
    longest = max(demand.minutes for demand in near)
    taken_up = [(pair[1], standing.times[pair]) for pair in outside if pair in standing.times]
    for supporter_id, kind, state, starts_at, ends_at in beyond:
        if state == "proposed":
            take_room(crowd, supporter_id, kind, longest)
            taken_up += [(supporter_id, (minute(starts_at), minute(ends_at)))] if starts_at is not None else []
    rows = ((crowd.row_of(supporter_id), *times) for supporter_id, times in taken_up)
    crowd = replace(crowd, busy=crowd.busy.and_these(entry for entry in rows if entry[0] is not None))
    known = barred | {pair for pair, (_id, state) in standing.rows.items() if state not in ("proposed", "stale")} | standing.fixed | promised(chosen)
    _bar(crowd, known)
    estimates = acceptance.read_estimates(run.place_path)
    weights = weights_of_run(run)
    stamp = stamp_of(run.id, chosen)
    previous: dict[str, set[int]] = {}
    for ref, supporter_id in movable:
        previous.setdefault(ref, set()).add(supporter_id)
    db.session.rollback()
    snapshot = take_snapshot(near, crowd, options=replace(options, seconds=SECONDS, keep=KEEP), previous=previous, weights=weights)
    in_round = [supporter_id for _ref, supporter_id in [*outside, *standing.in_state(*LIVING)]] + [row[0] for row in beyond]
    _narrow(snapshot, in_round)
    return Nearby(focus, demands, standing, movable, snapshot, stamp, estimates)


def servable(path: str, supporter_ids: list[int], refs: list[str], demands: dict[str, OpenDemand], most: int = 8) -> list[str]:
    """Which of these demands one of these supporters could serve, the most urgent first, then the nearest; at most so many."""
    crowd = read_crowd(path, only=supporter_ids)
    found = []
    for demand in (demands[ref] for ref in refs) if len(crowd) else ():
        who = eligibility.eligible(demand, crowd)
        if len(who):
            found.append((demand.tier, int(eligibility.distances(demand, crowd, who).min()), demand.ref))
    return [ref for _tier, _metres, ref in sorted(found)[:most]]


def waiting(run_id: int) -> set[str]:
    """Demands whose own repair has not been done yet."""
    rows = db.session.execute(select(Repair.demand_ref, Repair.changes).where(Repair.run_id == run_id, Repair.status == "waiting"))
    return {ref for row in rows for ref in (row.demand_ref, *row.changes.get("refs", ())) if ref}


def promised(refs: Iterable[str]) -> set[Pair]:
    """Pairs of these demands that are being asked or have said yes, in whatever plan."""
    rows = db.session.execute(select(Proposal.demand_ref, Proposal.supporter_id).where(
        Proposal.demand_ref.in_(list(refs)), Proposal.state.in_(LIVING)))
    return {(row.demand_ref, row.supporter_id) for row in rows}


def _nearest(centre: list[OpenDemand], others: list[OpenDemand], most: int) -> list[str]:
    """Refs of the demands nearest to the first of the event's own, at most so many."""
    here = centre[0]
    order = sorted(others, key=lambda demand: ((demand.latitude - here.latitude) ** 2 + (demand.longitude - here.longitude) ** 2, demand.ref))
    return [demand.ref for demand in order[:most]]


def count_on(crowd: Crowd, pairs: Iterable[Pair], demands: dict[str, OpenDemand]) -> None:
    """Take off what proposals that stay count on: a wish of a unit's year (its kind first), anybody else's minutes of the month."""
    for ref, supporter_id in pairs:
        if ref in demands:
            take_room(crowd, supporter_id, demands[ref].kind, demands[ref].minutes)


def take_room(crowd: Crowd, supporter_id: int, kind: str, minutes: int) -> None:
    """Take off what one more demand of this kind and length needs."""
    row = crowd.row_of(supporter_id)
    if row is None:
        return
    if crowd.kind[row] != UNIT:
        crowd.minutes[row] = max(0, crowd.minutes[row] - max(1, minutes))
    elif kind in crowd.left and crowd.left[kind][row] > 0:
        crowd.left[kind][row] -= 1
    else:
        crowd.left_any[row] = max(0, crowd.left_any[row] - 1)


def _elsewhere(run_id: int, scope: str, crowd: Crowd) -> list[tuple]:
    """What the plan has for these supporters outside the subtree: [(supporter id, kind of help, state, starts at, ends at), …]."""
    rows = db.session.execute(select(Proposal.supporter_id, Proposal.kind, Proposal.state, Proposal.starts_at, Proposal.ends_at).where(
        Proposal.run_id == run_id, Proposal.state.in_(("proposed", *LIVING)), Proposal.supporter_id.in_(crowd.ids.tolist()),
        not_(Proposal.place_path.startswith(scope, autoescape=True))))
    return [tuple(row) for row in rows]


def _bar(crowd: Crowd, pairs: Iterable[Pair]) -> None:
    for ref, supporter_id in pairs:
        row = crowd.row_of(supporter_id)
        if row is not None:
            crowd.marks.setdefault(ref, {})[row] = "forbid"


def _narrow(snapshot: Snapshot, in_round: list[int]) -> None:
    """Seats of the round and steps of fair load that are used up outside the problem. Places are left as the whole plan had them."""
    used: dict[str, int] = {}
    for supporter_id in in_round:
        used[str(supporter_id)] = used.get(str(supporter_id), 0) + 1
    crowd = snapshot.crowd
    for entry in snapshot.problem["supporters"]:
        count = used.get(entry["id"], 0)
        if count:
            kind = int(crowd.kind[crowd.row_of(int(entry["id"]))])
            entry["capacity"] = min(entry["capacity"], max(0, SEATS_AT_ONCE[kind] - count))
            entry["load_steps"] = _later(entry["load_steps"], count)
    snapshot.problem["places"] = {}


def _later(steps: list[list[int]], count: int) -> list[list[int]]:
    """Steps of fair load after so many seats."""
    rest = []
    for seats, cost in steps:
        gone = min(seats, count)
        count -= gone
        if seats > gone:
            rest.append([seats - gone, cost])
    return rest or [[1, steps[-1][1]]] if steps else []
