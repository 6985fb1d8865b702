"""Reads about calls and sign-ups for other slices; lists and pages have modules of their own."""

from wishapp.volunteering.access import PUBLIC_STATES, access_call, access_shift, access_sign_up, may_with_call
from wishapp.volunteering.day import shifts_today
from wishapp.volunteering.desk import count_to_review
from wishapp.volunteering.findings import issue_drafts
from wishapp.volunteering.holdings import waiting_for
from wishapp.volunteering.record_queries import count_to_settle, record_of_sign_up
from wishapp.volunteering.rules import rules_at, rules_of
from wishapp.volunteering.volunteers import supporter_of, volunteer_of

__all__ = [
    "PUBLIC_STATES", "access_call", "access_shift", "access_sign_up", "count_to_review", "count_to_settle", "issue_drafts", "may_with_call",
    "record_of_sign_up", "rules_at", "rules_of", "shifts_today", "supporter_of", "volunteer_of", "waiting_for",
]
