"""Hours that were shown long enough become final, and bring their points: both in one transaction, once."""

from datetime import datetime, time, timedelta

from sqlalchemy import select

from wishapp.jobs.batches import in_batches
from wishapp.jobs.service import JobHandle, every, job
from wishapp.kernel import clock
from wishapp.kernel.roles import SYSTEM
from wishapp.points import service as points
from wishapp.points.models import PointsTransfer
from wishapp.store.db import db
from wishapp.store.transitions import advance
from wishapp.supporters.models import SupporterKind
from wishapp.volunteering.hours import lock_record
from wishapp.volunteering.hours_telling import tell_of_hours
from wishapp.volunteering.models import Call, Volunteer
from wishapp.volunteering.record_models import ServiceRecord
from wishapp.volunteering.volunteers import supporter_of

WITHOUT_CALL = points.POINT  # tenths an hour, for service that was no call


def finalise_due(limit: int, refused: set[int]) -> int:
    """Make up to `limit` records final whose time to object is over; returns how many. Rows somebody holds are left for the next round."""
    due = (
        select(ServiceRecord).where(ServiceRecord.state == "shown", ServiceRecord.final_due <= clock.now(), ServiceRecord.id.not_in(refused))
        .order_by(ServiceRecord.volunteer_id, ServiceRecord.id).limit(limit).with_for_update(skip_locked=True)
    )
    found = list(db.session.scalars(due))
    for record in found:
        finalise_hours(record)
    return len(found)


def finalise_hours(record: ServiceRecord) -> PointsTransfer | None:
    """Final from now on, with the points it brings (None for guests, for nothing, and past the day's cap)."""
    lock_record(record)
    advance(record, "finalise", by=SYSTEM)
    record.final_at = clock.now()
    made = _credit(record)
    record.transfer_id = made.id if made is not None else None
    tell_of_hours(record, "finalise", points=made.amount if made is not None else 0)
    return made


def worth(record: ServiceRecord) -> int:
    """Tenths of a point the hours are worth before the day's cap: the call's rate, or the ordinary one for service that was no call."""
    rate = db.session.scalar(select(Call.points_per_hour).where(Call.id == record.call_id)) if record.call_id is not None else WITHOUT_CALL
    return rate * record.half_hours // 2


def _credit(record: ServiceRecord) -> PointsTransfer | None:
    volunteer = db.session.get(Volunteer, record.volunteer_id)
    wanted = worth(record)
    if volunteer.user_id is None or wanted < 1:
        return None
    supporter = supporter_of(volunteer)
    owner, kind = (f"supporter:{supporter.id}", supporter.kind) if supporter else (f"user:{volunteer.user_id}", SupporterKind.VOLUNTEER)
    day = record.starts_at.astimezone(clock.LOCAL).date()
    return points.credit_service(
        owner, wanted, owner_kind=kind, day=day, same_day=_same_day(record, day), source=f"hours:{record.id}", by=SYSTEM, title=record.title,
        place_path=record.place_path)


def _same_day(record: ServiceRecord, day: object) -> list[str]:
    """Sources of what else this volunteer did on that local day."""
    begin = datetime.combine(day, time(), clock.LOCAL)
    others = db.session.scalars(select(ServiceRecord.id).where(
        ServiceRecord.volunteer_id == record.volunteer_id, ServiceRecord.id != record.id,
        ServiceRecord.starts_at >= begin, ServiceRecord.starts_at < begin + timedelta(days=1)))
    return [f"hours:{other}" for other in others]


@job("finalise_hours")
def finalise(handle: JobHandle) -> dict:
    """By the clock: what was shown long enough counts."""
    return {"final": in_batches(finalise_due)}


every("finalise_hours", 60)
