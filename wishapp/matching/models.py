"""Runs, proposals, and what staff said about pairs."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from wishapp.kernel import clock
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.transitions import Staged
from wishapp.store.types import UTCDateTime
from wishapp.supporters.models import Supporter
from wishapp.workflows.proposal import PROPOSAL
from wishapp.workflows.run import RUN


class MatchRun(Staged, db.Model):
    """One solve over one place. `figures`: what the desk's strip shows; `curve`: [[seconds, best, bound], …];
    `unserved`: {demand ref: what would have to change}. `snapshot_sha256` names the problem solved.

    `number` counts up per place; what-if runs count down from -1, so that versions of the plan stay without holes.
    `is_enough`: somebody is content with the best found so far.
    """

    __tablename__ = "match_runs"
    __lifecycle__ = RUN

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[int] = mapped_column(Integer)
    place_id: Mapped[int] = mapped_column(ForeignKey("places.id"), index=True)
    place_path: Mapped[str] = mapped_column(String(120))
    job_id: Mapped[int | None] = mapped_column(Integer)
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    is_what_if: Mapped[bool] = mapped_column(default=False)
    is_enough: Mapped[bool] = mapped_column(default=False)
    options: Mapped[dict] = mapped_column(JSON, default=dict)
    weighting_id: Mapped[int | None] = mapped_column(ForeignKey("weightings.id"))
    snapshot_sha256: Mapped[str] = mapped_column(String(64), default="")
    demands: Mapped[int] = mapped_column(Integer, default=0)
    served: Mapped[int] = mapped_column(Integer, default=0)
    objective: Mapped[int] = mapped_column(BigInteger, default=0)
    bound: Mapped[int] = mapped_column(BigInteger, default=0)
    seconds: Mapped[int] = mapped_column(Integer, default=0)
    status: Mapped[str] = mapped_column(String(20), default="")
    figures: Mapped[dict] = mapped_column(JSON, default=dict)
    curve: Mapped[list] = mapped_column(JSON, default=list)
    unserved: Mapped[dict] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (UniqueConstraint("place_id", "number"),)
    place: Mapped[Place] = relationship()
    proposals: Mapped[list["Proposal"]] = relationship(back_populates="run", order_by="Proposal.id")


class Proposal(Staged, db.Model):
    """One suggested pairing. `reasons`: [[term, points], …]; `runners_up`: [[supporter_id, loss, metres, is_free, name,
    chance, least loss], …] in the order they are asked;
    `change`: new | same | changed since the plan before, `was`: who it was then. `promise_ref`: the claim held once approved.

    `title`, `kind` and `search` are copies of public words, so that the desk lists and searches without asking every source.
    `chance`: how likely the answer is yes, per cent, as estimated when it was proposed; `remind_at` is planned with it.
    `starts_at`, `ends_at`: when people come, where the demand has a time of its own.
    Approved but not yet sent out: state offered and `answer_by` empty. `batch` names the act (one press of a button) that
    decided it, by which the act is undone; `why_params` fill a refusal's message in `why`.
    """

    __tablename__ = "proposals"
    __lifecycle__ = PROPOSAL
    __table_args__ = (
        UniqueConstraint("run_id", "demand_ref", "supporter_id"),
        Index("ix_proposals_desk", "run_id", "state"),
        Index("ix_proposals_supporter", "supporter_id", "state"),
        CheckConstraint("seats >= 1", name="seats_positive"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("match_runs.id"))
    demand_ref: Mapped[str] = mapped_column(String(30), index=True)
    supporter_id: Mapped[int] = mapped_column(ForeignKey("supporters.id"))
    place_path: Mapped[str] = mapped_column(String(120), index=True)
    tier: Mapped[int] = mapped_column(Integer, default=0)
    seats: Mapped[int] = mapped_column(Integer, default=1)
    value: Mapped[int] = mapped_column(BigInteger, default=0)
    distance: Mapped[int] = mapped_column(Integer, default=0)
    load_after: Mapped[int] = mapped_column(Integer, default=0)
    load_quota: Mapped[int] = mapped_column(Integer, default=0)
    reasons: Mapped[list] = mapped_column(JSON, default=list)
    runners_up: Mapped[list] = mapped_column(JSON, default=list)
    change: Mapped[str] = mapped_column(String(8), default="new")
    origin: Mapped[str] = mapped_column(String(10), default="plan")
    promise_ref: Mapped[str | None] = mapped_column(String(30), index=True)
    answer_by: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    batch: Mapped[str] = mapped_column(String(32), default="", index=True)
    why: Mapped[str] = mapped_column(String(300), default="")
    why_params: Mapped[dict] = mapped_column(JSON, default=dict)
    starts_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    title: Mapped[str] = mapped_column(String(80), default="")
    kind: Mapped[str] = mapped_column(String(16), default="")
    was: Mapped[str] = mapped_column(String(80), default="")
    search: Mapped[str] = mapped_column(Text, default="")
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    chance: Mapped[int | None] = mapped_column(Integer)
    remind_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reminded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    run: Mapped[MatchRun] = relationship(back_populates="proposals")
    supporter: Mapped[Supporter] = relationship()


class RunPapers(db.Model):
    """What a plan was worked out from, packed (see matching.papers): the problem, the plan with its certificate, the points of each
    term by pair. Kept for plans in review or in use and for the one before, so that questions can be asked and anybody can check."""

    __tablename__ = "run_papers"

    run_id: Mapped[int] = mapped_column(ForeignKey("match_runs.id", ondelete="CASCADE"), primary_key=True)
    problem: Mapped[bytes] = mapped_column(LargeBinary)
    plan: Mapped[bytes] = mapped_column(LargeBinary)
    terms: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


class Weighting(db.Model):
    """A version of what counts how much in one district: `percent` {term: 0-300}, `spread` {kind of helper or "places": 0-3}.

    The version in force is the one adopted last. `preview`: how an earlier plan would have changed under it.
    """

    __tablename__ = "weightings"
    __table_args__ = (UniqueConstraint("place_id", "number"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[int] = mapped_column(Integer)
    place_id: Mapped[int] = mapped_column(ForeignKey("places.id"), index=True)
    percent: Mapped[dict] = mapped_column(JSON, default=dict)
    spread: Mapped[dict] = mapped_column(JSON, default=dict)
    note: Mapped[str] = mapped_column(String(200), default="")
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    adopted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    adopted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    job_id: Mapped[int | None] = mapped_column(Integer)
    preview: Mapped[dict] = mapped_column(JSON, default=dict)


class Repair(db.Model):
    """An event that left a hole in a plan in use, and what was changed to close it.

    `event`: declined | lapsed | withdrawn | paused | posted | cancelled. `changes`: {"title": …, "added": [{ref, title, who, id, path,
    how: asked | proposed, other}, …], "dropped": …, "nobody": [{ref, title, path}, …], "others": demands moved besides the event's own}.
    """

    __tablename__ = "repairs"
    __table_args__ = (
        CheckConstraint("event IN ('declined','lapsed','withdrawn','paused','posted','cancelled')", name="event_known"),
        CheckConstraint("status IN ('waiting','changed','unchanged')", name="status_known"),
        Index("ix_repairs_waiting", "status", "id"),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("match_runs.id", ondelete="CASCADE"), index=True)
    event: Mapped[str] = mapped_column(String(12))
    demand_ref: Mapped[str] = mapped_column(String(30), default="")
    supporter_id: Mapped[int | None] = mapped_column(ForeignKey("supporters.id", ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(String(10), default="waiting")
    changes: Mapped[dict] = mapped_column(JSON, default=dict)
    milliseconds: Mapped[int | None] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    run: Mapped[MatchRun] = relationship()


class PairMark(db.Model):
    """What is known about a pair for later runs: pin, forbid (by staff), declined or lapsed (remembered until `until`)."""

    __tablename__ = "pair_marks"
    __table_args__ = (CheckConstraint("kind IN ('pin','forbid','declined','lapsed')", name="kind_known"),)

    demand_ref: Mapped[str] = mapped_column(String(30), primary_key=True)
    supporter_id: Mapped[int] = mapped_column(ForeignKey("supporters.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    place_path: Mapped[str] = mapped_column(String(120), index=True)
    why: Mapped[str] = mapped_column(String(200), default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    batch: Mapped[str] = mapped_column(String(32), default="")
    until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
