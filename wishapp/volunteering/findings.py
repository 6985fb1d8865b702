"""What participants find on the way (a broken lamp, a blocked drain): words, a spot, photos; one tap makes it the draft of an issue."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, selectinload

from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Forbidden, NotFound, Refused
from wishapp.kernel.privacy import check_reason
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.paging import Page, page_of
from wishapp.volunteering.access import may_with_call
from wishapp.volunteering.check_ins import IN, window
from wishapp.volunteering.desk import led_by
from wishapp.volunteering.models import Call, SignUp
from wishapp.volunteering.photos import StoredPhoto, hang_photos
from wishapp.volunteering.record_models import CallPhoto, Finding

MOST_PHOTOS = 4
MOST_FINDINGS = 30
OPEN_FOR = timedelta(days=7)  # after the shift's end one may still send what one found
PAGE_SIZE = 20


class Pile(StrEnum):
    """Parts of the organisers' list."""

    NEW = "new"
    DRAFT = "draft"


@dataclass(frozen=True)
class FindingFilters:
    """What the reader asked for; `call_id`: of one call only."""

    pile: Pile = Pile.NEW
    call_id: int | None = None
    q: str = ""


def may_add(sign_up: SignUp) -> bool:
    """May whoever signed up send findings now: once there, and while the shift is on for whoever has a place."""
    now, shift = clock.now(), sign_up.shift
    if shift.state == "cancelled" or now > shift.ends_at + OPEN_FOR:
        return False
    return sign_up.state in IN or (sign_up.state == "confirmed" and window(shift)[0] <= now <= window(shift)[1])


def add_finding(sign_up: SignUp, *, words: str, spot: str, photos: list[StoredPhoto], by: Actor) -> Finding:
    """Keep what somebody found. Whose sign-up it is the caller has made sure of. BadInput for words that cannot be, Refused out of time."""
    words, spot = words.strip(), " ".join(spot.split())
    if not 2 <= len(words) <= 300 or len(spot) > 80:
        raise BadInput(N_("Please say in 2 to 300 characters what you found."))
    check_reason(words)
    check_reason(spot)
    if len(photos) > MOST_PHOTOS:
        raise BadInput(N_("At most %(most)s photos, please."), most=MOST_PHOTOS)
    if not may_add(sign_up):
        raise Refused(N_("Findings are sent by those who are there, up to a week after the shift."))
    count = db.session.scalar(select(func.count()).select_from(Finding).where(Finding.sign_up_id == sign_up.id))
    if count >= MOST_FINDINGS:
        raise Refused(N_("That is a lot already. Please talk to whoever leads the shift."))
    found = Finding(call_id=sign_up.shift.call_id, sign_up_id=sign_up.id, place_path=sign_up.place_path, words=words, spot=spot)
    db.session.add(found)
    db.session.flush()
    hang_photos(photos, by=by, purpose="finding", finding_id=found.id)
    audit.record("finding", found.id, "add", by=by, place_path=found.place_path, data={"call_id": found.call_id, "photos": len(photos)})
    return found


def draft_issue(finding: Finding, *, by: Actor) -> None:
    """One tap: the draft of an issue, its title from the words. Pressed twice it is done once."""
    _check_leads(finding, by)
    db.session.refresh(finding, ["issue_at", "issue_title", "issue_by_id"], with_for_update=True)
    if finding.issue_at is not None:
        return
    first = re.split(r"[\n\u3002]", finding.words)[0].strip() or finding.words
    finding.issue_at, finding.issue_by_id = clock.now(), by.id
    finding.issue_title = first if len(first) <= 60 else f"{first[:59]}…"
    audit.record("finding", finding.id, "draft_issue", by=by, place_path=finding.place_path)


def undraft_issue(finding: Finding, *, by: Actor) -> None:
    """Pressed by mistake: a finding like others again."""
    _check_leads(finding, by)
    db.session.refresh(finding, ["issue_at", "issue_title", "issue_by_id"], with_for_update=True)
    if finding.issue_at is None:
        return
    finding.issue_at, finding.issue_by_id, finding.issue_title = None, None, ""
    audit.record("finding", finding.id, "undraft_issue", by=by, place_path=finding.place_path)


def access_finding(actor: Actor, finding_id: int) -> Finding:
    """A finding of a call the actor leads; NotFound otherwise."""
    found = db.session.scalar(_query().where(Finding.id == finding_id, led_by(actor)))
    if found is None:
        raise NotFound()
    return found


def access_photo(actor: Actor, photo_id: int) -> CallPhoto:
    """A photo of a finding, for whoever leads its call; NotFound otherwise."""
    query = select(CallPhoto).join(Finding, Finding.id == CallPhoto.finding_id).join(Call, Call.id == Finding.call_id)
    found = db.session.scalar(query.where(CallPhoto.id == photo_id, CallPhoto.purpose == "finding", led_by(actor)))
    if found is None:
        raise NotFound()
    return found


def findings_page(actor: Actor, filters: FindingFilters, number: int) -> Page:
    """Page of findings of the actor's calls, newest first; three queries."""
    query = _query().where(led_by(actor), Finding.issue_at.is_(None) if filters.pile == Pile.NEW else Finding.issue_at.is_not(None))
    if filters.call_id:
        query = query.where(Finding.call_id == filters.call_id)
    if filters.q:
        query = query.where(Finding.words.contains(filters.q, autoescape=True) | Finding.spot.contains(filters.q, autoescape=True))
    return page_of(query.order_by(Finding.id.desc()), number, PAGE_SIZE)


def piles(actor: Actor, call_id: int | None = None) -> dict[Pile, int]:
    """How many of each; one query."""
    is_draft = Finding.issue_at.is_not(None)
    query = select(is_draft, func.count()).select_from(Finding).join(Call, Call.id == Finding.call_id).where(led_by(actor)).group_by(is_draft)
    if call_id:
        query = query.where(Finding.call_id == call_id)
    found = {bool(drafted): count for drafted, count in db.session.execute(query)}
    return {Pile.NEW: found.get(False, 0), Pile.DRAFT: found.get(True, 0)}


def findings_of(call_id: int, most: int = 6) -> list[Finding]:
    """The newest findings of one call, for its own page."""
    return list(db.session.scalars(_query().where(Finding.call_id == call_id).order_by(Finding.id.desc()).limit(most)))


def found_by(sign_up_id: int) -> list[Finding]:
    """What one sign-up has sent, newest first."""
    query = select(Finding).options(selectinload(Finding.photos)).where(Finding.sign_up_id == sign_up_id).order_by(Finding.id.desc())
    return list(db.session.scalars(query))


def issue_drafts(path: str, most: int = 100) -> list[Finding]:
    """Findings below `path` that were made drafts of issues, the oldest first: for the slice that takes them over."""
    query = _query().where(Finding.issue_at.is_not(None), Finding.place_path.startswith(path, autoescape=True))
    return list(db.session.scalars(query.order_by(Finding.issue_at, Finding.id).limit(most)))


def _query() -> Select:
    return select(Finding).join(Finding.call).options(contains_eager(Finding.call), selectinload(Finding.photos))


def _check_leads(finding: Finding, by: Actor) -> None:
    if not may_with_call(by, finding.call, "calls.lead"):
        raise Forbidden()
