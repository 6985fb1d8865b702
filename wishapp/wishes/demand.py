"""Wishes as demands the matcher may serve (kernel.ports.DemandSource). No personal data passes here."""

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import ColumnElement, CompoundSelect, func, select, union, update
from sqlalchemy.orm import aliased, joinedload

from wishapp.kernel import clock
from wishapp.kernel.errors import NotFound
from wishapp.kernel.ports import Asking, DemandCard, DemandNews, Engagement, OpenDemand, Promise
from wishapp.kernel.roles import Actor
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.supporters import queries as supporters
from wishapp.supporters.models import Supporter, SupporterPerson
from wishapp.wishes.claims import LIVING, PERSONS, accept_claim, hold_seat, release_claim
from wishapp.wishes.holds import hold_plain, release_plain
from wishapp.wishes.models import Claim, Wish
from wishapp.wishes.news import LISTENERS, TIERS
from wishapp.wishes.telling import posters, tell

_COMMUNITY, _GRID = aliased(Place), aliased(Place)
FEW = 1000  # wishes whose helpers are asked for by id


def id_of(ref: str) -> int:
    """The number in "wish:12" or "claim:7"; NotFound when there is none."""
    number = ref.partition(":")[2]
    if not number.isdecimal():
        raise NotFound()
    return int(number)


class WishSource:
    """The port, kept by the wishes slice. Verbs run in the caller's transaction and re-check the seats themselves."""

    prefix = "wish"

    def open_demands(self, path: str, refs: Collection[str] | None = None) -> list[OpenDemand]:
        """Open wishes (of these refs, where given) with free seats in the subtree; three queries, restricted columns are not read."""
        one_of = () if refs is None else (Wish.id.in_({id_of(ref) for ref in refs}),)
        query = (
            select(
                Wish.id, Wish.title, Wish.kind, Wish.urgency, Wish.group, Wish.community_id, Wish.grid_id, Wish.place_path,
                func.coalesce(_GRID.latitude, _COMMUNITY.latitude), func.coalesce(_GRID.longitude, _COMMUNITY.longitude),
                Wish.seats - Wish.taken, Wish.minutes, Wish.published_at, Wish.cost, Wish.skill, Wish.version,
                Wish.missed_rounds,
            )
            .join(_COMMUNITY, _COMMUNITY.id == Wish.community_id).outerjoin(_GRID, _GRID.id == Wish.grid_id)
            .where(*one_of, Wish.state == "open", Wish.taken < Wish.seats, Wish.place_path.startswith(path, autoescape=True)).order_by(Wish.id)
        )
        rows = db.session.execute(query).all()
        if len(rows) <= FEW:  # by their ids: SQLite would look through every open wish of the site for them
            one_of = (Wish.id.in_([row[0] for row in rows]),)
        now, known, out = clock.now(), helped_before(path, *one_of), ruled_out(path, *one_of)
        return [
            OpenDemand(
                ref=f"wish:{row[0]}", title=row[1], kind=row[2], tier=TIERS[row[3]], groups=frozenset({row[4]}), community_id=row[5],
                place_id=row[6] or row[5], place_path=row[7], latitude=row[8], longitude=row[9], seats=(row[10],), minutes=row[11],
                waiting_days=max(0, (now - (row[12] or now)).days), cost=row[13],
                skills=frozenset(row[14].split()) if row[14] else frozenset(), version=row[15],
                missed_rounds=row[16], helped_by=known.get(row[0], frozenset()), not_for=out.get(row[0], frozenset()),
            )
            for row in rows
        ]

    def cards(self, refs: list[str]) -> dict[str, DemandCard]:
        """What review and offer pages show; two queries at most."""
        query = select(Wish).options(joinedload(Wish.community)).where(Wish.id.in_({id_of(ref) for ref in refs}))
        return {f"wish:{wish.id}": card(wish) for wish in db.session.scalars(query)}

    def engagements(self, path: str, supporter_ids: Collection[int] | None = None) -> list[Engagement]:
        """None: the time of a wish is agreed between the two."""
        return []

    def lock(self, refs: list[str]) -> None:
        """The wishes, by their ids. One alone is locked by the statement that takes its seat."""
        db.session.execute(select(Wish.id).where(Wish.id.in_({id_of(ref) for ref in refs})).order_by(Wish.id).with_for_update())

    def hold(self, ref: str, supporter_id: int, *, until: datetime, by: Actor) -> Promise:
        """Keep one seat for a supporter who is being asked; Refused says who was faster."""
        wish, supporter = db.session.get(Wish, id_of(ref)), supporters.supporter(supporter_id)
        if wish is None or supporter is None:
            raise NotFound()
        return promise(hold_seat(wish, supporter, until=until, by=by))

    def hold_plain(self, asks: list[Asking], others: list[Asking], *, by: Actor) -> list[Promise | None]:
        """The plain ones of these at once; see the port."""
        made = hold_plain([(id_of(ask.ref), ask) for ask in (*asks, *others)], len(asks), by=by)
        return [Promise(f"claim:{claim_id}", ask.ref, ask.supporter_id, "held") if claim_id is not None else None
                for ask, claim_id in zip(asks, made, strict=True)]

    def release(self, promise_ref: str, *, by: Actor, reason: str, action: str) -> None:
        """Give the seat back: decline, lapse or withdraw. The poster hears of it when the supporter had said yes."""
        claim = _claim(promise_ref)
        was_promised = claim.state == "accepted"
        release_claim(claim, by=by, action=action, why=reason)
        if was_promised:  # the poster was told that somebody comes
            tell(claim.wish, "claim", "withdraw", posters(claim.wish), thing_id=claim.id, who=claim.supporter.name)

    def release_plain(self, promise_refs: list[str], *, by: Actor, reason: str) -> set[str]:
        """The plain ones of these at once; see the port."""
        return {f"claim:{claim_id}" for claim_id in release_plain([id_of(ref) for ref in promise_refs], by=by, reason=reason)}

    def start(self, promise_ref: str, *, by: Actor) -> None:
        """The supporter said yes."""
        accept_claim(_claim(promise_ref), by=by)

    def pass_over(self, refs: list[str]) -> None:
        """These wishes found nobody in an adopted plan; the next round puts them first."""
        db.session.execute(
            update(Wish).where(Wish.id.in_([id_of(ref) for ref in refs]), Wish.state == "open")
            .values(missed_rounds=Wish.missed_rounds + 1).execution_options(synchronize_session=False))

    def promises(self, refs: list[str]) -> dict[str, Promise]:
        """Claims by their refs; unknown ones are left out."""
        query = select(Claim).where(Claim.id.in_({id_of(ref) for ref in refs}))
        return {f"claim:{claim.id}": promise(claim) for claim in db.session.scalars(query)}

    def listen(self, listener: Callable[[DemandNews], None]) -> None:
        """News of wishes, inside the transaction; the same listener once."""
        if listener not in LISTENERS:
            LISTENERS.append(listener)


def helped_before(path: str, *conditions: ColumnElement[bool]) -> dict[int, frozenset[int]]:
    """{open wish: supporters who have fulfilled an earlier wish of the same person}: the same account, or the same telephone by its
    blind index. One query; nobody's name or number is read. `conditions`: of the open wish, beyond its place."""
    pairs = []
    for same in (Wish.beneficiary_id, Wish.phone_index):
        earlier = aliased(Wish)
        pairs.append(
            select(Wish.id, Claim.supporter_id).join(earlier, getattr(earlier, same.key) == same).join(Claim, Claim.wish_id == earlier.id)
            .where(*conditions, Wish.state == "open", Wish.place_path.startswith(path, autoescape=True), earlier.id != Wish.id, Claim.state == "fulfilled"))
    return _by_wish(union(*pairs))


def ruled_out(path: str, *conditions: ColumnElement[bool]) -> dict[int, frozenset[int]]:
    """{open wish: supporters who have one of its seats already, and whoever would answer their own wish}: see claims.hold_seat(). One query."""
    here = (*conditions, Wish.state == "open", Wish.place_path.startswith(path, autoescape=True))
    there = select(Wish.id, Claim.supporter_id).join(Claim, Claim.wish_id == Wish.id).where(*here, Claim.state.in_(LIVING))
    own = select(Wish.id, Supporter.id).join(SupporterPerson, SupporterPerson.user_id == Wish.beneficiary_id).join(
        Supporter, Supporter.id == SupporterPerson.supporter_id).where(*here, SupporterPerson.is_confirmed, Supporter.kind.in_(PERSONS))
    return _by_wish(union(there, own))


def _by_wish(pairs: CompoundSelect) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for wish_id, supporter_id in db.session.execute(pairs):
        found.setdefault(wish_id, set()).add(supporter_id)
    return {wish_id: frozenset(supporter_ids) for wish_id, supporter_ids in found.items()}


def promise(claim: Claim) -> Promise:
    """A claim in the words of the port."""
    return Promise(ref=f"claim:{claim.id}", demand_ref=f"wish:{claim.wish_id}", supporter_id=claim.supporter_id, state=claim.state)


def card(wish: Wish) -> DemandCard:
    """A wish in the words of the port: masked."""
    return DemandCard(
        ref=f"wish:{wish.id}", number=wish.number or "", title=wish.title, story=wish.story, kind=wish.kind, urgency=wish.urgency,
        beneficiary=wish.masked_name, place_name=wish.community.name, place_path=wish.place_path, state=wish.state, item=wish.item,
        quantity=str(wish.quantity), url_endpoint="wishes.show", url_values={"wish_id": wish.id},
        wanted_by=datetime(wish.wanted_by.year, wish.wanted_by.month, wish.wanted_by.day, 23, 59, tzinfo=clock.LOCAL) if wish.wanted_by else None,
    )


def _claim(ref: str) -> Claim:
    found = db.session.get(Claim, id_of(ref))
    if found is None:
        raise NotFound()
    return found
