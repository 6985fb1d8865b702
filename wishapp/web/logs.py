"""Logging: one JSON line per event in production, readable lines elsewhere. No personal data: ids and words of the tables only."""

import logging
import traceback
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog
from flask import Flask


def place_of_fault(_logger: object, _name: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Turn `exc_info` (an exception) into its kind and the lines of code it went through. What an exception says is left
    out: it quotes values, and values are people's names and numbers."""
    error = entry.pop("exc_info", None)
    lines: list[str] = []
    while isinstance(error, BaseException) and len(lines) < 200:
        lines.append(type(error).__name__)
        lines += [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if lines:
        entry["exception"] = "\n".join(lines)
    return entry


def init_app(app: Flask) -> None:
    """Set structlog up for this process."""
    renderer = structlog.processors.JSONRenderer() if app.config["ENV"] == "production" else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars, structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True), place_of_fault, renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, app.config["LOG_LEVEL"], logging.INFO)),
    )


@contextmanager
def only_warnings() -> Iterator[None]:
    """Inside, what goes well is not told: for long work whose reader waits for one line at its end."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        yield
    finally:
        structlog.configure(wrapper_class=before)
