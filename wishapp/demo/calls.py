"""Volunteer calls of the demonstration: what is told (data/calls.psv, after really published titles) and how the street's lives go."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import count
from pathlib import Path

from sqlalchemy import select

from wishapp.demo import names
from wishapp.demo.cast import Cast
from wishapp.demo.days import Days
from wishapp.demo.map import Spot
from wishapp.demo.replay import Replay
from wishapp.kernel import clock
from wishapp.kernel.errors import Refused
from wishapp.kernel.roles import NOBODY, Actor
from wishapp.places import queries as places
from wishapp.store.db import db
from wishapp.volunteering import service as calls
from wishapp.volunteering.models import Call, Shift, ShiftRole, SignUp

DATA = Path(__file__).parent / "data" / "calls.psv"


@dataclass(frozen=True)
class CallStory:
    """What a call says: `begins` of its shifts on the local clock, `hours` each takes, `seats` plain ones, `skills` {skill: seats}."""

    key: str
    kind: str
    title: str
    spot: str
    begins: time
    hours: float
    seats: int
    skills: dict[str, int]
    least: int
    story: str
    risks: str
    safeguards: str


def read() -> dict[str, CallStory]:
    """Every story by its key."""
    found = {}
    for line in DATA.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            key, kind, title, spot, begins, hours, seats, skills, least, story, risks, safeguards = line.split("|")
            wanted = {skill: int(number) for skill, _, number in (entry.partition(":") for entry in skills.split(",") if entry)}
            found[key] = CallStory(key, kind, title, spot, time.fromisoformat(begins), float(hours), int(seats), wanted, int(least), story, risks, safeguards)
    return found


@dataclass(frozen=True)
class Course:
    """How one call of the street goes. `days`: of its shifts, from today; `told`: days before the first (or before today) at which it is
    written; `fill`: share of the seats people take by themselves, above 1 some wait; `ends`: state it is left in when not simply lived
    through; `is_doubted`: somebody objects to the hours. Day 0 is under way just now."""

    key: str
    home: int
    days: tuple[int, ...]
    fill: float
    told: int = 9
    ends: str = ""
    is_team: bool = False
    is_doubted: bool = False
    with_guests: bool = False
    more: tuple[tuple[str, object], ...] = ()


COURSES = (
    Course("sorting", 0, (-31, -30, -29, -24), 0.9, ends="archived"),
    Course("river", 1, (-12,), 0.8, with_guests=True),
    Course("cinema", 0, (-4,), 0.9, is_doubted=True),
    Course("parking", 0, (-2, 5), 1.2),
    Course("mural", 0, (0,), 0.9, is_team=True),
    Course("repairs", 0, (3, 10), 0.6, with_guests=True),
    Course("books", 0, (2, 5, 9, 12), 0.5, is_team=True),
    Course("homework", 0, (1, 2, 4, 7, 8), 0.7, more=(("needs_approval", True),)),
    Course("clinic", 0, (4, 18), 0.3),
    Course("patrol", 1, (1, 3, 5, 8, 10, 12), 0.45),
    Course("elders", 0, (2, 6, 9), 1.4),
    Course("shopping", 2, (2,), 1.0),
    Course("stairs", 0, (6,), 0.3, told=1, more=(("neighbours_first", True),)),
    Course("phones", 3, (5, 12), 0.25),
    Course("bikes", 4, (3, 17), 0.5, with_guests=True),
    Course("garden", 5, (7,), 0.5, ends="cancelled"),
    Course("clothes", 0, (8, 9), 0.0, told=1, ends="submitted"),
    Course("elders", 3, (11,), 0.0, told=1, ends="draft"),
    Course("patrol", 6, (9,), 0.0, told=2, ends="returned"),
)
CALLED_OFF = "连着几天有雨，泥地进不去人，等天好了再约。"
SENT_BACK = "写得很好。集合地点还请再具体些，夜里要有灯的地方。"
STEPPED_BACK = "那天要带孩子看牙，来不了了。"


class CallLives:
    """Plans the street's calls into the replay."""

    def __init__(self, replay: Replay, cast: Cast) -> None:
        self.replay, self.cast, self.chance = replay, cast, replay.chance
        self.stories = read()
        self.guests = count(9200)

    def plan_all(self, now: datetime) -> None:
        """Plan all of COURSES as they stand at `now`."""
        self.days = Days(self.replay, self.cast, now)
        self.days.by_the_clock(now - timedelta(days=33))
        for course in COURSES:
            told = now + timedelta(days=min(0, course.days[0])) - timedelta(days=course.told, hours=self.chance.uniform(1, 5))
            self.replay.at(told, lambda this=course: self.tell(this, now))

    def tell(self, course: Course, now: datetime) -> None:
        """The call is written, by the community or by the known team's leader, and sent to review."""
        story, cast = self.stories[course.key], self.cast
        home = cast.home if course.home == 0 else cast.tree.communities[course.home]
        by = cast.actor(cast.known["team"] if course.is_team else cast.staff[home.id])
        grid = self.chance.choice(cast.tree.grids[home.id])
        more = dict(course.more)
        if more.pop("neighbours_first", False):
            more |= {"grid_until": now + timedelta(hours=20), "community_until": now + timedelta(days=2)}
        call = calls.create_call(
            places.place(grid.id if "grid_until" in more else home.id), by=by, team_id=cast.helper("team").id if course.is_team else None,
            title=story.title, story=story.story, kind=story.kind, spot=story.spot, risks=story.risks, safeguards=story.safeguards,
            latitude=grid.latitude, longitude=grid.longitude, takes_guests=course.with_guests, **more)
        for begins, ends in spans(story, course.days, now):
            calls.add_shift(call, begins, ends, story.seats, by=by, skills=story.skills, minimum=story.least)
        if course.ends == "draft":
            return
        calls.submit_call(call, by=by)
        if course.ends != "submitted":
            self.replay.after(timedelta(hours=self.chance.uniform(1, 20)), lambda: self.review(course, call.id, home, now))

    def review(self, course: Course, call_id: int, home: Spot, now: datetime) -> None:
        """The community looks at it; once it is up, people sign up."""
        cast = self.cast
        call, by = db.session.get(Call, call_id), cast.actor(cast.staff[home.id])
        if course.ends == "returned":
            calls.return_call(call, by=by, why=SENT_BACK)
            return
        calls.publish_call(call, by=by)
        for shift in call.shifts:
            self.fill(course, shift, home, now)
            self.days.plan(shift, is_doubted=course.is_doubted)
        if course.ends == "archived":
            self.days.at(call.shifts[-1].ends_at + timedelta(days=2), lambda: self.days.report(call_id))
            self.days.at(now - timedelta(days=1, hours=3), lambda: self.days.certify(cast.known["volunteer"]))
        if course.ends == "cancelled":
            self.replay.at(now - timedelta(hours=8), lambda: calls.cancel_call(db.session.get(Call, call_id), by=by, why=CALLED_OFF))

    def fill(self, course: Course, shift: Shift, home: Spot, now: datetime) -> None:
        """Plan who signs up for a shift: neighbours, members, now and then a guest or a family."""
        cast = self.cast
        until = min(now - timedelta(minutes=20), shift.starts_at - timedelta(hours=6))
        for role in shift.roles:
            wanted = round(role.seats * course.fill + self.chance.random() * 0.6)
            people = self.willing(home, role.skill)
            for number in range(wanted):
                moment = self.replay.now + (until - self.replay.now) * self.chance.random() ** 1.4
                if course.with_guests and not role.skill and number == 0:
                    self.replay.at(moment, lambda this=role.id: self.guest(this, home))
                    continue
                if number == 0 and course.days[0] <= 0 and home.id == cast.home.id and not role.skill:
                    user_id = cast.known["volunteer"]
                else:
                    user_id = next(people, None)
                if user_id is None:
                    break
                group = 2 if not role.skill and number == 1 and role.seats > 5 else 1
                self.replay.at(moment, lambda this=role.id, who=user_id, size=group: self.sign_up(this, who, size))

    def willing(self, home: Spot, skill: str) -> Iterator[int]:
        """People of this community, who have the skill where one is asked for; the known volunteer and member now and then first."""
        cast = self.cast
        ours = [helper.user_id for helper in cast.helpers
                if helper.kind == "member" and helper.community_path == home.path and (not skill or skill in helper.skills)]
        ours += [] if skill else cast.residents.get(home.id, [])
        self.chance.shuffle(ours)
        if home.id == cast.home.id and not skill and self.chance.random() < 0.5:
            ours.insert(0, cast.known["volunteer"])
        return iter(dict.fromkeys(ours))

    def sign_up(self, role_id: int, user_id: int, people: int = 1) -> None:
        """Somebody signs up; one in twelve steps back again later."""
        by, role = self.cast.actor(user_id), db.session.get(ShiftRole, role_id)
        made = calls.sign_up(role, calls.ensure_volunteer(user_id), by=by, people=people)
        if made.state == "applied" and self.chance.random() < 0.6:
            self.replay.after(timedelta(hours=self.chance.uniform(2, 20)), lambda: self.let_in(made.id))
        elif made.state == "confirmed" and self.chance.random() < 0.08:
            self.replay.after(timedelta(hours=self.chance.uniform(4, 40)), lambda: self.step_back(made.id, by))

    def guest(self, role_id: int, home: Spot) -> None:
        """Somebody without an account, by a private link."""
        number, role = next(self.guests), db.session.get(ShiftRole, role_id)
        calls.sign_up(role, calls.ensure_guest(names.person(number), names.phone(number), home.code[:6]), by=NOBODY, origin="guest")

    def let_in(self, sign_up_id: int) -> None:
        """An organiser agrees."""
        made = db.session.get(SignUp, sign_up_id)
        calls.approve_sign_up(made, by=self.leader(made))

    def step_back(self, sign_up_id: int, by: Actor) -> None:
        """Cannot come after all; the queue moves up."""
        made = db.session.get(SignUp, sign_up_id)
        if made.state != "confirmed":
            raise Refused("moved on")
        calls.cancel_sign_up(made, by=by, why=STEPPED_BACK)

    def leader(self, sign_up: SignUp) -> Actor:
        """Whoever runs the call."""
        return self.cast.actor(sign_up.shift.call.posted_by_id)


def spans(story: CallStory, days: tuple[int, ...], now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Beginning and end of a story's shifts on these days, counted from the local day of `now`."""
    today = now.astimezone(clock.LOCAL).date()
    for day in days:
        begins = datetime.combine(today + timedelta(days=day), story.begins, clock.LOCAL)
        if day == 0:  # under way just now
            begins = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
        yield begins, begins + timedelta(hours=story.hours)


def totals() -> dict[str, int]:
    """How many there are now."""
    return {"calls": db.session.scalar(select(db.func.count(Call.id))), "shifts": db.session.scalar(select(db.func.count(Shift.id)))}
