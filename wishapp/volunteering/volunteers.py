"""Volunteers: one row for everybody who signs up, with an account or as a guest; made when first needed."""

from sqlalchemy import select, update

from wishapp.accounts.models import User
from wishapp.accounts.service import read_phone
from wishapp.kernel.errors import BadInput, Refused
from wishapp.kernel.roles import SYSTEM, Actor
from wishapp.kernel.text import N_
from wishapp.places.models import Place
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.types import blind_index
from wishapp.store.upsert import insert_missing
from wishapp.supporters import queries as supporters
from wishapp.supporters.models import Ability, Supporter, SupporterKind
from wishapp.volunteering.models import SignUp, Volunteer
from wishapp.volunteering.numbers import next_number

PERSONS = (SupporterKind.MEMBER, SupporterKind.VOLUNTEER)


def volunteer_of(user_id: int | None) -> Volunteer | None:
    """The volunteer behind an account, or None when this person never signed up."""
    return db.session.scalar(select(Volunteer).where(Volunteer.user_id == user_id)) if user_id is not None else None


def ensure_volunteer(user_id: int) -> Volunteer:
    """The volunteer behind an account, made inside the caller's transaction when there is none yet."""
    found = volunteer_of(user_id) or adopt_guest(user_id, by=SYSTEM)
    if found is None:
        home = db.session.scalar(select(Place.code).join(User, User.community_id == Place.id).where(User.id == user_id))
        number = next_number("volunteer", (home or "000000")[:6])
        insert_missing(Volunteer, [{"number": number, "user_id": user_id}], ("user_id",))
        found = volunteer_of(user_id)
    return found


def adopt_guest(user_id: int, *, by: Actor) -> Volunteer | None:
    """The guest with this account's telephone becomes its volunteer, with everything signed up for; their private links end, for the
    account does the same and more. None when there was no such guest, or the account has a volunteer of its own already.

    The name has to be the same too: nobody proves at registration that the telephone is theirs, and who types somebody else's is not
    to learn where that person will be, nor to end their links.
    """
    phone, name = db.session.execute(select(User.phone_index, User.display_name).where(User.id == user_id)).one()
    found = db.session.scalar(
        select(Volunteer).where(Volunteer.phone_index == phone, Volunteer.user_id.is_(None)).with_for_update()) if phone else None
    if found is None or (found.guest_name or "").strip() != name.strip() or volunteer_of(user_id) is not None:
        return None
    found.user_id, found.guest_name, found.guest_phone = user_id, None, None
    db.session.execute(update(SignUp).where(SignUp.volunteer_id == found.id).values(token_digest=None))
    audit.record("volunteer", found.id, "adopt", by=by)
    db.session.flush()
    return found


def ensure_guest(name: str, phone: str, district: str) -> Volunteer:
    """The guest with this telephone, made when unknown. Refused when the number belongs to an account: its owner signs in.

    Raises BadInput for a name or a number that cannot be.
    """
    name, phone = name.strip(), read_phone(phone)
    if not 1 < len(name) <= 40:
        raise BadInput(N_("Please write your name."))
    if db.session.scalar(select(User.id).where(User.phone_index == blind_index(phone))):
        raise Refused(N_("There is an account with this number. Please sign in, then it is two taps."))
    found = db.session.scalar(select(Volunteer).where(Volunteer.phone_index == blind_index(phone)))
    if found is None:
        row = {"number": next_number("volunteer", district), "guest_name": name, "guest_phone": phone, "phone_index": blind_index(phone)}
        insert_missing(Volunteer, [row], ("phone_index",))
        found = db.session.scalar(select(Volunteer).where(Volunteer.phone_index == blind_index(phone)))
    return found


def skills_of(volunteer: Volunteer) -> frozenset[str]:
    """Skills written down for the supporters this person answers for in person (member, volunteer)."""
    if volunteer.user_id is None:
        return frozenset()
    own = [found.id for found in supporters.supporters_of(volunteer.user_id) if found.kind in PERSONS]
    return frozenset(db.session.scalars(select(Ability.word).where(Ability.supporter_id.in_(own), Ability.kind == "skill"))) if own else frozenset()


def supporter_of(volunteer: Volunteer) -> Supporter | None:
    """The person as a supporter (party member first), whose points account gets what is earned; None when there is none."""
    own = [found for found in supporters.supporters_of(volunteer.user_id) if found.kind in PERSONS] if volunteer.user_id else []
    return next((found for found in own if found.kind == SupporterKind.MEMBER), own[0] if own else None)


def describe_volunteer(volunteer: Volunteer, *, birth_year: int | None, has_guardian_consent: bool, by: Actor) -> None:
    """Note the year of birth (for age limits only) and a guardian's consent for somebody under 14."""
    volunteer.birth_year, volunteer.has_guardian_consent = birth_year, has_guardian_consent
    audit.record("volunteer", volunteer.id, "describe", by=by)
