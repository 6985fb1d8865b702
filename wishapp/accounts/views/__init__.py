"""Pages of accounts: doors (sign in and out, register), one's own page, people as staff see them."""

from wishapp.accounts.blueprint import blueprint
from wishapp.accounts.views import doors, mine, people, people_acts, two_step

__all__ = ["blueprint", "doors", "mine", "people", "people_acts", "two_step"]
