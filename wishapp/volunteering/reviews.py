"""What staff do with a call before people see it: publish, pass up to the street, send back. Where a street looks twice, two people do."""

from wishapp.kernel import clock
from wishapp.kernel.errors import Forbidden, Refused
from wishapp.kernel.permissions import UPPER_STAFF
from wishapp.kernel.privacy import check_reason
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.store import audit
from wishapp.store.transitions import advance
from wishapp.volunteering.calls import is_reviewed_twice
from wishapp.volunteering.models import Call
from wishapp.volunteering.news import spread
from wishapp.volunteering.telling import organisers, tell_call, upper_staff


def _check_reviewer(call: Call, by: Actor) -> None:
    if not by.is_system and not by.may("calls.review", call.place_path):
        raise Forbidden()


def is_upper(by: Actor, call: Call) -> bool:
    """Is this the street's or the district's staff there (or the system)."""
    return by.is_system or any(grant.role in UPPER_STAFF and grant.reaches(call.place_path) for grant in by.grants)


def publish_call(call: Call, *, by: Actor) -> None:
    """Put it up: sign-up begins (or waits for `opens_at`). Where the street looks twice, somebody else passed it up before.

    Refused when every shift lies behind by now.
    """
    _check_reviewer(call, by)
    if call.state == "submitted" and is_reviewed_twice(call):
        raise Refused(N_("This street looks twice: the community passes the call up, the street publishes it."))
    if call.state == "seconded":
        if not is_upper(by, call):
            raise Forbidden()
        first = next((row for row in audit.history("call", call.id) if row.action == "second"), None)
        if first is not None and first.actor_id == by.id and by.id is not None:
            raise Refused(N_("You passed this call up yourself. A colleague publishes it."))
    ahead = [shift for shift in call.shifts if shift.state == "open" and shift.starts_at > clock.now()]
    if not ahead and call.state in ("submitted", "seconded"):
        raise Refused(N_("Its shifts have passed in the meantime. Please send it back, so that new ones are added."))
    advance(call, "publish", by=by)
    call.published_at = clock.now()
    tell_call(call, "publish", {"organiser": [user_id for user_id in organisers(call) if user_id != by.id]})
    for shift in ahead:
        spread("opened", shift)


def second_call(call: Call, *, by: Actor) -> None:
    """First of two reviews: the community passes it up to the street. Refused where the street looks once."""
    _check_reviewer(call, by)
    if not is_reviewed_twice(call):
        raise Refused(N_("One review is enough here. It can be published right away."))
    advance(call, "second", by=by)
    tell_call(call, "second", {"upper_staff": upper_staff(call)})


def pass_on(call: Call, *, by: Actor) -> None:
    """One press of a reviewer: up to the street where it looks twice, else published."""
    if call.state == "submitted" and is_reviewed_twice(call):
        second_call(call, by=by)
    else:
        publish_call(call, by=by)


def return_call(call: Call, *, by: Actor, why: str) -> None:
    """Send it back with a reason."""
    _check_reviewer(call, by)
    check_reason(why)
    advance(call, "return", by=by, note=why)
    tell_call(call, "return", {"organiser": organisers(call)}, why=why)
