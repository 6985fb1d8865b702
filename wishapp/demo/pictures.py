"""Simple drawn pictures in place of proof photos: warm paper, a table, a parcel, a lamp; no two quite alike."""

from io import BytesIO
from random import Random

from PIL import Image, ImageDraw

SIZE = (960, 720)
WALLS = ((246, 240, 226), (233, 240, 240), (243, 233, 224), (236, 240, 228))
FLOORS = ((205, 178, 142), (188, 170, 150), (196, 186, 168))
BOXES = ((214, 122, 62), (88, 132, 148), (140, 158, 96), (196, 160, 84), (170, 96, 88))
SHADOW = (120, 104, 88)


def draw(kind: str, chance: Random) -> tuple[bytes, int, int]:
    """A JPEG for a delivered wish of this kind: (bytes, width, height)."""
    image = Image.new("RGB", SIZE, chance.choice(WALLS))
    pen = ImageDraw.Draw(image)
    horizon = chance.randint(430, 500)
    pen.rectangle((0, horizon, SIZE[0], SIZE[1]), fill=chance.choice(FLOORS))
    _window(pen, chance)
    {"repair": _tool, "environment": _plant, "companionship": _cups, "learning": _books}.get(kind, _parcel)(pen, chance, horizon)
    out = BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue(), *SIZE


def _window(pen: ImageDraw.ImageDraw, chance: Random) -> None:
    left, top = chance.randint(60, 620), chance.randint(50, 90)
    pen.rectangle((left, top, left + 240, top + 250), fill=(206, 226, 234), outline=(250, 250, 246), width=12)
    pen.line((left + 120, top, left + 120, top + 250), fill=(250, 250, 246), width=10)
    pen.line((left, top + 120, left + 240, top + 120), fill=(250, 250, 246), width=10)


def _parcel(pen: ImageDraw.ImageDraw, chance: Random, horizon: int) -> None:
    for _each in range(chance.randint(1, 2)):
        left, width, height = chance.randint(180, 520), chance.randint(200, 300), chance.randint(150, 240)
        top, colour = horizon + 80 - height, chance.choice(BOXES)
        pen.ellipse((left - 14, top + height - 14, left + width + 24, top + height + 22), fill=SHADOW)
        pen.rounded_rectangle((left, top, left + width, top + height), 14, fill=colour)
        pen.rectangle((left + width // 2 - 14, top, left + width // 2 + 14, top + height), fill=(250, 246, 236))


def _tool(pen: ImageDraw.ImageDraw, chance: Random, horizon: int) -> None:
    left = chance.randint(240, 520)
    pen.rectangle((left, horizon - 250, left + 34, horizon + 60), fill=chance.choice(BOXES))
    pen.ellipse((left - 40, horizon - 330, left + 74, horizon - 220), fill=(150, 156, 160))
    pen.ellipse((left - 8, horizon - 330, left + 42, horizon - 280), fill=WALLS[0])
    pen.rounded_rectangle((left + 120, horizon - 30, left + 330, horizon + 70), 12, fill=chance.choice(BOXES))


def _plant(pen: ImageDraw.ImageDraw, chance: Random, horizon: int) -> None:
    for number in range(chance.randint(3, 6)):
        left = 140 + number * 130 + chance.randint(-20, 20)
        pen.line((left, horizon + 40, left + chance.randint(-30, 30), horizon - 120), fill=(96, 128, 84), width=10)
        pen.ellipse((left - 46, horizon - 190, left + 46, horizon - 100), fill=chance.choice(((128, 160, 96), (214, 122, 62), (200, 140, 150))))


def _cups(pen: ImageDraw.ImageDraw, chance: Random, horizon: int) -> None:
    pen.ellipse((180, horizon - 60, 780, horizon + 110), fill=(226, 204, 170), outline=SHADOW, width=4)
    for left in (330, 540):
        colour = chance.choice(BOXES)
        pen.rounded_rectangle((left, horizon - 70, left + 84, horizon + 10), 18, fill=colour)
        pen.arc((left + 60, horizon - 60, left + 124, horizon - 4), 270, 90, fill=colour, width=10)


def _books(pen: ImageDraw.ImageDraw, chance: Random, horizon: int) -> None:
    for number in range(chance.randint(3, 5)):
        left, top = 260 + chance.randint(-30, 30), horizon + 20 - number * 46
        pen.rounded_rectangle((left, top, left + chance.randint(300, 400), top + 40), 6, fill=chance.choice(BOXES))
