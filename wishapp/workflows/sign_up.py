"""Lifecycle of a sign-up: one volunteer's (or small group's) place in one shift, from applying to having been there.

Who may do what to whose sign-up is a relation (one's own, one's call) and checked by the services.
"""

from wishapp.kernel.permissions import ORGANISERS, Role
from wishapp.workflows.lifecycle import Lifecycle, step

_SYSTEM = frozenset({Role.SYSTEM})
_ANYBODY = frozenset({Role.ANYONE})  # guests too

SIGN_UP = Lifecycle(
    name="sign_up",
    states=(
        "applied", "waitlisted", "offered", "confirmed", "attended", "late", "excused", "absent", "refused", "lapsed", "cancelled",
    ),
    steps=(
        step("confirm", "applied", "confirmed", _ANYBODY),
        step("approve", "applied", "confirmed", ORGANISERS),
        step("refuse", "applied waitlisted", "refused", ORGANISERS, needs_note=True),
        # whom the matcher asks is "applied" until the answer: confirm, decline or lapse
        # the waitlist: first come, first served; a freed seat is kept for its first until a deadline
        step("queue", "applied", "waitlisted", _ANYBODY),
        step("offer", "waitlisted", "offered", _ANYBODY),
        step("pass_over", "waitlisted", "lapsed", _ANYBODY),
        step("accept", "offered", "confirmed", _ANYBODY),
        step("apply", "offered", "applied", _ANYBODY),  # a yes where an organiser still lets people in
        step("decline", "applied offered", "cancelled", _ANYBODY),
        step("lapse", "applied offered", "lapsed", _SYSTEM),
        step("cancel", "applied waitlisted offered confirmed", "cancelled", _ANYBODY),
        step("call_off", "applied waitlisted offered confirmed", "cancelled", ORGANISERS | _SYSTEM),
        # the day itself
        step("excuse", "confirmed", "excused", _ANYBODY),
        step("attend", "confirmed", "attended", _ANYBODY),
        step("arrive_late", "confirmed", "late", _ANYBODY),
        step("miss", "confirmed", "absent", ORGANISERS | _SYSTEM),
        step("take_back", "attended late absent", "confirmed", ORGANISERS),  # pressed on the wrong line
        step("forgive", "absent", "excused", ORGANISERS, needs_note=True),
        step("correct", "absent excused late", "attended", ORGANISERS, needs_note=True),
    ),
)
