"""Values from the query string: in range or a clear 4xx, never a database error."""

from datetime import date
from enum import StrEnum
from typing import TypeVar

from flask import request
from werkzeug.routing import IntegerConverter, ValidationError

from wishapp.kernel.errors import BadInput
from wishapp.kernel.text import N_
from wishapp.web.forms import MAX_ID, readable_text

E = TypeVar("E", bound=StrEnum)


class IdConverter(IntegerConverter):
    """<int:…> in addresses: a number no row can have is an address that does not exist (404), and never reaches a database."""

    def to_python(self, value: str) -> int:
        """The number, at most MAX_ID."""
        if len(value) > len(str(MAX_ID)) or int(value) > MAX_ID:
            raise ValidationError()
        return super().to_python(value)


def number(name: str, default: int | None = None, *, low: int = 0, high: int = MAX_ID) -> int | None:
    """Whole number `name`; absent or empty gives `default`; anything else out of [low, high] is BadInput."""
    raw = request.args.get(name, "").strip()
    if not raw:
        return default
    try:
        value = int(raw) if len(raw) < 12 else high + 1
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise BadInput(N_("The address of this page contains a number that cannot be."))
    return value


def page() -> int:
    """The page asked for, from 1."""
    return number("page", 1, low=1, high=1_000_000)


def choice(name: str, kind: type[E]) -> E | None:
    """A word of an enumeration, or None when absent; an unknown word is BadInput."""
    raw = request.args.get(name, "").strip()
    if not raw:
        return None
    try:
        return kind(raw)
    except ValueError as error:
        raise BadInput(N_("The address of this page names a choice that does not exist.")) from error


def kept() -> dict[str, str]:
    """The query string's words, to be handed on to url_for: names that mean something to url_for itself are left out."""
    return {name: value for name, value in request.args.items() if name != "endpoint" and not name.startswith("_")}


def text(name: str, *, most: int = 100) -> str:
    """Free text, trimmed and cut to `most` characters; characters no database takes are BadInput."""
    raw = request.args.get(name, "").strip()[:most]
    if not readable_text(raw):
        raise BadInput(N_("There is a character in here that cannot be stored. Please type it again."))
    return raw


def day(name: str) -> date | None:
    """A day as date fields send it (2026-06-10), or None when absent; what is no day, or outside of 2000 to 2100, is BadInput."""
    raw = request.args.get(name, "").strip()
    if not raw:
        return None
    try:
        found = date.fromisoformat(raw)
    except ValueError:
        found = None
    if found is None or not 2000 <= found.year <= 2100:
        raise BadInput(N_("The address of this page names a day that cannot be."))
    return found
