"""Drafting and adopting versions of weights, as tests do it."""

from tests.matching.office import Office
from wishapp.matching import weighting
from wishapp.matching.models import Weighting
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.transaction import transaction


def make(office: Office, percent: dict | None = None, spread: dict | None = None, *, by: object = None) -> int:
    """A draft of the district; returns its id."""
    with office.app.app_context(), transaction():
        return weighting.draft_weighting(db.session.get(Place, office.places.district.id), by=(by or office.district).actor, percent=percent or {},
                                         spread=spread or {}, note="试试看").id


def adopt(office: Office, weighting_id: int, seen: int, *, by: object = None) -> None:
    """Put a version to use."""
    with office.app.app_context(), transaction():
        weighting.adopt_weighting(db.session.get(Weighting, weighting_id), by=(by or office.district).actor, seen=seen)
