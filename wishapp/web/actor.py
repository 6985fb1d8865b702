"""The person behind the request, as the services know people."""

from flask_login import current_user

from wishapp.kernel.roles import NOBODY, Actor


def current_actor() -> Actor:
    """The signed-in person as an Actor, or NOBODY."""
    return current_user.actor if current_user.is_authenticated else NOBODY
