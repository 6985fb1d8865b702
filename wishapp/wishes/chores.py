"""Work by the clock: what happens to wishes when nobody says anything."""

from datetime import timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from wishapp.jobs.batches import in_batches
from wishapp.jobs.service import JobHandle, every, job
from wishapp.kernel import clock
from wishapp.store.db import db
from wishapp.store.transaction import retrying, transaction
from wishapp.wishes.drafts import forget_drafts
from wishapp.wishes.endings import auto_confirm, close_wishes, expire_wishes, remind_wishes
from wishapp.wishes.models import WishPhoto

GRACE = timedelta(days=1)


@job("settle_wishes")
def settle_wishes(handle: JobHandle) -> dict:
    """Count delivered wishes as done after a week, archive, take old ones off the wall."""
    return {"confirmed": in_batches(auto_confirm), "closed": in_batches(close_wishes), "expired": in_batches(expire_wishes)}


def _remind() -> int:
    with transaction():
        return remind_wishes()


@job("remind_wishes")
def remind_of_wishes(handle: JobHandle) -> dict:
    """Ask once more where a word or a delivery is overdue; forget drafts nobody came back to."""
    return {"reminded": retrying(_remind), "forgotten": in_batches(lambda limit, _refused: forget_drafts(limit))}


@job("sweep_photos")
def sweep_photos(handle: JobHandle) -> dict:
    """Remove photo files no wish refers to: of drafts thrown away and of sends that did not come through. A day's grace."""
    kept = set(db.session.scalars(select(WishPhoto.file_name)))
    db.session.rollback()
    before, swept = (clock.now() - GRACE).timestamp(), 0
    for path in Path(current_app.config["UPLOAD_FOLDER"]).glob("*.jpg"):
        if path.name not in kept and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            swept += 1
    return {"swept": swept}


every("sweep_photos", 24 * 60)
every("settle_wishes", 60)
every("remind_wishes", 360)
