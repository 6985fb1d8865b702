"""News of shifts for the slices above, which cannot be called from here: they listen (see kernel.ports.DemandSource.listen)."""

from collections.abc import Callable

from wishapp.kernel.ports import DemandNews
from wishapp.volunteering.models import Shift, ShiftRole

LISTENERS: list[Callable[[DemandNews], None]] = []
TIER = 2  # calls are planned ahead


def ref_of(shift_id: int, skill: str) -> str:
    """A sort of seats as the matcher names it: "shift:12", or "shift:12/nursing" for those who have a skill."""
    return f"shift:{shift_id}/{skill}" if skill else f"shift:{shift_id}"


def spread(what: str, shift: Shift, promise_ref: str = "", *, role: ShiftRole | None = None) -> None:
    """Let everybody who listens know, inside the transaction: opened, freed or gone. Without `role`: of every sort of its seats."""
    for one in shift.roles if role is None else [role]:
        news = DemandNews(what, ref_of(shift.id, one.skill), shift.place_path, TIER, promise_ref)
        for listener in LISTENERS:
            listener(news)
