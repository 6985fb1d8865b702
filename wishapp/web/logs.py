"""Logging: one JSON line per event in production, readable lines elsewhere. No personal data: ids and words of the tables only."""

import logging

import structlog
from flask import Flask


def init_app(app: Flask) -> None:
    """Set structlog up for this process."""
    renderer = structlog.processors.JSONRenderer() if app.config["ENV"] == "production" else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars, structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.format_exc_info, renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, app.config["LOG_LEVEL"], logging.INFO)),
    )
