"""Photos people send: decoded, checked and written anew, so that nothing of the file itself (EXIF, GPS, hidden data) is kept."""

import io
import secrets
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError
from werkzeug.datastructures import FileStorage

from wishapp.kernel.errors import BadInput
from wishapp.kernel.text import N_

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 1600
QUALITY = 85


def accept_image(sent: FileStorage) -> tuple[bytes, int, int]:
    """A photo as sent -> (JPEG bytes, width, height): turned upright, at most 1600 pixels long, without any metadata.

    Judged by its content, whatever its name says. Raises BadInput for anything but JPEG, PNG or WebP, for more than
    10 MB or 40 megapixels (looked up before decoding), and for broken files.
    """
    raw = sent.stream.read(MOST_BYTES + 1)
    if not raw:
        raise BadInput(N_("The photo is empty. Please choose it again."))
    if len(raw) > MOST_BYTES:
        raise BadInput(N_("That photo is too large: up to 10 MB. A smaller one, or a screenshot of it, will do."))
    try:
        with Image.open(io.BytesIO(raw), formats=FORMATS) as opened:
            return _anew(opened)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except UnidentifiedImageError as error:
        raise BadInput(N_("This is not a photo we can read. JPG, PNG and WebP work.")) from error
    except BadInput:
        raise
    except Exception as error:  # decoders answer hostile files with every kind of exception; none of them is our fault
        raise BadInput(N_("The photo seems damaged. Please take it again or choose another.")) from error


def _too_many_pixels() -> BadInput:
    return BadInput(N_("That photo has too many pixels: up to 40 million. A screenshot of it will do."))


def _anew(opened: Image.Image) -> tuple[bytes, int, int]:
    if opened.width * opened.height > MOST_PIXELS:
        raise _too_many_pixels()
    opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(opened)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    clean = Image.new("RGB", upright.size, "white")
    shown = upright.convert("RGBA")
    clean.paste(shown, mask=shown.getchannel("A"))
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue(), clean.width, clean.height


def store(data: bytes, folder: str | Path) -> str:
    """Write an accepted photo into `folder` (made when missing) under a random name; returns the name."""
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    name = f"{secrets.token_hex(16)}.jpg"
    with (place / name).open("xb") as handle:
        handle.write(data)
    return name
