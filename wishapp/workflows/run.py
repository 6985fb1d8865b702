"""Lifecycle of a match run: one solve over one place. The old plan stays in use until the new one is published."""

from wishapp.kernel.permissions import STAFF, Role
from wishapp.workflows.lifecycle import Lifecycle, step

UNDER_WAY = ("queued", "solving")
CURRENT = ("in_review", "in_use")
_SYSTEM = frozenset({Role.SYSTEM})

RUN = Lifecycle(
    name="run",
    states=("queued", "solving", "in_review", "in_use", "replaced", "cancelled", "failed"),
    steps=(
        step("solve", "queued", "solving", _SYSTEM),
        step("save", "solving", "in_review", _SYSTEM),
        step("fail", "queued solving", "failed", _SYSTEM),
        step("cancel", "queued solving in_review", "cancelled", STAFF | _SYSTEM),
        step("adopt", "in_review", "in_use", STAFF),
        step("replace", "in_review in_use", "replaced", STAFF | _SYSTEM),
    ),
)
