"""Telling volunteers by the clock: the evening before, the hour before, and once when people are to meet elsewhere.

Each is told once, also after the worker was down; nothing is told about a shift that has begun. Guests have no inbox: their page says it.
"""

from datetime import datetime, time, timedelta

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from wishapp.jobs.service import JobHandle, every, job
from wishapp.kernel import clock
from wishapp.store.db import db
from wishapp.store.transaction import retrying, transaction
from wishapp.volunteering.models import Call, Shift, SignUp
from wishapp.volunteering.sign_ups import AHEAD
from wishapp.volunteering.telling import tell

EVENING, DAY = time(18), (time(8), time(21))  # the day before from then on; and only between these hours
HOUR = timedelta(hours=1)
QUIET_FOR = timedelta(minutes=15)  # several changes within that are one
SOON = timedelta(hours=2)
MOST = 500  # shifts at one turn of the clock


@job("remind_volunteers")
def remind_volunteers(handle: JobHandle) -> dict:
    """Every few minutes: see the functions below."""
    return work()


every("remind_volunteers", 5)


def work() -> dict[str, int]:
    """All of it; how many people were told of what."""
    return {"day": remind_day(), "hour": remind_hour(), "moved": tell_moves()}


def remind_day() -> int:
    """The evening before, from six o'clock on, by day only; what was missed is told in the morning, if that is not the last hour."""
    now = clock.now()
    local = now.astimezone(clock.LOCAL)
    if not DAY[0] <= local.time() < DAY[1]:
        return 0
    days = 2 if local.time() >= EVENING else 1
    horizon = datetime.combine(local.date() + timedelta(days=days), time(), clock.LOCAL)
    return _remind("remind_day", Shift.reminded_day_at, now + HOUR, horizon)


def remind_hour() -> int:
    """An hour before the start."""
    now = clock.now()
    return _remind("remind_hour", Shift.reminded_hour_at, now, now + HOUR)


def _remind(action: str, mark: InstrumentedAttribute, after: datetime, until: datetime) -> int:
    """Remind everybody coming to shifts that start in (after, until] and have no mark yet; each shift in a transaction of its own."""
    wanted = select(Shift.id).where(Shift.state == "open", Shift.starts_at > after, Shift.starts_at <= until, mark.is_(None)).order_by(Shift.starts_at)
    ids = list(db.session.scalars(wanted.limit(MOST)))
    db.session.rollback()
    return sum(retrying(lambda one=shift_id: _remind_shift(one, action, mark)) for shift_id in ids)


def _remind_shift(shift_id: int, action: str, mark: InstrumentedAttribute) -> int:
    with transaction():
        # the mark is set apart from the row's version, which is for what organisers edit
        claimed = db.session.execute(
            update(Shift).where(Shift.id == shift_id, mark.is_(None)).values({mark: clock.now()}).execution_options(synchronize_session=False))
        if claimed.rowcount != 1:
            return 0
        coming = db.session.scalars(
            select(SignUp).where(SignUp.shift_id == shift_id, SignUp.state == "confirmed", SignUp.asked_off_at.is_(None)).order_by(SignUp.id)).all()
        for sign_up in coming:
            tell(sign_up, action)
        return len(coming)


def tell_moves() -> int:
    """Tell everybody on a list that people meet elsewhere, once per person and call, after a quarter of an hour without another change
    or at once when a shift is near. Whoever signed up since knows already."""
    now = clock.now()
    near = exists().where(Shift.call_id == Call.id, Shift.state == "open", Shift.starts_at > now, Shift.starts_at <= now + SOON)
    wanted = select(Call.id).where(Call.moved_at.is_not(None), or_(Call.moved_at <= now - QUIET_FOR, near)).limit(MOST)
    ids = list(db.session.scalars(wanted))
    db.session.rollback()
    return sum(retrying(lambda one=call_id: _tell_move(one)) for call_id in ids)


def _tell_move(call_id: int) -> int:
    with transaction():
        moved_at = db.session.scalar(select(Call.moved_at).where(Call.id == call_id).with_for_update())
        if moved_at is None:
            return 0
        db.session.execute(update(Call).where(Call.id == call_id).values(moved_at=None).execution_options(synchronize_session=False))
        told: dict[int, SignUp] = {}
        for sign_up in db.session.scalars(
                select(SignUp).join(Shift, Shift.id == SignUp.shift_id)
                .where(Shift.call_id == call_id, SignUp.state.in_(AHEAD), SignUp.starts_at > clock.now(), SignUp.created_at <= moved_at)
                .order_by(SignUp.starts_at, SignUp.id)):
            told.setdefault(sign_up.volunteer_id, sign_up)
        for sign_up in told.values():
            tell(sign_up, "move")
        return len(told)
