"""What the record's words are called on the page. An action without a name here is shown as it stands in the record."""

from flask_babel import lazy_gettext as _l

KINDS = {
    "wish": _l("Wish"), "claim": _l("Helper’s place"), "proposal": _l("Proposal"), "run": _l("Match"), "pair": _l("Suggested pair"), "user": _l("Person"),
    "supporter": _l("Supporter"), "place": _l("Place"), "points": _l("Points"), "job": _l("Background work"), "route": _l("Refused at the door"),
    "weights": _l("Weights"), "call": _l("Volunteer call"), "shift": _l("Shift"), "sign_up": _l("Sign-up"), "hours": _l("Hours of service"),
    "volunteer": _l("Volunteer"), "finding": _l("Finding"), "certificate": _l("Certificate"), "service_rules": _l("Rules of service"),
    "year_report": _l("Year of service"),
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
    "archive": _l("closed with a report"), "fill": _l("full"), "finish": _l("over"), "apply": _l("waits for the organiser"), "arrive_late": _l("came late"),
    "attend": _l("came"), "call_off": _l("called off"), "correct": _l("corrected: was there"), "excuse": _l("excused"), "forgive": _l("excused afterwards"),
    "miss": _l("did not come"), "offer": _l("seat kept"), "pass_over": _l("passed over"), "queue": _l("in the queue"), "refuse": _l("not accepted"),
    "take_back": _l("press taken back"), "finalise": _l("counts now"), "object": _l("doubted"), "revoke": _l("taken back for good"), "settle": _l("answered"),
    "show": _l("shown"), "sign_up": _l("signed up"), "ask_off": _l("cannot come after all"), "come_after_all": _l("comes after all"),
    "stand_in_yes": _l("stands in"), "stand_in_no": _l("cannot stand in"), "stand_in_late": _l("no answer about standing in"),
    "check_out": _l("checked out"), "take_back_out": _l("check-out taken back"), "put_right": _l("times put right"), "move": _l("moved"),
    "rate_call": _l("call rated"), "rate_volunteer": _l("volunteer rated"), "note_asked": _l("noted as asked"), "drop": _l("taken out"),
    "change_seats": _l("seats changed"), "change": _l("changed"), "count": _l("counted"), "count_again": _l("counted again"), "add": _l("added"),
    "draft_issue": _l("made the draft of an issue"), "undraft_issue": _l("draft taken back"), "issue": _l("issued"), "read": _l("read"), "report": _l("sent to the unit"),
    "delete": _l("deleted"), "start_feed": _l("calendar begun"), "end_feed": _l("calendar ended"), "lift_pause": _l("pause lifted"), "describe": _l("details noted"),
    "ask_certificate": _l("certificate asked for"),
}
