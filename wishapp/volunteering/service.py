"""Verbs on calls, shifts, sign-ups and hours for everybody else. Each lives in a module of its own."""

from wishapp.volunteering.absences import forgive_sign_up, lift_pause, miss_sign_up
from wishapp.volunteering.calls import add_shift, cancel_call, cancel_shift, create_call, delete_draft, drop_shift, edit_call, submit_call
from wishapp.volunteering.certificates import Asked, issue_certificate
from wishapp.volunteering.check_ins import check_in, check_out
from wishapp.volunteering.closing import work as turn_shifts
from wishapp.volunteering.deadlines import work as turn_seats
from wishapp.volunteering.finalising import finalise_due
from wishapp.volunteering.hours import object_hours, settle_hours
from wishapp.volunteering.moving import move_shift
from wishapp.volunteering.news import LISTENERS
from wishapp.volunteering.planning import add_shifts
from wishapp.volunteering.reports import archive_call, may_rate, rate_call
from wishapp.volunteering.reviews import pass_on, publish_call, return_call, second_call
from wishapp.volunteering.sign_ups import accept_seat, approve_sign_up, cancel_sign_up, change_seats, decline_seat, lapse_seat, refuse_sign_up, sign_up
from wishapp.volunteering.stand_ins import answer_ask, ask_off, come_after_all
from wishapp.volunteering.volunteers import describe_volunteer, ensure_guest, ensure_volunteer

__all__ = [
    "LISTENERS", "Asked", "accept_seat", "add_shift", "add_shifts", "answer_ask", "approve_sign_up", "archive_call", "ask_off",
    "cancel_call", "cancel_shift", "cancel_sign_up", "change_seats", "check_in", "check_out", "come_after_all", "create_call",
    "decline_seat", "delete_draft", "describe_volunteer", "drop_shift", "edit_call", "ensure_guest", "ensure_volunteer", "finalise_due",
    "forgive_sign_up", "issue_certificate", "lapse_seat", "lift_pause", "may_rate", "miss_sign_up", "move_shift", "object_hours", "pass_on",
    "publish_call", "rate_call", "refuse_sign_up", "return_call", "second_call", "settle_hours", "sign_up", "submit_call", "turn_seats",
    "turn_shifts",
]
