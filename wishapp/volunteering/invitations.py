"""Who could be asked for a shift: people of the community who do this kind of work or have the skill, free then, least recently asked first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, exists, or_, select

from wishapp.accounts.models import User
from wishapp.accounts.service import mask_name
from wishapp.kernel import clock
from wishapp.kernel.permissions import FIELD_STAFF
from wishapp.kernel.roles import Actor
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.supporters.models import Ability, FreeTime, Supporter, SupporterPerson
from wishapp.volunteering.models import LIVING, Shift, SignUp, Volunteer
from wishapp.volunteering.overlap import PRESENT
from wishapp.volunteering.stand_ins import part_of_day
from wishapp.volunteering.volunteers import PERSONS, ensure_volunteer

MOST = 60


@dataclass(frozen=True)
class Candidate:
    """Somebody to ask. `skills`: those of the shift's skills they have; `is_free`: said to have time then (else nothing is known);
    `asked_at`: last asked; `phone` only when opened."""

    user_id: int
    name: str
    skills: tuple[str, ...]
    does_this: bool
    is_free: bool
    asked_at: datetime | None
    phone: str = ""


def may_open(actor: Actor, shift: Shift) -> bool:
    """May the actor see whose names and telephones these are: whoever works in the place. Candidates signed up for nothing, so that a team
    leader, who sees those of their own call, gets them masked and asks through the community."""
    return any(grant.role in FIELD_STAFF and grant.reaches(shift.place_path) for grant in actor.grants)


def candidates(shift: Shift, *, is_opened: bool = False) -> list[Candidate]:
    """At most MOST people, best first; two queries. Whoever is on the list, elsewhere at that time, pausing or not free then is left out."""
    begins = shift.starts_at.astimezone(clock.LOCAL)
    wanted = [role.skill for role in shift.roles if role.skill]
    times = exists().where(FreeTime.supporter_id == Supporter.id)
    free = exists().where(FreeTime.supporter_id == Supporter.id, FreeTime.weekday == begins.weekday(), FreeTime.part == part_of_day(begins.time()))
    does_this = exists().where(Ability.supporter_id == Supporter.id, Ability.kind == "help", Ability.word == shift.call.kind)
    has_skill = exists().where(Ability.supporter_id == Supporter.id, Ability.kind == "skill", Ability.word.in_(wanted)) if wanted else None
    fits = or_(does_this, has_skill) if has_skill is not None else does_this
    own = and_(SignUp.volunteer_id == Volunteer.id, or_(
        and_(SignUp.shift_id == shift.id, SignUp.state.in_(LIVING)),
        and_(SignUp.state.in_(PRESENT), SignUp.starts_at < shift.ends_at, SignUp.ends_at > shift.starts_at)))
    is_free = case((free, 1), else_=0)
    order = [is_free.desc(), Volunteer.asked_at.asc().nulls_first(), User.id]
    if has_skill is not None:
        order.insert(0, case((has_skill, 1), else_=0).desc())
    query = (
        select(User.id, User.display_name, User.phone, Volunteer.asked_at, Supporter.id, is_free, case((does_this, 1), else_=0))
        .select_from(Supporter).join(SupporterPerson, SupporterPerson.supporter_id == Supporter.id).join(User, User.id == SupporterPerson.user_id)
        .outerjoin(Volunteer, Volunteer.user_id == User.id)
        .where(Supporter.kind.in_(PERSONS), Supporter.is_active, SupporterPerson.is_confirmed, User.is_enabled, fits, or_(free, ~times),
               Supporter.place_path.startswith(shift.call.community.path, autoescape=True),
               or_(Supporter.paused_until.is_(None), Supporter.paused_until < clock.today()),
               or_(Volunteer.paused_until.is_(None), Volunteer.paused_until < clock.today()), ~exists().where(own))
        .order_by(*order).limit(2 * MOST))
    rows = {row[0]: row for row in reversed(db.session.execute(query).all())}  # somebody may be a member and a volunteer
    rows = dict(reversed(rows.items()))
    skills = _skills([row[4] for row in rows.values()], wanted)
    return [
        Candidate(user_id, name if is_opened else mask_name(name), skills.get(supporter_id, ()), bool(does), bool(has_time), asked_at,
                  (phone or "") if is_opened else "")
        for user_id, name, phone, asked_at, supporter_id, has_time, does in rows.values()][:MOST]


def _skills(supporter_ids: Iterable[int], wanted: list[str]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    if wanted:
        query = select(Ability.supporter_id, Ability.word).where(
            Ability.supporter_id.in_(list(supporter_ids)), Ability.kind == "skill", Ability.word.in_(wanted)).order_by(Ability.word)
        for supporter_id, word in db.session.execute(query):
            found[supporter_id] = (*found.get(supporter_id, ()), word)
    return found


def note_asked(shift: Shift, user_ids: Iterable[int], *, by: Actor) -> int:
    """Note that these candidates were asked now, so that others come first next time. Returns how many; ids of others are left out."""
    known = {one.user_id for one in candidates(shift)}
    asked = [user_id for user_id in dict.fromkeys(user_ids) if user_id in known]
    for user_id in asked:
        ensure_volunteer(user_id).asked_at = clock.now()
    if asked:
        audit.record("shift", shift.id, "note_asked", by=by, place_path=shift.place_path, data={"people": len(asked)})
    return len(asked)
