"""Photos: judged by content, written anew, nothing hidden kept."""

import io
import struct
import zlib

import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage

from wishapp.kernel.errors import BadInput
from wishapp.web import images


def photo(kind: str = "JPEG", size: tuple[int, int] = (400, 300), mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    picture = Image.new(mode, size)
    if mode == "RGB":
        picture.paste((200, 30, 30), (0, 0, size[0] // 2, size[1] // 2))
    picture.save(out, kind, **options)
    return out.getvalue()


def accept(data: bytes, name: str = "photo.jpg") -> tuple[bytes, int, int]:
    return images.accept_image(FileStorage(io.BytesIO(data), filename=name))


@pytest.mark.parametrize(("kind", "mode"), [
    ("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1"), ("PNG", "I;16"),
    ("WEBP", "RGB"), ("WEBP", "RGBA"),
])
def test_every_kind_becomes_a_plain_jpeg(kind: str, mode: str) -> None:
    data, width, height = accept(photo(kind, mode=mode), name="nonsense.txt")
    made = Image.open(io.BytesIO(data))
    assert (made.format, made.mode, made.size) == ("JPEG", "RGB", (width, height)) == ("JPEG", "RGB", (400, 300))


def test_large_ones_shrink_and_small_ones_stay() -> None:
    assert accept(photo(size=(4000, 1000)))[1:] == (1600, 400)
    assert accept(photo(size=(1000, 4000)))[1:] == (400, 1600)
    assert accept(photo(size=(7, 5)))[1:] == (7, 5)


def test_turned_upright_and_stripped() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # shot with the phone on its side
    exif[0x010F] = "SECRETPHONE"
    exif.get_ifd(0x8825)[2] = (36.0, 40.0, 12.0)
    source = photo(exif=exif, comment=b"SECRETWORD")
    assert b"SECRETPHONE" in source and b"SECRETWORD" in source, "the control: it was there"
    data, width, height = accept(source)
    assert (width, height) == (300, 400)
    made = Image.open(io.BytesIO(data))
    assert b"SECRET" not in data and not made.getexif() and "comment" not in made.info
    red, green, _blue = made.getpixel((290, 10))
    assert red > 150 and green < 80, "what was top left is top right"


def test_what_hangs_behind_the_picture_is_gone() -> None:
    assert b"PK\x03\x04" not in accept(photo() + b"PK\x03\x04 a zip file")[0]


def test_see_through_becomes_white() -> None:
    data, *_size = accept(photo("PNG", mode="RGBA"))
    assert min(Image.open(io.BytesIO(data)).getpixel((5, 5))) > 250


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that claims this size."""
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(6400, 6400), (10_000, 10_000), (40_000, 40_000), (2**31 - 1, 2**31 - 1)])
def test_pixel_bombs_are_refused_before_decoding(size: tuple[int, int]) -> None:
    with pytest.raises(BadInput, match="pixels"):
        accept(bomb(*size))


@pytest.mark.parametrize(("data", "why"), [
    (b"", "empty"), (b"hello", "not a photo"), (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a photo"), (b"GIF89a" + b"\0" * 50, "not a photo"),
    (b"%PDF-1.4", "not a photo"), (b"\xff\xd8\xff\xe0" + b"\0" * 40, "damaged|not a photo"), (photo()[:300], "damaged|not a photo"),
    (photo("PNG")[:60], "damaged|not a photo"), (bomb(100, 100), "damaged"), (photo("GIF"), "not a photo"), (photo("BMP"), "not a photo"),
    (b"\0" * (10 * 1024 * 1024 + 1), "too large"),
])
def test_everything_else_is_refused_in_words(data: bytes, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        accept(data)


def test_stored_under_a_name_nobody_can_guess(tmp_path) -> None:
    names = {images.store(b"x", tmp_path / "new" / "folder") for _ in range(20)}
    assert len(names) == 20
    assert all(len(name) == 36 and name.endswith(".jpg") for name in names)
    assert (tmp_path / "new" / "folder" / names.pop()).read_bytes() == b"x"
