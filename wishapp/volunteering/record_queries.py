"""Reading hours of service: one's own record, the staff's lists. From check-in and from backfill are always told apart."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import joinedload, undefer

from wishapp.accounts import queries as accounts
from wishapp.accounts.service import mask_name
from wishapp.kernel import clock
from wishapp.kernel.errors import NotFound
from wishapp.kernel.permissions import FIELD_STAFF, Role
from wishapp.kernel.roles import Actor
from wishapp.store.audit import AuditEntry
from wishapp.store.db import db
from wishapp.store.paging import Page, page_of
from wishapp.supporters import queries as supporters
from wishapp.supporters.models import SupporterKind
from wishapp.volunteering.access import may_with_call
from wishapp.volunteering.models import Call, Volunteer
from wishapp.volunteering.record_models import CallPhoto, ServiceRecord


class HoursTab(StrEnum):
    """The staff's lists, by what is to be done."""

    SETTLE = "settle"
    REVIEW = "review"
    SHOWN = "shown"
    FINAL = "final"
    REFUSED = "refused"


class Source(StrEnum):
    """Where hours come from."""

    CHECK_IN = "check_in"
    BACKFILL = "backfill"


STATES = {"settle": "objected", "review": "claimed", "shown": "shown", "final": "final", "refused": "refused"}


@dataclass(frozen=True)
class Totals:
    """Half hours that are final, and how often, from check-in and from backfill apart; `coming`: those still shown."""

    checked: int = 0
    backfilled: int = 0
    times: int = 0
    coming: int = 0

    @property
    def all(self) -> int:
        """Both kinds together, for stars."""
        return self.checked + self.backfilled


def access_record(actor: Actor, record_id: int, permission: str) -> ServiceRecord:
    """The record: "records.own" for whose hours they are; "records.backfill" for whoever wrote it, leads the call or works in the place;
    other permissions within the actor's places. NotFound otherwise, whether it exists or not."""
    found = db.session.scalar(select(ServiceRecord).options(joinedload(ServiceRecord.volunteer)).where(ServiceRecord.id == record_id))
    if found is None:
        raise NotFound()
    if permission == "records.own":
        allowed = actor.id is not None and found.volunteer.user_id == actor.id
    elif permission == "records.backfill":
        allowed = _is_near(actor, found)
    else:
        allowed = actor.may(permission, found.place_path)
    if not allowed:
        raise NotFound()
    return found


def _is_near(actor: Actor, record: ServiceRecord) -> bool:
    if any(grant.role in FIELD_STAFF and grant.reaches(record.place_path) for grant in actor.grants):
        return True
    if not actor.may("records.backfill"):
        return False
    call = db.session.get(Call, record.call_id) if record.call_id is not None else None
    return record.recorder_id == actor.id or (call is not None and may_with_call(actor, call, "calls.lead"))


def totals(volunteer_id: int, *, since: datetime | None = None, before: datetime | None = None) -> Totals:
    """Sums of one volunteer's hours that are final, of service that began in [since, before)."""
    return totals_of([volunteer_id], since=since, before=before).get(volunteer_id, Totals())


def totals_of(volunteer_ids: Iterable[int], *, since: datetime | None = None, before: datetime | None = None) -> dict[int, Totals]:
    """Sums of several volunteers in one query; who has none is missing."""
    query = (
        select(ServiceRecord.volunteer_id, ServiceRecord.state, ServiceRecord.source, func.sum(ServiceRecord.half_hours), func.count())
        .where(ServiceRecord.volunteer_id.in_(list(volunteer_ids)), ServiceRecord.state.in_(("final", "shown", "objected")))
        .group_by(ServiceRecord.volunteer_id, ServiceRecord.state, ServiceRecord.source))
    if since is not None:
        query = query.where(ServiceRecord.starts_at >= since)
    if before is not None:
        query = query.where(ServiceRecord.starts_at < before)
    sums: dict[int, dict[str, int]] = {}
    for volunteer_id, state, source, halves, count in db.session.execute(query):
        into = sums.setdefault(volunteer_id, {"checked": 0, "backfilled": 0, "times": 0, "coming": 0})
        if state != "final":
            into["coming"] += int(halves)
            continue
        into["checked" if source == "check_in" else "backfilled"] += int(halves)
        into["times"] += count
    return {volunteer_id: Totals(**values) for volunteer_id, values in sums.items()}


def year_start(year: int) -> datetime:
    """The first moment of a local year."""
    return datetime(year, 1, 1, tzinfo=clock.LOCAL)


def own_records(volunteer_id: int, number: int = 1, *, size: int = 20) -> Page:
    """A volunteer's records, newest first; a backfill nobody has looked at yet is among them."""
    return page_of(own_query(volunteer_id), number, size)


def own_query(volunteer_id: int) -> object:
    """All records of one volunteer, newest first."""
    return select(ServiceRecord).where(ServiceRecord.volunteer_id == volunteer_id).order_by(ServiceRecord.starts_at.desc(), ServiceRecord.id.desc())


def record_of_sign_up(sign_up_id: int) -> ServiceRecord | None:
    """The hours of one sign-up."""
    return db.session.scalar(select(ServiceRecord).where(ServiceRecord.sign_up_id == sign_up_id))


@dataclass(frozen=True)
class HoursFilters:
    """What staff look for: a list, hours from where, words of the title or a volunteer's number, a local day from which on."""

    tab: HoursTab = HoursTab.SETTLE
    source: str = ""
    q: str = ""
    since: datetime | None = None


def within_reach(actor: Actor) -> ColumnElement[bool]:
    """Condition: the actor works in the record's place, leads its call, or wrote it."""
    paths = [grant.path for grant in actor.grants if grant.role in FIELD_STAFF]
    near: list[ColumnElement[bool]] = [ServiceRecord.place_path.startswith(path, autoescape=True) for path in paths]
    if actor.id is not None and actor.may("records.backfill"):
        teams = [found.id for found in supporters.supporters_of(actor.id) if found.kind == SupporterKind.TEAM] if actor.has(Role.TEAM_LEADER) else []
        led = select(Call.id).where(or_(Call.posted_by_id == actor.id, Call.team_id.in_(teams) if teams else false()))
        near += [ServiceRecord.recorder_id == actor.id, ServiceRecord.call_id.in_(led)]
    return or_(*near) if near else false()


def tab_counts(actor: Actor) -> dict[str, int]:
    """{tab: how many}, one query."""
    counted = dict(db.session.execute(
        select(ServiceRecord.state, func.count()).where(within_reach(actor)).group_by(ServiceRecord.state)).all())
    return {tab: counted.get(state, 0) for tab, state in STATES.items()}


def count_to_settle(actor: Actor) -> Select[tuple[int]]:
    """Objections to settle and backfills to look at, counted, as a query."""
    return select(func.count()).select_from(ServiceRecord).where(within_reach(actor), or_(
        ServiceRecord.state == "objected", and_(ServiceRecord.state == "claimed", ServiceRecord.recorder_id != actor.id)))


def desk_records(actor: Actor, asked: HoursFilters, number: int) -> Page:
    """Records of one list: what waits longest first, what is past newest first."""
    query = (
        select(ServiceRecord).options(joinedload(ServiceRecord.volunteer).options(undefer(Volunteer.guest_name)))
        .where(within_reach(actor), ServiceRecord.state == STATES[asked.tab]))
    if asked.source:
        query = query.where(ServiceRecord.source == asked.source)
    if asked.q:
        numbered = select(Volunteer.id).where(Volunteer.number == asked.q.upper())
        query = query.where(or_(ServiceRecord.title.contains(asked.q, autoescape=True), ServiceRecord.volunteer_id.in_(numbered)))
    if asked.since is not None:
        query = query.where(ServiceRecord.starts_at >= asked.since)
    waits = asked.tab in (HoursTab.SETTLE, HoursTab.REVIEW)
    return page_of(query.order_by(ServiceRecord.id if waits else ServiceRecord.starts_at.desc(), ServiceRecord.id.desc()), number, 30)


def masked_names(volunteers: Iterable[Volunteer]) -> dict[int, str]:
    """{volunteer id: masked name}; guests have to be loaded with their group "restricted" for this not to be a query each."""
    found = list(volunteers)
    names = accounts.display_names(one.user_id for one in found)
    return {one.id: mask_name(names.get(one.user_id, "") if one.user_id is not None else one.guest_name or "") for one in found}


def proofs(record: ServiceRecord) -> list[CallPhoto]:
    """Photos that prove a backfill."""
    return list(db.session.scalars(select(CallPhoto).where(CallPhoto.record_id == record.id, CallPhoto.purpose == "proof").order_by(CallPhoto.id)))


def who(steps: Iterable[AuditEntry]) -> dict[int, str]:
    """Masked names of whoever took these steps."""
    return {user_id: mask_name(name) for user_id, name in accounts.display_names(step.actor_id for step in steps).items()}


def day_start(day: object) -> datetime:
    """The first moment of a local day."""
    return datetime.combine(day, time(), clock.LOCAL)
