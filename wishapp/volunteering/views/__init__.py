"""Pages of the slice; importing the modules hangs their routes on the blueprint."""

from wishapp.volunteering.blueprint import blueprint

__all__ = ["blueprint"]
