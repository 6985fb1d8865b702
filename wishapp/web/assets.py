"""Static files carry a digest of their content in their address: a browser keeps them for a year and fetches a changed one at once."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request
from werkzeug.security import safe_join

YEAR = 365 * 24 * 3600


@lru_cache(maxsize=500)
def _digest(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def version(folder: str, name: str) -> str:
    """Digest of the static file `name` as it is now; "" when there is none."""
    path = safe_join(folder, name)
    try:
        return _digest(Path(path), Path(path).stat().st_mtime_ns) if path else ""
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return ""


def add_version(endpoint: str, values: dict[str, Any]) -> None:
    """For url_for('static', filename=…): the version goes along as `v`."""
    if endpoint == "static" and "v" not in values:
        values["v"] = version(current_app.static_folder, values.get("filename", "")) or None


def max_age(folder: str, name: str | None) -> int | None:
    """A year where the address names the file's present content; else None: the browser asks each time whether it changed."""
    asked = request.args.get("v")
    return YEAR if name and asked and asked == version(folder, name) else None


def init_app(app: Flask) -> None:
    """Install."""
    app.url_defaults(add_version)
