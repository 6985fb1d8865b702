"""What somebody has signed up for: ahead, waiting, to answer, past. Few queries, whatever the number."""

from dataclasses import dataclass

from sqlalchemy import and_, func, not_, select
from sqlalchemy.orm import aliased, joinedload

from wishapp.kernel import clock
from wishapp.store.db import db
from wishapp.volunteering.models import LIVING, Call, Origin, Shift, SignUp, Volunteer
from wishapp.volunteering.record_models import StandInAsk
from wishapp.volunteering.volunteers import volunteer_of

PAST_SHOWN = 30


@dataclass(frozen=True)
class Holdings:
    """One person's sign-ups. `numbers`: place in the queue by sign-up id. `asks`: where they could stand in."""

    to_answer: list[SignUp]
    ahead: list[SignUp]
    waiting: list[SignUp]
    past: list[SignUp]
    numbers: dict[int, int]
    asks: list[StandInAsk]

    @property
    def is_empty(self) -> bool:
        """Nothing at all yet."""
        return not (self.to_answer or self.ahead or self.waiting or self.past or self.asks)


def _with_shift(query: object) -> object:
    return query.options(joinedload(SignUp.shift).joinedload(Shift.call).joinedload(Call.community))


def holdings_of(volunteer: Volunteer | None) -> Holdings:
    """Everything of this volunteer but what is only kept while the matcher asks (that stands among the offers); four queries."""
    if volunteer is None:
        return Holdings([], [], [], [], {}, [])
    now, own = clock.now(), and_(SignUp.volunteer_id == volunteer.id, not_(and_(SignUp.state == "applied", SignUp.origin == Origin.MATCH)))
    living = list(db.session.scalars(_with_shift(
        select(SignUp).where(own, SignUp.state.in_(LIVING), SignUp.ends_at > now).order_by(SignUp.starts_at, SignUp.id))))
    past = list(db.session.scalars(_with_shift(
        select(SignUp).where(own, (SignUp.ends_at <= now) | SignUp.state.not_in(LIVING)).order_by(SignUp.starts_at.desc(), SignUp.id.desc()).limit(PAST_SHOWN))))
    return Holdings(
        [row for row in living if row.state == "offered"], [row for row in living if row.state not in ("offered", "waitlisted")],
        [row for row in living if row.state == "waitlisted"], past, queue_numbers(volunteer.id), asks_of(volunteer.id))


def queue_numbers(volunteer_id: int) -> dict[int, int]:
    """Place in the queue of everything this volunteer waits for: {sign-up id: number from 1}. One query."""
    before = aliased(SignUp)
    query = (
        select(SignUp.id, func.count(before.id)).join(before, before.role_id == SignUp.role_id)
        .where(SignUp.volunteer_id == volunteer_id, SignUp.state == "waitlisted", before.state == "waitlisted", before.turn <= SignUp.turn)
        .group_by(SignUp.id))
    return dict(db.session.execute(query).all())


def asks_of(volunteer_id: int) -> list[StandInAsk]:
    """Where this volunteer is asked to stand in and may still answer, the soonest first."""
    query = (
        select(StandInAsk).join(SignUp, SignUp.id == StandInAsk.sign_up_id)
        .options(joinedload(StandInAsk.sign_up).joinedload(SignUp.shift).joinedload(Shift.call).joinedload(Call.community))
        .where(StandInAsk.volunteer_id == volunteer_id, StandInAsk.answer == "waiting", StandInAsk.answer_by > clock.now(), SignUp.state == "confirmed")
        .order_by(SignUp.starts_at))
    return list(db.session.scalars(query))


@dataclass(frozen=True)
class Waiting:
    """What a person's own page says about shifts: kept seats to answer, stand-ins asked for, what lies ahead (a few)."""

    seats: list[SignUp]
    asks: list[StandInAsk]
    coming: list[SignUp]

    def __bool__(self) -> bool:
        return bool(self.seats or self.asks or self.coming)


def waiting_for(user_id: int) -> Waiting:
    """Seats kept for this person, questions to stand in, the next shifts. Three queries, one for who never signed up."""
    volunteer = volunteer_of(user_id)
    if volunteer is None:
        return Waiting([], [], [])
    rows = list(db.session.scalars(_with_shift(
        select(SignUp).where(SignUp.volunteer_id == volunteer.id, SignUp.state.in_(("offered", "confirmed")), SignUp.ends_at > clock.now())
        .order_by(SignUp.starts_at, SignUp.id).limit(20))))
    return Waiting([row for row in rows if row.state == "offered"], asks_of(volunteer.id), [row for row in rows if row.state == "confirmed"][:4])
