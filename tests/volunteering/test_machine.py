"""Shifts and queues against a plain model, in any order of steps; six planted bugs are each found by it."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy.exc import IntegrityError

from tests.volunteering.machine import World, machine_of, play, world
from wishapp.kernel.roles import SYSTEM
from wishapp.store.transitions import advance
from wishapp.volunteering import deadlines, seats, service, sign_ups
from wishapp.volunteering.models import ShiftRole, SignUp

RUNS, STEPS = 300, 50
FOUND_WITHIN = (300, 12)  # runs, steps
FOUND = (AssertionError, IntegrityError, RuntimeError, ExceptionGroup)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for the whole file."""
    with world(tmp_path_factory.mktemp("world")) as made:
        yield made


def test_shifts_and_queues_are_as_the_model_says(shared: World) -> None:
    """The long form is benchmarks/waitlist.py."""
    play(machine_of(shared), RUNS, STEPS)


def newest_first(patch: pytest.MonkeyPatch) -> None:
    """The queue forgets the order of coming."""
    right = seats.queue
    patch.setattr(seats, "queue", lambda role: right(role)[::-1])


def keep_it(patch: pytest.MonkeyPatch) -> None:
    """Who steps back does not give the seat back."""
    patch.setattr(sign_ups, "release", lambda sign_up: None)


def largest_first(patch: pytest.MonkeyPatch) -> None:
    """A group overtakes those who came before."""
    right = seats.queue
    patch.setattr(seats, "queue", lambda role: sorted(right(role), key=lambda one: -one.people))


def lapse_only(patch: pytest.MonkeyPatch) -> None:
    """A kept seat nobody answered for is kept for ever."""
    patch.setattr(deadlines, "lapse_seat", lambda sign_up: advance(sign_up, "lapse", by=SYSTEM))


def raise_only(patch: pytest.MonkeyPatch) -> None:
    """More seats, and nobody is told."""
    right, promote = service.change_seats, sign_ups.promote

    def change(role: ShiftRole, count: int, **options: object) -> None:
        sign_ups.promote = lambda shift, by: []
        try:
            right(role, count, **options)
        finally:
            sign_ups.promote = promote

    patch.setattr(service, "change_seats", change)


def look_away(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks whether the first of the queue has a place elsewhere by now."""
    right = seats.hindrance

    def hindrance(waiting: SignUp) -> str:
        return "" if right(waiting) == "elsewhere" else right(waiting)

    patch.setattr(seats, "hindrance", hindrance)


@pytest.mark.parametrize("bug", [newest_first, keep_it, largest_first, lapse_only, raise_only, look_away])
def test_a_planted_bug_is_found(shared: World, monkeypatch: pytest.MonkeyPatch, bug: Callable[[pytest.MonkeyPatch], None]) -> None:
    """With the bug in place the same runs fail."""
    bug(monkeypatch)
    with pytest.raises(FOUND):
        play(machine_of(shared), *FOUND_WITHIN)
