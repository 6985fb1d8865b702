"""I can't after all: past the late limit one does not step back but asks off, and a stand-in is looked for.

Whoever waits for the shift comes first (see seats.promote). Else a few people are asked at a time, those who were asked longest ago
first, nobody more often than the district's rules allow. The first yes gives the seat over; whoever asked off in time is excused in
any case. Lock order as in seats: the person, the shift, the call.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, exists, func, or_, select

from wishapp.accounts.models import User
from wishapp.kernel import clock
from wishapp.kernel.errors import Forbidden, Refused
from wishapp.kernel.privacy import check_reason
from wishapp.kernel.roles import SYSTEM, Actor
from wishapp.kernel.text import N_
from wishapp.notices import service as notices
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.supporters.models import FreeTime, PartOfDay, Supporter, SupporterPerson
from wishapp.volunteering.eligibility import why_not
from wishapp.volunteering.models import LIVING, Origin, Shift, SignUp, Volunteer
from wishapp.volunteering.record_models import StandInAsk
from wishapp.volunteering.rules import rules_at
from wishapp.volunteering.seats import QUIET, end_asks, excuse, follow_call, lock_person, lock_place, promote
from wishapp.volunteering.sign_ups import BY_HAND, cancel_sign_up, check_hands, is_late, is_theirs, sign_up
from wishapp.volunteering.telling import tell_organisers, words
from wishapp.volunteering.volunteers import PERSONS, ensure_volunteer

AT_ONCE = 3
TIME_TO_ANSWER, LEAST_TIME = timedelta(hours=2), timedelta(minutes=10)
LATELY = timedelta(days=180)
WEEK = timedelta(days=7)
MOST_LOOKED_AT = 40  # people looked at for one wave
TOO_LATE = N_("Somebody has stepped in already, or the time to answer is over. Thank you all the same.")


def ask_off(coming: SignUp, *, by: Actor, why: str = "") -> None:
    """Somebody confirmed cannot come after all. In time that is stepping back; past the late limit a stand-in is looked for.

    Refused when it was said already, when the shift has begun, or when there is no confirmed place.
    """
    check_reason(why)
    check_hands(coming, by, why)
    if not is_late(coming.shift):
        cancel_sign_up(coming, by=by, why=why)
        return
    lock_place(coming)
    if coming.state != "confirmed":
        raise Refused(N_("This can no longer be done: it has moved on in the meantime."))
    if coming.shift.state != "open" or coming.shift.starts_at <= clock.now():
        raise Refused(N_("This shift has begun. Please ring whoever leads it."))
    if coming.asked_off_at is not None:
        raise Refused(N_("You have said so already; a stand-in is being looked for."))
    coming.asked_off_at, coming.ended_why = clock.now(), why.strip()[:200]
    audit.record("sign_up", coming.id, "ask_off", by=by, place_path=coming.place_path, note=why.strip() or None)
    if promote(coming.shift, by=by):
        follow_call(coming.shift.call_id, by=by)
    if coming.state == "confirmed":
        tell_organisers(coming, "ask_off")
        seek(coming)


def come_after_all(coming: SignUp, *, by: Actor) -> None:
    """Who asked off can come: nobody is looked for any more. Refused when a stand-in has the place by now."""
    if not is_theirs(coming, by):
        raise Forbidden()
    lock_place(coming)
    if coming.state != "confirmed" or coming.asked_off_at is None:
        raise Refused(N_("This can no longer be done: it has moved on in the meantime."))
    coming.asked_off_at, coming.ended_why = None, ""
    end_asks(coming)
    audit.record("sign_up", coming.id, "come_after_all", by=by, place_path=coming.place_path)


def seek(coming: SignUp) -> int:
    """Ask the next few whether they could stand in; the caller holds the shift's lock. Returns how many were asked: 0 when there is
    nobody left, when it is too late, or at night while there is still a morning."""
    until = answer_until(coming.shift)
    asked = 0
    for volunteer in _candidates(coming) if until is not None else ():
        if why_not(volunteer, coming.shift, coming.role, leaving_out=BY_HAND) is not None:
            continue
        db.session.add(StandInAsk(sign_up_id=coming.id, volunteer_id=volunteer.id, asked_at=clock.now(), answer_by=until))
        volunteer.asked_at = clock.now()  # under the row's version: two searches at once do not both count this as the last one allowed
        db.session.flush()
        notices.announce("sign_up", "stand_in_ask", thing_id=coming.id, people={"volunteer": [volunteer.user_id]},
                         params=words(coming.shift, until=until), endpoint="volunteering.mine")
        asked += 1
        if asked == AT_ONCE:
            break
    return asked


def answer_until(shift: Shift) -> datetime | None:
    """Until when somebody asked now may answer: half of the time left, at most two hours; None: better not to ask now."""
    now = clock.now()
    local = now.astimezone(clock.LOCAL)
    morning = datetime.combine(local.date() + timedelta(days=local.time() >= QUIET[1]), QUIET[0], clock.LOCAL)
    if not QUIET[0] <= local.time() < QUIET[1] and shift.starts_at > morning + TIME_TO_ANSWER:
        return None
    span = min(TIME_TO_ANSWER, (shift.starts_at - now) / 2)
    return now + span if span >= LEAST_TIME else None


def answer_ask(ask: StandInAsk, *, is_yes: bool, by: Actor) -> SignUp | None:
    """The answer of somebody who was asked to stand in. A yes gives them the place and excuses the first one, in one go; returned is
    their sign-up. A no asks the next when nobody else is being asked. Refused when it is too late, or a rule speaks against it by now."""
    if by.id is None or ask.volunteer.user_id != by.id:
        raise Forbidden()
    coming = ask.sign_up
    lock_person(ask.volunteer)
    lock_place(coming)
    db.session.refresh(ask, ["answer", "answer_by"])
    if ask.answer in ("yes", "no"):
        raise Refused(N_("You have answered already. Thank you."))
    if ask.answer != "waiting" or ask.answer_by <= clock.now() or coming.state != "confirmed":
        raise Refused(TOO_LATE)
    ask.answer, ask.answered_at = "yes" if is_yes else "no", clock.now()
    audit.record("sign_up", coming.id, f"stand_in_{ask.answer}", by=by, place_path=coming.place_path)
    if not is_yes:
        if not _is_asking(coming):
            seek(coming)
        return None
    excuse(coming, by=by)
    made = sign_up(coming.role, ask.volunteer, by=by, origin=Origin.STAND_IN, leaving_out=BY_HAND)
    made.stand_in_for_id = coming.id
    if coming.people > 1 and promote(coming.shift, by=by):
        follow_call(coming.shift.call_id, by=by)
    tell_organisers(made, "stand_in_found")
    return made


def end_ask(ask: StandInAsk) -> None:
    """The time to answer is over: the next few are asked. Refused before that."""
    lock_place(ask.sign_up)
    db.session.refresh(ask, ["answer", "answer_by"])
    if ask.answer != "waiting" or ask.answer_by > clock.now():
        raise Refused(N_("The time to answer is not over yet."))
    ask.answer, ask.answered_at = "late", clock.now()
    _seek_on(ask.sign_up)


def seek_on(coming: SignUp) -> None:
    """Go on looking for somebody who asked off while nobody is being asked (after a night, or when everybody was busy before)."""
    lock_place(coming)
    _seek_on(coming)


def end_search(coming: SignUp) -> None:
    """The shift begins and nobody was found: excused all the same, for it was said in time. Organisers hear of it. Refused before that."""
    lock_place(coming)
    if coming.state != "confirmed" or coming.asked_off_at is None or coming.shift.starts_at > clock.now():
        raise Refused(N_("The shift has not begun yet."))
    excuse(coming, by=SYSTEM, told="stand_in_none")
    follow_call(coming.shift.call_id, by=SYSTEM)
    tell_organisers(coming, "stand_in_none")


def asks_of(volunteer: Volunteer) -> list[StandInAsk]:
    """Questions this person may answer now, the nearest shift first."""
    query = (
        select(StandInAsk).join(StandInAsk.sign_up)
        .where(StandInAsk.volunteer_id == volunteer.id, StandInAsk.answer == "waiting", StandInAsk.answer_by > clock.now()).order_by(SignUp.starts_at))
    return list(db.session.scalars(query))


def asked_lately(since: datetime) -> ColumnElement[int]:
    """Correlated to `volunteers`: how often somebody was invited since then, to stand in or by the matcher."""
    asks = select(func.count()).where(StandInAsk.volunteer_id == Volunteer.id, StandInAsk.asked_at > since).scalar_subquery()
    matched = select(func.count()).where(SignUp.volunteer_id == Volunteer.id, SignUp.origin == Origin.MATCH, SignUp.created_at > since).scalar_subquery()
    return asks + matched


def _candidates(coming: SignUp) -> Iterator[Volunteer]:
    """People of the community who came lately, or who are its members or volunteers and free at that time: least recently asked first."""
    shift, now = coming.shift, clock.now()
    path = shift.call.community.path
    begins = shift.starts_at.astimezone(clock.LOCAL)
    came = select(Volunteer.user_id).join(SignUp, SignUp.volunteer_id == Volunteer.id).where(
        SignUp.state.in_(("attended", "late")), SignUp.starts_at > now - LATELY, SignUp.place_path.startswith(path, autoescape=True))
    free = select(SupporterPerson.user_id).join(Supporter, Supporter.id == SupporterPerson.supporter_id).join(
        FreeTime, FreeTime.supporter_id == Supporter.id).where(
        SupporterPerson.is_confirmed, Supporter.is_active, Supporter.kind.in_(PERSONS), Supporter.place_path.startswith(path, autoescape=True),
        or_(Supporter.paused_until.is_(None), Supporter.paused_until < clock.today()),
        FreeTime.weekday == begins.weekday(), FreeTime.part == part_of_day(begins.time()))
    query = (
        select(User.id).outerjoin(Volunteer, Volunteer.user_id == User.id)
        .where(User.is_enabled, or_(User.id.in_(came), User.id.in_(free)),
               ~exists().where(SignUp.volunteer_id == Volunteer.id, SignUp.shift_id == shift.id, SignUp.state.in_(LIVING)),
               ~exists().where(StandInAsk.volunteer_id == Volunteer.id, StandInAsk.sign_up_id == coming.id),
               asked_lately(now - WEEK) < rules_at(shift.place_path).asked_a_week)
        .order_by(Volunteer.asked_at.asc().nulls_first(), User.id).limit(MOST_LOOKED_AT))
    for user_id in list(db.session.scalars(query)):
        yield ensure_volunteer(user_id)


def part_of_day(moment: time) -> PartOfDay:
    """The part of a day people plan by in which this local time lies."""
    return PartOfDay.MORNING if moment.hour < 12 else PartOfDay.AFTERNOON if moment.hour < 18 else PartOfDay.EVENING


def _is_asking(coming: SignUp) -> bool:
    query = select(StandInAsk.id).where(StandInAsk.sign_up_id == coming.id, StandInAsk.answer == "waiting").limit(1)
    return db.session.scalar(query) is not None


def _seek_on(coming: SignUp) -> None:
    if coming.state == "confirmed" and coming.asked_off_at is not None and not _is_asking(coming):
        seek(coming)
