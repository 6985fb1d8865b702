"""What must hold of hours of service whenever nothing is under way; each lists its breaches in words (ids only). Part of `wishapp verify`."""

from collections.abc import Iterator

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from wishapp.points.models import PointsTransfer
from wishapp.points.service import SERVED
from wishapp.store.db import db
from wishapp.volunteering.models import SignUp
from wishapp.volunteering.record_models import Certificate, ServiceRecord

COUNTED = ("shown", "objected", "final")


def hours_points() -> Iterator[str]:
    """Points for service hang on their record and on nothing else: a transfer per final record at most, none without one."""
    loose = (
        select(PointsTransfer.id).outerjoin(ServiceRecord, ServiceRecord.transfer_id == PointsTransfer.id)
        .where(PointsTransfer.reason == SERVED, ServiceRecord.id.is_(None)))
    for transfer_id in db.session.scalars(loose):
        yield f"points transfer {transfer_id}: for service nobody recorded"
    back = aliased(PointsTransfer)
    paid = select(ServiceRecord.id, PointsTransfer.source, ServiceRecord.state, back.id).join(
        PointsTransfer, PointsTransfer.id == ServiceRecord.transfer_id).outerjoin(back, back.reverses_id == PointsTransfer.id)
    for record_id, source, state, reversal in db.session.execute(paid):
        if source != f"hours:{record_id}":
            yield f"service record {record_id}: brought the points of {source}"
        if state != "final" and reversal is None:
            yield f"service record {record_id}: {state}, but its points are still there"


def hours_twice() -> Iterator[str]:
    """No minute of one person counts twice."""
    other = aliased(ServiceRecord)
    query = select(ServiceRecord.id, other.id).join(
        other, (other.volunteer_id == ServiceRecord.volunteer_id) & (other.id > ServiceRecord.id) & (other.starts_at < ServiceRecord.ends_at)
        & (ServiceRecord.starts_at < other.ends_at)).where(ServiceRecord.state.in_(COUNTED), other.state.in_(COUNTED))
    for one, two in db.session.execute(query):
        yield f"service records {one} and {two}: the same time twice"


def hours_sources() -> Iterator[str]:
    """Hours by check-in belong to somebody who was there; hours from a backfill that count were looked at by a second person."""
    query = (
        select(ServiceRecord.id, ServiceRecord.source, SignUp.state, ServiceRecord.reviewer_id).outerjoin(SignUp, SignUp.id == ServiceRecord.sign_up_id)
        .where(ServiceRecord.state.in_(COUNTED), or_(
            (ServiceRecord.source == "check_in") & or_(SignUp.id.is_(None), SignUp.state.not_in(("attended", "late"))),
            (ServiceRecord.source == "backfill") & ServiceRecord.reviewer_id.is_(None))))
    for record_id, source, state, _reviewer in db.session.execute(query):
        yield f"service record {record_id}: " + (f"by check-in of somebody {state or 'unknown'}" if source == "check_in" else "a backfill nobody else looked at")


def certificates() -> Iterator[str]:
    """A certificate's hours are the sum of its own lines."""
    for number, halves, content in db.session.execute(select(Certificate.number, Certificate.half_hours, Certificate.content)):
        if halves != sum(line[3] for line in content):
            yield f"certificate {number}: its hours are not the sum of its lines"


ALL = (hours_points, hours_twice, hours_sources, certificates)
