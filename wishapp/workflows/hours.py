"""Lifecycle of hours of service: from check-in shown at once, from a backfill (补录) only after a second person's look."""

from wishapp.kernel.permissions import ORGANISERS, STAFF, UPPER_STAFF, Role
from wishapp.workflows.lifecycle import Lifecycle, step

_SYSTEM = frozenset({Role.SYSTEM})
_ANYBODY = frozenset({Role.ANYONE})

HOURS = Lifecycle(
    name="hours",
    states=("claimed", "shown", "objected", "final", "refused"),
    steps=(
        step("show", "claimed", "shown", _SYSTEM | ORGANISERS),
        step("approve", "claimed", "shown", STAFF),
        step("refuse", "claimed", "refused", STAFF, needs_note=True),
        step("object", "shown", "objected", _ANYBODY, needs_note=True),
        step("settle", "objected", "shown", ORGANISERS, needs_note=True),
        step("finalise", "shown", "final", _SYSTEM),
        step("revoke", "final", "refused", UPPER_STAFF, needs_note=True),
    ),
)
