"""Events in the order of their moments, each through the real services with the clock standing at that moment."""

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import structlog
from sqlalchemy.orm import Session

from wishapp.kernel import clock
from wishapp.kernel.errors import Refused
from wishapp.store.db import db
from wishapp.store.transaction import transaction

log = structlog.get_logger()
AT_ONCE = 40  # events committed together
OPENS, CLOSES = 8, 20  # local hours in which people do things


class Replay:
    """`at(moment, act)` plans an event; `run(until)` plays them all. Acts may plan further ones, and return nothing.

    `ends`: nothing that waits for the next morning is moved beyond it.
    """

    def __init__(self, chance: Random, begins: datetime, ends: datetime) -> None:
        self.chance = chance
        self.refused = 0
        self._events: list[tuple[datetime, int, Callable[[], None], bool]] = []
        self._count = itertools.count()
        self._now = begins
        self._end = ends

    @property
    def now(self) -> datetime:
        """The moment being played."""
        return self._now

    def at(self, moment: datetime, act: Callable[[], None], *, is_exact: bool = False, is_alone: bool = False) -> None:
        """Plan an act for this moment, moved into the day unless `is_exact`; some minutes after the present event when that would be before it.

        `is_alone`: it opens its own transactions.
        """
        moment = moment if is_exact else self.by_day(moment)
        if moment <= self._now:
            moment = self._now + timedelta(minutes=self.chance.randint(5, 45))
        heapq.heappush(self._events, (moment, next(self._count), act, is_alone))

    def after(self, span: timedelta, act: Callable[[], None]) -> None:
        """Plan an act some time after the event being played."""
        self.at(self._now + span, act)

    def by_day(self, moment: datetime) -> datetime:
        """The moment, or the next morning when people sleep."""
        local = moment.astimezone(clock.LOCAL)
        if OPENS <= local.hour < CLOSES:
            return moment
        morning = local.replace(hour=OPENS, minute=self.chance.randint(0, 59)) + timedelta(hours=self.chance.choice((0, 0, 1, 2)))
        morning = morning if local.hour < OPENS else morning + timedelta(days=1)
        if morning <= self._end:
            return morning
        evening = local if local.hour >= CLOSES else local - timedelta(days=1)
        return evening.replace(hour=CLOSES - 1, minute=self.chance.randint(0, 59))

    def run(self, until: datetime) -> None:
        """Play everything planned up to `until`; what lies later stays undone."""
        clock.set_for_testing(lambda: self._now)
        try:
            self._play_until(until)
        finally:
            clock.set_for_testing(None)
            self._now = until

    def _play_until(self, until: datetime) -> None:
        while self._events and self._events[0][0] <= until:
            if self._events[0][3]:
                self._next()()
                continue
            with transaction():
                for _each in range(AT_ONCE):
                    if not self._events or self._events[0][0] > until or self._events[0][3]:
                        break
                    self._play(db.session())

    def _next(self) -> Callable[[], None]:
        self._now, _number, act, _is_alone = heapq.heappop(self._events)
        return act

    def _play(self, session: Session) -> None:
        act = self._next()
        try:
            with session.begin_nested():
                act()
        except Refused as refusal:  # somebody was faster, or a promise is used up: so it goes in life
            self.refused += 1
            log.debug("replay_refused", why=refusal.message)
