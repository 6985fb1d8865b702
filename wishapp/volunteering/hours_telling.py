"""Who hears of which step of their hours. Guests see it on their private link."""

from wishapp.accounts import queries as accounts
from wishapp.kernel.permissions import UPPER_STAFF, Role
from wishapp.notices import service as notices
from wishapp.store.db import db
from wishapp.volunteering.models import Call, Volunteer
from wishapp.volunteering.record_models import ServiceRecord
from wishapp.volunteering.telling import organisers


def hours_text(half_hours: int) -> str:
    """Half hours as hours: 5 -> "2.5", 4 -> "2"."""
    return f"{half_hours // 2}{'.5' if half_hours % 2 else ''}"


def staff_at(path: str) -> list[int]:
    """The community's staff; where it has none, the street's and the district's."""
    return accounts.holders({Role.COMMUNITY_STAFF}, path) or accounts.holders(set(UPPER_STAFF), path)


def tell_of_hours(record: ServiceRecord, action: str, **params: object) -> None:
    """Tell the volunteer about a step of their hours; led to their record."""
    user_id = db.session.get(Volunteer, record.volunteer_id).user_id
    if user_id is not None:
        notices.announce("hours", action, thing_id=record.id, people={"volunteer": [user_id]}, params=_words(record, **params),
                         endpoint="volunteering.records")


def tell_settlers(record: ServiceRecord, **params: object) -> None:
    """An objection: whoever runs the call hears of it, or wrote the hours down; where there is nobody, the staff."""
    call = db.session.get(Call, record.call_id) if record.call_id is not None else None
    people = organisers(call) if call is not None else [record.recorder_id] if record.recorder_id else staff_at(record.place_path)
    _tell_desk(record, "object", people, "settle", **params)


def tell_reviewers(record: ServiceRecord) -> None:
    """A backfill waits for a second person: the staff of the place hear of it."""
    _tell_desk(record, "claim", [one for one in staff_at(record.place_path) if one != record.recorder_id], "review")


def tell_recorder(record: ServiceRecord, **params: object) -> None:
    """A backfill was refused: whoever wrote it down hears why."""
    _tell_desk(record, "refuse", [record.recorder_id], "refused", **params)


def _tell_desk(record: ServiceRecord, action: str, people: list[int], tab: str, **params: object) -> None:
    own = db.session.get(Volunteer, record.volunteer_id).user_id
    notices.announce("hours", action, thing_id=record.id, people={"organiser": [one for one in people if one != own]},
                     params=_words(record, **params), endpoint="volunteering.hours", values={"tab": tab})


def _words(record: ServiceRecord, **params: object) -> dict[str, object]:
    return {"title": record.title, "hours": hours_text(record.half_hours), **params}
