"""Codes to scan: each sign-up has its own, which stays; each place shows one that changes every minute, so that no picture of it lasts.

A code is a short word, `s<sign-up>-<seal>` or `p<shift>-<step>-<seal>`; the seal of a place is made from its shift's secret.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime

from wishapp.kernel import clock
from wishapp.store.db import db
from wishapp.store.types import blind_index
from wishapp.volunteering.models import Shift

STEP_SECONDS = 60
STEPS_GOOD = 2
SEAL = 20
_OWN = re.compile(r"s([1-9]\d{0,9})-([0-9a-f]{20})", re.ASCII)
_PLACE = re.compile(r"p([1-9]\d{0,9})-(\d{1,10})-([0-9a-f]{20})", re.ASCII)
LARGEST_ID = 2**31 - 1


@dataclass(frozen=True)
class PlaceCode:
    """A place's code as it was read. `is_fresh`: still good now."""

    shift: Shift
    step: int
    is_fresh: bool


def own_code(sign_up_id: int) -> str:
    """The code of one sign-up, for the leader to scan."""
    return f"s{sign_up_id}-{blind_index(f'check-in:{sign_up_id}')[:SEAL]}"


def read_own_code(token: str) -> int | None:
    """Id of the sign-up whose code this is, or None."""
    found = _OWN.fullmatch(token)
    if found is None or int(found[1]) > LARGEST_ID:
        return None
    return int(found[1]) if hmac.compare_digest(token, own_code(int(found[1]))) else None


def place_code(shift: Shift, at: datetime | None = None) -> str:
    """The code a place shows in the minute of `at` (now)."""
    step = step_at(at or clock.now())
    return f"p{shift.id}-{step}-{_seal(shift, step)}"


def read_place_code(token: str) -> PlaceCode | None:
    """The shift whose place showed this code, fresh or not; None for what no place ever showed."""
    found = _PLACE.fullmatch(token)
    if found is None or int(found[1]) > LARGEST_ID:
        return None
    shift, step = db.session.get(Shift, int(found[1])), int(found[2])
    if shift is None or not hmac.compare_digest(found[3], _seal(shift, step)):
        return None
    return PlaceCode(shift, step, 0 <= step_at(clock.now()) - step < STEPS_GOOD)


def was_shown(code: PlaceCode, at: datetime) -> bool:
    """Was the code good at this moment: for what was scanned without a connection and is sent later."""
    return 0 <= step_at(at) - code.step < STEPS_GOOD


def step_at(moment: datetime) -> int:
    """Number of the minute."""
    return int(moment.timestamp()) // STEP_SECONDS


def _seal(shift: Shift, step: int) -> str:
    return hmac.new(shift.secret.encode(), f"{shift.id}:{step}".encode(), hashlib.sha256).hexdigest()[:SEAL]
