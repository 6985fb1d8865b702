"""Who is on the list of a shift, for whoever runs it; signing up by hand; each reading of full names and telephones is written down."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload, undefer_group

from wishapp.accounts import queries as accounts
from wishapp.accounts.models import User
from wishapp.accounts.service import mask_name
from wishapp.kernel.errors import BadInput, NotFound, Refused
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.store.db import db
from wishapp.volunteering.models import HOLDING, Origin, Shift, ShiftRole, SignUp, Volunteer
from wishapp.volunteering.record_models import ContactRead
from wishapp.volunteering.sign_ups import BY_HAND, sign_up
from wishapp.volunteering.volunteers import ensure_guest, ensure_volunteer


class Purpose(StrEnum):
    """Why somebody looks."""

    LEAD = "lead"
    CALL = "call"
    SHEET = "sheet"
    LIST = "list"
    INVITE = "invite"


@dataclass(frozen=True)
class Entry:
    """One person or group of the list. `name` is masked unless opened, `phone` only there then."""

    sign_up: SignUp
    name: str
    number: str
    phone: str = ""
    is_guest: bool = False


@dataclass(frozen=True)
class Roster:
    """The list in its parts: to be let in, on the list, the queue in its order, and who is no longer coming."""

    applied: list[Entry]
    holding: list[Entry]
    queue: list[Entry]
    gone: list[Entry]

    @property
    def listed(self) -> list[Entry]:
        """Everybody with a seat, also those still to be let in."""
        return [*self.holding, *self.applied]


def roster(shift: Shift, *, is_opened: bool = False) -> Roster:
    """Everybody of a shift in the order of coming; one query. `is_opened`: with full names and telephones, after read_contacts."""
    query = (
        select(SignUp, User.display_name, User.phone).join(SignUp.volunteer).outerjoin(User, User.id == Volunteer.user_id)
        .options(contains_eager(SignUp.volunteer).options(undefer_group("restricted")), joinedload(SignUp.role))
        .where(SignUp.shift_id == shift.id).order_by(SignUp.turn, SignUp.id))
    found = []
    for row, user_name, user_phone in db.session.execute(query):
        name, phone = user_name or row.volunteer.guest_name or "", user_phone or row.volunteer.guest_phone or ""
        found.append(Entry(row, name if is_opened else mask_name(name), row.volunteer.number, phone if is_opened else "", row.volunteer.user_id is None))
    return Roster(
        [one for one in found if one.sign_up.state == "applied"], [one for one in found if one.sign_up.state in HOLDING and one.sign_up.state != "applied"],
        [one for one in found if one.sign_up.state == "waitlisted"],
        [one for one in found if one.sign_up.state not in (*HOLDING, "waitlisted")])


def read_contacts(shift: Shift, *, by: Actor, purpose: str) -> None:
    """Write down that full names and telephones of a shift are read, and why. BadInput for a purpose nobody knows."""
    if purpose not in set(Purpose):
        raise BadInput(N_("Please say what you need the names for."))
    db.session.add(ContactRead(shift_id=shift.id, reader_id=by.id, purpose=purpose))


def count_reads(shift_id: int) -> int:
    """How often names of a shift were read."""
    return db.session.scalar(select(func.count()).select_from(ContactRead).where(ContactRead.shift_id == shift_id))


def add_by_hand(role: ShiftRole, *, by: Actor, who: str = "", name: str = "", phone: str = "", people: int = 1) -> SignUp:
    """Put somebody on the list: an account by user name or telephone (`who`), or a guest by name and telephone.

    NotFound-like Refused when the account lies outside the actor's reach. Rules that keep people safe (age, skill, clash, rest) stay.
    """
    shift = role.shift
    if shift.call.state not in ("open", "full", "under_way") or shift.state not in ("open", "under_way"):
        raise Refused(N_("This shift takes no more sign-ups."))
    if who:
        user = accounts.user_by_name_or_phone(who)
        if user is None or not user.is_enabled or not is_near(user, shift, by):
            raise Refused(N_("Nobody of your community is known by that name or number. A guest needs only name and telephone."))
        volunteer = ensure_volunteer(user.id)
    else:
        volunteer = ensure_guest(name, phone, shift.call.community.code[:6])
    return sign_up(role, volunteer, by=by, people=people, origin=Origin.STAFF, leaving_out=BY_HAND)


def is_near(user: User, shift: Shift, by: Actor) -> bool:
    """Lives in the call's community, or in the actor's own places."""
    if user.community_id == shift.call.community_id:
        return True
    try:
        accounts.access_user(by, user.id, "accounts.manage")
    except NotFound:
        return False
    return True


def role_of(shift: Shift, role_id: str | None) -> ShiftRole:
    """The shift's seats with this id as a form says it; BadInput for any other."""
    found = next((role for role in shift.roles if str(role.id) == role_id), None)
    if found is None:
        raise BadInput(N_("Please choose which seat."))
    return found
