"""Reading the record within one's own places: who did what to which thing. Constant number of queries."""

from dataclasses import dataclass

from sqlalchemy import or_, select

from wishapp.accounts import queries as accounts
from wishapp.accounts.models import RoleGrant
from wishapp.accounts.service import mask_name
from wishapp.kernel.permissions import FIELD_STAFF
from wishapp.places import queries as places
from wishapp.store.audit import AuditEntry
from wishapp.store.db import db
from wishapp.store.paging import Page, page_of


@dataclass(frozen=True)
class Filters:
    """What to show: kind of thing, its id, the action, the id of the person who acted; None shows all."""

    kind: str | None = None
    thing_id: int | None = None
    action: str | None = None
    actor_id: int | None = None


def entries(paths: list[str], filters: Filters, page: int, size: int = 50) -> Page:
    """Entries filed under these subtrees, newest first. What has no place (a refused door) is nobody's to read here."""
    if not paths:
        return Page([], 1, size, 0)
    query = select(AuditEntry).where(or_(*(AuditEntry.place_path.startswith(path, autoescape=True) for path in paths)))
    for column, value in ((AuditEntry.kind, filters.kind), (AuditEntry.thing_id, filters.thing_id), (AuditEntry.action, filters.action),
                          (AuditEntry.actor_id, filters.actor_id)):
        if value is not None:
            query = query.where(column == value)
    return page_of(query.order_by(AuditEntry.id.desc()), page, size)


def names_of(rows: list[AuditEntry]) -> dict[int, str]:
    """{user id: name as it may be read here}: staff and grid workers in full, everybody else masked."""
    ids = {row.actor_id for row in rows if row.actor_id is not None}
    roles = [str(role) for role in FIELD_STAFF]
    workers = set(db.session.scalars(select(RoleGrant.user_id).where(RoleGrant.user_id.in_(ids), RoleGrant.role.in_(roles))))
    return {user_id: name if user_id in workers else mask_name(name) for user_id, name in accounts.display_names(ids).items()}


def places_of(rows: list[AuditEntry]) -> dict[str, str]:
    """{path: name of its last place}."""
    last = {row.place_path: int(row.place_path.rstrip("/").rpartition("/")[2]) for row in rows if row.place_path}
    names = places.names(set(last.values()))
    return {path: names.get(place_id, "") for path, place_id in last.items()}
