"""Who hears of which step of a call, a shift or a sign-up. Guests have no inbox: their private link shows the same."""

from wishapp.accounts import queries as accounts
from wishapp.kernel.permissions import UPPER_STAFF, Role
from wishapp.notices import service as notices
from wishapp.store.db import db
from wishapp.supporters import queries as supporters
from wishapp.volunteering.models import Call, Shift, SignUp, Volunteer


def organisers(call: Call) -> list[int]:
    """Who runs it: the people of its team and whoever posted it; for the community's own also its staff."""
    people = [call.posted_by_id, *(supporters.people_of([call.team_id])[call.team_id] if call.team_id else [])]
    return list(dict.fromkeys(people))


def staff(call: Call) -> list[int]:
    """The community's staff; where it has none, the street's and the district's."""
    return accounts.holders({Role.COMMUNITY_STAFF}, call.place_path) or accounts.holders(set(UPPER_STAFF), call.place_path)


def upper_staff(call: Call) -> list[int]:
    """The street's staff."""
    return accounts.holders({Role.STREET_STAFF}, call.place_path)


def tell(sign_up: SignUp, action: str, **params: object) -> None:
    """Tell the volunteer about a step of their sign-up; led to their page of it."""
    user_id = db.session.get(Volunteer, sign_up.volunteer_id).user_id
    if user_id is not None:
        notices.announce("sign_up", action, thing_id=sign_up.id, people={"volunteer": [user_id]}, params=words(sign_up.shift, **params),
                         endpoint="volunteering.mine_show", values={"sign_up_id": sign_up.id})


def tell_organisers(sign_up: SignUp, action: str, **params: object) -> None:
    """Tell whoever runs the call about a step of a sign-up; led to the shift's list."""
    call = sign_up.shift.call
    notices.announce("sign_up", action, thing_id=sign_up.id, people={"organiser": organisers(call)}, params=words(sign_up.shift, **params),
                     endpoint="volunteering.roster", values={"shift_id": sign_up.shift_id})


def tell_call(call: Call, action: str, people: dict[str, list[int]], **params: object) -> None:
    """Announce a step of a call."""
    notices.announce("call", action, thing_id=call.id, people=people, params={"title": call.title, "number": call.number or "",
                     "place": call.community.name, **params}, endpoint="volunteering.show", values={"call_id": call.id})


def words(shift: Shift, **params: object) -> dict[str, object]:
    """Public words of a shift for notices; `starts` is shown as a local moment."""
    return {"title": shift.call.title, "starts": shift.starts_at, "spot": shift.call.spot, **params}
