"""Presses that a device kept while it had no connection, sent many at once: each is read, done and answered for itself."""

import math
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from wishapp.kernel.errors import BadInput, NotFound, Refused, SomeoneWasFaster, WishappError
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.places.queries import LARGEST_ID, distance
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering.access import access_sign_up
from wishapp.volunteering.check_ins import Answer, read_key
from wishapp.volunteering.codes import read_place_code, was_shown
from wishapp.volunteering.day import press
from wishapp.volunteering.models import LIVING, Shift, SignUp, Volunteer
from wishapp.volunteering.record_models import CheckHow
from wishapp.volunteering.sign_ups import digest

MOST = 200
YEARS = (2020, 2100)
UNREADABLE = N_("This press could not be read. Please press once more.")


@dataclass(frozen=True)
class Press:
    """One press as a device sends it. `token`: of a place's code; `point`: latitude and longitude, of which only metres are kept."""

    key: str
    what: str
    at: datetime
    sign_up_id: int = 0
    token: str = ""
    point: tuple[float, float] | None = None


@dataclass(frozen=True)
class Sent:
    """What became of it: the answer, or why not."""

    key: str
    answer: Answer | None = None
    refusal: WishappError | None = None


def read_batch(data: object) -> tuple[list[object], str]:
    """The presses and the guest's secret of a body. BadInput when it is no such thing or has more than MOST."""
    presses = data.get("presses") if isinstance(data, dict) else None
    guest = data.get("guest", "") if isinstance(data, dict) else ""
    if not isinstance(presses, list) or not isinstance(guest, str) or len(guest) > 100:
        raise BadInput(UNREADABLE)
    if len(presses) > MOST:
        raise BadInput(N_("That is too much at once."))
    return presses, guest


def read_press(data: object) -> Press:
    """One press. BadInput for anything that is not one."""
    if not isinstance(data, dict):
        raise BadInput(UNREADABLE)
    what, token = data.get("what"), data.get("token", "")
    if what not in ("in", "out", "excuse", "miss") or not isinstance(token, str) or len(token) > 60:
        raise BadInput(UNREADABLE)
    sign_up_id = data.get("sign_up", 0)
    if type(sign_up_id) is not int or not 0 <= sign_up_id <= LARGEST_ID:
        raise BadInput(UNREADABLE)
    return Press(read_key(data.get("key")), what, _moment(data.get("at")), sign_up_id, token, _point(data.get("point")))


def _moment(text: object) -> datetime:
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) and len(text) <= 40 else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not YEARS[0] <= found.year <= YEARS[1]:
        raise BadInput(UNREADABLE)
    return found


def _point(data: object) -> tuple[float, float] | None:
    if data is None:
        return None
    is_pair = isinstance(data, list) and len(data) == 2 and all(type(number) in (int, float) for number in data)
    if not is_pair or not (-90 <= data[0] <= 90 and -180 <= data[1] <= 180):
        raise BadInput(N_("Your position could not be read."))
    return float(data[0]), float(data[1])


def do_all(presses: list[object], *, guest: str, by: Actor) -> list[Sent]:
    """Do every press in its own transaction, in the order in which they were made; one refused leaves the others alone.

    Run again from the start (a conflict), those done already answer by their keys.
    """
    read: list[Press] = []
    sent: list[Sent] = []
    for data in presses:
        try:
            read.append(read_press(data))
        except BadInput as error:
            key = data.get("key") if isinstance(data, dict) else None
            sent.append(Sent(key if isinstance(key, str) and len(key) <= 36 and key.isascii() else "", refusal=error))
    for one in sorted(read, key=lambda one: one.at):
        try:
            with transaction():
                sent.append(Sent(one.key, _do(one, guest, by)))
        except SomeoneWasFaster:
            raise
        except WishappError as error:
            sent.append(Sent(one.key, refusal=error))
    return sent


def _do(one: Press, guest: str, by: Actor) -> Answer:
    if one.token:
        code = read_place_code(one.token)
        if code is None:
            raise NotFound()
        if not was_shown(code, one.at):
            raise Refused(N_("This code has run out. Please scan the one on the screen now."))
        return press(own_in(code.shift, guest, by), one.what, key=one.key, at=one.at, by=by, how=CheckHow.PLACE_CODE)
    if one.point is not None:
        found = guests(guest) if guest else access_sign_up(by, one.sign_up_id, "calls.sign_up")
        if found.id != one.sign_up_id:
            raise NotFound()
        return press(found, one.what, key=one.key, at=one.at, by=by, how=CheckHow.POSITION, metres=metres_from(found.shift, one.point))
    return press(access_sign_up(by, one.sign_up_id, "calls.lead"), one.what, key=one.key, at=one.at, by=by)


def metres_from(shift: Shift, point: tuple[float, float]) -> int:
    """Whole metres between a point and where the call meets."""
    return math.floor(distance(shift.call.latitude, shift.call.longitude, *point))


def guests(secret: str) -> SignUp:
    """The sign-up of a guest's private link; NotFound for any other."""
    found = db.session.scalar(
        select(SignUp).options(joinedload(SignUp.volunteer), joinedload(SignUp.shift).joinedload(Shift.call))
        .where(SignUp.token_digest == digest(secret)))
    if found is None or found.volunteer.user_id is not None:
        raise NotFound()
    return found


def own_in(shift: Shift, guest: str, by: Actor) -> SignUp:
    """The person's own place in a shift, by account or by a guest's link; NotFound when there is none."""
    query = select(SignUp).options(joinedload(SignUp.volunteer)).join(SignUp.volunteer).where(SignUp.shift_id == shift.id)
    if by.id is not None:
        found = db.session.scalar(query.where(Volunteer.user_id == by.id, SignUp.state.in_((*LIVING, "excused"))).order_by(SignUp.id.desc()).limit(1))
    else:
        found = guests(guest) if guest else None
        found = found if found is not None and found.shift_id == shift.id else None
    if found is None:
        raise NotFound()
    return found
