"""A Hypothesis state machine: whatever is done in whatever order, shifts and queues are as the model (model.py) says, after every step.

One database in memory serves all runs; each has its own week and its own call, and what it leaves behind is put away with plain SQL.
Used by test_machine.py, and at length by benchmarks/waitlist.py.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from sqlalchemy import func, insert, select, text

import wishapp
from tests import databases
from tests.volunteering.model import AHEAD, LATE, Model, No, Place
from tests.volunteering.scene import Scene, make_scene
from wishapp.accounts import service as accounts
from wishapp.accounts.models import User
from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Refused
from wishapp.kernel.roles import SYSTEM
from wishapp.notices.models import Notice
from wishapp.places import queries as places
from wishapp.store.audit import AuditEntry
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters import service as supporters
from wishapp.volunteering import deadlines, service
from wishapp.volunteering.models import Call, Shift, ShiftRole, SignUp

PEOPLE, SKILLED, SKILL = 6, frozenset({4, 5}), "driving"
FIRST_WEEK = datetime.fromisoformat("2026-06-10T12:00:00+08:00")
CLEAN = ("DELETE FROM sign_ups", "DELETE FROM shift_roles", "DELETE FROM shifts", "DELETE FROM calls", "DELETE FROM notices", "UPDATE users SET is_enabled = 1")


SIGN_UPS = "SELECT id, state, answer_by FROM sign_ups WHERE shift_id IN (?, ?) ORDER BY id"
SEATS = "SELECT id, seats, taken FROM shift_roles WHERE shift_id IN (?, ?)"
CALL = "SELECT state FROM calls WHERE id = ?"


def read(statement: str, *values: int) -> list[tuple]:
    """Rows as the database has them: the machine looks after every step, and SQLAlchemy would take most of its time."""
    return db.session.connection().connection.driver_connection.execute(statement, values).fetchall()


class World:
    """What all runs share: the database, six people (two with a skill), the hands of the clock."""

    def __init__(self, app: Flask) -> None:
        self.scene: Scene = make_scene(app)
        self.now = FIRST_WEEK
        self.week = FIRST_WEEK
        clock.set_for_testing(lambda: self.now)
        for number in range(PEOPLE):
            person = self.scene.person(number)
            with transaction():
                self.scene.volunteer(person)
                if number in SKILLED:
                    member = supporters.create_supporter(
                        kind="member", name="陈某", place=places.place(self.scene.at.community.id), by=SYSTEM, people=[person.id])
                    supporters.set_abilities(member, by=SYSTEM, help_kinds=[], skills=[SKILL])

    def open_call(self, times: list[tuple[datetime, datetime]], plain: tuple[int, int], needs_approval: bool) -> tuple[int, list[int], dict]:
        """A published call with two shifts of so many plain seats, the first with one for the skill, written straight into the tables:
        its id, the shifts', and {(shift, skill): role}."""
        at, staff = self.scene.at.community, self.scene.staff
        with transaction():
            call_id = db.session.scalar(insert(Call).values(
                state="open", title="网格巡查", story="", kind="service", posted_by_id=staff.id, community_id=at.id, place_path=at.path, spot="社区门口",
                needs_approval=needs_approval, published_at=self.now, version=1).returning(Call.id))
            shifts = [db.session.scalar(insert(Shift).values(
                state="open", call_id=call_id, place_path=at.path, starts_at=begins, ends_at=ends, secret="", version=1).returning(Shift.id))
                for begins, ends in times]
            roles = {(number, skill): db.session.scalar(insert(ShiftRole).values(shift_id=shifts[number], skill=skill, seats=count).returning(ShiftRole.id))
                     for number, skill, count in ((0, "", plain[0]), (0, SKILL, 1), (1, "", plain[1]))}
        return call_id, shifts, roles

    def next_week(self) -> None:
        """A week nobody has been in."""
        self.week += timedelta(days=7)
        self.now = self.week


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """A database in memory with everybody in it."""
    app = wishapp.create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": "sqlite://", "INSTANCE": str(folder)})
    with app.app_context():
        with closing(sqlite3.connect(databases.first_sqlite("blank"))) as blank:
            blank.backup(db.engine.raw_connection().driver_connection)
        try:
            yield World(app)
        finally:
            clock.set_for_testing(None)
            db.session.remove()
            db.engine.dispose()


def play(machine: type[RuleBasedStateMachine], runs: int, steps: int) -> None:
    """So many runs of so many steps; fails with the first run after which model and services differ."""
    run_state_machine_as_test(machine, settings=settings(
        max_examples=runs, stateful_step_count=steps, deadline=None, derandomize=True, database=None, print_blob=False, report_multiple_bugs=False,
        phases=(Phase.generate,), suppress_health_check=list(HealthCheck)))


person, which, size = st.integers(0, PEOPLE - 1), st.integers(0, 11), st.sampled_from((1, 2, 1, 2, 3))


def machine_of(shared: World) -> type[RuleBasedStateMachine]:
    """The machine over this world."""

    class Shifts(RuleBasedStateMachine):
        """Two shifts of one call at the same time, the first with a seat for a skill."""

        @initialize(plain=st.tuples(st.integers(1, 3), st.integers(1, 2)), needs_approval=st.sampled_from((False, False, True)), is_late=st.booleans(),
                    crowd=st.lists(st.tuples(person, size), min_size=4, max_size=5, unique_by=lambda one: one[0]), is_elsewhere=st.booleans())
        def begin(self, plain: tuple[int, int], needs_approval: bool, is_late: bool, crowd: list[tuple[int, int]], is_elsewhere: bool) -> None:
            shared.next_week()
            first = shared.now + LATE + timedelta(hours=-6 if is_late else 12)
            times = [(first, first + timedelta(hours=3)), (first + timedelta(hours=1), first + timedelta(hours=3))]
            self.call_id, self.shifts, self.roles = shared.open_call(times, plain, needs_approval)
            self.began = db.session.scalar(select(func.max(AuditEntry.id))) or 0
            db.session.rollback()
            self.model = Model({(0, ""): plain[0], (0, SKILL): 1, (1, ""): plain[1]}, times, SKILLED, needs_approval, shared.now)
            for who, people in crowd:
                self.sign_up(who, (0, ""), people)
            waiting = next((one for one in self.model.places if one.state == "waitlisted"), None)
            if waiting is not None and is_elsewhere:  # who waits here takes a seat there
                self.sign_up(waiting.person, (1, ""), 1)

        def both(self, expected: Callable[[], object], verb: Callable[[], object]) -> object:
            """The same on both sides: done on both or refused on both, and everything is as the model says."""
            try:
                result, allowed = expected(), True
            except No:
                result, allowed = None, False
            try:
                with transaction():
                    done = verb()
                assert allowed, "the rules say no, the service did it"
                if isinstance(result, Place) and isinstance(done, SignUp):
                    result.key = done.id
            except (Refused, BadInput) as refusal:
                assert not allowed, f"the rules say yes, the service refused: {refusal}"
            db.session.remove()  # as at the end of a request
            self.compare()
            return result

        def compare(self) -> None:
            """Places, seats and the call."""
            rows = read(SIGN_UPS, *self.shifts)
            assert [(key, state) for key, state, _until in rows] == [(one.key, one.state) for one in self.model.places]
            for (_key, _state, until), one in zip(rows, self.model.places, strict=True):
                one.answer_by = until and datetime.fromisoformat(until).replace(tzinfo=UTC)
                assert one.state != "offered" or one.answer_by > self.model.now, "a kept seat has time to be answered for"
            taken = {role_id: (seats, taken) for role_id, seats, taken in read(SEATS, *self.shifts)}
            assert taken == {role_id: (self.model.seats[at], self.model.seats[at] - self.model.free(*at)) for at, role_id in self.roles.items()}
            assert read(CALL, self.call_id) == [(self.model.call,)]

        def some(self, number: int, *states: str) -> Place:
            """One of those in these states, any when there are none: then both sides have to say no."""
            found = [one for one in self.model.places if one.state in states] or self.model.places
            return found[number % len(found)]

        def has_places(self) -> bool:
            """Has anybody come."""
            return bool(self.model.places)

        def is_asked(self) -> bool:
            """Is a seat kept for anybody."""
            return any(one.state == "offered" for one in self.model.places)

        def is_pending(self) -> bool:
            """Does anybody wait, or wait to be let in."""
            return any(one.state in ("applied", "waitlisted") for one in self.model.places)

        def is_leaving(self) -> bool:
            """Has anybody asked off."""
            return any(one.asked_off for one in self.model.places)

        def own(self, one: Place) -> object:
            """The actor whose place it is."""
            return shared.scene.people[one.person].actor

        def row(self, one: Place) -> SignUp:
            """The place in the database."""
            return db.session.get(SignUp, one.key)

        @rule(who=person, at=st.sampled_from(((0, ""), (0, ""), (1, ""), (0, SKILL))), people=size)
        def sign_up(self, who: int, at: tuple[int, str], people: int) -> None:
            actor = shared.scene.people[who].actor
            self.both(lambda: self.model.sign_up(who, *at, people), lambda: service.sign_up(
                db.session.get(ShiftRole, self.roles[at]), service.ensure_volunteer(actor.id), by=actor, people=people))

        @precondition(has_places)
        @rule(number=which)
        def cancel(self, number: int) -> None:
            one = self.some(number, *AHEAD)
            self.both(lambda: self.model.cancel(one), lambda: service.cancel_sign_up(self.row(one), by=self.own(one)))

        @precondition(has_places)
        @rule(number=which)
        def organiser_cancels(self, number: int) -> None:
            one = self.some(number, "confirmed", "applied")
            self.both(lambda: self.model.leave(one, "cancelled", *AHEAD),
                      lambda: service.cancel_sign_up(self.row(one), by=shared.scene.staff.actor, why="临时调整"))

        @precondition(has_places)
        @rule(number=which)
        def ask_off(self, number: int) -> None:
            one = self.some(number, "confirmed")
            self.model.now = shared.now = self.model.now + timedelta(seconds=1)  # nobody asks off in the same moment as somebody else
            self.both(lambda: self.model.ask_off(one), lambda: service.ask_off(self.row(one), by=self.own(one)))

        @precondition(is_leaving)
        @rule(number=which)
        def come_after_all(self, number: int) -> None:
            one = next((one for one in self.model.places if one.asked_off), None) or self.some(number, "confirmed")
            self.both(lambda: self.model.come_after_all(one), lambda: service.come_after_all(self.row(one), by=self.own(one)))

        @precondition(is_asked)
        @rule(number=which)
        def accept(self, number: int) -> None:
            one = self.some(number, "offered")
            self.both(lambda: self.model.accept(one), lambda: service.accept_seat(self.row(one), by=self.own(one)))

        @precondition(is_asked)
        @rule(number=which)
        def decline(self, number: int) -> None:
            one = self.some(number, "offered")
            allowed = ("offered", "applied")  # whoever the matcher asked is applied, and may say no
            self.both(lambda: self.model.leave(one, "cancelled", *allowed), lambda: service.decline_seat(self.row(one), by=self.own(one)))

        @precondition(is_pending)
        @rule(number=which, is_yes=st.booleans())
        def decide(self, number: int, is_yes: bool) -> None:
            one, by = self.some(number, "applied", "waitlisted"), shared.scene.staff.actor
            if is_yes:
                self.both(lambda: self.model.approve(one), lambda: service.approve_sign_up(self.row(one), by=by))
            else:
                self.both(lambda: self.model.leave(one, "refused", "applied", "waitlisted"),
                          lambda: service.refuse_sign_up(self.row(one), by=by, why="已有足够的人"))

        @rule(at=st.sampled_from(((0, ""), (0, ""), (1, ""), (0, SKILL))), more=st.sampled_from((-2, -1, 1, 1, 2)))
        def change_seats(self, at: tuple[int, str], more: int) -> None:
            seats = max(0, self.model.seats[at] + more)
            self.both(lambda: self.model.change_seats(*at, seats), lambda: service.change_seats(
                db.session.get(ShiftRole, self.roles[at]), seats, by=shared.scene.staff.actor))

        @rule(hours=st.sampled_from((1, 5, 13, 13, 20)))
        def time_passes(self, hours: int) -> None:
            self.model.tick(hours)
            shared.now = self.model.now
            deadlines.work()
            db.session.remove()
            self.compare()

        @rule(who=person, chance=st.integers(0, 2))
        def disable(self, who: int, chance: int) -> None:
            if chance == 0:
                self.both(lambda: self.model.disable(who), lambda: accounts.disable_user(
                    db.session.get(User, shared.scene.people[who].id), by=shared.scene.street.actor))

        @rule(at=st.integers(0, 1), chance=st.integers(0, 3))
        def cancel_shift(self, at: int, chance: int) -> None:
            if chance == 0:
                self.both(lambda: self.model.cancel_shift(at), lambda: service.cancel_shift(
                    db.session.get(ShiftRole, self.roles[at, ""]).shift, by=shared.scene.staff.actor, why="下雨"))

        def teardown(self) -> None:
            """Every promotion was told once; then the week is put away."""
            db.session.rollback()
            offers = sorted(db.session.scalars(select(AuditEntry.thing_id).where(
                AuditEntry.kind == "sign_up", AuditEntry.action == "offer", AuditEntry.id > getattr(self, "began", 0))))
            told = sorted(values["sign_up_id"] for values in db.session.scalars(select(Notice.values).where(
                Notice.workflow == "sign_up", Notice.action == "offer")))
            with transaction():
                for statement in CLEAN:
                    db.session.execute(text(statement))
            assert told == offers and len(set(offers)) == len(offers), "one notice for each promotion"

    return Shifts
