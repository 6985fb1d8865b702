"""Who hears of which step: gathers the people of a wish and hands them to the notices table."""

from wishapp.accounts import queries as accounts
from wishapp.kernel.permissions import UPPER_STAFF, Role
from wishapp.notices import service as notices
from wishapp.supporters import queries as supporters
from wishapp.wishes.models import Claim, Wish


def posters(wish: Wish) -> dict[str, list[int]]:
    """The one who filled it in and, when that is somebody else with an account, the one it is for."""
    people = {"poster": [wish.posted_by_id]}
    if wish.beneficiary_id and wish.beneficiary_id != wish.posted_by_id:
        people["beneficiary"] = [wish.beneficiary_id]
    return people


def helpers(claims: list[Claim]) -> dict[str, list[int]]:
    """The people who answer for the supporters of these claims."""
    found = supporters.people_of([claim.supporter_id for claim in claims])
    return {"claimer": sorted({user_id for people in found.values() for user_id in people})}


def staff(wish: Wish) -> dict[str, list[int]]:
    """The community's staff; where a community has none, the street's and the district's."""
    near = accounts.holders({Role.COMMUNITY_STAFF}, wish.place_path)
    return {"staff": near or accounts.holders(set(UPPER_STAFF), wish.place_path)}


def upper_staff(wish: Wish) -> dict[str, list[int]]:
    """The street's staff."""
    return {"upper_staff": accounts.holders({Role.STREET_STAFF}, wish.place_path)}


def tell(wish: Wish, workflow: str, action: str, *people: dict[str, list[int]], thing_id: int | None = None, **params: object) -> None:
    """Announce one step to these people, with public words only."""
    gathered: dict[str, list[int]] = {}
    for group in people:
        gathered.update(group)
    notices.announce(
        workflow, action, thing_id=thing_id or wish.id, people=gathered,
        params={"title": wish.title, "number": wish.number or "", "place": wish.community.name, **params},
        endpoint="wishes.show", values={"wish_id": wish.id},
    )
