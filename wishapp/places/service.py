"""Verbs on places: adding one, and the settings staff may change."""

import re

from wishapp.kernel.errors import BadInput, Forbidden, SomeoneWasFaster
from wishapp.kernel.roles import Actor, PlaceLevel
from wishapp.kernel.text import N_
from wishapp.places.models import Place
from wishapp.store import audit
from wishapp.store.db import db

ORDER = list(PlaceLevel)
TELEPHONE = re.compile(r"\+?[0-9][0-9 \-]{3,18}")


def check_telephone(text: str) -> str:
    """A public telephone as it is printed (hotlines such as 12345 included), or empty; raises BadInput."""
    if text and not TELEPHONE.fullmatch(text):
        raise BadInput(N_("A telephone has digits, blanks and dashes only, at most 20."))
    return text


def add_place(
    *, code: str, name: str, level: str, parent: Place | None, by: Actor, latitude: float = 0.0, longitude: float = 0.0, phone: str = "",
) -> Place:
    """A new place below `parent` (None: a root). Only the system adds places: Forbidden for people.

    Raises BadInput when the level does not lie below the parent's.
    """
    if not by.is_system:
        raise Forbidden()
    if parent is not None and ORDER.index(PlaceLevel(level)) <= ORDER.index(PlaceLevel(parent.level)):
        raise BadInput(N_("A place can only lie in a larger one."))
    made = Place(
        code=code, name=name, level=level, parent_id=parent.id if parent else None, path=f"new:{code}",
        latitude=latitude, longitude=longitude, phone=phone,
    )
    db.session.add(made)
    db.session.flush()
    made.path = f"{parent.path if parent else '/'}{made.id}/"
    db.session.flush()
    return made


def change_settings(place: Place, *, by: Actor, version: int, phone: str | None = None, is_two_level: bool | None = None) -> Place:
    """Change what staff may change here; None leaves a setting as it is.

    phone: the public telephone, on any place of one's own subtree (places.edit); is_two_level: second review, on a street
    (places.settings). Raises SomeoneWasFaster when `version` is no longer the row's, Forbidden, BadInput (second review on anything but a street).
    """
    if place.version != version:
        raise SomeoneWasFaster()
    changed: dict[str, object] = {}
    if phone is not None and phone != place.phone:
        if not by.may("places.edit", place.path):
            raise Forbidden()
        place.phone = check_telephone(phone)
        changed["phone"] = True
    if is_two_level is not None and is_two_level != place.is_two_level:
        if not by.may("places.settings", place.path):
            raise Forbidden()
        if place.level != PlaceLevel.STREET:
            raise BadInput(N_("Second review is switched on for a whole street."))
        place.is_two_level = is_two_level
        changed["is_two_level"] = is_two_level
    if changed:
        audit.record("place", place.id, "change_settings", by=by, place_path=place.path, data=changed)
    return place
