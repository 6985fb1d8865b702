"""News of wishes for the slices above, which cannot be called from here: they listen (see kernel.ports.DemandSource.listen)."""

from collections.abc import Callable

from wishapp.kernel.ports import DemandNews
from wishapp.wishes.models import Urgency, Wish

TIERS = {Urgency.NOW: 0, Urgency.WEEK: 1, Urgency.CALM: 2}
LISTENERS: list[Callable[[DemandNews], None]] = []


def spread(what: str, wish: Wish, promise_ref: str = "") -> None:
    """Let everybody who listens know, inside the transaction: opened, freed or gone."""
    news = DemandNews(what, f"wish:{wish.id}", wish.place_path, TIERS[wish.urgency], promise_ref)
    for listener in LISTENERS:
        listener(news)
