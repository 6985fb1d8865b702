"""One table of supporters, whatever their kind, so that the matcher and the claim see them alike."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, Date, Float, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wishapp.accounts.models import User
from wishapp.kernel import clock
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.types import UTCDateTime


class SupporterKind(StrEnum):
    """Who it is."""

    UNIT = "unit"
    MEMBER = "member"
    TEAM = "team"
    VOLUNTEER = "volunteer"


class HelpKind(StrEnum):
    """Kinds of help: the same words as the kinds of wishes (tested), so that the two meet."""

    GOODS = "goods"
    SERVICE = "service"
    COMPANIONSHIP = "companionship"
    REPAIR = "repair"
    ENVIRONMENT = "environment"
    MEDICAL = "medical"
    LEARNING = "learning"
    JOB = "job"


class Skill(StrEnum):
    """Skills people name most often; abilities may hold other words too, which are shown as they are."""

    NURSING = "nursing"
    MEDICINE = "medicine"
    COUNSELLING = "counselling"
    HAIRCUT = "haircut"
    ELECTRICS = "electrics"
    PLUMBING = "plumbing"
    CARPENTRY = "carpentry"
    APPLIANCES = "appliances"
    SMARTPHONE = "smartphone"
    TUTORING = "tutoring"
    LAW = "law"
    DRIVING = "driving"
    COOKING = "cooking"
    SEWING = "sewing"
    CLEANING = "cleaning"
    PHOTOGRAPHY = "photography"
    CALLIGRAPHY = "calligraphy"
    MUSIC = "music"


class UnitLevel(StrEnum):
    """Whose unit it is: of the province, the city, the district, the street."""

    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"
    STREET = "street"


class UnitKind(StrEnum):
    """机关 / 企业 / 学校 / 医院 / 社会组织 / 两新."""

    OFFICE = "office"
    COMPANY = "company"
    SCHOOL = "school"
    HOSPITAL = "hospital"
    ASSOCIATION = "association"
    NEW_ORGANISATION = "new_organisation"


class PartOfDay(StrEnum):
    """Parts of a day people plan by."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


class Supporter(db.Model):
    """A unit, party member, team or volunteer that can take a wish.

    `name`: a unit's or team's public name; for persons the masked name (surname + 某), the full name is the user's.
    `place_id`/`place_path`: the community (or grid) it reports to. `radius`: how far it goes, in metres. `size`: people a team
    can send at once. `unit_level` (UnitLevel) and `unit_kind` (UnitKind) for units. `home_unit_id`: a member's employer.
    `monthly_minutes`: what a person or team gives a month; the month's Capacity row is made from it when first needed.
    """

    __tablename__ = "supporters"
    __table_args__ = (
        CheckConstraint("kind IN ('unit','member','team','volunteer')", name="kind_known"),
        CheckConstraint("size >= 1", name="size_positive"),
        CheckConstraint("radius >= 0", name="radius_positive"),
        CheckConstraint("monthly_minutes BETWEEN 0 AND 44640", name="monthly_minutes_in_range"),
        Index("ix_supporters_place_kind", "place_path", "kind"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(80))
    place_id: Mapped[int] = mapped_column(ForeignKey("places.id"), index=True)
    place_path: Mapped[str] = mapped_column(String(120))
    latitude: Mapped[float] = mapped_column(Float, default=0.0)
    longitude: Mapped[float] = mapped_column(Float, default=0.0)
    radius: Mapped[int] = mapped_column(Integer, default=3000)
    size: Mapped[int] = mapped_column(Integer, default=1)
    monthly_minutes: Mapped[int] = mapped_column(Integer, default=240)
    unit_level: Mapped[str | None] = mapped_column(String(12))
    unit_kind: Mapped[str | None] = mapped_column(String(20))
    home_unit_id: Mapped[int | None] = mapped_column(ForeignKey("supporters.id"))
    search: Mapped[str] = mapped_column(String(400), default="")
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    paused_until: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    version: Mapped[int] = mapped_column(Integer, default=1)

    place: Mapped[Place] = relationship()
    abilities: Mapped[list["Ability"]] = relationship(back_populates="supporter", cascade="all, delete-orphan")
    capacities: Mapped[list["Capacity"]] = relationship(back_populates="supporter", cascade="all, delete-orphan")
    times: Mapped[list["FreeTime"]] = relationship(cascade="all, delete-orphan")
    people: Mapped[list["SupporterPerson"]] = relationship(back_populates="supporter", cascade="all, delete-orphan")
    pairings: Mapped[list["Pairing"]] = relationship(cascade="all, delete-orphan")
    __mapper_args__ = {"version_id_col": version}


class SupporterPerson(db.Model):
    """Who answers for a supporter: a unit's contacts, the member himself, a team's leader.

    `is_confirmed` False: asked for by the person, not yet confirmed by staff; gives no rights.
    """

    __tablename__ = "supporter_people"

    supporter_id: Mapped[int] = mapped_column(ForeignKey("supporters.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    is_confirmed: Mapped[bool] = mapped_column(Boolean, default=True)
    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    supporter: Mapped[Supporter] = relationship(back_populates="people")
    user: Mapped[User] = relationship()


class Ability(db.Model):
    """A kind of help (wish kinds) or a skill word a supporter has: kind 'help' or 'skill'."""

    __tablename__ = "abilities"
    __table_args__ = (CheckConstraint("kind IN ('help','skill')", name="kind_known"),)

    supporter_id: Mapped[int] = mapped_column(ForeignKey("supporters.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    word: Mapped[str] = mapped_column(String(20), primary_key=True)

    supporter: Mapped[Supporter] = relationship(back_populates="abilities")


class Capacity(db.Model):
    """How much a supporter gives in a period, and how much of it is taken.

    period: "2026" (a unit's yearly promise, counted in wishes) or "2026-11" (a person's or team's month, counted in minutes).
    what: a kind of help, "any" (wishes of any kind) or "minutes".
    """

    __tablename__ = "capacities"
    __table_args__ = (
        UniqueConstraint("supporter_id", "period", "what"),
        CheckConstraint("taken >= 0", name="taken_not_negative"),
        CheckConstraint("taken <= quota", name="taken_within_quota"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    supporter_id: Mapped[int] = mapped_column(ForeignKey("supporters.id", ondelete="CASCADE"))
    period: Mapped[str] = mapped_column(String(7))
    what: Mapped[str] = mapped_column(String(16))
    quota: Mapped[int] = mapped_column(Integer)
    taken: Mapped[int] = mapped_column(Integer, default=0)

    supporter: Mapped[Supporter] = relationship(back_populates="capacities")


class Pairing(db.Model):
    """A unit paired with a community (结对)."""

    __tablename__ = "pairings"

    unit_id: Mapped[int] = mapped_column(ForeignKey("supporters.id", ondelete="CASCADE"), primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("places.id", ondelete="CASCADE"), primary_key=True, index=True)

    community: Mapped[Place] = relationship()


class FreeTime(db.Model):
    """When a person or team can: weekday 0 (Monday) to 6, part morning | afternoon | evening."""

    __tablename__ = "free_times"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_known"),
        CheckConstraint("part IN ('morning','afternoon','evening')", name="part_known"),
    )

    supporter_id: Mapped[int] = mapped_column(ForeignKey("supporters.id", ondelete="CASCADE"), primary_key=True)
    weekday: Mapped[int] = mapped_column(Integer, primary_key=True)
    part: Mapped[str] = mapped_column(String(10), primary_key=True)
