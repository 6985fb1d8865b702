"""A shift whose day it is, and people at their devices."""

from datetime import timedelta

from tests.factories import PASSWORD, Person
from tests.volunteering.scene import Scene
from wishapp.store.db import db


def on_the_day(stage: Scene, clock: object, *, people: int = 3, seats: int = 6, minutes: float = -5, hours: float = 48) -> list[int]:
    """So many neighbours on the list of one shift, and the clock near its start; ids of their sign-ups."""
    with stage.app.app_context():
        stage.open_call(seats=seats, hours=hours)
        ids = [stage.sign_up(number).id for number in range(people)]
        clock.set(stage.at_start() + timedelta(minutes=minutes))
        db.session.remove()
    return ids


def enter(visitor: object, person: Person, path: str) -> object:
    """Sign in on the way to a page."""
    visitor.open(path)
    visitor.page.fill("[name=username]", person.username)
    visitor.page.fill("[name=password]", PASSWORD)
    visitor.page.press("[name=password]", "Enter")
    visitor.page.wait_for_url(f"**{path}")
    return visitor.look()
