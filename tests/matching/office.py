"""A small neighbourhood at work: people of every role, supporters, open wishes, and a plan over them, all through the real services."""

import itertools
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from flask import Flask
from sqlalchemy import select

from tests.factories import Neighbourhood, Person, make_neighbourhood, make_person
from wishapp.jobs import run as jobs
from wishapp.jobs.models import Job
from wishapp.kernel import clock
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import SYSTEM
from wishapp.matching import service as matching
from wishapp.matching.models import MatchRun, Proposal
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters import service as supporters
from wishapp.supporters.models import Supporter, SupporterKind
from wishapp.volunteering import service as calls
from wishapp.wishes import service as wishes
from wishapp.wishes.models import Wish
from wishapp.wishes.service import WishDraft

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Office:
    """Ids and people of a test office; rows are read when needed."""

    app: Flask
    places: Neighbourhood
    staff: Person
    street: Person
    district: Person
    stranger: Person
    resident: Person
    contact: Person
    member: Person

    def supporter(self, name: str, *, kind: str = "unit", helps: tuple = ("goods",), skills: tuple = (), quota: int = 5, size: int = 1, person: Person | None = None,
                  paired: bool = False, radius: int = 3000, minutes: int = 240, at: object = None) -> int:
        """A supporter answering through `person`; returns its id."""
        with self.app.app_context(), transaction():
            place = db.session.get(Place, (at or self.places.community).id)
            made = supporters.create_supporter(by=SYSTEM, kind=kind, name=name, place=place, radius=radius, monthly_minutes=minutes, size=size,
                                               people=[person.id] if person else [])
            supporters.set_abilities(made, by=SYSTEM, help_kinds=helps, skills=skills)
            if kind == SupporterKind.UNIT:
                supporters.set_quota(made, by=SYSTEM, period="2026", what="any", quota=quota)
            if paired:
                supporters.pair_unit(made, db.session.get(Place, self.places.community.id), by=SYSTEM)
            return made.id

    def wish(self, title: str = "", *, kind: str = "goods", urgency: str = "week", seats: int = 1, skill: str = "", at: object = None,
             minutes: int = 60, group: str = "residents") -> int:
        """A wish on the wall; returns its id."""
        title = title or f"一盏灯 {next(_numbers)}"
        with self.app.app_context(), transaction():
            wish = wishes.submit_wish(by=self.resident.actor, draft=WishDraft(
                title=title, kind=kind, community_id=(at or self.places.community).id, beneficiary_name="测试甲", urgency=urgency, seats=seats,
                skill=skill, minutes=minutes, group=group))
            wishes.publish_wish(wish, by=self.district.actor)
            return wish.id

    def shift(self, title: str = "", *, starts: datetime | None = None, hours: int = 2, seats: int = 2, skills: dict[str, int] | None = None,
              kind: str = "service", minimum: int = 0, **call: object) -> int:
        """A published call with one shift (in three days at nine unless said); returns the shift's id."""
        starts = starts or datetime.combine(clock.today() + timedelta(days=3), time(9), clock.LOCAL)
        with self.app.app_context(), transaction():
            made = calls.create_call(db.session.get(Place, self.places.community.id), by=self.staff.actor, title=title or f"楼道清扫 {next(_numbers)}",
                                     kind=kind, spot="社区广场", **call)
            shift = calls.add_shift(made, starts, starts + timedelta(hours=hours), seats, by=self.staff.actor, skills=skills, minimum=minimum)
            calls.submit_call(made, by=self.staff.actor)
            calls.publish_call(made, by=self.staff.actor)
            return shift.id

    def person(self, name: str, *, kind: str = "member", **supporter: object) -> tuple[Person, int]:
        """Somebody with an account who is a supporter (or leads a team): (person, supporter id)."""
        role = {"member": Role.PARTY_MEMBER, "volunteer": Role.VOLUNTEER, "team": Role.TEAM_LEADER}[kind]
        made = make_person(self.app, f"{name}{next(_numbers)}", (role, self.places.community), lives_in=self.places.community)
        return made, self.supporter(name, kind=kind, person=made, **{"helps": ("goods", "service"), **supporter})

    def run(self, *, place: object = None, by: Person | None = None, adopt: bool = False, **options: object) -> int:
        """A run worked out to its end; returns its id."""
        with self.app.app_context():
            with transaction():
                place = db.session.get(Place, (place or self.places.street).id)
                made = matching.start_run(place, by=(by or self.street).actor, options={"seconds": 5, **options})
            run_id, job_id = made.id, made.job_id
        with self.app.app_context():
            jobs.run_job(job_id)
        if adopt:
            with self.app.app_context(), transaction():
                matching.adopt_run(db.session.get(MatchRun, run_id), by=(by or self.street).actor)
        return run_id

    def repair(self) -> int:
        """Do every repair that waits for a worker; returns how many."""
        with self.app.app_context():
            waiting = list(db.session.scalars(select(Job.id).where(Job.kind == "repair", Job.status == "waiting").order_by(Job.id)))
        for job_id in waiting:
            with self.app.app_context():
                jobs.run_job(job_id)
        return len(waiting)

    def run_trial(self, *, place: object = None, **options: object) -> int:
        """A what-if worked out to its end; returns its id."""
        with self.app.app_context():
            with transaction():
                made = matching.start_run(db.session.get(Place, (place or self.places.street).id), by=self.street.actor,
                                          options={"seconds": 5, **options}, is_what_if=True)
            run_id, job_id = made.id, made.job_id
        with self.app.app_context():
            jobs.run_job(job_id)
        return run_id

    def proposals(self, run_id: int) -> list[int]:
        """Ids of a run's proposals."""
        with self.app.app_context():
            return list(db.session.scalars(select(Proposal.id).where(Proposal.run_id == run_id).order_by(Proposal.id)))

    def look(self, model: type, thing_id: int, *names: str) -> tuple:
        """Some columns of a row as they stand now."""
        with self.app.app_context():
            thing = db.session.get(model, thing_id)
            return tuple(getattr(thing, name) for name in names)

    def state(self, model: type, thing_id: int) -> str:
        """A thing's state as it stands now."""
        return self.look(model, thing_id, "state")[0]

    def offered(self, *, runners: int = 0) -> tuple[int, int, list[int]]:
        """A wish whose proposal was approved and sent out: (wish id, proposal id, supporter ids with the asked one first)."""
        supporter_ids = [self.supporter("远帆样例院", person=self.contact, paired=True)]
        supporter_ids += [self.supporter(f"后备样例单位{number}", person=self.contact) for number in range(runners)]
        wish_id = self.wish()
        run_id = self.run(adopt=True)
        [proposal_id] = self.proposals(run_id)
        with self.app.app_context(), transaction():
            assert matching.approve_proposal(db.session.get(Proposal, proposal_id), by=self.staff.actor)
        return wish_id, proposal_id, supporter_ids


def open_office(app: Flask) -> Office:
    """The people and places of Office, nothing else yet."""
    places = make_neighbourhood(app)
    return Office(
        app=app, places=places,
        staff=make_person(app, "社工样例", (Role.COMMUNITY_STAFF, places.community)),
        street=make_person(app, "街道样例", (Role.STREET_STAFF, places.street)),
        district=make_person(app, "区级样例", (Role.DISTRICT_STAFF, places.district)),
        stranger=make_person(app, "外街样例", (Role.STREET_STAFF, places.far_street)),
        resident=make_person(app, "居民样例", lives_in=places.community),
        contact=make_person(app, "联络样例", (Role.UNIT_CONTACT, places.community)),
        member=make_person(app, "党员样例", (Role.PARTY_MEMBER, places.community)),
    )


__all__ = ["MatchRun", "Office", "Proposal", "Supporter", "Wish", "open_office"]
