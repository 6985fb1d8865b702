"""From the day itself to the certificate: check-ins, findings, hours, certificates, the district's rules."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint, inspect
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from wishapp.kernel import clock
from wishapp.places.models import Place
from wishapp.store.append_only import append_only
from wishapp.store.audit import BigId
from wishapp.store.db import db
from wishapp.store.transitions import Staged
from wishapp.store.types import EncryptedText, UTCDateTime
from wishapp.supporters.models import Supporter
from wishapp.volunteering.models import Call, SignUp, Volunteer
from wishapp.workflows.hours import HOURS


class CheckHow(StrEnum):
    """By which way somebody was checked in or out."""

    OWN_CODE = "own_code"
    PLACE_CODE = "place_code"
    POSITION = "position"
    LEADER = "leader"
    CLOSING = "closing"


class CheckEvent(db.Model):
    """One check-in or check-out as it was sent. `key`: made on the device before the first send, so that a second send is the same.

    `at`: when it happened on the device; `received_at`: when it came. `metres`: how far from the meeting point, when by position.
    """

    __tablename__ = "check_events"
    __table_args__ = (
        CheckConstraint("what IN ('in','out')", name="what_known"),
        CheckConstraint("how IN ('own_code','place_code','position','leader','closing')", name="how_known"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(36), unique=True)
    sign_up_id: Mapped[int] = mapped_column(ForeignKey("sign_ups.id"), index=True)
    what: Mapped[str] = mapped_column(String(3))
    how: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    received_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    metres: Mapped[int | None] = mapped_column(Integer)


append_only(CheckEvent.__table__)


class Finding(db.Model):
    """What a participant saw on the way (a broken lamp, an old man without heating). `issue_at`: handed on as the draft of an issue.

    `place_path`: where it belongs. Its photos carry its id.
    """

    __tablename__ = "findings"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), index=True)
    sign_up_id: Mapped[int] = mapped_column(ForeignKey("sign_ups.id"), index=True)
    place_path: Mapped[str] = mapped_column(String(120), index=True)
    words: Mapped[str] = mapped_column(String(300))
    spot: Mapped[str] = mapped_column(String(80), default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    issue_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    issue_title: Mapped[str] = mapped_column(String(60), default="")
    issue_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    call: Mapped[Call] = relationship()
    photos: Mapped[list["CallPhoto"]] = relationship(back_populates="finding", order_by="CallPhoto.id")


class CallPhoto(db.Model):
    """A re-encoded image (no EXIF): "poster" (public), "report" (public once archived), "finding" or "proof" (organisers only)."""

    __tablename__ = "call_photos"
    __table_args__ = (CheckConstraint("purpose IN ('poster','report','finding','proof')", name="purpose_known"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"), index=True)
    finding_id: Mapped[int | None] = mapped_column(ForeignKey("findings.id"), index=True)
    record_id: Mapped[int | None] = mapped_column(ForeignKey("service_records.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(8))
    file_name: Mapped[str] = mapped_column(String(64), unique=True)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    finding: Mapped[Finding | None] = relationship(back_populates="photos")


class ServiceRecord(Staged, db.Model):
    """Hours of one volunteer for one piece of service: `minutes` actual, `half_hours` as they count by the district's rounding.

    `source` "check_in" (with its sign-up) or "backfill" (`recorder_id` wrote it, `reviewer_id`, somebody else, looked at it).
    Shown from `shown_at`; final at `final_due` unless objected to. `transfer_id`: the points it brought.
    """

    __tablename__ = "service_records"
    __lifecycle__ = HOURS
    __table_args__ = (
        CheckConstraint("source IN ('check_in','backfill')", name="source_known"),
        CheckConstraint("minutes BETWEEN 0 AND 1440", name="minutes_in_range"),
        CheckConstraint("half_hours BETWEEN 0 AND 48", name="half_hours_in_range"),
        CheckConstraint("reviewer_id IS NULL OR recorder_id IS NULL OR reviewer_id <> recorder_id", name="second_person"),
        UniqueConstraint("sign_up_id"),
        Index("ix_service_records_volunteer", "volunteer_id", "state"),
        Index("ix_service_records_due", "state", "final_due"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"))
    sign_up_id: Mapped[int | None] = mapped_column(ForeignKey("sign_ups.id"))
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"), index=True)
    source: Mapped[str] = mapped_column(String(8))
    title: Mapped[str] = mapped_column(String(60))
    content: Mapped[str] = mapped_column(String(300), default="")
    kind: Mapped[str] = mapped_column(String(16), default="")
    beneficiary: Mapped[str] = mapped_column(String(20), default="")
    place_name: Mapped[str] = mapped_column(String(120), default="")
    place_path: Mapped[str] = mapped_column(String(120), index=True)
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    minutes: Mapped[int] = mapped_column(Integer)
    half_hours: Mapped[int] = mapped_column(Integer)
    in_charge: Mapped[str] = mapped_column(String(40), default="")
    recorder_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    shown_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    final_due: Mapped[datetime | None] = mapped_column(UTCDateTime)
    final_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    objection: Mapped[str] = mapped_column(String(300), default="")
    answer: Mapped[str] = mapped_column(String(300), default="")
    transfer_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("points_transfers.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    version: Mapped[int] = mapped_column(Integer, default=1)

    volunteer: Mapped[Volunteer] = relationship()
    sign_up: Mapped[SignUp | None] = relationship()
    __mapper_args__ = {"version_id_col": version}


class Certificate(db.Model):
    """志愿服务记录证明 as it was issued: never changed, at most revoked. `content`: [[date, title, place, half hours, source], …].

    `holder`: the name as printed (encrypted). `document`: kind of document and its masked number, as the holder gave it.
    `check_code`: with the number it opens the public check page.
    """

    __tablename__ = "certificates"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)
    check_code: Mapped[str] = mapped_column(String(16))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), index=True)
    holder: Mapped[str] = mapped_column(EncryptedText)
    document: Mapped[str] = mapped_column(EncryptedText)
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    half_hours: Mapped[int] = mapped_column(Integer)
    content: Mapped[list] = mapped_column(JSON, default=list)
    issuer_id: Mapped[int] = mapped_column(ForeignKey("places.id"), index=True)
    issuer_name: Mapped[str] = mapped_column(String(80))
    in_charge: Mapped[str] = mapped_column(String(40), default="")
    handler: Mapped[str] = mapped_column(String(40), default="")
    contact: Mapped[str] = mapped_column(String(40), default="")
    notes: Mapped[str] = mapped_column(String(300), default="")
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_why: Mapped[str] = mapped_column(String(200), default="")

    volunteer: Mapped[Volunteer] = relationship()
    issuer: Mapped[Place] = relationship()

    @validates("number", "check_code", "holder", "document", "since", "until", "half_hours", "content", "issuer_name", "in_charge", "handler",
               "contact", "notes", "made_at")
    def _stays(self, key: str, value: object) -> object:
        if inspect(self).persistent:
            raise AttributeError(f"a certificate stays as it was issued: {key}")
        return value


class StandInAsk(db.Model):
    """One person asked to stand in for a sign-up: the least recently asked come first. `answer`: waiting | yes | no | late."""

    __tablename__ = "stand_in_asks"
    __table_args__ = (
        UniqueConstraint("sign_up_id", "volunteer_id"),
        CheckConstraint("answer IN ('waiting','yes','no','late')", name="answer_known"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    sign_up_id: Mapped[int] = mapped_column(ForeignKey("sign_ups.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answer_by: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    answer: Mapped[str] = mapped_column(String(8), default="waiting")
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    sign_up: Mapped[SignUp] = relationship()
    volunteer: Mapped[Volunteer] = relationship()


class ContactRead(db.Model):
    """An organiser read names or telephones of people who signed up: who, of which shift, why, when."""

    __tablename__ = "contact_reads"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id"), index=True)
    reader_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


append_only(ContactRead.__table__)


class YearReport(db.Model):
    """A party member's year of service as it went to the home unit: once a year, `half_hours` from check-in and from backfill apart."""

    __tablename__ = "year_reports"

    unit_id: Mapped[int] = mapped_column(ForeignKey("supporters.id"), primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    checked: Mapped[int] = mapped_column(Integer)
    backfilled: Mapped[int] = mapped_column(Integer)
    times: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    unit: Mapped[Supporter] = relationship()
    volunteer: Mapped[Volunteer] = relationship()


class ServiceRules(db.Model):
    """A district's rules for volunteering, as data (see rules.py for the usual ones). `values`: only what differs from the usual."""

    __tablename__ = "service_rules"

    place_id: Mapped[int] = mapped_column(ForeignKey("places.id"), primary_key=True)
    values: Mapped[dict] = mapped_column(JSON, default=dict)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    version: Mapped[int] = mapped_column(Integer, default=1)
    __mapper_args__ = {"version_id_col": version}
