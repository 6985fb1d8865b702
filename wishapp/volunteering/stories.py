"""A sign-up's story in plain words for whoever signed up: what happened, whose turn it is, what comes next. Texts are message ids."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from wishapp.kernel import clock
from wishapp.kernel.text import N_
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.volunteering.models import SignUp

WISH, WORK, DONE = "wish", "work", "done"  # the reader's turn, somebody else's, nobody's any more


@dataclass(frozen=True)
class Turn:
    """Whose turn it is: `text` and `note` are message ids filled by `params`."""

    text: str
    note: str = ""
    tone: str = WORK
    params: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One line of the story."""

    at: datetime
    text: str
    note: str = ""


TEXTS = {
    "sign_up": N_("You signed up."),
    "confirm": N_("The seat is yours."),
    "hold": N_("You were asked whether you could come."),
    "apply": N_("You said: I’ll come. The organisers have a look first."),
    "approve": N_("The organisers said yes."),
    "refuse": N_("The organisers could not take you this time."),
    "queue": N_("All seats were taken: you joined the queue."),
    "offer": N_("A seat became free and is kept for you."),
    "pass_over": N_("A seat became free, but it went on to the next."),
    "accept": N_("You said: I’ll come."),
    "decline": N_("You said: not this time. The seat went on to the next."),
    "lapse": N_("The time to answer was over; the seat went on to the next."),
    "cancel": N_("You stepped back in time."),
    "call_off": N_("The organisers called it off."),
    "move": N_("The organisers gave the shift another time."),
    "ask_off": N_("You said that you cannot come after all."),
    "come_after_all": N_("You said that you can come after all."),
    "excuse": N_("You are excused."),
    "attend": N_("You were there."),
    "arrive_late": N_("You were there, a little late."),
    "miss": N_("Nobody saw you there."),
    "forgive": N_("The organisers excused you afterwards."),
    "correct": N_("The organisers put it right: you were there."),
}
TAKEN_OFF = N_("The organisers took you off the list.")
WHY = {
    "elsewhere": N_("You were already somewhere else at that time."),
    "paused": N_("Your sign-up was resting at that moment."),
    "disabled": N_("The account was switched off."),
}


def place_in_queue(sign_up: SignUp) -> int:
    """Which number in the queue this is, from 1. One query."""
    query = select(func.count()).where(SignUp.role_id == sign_up.role_id, SignUp.state == "waitlisted", SignUp.turn <= sign_up.turn)
    return db.session.scalar(query)


def queue_length(role_id: int) -> int:
    """How many wait for seats of this sort."""
    return db.session.scalar(select(func.count()).where(SignUp.role_id == role_id, SignUp.state == "waitlisted"))


def story(sign_up: SignUp, own_ids: set[int | None]) -> list[Entry]:
    """What happened, newest first. `own_ids`: user ids in whose name the reader acts (None for a guest)."""
    lines = []
    for entry in audit.history("sign_up", sign_up.id):
        text = TEXTS.get(entry.action)
        if text is None or (entry.action == "confirm" and sign_up.origin in ("own", "guest") and entry.from_state == "applied"):
            continue
        if entry.action == "cancel" and entry.actor_id not in own_ids:
            text = TAKEN_OFF
        why = str(entry.data.get("why") or "")
        lines.append(Entry(entry.at, text, entry.note or WHY.get(why, "")))
    return lines


def turn(sign_up: SignUp) -> Turn:
    """Where it stands and what comes next."""
    now, state = clock.now(), sign_up.state
    if state == "confirmed" and sign_up.starts_at > now:
        if sign_up.asked_off_at is not None:
            return Turn(N_("You have asked off; a stand-in is being looked for"), N_("Until somebody is found the seat stays yours. You will hear at once."))
        return Turn(N_("You are in. See you there!"), N_("You will be reminded the evening before and an hour before it starts."), DONE)
    if state == "waitlisted" and sign_up.starts_at > now:
        return Turn(N_("You are number %(number)s in the queue"), N_("As soon as a seat becomes free it is offered in this order. You will hear."), WORK,
                    {"number": place_in_queue(sign_up)})
    if state == "offered":
        return Turn(N_("Your turn: a seat is kept for you. Will you come?"), N_("Without an answer it goes on to the next; it is not held against you."), WISH)
    if state in OPEN_ENDS:
        return OPEN_ENDS[state]
    if state in ("cancelled", "refused"):
        note = WHY.get(sign_up.ended_why, "")
        return Turn(ENDS[state], note, DONE)
    return Turn(ENDS.get(state, N_("This is over")), "", DONE)


OPEN_ENDS = {
    "applied": Turn(N_("The organisers have a look first"), N_("They say yes or no, usually within a day. Until then a seat is set aside for you.")),
    "confirmed": Turn(N_("It has begun"), N_("Check in when you are there.")),
    "waitlisted": Turn(N_("No seat became free this time"), N_("Thank you for waiting."), DONE),
}
ENDS = {
    "attended": N_("You were there. Thank you!"), "late": N_("You were there. Thank you!"), "excused": N_("You were excused"),
    "absent": N_("You were missed"), "refused": N_("It did not work out this time"), "lapsed": N_("The seat went on to the next"),
    "cancelled": N_("You are no longer on the list"),
}
