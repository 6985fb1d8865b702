"""Lifecycles of a volunteer call (微志愿) and of its shifts. Source: domain.md, "Lifecycles"."""

from wishapp.kernel.permissions import ORGANISERS, STAFF, UPPER_STAFF, Role
from wishapp.workflows.lifecycle import Lifecycle, step

_SYSTEM = frozenset({Role.SYSTEM})
_ANYBODY = frozenset({Role.ANYONE})

CALL = Lifecycle(
    name="call",
    states=("draft", "submitted", "seconded", "returned", "open", "full", "under_way", "done", "archived", "cancelled"),
    steps=(
        step("submit", "draft returned", "submitted", ORGANISERS),
        step("return", "submitted seconded", "returned", STAFF, needs_note=True),
        step("publish", "submitted", "open", STAFF),
        # two-level review, switched on per street
        step("second", "submitted", "seconded", STAFF),
        step("publish", "seconded", "open", UPPER_STAFF),
        # whoever takes the last free seat fills it, whoever gives one back opens it again
        step("fill", "open", "full", _ANYBODY),
        step("reopen_seat", "full", "open", _ANYBODY),
        step("start", "open full", "under_way", _SYSTEM | ORGANISERS),
        step("finish", "open full under_way", "done", _SYSTEM | ORGANISERS),
        step("archive", "done", "archived", ORGANISERS),
        step("cancel", "submitted seconded returned open full under_way", "cancelled", ORGANISERS, needs_note=True),
    ),
)

SHIFT = Lifecycle(
    name="shift",
    states=("open", "under_way", "over", "cancelled"),
    steps=(
        step("start", "open", "under_way", _SYSTEM | ORGANISERS),
        step("close", "open under_way", "over", _SYSTEM | ORGANISERS),
        step("cancel", "open under_way", "cancelled", ORGANISERS, needs_note=True),
    ),
)
