"""Work by the clock that belongs to no slice: sealing the record, keeping its head outside the database, dropping old keys."""

from datetime import timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import delete

from wishapp.jobs.service import JobHandle, every, job
from wishapp.kernel import clock
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.idempotency import RequestKey
from wishapp.store.transaction import retrying, transaction

KEYS_LIVE = timedelta(days=7)
AT_ONCE = 2000  # entries sealed in one transaction


@job("seal_audit")
def seal_audit(handle: JobHandle) -> dict:
    """Seal what the record has gained, then note the newest seal in a file, where nobody with the database alone can change it."""
    sealed = seal_everything()
    write_head()
    return {"sealed": sealed}


def seal_everything() -> int:
    """Seal every entry that has no seal yet, a batch per transaction; returns how many."""
    total = 0
    while True:
        count = retrying(_seal_some)
        total += count
        if count < AT_ONCE:
            return total


def _seal_some() -> int:
    with transaction():
        return audit.seal(AT_ONCE)


def heads_folder() -> Path:
    """Where the heads of the chains are kept, outside the database."""
    return Path(current_app.config["INSTANCE"]) / "heads"


def write_head() -> None:
    """Add today's newest seal (number and digest) to heads/audit-YYYY-MM-DD.txt when it has moved."""
    seq, digest = audit.head()
    db.session.rollback()
    path = heads_folder() / f"audit-{clock.today().isoformat()}.txt"
    line = f"{seq} {digest}\n"
    if seq == 0 or (path.exists() and path.read_text(encoding="ascii").endswith(line)):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="ascii") as handle:
        handle.write(line)


def known_head() -> tuple[int, str] | None:
    """The newest head kept outside, or None when there is none yet."""
    for path in sorted(heads_folder().glob("audit-*.txt"), reverse=True):
        lines = path.read_text(encoding="ascii").split("\n")
        words = next((line.split() for line in reversed(lines) if line.strip()), [])
        if len(words) == 2:
            return int(words[0]), words[1]
    return None


@job("forget_request_keys")
def forget_request_keys(handle: JobHandle) -> dict:
    """Drop keys of repeated sends that are too old to be repeated."""

    def drop() -> int:
        with transaction():
            return db.session.execute(delete(RequestKey).where(RequestKey.at < clock.now() - KEYS_LIVE)).rowcount

    return {"dropped": retrying(drop)}


every("seal_audit", 1)
every("forget_request_keys", 24 * 60)
