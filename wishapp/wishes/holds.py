"""Many seats kept, or given back, at once: the plain cases of claims.hold_seat() and release_claim() in a few statements for all of them
(kernel.ports.DemandSource)."""

from collections import Counter
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import load_only
from sqlalchemy.orm.attributes import set_committed_value

from wishapp.kernel import clock
from wishapp.kernel.ports import Asking
from wishapp.kernel.roles import Actor
from wishapp.store import audit
from wishapp.store.counting import count_many
from wishapp.store.db import db
from wishapp.store.transitions import advance_many, begin_many
from wishapp.supporters import queries as supporters
from wishapp.supporters import service as capacity
from wishapp.supporters.service import Need, Rooms
from wishapp.wishes.claims import LIVING
from wishapp.wishes.models import Claim, Wish

NEEDED = (Wish.id, Wish.state, Wish.seats, Wish.taken, Wish.kind, Wish.minutes, Wish.place_path, Wish.beneficiary_id)


def hold_plain(asks: list[tuple[int, Asking]], count: int, *, by: Actor) -> list[int | None]:
    """A claim's id for each of the first `count` (wish id, ask) that is plain, else None; the others only contend, see the port.

    Locks wishes, then promises, by their ids.
    """
    wishes = _locked({wish_id for wish_id, _ask in asks})
    wanted = Counter(wish_id for wish_id, _ask in asks)
    earlier, living = _earlier(wanted)
    behind = supporters.people_of({ask.supporter_id for _wish_id, ask in asks})
    needs = {at: Need(ask.supporter_id, wishes[wish_id].kind, wishes[wish_id].minutes) for at, (wish_id, ask) in enumerate(asks) if wish_id in wishes}
    rooms = Rooms(set(behind), clock.today())
    fitting = rooms.fitting(list(needs.values()))

    def is_plain(at: int) -> bool:
        (wish_id, ask), wish = asks[at], wishes.get(asks[at][0])
        return (wish is not None and wish.state == "open" and wish.taken + wanted[wish_id] <= wish.seats and ask.supporter_id in fitting
                and (wish_id, ask.supporter_id) not in living and wish.beneficiary_id not in behind[ask.supporter_id])

    plain = [at for at in range(count) if is_plain(at)]
    if not plain:
        return [None] * count
    count_many(Wish, Wish.taken, Counter(asks[at][0] for at in plain), Wish.state == "open", most=Wish.seats)
    tokens = rooms.take([needs[at] for at in plain])
    ids = begin_many(Claim, [
        {"wish_id": wish_id, "supporter_id": ask.supporter_id, "turn": earlier[wish_id, ask.supporter_id], "origin": "offer", "place_path": wishes[wish_id].place_path,
         "capacity_period": token, "by_id": by.id, "answer_by": ask.until}
        for (wish_id, ask), token in zip((asks[at] for at in plain), tokens, strict=True)])
    audit.record_many("claim", "hold", [
        {"thing_id": claim_id, "to_state": "held", "place_path": wishes[wish_id].place_path,
         "data": {"wish_id": wish_id, "supporter_id": ask.supporter_id}}
        for claim_id, (wish_id, ask) in zip(ids, (asks[at] for at in plain), strict=True)], by=by)
    _follow([wishes[wish_id] for wish_id in sorted({asks[at][0] for at in plain})], Counter(asks[at][0] for at in plain), by)
    made = dict(zip(plain, ids, strict=True))
    return [made.get(at) for at in range(count)]


def _earlier(wish_ids: Collection[int]) -> tuple[Counter[tuple[int, int]], set[tuple[int, int]]]:
    """How often each supporter has come to each of these wishes, and who is there now."""
    rows = db.session.execute(select(Claim.wish_id, Claim.supporter_id, Claim.state).where(Claim.wish_id.in_(wish_ids))).all()
    return Counter((row.wish_id, row.supporter_id) for row in rows), {(row.wish_id, row.supporter_id) for row in rows if row.state in LIVING}


def release_plain(claim_ids: list[int], *, by: Actor, reason: str) -> set[int]:
    """Give back those of these claims that are only held, as claims.release_claim() would with "withdraw"; their ids."""
    wishes = _locked(set(db.session.scalars(select(Claim.wish_id).where(Claim.id.in_(claim_ids)))))
    claims = [claim for claim in db.session.scalars(select(Claim).where(Claim.id.in_(claim_ids)).order_by(Claim.id).execution_options(populate_existing=True))
              if claim.state == "held" and wishes[claim.wish_id].state in ("open", "reserved")]
    advance_many(claims, "withdraw", by=by, note=reason, data=[{"wish_id": claim.wish_id} for claim in claims])
    for claim in claims:
        claim.released_why = reason[:200]
    freed = Counter(claim.wish_id for claim in claims)
    count_many(Wish, Wish.taken, {wish_id: -count for wish_id, count in freed.items()})
    capacity.give_back_many([(claim.supporter_id, claim.capacity_period, wishes[claim.wish_id].minutes) for claim in claims if claim.capacity_period])
    for wish_id, count in freed.items():
        set_committed_value(wishes[wish_id], "taken", wishes[wish_id].taken - count)
    advance_many([wishes[wish_id] for wish_id in sorted(freed) if wishes[wish_id].state == "reserved"], "reopen_seat", by=by)
    return {claim.id for claim in claims}


def _locked(ids: set[int]) -> dict[int, Wish]:
    """These wishes as they are under their rows' locks, without what is restricted or long."""
    db.session.flush()
    query = select(Wish).options(load_only(*NEEDED)).where(Wish.id.in_(ids)).order_by(Wish.id).with_for_update(of=Wish)
    return {wish.id: wish for wish in db.session.scalars(query.execution_options(populate_existing=True))}


def _follow(wishes: list[Wish], more: Counter[int], by: Actor) -> None:
    """What claims.follow_claims() does where seats are only taken, and only kept: who has its last seat taken is reserved."""
    for wish in wishes:
        set_committed_value(wish, "taken", wish.taken + more[wish.id])
    advance_many([wish for wish in wishes if wish.taken >= wish.seats], "reserve", by=by)
