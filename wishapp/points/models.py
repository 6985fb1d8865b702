"""Accounts, transfers and entries."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wishapp.kernel import clock
from wishapp.store.append_only import append_only
from wishapp.store.audit import BigId
from wishapp.store.db import db
from wishapp.store.types import UTCDateTime


class PointsAccount(db.Model):
    """An account: owner "supporter:12", "user:5" or "bank:issue" (the source, the only kind that may go below zero).

    `balance` in tenths; `seq` counts its entries; `head` is the digest of its newest entry.
    """

    __tablename__ = "points_accounts"
    __table_args__ = (CheckConstraint("balance >= 0 OR owner LIKE 'bank:%'", name="balance_not_negative"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    owner: Mapped[str] = mapped_column(String(40), unique=True)
    balance: Mapped[int] = mapped_column(BigInteger, default=0)
    seq: Mapped[int] = mapped_column(Integer, default=0)
    head: Mapped[str] = mapped_column(String(64), default="0" * 64)


class PointsTransfer(db.Model):
    """One movement of points, once per (source, reason): source "claim:7", reason "wish_fulfilled".

    `reverses_id`: the transfer this one takes back (at most one reversal each).
    """

    __tablename__ = "points_transfers"
    __table_args__ = (UniqueConstraint("source", "reason"), CheckConstraint("amount > 0", name="amount_positive"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(String(40))
    amount: Mapped[int] = mapped_column(BigInteger)
    title: Mapped[str] = mapped_column(String(120), default="")
    note: Mapped[str] = mapped_column(String(200), default="")
    place_path: Mapped[str | None] = mapped_column(String(120), index=True)
    by_id: Mapped[int | None] = mapped_column(Integer)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("points_transfers.id"), unique=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    entries: Mapped[list["PointsEntry"]] = relationship(back_populates="transfer")


class PointsEntry(db.Model):
    """One side of a transfer on one account: `amount` signed, `balance` after it, `digest` chained per account over `seq`."""

    __tablename__ = "points_entries"
    __table_args__ = (UniqueConstraint("account_id", "seq"), UniqueConstraint("transfer_id", "account_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    transfer_id: Mapped[int] = mapped_column(ForeignKey("points_transfers.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("points_accounts.id"))
    seq: Mapped[int] = mapped_column(Integer)
    amount: Mapped[int] = mapped_column(BigInteger)
    balance: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(String(64))

    transfer: Mapped[PointsTransfer] = relationship(back_populates="entries")
    account: Mapped[PointsAccount] = relationship()


append_only(PointsTransfer.__table__)
append_only(PointsEntry.__table__)
