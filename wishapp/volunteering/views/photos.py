"""Photos as they are sent and as they are shown."""

from collections.abc import Iterable
from pathlib import Path

from flask import Response, current_app, send_from_directory
from werkzeug.datastructures import FileStorage

from wishapp.kernel.errors import BadInput, NotFound
from wishapp.kernel.text import N_
from wishapp.volunteering.photos import FOLDER, StoredPhoto
from wishapp.volunteering.record_models import CallPhoto
from wishapp.web.images import accept_image, store


def keep_photos(sent: Iterable[FileStorage | str] | None, *, most: int) -> list[StoredPhoto]:
    """Check, re-encode and store photos as they were sent, outside any transaction. BadInput for more than `most` or for what is no photo."""
    chosen = [photo for photo in sent or [] if isinstance(photo, FileStorage) and photo.filename]  # a field of text is no photo
    if len(chosen) > most:
        raise BadInput(N_("At most %(most)s photos, please."), most=most)
    accepted = [accept_image(photo) for photo in chosen]  # all of them are looked at before the first is kept
    folder = Path(current_app.config["UPLOAD_FOLDER"]) / FOLDER
    return [StoredPhoto(f"{FOLDER}/{store(data, folder)}", width, height) for data, width, height in accepted]


def send_photo(photo: CallPhoto | None) -> Response:
    """The file itself, for whoever was allowed to ask. NotFound when there is none."""
    folder = Path(current_app.config["UPLOAD_FOLDER"]).resolve()
    if photo is None or not (folder / photo.file_name).is_file():
        raise NotFound()
    answer = send_from_directory(folder, photo.file_name, mimetype="image/jpeg", max_age=0)
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer
