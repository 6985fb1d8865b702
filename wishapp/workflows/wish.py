"""Lifecycle of a micro-wish (微心愿). Source: domain.md, "Lifecycles"."""

from wishapp.kernel.permissions import FIELD_STAFF, HELPERS, STAFF, UPPER_STAFF, Role
from wishapp.workflows.lifecycle import Lifecycle, step

_POSTER = frozenset({Role.SIGNED_IN})
_SYSTEM = frozenset({Role.SYSTEM})
_SEATS = HELPERS | STAFF | _SYSTEM

WISH = Lifecycle(
    name="wish",
    states=(
        "draft", "submitted", "seconded", "returned", "open", "reserved", "in_progress", "delivered", "fulfilled", "closed",
        "withdrawn", "expired", "merged",
    ),
    steps=(
        step("submit", "draft returned", "submitted", _POSTER),
        step("return", "submitted seconded", "returned", STAFF, needs_note=True),
        step("publish", "submitted", "open", STAFF),
        # two-level review, switched on per street: the community passes it up, the street publishes
        step("second", "submitted", "seconded", STAFF),
        step("publish", "seconded", "open", UPPER_STAFF),
        # put on the wall by mistake: only while nobody has taken it or been asked
        step("unpublish", "open", "submitted", STAFF),
        # seats: the last free seat taken reserves the wish, a seat given back opens it again
        step("reserve", "open", "reserved", _SEATS),
        step("reopen_seat", "reserved in_progress", "open", _SEATS | _POSTER),
        step("start", "reserved", "in_progress", HELPERS | FIELD_STAFF),
        step("deliver", "in_progress", "delivered", HELPERS | FIELD_STAFF),
        step("confirm", "delivered", "fulfilled", _POSTER | FIELD_STAFF | _SYSTEM),
        step("dispute", "delivered fulfilled", "in_progress", _POSTER | FIELD_STAFF, needs_note=True),
        step("thank", "fulfilled", "closed", _POSTER | FIELD_STAFF),
        step("close", "fulfilled", "closed", _SYSTEM | STAFF),
        step("withdraw", "draft submitted seconded returned open reserved", "withdrawn", _POSTER | STAFF),
        step("expire", "open", "expired", _SYSTEM),
        step("renew", "expired withdrawn", "submitted", _POSTER | STAFF),
        step("merge", "submitted seconded open", "merged", STAFF, needs_note=True),
    ),
)
