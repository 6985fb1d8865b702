"""A call's story for those who run it: who did what, newest first, in plain words. Built from the record; names of staff only, none of volunteers.

Texts are message ids with parameters; the page translates them.
"""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, or_, select

from wishapp.accounts import queries as accounts
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.store.audit import AuditEntry
from wishapp.store.db import db
from wishapp.volunteering.models import Call

MOST = 60
TEXTS = {
    ("call", "create"): N_("began this call."),
    ("call", "edit"): N_("changed something."),
    ("call", "submit"): N_("sent it to review."),
    ("call", "return"): N_("asked for a change."),
    ("call", "second"): N_("passed it up to the street."),
    ("call", "publish"): N_("published it. People can sign up."),
    ("call", "fill"): N_("The last free seat was taken."),
    ("call", "reopen_seat"): N_("A seat is free again."),
    ("call", "start"): N_("The first shift began."),
    ("call", "finish"): N_("The last shift is over."),
    ("call", "archive"): N_("closed it with a report."),
    ("call", "cancel"): N_("called it off."),
    ("shift", "create"): N_("added a shift: %(starts)s."),
    ("shift", "drop"): N_("took a shift out."),
    ("shift", "cancel"): N_("called off the shift %(starts)s."),
    ("shift", "move"): N_("moved the shift of %(was)s to %(starts)s."),
    ("shift", "change_seats"): N_("changed the seats of %(starts)s."),
    ("shift", "note_asked"): N_("noted whom they asked for %(starts)s."),
}
NOBODY_SAID_IT = {("call", "fill"), ("call", "reopen_seat"), ("call", "start"), ("call", "finish")}  # nobody's doing, or a volunteer's
NOTES = {("call", "return"), ("call", "cancel"), ("shift", "cancel"), ("shift", "move")}


@dataclass
class Entry:
    """One line: `who` in bold (a name, or a message id when `who_is_text`), `text` a message id filled by `params`, `times`: how often in a row."""

    at: datetime
    text: str
    who: str = ""
    who_is_text: bool = False
    params: dict[str, object] = field(default_factory=dict)
    note: str = ""
    times: int = 1


def timeline(call: Call, reader: Actor) -> list[Entry]:
    """What happened to the call and its shifts, newest first, at most MOST rows of the record; shifts added in one go are one line. Two queries."""
    shifts = {shift.id: shift for shift in call.shifts}
    of_shifts = and_(AuditEntry.kind == "shift", AuditEntry.thing_id.in_(shifts), AuditEntry.action.in_([action for kind, action in TEXTS if kind == "shift"]))
    rows = db.session.scalars(
        select(AuditEntry).where(or_(and_(AuditEntry.kind == "call", AuditEntry.thing_id == call.id), of_shifts))
        .order_by(AuditEntry.id.desc()).limit(5 * MOST)).all()
    names = accounts.display_names(row.actor_id for row in rows)
    told: list[Entry] = []
    for row in rows:
        key = (row.kind, row.action)
        starts = shifts[row.thing_id].starts_at if row.kind == "shift" else None
        params = {"starts": starts}
        if key == ("shift", "move"):
            params = {"was": datetime.fromisoformat(row.data["from"]), "starts": datetime.fromisoformat(row.data["to"])}
        entry = Entry(row.at, TEXTS.get(key, N_("changed something.")), params=params, note=row.note or "" if key in NOTES else "")
        if key not in NOBODY_SAID_IT and row.actor_id is not None:
            entry.who, entry.who_is_text = (N_("You"), True) if row.actor_id == reader.id else (names.get(row.actor_id, "–"), False)
        last = told[-1] if told else None
        if last and key == ("shift", "create") and last.text in (entry.text, ADDED_MANY) and last.who == entry.who and (last.at - entry.at).total_seconds() < 60:
            last.times += 1
            last.text, last.at = ADDED_MANY, entry.at
        else:
            told.append(entry)
    return told[:MOST]


ADDED_MANY = N_("added %(times)s shifts.")
