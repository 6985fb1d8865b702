"""Pages of supporters: the register for staff, what staff do to an entry, one's own page and joining."""

from wishapp.supporters.blueprint import blueprint
from wishapp.supporters.views import acts, own, register

__all__ = ["acts", "blueprint", "own", "register"]
