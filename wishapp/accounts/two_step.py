"""The second step for staff: codes of an authenticator app (TOTP, RFC 6238), each good once, and recovery codes on paper."""

import secrets

import pyotp
import segno
from sqlalchemy import delete, func, or_, select, update

from wishapp.accounts.models import RecoveryCode, User
from wishapp.accounts.passwords import READABLE
from wishapp.accounts.service import end_sessions
from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Forbidden
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.types import blind_index

STEP_SECONDS = 30
RECOVERY_CODES = 8
WRONG_CODE = N_("This code is not right, or was used already. Wait for the next one, and check the device's clock.")


def new_secret() -> str:
    """A fresh secret, base32."""
    return pyotp.random_base32()


def picture(secret: str, username: str, site: str) -> str:
    """The secret as a QR code for authenticator apps: an SVG data URI."""
    address = pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=site)
    return segno.make(address, error="m").svg_data_uri(scale=5, border=4, dark="#000", light="#fff")


def matching_step(secret: str, code: str) -> int | None:
    """Number of the 30-second step this code belongs to, one step of clock error allowed either way; None when wrong."""
    digits = "".join(sign for sign in code if not sign.isspace())
    now = int(clock.now().timestamp()) // STEP_SECONDS
    if len(digits) != 6 or not digits.isascii() or not digits.isdigit():
        return None
    totp = pyotp.TOTP(secret)
    return next((step for step in (now, now - 1, now + 1) if secrets.compare_digest(totp.at(step * STEP_SECONDS), digits)), None)


def use_code(user: User, code: str) -> bool:
    """Is this the app's current code, not used before, or an unused recovery code; either is used up by it."""
    return user.totp_secret is not None and (_use_app_code(user, code) or _use_recovery_code(user, code))


def _use_app_code(user: User, code: str) -> bool:
    step = matching_step(user.totp_secret, code)
    if step is None:
        return False
    unused = or_(User.totp_last_step.is_(None), User.totp_last_step < step)
    query = update(User).where(User.id == user.id, unused).values(totp_last_step=step)
    return db.session.execute(query, execution_options={"synchronize_session": False}).rowcount == 1


def _use_recovery_code(user: User, code: str) -> bool:
    query = (
        update(RecoveryCode).where(RecoveryCode.user_id == user.id, RecoveryCode.digest == _digest(user, code), RecoveryCode.used_at.is_(None))
        .values(used_at=clock.now())
    )
    return db.session.execute(query, execution_options={"synchronize_session": False}).rowcount == 1


def turn_on(user: User, *, secret: str, code: str, by: Actor) -> list[str]:
    """Ask for the second step from now on; returns the recovery codes, to be shown once. BadInput when the code does not fit the secret."""
    if by.id != user.id:
        raise Forbidden()
    step = matching_step(secret, code)
    if step is None:
        raise BadInput(WRONG_CODE)
    user.totp_secret, user.totp_last_step = secret, step
    end_sessions(user)
    audit.record("user", user.id, "turn_on_two_step", by=by, place_path=user.community.path if user.community else None)
    return new_recovery_codes(user)


def turn_off(user: User, *, by: Actor) -> None:
    """Stop asking for the second step (the view has checked the password)."""
    if by.id != user.id:
        raise Forbidden()
    user.totp_secret, user.totp_last_step = None, None
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    end_sessions(user)
    audit.record("user", user.id, "turn_off_two_step", by=by, place_path=user.community.path if user.community else None)


def new_recovery_codes(user: User) -> list[str]:
    """Eight fresh codes such as "k7mq-x2wd"; the old ones are void. Only digests are kept."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = ["-".join("".join(secrets.choice(READABLE) for _sign in range(4)) for _group in range(2)) for _code in range(RECOVERY_CODES)]
    db.session.add_all(RecoveryCode(user_id=user.id, digest=_digest(user, code)) for code in codes)
    return codes


def recovery_codes_left(user: User) -> int:
    """How many recovery codes have not been used."""
    query = select(func.count()).where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(query.select_from(RecoveryCode))


def _digest(user: User, code: str) -> str:
    plain = "".join(sign for sign in code.lower() if sign.isalnum())
    return blind_index(f"recovery:{user.id}:{plain}")
