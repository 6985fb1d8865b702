"""What the verbs about supporters share: the new row, the record, who may, and who wants to hear of it."""

from collections.abc import Callable, Iterable

from sqlalchemy.orm.attributes import flag_modified

from wishapp.kernel.errors import Forbidden, SomeoneWasFaster
from wishapp.kernel.roles import Actor
from wishapp.places.models import Place
from wishapp.store import audit, search
from wishapp.store.db import db
from wishapp.supporters import queries
from wishapp.supporters.models import Supporter, SupporterPerson

Listener = Callable[[str, Supporter, int, str], None]
LISTENERS: list[Listener] = []


def tell(action: str, supporter: Supporter, user_id: int, why: str = "") -> None:
    """Let the slices above know, inside the transaction: listeners get (action, supporter, the person it is about, why)."""
    for listener in LISTENERS:
        listener(action, supporter, user_id, why)


def register(by: Actor, place: Place, people: Iterable[int], **facts: object) -> Supporter:
    """A new row at `place` with the people who answer for it; checks nothing."""
    supporter = Supporter(place_id=place.id, place_path=place.path, latitude=place.latitude, longitude=place.longitude, **facts)
    supporter.search = search.index_text(supporter.name, place.name)[:400]
    db.session.add(supporter)
    db.session.flush()
    for user_id in dict.fromkeys(people):
        db.session.add(SupporterPerson(supporter_id=supporter.id, user_id=user_id))
    note(supporter, "create", by)
    db.session.flush()
    return supporter


def note(supporter: Supporter, action: str, by: Actor, **data: object) -> None:
    """Write a step about a supporter into the record."""
    audit.record("supporter", supporter.id, action, by=by, place_path=supporter.place_path, data=data)


def check(supporter: Supporter, by: Actor, version: int | None = None) -> None:
    """Staff of its place, the system, or the people who answer for it; and nobody was faster."""
    own = by.may("supporters.self") and queries.answers_for(by.id, supporter.id)
    if not (by.is_system or own or by.may("supporters.edit", supporter.place_path)):
        raise Forbidden()
    if version is not None and version != supporter.version:
        raise SomeoneWasFaster()


def check_staff(supporter: Supporter, by: Actor, version: int | None = None) -> None:
    """Staff of its place or the system; and nobody was faster."""
    if not (by.is_system or by.may("supporters.edit", supporter.place_path)):
        raise Forbidden()
    if version is not None and version != supporter.version:
        raise SomeoneWasFaster()


def touch(supporter: Supporter) -> None:
    """Raise the version although only rows around the supporter changed."""
    flag_modified(supporter, "name")
