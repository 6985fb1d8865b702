"""Words of the tables as people read them on pages."""

from flask_babel import lazy_gettext as _l

from wishapp.volunteering.models import CallKind

KINDS = {
    CallKind.SERVICE: _l("Helping hands"), CallKind.COMPANIONSHIP: _l("Company"), CallKind.ENVIRONMENT: _l("Surroundings"),
    CallKind.LEARNING: _l("Learning"), CallKind.MEDICAL: _l("Health"), CallKind.REPAIR: _l("Repairs"),
}
KIND_NOTES = {
    CallKind.SERVICE: _l("patrols, meals, events"), CallKind.COMPANIONSHIP: _l("visits, walks, chats"), CallKind.ENVIRONMENT: _l("cleaning, sorting, planting"),
    CallKind.LEARNING: _l("homework, phones, reading"), CallKind.MEDICAL: _l("blood pressure, first aid"), CallKind.REPAIR: _l("lamps, bikes, small repairs"),
}
STATES = {
    "draft": _l("Draft"), "submitted": _l("In review"), "seconded": _l("With the street"), "returned": _l("To be changed"), "open": _l("Looking for people"),
    "full": _l("Full"), "under_way": _l("Under way"), "done": _l("Done"), "archived": _l("Reported"), "cancelled": _l("Called off"),
}
SHIFT_STATES = {"open": _l("Ahead"), "under_way": _l("Under way"), "over": _l("Over"), "cancelled": _l("Called off")}
SIGN_UP_STATES = {
    "applied": _l("To be let in"), "waitlisted": _l("On the waitlist"), "offered": _l("Seat kept"), "confirmed": _l("Coming"), "attended": _l("Was there"),
    "late": _l("Came late"), "excused": _l("Excused"), "absent": _l("Did not come"), "refused": _l("Not taken"), "lapsed": _l("Did not answer"),
    "cancelled": _l("Stepped back"),
}
LOOKS = {  # of components/marks.html: which ripple goes with a state
    "draft": "draft", "submitted": "submitted", "seconded": "seconded", "returned": "returned", "open": "open", "full": "reserved", "under_way": "in_progress",
    "done": "delivered", "archived": "fulfilled", "cancelled": "withdrawn", "over": "fulfilled",
    "applied": "submitted", "waitlisted": "held", "offered": "offered", "confirmed": "accepted", "attended": "fulfilled", "late": "delivered",
    "excused": "released", "absent": "returned", "refused": "declined", "lapsed": "lapsed",
}
TROUBLES = {"past": _l("lies in the past"), "twin": _l("is there already"), "clash": _l("overlaps another shift"), "long": _l("longer than 16 hours")}
PURPOSES = {"lead": _l("to lead the shift"), "call": _l("to call somebody"), "sheet": _l("for the sign-in sheet"), "list": _l("for a list on paper"),
            "invite": _l("to invite people")}
