"""Two shifts at the same time, their seats and queues, as plain Python: what the services must agree with, step by step.

Written from the words of the issue, not from the code: first come first served among those who fit, a seat never stays free beside
somebody it would fit, nobody in two places, who asks off late keeps the place until somebody else has it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

AHEAD = ("applied", "waitlisted", "offered", "confirmed")
SITTING = ("applied", "offered", "confirmed")
LATE = timedelta(hours=24)


class No(Exception):
    """The rules say no."""


@dataclass
class Place:
    """Somebody's place in a shift. `key` is the sign-up's id once it is known; `asked_off` counts up, so that the first comes first."""

    person: int
    shift: int
    role: str
    people: int
    state: str = "applied"
    key: int = 0
    answer_by: datetime | None = None
    asked_off: int = 0


@dataclass
class Model:
    """`seats`: {(shift, skill): seats}; `times`: (from, to) of each shift; `skilled`: people with the skill."""

    seats: dict[tuple[int, str], int]
    times: list[tuple[datetime, datetime]]
    skilled: frozenset[int]
    needs_approval: bool
    now: datetime
    states: list[str] = field(default_factory=lambda: ["open", "open"])
    places: list[Place] = field(default_factory=list)
    off: set[int] = field(default_factory=set)
    call: str = "open"
    count: int = 0

    def free(self, shift: int, role: str) -> int:
        """Seats nobody has."""
        return self.seats[shift, role] - sum(one.people for one in self.places if (one.shift, one.role) == (shift, role) and one.state in SITTING)

    def begun(self, shift: int) -> bool:
        """Has it begun."""
        return self.times[shift][0] <= self.now

    def elsewhere(self, person: int, shift: int) -> bool:
        """Has the person a seat in the other shift."""
        return any(one.person == person and one.shift != shift and one.state in SITTING for one in self.places)

    def sign_up(self, person: int, shift: int, role: str, people: int) -> Place:
        """In, waiting, or No."""
        if (person in self.off or self.states[shift] != "open" or self.begun(shift) or self.elsewhere(person, shift)
                or any(one.person == person and one.shift == shift and one.state in AHEAD for one in self.places)
                or (role and (people > 1 or person not in self.skilled)) or people > self.seats[shift, role]):
            raise No
        made = Place(person, shift, role, people)
        if people > self.free(shift, role):
            made.state = "waitlisted"
        elif not self.needs_approval:
            made.state = "confirmed"
        self.places.append(made)
        self.move_up(shift)
        return made

    def move_up(self, shift: int) -> None:
        """Everybody in the queue whom the free seats fit, in the order of coming; seats of those who asked off count."""
        if self.states[shift] == "open" and not self.begun(shift):
            for role in sorted({role for at, role in self.seats if at == shift}):
                for one in [one for one in self.places if (one.shift, one.role, one.state) == (shift, role, "waitlisted")]:
                    self._seat(one)
        self.follow()

    def _seat(self, one: Place) -> None:
        going = sorted((other for other in self.places if (other.shift, other.role, other.state) == (one.shift, one.role, "confirmed") and other.asked_off),
                       key=lambda other: other.asked_off)
        if one.people > self.free(one.shift, one.role) + sum(other.people for other in going):
            return
        if self.elsewhere(one.person, one.shift):
            one.state = "lapsed"
            return
        while one.people > self.free(one.shift, one.role):
            going.pop(0).state = "excused"
        one.state = "offered"

    def follow(self) -> None:
        """The call is open while an open shift has a free seat."""
        free = [self.free(shift, role) for shift, role in self.seats if self.states[shift] == "open"]
        if free:
            self.call = "open" if sum(free) else "full"

    def leave(self, one: Place, state: str, *allowed: str) -> None:
        """A place ends, and the queue moves up; No out of other states than `allowed`."""
        if one.state not in allowed:
            raise No
        one.state = state
        self.move_up(one.shift)

    def cancel(self, one: Place) -> None:
        """Step back, not late out of a confirmed place."""
        if one.state == "confirmed" and self.times[one.shift][0] - LATE <= self.now:
            raise No
        self.leave(one, "cancelled", *AHEAD)

    def ask_off(self, one: Place) -> None:
        """Cannot come after all."""
        if self.times[one.shift][0] - LATE > self.now:
            self.cancel(one)
            return
        if one.state != "confirmed" or one.asked_off or self.states[one.shift] != "open" or self.begun(one.shift):
            raise No
        self.count += 1
        one.asked_off = self.count
        self.move_up(one.shift)

    def come_after_all(self, one: Place) -> None:
        """Can come again."""
        if one.state != "confirmed" or not one.asked_off:
            raise No
        one.asked_off = 0

    def accept(self, one: Place) -> None:
        """Yes in time."""
        if one.state != "offered" or one.answer_by <= self.now:
            raise No
        one.state = "applied" if self.needs_approval else "confirmed"

    def approve(self, one: Place) -> None:
        """The organiser's yes."""
        if one.state != "applied":
            raise No
        one.state = "confirmed"

    def change_seats(self, shift: int, role: str, seats: int) -> None:
        """More or fewer."""
        others = sum(count for (at, name), count in self.seats.items() if at == shift and name != role)
        if self.states[shift] != "open" or others + seats < 1 or seats < self.seats[shift, role] - self.free(shift, role):
            raise No
        self.seats[shift, role] = seats
        self.move_up(shift)

    def cancel_shift(self, shift: int) -> None:
        """Called off."""
        if self.states[shift] != "open":
            raise No
        self.states[shift] = "cancelled"
        for one in self.places:
            if one.shift == shift and one.state in AHEAD:
                one.state = "cancelled"
        self.follow()

    def disable(self, person: int) -> None:
        """An account is switched off: its places ahead go."""
        if person in self.off:
            raise No
        self.off.add(person)
        for one in sorted((one for one in self.places if one.person == person), key=lambda one: one.shift):
            if one.state in AHEAD and not self.begun(one.shift):
                self.leave(one, "cancelled", *AHEAD)

    def tick(self, hours: float) -> None:
        """Time passes, and what is due by the clock is done."""
        self.now += timedelta(hours=hours)
        for one in [one for one in self.places if one.state == "offered" and one.answer_by <= self.now]:
            self.leave(one, "lapsed", "offered")
        for one in self.places:
            begins, ends = self.times[one.shift]
            if begins <= self.now and (one.state == "waitlisted" or (one.state == "confirmed" and one.asked_off)):
                one.state = "lapsed" if one.state == "waitlisted" else "excused"
            elif ends <= self.now and one.state == "applied":
                one.state = "cancelled"
        self.follow()
