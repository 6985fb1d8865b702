"""Staff's lists: the review queue by state, what to check on site. Always within the actor's places, a constant number of queries."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from wishapp.kernel.permissions import UPPER_STAFF
from wishapp.kernel.privacy import private_part
from wishapp.kernel.roles import Actor, PlaceLevel
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.paging import Page, page_of
from wishapp.store.search import matches
from wishapp.wishes.models import Urgency, Wish, WishKind
from wishapp.wishes.privacy import bigrams, is_joke, likeness
from wishapp.wishes.review import is_reviewed_twice, publish_wish, second_wish

PAGE_SIZE = 25
DEAR = 1000
ALIKE = 0.5


class Tab(StrEnum):
    """Parts of the queue."""

    REVIEW = "review"
    OPEN = "open"
    MOVING = "moving"
    CONFIRM = "confirm"
    RETURNED = "returned"
    DONE = "done"
    GONE = "gone"


TABS = {
    Tab.REVIEW: ("submitted", "seconded"), Tab.OPEN: ("open",), Tab.MOVING: ("reserved", "in_progress"), Tab.CONFIRM: ("delivered",),
    Tab.RETURNED: ("returned",), Tab.DONE: ("fulfilled", "closed"), Tab.GONE: ("withdrawn", "expired", "merged"),
}


@dataclass(frozen=True)
class QueueFilters:
    """What the reader asked for."""

    tab: Tab = Tab.REVIEW
    community_id: int | None = None
    kind: WishKind | None = None
    urgency: Urgency | None = None
    q: str = ""


@dataclass(frozen=True)
class Row:
    """A wish of the queue with what a reviewer should look at twice: `flags` among joke, private, dear; `twin` says nearly the same."""

    wish: Wish
    flags: tuple[str, ...] = ()
    twin: tuple[int, str] | None = None


def _within(actor: Actor, permission: str = "wishes.staff_read") -> ColumnElement[bool]:
    paths = actor.paths_for(permission)
    return or_(*(Wish.place_path.startswith(path, autoescape=True) for path in paths)) if paths else Wish.id.is_(None)


def _query(actor: Actor, filters: QueueFilters) -> Select:
    query = select(Wish).where(_within(actor, "wishes.review"), Wish.state.in_(TABS[filters.tab]))
    if filters.community_id:
        query = query.where(Wish.community_id == filters.community_id)
    if filters.kind:
        query = query.where(Wish.kind == filters.kind)
    if filters.urgency:
        query = query.where(Wish.urgency == filters.urgency)
    if filters.q:
        query = query.where(matches(Wish.search, filters.q))
    return query


def page(actor: Actor, filters: QueueFilters, number: int) -> Page:
    """Page of Rows; to be reviewed: most urgent and oldest first, others newest first. Three queries."""
    haste = case((Wish.urgency == Urgency.NOW, 0), (Wish.urgency == Urgency.WEEK, 1), else_=2)
    order = (haste, Wish.id) if filters.tab == Tab.REVIEW else (Wish.id.desc(),)
    query = _query(actor, filters).join(Wish.community).options(contains_eager(Wish.community)).order_by(*order)
    found = page_of(query, number, PAGE_SIZE)
    twins = _twins(found.rows) if filters.tab == Tab.REVIEW else {}
    return Page([Row(wish, flags(wish), twins.get(wish.id)) for wish in found.rows], found.number, found.size, found.total)


def flags(wish: Wish) -> tuple[str, ...]:
    """What to look at twice."""
    found = []
    if is_joke(wish.title + wish.story):
        found.append("joke")
    if private_part(wish.title) or private_part(wish.story):
        found.append("private")
    if wish.cost > DEAR:
        found.append("dear")
    return tuple(found)


def _twins(wishes: list[Wish]) -> dict[int, tuple[int, str]]:
    """For each wish another one of its community and kind that says nearly the same: {id: (id, title)}; one query."""
    query = select(Wish.id, Wish.title, Wish.community_id, Wish.kind).where(
        Wish.community_id.in_({wish.community_id for wish in wishes}),
        Wish.state.in_(("submitted", "seconded", "open", "reserved", "in_progress", "delivered"))).order_by(Wish.id.desc()).limit(3000)
    others: dict[tuple[int, str], list[tuple[int, str, frozenset[str]]]] = {}
    for wish_id, title, community_id, kind in db.session.execute(query):
        others.setdefault((community_id, kind), []).append((wish_id, title, bigrams(title)))
    found = {}
    for wish in wishes:
        mine = bigrams(wish.title)
        scored = [(likeness(mine, pairs), wish_id, title) for wish_id, title, pairs in others.get((wish.community_id, wish.kind), ()) if wish_id != wish.id]
        best = max(scored, default=None)
        if best and best[0] >= ALIKE:
            found[wish.id] = (best[1], best[2])
    return found


def tab_counts(actor: Actor) -> dict[Tab, int]:
    """How many wishes each part holds; one query."""
    query = select(Wish.state, func.count()).where(_within(actor, "wishes.review"), Wish.state != "draft").group_by(Wish.state)
    counts = dict(db.session.execute(query).all())
    return {tab: sum(counts.get(state, 0) for state in states) for tab, states in TABS.items()}


def waiting_for_review(actor: Actor) -> int:
    """How many wishes wait for this person's review."""
    wanted = ("submitted", "seconded") if actor.roles & UPPER_STAFF else ("submitted",)
    return db.session.scalar(select(func.count()).select_from(Wish).where(_within(actor, "wishes.review"), Wish.state.in_(wanted)))


def communities(actor: Actor) -> list[tuple[int, str]]:
    """Communities within the actor's places."""
    paths = actor.paths_for("wishes.review")
    query = select(Place.id, Place.name).where(
        Place.level == PlaceLevel.COMMUNITY, or_(*(Place.path.startswith(path, autoescape=True) for path in paths))).order_by(Place.code)
    return [tuple(row) for row in db.session.execute(query)] if paths else []


def chosen(actor: Actor, filters: QueueFilters, ids: list[int], *, is_all: bool) -> list[Wish]:
    """The wishes a bulk press is about: the ticked ones, or all of the filter (at most 500), in the actor's places."""
    query = _query(actor, filters).where(Wish.state.in_(TABS[Tab.REVIEW]))
    if not is_all:
        query = query.where(Wish.id.in_(ids))
    return list(db.session.scalars(query.options(joinedload(Wish.community)).order_by(Wish.id).limit(500)))


def pass_on(wish: Wish, *, by: Actor) -> None:
    """One press of a reviewer: up to the street where it looks twice, else on the wall."""
    if wish.state == "submitted" and is_reviewed_twice(wish):
        second_wish(wish, by=by)
    else:
        publish_wish(wish, by=by)


def by_number(actor: Actor, number: str) -> Wish | None:
    """A wish of the actor's places by its public number."""
    return db.session.scalar(select(Wish).where(Wish.number == number.strip(), _within(actor, "wishes.review")))


def to_verify(actor: Actor) -> list[Wish]:
    """Delivered wishes in the actor's places, longest waiting first."""
    query = (
        select(Wish).join(Wish.community).options(contains_eager(Wish.community), joinedload(Wish.grid))
        .where(_within(actor, "wishes.verify_on_site"), Wish.state == "delivered").order_by(Wish.delivered_at).limit(200)
    )
    return list(db.session.scalars(query))


def posted_for_others(actor: Actor) -> list[Wish]:
    """What the actor posted for residents, newest first."""
    query = (
        select(Wish).options(joinedload(Wish.community)).where(Wish.posted_by_id == actor.id, Wish.is_on_behalf).order_by(Wish.id.desc()).limit(100)
    )
    return list(db.session.scalars(query))
