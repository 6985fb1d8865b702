"""People and calls to play with. Holds ids, never rows; every verb goes through the real services."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Flask

from tests.factories import Neighbourhood, Person, make_neighbourhood, make_person
from wishapp.kernel import clock
from wishapp.kernel.permissions import Role
from wishapp.places import queries as places
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering import service
from wishapp.volunteering.models import Call, Shift, ShiftRole, SignUp, Volunteer


@dataclass
class Scene:
    """One neighbourhood with its staff and neighbours who sign up. Rows are read anew by the methods; call them inside an app context."""

    app: Flask
    at: Neighbourhood
    staff: Person
    street: Person
    leader: Person
    people: list[Person] = field(default_factory=list)
    call_id: int = 0
    shift_ids: list[int] = field(default_factory=list)

    def person(self, number: int) -> Person:
        """Neighbour `number`, made when first asked for."""
        while len(self.people) <= number:
            self.people.append(make_person(self.app, f"邻居{len(self.people)}", (Role.VOLUNTEER, self.at.community)))
        return self.people[number]

    def open_call(self, *, shifts: int = 1, seats: int = 1, hours: float = 48, minutes: int = 120, apart: float = 24,
                  skills: dict[str, int] | None = None, **values: object) -> Call:
        """A published call whose first shift begins in `hours`, the next `apart` hours later each."""
        start = clock.now() + timedelta(hours=hours)
        with transaction():
            call = service.create_call(places.place(self.at.community.id), by=self.staff.actor, **{"title": "网格巡查", "spot": "社区门口", **values})
            for number in range(shifts):
                begin = start + timedelta(hours=apart * number)
                service.add_shift(call, begin, begin + timedelta(minutes=minutes), seats, by=self.staff.actor, skills=skills)
            service.submit_call(call, by=self.staff.actor)
        with transaction():
            service.publish_call(call, by=self.street.actor)
        self.call_id, self.shift_ids = call.id, [shift.id for shift in call.shifts]
        return call

    def shift(self, number: int = 0) -> Shift:
        """A shift of the newest call."""
        return db.session.get(Shift, self.shift_ids[number])

    def role(self, number: int = 0, skill: str = "") -> ShiftRole:
        """Seats of one sort in it."""
        return next(role for role in self.shift(number).roles if role.skill == skill)

    def volunteer(self, person: Person) -> Volunteer:
        """The volunteer behind somebody, inside the caller's transaction."""
        return service.ensure_volunteer(person.id)

    def sign_up(self, number: int, *, shift: int = 0, people: int = 1, skill: str = "") -> SignUp:
        """Neighbour `number` signs up for a shift of the newest call."""
        person = self.person(number)
        with transaction():
            return service.sign_up(self.role(shift, skill), self.volunteer(person), by=person.actor, people=people)

    def states(self, shift: int = 0) -> list[str]:
        """States of everybody who ever signed up for a shift, in the order of coming."""
        query = db.select(SignUp.state).where(SignUp.shift_id == self.shift_ids[shift]).order_by(SignUp.turn)
        return list(db.session.scalars(query))

    def at_start(self, shift: int = 0) -> datetime:
        """When a shift begins."""
        return self.shift(shift).starts_at


def make_scene(app: Flask) -> Scene:
    """Everybody; no call yet."""
    at = make_neighbourhood(app)
    return Scene(app, at, staff=make_person(app, "李社工", (Role.COMMUNITY_STAFF, at.community)), street=make_person(app, "赵街道", (Role.STREET_STAFF, at.street)),
                 leader=make_person(app, "孙队长", (Role.TEAM_LEADER, at.community)))
