"""What the record's words are called on the page. An action without a name here is shown as it stands in the record."""

from flask_babel import lazy_gettext as _l

KINDS = {
    "wish": _l("Wish"), "claim": _l("Helper’s place"), "proposal": _l("Proposal"), "run": _l("Match"), "pair": _l("Suggested pair"), "user": _l("Person"),
    "supporter": _l("Supporter"), "place": _l("Place"), "points": _l("Points"), "job": _l("Background work"), "route": _l("Refused at the door"),
    "weights": _l("Weights"),
}
ACTIONS = {
    "submit": _l("sent"), "return": _l("sent back"), "publish": _l("put on the wall"), "second": _l("passed up"), "reserve": _l("someone found"),
    "reopen_seat": _l("open again"), "start": _l("begun"), "deliver": _l("handed over"), "confirm": _l("confirmed"), "dispute": _l("not really done"),
    "thank": _l("thanked"), "close": _l("closed"), "withdraw": _l("taken back"), "expire": _l("expired"), "renew": _l("renewed"), "merge": _l("put together"),
    "edit": _l("put right"), "claim": _l("taken from the wall"), "hold": _l("kept for someone asked"), "accept": _l("said yes"), "decline": _l("said no"),
    "lapse": _l("no answer in time"), "approve": _l("approved"), "dismiss": _l("turned down"), "swap": _l("someone else put in"),
    "restore": _l("back in review"), "unpublish": _l("off the wall again"), "repair": _l("proposed after a change"), "revive": _l("proposed again"),
    "recall": _l("approval taken back"), "outdate": _l("out of date"), "propose": _l("proposed"), "pin": _l("pinned"), "forbid": _l("ruled out"),
    "unpin": _l("pin taken off"), "solve": _l("being worked out"), "save": _l("worked out"), "fail": _l("did not work out"), "cancel": _l("stopped"),
    "adopt": _l("put to use"), "replace": _l("replaced"), "take_best": _l("good enough"), "create_user": _l("account made"), "grant_role": _l("role given"),
    "revoke_role": _l("role taken away"), "disable_user": _l("account switched off"), "enable_user": _l("account switched on"),
    "reset_password": _l("password set anew"), "reset_two_step": _l("second step taken off"), "change_password": _l("password changed"),
    "change_profile": _l("details changed"), "sign_in": _l("signed in"), "lock": _l("locked after wrong passwords"), "read_phone": _l("telephone read"),
    "turn_on_two_step": _l("second step switched on"), "turn_off_two_step": _l("second step switched off"), "change_settings": _l("settings changed"),
    "create": _l("entered"), "set_abilities": _l("kinds of help changed"), "set_free_times": _l("times changed"), "set_quota": _l("promise changed"),
    "set_reach": _l("reach changed"), "pair": _l("paired"), "unpair": _l("pairing ended"), "add_person": _l("contact added"),
    "remove_person": _l("contact removed"), "pause": _l("break changed"), "reverse": _l("points taken back"), "denied": _l("refused"),
    "draft": _l("drafted"), "revert": _l("gone back to"), "discard": _l("thrown away"), "preview": _l("tried on last month’s plan"),
}
