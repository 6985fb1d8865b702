"""Every verb of a wish and its claims, for other slices and our own views. Each joins the caller's transaction."""

from wishapp.wishes.claims import accept_claim, claim_wish, deliver_wish, hold_seat, leave_claim, release_claim
from wishapp.wishes.drafts import StoredPhoto, WishDraft, add_photo, delete_draft, edit_draft, remove_photos, start_draft, submit_wish
from wishapp.wishes.endings import auto_confirm, close_wishes, confirm_wish, dispute_wish, expire_wishes, remind_wishes, thank_wish
from wishapp.wishes.restricted import Purpose, read_restricted
from wishapp.wishes.review import edit_wish, merge_wish, publish_wish, renew_wish, return_wish, second_wish, unpublish_wish, withdraw_wish

__all__ = [
    "Purpose", "StoredPhoto", "WishDraft", "accept_claim", "add_photo", "auto_confirm", "claim_wish", "close_wishes",
    "confirm_wish", "delete_draft", "deliver_wish", "dispute_wish", "edit_draft", "edit_wish", "expire_wishes", "hold_seat",
    "leave_claim", "merge_wish", "publish_wish", "read_restricted", "release_claim", "remind_wishes", "remove_photos",
    "renew_wish", "return_wish", "second_wish", "start_draft", "submit_wish", "thank_wish", "unpublish_wish", "withdraw_wish",
]
