"""Photos of calls, findings, reports and proofs. Their files lie in a folder of their own below the upload folder (`calls/…`, as their
names say), where nobody else's sweeping reaches them."""

from collections.abc import Iterable
from dataclasses import dataclass

from wishapp.kernel.roles import Actor
from wishapp.store.db import db
from wishapp.volunteering.record_models import CallPhoto

FOLDER = "calls"


@dataclass(frozen=True)
class StoredPhoto:
    """A re-encoded image whose file is there already; `file_name` is relative to the upload folder."""

    file_name: str
    width: int
    height: int


def hang_photos(photos: Iterable[StoredPhoto], *, by: Actor, purpose: str, call_id: int | None = None, finding_id: int | None = None,
                record_id: int | None = None) -> None:
    """Rows for stored photos: "poster" or "report" of a call, "finding", "proof" of a record."""
    db.session.add_all(
        CallPhoto(call_id=call_id, finding_id=finding_id, record_id=record_id, purpose=purpose, file_name=photo.file_name, width=photo.width,
                  height=photo.height, by_id=by.id) for photo in photos)
