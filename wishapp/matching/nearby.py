"""The local problem of a repair: what the event left open, what lies near it and may still be moved, and who could take it.

Read from the live database in one short reading transaction, so that no stored plan has to be unpacked and nothing can be out of
date but by the blink the arithmetic takes. Whatever is approved, offered, accepted or pinned is not in it: it only counts as taken.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Row, select

from wishapp.kernel.ports import OpenDemand
from wishapp.matching import acceptance, eligibility
from wishapp.matching.candidates import who_could
from wishapp.matching.crowd import UNIT, Crowd, read_crowd
from wishapp.matching.engaged import minute
from wishapp.matching.models import MatchRun, PairMark, Proposal, Repair
from wishapp.matching.plan import Line
from wishapp.matching.snapshot import SEATS_AT_ONCE, Options, Snapshot, take_snapshot
from wishapp.matching.weighting import weights_of_run
from wishapp.store.db import db

MOVABLE, UNSERVED = 20, 8  # demands at most: with somebody proposed who could help here instead, and with nobody
SEATS = 120  # open seats at most of either: a shift can have as many as a street has wishes
KEEP = 150  # points for each proposal that stays: others are moved for a demand served, not for a shade of fit
SECONDS = 1
LIVING = ("offered", "accepted")
Pair = tuple[str, int]


@dataclass
class Standing:
    """The plan as it stands: `rows`: {pair: (proposal id, state)}; `fixed`: pairs in review that stay (pinned); `seats`: of those that
    take more than one; `refs`: demands it has or had somebody for."""

    rows: dict[Pair, tuple[int, str]]
    fixed: set[Pair]
    seats: dict[Pair, int] = field(default_factory=dict)
    refs: set[str] = field(init=False)

    def __post_init__(self) -> None:
        self.refs = {ref for ref, _supporter_id in self.rows}

    def in_state(self, *states: str) -> list[Pair]:
        """Pairs whose proposal is in one of these states."""
        return [pair for pair, (_id, state) in self.rows.items() if state in states]


@dataclass
class Nearby:
    """A local problem. `focus`: refs the event is about; `demands`: all open ones of the plan, by ref; `movable`: {pair: proposal id}
    in review within the problem; `stamp`: what the problem rests on (see stamp_of); `lines`: what the solver chose (runners-up
    named for new pairs only), of which the changes in `left` are not carried out."""

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
    columns = Proposal.demand_ref, Proposal.supporter_id, Proposal.id, Proposal.state, Proposal.seats
    found = db.session.execute(select(*columns).where(Proposal.run_id == run_id, Proposal.place_path.startswith(scope, autoescape=True))).all()
    rows = {(ref, supporter_id): (proposal_id, state) for ref, supporter_id, proposal_id, state, _seats in found}
    seats = {(ref, supporter_id): count for ref, supporter_id, _id, _state, count in found if count > 1}
    pinned = db.session.execute(select(PairMark.demand_ref, PairMark.supporter_id).where(
        PairMark.kind == "pin", PairMark.place_path.startswith(scope, autoescape=True)))
    fixed = {tuple(pair) for pair in pinned}
    return Standing(rows, {pair for pair in fixed if pair in rows and rows[pair][1] == "proposed"}, seats)


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
    here = set(crowd.ids.tolist())
    outside = [pair for pair in standing.in_state("proposed") if pair not in movable and pair[1] in here]
    count_on(crowd, outside, demands)
    longest, beyond, taken_up = max(demand.minutes for demand in near), [], []
    for entry in _taken_up(run.id, scope, crowd):
        if entry.is_proposed and entry.starts_at is not None and (entry.demand_ref, entry.supporter_id) not in movable:
            taken_up.append((crowd.row_of(entry.supporter_id), minute(entry.starts_at), minute(entry.ends_at)))
        if not entry.is_within:
            beyond.append(entry.supporter_id)
            if entry.is_proposed:
                take_room(crowd, entry.supporter_id, entry.kind, longest)
    crowd = replace(crowd, busy=crowd.busy.and_these(taken_up))
    known = barred | {pair for pair, (_id, state) in standing.rows.items() if state not in ("proposed", "stale")} | standing.fixed | promised(chosen)
    _bar(crowd, (pair for pair in known if pair[1] in here))
    estimates = acceptance.read_estimates(run.place_path)
    weights = weights_of_run(run)
    stamp = stamp_of(run.id, chosen)
    previous: dict[str, set[int]] = {}
    for ref, supporter_id in movable:
        previous.setdefault(ref, set()).add(supporter_id)
    db.session.rollback()
    snapshot = take_snapshot(near, crowd, options=replace(options, seconds=SECONDS, keep=KEEP), previous=previous, weights=weights)
    in_round = [supporter_id for _ref, supporter_id in [*outside, *standing.in_state(*LIVING)]] + beyond
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
    rows = db.session.execute(select(Proposal.demand_ref, Proposal.supporter_id, Proposal.state).where(Proposal.demand_ref.in_(list(refs))))
    return {(ref, supporter_id) for ref, supporter_id, state in rows if state in LIVING}  # asked for the state too, SQLite would read all there ever were


def _nearest(centre: list[OpenDemand], others: list[OpenDemand], most: int) -> list[str]:
    """Refs of the demands nearest to the first of the event's own, at most so many and of SEATS together; what is too large is passed over."""
    here, chosen, left = centre[0], [], SEATS
    for demand in sorted(others, key=lambda demand: ((demand.latitude - here.latitude) ** 2 + (demand.longitude - here.longitude) ** 2, demand.ref)):
        if len(chosen) == most:
            break
        if sum(demand.seats) <= left:
            chosen.append(demand.ref)
            left -= sum(demand.seats)
    return chosen


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


def _taken_up(run_id: int, scope: str, crowd: Crowd) -> Sequence[Row]:
    """What the plan has for these supporters, in the subtree and outside it: demand, supporter, kind of help, `is_proposed` (else asked or
    accepted), times, `is_within` the subtree."""
    return db.session.execute(select(
        Proposal.demand_ref, Proposal.supporter_id, Proposal.kind, (Proposal.state == "proposed").label("is_proposed"), Proposal.starts_at,
        Proposal.ends_at, Proposal.place_path.startswith(scope, autoescape=True).label("is_within"),
    ).where(Proposal.run_id == run_id, Proposal.state.in_(("proposed", *LIVING)), Proposal.supporter_id.in_(crowd.ids.tolist()))).all()


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
