"""From the first word to `submitted`: drafts, the public number, the checks before sending."""

from dataclasses import dataclass, fields
from datetime import date, timedelta

from sqlalchemy import select, update

from wishapp.accounts import service as accounts
from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Forbidden, NotFound, Refused
from wishapp.kernel.privacy import private_part
from wishapp.kernel.roles import Actor, PlaceLevel
from wishapp.kernel.text import N_
from wishapp.places import queries as places
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.search import index_text
from wishapp.store.transitions import advance
from wishapp.store.upsert import insert_missing
from wishapp.wishes.models import AgeBand, BeneficiaryGroup, Urgency, Wish, WishCounter, WishKind, WishPhoto
from wishapp.wishes.telling import posters, staff, tell

EDITABLE = ("draft", "returned")
MAX_DRAFTS = 10
DRAFT_DAYS = 60


@dataclass(frozen=True)
class WishDraft:
    """Everything a wish says when it is sent. `beneficiary_name` is the full name; the masked one is made from it.

    `minutes`: helper's time; `cost` in yuan; `consent_how`: self | in_person | phone | family.
    """

    title: str
    kind: str
    community_id: int
    beneficiary_name: str
    story: str = ""
    item: str = ""
    quantity: int = 1
    cost: int = 0
    minutes: int = 60
    skill: str = ""
    group: str = BeneficiaryGroup.RESIDENTS
    urgency: str = Urgency.CALM
    age_band: str = AgeBand.ADULT
    beneficiary_phone: str | None = None
    address: str | None = None
    grid_id: int | None = None
    beneficiary_id: int | None = None
    is_on_behalf: bool = False
    consent_how: str = ""
    guardian_consent: bool = False
    wanted_by: date | None = None
    seats: int = 1


@dataclass(frozen=True)
class StoredPhoto:
    """A re-encoded image that already lies in the upload folder."""

    file_name: str
    width: int
    height: int


def start_draft(*, by: Actor, kind: str, community: Place, is_on_behalf: bool = False, name: str = "", phone: str | None = None) -> Wish:
    """A new draft of this kind at a community. Refused when the person already keeps too many."""
    kept = list(db.session.scalars(select(Wish.id).where(Wish.posted_by_id == by.id, Wish.state == "draft").limit(MAX_DRAFTS)))
    if len(kept) >= MAX_DRAFTS:
        raise Refused(N_("You have ten wishes put aside already. Send or delete one first."))
    if is_on_behalf and not any(community.path.startswith(path) or path.startswith(community.path) for path in by.paths_for("wishes.submit_for")):
        raise Forbidden()  # a worker of one grid may begin; submit_wish checks that the wish lies in that grid
    wish = Wish(
        kind=WishKind(kind), group=BeneficiaryGroup.RESIDENTS, urgency=Urgency.WEEK, age_band=AgeBand.ADULT, masked_name="",
        beneficiary_name=name, beneficiary_phone=phone, posted_by_id=by.id, community_id=community.id, place_path=community.path,
        is_on_behalf=is_on_behalf, beneficiary_id=None if is_on_behalf else by.id,
    )
    db.session.add(wish)
    db.session.flush()
    return wish


def edit_draft(wish: Wish, *, by: Actor, **values: object) -> None:
    """Change fields (names of WishDraft) of a draft or a returned wish of one's own."""
    if wish.posted_by_id != by.id:
        raise NotFound()
    if wish.state not in EDITABLE:
        raise Refused(N_("This wish has been sent already; it can no longer be changed here."))
    _fill(wish, **values)


def _fill(wish: Wish, **values: object) -> None:
    known = {entry.name for entry in fields(WishDraft)}
    for name, value in values.items():
        if name not in known:
            raise KeyError(name)
        setattr(wish, name, value)
    if {"community_id", "grid_id"} & set(values):
        _put_at_place(wish)


def _put_at_place(wish: Wish) -> None:
    community = places.place(wish.community_id)
    if community is None or community.level != PlaceLevel.COMMUNITY:
        raise BadInput(N_("Please choose a community."))
    grid = places.place(wish.grid_id) if wish.grid_id else None
    if grid is not None and not grid.path.startswith(community.path):
        grid, wish.grid_id = None, None
    wish.place_path = (grid or community).path


def submit_wish(*, by: Actor, draft: WishDraft | None = None, wish: Wish | None = None) -> Wish:
    """Send a wish to review: a complete `draft` given at once, or a saved `wish` (draft or returned).

    Raises BadInput (what is missing, or private things in public words), Forbidden (on behalf of somebody without being
    grid worker or staff there).
    """
    if wish is None:
        community = places.place(draft.community_id)
        if community is None:
            raise BadInput(N_("Please choose a community."))
        wish = start_draft(by=by, kind=draft.kind, community=community, is_on_behalf=draft.is_on_behalf)
        values = {entry.name: getattr(draft, entry.name) for entry in fields(WishDraft)}
        values["beneficiary_id"] = draft.beneficiary_id if draft.is_on_behalf else by.id
        _fill(wish, **values)
    elif wish.posted_by_id != by.id:
        raise NotFound()
    make_ready(wish, by=by)
    wish.consent_how = wish.consent_how if wish.is_on_behalf else "self"
    wish.consent_at = clock.now()
    wish.number = wish.number or _next_number(places.place(wish.community_id).code[:6])
    index_for_search(wish)
    advance(wish, "submit", by=by, on_behalf=wish.is_on_behalf, consent=wish.consent_how)
    tell(wish, "wish", "submit", posters(wish), staff(wish))
    return wish


def make_ready(wish: Wish, *, by: Actor) -> None:
    """What every wish goes through before review: complete, posted by somebody who may, the name masked as it is now."""
    check_complete(wish)
    if wish.is_on_behalf and by.id == wish.posted_by_id and not by.may("wishes.submit_for", wish.place_path):
        raise Forbidden()
    wish.masked_name = accounts.mask_name(wish.beneficiary_name) if wish.age_band != AgeBand.SEVERAL else ""


def check_complete(wish: Wish) -> None:
    """BadInput with the first thing that keeps the wish from being sent."""
    for text in (wish.title, wish.story, wish.item):
        if message := private_part(text):
            raise BadInput(message)
    if len(wish.title.strip()) < 2:
        raise BadInput(N_("Please say in one sentence what is wished for."))
    if not wish.beneficiary_name.strip():
        raise BadInput(N_("Please say whom it is for."))
    if wish.age_band == AgeBand.CHILD and not wish.guardian_consent:
        raise BadInput(N_("For a child under 14 a parent or guardian has to agree first."))
    if wish.is_on_behalf and not wish.consent_how:
        raise BadInput(N_("Please note how the person agreed to this wish."))


def index_for_search(wish: Wish) -> None:
    """Renew the text by which the wish is found: public words only."""
    wish.search = index_text(wish.title, wish.story, wish.item, wish.skill, wish.number, places.place(wish.community_id).name)


def _next_number(district: str) -> str:
    """The next public number of a district and year, e.g. 370102-2026-000123; the counter's row is the lock."""
    year = clock.today().year
    here = (WishCounter.district == district, WishCounter.year == year)
    insert_missing(WishCounter, [{"district": district, "year": year, "last": 0}], ["district", "year"])
    db.session.execute(update(WishCounter).where(*here).values(last=WishCounter.last + 1).execution_options(synchronize_session=False))
    last = db.session.scalar(select(WishCounter.last).where(*here))
    return f"{district}-{year}-{last:06d}"


def add_photo(wish: Wish, photo: StoredPhoto, *, by: Actor, purpose: str = "story", claim_id: int | None = None) -> WishPhoto:
    """Hang a stored image on the wish: "story" by its poster, "proof" by its claimer."""
    added = WishPhoto(wish_id=wish.id, claim_id=claim_id, purpose=purpose, file_name=photo.file_name, width=photo.width,
                      height=photo.height, by_id=by.id)
    db.session.add(added)
    return added


def remove_photos(wish: Wish) -> None:
    """Take the story photos of a draft off again."""
    for photo in [photo for photo in wish.photos if photo.purpose == "story"]:
        db.session.delete(photo)


def delete_draft(wish: Wish, *, by: Actor) -> None:
    """Throw a draft that was never sent away. Refused for anything that was."""
    if wish.posted_by_id != by.id:
        raise NotFound()
    if wish.state != "draft" or wish.number:
        raise Refused(N_("This wish has been sent already; it can be withdrawn, not deleted."))
    remove_photos(wish)
    db.session.delete(wish)


def forget_drafts(limit: int = 100) -> int:
    """Drop drafts that nobody touched for sixty days and that were never sent. Returns how many."""
    before = clock.now() - timedelta(days=DRAFT_DAYS)
    old = list(db.session.scalars(select(Wish).where(Wish.state == "draft", Wish.number.is_(None), Wish.created_at < before).limit(limit)))
    for wish in old:
        remove_photos(wish)
        db.session.delete(wish)
    return len(old)
