"""Papers set by Typst from a template and plain data. What no font on this machine can draw is refused by name: never a box on a paper.

A template lies in templates/ as `….typ` and reads `json(bytes(sys.inputs.data))`: what people wrote arrives as values, never as markup.
"""

import json
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import typst
from fontTools.ttLib import TTFont

from wishapp.config import ROOT
from wishapp.kernel.errors import Refused
from wishapp.kernel.text import N_

# Chinese faces by preference: a serif for papers, else what there is
FAMILIES = ("Noto Serif CJK SC", "Source Han Serif SC", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Zen Hei")
UNSEEN = frozenset("\n\t ")


@cache
def _fonts() -> tuple[typst.Fonts, tuple[str, ...]]:
    fonts = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False)
    there = set(fonts.families())
    return fonts, tuple(family for family in FAMILIES if family in there)


@cache
def drawable() -> frozenset[int]:
    """Code points the faces in use can draw; looked up once a process. Refused when this machine has no Chinese font."""
    fonts, families = _fonts()
    if not families:
        raise Refused(N_("This machine has no font for Chinese papers yet. Whoever looks after it installs fonts-noto-cjk; then it works."))
    found: set[int] = set()
    for family in families:
        face = min((face for face in fonts.fonts() if face.family == family and face.path), key=lambda face: abs(face.weight - 400))
        with TTFont(face.path, fontNumber=face.index if face.path.lower().endswith(("ttc", "otc")) else -1, lazy=True) as opened:
            found.update(opened.getBestCmap())
    return frozenset(found)


def undrawable(text: str) -> list[str]:
    """Characters of a text no font here can draw, each once, in order; [] when all is well."""
    known = drawable()
    return list(dict.fromkeys(char for char in unicodedata.normalize("NFC", text) if char not in UNSEEN and ord(char) not in known))


def check_drawable(data: Any) -> None:
    """Refused, naming the first character that cannot be printed, wherever in the data it is."""
    for text in _texts(data):
        for char in undrawable(text):
            raise Refused(N_("The character “%(char)s” (%(code)s) cannot be printed with the fonts here. Please ask for another way of writing it."),
                          char=char, code=f"U+{ord(char):04X}")


def set_paper(template: str, data: dict[str, Any], *, unchecked: dict[str, str] | None = None, form: str = "pdf", ppi: float = 110) -> bytes | list[bytes]:
    """The paper as PDF (or, for looking at it, `form` "png": a page each). Every text in `data` is checked for glyphs first;
    `unchecked` are inputs that are no text (an SVG)."""
    check_drawable(data)
    fonts, families = _fonts()
    path = ROOT / "templates" / template
    inputs = {"data": json.dumps(data, ensure_ascii=False), "fonts": json.dumps(families), **(unchecked or {})}
    compiler = typst.Compiler(input=str(path), root=str(Path(path).parent), font_paths=fonts, sys_inputs=inputs)
    made = compiler.compile(format=form, ppi=ppi)
    return [made] if form == "png" and isinstance(made, bytes) else made


def _texts(data: Any) -> list[str]:
    if isinstance(data, str):
        return [data]
    if isinstance(data, dict):
        return [text for value in data.values() for text in _texts(value)]
    if isinstance(data, (list, tuple)):
        return [text for value in data for text in _texts(value)]
    return []
