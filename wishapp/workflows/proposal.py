"""Lifecycle of a proposal: one suggested pairing from a match run, reviewed by staff, answered by the supporter.

After `accept` the claim it created carries the story alone, so nothing is mirrored.
"""

from wishapp.kernel.permissions import HELPERS, STAFF, Role
from wishapp.workflows.lifecycle import Lifecycle, step

_SYSTEM = frozenset({Role.SYSTEM})

PROPOSAL = Lifecycle(
    name="proposal",
    states=("proposed", "offered", "accepted", "declined", "lapsed", "withdrawn", "dismissed", "stale"),
    steps=(
        step("approve", "proposed", "offered", STAFF),
        # a decline or a lapse asks the next one in line, without anybody pressing a button
        step("ask_next", "proposed", "offered", _SYSTEM),
        step("dismiss", "proposed", "dismissed", STAFF, needs_note=True),
        step("swap", "proposed", "dismissed", STAFF),
        step("restore", "dismissed", "proposed", STAFF),
        step("recall", "offered", "proposed", STAFF | _SYSTEM),
        step("accept", "offered", "accepted", HELPERS | STAFF),
        step("decline", "offered", "declined", HELPERS | STAFF, needs_note=True),
        step("lapse", "offered", "lapsed", _SYSTEM),
        step("withdraw", "offered accepted", "withdrawn", STAFF | _SYSTEM, needs_note=True),
        step("outdate", "proposed", "stale", _SYSTEM | STAFF),
        # set aside by one repair, wanted again by a later one
        step("revive", "stale", "proposed", _SYSTEM),
    ),
)
