"""A wish's story in plain words: who did what, whose turn it is, what comes next. Built from the record, for one viewer.

Texts are message ids with parameters; the page translates them. Names are those the viewer may see.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from wishapp.accounts import queries as accounts
from wishapp.accounts.service import mask_name
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.store.audit import AuditEntry
from wishapp.store.db import db
from wishapp.supporters.models import SupporterPerson
from wishapp.wishes.claims import LIVING
from wishapp.wishes.endings import AUTO_CONFIRM_DAYS
from wishapp.wishes.models import Claim, Wish, WishPhoto

OWN, HELPER, STAFF, PUBLIC = "own", "helper", "staff", "public"


@dataclass
class Viewer:
    """Who reads: `kinds` among own, helper (with a living claim), staff (none of them: the public).

    `claims`: all claims of the viewer's supporters on this wish, also those given back.
    """

    actor: Actor
    kinds: frozenset[str]
    claims: list[Claim] = field(default_factory=list)

    @property
    def is_inside(self) -> bool:
        """Poster, beneficiary or staff: sees reasons and what did not work out."""
        return bool(self.kinds & {OWN, STAFF})


@dataclass
class Entry:
    """One line: `who` in bold (a name, or a message id when `who_is_text`), `text` a message id filled by `params`."""

    at: datetime
    text: str
    who: str = ""
    who_is_text: bool = False
    params: dict[str, object] = field(default_factory=dict)
    note: str = ""
    photos: list[WishPhoto] = field(default_factory=list)


def viewer_of(wish: Wish, actor: Actor) -> Viewer:
    """In which ways the actor is concerned with the wish."""
    kinds, claims = set(), []
    if actor.id is not None:
        if actor.id in (wish.posted_by_id, wish.beneficiary_id):
            kinds.add(OWN)
        if actor.may("wishes.staff_read", wish.place_path):
            kinds.add(STAFF)
        claims = list(db.session.scalars(
            select(Claim).join(SupporterPerson, SupporterPerson.supporter_id == Claim.supporter_id)
            .where(Claim.wish_id == wish.id, SupporterPerson.user_id == actor.id, SupporterPerson.is_confirmed).order_by(Claim.id.desc())))
        if any(claim.state in LIVING for claim in claims):
            kinds.add(HELPER)
    return Viewer(actor, frozenset(kinds), claims)


WORKER, STREET, ON_BEHALF = N_("Community worker"), N_("Street worker"), N_("Grid worker")
SKIPPED = {("wish", action) for action in ("reserve", "reopen_seat", "start", "deliver")} | {("claim", "dispute"), ("claim", "confirm")}
TEXTS = {
    ("wish", "submit"): N_("made this wish."),
    ("wish", "return"): N_("asked for a change."),
    ("wish", "second"): N_("passed it up to the street."),
    ("wish", "publish"): N_("looked at it and put it on the wall."),
    ("wish", "unpublish"): N_("took it off the wall for one more look."),
    ("wish", "edit"): N_("put a few words right."),
    ("wish", "dispute"): N_("said: not really done yet."),
    ("wish", "thank"): N_("said thank you. The wish has its echo."),
    ("wish", "close"): N_("The wish was put into the archive."),
    ("wish", "withdraw"): N_("took the wish back."),
    ("wish", "expire"): N_("Nobody came within ninety days, so it was taken off the wall."),
    ("wish", "renew"): N_("made the wish again."),
    ("wish", "merge"): N_("put it together with another, equal wish."),
    ("claim", "claim"): N_("took this wish."),
    ("claim", "hold"): N_("was asked to help."),
    ("claim", "accept"): N_("said yes."),
    ("claim", "decline"): N_("could not take it this time. The next one is asked."),
    ("claim", "lapse"): N_("did not answer in time. The next one is asked."),
    ("claim", "withdraw"): N_("cannot do it after all. It is open for others again."),
    ("claim", "deliver"): N_("did it."),
}
INSIDE_ONLY = {("claim", "hold"), ("claim", "decline"), ("claim", "lapse"), ("wish", "edit"), ("wish", "merge")}
NOTES = {("wish", "return"), ("wish", "dispute"), ("wish", "withdraw"), ("wish", "merge"), ("claim", "decline"), ("claim", "withdraw")}

HELPERS_READ = {("wish", "dispute"), ("wish", "withdraw")}


def timeline(wish: Wish, viewer: Viewer) -> list[Entry]:
    """What happened, newest first; three queries."""
    claims = {claim.id: claim for claim in wish.claims}
    of_claims = (AuditEntry.kind == "claim") & AuditEntry.thing_id.in_(claims)
    rows = list(db.session.scalars(
        select(AuditEntry).where(or_((AuditEntry.kind == "wish") & (AuditEntry.thing_id == wish.id), of_claims)).order_by(AuditEntry.id.desc())))
    names = accounts.display_names(row.actor_id for row in rows)
    told = [_entry(wish, viewer, row, claims, names) for row in rows]
    return [entry for entry in told if entry is not None]


def _entry(wish: Wish, viewer: Viewer, row: AuditEntry, claims: dict[int, Claim], names: dict[int, str]) -> Entry | None:
    key = (row.kind, row.action)
    if key in SKIPPED or (key in INSIDE_ONLY and not viewer.is_inside and not _is_about(viewer, row)):
        return None
    if key == ("claim", "withdraw") and row.from_state == "held":
        return None  # a question taken back: nobody had promised anything, and who was asked is not for others
    if row.kind == "claim":
        return _claim_entry(wish, viewer, row, claims[row.thing_id])
    entry = Entry(row.at, TEXTS.get(key, N_("changed something.")))
    if key == ("wish", "submit") and wish.is_on_behalf:
        entry.text = N_("made this wish for the person, who agreed to it.")
    if key == ("wish", "confirm"):
        stars = row.data.get("rating")
        entry.text = N_("confirmed: it has come true, %(stars)s stars.") if stars else N_("confirmed: it has come true.")
        entry.params = {"stars": stars}
        entry.note = wish.review_words if wish.state in ("fulfilled", "closed") and (viewer.kinds or wish.is_review_public) else ""
    if key == ("wish", "thank"):
        entry.note = wish.thanks if viewer.kinds or wish.is_thanks_public else ""
    if row.actor_id is None:
        if row.action == "confirm":
            entry.text = N_("Nobody objected within a week, so it counts as come true.")
    else:
        entry.who, entry.who_is_text = _who(wish, viewer, row, names)
    if key in NOTES and (viewer.is_inside or (key in HELPERS_READ and HELPER in viewer.kinds)):
        entry.note = row.note or ""
    return entry


def _is_about(viewer: Viewer, row: AuditEntry) -> bool:
    return row.kind == "claim" and any(claim.id == row.thing_id for claim in viewer.claims)


def _claim_entry(wish: Wish, viewer: Viewer, row: AuditEntry, claim: Claim) -> Entry | None:
    if row.action == "accept" and claim.origin == "direct":
        return None
    entry = Entry(row.at, TEXTS.get((row.kind, row.action), N_("changed something.")), who=claim.supporter.name)
    if row.action in ("hold", "decline", "lapse") and STAFF not in viewer.kinds and not _is_about(viewer, row):
        entry.who, entry.who_is_text = N_("A helper"), True
    if row.action == "deliver":
        entry.note = claim.delivery_words if row.at >= (claim.delivered_at or row.at) - timedelta(seconds=5) else ""
        if viewer.kinds:
            entry.photos = [photo for photo in wish.photos if photo.claim_id == claim.id and photo.purpose == "proof"]
    if ("claim", row.action) in NOTES and (STAFF in viewer.kinds or _is_about(viewer, row)):
        entry.note = row.note or ""
    return entry


def _who(wish: Wish, viewer: Viewer, row: AuditEntry, names: dict[int, str]) -> tuple[str, bool]:
    """The actor as this viewer may see them: (name or message id, is it a message id)."""
    if row.actor_id == viewer.actor.id:
        return N_("You"), True
    if STAFF in viewer.kinds:
        return names.get(row.actor_id, "–"), False
    masked = mask_name(names[row.actor_id]) if row.actor_id in names else ""
    if row.actor_id == wish.beneficiary_id or (row.actor_id == wish.posted_by_id and not wish.is_on_behalf):
        return (wish.masked_name or masked, False)
    if row.actor_id == wish.posted_by_id or row.action in ("confirm", "dispute", "thank"):
        return ON_BEHALF, True
    return (STREET if row.from_state == "seconded" and row.action == "publish" else WORKER), True


STEPS = (N_("Made"), N_("Looked at"), N_("Taken"), N_("Under way"), N_("To confirm"), N_("Echo"))
PLACE_ON_PATH = {
    "draft": 0, "returned": 0, "submitted": 1, "seconded": 1, "open": 2, "reserved": 2, "in_progress": 3, "delivered": 4,
    "fulfilled": 6, "closed": 6,
}


@dataclass(frozen=True)
class Turn:
    """Whose turn it is: `text` and `note` message ids with `params`; tone wish (yours) | work (theirs) | done."""

    text: str
    note: str = ""
    tone: str = "work"
    params: dict[str, object] = field(default_factory=dict)


def turn(wish: Wish, viewer: Viewer) -> Turn:
    """Who has the ball, said to this viewer."""
    own, staff = OWN in viewer.kinds, STAFF in viewer.kinds
    mine = {claim.state for claim in viewer.claims}
    match wish.state:
        case "draft":
            return Turn(N_("Your turn: it has not been sent yet."), N_("Nobody but you can see it."), "wish")
        case "returned" if own:
            return Turn(N_("Your turn: please change it a little and send it again."), N_("The reason stands below."), "wish")
        case "submitted" | "seconded":
            return (Turn(N_("Your turn: put it on the wall, or send it back with a reason."), tone="wish") if staff else
                    Turn(N_("The community is having a look."), N_("Usually within a day. You will get a message.")))
        case "open" if viewer.actor.may("wishes.claim") and not own:
            return Turn(N_("Waiting for somebody. Could it be you?"), N_("You see telephone and address once you have taken it."), "wish")
        case "open":
            return Turn(N_("Waiting for somebody to take it."), N_("What nobody takes goes first in the next round of matching."))
        case "reserved" if "held" in mine:
            return Turn(N_("Your turn: can you take it?"), N_("Saying no is fine too."), "wish")
        case "reserved":
            return Turn(N_("Somebody has been asked and will answer soon."))
        case "in_progress" if "accepted" in mine:
            return Turn(N_("Your turn: get in touch and arrange it."), N_("Once it is done, say so here, with a photo if you can."), "wish")
        case "in_progress":
            return Turn(N_("The helper is at it."), N_("You will get a message when it is done."))
        case "delivered" if own:
            return Turn(N_("Your turn: did it come true?"), N_("If nobody says anything, it counts as done on %(day)s."), "wish",
                        {"day": (wish.delivered_at + timedelta(days=AUTO_CONFIRM_DAYS)) if wish.delivered_at else None})
        case "delivered":
            return Turn(N_("Waiting for %(who)s to confirm."), N_("Helpers get the words and their points then."), "work",
                        {"who": wish.masked_name or N_("the neighbours")})
        case "fulfilled" if own and not wish.thanks:
            return Turn(N_("It has come true. A word of thanks?"), N_("Not really done after all? You can still say so for two weeks."), "done")
        case "fulfilled" | "closed":
            return Turn(N_("It has come true."), tone="done")
        case "merged":
            return Turn(N_("It goes on together with an equal wish."), tone="done")
        case "expired" if own:
            return Turn(N_("Nobody came in time. Do you still wish for it?"), N_("One press, and it goes back to review."), "wish")
    return Turn(N_("This wish is off the wall."), tone="done")
