"""Verbs on calls, shifts, sign-ups and hours for everybody else. Each lives in a module of its own."""

from wishapp.volunteering.absences import forgive_sign_up, lift_pause, miss_sign_up
from wishapp.volunteering.calls import add_shift, cancel_call, cancel_shift, create_call, delete_draft, drop_shift, edit_call, submit_call
from wishapp.volunteering.news import LISTENERS
from wishapp.volunteering.planning import add_shifts
from wishapp.volunteering.reviews import pass_on, publish_call, return_call, second_call
from wishapp.volunteering.sign_ups import accept_seat, approve_sign_up, cancel_sign_up, change_seats, decline_seat, lapse_seat, refuse_sign_up, sign_up
from wishapp.volunteering.stand_ins import answer_ask, ask_off, come_after_all
from wishapp.volunteering.volunteers import describe_volunteer, ensure_guest, ensure_volunteer

__all__ = [
    "LISTENERS", "accept_seat", "add_shift", "add_shifts", "answer_ask", "approve_sign_up", "ask_off", "cancel_call", "cancel_shift",
    "cancel_sign_up", "change_seats", "come_after_all", "create_call", "decline_seat", "delete_draft", "describe_volunteer", "drop_shift",
    "edit_call", "ensure_guest", "ensure_volunteer", "forgive_sign_up", "lapse_seat", "lift_pause", "miss_sign_up", "pass_on",
    "publish_call", "refuse_sign_up", "return_call", "second_call", "sign_up", "submit_call",
]
