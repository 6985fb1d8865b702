"""Inbox and outbox."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from wishapp.kernel import clock
from wishapp.store.audit import BigId
from wishapp.store.db import db
from wishapp.store.types import UTCDateTime


class Notice(db.Model):
    """One message to one person. The text is made from the rule (workflow, action, audience) and `params` when it is read.

    `params` holds public words only (masked title, place name). `endpoint`/`values` lead to the thing. `once`: key that makes
    telling the same thing twice impossible.
    """

    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("user_id", "once"), Index("ix_notices_inbox", "user_id", "read_at", "id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    workflow: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(30))
    audience: Mapped[str] = mapped_column(String(20))
    params: Mapped[dict] = mapped_column(JSON, default=dict)
    endpoint: Mapped[str] = mapped_column(String(60), default="")
    values: Mapped[dict] = mapped_column(JSON, default=dict)
    once: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Outgoing(db.Model):
    """A message to be sent outside: channel email | robot; claimed with a lease and a fencing attempt number; dead after 8 tries.

    Recipients are looked up when it is sent, so no address stands here. The row's id is the receiver's idempotency key.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("status IN ('waiting','sending','sent','dead')", name="status_known"),
        Index("ix_outbox_due", "status", "due_at"),
        Index("ix_outbox_user", "user_id", "sent_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel: Mapped[str] = mapped_column(String(10))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notices.id", ondelete="CASCADE"))
    body: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String(10), default="waiting")
    attempt: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
