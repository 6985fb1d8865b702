"""Reads about calls and sign-ups for other slices; lists and pages have modules of their own."""

from sqlalchemy import select

from wishapp.kernel.roles import Actor
from wishapp.store.db import db
from wishapp.volunteering.access import PUBLIC_STATES, access_call, access_shift, access_sign_up, may_with_call
from wishapp.volunteering.day import shifts_today
from wishapp.volunteering.desk import count_to_review
from wishapp.volunteering.findings import issue_drafts
from wishapp.volunteering.holdings import waiting_for
from wishapp.volunteering.record_queries import count_to_settle, record_of_sign_up
from wishapp.volunteering.rules import rules_at
from wishapp.volunteering.volunteers import supporter_of, volunteer_of

__all__ = [
    "PUBLIC_STATES", "access_call", "access_shift", "access_sign_up", "issue_drafts", "may_with_call", "record_of_sign_up", "rules_at", "shifts_today",
    "supporter_of", "volunteer_of", "waiting_for", "waiting_for_staff",
]


def waiting_for_staff(actor: Actor) -> tuple[int, int]:
    """How many calls wait for this person's review, and how many hours for their word; one query, for it stands beside every staff page."""
    query = select(count_to_review(actor).scalar_subquery(), count_to_settle(actor).scalar_subquery())
    return tuple(db.session.execute(query).one())
