"""The day of a shift in the demonstration and what comes after it: who came, when it closed, hours, a doubt and its answer."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select

from wishapp.demo import words
from wishapp.demo.cast import Cast
from wishapp.demo.replay import Replay
from wishapp.jobs.batches import in_batches
from wishapp.kernel.errors import Refused
from wishapp.kernel.roles import Actor
from wishapp.places import queries as places
from wishapp.store.db import db
from wishapp.volunteering import queries, service
from wishapp.volunteering.models import Call, Shift, SignUp

OBJECTION = "我收拾场地到最后才走，少记了半个小时。"
ANSWER = "查过了，确实是您最后锁的门，已经补上。"
HERE = ("attended", "late")


class Days:
    """Plans the days of shifts that have begun by `now` into the replay."""

    def __init__(self, replay: Replay, cast: Cast, now: datetime) -> None:
        self.replay, self.cast, self.chance, self.now = replay, cast, replay.chance, now

    def plan(self, shift: Shift, *, is_doubted: bool) -> None:
        """Everybody on the list comes, or does not; the shift begins and closes by the clock. `is_doubted`: somebody objects to their hours."""
        begins, ends = shift.starts_at, shift.ends_at
        if begins > self.now:
            return
        self.at(begins - timedelta(minutes=25), lambda this=shift.id: self.gather(this))
        self.at(begins + timedelta(minutes=1), service.turn_shifts, is_alone=True)
        self.at(ends + timedelta(hours=3, minutes=2), service.turn_shifts, is_alone=True)
        if is_doubted:
            self.at(ends + timedelta(hours=20), lambda this=shift.id: self.doubt(this))
            self.at(ends + timedelta(hours=27), lambda this=shift.id: self.answer(this))

    def at(self, moment: datetime, act: object, *, is_alone: bool = False) -> None:
        """To the minute, unless that is still to come."""
        if moment <= self.now:
            self.replay.at(moment, act, is_exact=True, is_alone=is_alone)

    def gather(self, shift_id: int) -> None:
        """Plan when each of the list presses: most in time, some late, a few not at all."""
        for sign_up in db.session.scalars(select(SignUp).where(SignUp.shift_id == shift_id, SignUp.state == "confirmed").order_by(SignUp.id)):
            luck, shift = self.chance.random(), sign_up.shift
            if luck > 0.92:
                continue
            came = shift.starts_at + timedelta(minutes=self.chance.uniform(-18, 6) if luck < 0.85 else self.chance.uniform(18, 30))
            self.at(came, lambda this=sign_up.id: self.press(this, "in"))
            if self.chance.random() < 0.8:
                self.at(shift.ends_at + timedelta(minutes=self.chance.uniform(-4, 9)), lambda this=sign_up.id: self.press(this, "out"))

    def press(self, sign_up_id: int, what: str) -> None:
        """The leader ticks them on the list."""
        found = db.session.get(SignUp, sign_up_id)
        key = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
        (service.check_in if what == "in" else service.check_out)(found, key=key, at=self.replay.now, how="leader", by=self.leader(found.shift.call))

    def doubt(self, shift_id: int) -> None:
        """The first with an account says that the hours are not right."""
        sign_up = self.first(shift_id)
        service.object_hours(queries.record_of_sign_up(sign_up.id), by=self.cast.actor(sign_up.volunteer.user_id), why=OBJECTION)

    def answer(self, shift_id: int) -> None:
        """The leader looks at it and puts it right."""
        sign_up = self.first(shift_id)
        record = queries.record_of_sign_up(sign_up.id)
        service.settle_hours(record, by=self.leader(sign_up.shift.call), answer=ANSWER, minutes=record.minutes + 30)

    def first(self, shift_id: int) -> SignUp:
        """The first who was there and has an account."""
        there = db.session.scalars(select(SignUp).where(
            SignUp.shift_id == shift_id, SignUp.state.in_(HERE), SignUp.origin != "guest").order_by(SignUp.id)).all()
        found = next((sign_up for sign_up in there if queries.record_of_sign_up(sign_up.id) is not None), None)
        if found is None:
            raise Refused("nobody's hours")
        return found

    def report(self, call_id: int) -> None:
        """Two days later the leader tells how it went, and those who came say what they thought of it."""
        call = db.session.get(Call, call_id)
        there = db.session.scalars(select(SignUp).join(Shift).where(Shift.call_id == call_id, SignUp.state.in_(HERE)).order_by(SignUp.id))
        for sign_up in there:
            if self.chance.random() < 0.6 and service.may_rate(sign_up):
                stars = self.chance.choices((5, 4), (80, 20))[0]
                service.rate_call(sign_up, by=self.cast.actor(sign_up.volunteer.user_id or call.posted_by_id), stars=stars, words=self.chance.choice(words.CAME))
        service.archive_call(call, by=self.leader(call), words=words.REPORT, photos=[])

    def certify(self, user_id: int) -> None:
        """The community writes out a certificate of what counts by now."""
        volunteer, person, today = queries.volunteer_of(user_id), self.cast.actor(user_id), self.replay.now.date()
        asked = service.Asked(since=today - timedelta(days=90), until=today, holder=person.name, document_kind="none", in_charge=words.IN_CHARGE)
        home = places.place(self.cast.home.id)
        service.issue_certificate(volunteer, asked, by=self.cast.actor(self.cast.known["community"]), issuer=home)

    def leader(self, call: Call) -> Actor:
        """Whoever posted it."""
        return self.cast.actor(call.posted_by_id)

    def by_the_clock(self, since: datetime) -> None:
        """What jobs do by themselves, once a day: seats nobody answered for, hours that count by now."""
        moment = since
        while moment < self.now:
            self.at(moment, service.turn_seats, is_alone=True)
            self.at(moment, finalise, is_alone=True)
            moment += timedelta(days=1)


def finalise() -> None:
    """Hours that were shown long enough count."""
    in_batches(service.finalise_due)
