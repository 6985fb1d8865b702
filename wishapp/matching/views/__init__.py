"""Pages of the office: the desk, one proposal, runs, offers."""

from wishapp.matching.blueprint import blueprint
from wishapp.matching.views import acts, desk, offers, runs

__all__ = ["acts", "blueprint", "desk", "offers", "runs"]
