"""Every promise the database must keep, each a function that lists its breaches in words (ids only). `wishapp verify` runs them."""

from collections.abc import Iterable, Iterator

from sqlalchemy import ColumnElement, and_, case, func, select, text
from sqlalchemy.orm import aliased

from wishapp.jobs import housekeeping, lease
from wishapp.jobs.models import Job
from wishapp.kernel import clock
from wishapp.matching.models import MatchRun, Proposal
from wishapp.notices.models import Outgoing
from wishapp.places.models import Place
from wishapp.points import heads
from wishapp.points import queries as points
from wishapp.store import audit
from wishapp.store.audit import AuditEntry
from wishapp.store.db import db
from wishapp.store.transitions import Staged
from wishapp.supporters.models import Capacity
from wishapp.volunteering import checks as volunteering
from wishapp.volunteering import record_checks
from wishapp.volunteering.models import Call, Shift, SignUp
from wishapp.volunteering.record_models import ServiceRecord
from wishapp.wishes.models import Claim, Wish

LIVING = ("held", "accepted", "delivered", "fulfilled")
STAGED: tuple[type[Staged], ...] = (Wish, Claim, MatchRun, Proposal, Call, Shift, SignUp, ServiceRecord)


def rows(query: object) -> Iterable:
    """Rows of a select."""
    return db.session.execute(query)


def places() -> Iterator[str]:
    """Every place's path is its parent's path and its own id."""
    above = aliased(Place)
    for place, parent_path in rows(select(Place, above.path).outerjoin(above, above.id == Place.parent_id)):
        if place.path != f"{parent_path or '/'}{place.id}/":
            yield f"place {place.id}: path {place.path} does not follow from its parent"


def seats() -> Iterator[str]:
    """A wish's taken seats are its living claims, never more than it has; a reserved wish has none free, an open one has."""
    living = select(Claim.wish_id, func.count().label("n")).where(Claim.state.in_(LIVING)).group_by(Claim.wish_id).subquery()
    query = select(Wish.id, Wish.state, Wish.seats, Wish.taken, func.coalesce(living.c.n, 0)).outerjoin(living, living.c.wish_id == Wish.id)
    for wish_id, state, wanted, taken, claims in rows(query):
        if taken != claims:
            yield f"wish {wish_id}: {taken} seats taken, {claims} living claims"
        if taken > wanted:
            yield f"wish {wish_id}: {taken} of {wanted} seats taken"
        if state == "open" and taken >= wanted:
            yield f"wish {wish_id}: open, but no seat is free"
        if state in ("reserved", "in_progress") and taken < wanted:
            yield f"wish {wish_id}: {state}, but a seat is free"


def double_claims() -> Iterator[str]:
    """One living claim per supporter and wish."""
    query = select(Claim.wish_id, Claim.supporter_id).where(Claim.state.in_(LIVING)).group_by(Claim.wish_id, Claim.supporter_id)
    for wish_id, supporter_id in rows(query.having(func.count() > 1)):
        yield f"wish {wish_id}: supporter {supporter_id} holds two seats"


def capacity() -> Iterator[str]:
    """What is taken of every promise is what living claims and matched sign-ups took: wishes counted by units, minutes by everybody else."""
    token = Claim.capacity_period
    minutes = case((Wish.minutes > 1, Wish.minutes), else_=1)
    taken: dict[tuple[int, str], int] = {}
    query = (
        select(Claim.supporter_id, token, func.count(), func.sum(minutes)).join(Wish, Wish.id == Claim.wish_id)
        .where(Claim.state.in_(LIVING), token.is_not(None), token != "").group_by(Claim.supporter_id, token)
    )
    for supporter_id, period, count, time in rows(query):
        taken[supporter_id, period] = int(time) if period.endswith(":minutes") else count
    columns = SignUp.supporter_id, SignUp.capacity_period, Shift.starts_at, Shift.ends_at
    for supporter_id, period, starts, ends in rows(select(*columns).join(Shift, Shift.id == SignUp.shift_id).where(SignUp.capacity_period.is_not(None))):
        taken[supporter_id, period] = taken.get((supporter_id, period), 0) + int((ends - starts).total_seconds() // 60)
    for row in db.session.scalars(select(Capacity)).yield_per(2000):
        expected = taken.pop((row.supporter_id, f"{row.period}:{row.what}"), 0)
        if not row.taken == expected <= max(row.quota, row.taken):
            yield f"supporter {row.supporter_id}: {row.what} in {row.period}: {row.taken} taken, {expected} by what lives"
        if row.taken > row.quota:
            yield f"supporter {row.supporter_id}: {row.what} in {row.period}: {row.taken} of {row.quota} taken"
    for supporter_id, period in taken:
        yield f"supporter {supporter_id}: something took from {period}, which does not exist"


def promises() -> Iterator[str]:
    """An offer that waits for an answer or was accepted points at a seat of the same supporter; no seat is held for nobody's offer."""
    for prefix, model, held, free in (
        ("claim", Claim, and_(Claim.state == "held", Claim.origin == "offer"), ("held", "released")),
        ("sign_up", SignUp, and_(SignUp.state == "applied", SignUp.origin == "match"), ("applied", "refused", "lapsed", "cancelled")),
    ):
        yield from _promises(prefix, model, held, free)


def _promises(prefix: str, model: type, held: ColumnElement[bool], unanswered: tuple[str, ...]) -> Iterator[str]:
    """`held`: seats kept for an answer; `unanswered`: their states before one (given back: the offer is taken back at the next look of the clock)."""
    query = select(Proposal).where(Proposal.state.in_(("offered", "accepted")), Proposal.promise_ref.startswith(f"{prefix}:", autoescape=True))
    proposals = list(db.session.scalars(query))
    ids = [int(proposal.promise_ref.partition(":")[2]) for proposal in proposals]
    found: dict[int, object] = {}
    for start in range(0, len(ids), 500):
        found |= {row.id: row for row in db.session.scalars(select(model).where(model.id.in_(ids[start:start + 500])))}
    for proposal, number in zip(proposals, ids, strict=True):
        row = found.get(number)
        if row is None or row.supporter_id != proposal.supporter_id:
            yield f"proposal {proposal.id}: its {prefix} {number} is not the supporter's"
        elif proposal.state == "offered" and row.state not in unanswered:
            yield f"proposal {proposal.id}: offered, but {prefix} {number} is {row.state}"
    asked = {number for proposal, number in zip(proposals, ids, strict=True) if proposal.state == "offered"}
    for number in db.session.scalars(select(model.id).where(held)):
        if number not in asked:
            yield f"{prefix} {number}: held, but nobody is being asked"


def lifecycles() -> Iterator[str]:
    """Every present state is reached by recorded steps, each of which the lifecycle's table knows."""
    for model in STAGED:
        yield from _lifecycle(model)


def _lifecycle(model: type[Staged]) -> Iterator[str]:
    table = model.__lifecycle__
    reached: dict[int, str] = {}
    steps = select(AuditEntry.thing_id, AuditEntry.action, AuditEntry.from_state, AuditEntry.to_state).where(
        AuditEntry.kind == table.name, AuditEntry.from_state.is_not(None), AuditEntry.from_state != AuditEntry.to_state).order_by(AuditEntry.id)
    for thing_id, action, source, target in db.session.execute(steps.execution_options(yield_per=5000)):
        before = reached.get(thing_id, table.initial)
        if source != before:
            yield f"{table.name} {thing_id}: recorded step {action} begins at {source}, not at {before}"
        known = table.step(action, source or "")
        if known is None or known.target != target:
            yield f"{table.name} {thing_id}: recorded step {action} from {source} to {target} is none of its lifecycle"
        reached[thing_id] = target
    for thing_id, state in db.session.execute(select(model.id, model.state).execution_options(yield_per=5000)):
        if reached.pop(thing_id, table.initial) != state:
            yield f"{table.name} {thing_id}: is {state}, which no recorded step led to"
    for thing_id in reached:
        yield f"{table.name} {thing_id}: has a record but does not exist"


def ledger() -> Iterator[str]:
    """Sums, balances and chains of the points ledger."""
    yield from points.broken_ledger(heads.known_heads())


def record() -> Iterator[str]:
    """The record's chain of seals, against the head kept outside the database."""
    yield from audit.broken_seals(housekeeping.known_head())


def outbox() -> Iterator[str]:
    """Nothing hangs while being sent, nothing was tried too often."""
    late = clock.now() - 10 * lease.LEASE
    for outgoing_id, attempt in rows(select(Outgoing.id, Outgoing.attempt).where(Outgoing.status == "sending", Outgoing.lease_until < late)):
        yield f"message {outgoing_id}: hangs in attempt {attempt}"
    for outgoing_id, attempt in rows(select(Outgoing.id, Outgoing.attempt).where(Outgoing.attempt > lease.MOST_ATTEMPTS + 1)):
        yield f"message {outgoing_id}: tried {attempt} times"


def jobs() -> Iterator[str]:
    """No job has had more attempts than allowed; none that has ended holds a lease."""
    wrong: ColumnElement[bool] = (Job.attempt > lease.MOST_ATTEMPTS + 1) | (
        Job.status.in_(("done", "failed", "cancelled")) & Job.lease_until.is_not(None))
    for job_id, status, attempt in rows(select(Job.id, Job.status, Job.attempt).where(wrong)):
        yield f"job {job_id}: {status} after {attempt} attempts"


def protection() -> Iterator[str]:
    """The append-only triggers are there, foreign keys hold."""
    tables = {"audit_entries", "audit_seals", "points_transfers", "points_entries", "restricted_reads", "check_events", "contact_reads"}
    if db.engine.dialect.name == "sqlite":
        found = {name for (name,) in db.session.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))}
        wanted = {f"tr_{table}_no_{verb}" for table in tables for verb in ("update", "delete")}
        for broken in db.session.execute(text("PRAGMA foreign_key_check")):
            yield f"{broken[0]} {broken[1]}: points at a row of {broken[2]} that does not exist"
    else:
        found = {name for (name,) in db.session.execute(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"))}
        wanted = {f"tr_{table}_append_only" for table in tables}
    for name in sorted(wanted - found):
        yield f"trigger {name} is missing"


ALL = (places, seats, double_claims, capacity, promises, lifecycles, ledger, record, outbox, jobs, protection, *volunteering.ALL, *record_checks.ALL)
