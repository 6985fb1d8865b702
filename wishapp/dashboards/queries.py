"""Counting over wishes and offers, by place; nothing personal is read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import joinedload

from wishapp.kernel import clock
from wishapp.kernel.roles import Actor, PlaceLevel
from wishapp.matching import queries as matching
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.supporters.models import Ability, Supporter, SupporterPerson
from wishapp.volunteering import queries as volunteering
from wishapp.wishes import queries as wishes
from wishapp.wishes.models import Claim, Wish

WAITING = ("open",)
UNDER_WAY = ("reserved", "in_progress", "delivered")
DONE = ("fulfilled", "closed")
LONG_DAYS = 14


@dataclass(frozen=True)
class Waiting:
    """How much waits for somebody on the staff: wishes and calls to review, hours for a word, proposals of current plans."""

    wishes: int
    calls: int
    hours: int
    proposals: int


def waiting(actor: Actor) -> Waiting:
    """The counts beside every staff page, in one query."""
    counts = (wishes.count_to_review(actor), volunteering.count_to_review(actor), volunteering.count_to_settle(actor), matching.count_to_review(actor))
    return Waiting(*db.session.execute(select(*(count.scalar_subquery() for count in counts))).one())


@dataclass(frozen=True)
class PlaceFigures:
    """One community: wishes waiting for somebody, under way, come true; of the waiting, those for 14 days and more; the oldest's age."""

    place_id: int
    name: str
    street: str
    waiting: int
    under_way: int
    done: int
    long_waiting: int
    oldest_days: int

    @property
    def made(self) -> int:
        """All that were published and not withdrawn."""
        return self.waiting + self.under_way + self.done

    @property
    def served(self) -> int:
        """Those that found somebody."""
        return self.under_way + self.done

    @property
    def share(self) -> float:
        """Served of made, 0 to 1; 1 where nothing was wished for."""
        return self.served / self.made if self.made else 1.0


def within(column: object, paths: Iterable[str]) -> object:
    """Condition: the path lies in one of these subtrees; nothing for nobody."""
    conditions = [column.startswith(path, autoescape=True) for path in paths]
    return or_(*conditions) if conditions else column.is_(None)


def by_community(paths: list[str]) -> list[PlaceFigures]:
    """Figures of every community in these subtrees, the least served first; two queries."""
    now = clock.now()
    long_ago = now - timedelta(days=LONG_DAYS)
    counted = {row.community_id: row for row in db.session.execute(
        select(
            Wish.community_id, _count(Wish.state.in_(WAITING), "waiting"), _count(Wish.state.in_(UNDER_WAY), "under_way"),
            _count(Wish.state.in_(DONE), "done"), _count(and_(Wish.state == "open", Wish.published_at <= long_ago), "long_waiting"),
            func.min(case((Wish.state == "open", Wish.published_at))).label("oldest"),
        ).where(within(Wish.place_path, paths)).group_by(Wish.community_id))}
    street = Place.__table__.alias("street")
    communities = db.session.execute(
        select(Place.id, Place.name, street.c.name.label("street")).outerjoin(street, street.c.id == Place.parent_id)
        .where(Place.level == PlaceLevel.COMMUNITY, or_(within(Place.path, paths), Place.id.in_(counted))).order_by(Place.code))
    rows = []
    for place in communities:
        row = counted.get(place.id)
        oldest = (now - row.oldest).days if row is not None and row.oldest is not None else 0
        rows.append(PlaceFigures(place.id, place.name, place.street or "", *(
            (int(row.waiting), int(row.under_way), int(row.done), int(row.long_waiting)) if row is not None else (0, 0, 0, 0)), oldest))
    return sorted(rows, key=lambda row: (row.share, -row.waiting))


def _count(condition: object, name: str) -> object:
    return func.sum(case((condition, 1), else_=0)).label(name)


def by_month(paths: list[str], months: int = 12) -> list[tuple[str, int, int]]:
    """[(month, come true, made), …] of the last months, oldest first; one query."""
    edges = month_edges(months)
    columns = []
    for start, end in zip(edges, edges[1:], strict=False):
        columns.append(func.sum(case((and_(Wish.fulfilled_at >= start, Wish.fulfilled_at < end), 1), else_=0)))
        columns.append(func.sum(case((and_(Wish.published_at >= start, Wish.published_at < end), 1), else_=0)))
    row = [int(value or 0) for value in db.session.execute(select(*columns).where(within(Wish.place_path, paths))).one()]
    return [(f"{edges[at].astimezone(clock.LOCAL).month}", row[2 * at], row[2 * at + 1]) for at in range(months)]


def month_edges(months: int) -> list[datetime]:
    """Beginnings of the last `months` months and of the next one, local time."""
    today = clock.today()
    count = today.year * 12 + today.month - 1
    return [datetime((count + shift) // 12, (count + shift) % 12 + 1, 1, tzinfo=clock.LOCAL) for shift in range(1 - months, 2)]


def staff_counts(actor: Actor) -> dict[str, int]:
    """What waits in the actor's places: wishes done and unconfirmed, waiting long, not delivered for a week; one query."""
    paths = actor.paths_for("wishes.staff_read")
    now = clock.now()
    row = db.session.execute(select(
        _count(Wish.state == "delivered", "delivered"), _count(and_(Wish.state == "open", Wish.published_at <= now - timedelta(days=LONG_DAYS)), "long"),
        _count(and_(Wish.state == "in_progress", Wish.wanted_by < clock.today()), "late"), _count(Wish.state == "open", "open"),
    ).where(within(Wish.place_path, paths))).one()
    return {name: int(value or 0) for name, value in row._mapping.items()}


def own_turns(user_id: int) -> list[Wish]:
    """The person's wishes whose next step is theirs: to be changed, or to be confirmed."""
    return list(db.session.scalars(
        select(Wish).options(joinedload(Wish.community)).where(
            or_(Wish.posted_by_id == user_id, Wish.beneficiary_id == user_id), Wish.state.in_(("returned", "delivered")))
        .order_by(Wish.delivered_at.desc(), Wish.id).limit(10)))


def jobs_in_hand(user_id: int) -> list[Claim]:
    """Accepted and not yet delivered claims of the supporters this person answers for, the soonest wanted first."""
    own = select(SupporterPerson.supporter_id).where(SupporterPerson.user_id == user_id, SupporterPerson.is_confirmed)
    query = select(Claim).join(Wish, Wish.id == Claim.wish_id).options(
        joinedload(Claim.wish).joinedload(Wish.community), joinedload(Claim.supporter)).where(Claim.supporter_id.in_(own), Claim.state == "accepted")
    return list(db.session.scalars(query.order_by(Wish.wanted_by.is_(None), Wish.wanted_by, Claim.id).limit(20)))


def could_take(user_id: int, limit: int = 6) -> list[Wish]:
    """Open wishes near this person's supporters and of a kind of help they give: the most urgent first."""
    mine = select(Supporter.place_path, Supporter.id).join(SupporterPerson).where(
        SupporterPerson.user_id == user_id, SupporterPerson.is_confirmed, Supporter.is_active)
    rows = db.session.execute(mine).all()
    if not rows:
        return []
    kinds = select(Ability.word).where(Ability.supporter_id.in_([row.id for row in rows]), Ability.kind == "help")
    streets = {"/".join(row.place_path.split("/")[:4]) + "/" for row in rows}
    rank = case((Wish.urgency == "now", 0), (Wish.urgency == "week", 1), else_=2)
    query = select(Wish).options(joinedload(Wish.community)).where(
        Wish.state == "open", Wish.taken < Wish.seats, Wish.kind.in_(kinds), within(Wish.place_path, streets))
    return list(db.session.scalars(query.order_by(rank, Wish.missed_rounds.desc(), Wish.published_at).limit(limit)))
