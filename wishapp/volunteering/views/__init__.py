"""Pages of the slice; importing the modules hangs their routes on the blueprint."""

from wishapp.volunteering.blueprint import blueprint
from wishapp.volunteering.views import guests, mine, public, records

__all__ = ["blueprint", "guests", "mine", "public", "records"]
