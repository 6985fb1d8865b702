"""A call, its shifts and seats, volunteers and their sign-ups. What comes after the day is in record_models."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, Date, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from wishapp.kernel import clock
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.transitions import Staged
from wishapp.store.types import EncryptedText, UTCDateTime, blind_index
from wishapp.supporters.models import Supporter
from wishapp.volunteering.overlap import no_overlap
from wishapp.workflows.call import CALL, SHIFT
from wishapp.workflows.sign_up import SIGN_UP

HOLDING = ("applied", "offered", "confirmed", "attended", "late", "absent")  # these have a seat
LIVING = (*HOLDING, "waitlisted")


class CallKind(StrEnum):
    """What kind of service is asked for: words of the kinds of help, so that the two meet."""

    SERVICE = "service"
    COMPANIONSHIP = "companionship"
    ENVIRONMENT = "environment"
    LEARNING = "learning"
    MEDICAL = "medical"
    REPAIR = "repair"


class Origin(StrEnum):
    """How a sign-up came about."""

    OWN = "own"
    GUEST = "guest"
    STAFF = "staff"
    MATCH = "match"
    STAND_IN = "stand_in"


class Call(Staged, db.Model):
    """A volunteer call. A draft has no `number` yet. `team_id`: the team that runs it, when it is not the community.

    `spot`: the public meeting point in words, with its coordinates. Sign-up opens at `opens_at` (None: at once) and closes
    `closes_hours` before each shift; until `grid_until` only for the call's own grid, until `community_until` only for its community,
    then for all. After `late_hours` before the start one no longer cancels but asks off. `points_per_hour` in tenths.
    `moved_at`: people meet elsewhere since then, and whoever is on a list has not been told yet (see reminders).
    Check-in by position: within `check_radius` metres; any check-in from `check_minutes` before the start on.
    """

    __tablename__ = "calls"
    __lifecycle__ = CALL
    __table_args__ = (
        CheckConstraint("age_min IS NULL OR age_min BETWEEN 6 AND 90", name="age_min_in_range"),
        CheckConstraint("age_max IS NULL OR age_max BETWEEN 6 AND 99", name="age_max_in_range"),
        CheckConstraint("closes_hours BETWEEN 0 AND 720", name="closes_hours_in_range"),
        CheckConstraint("late_hours BETWEEN 0 AND 168", name="late_hours_in_range"),
        CheckConstraint("check_radius BETWEEN 50 AND 5000", name="check_radius_in_range"),
        CheckConstraint("check_minutes BETWEEN 5 AND 180", name="check_minutes_in_range"),
        CheckConstraint("points_per_hour BETWEEN 0 AND 100", name="points_per_hour_in_range"),
        Index("ix_calls_place_state", "place_path", "state"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str | None] = mapped_column(String(24), unique=True)
    title: Mapped[str] = mapped_column(String(60), default="")
    story: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[str] = mapped_column(String(16), default=CallKind.SERVICE)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("supporters.id"), index=True)
    posted_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("places.id"))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("places.id"))
    place_path: Mapped[str] = mapped_column(String(120))
    spot: Mapped[str] = mapped_column(String(80), default="")
    latitude: Mapped[float] = mapped_column(Float, default=0.0)
    longitude: Mapped[float] = mapped_column(Float, default=0.0)
    age_min: Mapped[int | None] = mapped_column(Integer)
    age_max: Mapped[int | None] = mapped_column(Integer)
    opens_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closes_hours: Mapped[int] = mapped_column(Integer, default=0)
    late_hours: Mapped[int] = mapped_column(Integer, default=24)
    grid_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    community_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    needs_approval: Mapped[bool] = mapped_column(Boolean, default=False)
    takes_guests: Mapped[bool] = mapped_column(Boolean, default=True)
    check_radius: Mapped[int] = mapped_column(Integer, default=300)
    check_minutes: Mapped[int] = mapped_column(Integer, default=30)
    risks: Mapped[str] = mapped_column(Text, default="")
    safeguards: Mapped[str] = mapped_column(Text, default="")
    contact_name: Mapped[str] = mapped_column(String(40), default="")
    contact_phone: Mapped[str] = mapped_column(String(20), default="")
    points_per_hour: Mapped[int] = mapped_column(Integer, default=10)
    report: Mapped[str] = mapped_column(Text, default="")
    reported_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    moved_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    search: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)

    community: Mapped[Place] = relationship(foreign_keys=[community_id])
    grid: Mapped[Place | None] = relationship(foreign_keys=[grid_id])
    team: Mapped[Supporter | None] = relationship()
    shifts: Mapped[list["Shift"]] = relationship(back_populates="call", order_by="Shift.starts_at, Shift.id")
    __mapper_args__ = {"version_id_col": version}


class Shift(Staged, db.Model):
    """One time at which a call needs people. `minimum`: below this it is called off or people are looked for.

    `last_turn`: the newest number of its waitlist. `secret`: from which the place's rotating code is made.
    """

    __tablename__ = "shifts"
    __lifecycle__ = SHIFT
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_it_starts"),
        CheckConstraint("minimum >= 0", name="minimum_not_negative"),
        Index("ix_shifts_state_starts", "state", "starts_at"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), index=True)
    place_path: Mapped[str] = mapped_column(String(120), index=True)
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    minimum: Mapped[int] = mapped_column(Integer, default=0)
    last_turn: Mapped[int] = mapped_column(Integer, default=0)
    missed_rounds: Mapped[int] = mapped_column(Integer, default=0)
    secret: Mapped[str] = mapped_column(String(43))
    reminded_day_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reminded_hour_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1)

    call: Mapped[Call] = relationship(back_populates="shifts")
    roles: Mapped[list["ShiftRole"]] = relationship(back_populates="shift", order_by="ShiftRole.id", lazy="selectin")
    __mapper_args__ = {"version_id_col": version}

    @property
    def seats(self) -> int:
        """All seats, whatever they ask for."""
        return sum(role.seats for role in self.roles)

    @property
    def taken(self) -> int:
        """Seats that have somebody."""
        return sum(role.taken for role in self.roles)

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)


class ShiftRole(db.Model):
    """Seats of one sort in a shift: `skill` "" for plain ones, else a word of supporters.Skill that whoever sits there must have."""

    __tablename__ = "shift_roles"
    __table_args__ = (
        UniqueConstraint("shift_id", "skill"),
        CheckConstraint("seats <= 500", name="seats_in_range"),
        CheckConstraint("taken >= 0", name="taken_not_negative"),
        CheckConstraint("taken <= seats", name="taken_within_seats"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id"))
    skill: Mapped[str] = mapped_column(String(20), default="")
    seats: Mapped[int] = mapped_column(Integer)
    taken: Mapped[int] = mapped_column(Integer, default=0)

    shift: Mapped[Shift] = relationship(back_populates="roles")


class Volunteer(db.Model):
    """A person who signs up; `number` stands in for an identity number wherever one would be asked for.

    With an account (`user_id`) or as a guest (name and telephone, encrypted). `birth_year` only for age limits. `feed_digest`: of
    the secret in the address of the calendar. `paused_until`: sign-up rests after repeated no-shows. `asked_at`: last asked to stand in.
    `certificate_asked_at`: asked for a certificate that is not issued yet.
    """

    __tablename__ = "volunteers"
    __table_args__ = (
        CheckConstraint("user_id IS NOT NULL OR guest_phone IS NOT NULL", name="somebody"),
        CheckConstraint("birth_year IS NULL OR birth_year BETWEEN 1900 AND 2100", name="birth_year_in_range"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), unique=True)
    guest_name: Mapped[str | None] = mapped_column(EncryptedText, deferred=True, deferred_group="restricted")
    guest_phone: Mapped[str | None] = mapped_column(EncryptedText, deferred=True, deferred_group="restricted")
    phone_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    birth_year: Mapped[int | None] = mapped_column(Integer)
    has_guardian_consent: Mapped[bool] = mapped_column(Boolean, default=False)
    feed_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    paused_until: Mapped[date | None] = mapped_column(Date)
    asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    certificate_asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    version: Mapped[int] = mapped_column(Integer, default=1)
    __mapper_args__ = {"version_id_col": version}

    @validates("guest_phone")
    def _know_again(self, _key: str, phone: str | None) -> str | None:
        self.phone_index = blind_index(phone) if phone else None
        return phone


_LIVING = "state IN ('applied','offered','confirmed','attended','late','absent','waitlisted')"


class SignUp(Staged, db.Model):
    """A volunteer's place in a shift, for `people` in all. `turn`: place in the order of coming, per shift.

    `answer_by`: until when a seat from the waitlist is kept. `supporter_id`: the member, volunteer or team in whose name the matcher
    asked (`capacity_period`: what that took). `starts_at`/`ends_at` are the shift's, so that the database itself can keep
    one person from being in two places. `token_digest`: of a guest's private link. `asked_off_at`: cannot come after all, past the
    late limit; a stand-in (`stand_in_for_id`) is looked for. Ratings 1-5: `call_rating` by the volunteer, `rating` by the leader.
    """

    __tablename__ = "sign_ups"
    __lifecycle__ = SIGN_UP
    __table_args__ = (
        CheckConstraint("people BETWEEN 1 AND 20", name="people_in_range"),
        CheckConstraint("origin IN ('own','guest','staff','match','stand_in')", name="origin_known"),
        CheckConstraint("call_rating IS NULL OR call_rating BETWEEN 1 AND 5", name="call_rating_in_range"),
        CheckConstraint("rating IS NULL OR rating BETWEEN 1 AND 5", name="rating_in_range"),
        Index("uq_sign_ups_living", "shift_id", "volunteer_id", unique=True, sqlite_where=text(_LIVING), postgresql_where=text(_LIVING)),
        Index("ix_sign_ups_queue", "shift_id", "state", "turn"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id"))
    role_id: Mapped[int] = mapped_column(ForeignKey("shift_roles.id"), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteers.id"), index=True)
    supporter_id: Mapped[int | None] = mapped_column(ForeignKey("supporters.id"), index=True)
    origin: Mapped[str] = mapped_column(String(8))
    people: Mapped[int] = mapped_column(Integer, default=1)
    turn: Mapped[int] = mapped_column(Integer)
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime] = mapped_column(UTCDateTime)
    place_path: Mapped[str] = mapped_column(String(120))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answer_by: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    capacity_period: Mapped[str | None] = mapped_column(String(40))
    token_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    asked_off_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    stand_in_for_id: Mapped[int | None] = mapped_column(ForeignKey("sign_ups.id"))
    ended_why: Mapped[str] = mapped_column(String(200), default="")
    checked_in_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    checked_in_how: Mapped[str] = mapped_column(String(10), default="")
    checked_out_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    call_rating: Mapped[int | None] = mapped_column(Integer)
    call_words: Mapped[str] = mapped_column(String(300), default="")
    rating: Mapped[int | None] = mapped_column(Integer)
    rating_words: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    shift: Mapped[Shift] = relationship()
    role: Mapped[ShiftRole] = relationship()
    volunteer: Mapped[Volunteer] = relationship()


no_overlap(SignUp.__table__)


class CallCounter(db.Model):
    """The newest number given out, by what is counted ("call", "volunteer", "certificate"), district (six digits) and year."""

    __tablename__ = "call_counters"

    what: Mapped[str] = mapped_column(String(12), primary_key=True)
    district: Mapped[str] = mapped_column(String(6), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(Integer, default=0)
