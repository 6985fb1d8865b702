"""Lifecycle of a claim: one supporter's seat in one wish, held while asked, accepted, delivered, fulfilled."""

from wishapp.kernel.permissions import FIELD_STAFF, HELPERS, STAFF, Role
from wishapp.workflows.lifecycle import Lifecycle, step

_SYSTEM = frozenset({Role.SYSTEM})
_POSTER = frozenset({Role.SIGNED_IN})

CLAIM = Lifecycle(
    name="claim",
    states=("held", "accepted", "delivered", "fulfilled", "released"),
    steps=(
        step("accept", "held", "accepted", HELPERS | FIELD_STAFF),
        step("decline", "held", "released", HELPERS | STAFF),
        step("lapse", "held", "released", _SYSTEM),
        step("withdraw", "held accepted", "released", HELPERS | STAFF | _POSTER | _SYSTEM),
        step("deliver", "accepted", "delivered", HELPERS | FIELD_STAFF),
        step("dispute", "delivered fulfilled", "accepted", _POSTER | FIELD_STAFF),
        step("confirm", "delivered", "fulfilled", _POSTER | FIELD_STAFF | _SYSTEM),
    ),
)
