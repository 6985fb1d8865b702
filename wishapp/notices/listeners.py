"""News of the slices below, which cannot call up: they keep a list of listeners, and these two stand in it."""

from wishapp.accounts import queries as accounts
from wishapp.accounts.service import mask_name
from wishapp.kernel.permissions import UPPER_STAFF, Role
from wishapp.notices.service import announce
from wishapp.places import queries as places
from wishapp.points import service as points
from wishapp.points.models import PointsTransfer
from wishapp.supporters import queries as supporters
from wishapp.supporters import service as supporters_service
from wishapp.supporters.models import Supporter

OWN_NEWS = {"welcome": "wishes.wall", "confirm": "supporters.mine", "refuse": "supporters.join"}


def tell_of_supporter(action: str, supporter: Supporter, user_id: int, why: str) -> None:
    """Somebody asked to help (staff hear of it), or got an answer (they hear of it)."""
    if action == "ask":
        staff = accounts.holders({Role.COMMUNITY_STAFF}, supporter.place_path) or accounts.holders(UPPER_STAFF, supporter.place_path)
        who = mask_name(accounts.display_names([user_id]).get(user_id, ""))
        announce("supporter", "ask", thing_id=supporter.id, people={"staff": staff}, params={"who": who, "place": place_name(supporter)},
                 endpoint="supporters.show", values={"supporter_id": supporter.id})
        return
    announce("supporter", action, thing_id=supporter.id, people={"supporter": [user_id]}, params={"who": supporter.name, "why": why},
             endpoint=OWN_NEWS.get(action, ""))


def place_name(supporter: Supporter) -> str:
    """Name of the place a supporter reports to."""
    return places.names([supporter.place_id]).get(supporter.place_id, "")


def tell_of_reversal(first: PointsTransfer, owner: str, why: str) -> None:
    """Points were taken back: those who answer for the supporter, or the person alone, hear why."""
    kind, _, number = owner.partition(":")
    if kind not in ("supporter", "user") or not number.isdigit():
        return
    people = supporters.people_of([int(number)])[int(number)] if kind == "supporter" else [int(number)]
    announce("points", "reverse", thing_id=first.id, people={"supporter": people},
             params={"title": first.title, "points": first.amount, "why": why}, endpoint="points.mine")


def listen() -> None:
    """Put the listeners into the lists, once."""
    for listeners, listener in ((supporters_service.LISTENERS, tell_of_supporter), (points.LISTENERS, tell_of_reversal)):
        if listener not in listeners:
            listeners.append(listener)


listen()
