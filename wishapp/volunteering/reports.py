"""What comes after a call: the leader's report (结项报告), which closes it, and both sides rating each other for a fortnight.

Figures are counted, never typed. Ratings of volunteers are seen by the person and by whoever leads the call; ratings of the call by its
leaders, and by everybody as an average once three people gave one.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, undefer

from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Forbidden, Refused
from wishapp.kernel.privacy import check_reason, private_part
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.paging import Page, page_of
from wishapp.store.transitions import advance
from wishapp.volunteering.access import may_with_call
from wishapp.volunteering.hours import THERE
from wishapp.volunteering.models import Call, Shift, SignUp, Volunteer
from wishapp.volunteering.photos import StoredPhoto, hang_photos
from wishapp.volunteering.record_models import Finding, ServiceRecord
from wishapp.volunteering.telling import tell_call

MOST_PHOTOS = 9
MOST_WORDS = 2000
RATING_TIME = timedelta(days=14)
LEAST_RATINGS = 3  # fewer would show who said what


@dataclass(frozen=True)
class Figures:
    """Counted from the days themselves. `people` who were there (groups count whole), `absent` who signed up and did not come,
    `half_hours` from check-in, `ratings` and their `stars` in tenths."""

    shifts: int
    people: int
    absent: int
    half_hours: int
    findings: int
    ratings: int
    stars: int

    @property
    def share(self) -> int:
        """Attendance in per cent of those who had a place to the end."""
        return round(100 * self.people / (self.people + self.absent)) if self.people + self.absent else 0


def figures(call: Call) -> Figures:
    """The report's figures, in four queries."""
    over = db.session.scalar(select(func.count()).select_from(Shift).where(Shift.call_id == call.id, Shift.state == "over"))
    by_state = {
        state: (int(people), ratings, int(stars or 0))
        for state, people, ratings, stars in db.session.execute(
            select(SignUp.state, func.sum(SignUp.people), func.count(SignUp.call_rating), func.sum(SignUp.call_rating))
            .join(Shift, Shift.id == SignUp.shift_id).where(Shift.call_id == call.id).group_by(SignUp.state))}
    there = [by_state.get(state, (0, 0, 0)) for state in THERE]
    ratings, stars = sum(row[1] for row in there), sum(row[2] for row in there)
    halves = db.session.scalar(select(func.coalesce(func.sum(ServiceRecord.half_hours), 0)).where(
        ServiceRecord.call_id == call.id, ServiceRecord.source == "check_in", ServiceRecord.state != "refused"))
    found = db.session.scalar(select(func.count()).select_from(Finding).where(Finding.call_id == call.id))
    return Figures(over, sum(row[0] for row in there), by_state.get("absent", (0, 0, 0))[0], int(halves), found, ratings,
                   round(10 * stars / ratings) if ratings else 0)


def archive_call(call: Call, *, by: Actor, words: str, photos: list[StoredPhoto]) -> None:
    """The leader's words and photos close the call; both are public from now on. Everybody who was there is told once.

    Raises BadInput on too few or too many words or photos, or with what belongs to somebody; Refused before the call is done.
    """
    if not may_with_call(by, call, "calls.lead"):
        raise Forbidden()
    words = words.strip()
    if not 10 <= len(words) <= MOST_WORDS:
        raise BadInput(N_("Please tell in a few sentences how it went: 10 to 2,000 characters."))
    if len(photos) > MOST_PHOTOS:
        raise BadInput(N_("Nine photos are enough."))
    if message := private_part(words):
        raise BadInput(message)
    advance(call, "archive", by=by, photos=len(photos))
    call.report, call.reported_at = words, clock.now()
    hang_photos(photos, by=by, purpose="report", call_id=call.id)
    there = db.session.scalars(
        select(Volunteer.user_id).join(SignUp, SignUp.volunteer_id == Volunteer.id).join(Shift, Shift.id == SignUp.shift_id)
        .where(Shift.call_id == call.id, SignUp.state.in_(THERE), Volunteer.user_id.is_not(None)).distinct().order_by(Volunteer.user_id))
    tell_call(call, "archive", {"volunteer": [user_id for user_id in there if user_id != by.id]})


def may_rate(sign_up: SignUp) -> bool:
    """Who was there may be rated, and rate, for a fortnight after the shift."""
    return sign_up.state in THERE and sign_up.ends_at <= clock.now() < sign_up.ends_at + RATING_TIME


def rate_call(sign_up: SignUp, *, by: Actor, stars: int, words: str) -> None:
    """The volunteer about the call (the caller has made sure that the sign-up is theirs)."""
    _check_rating(sign_up, stars, words)
    sign_up.call_rating, sign_up.call_words = stars, words.strip()
    audit.record("sign_up", sign_up.id, "rate_call", by=by, place_path=sign_up.place_path)  # organisers read the record: no stars in it


def rate_volunteer(sign_up: SignUp, *, by: Actor, stars: int, words: str) -> None:
    """Whoever led it about one participant; only they and the person see it. Nobody rates themselves."""
    if not may_with_call(by, sign_up.shift.call, "calls.lead"):
        raise Forbidden()
    if sign_up.volunteer.user_id is not None and sign_up.volunteer.user_id == by.id:
        raise Refused(N_("You cannot rate yourself."))
    _check_rating(sign_up, stars, words)
    sign_up.rating, sign_up.rating_words = stars, words.strip()
    audit.record("sign_up", sign_up.id, "rate_volunteer", by=by, place_path=sign_up.place_path, data={"stars": stars})


def _check_rating(sign_up: SignUp, stars: int, words: str) -> None:
    if not 1 <= stars <= 5:
        raise BadInput(N_("Please give one to five stars."))
    if len(words.strip()) > 300:
        raise BadInput(N_("At most 300 characters, please."))
    check_reason(words)
    if not may_rate(sign_up):
        raise Refused(N_("One rates within fourteen days after the shift, when one was there."))


def participants(call: Call, number: int) -> Page:
    """Everybody who was there, shift by shift, for the leader's ratings."""
    query = (
        select(SignUp).join(Shift, Shift.id == SignUp.shift_id).where(Shift.call_id == call.id, SignUp.state.in_(THERE))
        .options(joinedload(SignUp.shift), joinedload(SignUp.volunteer).options(undefer(Volunteer.guest_name)))
        .order_by(SignUp.starts_at, SignUp.turn, SignUp.id))
    return page_of(query, number, 30)


def said_of(call: Call) -> list[tuple[int, str]]:
    """What volunteers said of the call, without names: (stars, words), newest sign-ups first, those with words only."""
    rows = db.session.execute(
        select(SignUp.call_rating, SignUp.call_words).join(Shift, Shift.id == SignUp.shift_id)
        .where(Shift.call_id == call.id, SignUp.call_rating.is_not(None), SignUp.call_words != "").order_by(SignUp.id.desc()).limit(50))
    return [(stars, words) for stars, words in rows]
