"""Who did not come: noted, forgiven with a reason, and when it happens again and again, a pause in signing up that ends by itself."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select

from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Forbidden, Refused
from wishapp.kernel.privacy import check_reason
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.notices import service as notices
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.transitions import advance
from wishapp.volunteering.access import may_with_call
from wishapp.volunteering.eligibility import home_of
from wishapp.volunteering.models import SignUp, Volunteer
from wishapp.volunteering.rules import Rules, rules_at
from wishapp.volunteering.seats import excuse, follow_call, lock_place, release
from wishapp.volunteering.telling import tell


def miss_sign_up(sign_up: SignUp, *, by: Actor) -> None:
    """Somebody confirmed did not come: by the clock when the shift closes, or by whoever leads it once it has begun.

    Who had asked off is excused instead. Too many within the district's time (see rules) and sign-up rests for a while.
    """
    if not may_with_call(by, sign_up.shift.call, "calls.lead"):
        raise Forbidden()
    _lock(sign_up)
    if sign_up.starts_at > clock.now():
        raise Refused(N_("The shift has not begun yet."))
    if sign_up.state == "confirmed" and sign_up.asked_off_at is not None:
        excuse(sign_up, by=by, told="stand_in_none")
        follow_call(sign_up.shift.call_id, by=by)
        return
    advance(sign_up, "miss", by=by)
    rules = rules_at(sign_up.place_path)
    volunteer = sign_up.volunteer
    count = misses(volunteer, rules)
    if rules.misses and count >= rules.misses:
        volunteer.paused_until = clock.today() + timedelta(days=rules.pause_days)
        audit.record("volunteer", volunteer.id, "pause", by=by, place_path=sign_up.place_path, data={"misses": count, "until": volunteer.paused_until.isoformat()})
        tell(sign_up, "pause", misses=count, days=rules.misses_days, day=volunteer.paused_until.isoformat())
    else:
        tell(sign_up, "miss", misses=rules.misses, days=rules.misses_days, rest=rules.pause_days)


def forgive_sign_up(sign_up: SignUp, *, by: Actor, why: str) -> None:
    """There was a good reason: excused, and a pause that came of it ends."""
    if not may_with_call(by, sign_up.shift.call, "calls.lead"):
        raise Forbidden()
    check_reason(why)
    _lock(sign_up)
    advance(sign_up, "forgive", by=by, note=why)
    release(sign_up)
    follow_call(sign_up.shift.call_id, by=by)
    sign_up.ended_why = why.strip()[:200]
    tell(sign_up, "forgive", why=why.strip())
    reconsider(sign_up, by=by)


def reconsider(sign_up: SignUp, *, by: Actor) -> None:
    """After an absence was forgiven or put right: a pause for which there are too few left ends."""
    volunteer, rules = sign_up.volunteer, rules_at(sign_up.place_path)
    if is_paused(volunteer) and misses(volunteer, rules) < rules.misses:
        _end_pause(volunteer, by=by, path=sign_up.place_path, until=None)


def lift_pause(volunteer: Volunteer, *, by: Actor, why: str) -> None:
    """Staff of where the person lives let them sign up again before the pause ends, with a reason; earlier absences count no more."""
    home = home_of(volunteer)
    if not by.may("calls.review", home or None):
        raise Forbidden()
    check_reason(why)
    if not why.strip():
        raise BadInput(N_("Please say why, in a few words."))
    if not is_paused(volunteer):
        raise Refused(N_("There is no pause any more."))
    _end_pause(volunteer, by=by, path=home or None, until=clock.today() - timedelta(days=1), why=why.strip())


def is_paused(volunteer: Volunteer) -> bool:
    """Does this person's sign-up rest today."""
    return volunteer.paused_until is not None and volunteer.paused_until >= clock.today()


def misses(volunteer: Volunteer, rules: Rules) -> int:
    """Unexcused absences that count: within the district's time, and since the last pause was over."""
    since = clock.now() - timedelta(days=rules.misses_days)
    if volunteer.paused_until is not None and not is_paused(volunteer):
        since = max(since, datetime.combine(volunteer.paused_until + timedelta(days=1), time(), clock.LOCAL))
    return db.session.scalar(select(func.count()).select_from(SignUp).where(
        SignUp.volunteer_id == volunteer.id, SignUp.state == "absent", SignUp.ends_at > since)) or 0


def _end_pause(volunteer: Volunteer, *, by: Actor, path: str | None, until: date | None, why: str = "") -> None:
    """`until`: what happened up to that day counts no more; None: it still counts."""
    volunteer.paused_until = until
    audit.record("volunteer", volunteer.id, "lift_pause", by=by, place_path=path, note=why or None)
    if volunteer.user_id is not None:
        notices.announce("volunteer", "lift_pause", thing_id=volunteer.id, people={"volunteer": [volunteer.user_id]}, params={"why": why},
                         endpoint="volunteering.mine")


def _lock(sign_up: SignUp) -> None:
    lock_place(sign_up)
    db.session.refresh(sign_up.volunteer, ["paused_until", "version"])
