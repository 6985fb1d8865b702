"""Accounts of a subtree, for staff."""

from datetime import datetime

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import joinedload

from wishapp.kernel.roles import Actor
from wishapp.points.models import PointsAccount, PointsEntry, PointsTransfer
from wishapp.store import search as search_column
from wishapp.store.db import db
from wishapp.store.paging import Page, page_of
from wishapp.supporters.models import Supporter
from wishapp.supporters.queries import in_places

_OWNER = "supporter:" + cast(Supporter.id, String)


def accounts(actor: Actor, *, search: str = "", kind: str | None = None, number: int = 1) -> Page:
    """(supporter, balance in tenths) of the actor's places, most points first; those who never had any are left out."""
    query = (
        select(Supporter, PointsAccount.balance).join(PointsAccount, PointsAccount.owner == _OWNER)
        .where(in_places(actor.paths_for("points.staff_read"))).options(joinedload(Supporter.place))
        .order_by(PointsAccount.balance.desc(), Supporter.id)
    )
    if search:
        query = query.where(search_column.matches(Supporter.search, search))
    if kind:
        query = query.where(Supporter.kind == kind)
    return page_of(query, number, 30, scalars=False)


def totals(actor: Actor, since: datetime) -> dict[str, int]:
    """{"held": tenths held, "accounts": how many, "month": tenths gained since} over the actor's places."""
    within = in_places(actor.paths_for("points.staff_read"))
    held = db.session.execute(
        select(func.coalesce(func.sum(PointsAccount.balance), 0), func.count()).join(Supporter, PointsAccount.owner == _OWNER).where(within)).one()
    month = db.session.scalar(
        select(func.coalesce(func.sum(PointsEntry.amount), 0)).join(PointsTransfer, PointsTransfer.id == PointsEntry.transfer_id)
        .join(PointsAccount, PointsAccount.id == PointsEntry.account_id).join(Supporter, PointsAccount.owner == _OWNER)
        .where(within, PointsTransfer.at >= since))
    return {"held": int(held[0]), "accounts": held[1], "month": int(month)}
