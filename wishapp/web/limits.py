"""Brakes on doors that strangers may try again and again, per address and door (lock-outs per name live in the database)."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort, current_app, request
from flask_limiter.util import get_remote_address
from limits import parse

View = Callable[..., Any]


def limit_sending(rule: str, *, looking: bool = False) -> Callable[[View], View]:
    """Refuse (429) more POSTs from one address than `rule` allows, e.g. "20 per minute"; looking is free, unless `looking` counts it too
    (doors where a look is a guess)."""
    allowed = parse(rule)

    def mark(view: View) -> View:
        @wraps(view)
        def braked(*args: Any, **kwargs: Any) -> Any:
            limiter = current_app.extensions["wishapp_limiter"]
            if (looking or request.method == "POST") and limiter.enabled and not limiter.limiter.hit(allowed, request.endpoint, get_remote_address()):
                abort(429)
            return view(*args, **kwargs)

        return braked

    return mark
