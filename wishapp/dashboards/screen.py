"""What the wall screen of a leader shows: one page, no names, seen from across a room. Counting only; seven queries in all."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from wishapp.dashboards.queries import PlaceFigures, within
from wishapp.kernel import clock
from wishapp.store.db import db
from wishapp.wishes.models import Wish

CELLS = 24  # a honeycomb with more cells cannot be read from across a room
PACE_DAYS = 90


@dataclass(frozen=True)
class Pace:
    """Wishes come true this year; median days from the wall to coming true over the last 90 days, None when there were none."""

    this_year: int
    median_days: float | None


def pace(paths: list[str]) -> Pace:
    """How many, and how fast; two queries."""
    now = clock.now()
    new_year = datetime(clock.today().year, 1, 1, tzinfo=clock.LOCAL)
    done = db.session.scalar(select(func.count(Wish.id)).where(within(Wish.place_path, paths), Wish.fulfilled_at >= new_year)) or 0
    spans = db.session.execute(
        select(Wish.published_at, Wish.fulfilled_at).where(
            within(Wish.place_path, paths), Wish.published_at.is_not(None), Wish.fulfilled_at >= now - timedelta(days=PACE_DAYS))
        .order_by(Wish.fulfilled_at.desc()).limit(1000)).all()
    days = sorted((row.fulfilled_at - row.published_at).total_seconds() / 86400 for row in spans)
    return Pace(done, days[len(days) // 2] if days else None)


def echoes(paths: list[str], limit: int = 5) -> list[tuple[str, Wish]]:
    """The latest words people allowed to be shown, with their wish; one query."""
    rows = db.session.scalars(
        select(Wish).options(joinedload(Wish.community)).where(
            within(Wish.place_path, paths), Wish.state.in_(("fulfilled", "closed")),
            (Wish.is_thanks_public & (Wish.thanks != "")) | (Wish.is_review_public & (Wish.review_words != "")))
        .order_by(Wish.fulfilled_at.desc(), Wish.id).limit(limit))
    return [(wish.public_words, wish) for wish in rows]


def waiting_longest(paths: list[str], limit: int = 5) -> list[tuple[int, Wish]]:
    """Open wishes that have waited longest, with their days; one query."""
    now = clock.now()
    rows = db.session.scalars(
        select(Wish).options(joinedload(Wish.community)).where(within(Wish.place_path, paths), Wish.state == "open", Wish.published_at.is_not(None))
        .order_by(Wish.published_at, Wish.id).limit(limit))
    return [((now - wish.published_at).days, wish) for wish in rows]


def by_street(rows: list[PlaceFigures]) -> list[PlaceFigures]:
    """Communities added up to their streets, the least served first."""
    sums: dict[str, list[int]] = {}
    for row in rows:
        held = sums.setdefault(row.street, [0, 0, 0, 0, 0])
        for at, value in enumerate((row.waiting, row.under_way, row.done, row.long_waiting)):
            held[at] += value
        held[4] = max(held[4], row.oldest_days)
    made = [PlaceFigures(0, street, "", *values) for street, values in sums.items()]
    return sorted(made, key=lambda row: (row.share, -row.waiting))


def cells(rows: list[PlaceFigures]) -> list[PlaceFigures]:
    """What the honeycomb shows: communities, or streets where there are too many of them."""
    return rows if len(rows) <= CELLS else by_street(rows)[:CELLS]
