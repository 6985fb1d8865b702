"""The office's verbs, for other slices: runs, review, offers."""

from wishapp.matching.deadlines import lapse_offers, remind_offers
from wishapp.matching.offers import accept_offer, decline_offer, lapse_offer, withdraw_offer
from wishapp.matching.review import (
    approve_many,
    approve_proposal,
    dismiss_many,
    dismiss_proposal,
    forbid_pair,
    pin_pair,
    recall_proposal,
    restore_proposal,
    swap_proposal,
    undo_batch,
    unpin_pair,
)
from wishapp.matching.runs import UNDER_WAY, adopt_run, cancel_run, start_run, take_best
from wishapp.matching.work import end_run, match

__all__ = [
    "UNDER_WAY", "accept_offer", "adopt_run", "approve_many", "approve_proposal", "cancel_run", "decline_offer", "dismiss_many", "dismiss_proposal",
    "end_run", "forbid_pair", "lapse_offer", "lapse_offers", "match", "pin_pair", "recall_proposal", "remind_offers", "restore_proposal",
    "start_run", "swap_proposal", "take_best", "undo_batch", "unpin_pair", "withdraw_offer",
]
