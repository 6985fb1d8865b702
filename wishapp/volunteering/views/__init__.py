"""Pages of the slice; importing the modules hangs their routes on the blueprint."""

from wishapp.volunteering.blueprint import blueprint
from wishapp.volunteering.views import (
    absences,
    backfill,
    certificates,
    codes,
    day,
    desk,
    feed,
    findings,
    guests,
    making,
    mine,
    moving,
    paper,
    photos,
    public,
    records,
    reports,
    review,
    roster,
    rules,
    sending,
    yearly,
)

__all__ = [
    "absences", "backfill", "blueprint", "certificates", "codes", "day", "desk", "feed", "findings", "guests", "making", "mine",
    "moving", "paper", "photos", "public", "records", "reports", "review", "roster", "rules", "sending", "yearly",
]
