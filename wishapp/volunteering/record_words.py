"""Words about hours as people read them on pages."""

from flask_babel import lazy_gettext as _l

from wishapp.kernel import clock
from wishapp.volunteering.hours_telling import hours_text
from wishapp.volunteering.models import CallKind
from wishapp.volunteering.record_models import ServiceRecord
from wishapp.web import filters

SOURCES = {"check_in": _l("From check-in"), "backfill": _l("Written down afterwards")}
SHORT_SOURCES = {"check_in": _l("check-in"), "backfill": _l("backfill")}
STATES = {
    "claimed": _l("A second person looks at it"), "shown": _l("Shown"), "objected": _l("Objected to"), "final": _l("Final"),
    "refused": _l("Does not count"),
}
LOOKS = {"claimed": "waiting", "shown": "open", "objected": "delivered", "final": "done", "refused": "cancelled"}
KINDS = {
    CallKind.SERVICE: _l("Helping hands"), CallKind.COMPANIONSHIP: _l("Company"), CallKind.ENVIRONMENT: _l("Surroundings"),
    CallKind.LEARNING: _l("Learning"), CallKind.MEDICAL: _l("Health"), CallKind.REPAIR: _l("Repairs"),
}
TABS = {
    "settle": _l("Objections"), "review": _l("Backfills to look at"), "shown": _l("Shown"), "final": _l("Final"), "refused": _l("Do not count"),
}

__all__ = ["KINDS", "LOOKS", "SHORT_SOURCES", "SOURCES", "STATES", "TABS", "hours_text", "span"]


def span(record: ServiceRecord) -> str:
    """When it was: the day, from and until."""
    start, end = record.starts_at.astimezone(clock.LOCAL), record.ends_at.astimezone(clock.LOCAL)
    return f"{filters.day(start.date())} {start:%H:%M}–{end:%H:%M}"
