"""News of the slices below that concern volunteers: an account that is switched off gives its places back, a new one takes over what its
owner did as a guest."""

from wishapp.accounts import service as accounts
from wishapp.accounts.models import User
from wishapp.kernel.roles import Actor
from wishapp.volunteering.seats import answer_nothing
from wishapp.volunteering.sign_ups import leave_everything
from wishapp.volunteering.volunteers import adopt_guest, volunteer_of


def heard_of_user(action: str, user: User, by: Actor) -> None:
    """Somebody's account was switched off: every place ahead goes to whoever waits for it."""
    if action == "register":
        adopt_guest(user.id, by=by)
    volunteer = volunteer_of(user.id) if action == "disable" else None
    if volunteer is not None:
        leave_everything(volunteer, by=by, why="disabled")
        answer_nothing(volunteer)


def listen() -> None:
    """Put the listener into the list, once."""
    if heard_of_user not in accounts.LISTENERS:
        accounts.LISTENERS.append(heard_of_user)


listen()
