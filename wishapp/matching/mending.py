"""What a repair writes: first what the event itself takes away, then, in one transaction checked against the live database, what closes the hole."""

from sqlalchemy import select

from wishapp.accounts import queries as accounts
from wishapp.kernel import clock, faults
from wishapp.kernel.errors import Refused
from wishapp.kernel.permissions import UPPER_STAFF, Role
from wishapp.kernel.roles import SYSTEM
from wishapp.kernel.text import N_
from wishapp.matching import eligibility, nearby, offers, sources
from wishapp.matching.crowd import read_crowd
from wishapp.matching.events import plan_after
from wishapp.matching.explain import explain_unserved
from wishapp.matching.models import MatchRun, Proposal, Repair
from wishapp.matching.nearby import Nearby, Pair
from wishapp.matching.saving import communities, proposals_of
from wishapp.matching.snapshot import Options
from wishapp.notices import service as notices
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.transitions import advance
from wishapp.supporters.models import Supporter
from wishapp.workflows.run import CURRENT

MOVED = N_("Rearranged after a change nearby.")
NO_THANKS = ("declined", "lapsed", "accepted")  # an offer that was sent and came back this way: staff agreed to its runners-up


class Moved(Exception):
    """Something the repair rests on has changed since it was read. `barred`: pairs that turned out impossible."""

    def __init__(self, barred: set[Pair] = frozenset()) -> None:
        super().__init__("moved on")
        self.barred = barred


def let_go(repair: Repair) -> None:
    """Inside a transaction: carry out what the event itself means, and note in `changes` what is open now: `refs` to look at, `freed`
    supporter ids, `ask` {ref: proposal id whose runner-up is asked at once}. May be repeated."""
    run = plan_after(db.session.get(MatchRun, repair.run_id))
    repair.run_id = run.id
    changes = {"title": "", "path": "", "refs": [], "freed": [], "ask": {}, "dropped": [], **repair.changes}
    if repair.event == "paused":
        _let_go_supporter(run, repair.supporter_id, changes)
    elif repair.event == "cancelled":
        _let_go_demand(run, repair.demand_ref, changes)
    else:
        changes["refs"] = [repair.demand_ref]
        asked = db.session.scalar(select(Proposal).where(
            Proposal.demand_ref == repair.demand_ref, Proposal.supporter_id == repair.supporter_id).order_by(Proposal.id.desc()).limit(1))
        if asked is not None and asked.sent_at is not None and asked.state in NO_THANKS:
            changes["ask"] = {asked.demand_ref: asked.id}
    if not changes["title"] and repair.demand_ref:
        found = sources.cards([repair.demand_ref]).get(repair.demand_ref)
        changes["title"], changes["path"] = (found.title[:80], found.place_path) if found else ("", "")
    repair.changes = changes


def _outstanding(run: MatchRun, *conditions: object) -> list[Proposal]:
    """Proposals in review in this plan, and offers out at its place, that meet these conditions."""
    of_place = select(MatchRun.id).where(MatchRun.place_id == run.place_id, MatchRun.is_what_if.is_(False))
    rows = db.session.scalars(select(Proposal).where(
        Proposal.run_id.in_(of_place), Proposal.state.in_(("proposed", "offered")), *conditions).order_by(Proposal.id))
    return [row for row in rows if row.state == "offered" or row.run_id == run.id]


def _let_go_supporter(run: MatchRun, supporter_id: int, changes: dict) -> None:
    supporter = db.session.get(Supporter, supporter_id)
    changes["title"] = supporter.name
    if supporter.is_active and not (supporter.paused_until and supporter.paused_until >= clock.today()):
        return  # back already
    for proposal in _outstanding(run, Proposal.supporter_id == supporter_id):
        if proposal.state == "offered":
            if proposal.sent_at is not None:
                changes["ask"] = {**changes["ask"], proposal.demand_ref: proposal.id}
            offers.withdraw_offer(proposal, by=SYSTEM, why=offers.AWAY)
        else:
            _set_aside(proposal, offers.AWAY)
        changes["refs"] = [*changes["refs"], proposal.demand_ref]
        changes["path"] = proposal.place_path
        changes["dropped"] = [*changes["dropped"], entry_of(proposal)]


def _let_go_demand(run: MatchRun, ref: str, changes: dict) -> None:
    outstanding = _outstanding(run, Proposal.demand_ref == ref)
    source = sources.source_for(ref)
    promises = source.promises([proposal.promise_ref for proposal in outstanding if proposal.promise_ref])
    is_open = bool(outstanding) and bool(source.open_demands(outstanding[0].place_path, [ref]))
    for proposal in outstanding:
        if proposal.state == "proposed" and not is_open:
            _set_aside(proposal, offers.GONE)
        elif proposal.state == "offered" and (proposal.promise_ref not in promises or promises[proposal.promise_ref].state == "released"):
            offers.settle(proposal, promises.get(proposal.promise_ref))
        else:
            continue
        changes["freed"] = [*changes["freed"], proposal.supporter_id]
        changes["dropped"] = [*changes["dropped"], entry_of(proposal)]


def _set_aside(proposal: Proposal, why: str) -> None:
    advance(proposal, "outdate", by=SYSTEM)
    proposal.why, proposal.why_params = why, {}


def entry_of(proposal: Proposal, **more: object) -> dict:
    """A line of what changed, as the desk shows it."""
    return {"ref": proposal.demand_ref, "title": proposal.title, "who": proposal.supporter.name, "id": proposal.id, "path": proposal.place_path, **more}


def check_live(near: Nearby, run: MatchRun) -> None:
    """Inside the saving transaction, the run locked: everything the repair rests on still stands, else Moved. Nothing promised can be
    touched: the stamp holds every proposal of these demands with its state, and only those in review are ever moved."""
    if plan_after(run).id != run.id or nearby.stamp_of(run.id, {demand.ref for demand in near.snapshot.demands}) != near.stamp:
        raise Moved()
    added, crowd = near.added, near.snapshot.crowd
    if not added:
        return
    by_ref = {demand.ref: demand for demand in near.snapshot.demands}
    now_open = {demand.ref: demand for demand in sources.open_demands(run.place_path, {ref for ref, _supporter_id in added})}
    for ref, _supporter_id in added:
        if ref not in now_open or (now_open[ref].seats, now_open[ref].version) != (near.demands[ref].seats, near.demands[ref].version):
            raise Moved()
    chosen = sorted({supporter_id for _ref, supporter_id in added})
    counting = db.session.execute(select(Proposal.demand_ref, Proposal.supporter_id, Proposal.kind).where(
        Proposal.run_id == run.id, Proposal.state == "proposed", Proposal.supporter_id.in_(chosen)))
    live = read_crowd(run.place_path, only=chosen)
    options = Options.read(run.options)
    live = live.widened(options.reach, options.extra) if options.reach or options.extra else live
    dropped = set(near.dropped)
    longest = max(demand.minutes for demand in near.snapshot.demands)
    for ref, supporter_id, kind in counting:
        is_gone = ref in near.standing.refs and ref not in near.demands  # nobody waits for it any more: the plan here did not count it either
        if (ref, supporter_id) not in dropped and not is_gone:
            nearby.take_room(live, supporter_id, kind, near.demands[ref].minutes if ref in near.demands else longest)
    for ref, supporter_id in added:
        row = live.row_of(supporter_id)
        if row is None or eligibility.broken_rules(by_ref[ref], live, row):
            raise Moved({(ref, supporter_id)} if row is not None and crowd.row_of(supporter_id) is not None else set())
        nearby.count_on(live, [(ref, supporter_id)], near.demands)


def mend(repair: Repair, run: MatchRun, near: Nearby | None, milliseconds: int) -> None:
    """Write the repair: set aside what is not chosen any more, put in what is new, ask at once where staff had agreed before, tell staff."""
    changes = {**repair.changes, "added": [], "nobody": []}
    ask = {ref: db.session.get(Proposal, proposal_id) for ref, proposal_id in changes.pop("ask", {}).items()}
    others: set[str] = set()
    asked: set[str] = set()  # one for each that came back, however many seats are open
    if near is not None:
        check_live(near, run)
        for pair in near.dropped:
            proposal = db.session.get(Proposal, near.movable[pair])
            _set_aside(proposal, MOVED)
            changes["dropped"] = [*changes["dropped"], entry_of(proposal)]
        faults.point("repair.half_saved")
        for pair, proposal in zip(near.added, _rows(run, near, ask, repair), strict=True):
            before = ask.get(pair[0]) if pair[0] in near.focus and pair[0] not in asked else None
            if before is not None:
                _ask(proposal, before, pair)
                asked.add(pair[0])
            elif pair[0] in near.focus:
                offers.tell(proposal, "propose", staff=offers.staff(proposal))
            changes["added"].append(entry_of(proposal, how="asked" if before is not None else "proposed",
                                             other=pair[0] not in near.focus))
        for pair in near.kept:
            if pair[0] in ask and pair[0] in near.focus and pair[0] not in asked:
                asked.add(pair[0])
                proposal = db.session.get(Proposal, near.movable[pair])
                _ask(proposal, ask[pair[0]], pair)
                changes["added"].append(entry_of(proposal, how="asked", other=False))
        others = {ref for ref, _supporter_id in [*near.added, *near.dropped] if ref not in near.focus}
        served = {ref for ref, _supporter_id in [*near.added, *near.kept]}
        if repair.event != "cancelled":
            changes["nobody"] = [{"ref": ref, "title": near.demands[ref].title[:80], "path": near.demands[ref].place_path}
                                 for ref in near.focus if ref not in served]
            for entry in changes["nobody"]:
                _tell_nobody(entry, run, ask.get(entry["ref"]))
        _count_unserved(run, near, served)
    repair.changes = {key: changes[key] for key in ("title", "added", "dropped", "nobody")} | {"others": len(others)}
    repair.status = "changed" if changes["added"] or changes["dropped"] else "unchanged"
    repair.milliseconds, repair.done_at = milliseconds, clock.now()


def _rows(run: MatchRun, near: Nearby, ask: dict[str, Proposal], repair: Repair) -> list[Proposal]:
    """Proposals for the pairs newly chosen, in review: new rows, or rows set aside earlier and wanted again."""
    old: dict[str, set[int]] = {ref: {before.supporter_id} for ref, before in ask.items()}
    for ref, supporter_id in near.dropped:
        old.setdefault(ref, set()).add(supporter_id)
    found = []
    made = proposals_of(run, near.snapshot, [near.lines[pair] for pair in near.added], old)
    for pair, fresh in zip(near.added, made, strict=True):
        known = near.standing.rows.get(pair)
        if known is None:
            proposal = Proposal(**fresh)
            db.session.add(proposal)
            db.session.flush()
            audit.record("proposal", proposal.id, "repair", by=SYSTEM, to_state="proposed", place_path=proposal.place_path, data={"repair": repair.id})
        else:
            proposal = db.session.get(Proposal, known[0])
            if proposal.state == "stale":
                advance(proposal, "revive", by=SYSTEM, repair=repair.id)
            for name in ("value", "seats", "distance", "load_after", "load_quota", "reasons", "runners_up", "change", "was", "chance"):
                setattr(proposal, name, fresh[name])
            proposal.why, proposal.why_params, proposal.decided_by_id, proposal.batch = "", {}, None, ""
        proposal.origin = "repair"
        found.append(proposal)
    return found


def _ask(proposal: Proposal, before: Proposal, pair: Pair) -> None:
    """Put it to the supporter at once; Moved when the live check of seat and capacity refuses."""
    try:
        with db.session.begin_nested():
            offers.ask(proposal, after=before)
    except Refused as refusal:
        raise Moved({pair}) from refusal


def _tell_nobody(entry: dict, run: MatchRun, before: Proposal | None) -> None:
    if before is not None:
        offers.tell(before, "run_out", staff=offers.staff(before))
        return
    staff = accounts.holders({Role.COMMUNITY_STAFF}, entry["path"]) or accounts.holders(set(UPPER_STAFF), entry["path"])
    notices.announce("run", "run_out", thing_id=run.id, people={"staff": staff}, params={"title": entry["title"]},
                     endpoint="matching.desk", values={"place": run.place_id})


def _count_unserved(run: MatchRun, near: Nearby, served: set[str]) -> None:
    """Keep the plan's list of demands without anybody: who found somebody leaves it, the event's own that found nobody enter it."""
    if run.state not in CURRENT:
        return
    names, _paths = communities(near.snapshot)
    open_now = explain_unserved(near.snapshot, [line for pair, line in near.lines.items() if pair not in near.left], names)
    kept = {ref: entry for ref, entry in run.unserved.items() if ref not in served}
    changed = kept | {ref: entry for ref, entry in open_now.items() if ref in near.focus or ref in kept}
    if changed.keys() != run.unserved.keys():  # it may be long, and is written as a whole
        run.unserved = changed
