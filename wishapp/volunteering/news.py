"""News of shifts for the slices above, which cannot be called from here: they listen (see kernel.ports.DemandSource.listen)."""

from collections.abc import Callable

from wishapp.kernel.ports import DemandNews
from wishapp.volunteering.models import Shift

LISTENERS: list[Callable[[DemandNews], None]] = []
TIER = 2  # calls are planned ahead


def spread(what: str, shift: Shift, promise_ref: str = "") -> None:
    """Let everybody who listens know, inside the transaction: opened, freed or gone."""
    news = DemandNews(what, f"shift:{shift.id}", shift.place_path, TIER, promise_ref)
    for listener in LISTENERS:
        listener(news)
