"""Hours of service from check-in and check-out: counted, shown, objected to, settled, taken back.

How minutes are counted (actual service, no travel): from the later of the planned start and the check-in to the earlier of the
check-out and the planned end, up to TOLERANCE over it for whoever stayed to clear up. Whoever did not check out counts to the planned
end; whoever was noted as present by hand, without a check-in, counts from the planned start. In a group only whoever signed up gets
hours: the others' names are not known to us.

What is counted is shown for the district's `objection_days` and becomes final by itself (finalising). Until then it can be objected to.
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Forbidden, Refused
from wishapp.kernel.privacy import check_reason
from wishapp.kernel.roles import SYSTEM, Actor
from wishapp.kernel.text import N_
from wishapp.points import service as points
from wishapp.points.models import PointsTransfer
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.transitions import advance
from wishapp.volunteering.access import may_with_call
from wishapp.volunteering.hours_telling import tell_of_hours, tell_settlers
from wishapp.volunteering.models import Call, Shift, SignUp, Volunteer
from wishapp.volunteering.record_models import ServiceRecord
from wishapp.volunteering.rules import half_hours, rules_at

THERE = ("attended", "late")
COUNTING = ("claimed", "shown", "objected", "final")  # records that take up their time
TOLERANCE = timedelta(minutes=15)
LEAST_AGAIN = timedelta(days=2)
MOST_WORDS = 300


def counted_minutes(starts_at: datetime, ends_at: datetime, checked_in_at: datetime | None, checked_out_at: datetime | None) -> int:
    """Whole minutes of service by the rule above; 0 when somebody came after the end or left before the start."""
    begin = max(starts_at, checked_in_at or starts_at)
    end = min(ends_at + TOLERANCE, checked_out_at or ends_at)
    return max(0, int((end - begin).total_seconds() // 60))


def count_shift(shift: Shift, by: Actor = SYSTEM) -> int:
    """Count the hours of everybody who was at this shift and has none yet; returns how many. Harmless when called again."""
    counted = select(ServiceRecord.sign_up_id).where(ServiceRecord.sign_up_id.is_not(None))
    present = db.session.scalars(
        select(SignUp).where(SignUp.shift_id == shift.id, SignUp.state.in_(THERE), SignUp.id.not_in(counted)).order_by(SignUp.id))
    return sum(count_hours(sign_up, by=by) is not None for sign_up in list(present))


def count_hours(sign_up: SignUp, *, by: Actor = SYSTEM) -> ServiceRecord | None:
    """Hours of one attended or late sign-up, shown to the volunteer from now on; counted again, while still shown, when the times were put
    right meanwhile. None when they were not there, when nothing changed, when it is objected to or final already (an objection is settled,
    see settle_hours), or when a backfill that was looked at already counts for this time."""
    if sign_up.state not in THERE:
        return None
    known = db.session.scalar(select(ServiceRecord).where(ServiceRecord.sign_up_id == sign_up.id))
    if known is not None:
        return _count_again(known, sign_up, by=by)
    shift, call = sign_up.shift, sign_up.shift.call
    begin = min(max(shift.starts_at, sign_up.checked_in_at or shift.starts_at), shift.ends_at)
    end = begin + timedelta(minutes=counted_minutes(shift.starts_at, shift.ends_at, sign_up.checked_in_at, sign_up.checked_out_at))
    other = overlapping(sign_up.volunteer_id, begin, end, states=("shown", "objected", "final"))
    if other is not None and other.source == "backfill":
        return None
    if other is not None:  # tolerance after one shift meets the start of the next: no minute counts twice
        begin, end = (min(other.ends_at, end), end) if other.starts_at <= begin else (begin, other.starts_at)
    minutes = int((end - begin).total_seconds() // 60)
    record = ServiceRecord(
        volunteer_id=sign_up.volunteer_id, sign_up_id=sign_up.id, call_id=call.id, source="check_in", title=call.title, kind=call.kind,
        place_name=f"{call.community.name} {call.spot}"[:120], place_path=call.place_path, starts_at=begin, ends_at=end,
        minutes=minutes, half_hours=half_hours(minutes, rules_at(call.place_path)), in_charge=call.contact_name, recorder_id=by.id)
    db.session.add(record)
    db.session.flush()
    audit.record("hours", record.id, "count", by=by, to_state="claimed", place_path=record.place_path,
                 data={"sign_up_id": sign_up.id, "minutes": minutes})
    show_hours(record, "show", by=by)
    return record


def _count_again(record: ServiceRecord, sign_up: SignUp, *, by: Actor) -> ServiceRecord | None:
    lock_record(record)
    begin = min(max(sign_up.starts_at, sign_up.checked_in_at or sign_up.starts_at), sign_up.ends_at)
    minutes = counted_minutes(sign_up.starts_at, sign_up.ends_at, sign_up.checked_in_at, sign_up.checked_out_at)
    end = begin + timedelta(minutes=minutes)
    if record.state != "shown" or minutes == record.minutes or overlapping(record.volunteer_id, begin, end, but=record.id):
        return None
    audit.record("hours", record.id, "count_again", by=by, place_path=record.place_path, data={"before": record.minutes, "minutes": minutes})
    record.starts_at, record.ends_at, record.minutes, record.half_hours = begin, end, minutes, half_hours(minutes, rules_at(record.place_path))
    record.final_due = max(record.final_due, clock.now() + LEAST_AGAIN)
    tell_of_hours(record, "show", until=record.final_due)
    return record


def lock_volunteer(volunteer_id: int) -> None:
    """Hours of one person are written down and approved one after the other (the person's lock comes before any shift's, see seats)."""
    db.session.flush()
    db.session.execute(select(Volunteer.id).where(Volunteer.id == volunteer_id).with_for_update(key_share=True))


def overlapping(volunteer_id: int, starts_at: datetime, ends_at: datetime, *, states: tuple[str, ...] = COUNTING, but: int = 0) -> ServiceRecord | None:
    """Another record of this person that takes up some of this time."""
    return db.session.scalar(
        select(ServiceRecord).where(
            ServiceRecord.volunteer_id == volunteer_id, ServiceRecord.id != but, ServiceRecord.state.in_(states),
            ServiceRecord.starts_at < ends_at, ServiceRecord.ends_at > starts_at).limit(1))


def show_hours(record: ServiceRecord, action: str, *, by: Actor) -> None:
    """From now on the volunteer sees it and may object; `action` "show" or "approve"."""
    advance(record, action, by=by)
    now = clock.now()
    record.shown_at, record.final_due = now, now + timedelta(days=rules_at(record.place_path).objection_days)
    tell_of_hours(record, action, until=record.final_due)


def object_hours(record: ServiceRecord, *, by: Actor, why: str) -> None:
    """The volunteer says what is not right. The caller has made sure that it is theirs (access_record, or a guest's private link)."""
    why = why.strip()
    check_reason(why)
    if len(why) > MOST_WORDS:
        raise BadInput(N_("At most 300 characters, please."))
    lock_record(record)
    advance(record, "object", by=by, note=why)
    record.objection = why
    tell_settlers(record, why=why)


def settle_hours(record: ServiceRecord, *, by: Actor, answer: str, minutes: int | None = None) -> None:
    """An organiser or staff answers an objection, with other minutes when it is right. Shown again, for two more days at least.

    Raises Forbidden for whoever may not and for the volunteer themselves, BadInput on minutes that cannot be.
    """
    answer = answer.strip()
    check_reason(answer)
    if not may_settle(by, record) or is_own(record, by):
        raise Forbidden()
    if len(answer) > MOST_WORDS:
        raise BadInput(N_("At most 300 characters, please."))
    if minutes is not None and not 0 <= minutes <= 1440:
        raise BadInput(N_("Minutes are from 0 to 1440."))
    lock_record(record)
    before = record.minutes
    advance(record, "settle", by=by, note=answer, minutes=record.minutes if minutes is None else minutes, before=before)
    if minutes is not None:
        other = overlapping(record.volunteer_id, record.starts_at, record.starts_at + timedelta(minutes=minutes), but=record.id)
        if other is not None:
            raise refused_overlap(other)
        record.minutes, record.half_hours = minutes, half_hours(minutes, rules_at(record.place_path))
        record.ends_at = record.starts_at + timedelta(minutes=minutes)
    record.answer = answer
    record.final_due = max(record.final_due, clock.now() + LEAST_AGAIN)
    tell_of_hours(record, "settle", until=record.final_due, why=answer)


def revoke_hours(record: ServiceRecord, *, by: Actor, why: str) -> None:
    """Final hours turn out to be wrong: upper staff take them back with a reason, and the points with them.

    Refused when the points are spent already. The record stays, refused, with the reason.
    """
    check_reason(why)
    if not by.may("records.revoke", record.place_path) or is_own(record, by):
        raise Forbidden()
    lock_record(record)
    advance(record, "revoke", by=by, note=why)
    record.answer = why.strip()[:MOST_WORDS]
    if record.transfer_id is not None and not db.session.scalar(select(PointsTransfer.id).where(PointsTransfer.reverses_id == record.transfer_id)):
        points.reverse(db.session.get(PointsTransfer, record.transfer_id), by=by, note=why)
    tell_of_hours(record, "revoke", why=why)


def lock_record(record: ServiceRecord) -> None:
    """The record as it is, under its lock: an objection and the job that makes it final stand in line.

    Its own columns only: PostgreSQL cannot lock what it was joined with when it was loaded.
    """
    db.session.flush()
    db.session.refresh(record, ServiceRecord.__table__.columns.keys(), with_for_update=True)


def may_settle(actor: Actor, record: ServiceRecord) -> bool:
    """Staff of the place, and whoever leads the call."""
    if actor.may("records.review", record.place_path):
        return True
    call = db.session.get(Call, record.call_id) if record.call_id is not None else None
    return call is not None and may_with_call(actor, call, "calls.lead")


def is_own(record: ServiceRecord, actor: Actor) -> bool:
    """Are these the actor's own hours: nobody judges those."""
    return actor.id is not None and db.session.get(Volunteer, record.volunteer_id).user_id == actor.id


def refused_overlap(other: ServiceRecord) -> Refused:
    """The words for time that is taken by another record already."""
    return Refused(N_("Hours for this time are written down already: “%(title)s”, %(starts)s."), title=other.title,
                   starts=f"{other.starts_at.astimezone(clock.LOCAL):%m-%d %H:%M}")
