"""Pages of the slice; importing the modules hangs their routes on the blueprint."""

from wishapp.volunteering.blueprint import blueprint
from wishapp.volunteering.views import backfill, day, guests, mine, public, records, sending

__all__ = ["backfill", "blueprint", "day", "guests", "mine", "public", "records", "sending"]
