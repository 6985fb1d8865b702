"""Calls and people to play with. Holds ids, never rows; every verb goes through the real services. Use inside an app context."""

from datetime import datetime, timedelta

from tests.factories import Person, Spot
from wishapp.kernel import clock
from wishapp.kernel.roles import SYSTEM
from wishapp.places import queries as places
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.store.transitions import advance
from wishapp.volunteering import service
from wishapp.volunteering.models import Shift, SignUp

PHONE = "0531-86000000"


def make_call(by: Person, place: Spot, *, starts_at: datetime | None = None, minutes: int = 120, seats: int = 5, title: str = "网格平安巡查",
              shifts: int = 1, **values: object) -> list[int]:
    """A call that is open, with shifts on following days (the first one tomorrow at nine when not said); returns the ids of the shifts."""
    tomorrow = (clock.now() + timedelta(days=1)).astimezone(clock.LOCAL).replace(hour=9, minute=0, second=0, microsecond=0)
    first = starts_at or tomorrow
    with transaction():
        call = service.create_call(places.place(place.id), by=by.actor, **{
            "title": title, "story": "两人一组，沿网格走一圈，看看路灯和消防通道。", "spot": "社区党群服务中心门口", "contact_name": "李某", "contact_phone": PHONE,
            **values})
        made = [service.add_shift(call, first + timedelta(days=day), first + timedelta(days=day, minutes=minutes), seats, by=by.actor)
                for day in range(shifts)]
        service.submit_call(call, by=by.actor)
        service.publish_call(call, by=by.actor)
    return [shift.id for shift in made]


def make_sign_up(shift_id: int, person: Person, *, people: int = 1) -> int:
    """This person's place in the shift; returns the id of the sign-up."""
    with transaction():
        shift = db.session.get(Shift, shift_id)
        volunteer = service.ensure_volunteer(person.id)
        return service.sign_up(shift.roles[0], volunteer, by=person.actor, people=people).id


def attend(sign_up_id: int, *, came: int | None = 0, left: int | None = None, action: str = "attend") -> SignUp:
    """They were there: `came` and `left` in minutes from the planned start; None: without a check-in, without a check-out."""
    with transaction():
        found = db.session.get(SignUp, sign_up_id)
        advance(found, action, by=SYSTEM)
        found.checked_in_at = None if came is None else found.starts_at + timedelta(minutes=came)
        found.checked_out_at = None if left is None else found.starts_at + timedelta(minutes=left)
    return found
