"""Who came first was served first: read from the record alone, as somebody would who trusts nothing else."""

from sqlalchemy import select

from wishapp.store.audit import AuditEntry
from wishapp.store.db import db
from wishapp.volunteering.models import HOLDING, SignUp

NEWCOMER = ("confirm", "hold")
LEAVING = ("cancel", "decline", "lapse", "pass_over", "refuse", "call_off", "excuse", "forgive")


class Seats:
    """The seats of one sort as the record tells of them: how many there are, who sits, who waits since which place in the order of coming."""

    def __init__(self, seats: int) -> None:
        self.seats, self.sitting, self.waiting = seats, {}, {}

    @property
    def free(self) -> int:
        """Seats nobody has."""
        return self.seats - sum(self.sitting.values())

    def passed_by(self, turn: int) -> list[int]:
        """Turns of those who wait since before and whom the free seats would fit."""
        return sorted(other for other, people in self.waiting.values() if other < turn and people <= self.free)


def overtaken(seats: int) -> list[str]:
    """Everybody who was passed by, or waited beside free seats, with words for it; every sort of seats begins with `seats`.

    Steps of one shift are written under its lock, so that the record's order is theirs.
    """
    turns = {row.id: row for row in db.session.execute(select(SignUp.id, SignUp.turn, SignUp.people, SignUp.role_id))}
    roles = {row.role_id: Seats(seats) for row in turns.values()}
    found = []
    steps = select(AuditEntry.kind, AuditEntry.thing_id, AuditEntry.action, AuditEntry.from_state, AuditEntry.to_state, AuditEntry.data).where(
        AuditEntry.kind.in_(("sign_up", "shift"))).order_by(AuditEntry.id)
    for kind, number, action, before, _after, data in db.session.execute(steps):
        if kind == "shift":
            if action == "change_seats" and data["role_id"] in roles:
                roles[data["role_id"]].seats = data["seats"]
            continue
        row = turns[number]
        role = roles[row.role_id]
        if action == "queue":
            if row.people <= role.free:
                found.append(f"sign-up {number}: had to wait for {row.people} seats while {role.free} were free")
            role.waiting[number] = (row.turn, row.people)
        elif action in (*NEWCOMER, "offer") and before in (None, "applied", "waitlisted"):
            role.waiting.pop(number, None)
            if passed := role.passed_by(row.turn):
                found.append(f"sign-up {number}: turn {row.turn} was served before turns {passed}")
            role.sitting[number] = row.people
            if role.free < 0:
                found.append(f"sign-up {number}: {-role.free} people too many")
        elif action in LEAVING:
            role.waiting.pop(number, None)
            role.sitting.pop(number, None)
    held = {number: people for role in roles.values() for number, people in role.sitting.items()}
    states = dict(db.session.execute(select(SignUp.id, SignUp.state)).all())
    found += [f"sign-up {number}: the record and the state {state} do not agree" for number, state in states.items() if (state in HOLDING) != (number in held)]
    return found
