"""Whose sign-up rests just now, for staff of where they live; who has no home here is found by where they were missed."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, undefer_group

from wishapp.accounts.models import User
from wishapp.accounts.service import mask_name
from wishapp.kernel import clock
from wishapp.kernel.errors import NotFound
from wishapp.kernel.roles import Actor
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.paging import Page, page_of
from wishapp.volunteering.models import Shift, SignUp, Volunteer

PAGE_SIZE = 25


@dataclass(frozen=True)
class Pause:
    """Somebody whose sign-up rests: masked name, and the absences it came of, newest first."""

    volunteer: Volunteer
    name: str
    absences: Sequence[SignUp] = ()


def page(actor: Actor, number: int) -> Page:
    """Page of Pauses in the actor's places, the one that lasts longest first; three queries."""
    found = page_of(_query(actor).order_by(Volunteer.paused_until.desc(), Volunteer.id), number, PAGE_SIZE, scalars=False)
    missed = _absences([row[0].id for row in found.rows])
    return Page([_pause(*row, missed.get(row[0].id, [])) for row in found.rows], found.number, found.size, found.total)


def access_pause(actor: Actor, volunteer_id: int) -> Pause:
    """One of them; NotFound for anybody else, and once the pause is over."""
    row = db.session.execute(_query(actor).where(Volunteer.id == volunteer_id)).one_or_none()
    if row is None:
        raise NotFound()
    return _pause(*row, _absences([volunteer_id]).get(volunteer_id, []))


def _query(actor: Actor) -> Select:
    return (
        select(Volunteer, User.display_name).outerjoin(User, User.id == Volunteer.user_id)
        .outerjoin(Place, Place.id == func.coalesce(User.grid_id, User.community_id)).options(undefer_group("restricted"))
        .where(Volunteer.paused_until >= clock.today(), _in_reach(actor)))


def _in_reach(actor: Actor) -> ColumnElement[bool]:
    paths = actor.paths_for("calls.review")
    lives = or_(*(Place.path.startswith(path, autoescape=True) for path in paths))
    missed = exists().where(SignUp.volunteer_id == Volunteer.id, SignUp.state == "absent",
                            or_(*(SignUp.place_path.startswith(path, autoescape=True) for path in paths)))
    return or_(lives, and_(Place.id.is_(None), missed)) if paths else Volunteer.id.is_(None)


def _pause(volunteer: Volunteer, name: str | None, absences: Sequence[SignUp]) -> Pause:
    return Pause(volunteer, mask_name(name or volunteer.guest_name or ""), absences)


def _absences(volunteer_ids: list[int]) -> dict[int, list[SignUp]]:
    found: dict[int, list[SignUp]] = {}
    query = (
        select(SignUp).join(SignUp.shift).options(contains_eager(SignUp.shift).options(joinedload(Shift.call)))
        .where(SignUp.volunteer_id.in_(volunteer_ids), SignUp.state == "absent").order_by(SignUp.starts_at.desc(), SignUp.id))
    for sign_up in db.session.scalars(query):
        found.setdefault(sign_up.volunteer_id, []).append(sign_up)
    return found
