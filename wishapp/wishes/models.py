"""A wish, the claims on it, its photos, and the log of reads of its restricted fields."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from wishapp.kernel import clock
from wishapp.places.models import Place
from wishapp.store.append_only import append_only
from wishapp.store.audit import BigId
from wishapp.store.db import db
from wishapp.store.transitions import Staged
from wishapp.store.types import EncryptedText, UTCDateTime, blind_index
from wishapp.supporters.models import Supporter
from wishapp.workflows.claim import CLAIM
from wishapp.workflows.wish import WISH


class WishKind(StrEnum):
    """What kind of help is wished for."""

    GOODS = "goods"
    SERVICE = "service"
    COMPANIONSHIP = "companionship"
    REPAIR = "repair"
    ENVIRONMENT = "environment"
    MEDICAL = "medical"
    LEARNING = "learning"
    JOB = "job"


class BeneficiaryGroup(StrEnum):
    """一老一小一残一病一弱一孕 and others. Sets urgency; never shown beside a name, never public."""

    ELDERLY_ALONE = "elderly_alone"
    CHILD_IN_NEED = "child_in_need"
    DISABLED = "disabled"
    SERIOUSLY_ILL = "seriously_ill"
    LOW_INCOME = "low_income"
    PREGNANT = "pregnant"
    NEW_EMPLOYMENT = "new_employment"
    RESIDENTS = "residents"


class Urgency(StrEnum):
    """How soon: within 3 days, within a week, no hurry."""

    NOW = "now"
    WEEK = "week"
    CALM = "calm"


class AgeBand(StrEnum):
    """Age as it may be shown."""

    CHILD = "child"
    ADULT = "adult"
    SIXTIES = "sixties"
    SEVENTIES = "seventies"
    EIGHTIES = "eighties"
    NINETIES = "nineties"
    SEVERAL = "several"


class Wish(Staged, db.Model):
    """A micro-wish. `seats` helpers are wanted, `taken` have a claim that is not released. A draft has no `number` yet.

    Restricted (encrypted, and only read from the database when asked for by name): beneficiary_name, beneficiary_phone,
    address. `masked_name`: surname + 某.
    `phone_index`: blind index of the telephone, by which the same household is known again without anybody reading it.
    `minutes`: time a helper will spend. `cost` in yuan. `posted_by_id`: the account that filled it in; `is_on_behalf` when that
    was a grid worker or staff for somebody (consent in `consent_at`/`consent_how`). `beneficiary_id`: the person's own account.
    """

    __tablename__ = "wishes"
    __lifecycle__ = WISH
    __table_args__ = (
        CheckConstraint("taken >= 0", name="taken_not_negative"),
        CheckConstraint("taken <= seats", name="taken_within_seats"),
        CheckConstraint("seats BETWEEN 1 AND 50", name="seats_in_range"),
        CheckConstraint("quantity BETWEEN 1 AND 999", name="quantity_in_range"),
        CheckConstraint("cost BETWEEN 0 AND 1000000", name="cost_in_range"),
        CheckConstraint("rating IS NULL OR rating BETWEEN 1 AND 5", name="rating_in_range"),
        Index("ix_wishes_wall", "state", "published_at"),
        Index("ix_wishes_place_state", "place_path", "state"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str | None] = mapped_column(String(24), unique=True)
    title: Mapped[str] = mapped_column(String(60), default="")
    story: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[str] = mapped_column(String(16), index=True)
    item: Mapped[str] = mapped_column(String(40), default="")
    quantity: Mapped[int] = mapped_column(Integer, default=1)
    cost: Mapped[int] = mapped_column(Integer, default=0)
    minutes: Mapped[int] = mapped_column(Integer, default=60)
    skill: Mapped[str] = mapped_column(String(20), default="")
    group: Mapped[str] = mapped_column("beneficiary_group", String(20))
    urgency: Mapped[str] = mapped_column(String(8))
    masked_name: Mapped[str] = mapped_column(String(12))
    age_band: Mapped[str] = mapped_column(String(12))
    beneficiary_name: Mapped[str] = mapped_column(EncryptedText, default="", deferred=True, deferred_group="restricted")
    beneficiary_phone: Mapped[str | None] = mapped_column(EncryptedText, deferred=True, deferred_group="restricted")
    phone_index: Mapped[str | None] = mapped_column(String(64), index=True)
    address: Mapped[str | None] = mapped_column(EncryptedText, deferred=True, deferred_group="restricted")
    community_id: Mapped[int] = mapped_column(ForeignKey("places.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("places.id"))
    place_path: Mapped[str] = mapped_column(String(120))
    posted_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    beneficiary_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    is_on_behalf: Mapped[bool] = mapped_column(Boolean, default=False)
    consent_how: Mapped[str] = mapped_column(String(20), default="")
    consent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    guardian_consent: Mapped[bool] = mapped_column(Boolean, default=False)
    wanted_by: Mapped[date | None] = mapped_column(Date)
    seats: Mapped[int] = mapped_column(Integer, default=1)
    taken: Mapped[int] = mapped_column(Integer, default=0)
    missed_rounds: Mapped[int] = mapped_column(Integer, default=0)
    search: Mapped[str] = mapped_column(Text, default="")
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("wishes.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    fulfilled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    rating: Mapped[int | None] = mapped_column(Integer)
    review_words: Mapped[str] = mapped_column(String(300), default="")
    is_review_public: Mapped[bool] = mapped_column(Boolean, default=False)
    thanks: Mapped[str] = mapped_column(String(300), default="")
    is_thanks_public: Mapped[bool] = mapped_column(Boolean, default=False)
    version: Mapped[int] = mapped_column(Integer, default=1)

    community: Mapped[Place] = relationship(foreign_keys=[community_id])
    grid: Mapped[Place | None] = relationship(foreign_keys=[grid_id])
    claims: Mapped[list["Claim"]] = relationship(back_populates="wish", order_by="Claim.id")
    photos: Mapped[list["WishPhoto"]] = relationship(back_populates="wish", order_by="WishPhoto.id")
    __mapper_args__ = {"version_id_col": version}

    @validates("beneficiary_phone")
    def _know_again(self, _key: str, phone: str | None) -> str | None:
        self.phone_index = blind_index(phone) if phone else None
        return phone

    @property
    def public_words(self) -> str:
        """What the person allowed everybody to read at the end: the thanks, else the words with the stars, else nothing."""
        return (self.thanks if self.is_thanks_public else "") or (self.review_words if self.is_review_public else "")


class Claim(Staged, db.Model):
    """One supporter's seat in one wish. `origin` "direct" or "offer"; `answer_by` while held; one living claim per supporter and wish.

    `turn` counts the times this supporter came to this wish; `round` the times the work was delivered anew after "not really
    done"; `transfer_id` names the points credited for the present round.
    """

    __tablename__ = "claims"
    __lifecycle__ = CLAIM
    __table_args__ = (
        UniqueConstraint("wish_id", "supporter_id", "turn"),
        CheckConstraint("origin IN ('direct','offer')", name="origin_known"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    wish_id: Mapped[int] = mapped_column(ForeignKey("wishes.id"), index=True)
    supporter_id: Mapped[int] = mapped_column(ForeignKey("supporters.id"), index=True)
    turn: Mapped[int] = mapped_column(Integer, default=0)
    origin: Mapped[str] = mapped_column(String(8))
    place_path: Mapped[str] = mapped_column(String(120))
    capacity_period: Mapped[str | None] = mapped_column(String(40))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    round: Mapped[int] = mapped_column(Integer, default=1)
    transfer_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("points_transfers.id"))
    answer_by: Mapped[datetime | None] = mapped_column(UTCDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    delivery_words: Mapped[str] = mapped_column(String(300), default="")
    released_why: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    wish: Mapped[Wish] = relationship(back_populates="claims")
    supporter: Mapped[Supporter] = relationship()


class WishPhoto(db.Model):
    """A re-encoded image (no EXIF): purpose "story" (by the poster) or "proof" (by the claimer, staff and poster only)."""

    __tablename__ = "wish_photos"
    __table_args__ = (CheckConstraint("purpose IN ('story','proof')", name="purpose_known"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    wish_id: Mapped[int] = mapped_column(ForeignKey("wishes.id"), index=True)
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("claims.id"))
    purpose: Mapped[str] = mapped_column(String(8))
    file_name: Mapped[str] = mapped_column(String(64), unique=True)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    wish: Mapped[Wish] = relationship(back_populates="photos")


class RestrictedRead(db.Model):
    """Somebody read restricted fields of a wish: who, which, why, when."""

    __tablename__ = "restricted_reads"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    wish_id: Mapped[int] = mapped_column(ForeignKey("wishes.id"), index=True)
    reader_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    fields: Mapped[str] = mapped_column(String(80))
    purpose: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


append_only(RestrictedRead.__table__)


class WishCounter(db.Model):
    """The newest number given out in a district (first six digits of its code) and year."""

    __tablename__ = "wish_counters"

    district: Mapped[str] = mapped_column(String(6), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(Integer, default=0)
