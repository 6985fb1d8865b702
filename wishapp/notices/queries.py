"""Reads of the inbox."""

from sqlalchemy import func, select

from wishapp.kernel.errors import NotFound
from wishapp.kernel.roles import Actor
from wishapp.notices.models import Notice
from wishapp.store.db import db
from wishapp.store.paging import Page, page_of


def unread_count(user_id: int | None) -> int:
    """How many notices this person has not opened."""
    if user_id is None:
        return 0
    return db.session.scalar(select(func.count()).select_from(Notice).where(Notice.user_id == user_id, Notice.read_at.is_(None)))


def inbox(user_id: int, page: int = 1, *, is_unread_only: bool = False, size: int = 20) -> Page:
    """A person's notices, unread ones first, then the newest."""
    query = select(Notice).where(Notice.user_id == user_id)
    if is_unread_only:
        query = query.where(Notice.read_at.is_(None))
    return page_of(query.order_by(Notice.read_at.is_not(None), Notice.id.desc()), page, size)


def access_notice(actor: Actor, notice_id: int, permission: str = "notices.read") -> Notice:
    """A notice, for the person it is addressed to; NotFound for everybody else."""
    found = db.session.get(Notice, notice_id)
    if found is None or actor.id is None or found.user_id != actor.id or not actor.may(permission):
        raise NotFound()
    return found
