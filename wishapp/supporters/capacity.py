"""Taking and giving back capacity: conditional updates, so that two at once never go past a quota or below zero."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update

from wishapp.kernel.errors import NotFound, Refused, SomeoneWasFaster
from wishapp.kernel.text import N_
from wishapp.store.counting import count_many
from wishapp.store.db import db
from wishapp.store.upsert import insert_missing
from wishapp.supporters.models import Capacity, Supporter, SupporterKind
from wishapp.supporters.queries import MINUTES, periods_for


def take_capacity(supporter_id: int, *, kind: str, minutes: int, day: date) -> str:
    """Take room for one wish of `kind` lasting `minutes` on `day` (a local date); returns a token such as "2026:goods".

    Units count wishes per year, first in the promise for this kind of help, else in the one for any kind; persons and teams
    count minutes per month. Raises Refused when nothing is left or the supporter is pausing, NotFound when there is none.
    """
    supporter = db.session.get(Supporter, supporter_id)
    if supporter is None:
        raise NotFound()
    if not supporter.is_active or (supporter.paused_until and supporter.paused_until >= day):
        raise Refused(N_("%(name)s is taking a break just now."), name=supporter.name)
    amount = _amount(supporter.kind, minutes)
    pairs = periods_for(supporter.kind, kind, day)
    if supporter.kind != SupporterKind.UNIT:
        _open_month(supporter, pairs[0][0])
    for period, what in pairs:
        if _move(supporter_id, period, what, amount):
            return f"{period}:{what}"
    if supporter.kind == SupporterKind.UNIT:
        raise Refused(N_("%(name)s has used up this year’s promise for this kind of help."), name=supporter.name)
    raise Refused(N_("%(name)s has no time left this month."), name=supporter.name)


@dataclass(frozen=True)
class Need:
    """Room wanted of a supporter: for one wish or shift of this kind of help, lasting so many minutes."""

    supporter_id: int
    kind: str
    minutes: int


class Rooms:
    """What supporters have left on a local day, read at once, and tokens against it as take_capacity() would give them one by one."""

    def __init__(self, supporter_ids: set[int], day: date) -> None:
        """Read and lock the promises of these supporters; persons' and teams' months are opened. Four statements."""
        self.day = day
        self.about = {row.id: row for row in db.session.execute(
            select(Supporter.id, Supporter.kind, Supporter.is_active, Supporter.paused_until, Supporter.monthly_minutes)
            .where(Supporter.id.in_(supporter_ids)).order_by(Supporter.id))}
        periods = {row.kind: periods_for(row.kind, "", day)[0][0] for row in self.about.values()}
        months = [{"supporter_id": row.id, "period": periods[row.kind], "what": MINUTES, "quota": row.monthly_minutes, "taken": 0}
                  for row in self.about.values() if row.kind != SupporterKind.UNIT]
        insert_missing(Capacity, months, ("supporter_id", "period", "what"))
        found = db.session.execute(
            select(Capacity.id, Capacity.supporter_id, Capacity.period, Capacity.what, Capacity.quota - Capacity.taken)
            .where(Capacity.supporter_id.in_(self.about), Capacity.period.in_(set(periods.values()))).order_by(Capacity.id).with_for_update()).all()
        self.ids = {(row[1], row[2], row[3]): row[0] for row in found}
        self.left = {(row[1], row[2], row[3]): row[4] for row in found}

    def fitting(self, needs: Sequence[Need]) -> set[int]:
        """Supporters who are there and have room for all of their needs, in whatever order these are taken."""
        left, short = dict(self.left), set()
        for need in needs:
            if _choose(left, self.about, need, self.day) is None:
                short.add(need.supporter_id)
        return {need.supporter_id for need in needs} - short

    def take(self, needs: Sequence[Need]) -> list[str]:
        """Take room for each; the tokens in their order. SomeoneWasFaster when one does not fit: the caller rolls back."""
        chosen = [_choose(self.left, self.about, need, self.day) for need in needs]
        if None in chosen:
            raise SomeoneWasFaster()
        moved: Counter[int] = Counter()
        for need, pair in zip(needs, chosen, strict=True):
            moved[self.ids[need.supporter_id, *pair]] += _amount(self.about[need.supporter_id].kind, need.minutes)
        count_many(Capacity, Capacity.taken, moved, most=Capacity.quota)
        return [":".join(pair) for pair in chosen]


def _choose(left: dict, about: dict, need: Need, day: date) -> tuple[str, str] | None:
    """The (period, what) this need is counted in, taken off `left`; None when there is none."""
    supporter = about.get(need.supporter_id)
    if supporter is None or not supporter.is_active or (supporter.paused_until and supporter.paused_until >= day):
        return None
    amount = _amount(supporter.kind, need.minutes)
    for pair in periods_for(supporter.kind, need.kind, day):
        if left.get((need.supporter_id, *pair), 0) >= amount:
            left[need.supporter_id, *pair] -= amount
            return pair
    return None


def _amount(kind: str, minutes: int) -> int:
    return 1 if kind == SupporterKind.UNIT else max(1, minutes)


def give_back_capacity(supporter_id: int, token: str, *, minutes: int) -> None:
    """Give back what `take_capacity` took: the token it returned and the same minutes. Refused when it is not there to give back."""
    period, _, what = token.partition(":")
    amount = max(1, minutes) if what == MINUTES else 1
    if not _move(supporter_id, period, what, -amount):
        raise Refused(N_("This capacity has been given back already."))


def give_back_many(taken: Sequence[tuple[int, str, int]]) -> None:
    """give_back_capacity() for many (supporter, token, minutes). SomeoneWasFaster when one is not there to give back: the caller rolls back."""
    amounts: Counter[tuple[int, str]] = Counter()
    for supporter_id, token, minutes in taken:
        amounts[supporter_id, token] += max(1, minutes) if token.endswith(f":{MINUTES}") else 1
    rows = db.session.execute(select(Capacity.id, Capacity.supporter_id, Capacity.period, Capacity.what).where(
        Capacity.supporter_id.in_({supporter_id for supporter_id, _token in amounts})).order_by(Capacity.id).with_for_update())
    found = {(row.supporter_id, f"{row.period}:{row.what}"): row.id for row in rows}
    if not amounts.keys() <= found.keys():
        raise SomeoneWasFaster()
    count_many(Capacity, Capacity.taken, {found[key]: -amount for key, amount in amounts.items()})


def _open_month(supporter: Supporter, period: str) -> None:
    insert_missing(
        Capacity, [{"supporter_id": supporter.id, "period": period, "what": MINUTES, "quota": supporter.monthly_minutes, "taken": 0}],
        ("supporter_id", "period", "what"))


def _move(supporter_id: int, period: str, what: str, amount: int) -> bool:
    here = (Capacity.supporter_id == supporter_id, Capacity.period == period, Capacity.what == what)
    fits = Capacity.taken + amount <= Capacity.quota if amount > 0 else Capacity.taken >= -amount
    moved = db.session.execute(
        update(Capacity).where(*here, fits).values(taken=Capacity.taken + amount).execution_options(synchronize_session=False))
    if moved.rowcount != 1:
        return False
    db.session.scalars(select(Capacity).where(*here).execution_options(populate_existing=True)).one()
    return True
