"""Pages of the office: the desk, one proposal, runs, offers."""

from wishapp.matching.blueprint import blueprint
from wishapp.matching.views import acts, desk, fairness, offers, papers, presses, questions, runs, weights

__all__ = ["acts", "blueprint", "desk", "fairness", "offers", "papers", "presses", "questions", "runs", "weights"]
