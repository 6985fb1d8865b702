"""The search column: normalised text and the pinyin initials of its Chinese runs.

SQLite's trigram index finds no two-character word and the engines' tokenizers differ (libraries.md), so both search the
same plain column with LIKE: a two-character word is found wherever it stands.
"""

import re
import unicodedata
from functools import lru_cache

from pypinyin import Style, lazy_pinyin
from sqlalchemy import ColumnElement, and_, true

_WORD = re.compile(r"[0-9a-z]+|[\u3400-\u9fff\U00020000-\U0003ffff]+")


def normalise(text: str) -> str:
    """NFKC, lower case, white space folded: what both sides of a search go through."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def index_text(*texts: str | None) -> str:
    """Text of the search column for these texts: the normalised text and the pinyin initials of every Chinese run."""
    body = normalise(" ".join(text for text in texts if text))
    initials = [_initials(run) for run in _WORD.findall(body) if not run.isascii()]
    return f" {body} | {' '.join(initials)} "


@lru_cache(maxsize=4096)
def _initials(run: str) -> str:
    """Pinyin initials of one run; a plan names the same titles and people over and over, and each look takes a millisecond."""
    return "".join(lazy_pinyin(run, style=Style.FIRST_LETTER, errors="ignore"))


def matches(column: ColumnElement, query: str) -> ColumnElement:
    """Condition: every blank-separated word of `query` (at most 8, 40 characters each) stands in the column."""
    words = normalise(query).split()[:8]
    return and_(true(), *(column.contains(word[:40], autoescape=True) for word in words))
