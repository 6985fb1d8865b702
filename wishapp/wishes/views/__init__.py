"""Pages of wishes: the wall and one wish (public), posting, the poster's, the helper's and staff's."""

from wishapp.wishes.blueprint import blueprint
from wishapp.wishes.views import helper, mine, posting, public, staff

__all__ = ["blueprint", "helper", "mine", "posting", "public", "staff"]
