"""The job row."""

from datetime import datetime

from sqlalchemy import JSON, Boolean, CheckConstraint, Float, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from wishapp.kernel import clock
from wishapp.store.db import db
from wishapp.store.types import UTCDateTime


class Job(db.Model):
    """One piece of background work. `kind` names a registered function, `args` its JSON arguments.

    Claimed with a committed lease (`lease_until`) and a fencing number (`attempt`): results of an older attempt are refused.
    `once`: a key that makes a second row for the same occasion impossible (periodic work: kind and slot).
    `progress` 0..1, `phase` a word the page translates, `detail` figures for the page. Dead after 8 attempts.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("status IN ('waiting','running','done','failed','cancelled')", name="status_known"),
        CheckConstraint("progress BETWEEN 0 AND 1", name="progress_in_range"),
        CheckConstraint("attempt >= 0", name="attempt_not_negative"),
        Index("ix_jobs_due", "status", "due_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    args: Mapped[dict] = mapped_column(JSON, default=dict)
    status: Mapped[str] = mapped_column(String(10), default="waiting")
    progress: Mapped[float] = mapped_column(Float, default=0.0)
    phase: Mapped[str] = mapped_column(String(30), default="")
    detail: Mapped[dict] = mapped_column(JSON, default=dict)
    result: Mapped[dict] = mapped_column(JSON, default=dict)
    error: Mapped[str] = mapped_column(String(300), default="")
    attempt: Mapped[int] = mapped_column(Integer, default=0)
    is_cancel_asked: Mapped[bool] = mapped_column(Boolean, default=False)
    started_by_id: Mapped[int | None] = mapped_column(Integer)
    place_path: Mapped[str | None] = mapped_column(String(120), index=True)
    once: Mapped[str | None] = mapped_column(String(80), unique=True)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
