"""People who come by themselves: "I would like to help". Whoever speaks for others waits for the community's word."""

from sqlalchemy import select

from wishapp.accounts.models import User
from wishapp.accounts.service import grant_role, mask_name
from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, NotFound, Refused
from wishapp.kernel.permissions import Role
from wishapp.kernel.privacy import check_reason
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.supporters.models import Supporter, SupporterKind, SupporterPerson
from wishapp.supporters.register import check_staff, note, register, tell, touch

ROLES = {
    SupporterKind.UNIT: Role.UNIT_CONTACT, SupporterKind.MEMBER: Role.PARTY_MEMBER,
    SupporterKind.TEAM: Role.TEAM_LEADER, SupporterKind.VOLUNTEER: Role.VOLUNTEER,
}
OWN_KINDS = (SupporterKind.VOLUNTEER, SupporterKind.MEMBER)
MOST_ASKED = 5


def enrol(user: User, *, kind: str, by: Actor, home_unit_id: int | None = None) -> Supporter:
    """A resident becomes a volunteer at once, or asks to be a party member of the community, which staff confirm.

    The supporter reports to the community the person lives in. Raises BadInput without one, Refused when the person is that already.
    """
    kind = SupporterKind(kind)
    if kind not in OWN_KINDS or by.id != user.id:
        raise BadInput(N_("Please choose how you would like to help."))
    if user.community_id is None:
        raise BadInput(N_("Please tell us first which community you live in: it stands on your own page."))
    db.session.get(User, user.id, with_for_update=True)  # two tabs at once: the second waits and sees the first
    held = select(Supporter.id).join(SupporterPerson).where(
        SupporterPerson.user_id == user.id, Supporter.kind.in_(OWN_KINDS), Supporter.is_active)
    if db.session.scalar(held):
        raise Refused(N_("You are on the list already."))
    place = db.session.get(Place, user.grid_id or user.community_id)
    supporter = register(by, place, [], kind=kind, name=mask_name(user.display_name), home_unit_id=home_unit_id)
    confirmed = kind == SupporterKind.VOLUNTEER
    db.session.add(SupporterPerson(supporter_id=supporter.id, user_id=user.id, is_confirmed=confirmed, asked_at=clock.now()))
    db.session.flush()
    if confirmed:
        grant_role(user, Role.VOLUNTEER, db.session.get(Place, user.community_id), by=by)
        note(supporter, "enrol", by)
        tell("welcome", supporter, user.id)
    else:
        note(supporter, "ask", by, user_id=user.id)
        tell("ask", supporter, user.id)
    return supporter


def ask_to_answer(supporter: Supporter, *, by: Actor) -> None:
    """Ask to answer for a unit or a team; it counts once staff have confirmed it. Refused when asked already, or too often."""
    if supporter.kind not in (SupporterKind.UNIT, SupporterKind.TEAM) or not supporter.is_active or by.id is None:
        raise NotFound()
    if db.session.get(SupporterPerson, (supporter.id, by.id)) is not None:
        raise Refused(N_("You have asked already. The community will get back to you."))
    waiting = db.session.scalars(select(SupporterPerson).where(SupporterPerson.user_id == by.id, ~SupporterPerson.is_confirmed)).all()
    if len(waiting) >= MOST_ASKED:
        raise Refused(N_("You have asked in several places already. Please wait for an answer first."))
    db.session.add(SupporterPerson(supporter_id=supporter.id, user_id=by.id, is_confirmed=False, asked_at=clock.now()))
    db.session.flush()
    note(supporter, "ask", by, user_id=by.id)
    tell("ask", supporter, by.id)


def confirm_person(supporter: Supporter, user_id: int, *, by: Actor) -> None:
    """Staff confirm somebody who asked: the person answers for the supporter and gets its role at its place."""
    check_staff(supporter, by)
    asked = db.session.get(SupporterPerson, (supporter.id, user_id))
    if asked is None:
        raise NotFound()
    if asked.is_confirmed:
        raise Refused(N_("This was confirmed already."))
    asked.is_confirmed = True
    touch(supporter)
    grant_role(db.session.get(User, user_id), ROLES[SupporterKind(supporter.kind)], supporter.place, by=by)
    note(supporter, "confirm", by, user_id=user_id)
    db.session.flush()
    tell("confirm", supporter, user_id)


def refuse_person(supporter: Supporter, user_id: int, *, by: Actor, why: str) -> None:
    """Staff turn somebody down, with a reason; a party member's own entry leaves the register."""
    check_staff(supporter, by)
    asked = db.session.get(SupporterPerson, (supporter.id, user_id))
    if asked is None or asked.is_confirmed:
        raise NotFound()
    if not why.strip():
        raise BadInput(N_("Please say why, in a few words."))
    check_reason(why)
    db.session.delete(asked)
    touch(supporter)
    if supporter.kind in OWN_KINDS:
        supporter.is_active = False
    note(supporter, "refuse", by, user_id=user_id)
    db.session.flush()
    tell("refuse", supporter, user_id, why.strip()[:200])
