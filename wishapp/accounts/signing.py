"""Signing in: counting wrong tries, locking for a while, letting in. Counters live in the database.

A name nobody has is counted and locked like a real one, so that neither the time an answer takes nor the lock tells who exists.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from wishapp.accounts.models import UnknownName, User
from wishapp.accounts.queries import normal_username
from wishapp.accounts.service import end_sessions
from wishapp.kernel import clock
from wishapp.kernel.permissions import FIELD_STAFF
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.transaction import Conflict
from wishapp.store.types import blind_index

TRIES = 5
FIRST_LOCK = timedelta(minutes=15)
LONGEST_LOCK = timedelta(hours=24)
FORGET_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Attempt:
    """What became of a try: `user` when all was right; `locked_until` while locked; `is_disabled` for the right password of a
    switched-off account; otherwise `left` tries remain before the next lock."""

    user: User | None = None
    locked_until: datetime | None = None
    is_disabled: bool = False
    left: int = 0


def lock_after(failed_count: int) -> timedelta | None:
    """Length of the lock that starts with this many wrong tries in a row: 5 -> 15 min, 10 -> 30 min, … at most a day."""
    if failed_count == 0 or failed_count % TRIES:
        return None
    return min(LONGEST_LOCK, FIRST_LOCK * 2 ** min(failed_count // TRIES - 1, 10))


def try_password(user: User | None, typed_name: str, *, is_right: bool) -> Attempt:
    """Settle one try inside a transaction; `is_right` comes from verify_password, called before it.

    Counts a wrong try. A right one leaves the count alone, for the second step may still be wrong: `let_in` clears it.
    """
    holder = user if user is not None else _unknown(typed_name)
    if user is not None:
        db.session.refresh(user, with_for_update=True)
    if holder.locked_until is not None and holder.locked_until > clock.now():
        return Attempt(locked_until=holder.locked_until)
    if user is None or not is_right:
        return count_wrong(holder)
    return Attempt(user=user) if user.is_enabled else Attempt(is_disabled=True)


def count_wrong(holder: User | UnknownName) -> Attempt:
    """One more wrong try; starts a lock when it was one too many."""
    count = holder.failed_count + 1
    length = lock_after(count)
    until = clock.now() + length if length else None
    key = User.id == holder.id if isinstance(holder, User) else UnknownName.digest == holder.digest
    # not through the session: a wrong try must not raise the row's version under the hands of staff editing it
    db.session.execute(update(type(holder)).where(key).values(failed_count=count, locked_until=until), execution_options={"synchronize_session": "evaluate"})
    if until and isinstance(holder, User):
        path = holder.community.path if holder.community else None
        audit.record("user", holder.id, "lock", by=holder.actor, place_path=path, data={"minutes": int(length.total_seconds() // 60)})
    return Attempt(locked_until=until, left=TRIES - count % TRIES)


def clear_count(user: User) -> None:
    """Forget wrong tries: somebody signed in has shown that they know their password."""
    query = update(User).where(User.id == user.id).values(failed_count=0, locked_until=None)
    db.session.execute(query, execution_options={"synchronize_session": "evaluate"})


def let_in(user: User, *, new_hash: str | None = None) -> None:
    """All steps were right: clear the count, keep a stronger hash when given. Sign-ins of staff go into the record."""
    clear_count(user)
    if new_hash:
        user.password_hash = new_hash
    if user.actor.roles & FIELD_STAFF:
        audit.record("user", user.id, "sign_in", by=user.actor, place_path=user.grants[0].place.path)


def sign_out(user: User) -> None:
    """End every session of this person, on all their devices."""
    end_sessions(user)


def _unknown(typed_name: str) -> UnknownName:
    digest = blind_index(f"unknown:{normal_username(typed_name)[:80]}")
    db.session.execute(delete(UnknownName).where(UnknownName.at < clock.now() - FORGET_AFTER))
    found = db.session.get(UnknownName, digest, with_for_update=True)
    if found is None:
        found = UnknownName(digest=digest, failed_count=0, at=clock.now())
        try:
            with db.session.begin_nested():
                db.session.add(found)
        except IntegrityError as error:
            raise Conflict("the same name is being tried right now") from error
    return found
