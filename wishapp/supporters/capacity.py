"""Taking and giving back capacity: conditional updates, so that two at once never go past a quota or below zero."""

from datetime import date

from sqlalchemy import select, update

from wishapp.kernel.errors import NotFound, Refused
from wishapp.kernel.text import N_
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
    amount = 1 if supporter.kind == SupporterKind.UNIT else max(1, minutes)
    pairs = periods_for(supporter.kind, kind, day)
    if supporter.kind != SupporterKind.UNIT:
        _open_month(supporter, pairs[0][0])
    for period, what in pairs:
        if _move(supporter_id, period, what, amount):
            return f"{period}:{what}"
    if supporter.kind == SupporterKind.UNIT:
        raise Refused(N_("%(name)s has used up this year’s promise for this kind of help."), name=supporter.name)
    raise Refused(N_("%(name)s has no time left this month."), name=supporter.name)


def give_back_capacity(supporter_id: int, token: str, *, minutes: int) -> None:
    """Give back what `take_capacity` took: the token it returned and the same minutes. Refused when it is not there to give back."""
    period, _, what = token.partition(":")
    amount = max(1, minutes) if what == MINUTES else 1
    if not _move(supporter_id, period, what, -amount):
        raise Refused(N_("This capacity has been given back already."))


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
