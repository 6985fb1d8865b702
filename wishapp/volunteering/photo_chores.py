"""Photo files nobody needs any more."""

from datetime import timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import delete, select

from wishapp.jobs.service import JobHandle, every, job
from wishapp.kernel import clock
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering.photos import FOLDER
from wishapp.volunteering.record_models import CallPhoto, ServiceRecord

GRACE = timedelta(days=1)
PROOFS_KEPT = timedelta(days=400)


@job("sweep_call_photos")
def sweep_call_photos(handle: JobHandle) -> dict:
    """Remove files no row names: of sends that did not come through, and of photos taken off."""
    kept = set(db.session.scalars(select(CallPhoto.file_name)))
    db.session.rollback()
    before, swept = (clock.now() - GRACE).timestamp(), 0
    for path in (Path(current_app.config["UPLOAD_FOLDER"]) / FOLDER).glob("*.jpg"):
        if f"{FOLDER}/{path.name}" not in kept and path.stat().st_mtime < before:
            path.unlink(missing_ok=True)
            swept += 1
    return {"swept": swept}


@job("forget_proofs")
def forget_proofs(handle: JobHandle) -> dict:
    """Proofs of hours that were settled more than a year ago have done their work: the photos go, the hours stay."""
    with transaction():
        settled = select(ServiceRecord.id).where(ServiceRecord.state.in_(("final", "refused")), ServiceRecord.created_at < clock.now() - PROOFS_KEPT)
        gone = db.session.execute(delete(CallPhoto).where(CallPhoto.purpose == "proof", CallPhoto.record_id.in_(settled))).rowcount
    return {"forgotten": gone}


every("forget_proofs", 24 * 60)
every("sweep_call_photos", 24 * 60)
