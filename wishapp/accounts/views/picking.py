"""Choosing a place from the tree, level by level or by name, with links only."""

from collections.abc import Callable
from dataclasses import dataclass, field

from wishapp.places import queries as places
from wishapp.places.models import Place
from wishapp.web import arguments


@dataclass
class Picking:
    """Where the choosing stands. `here`: the place reached; `choices`: one step further; `found`: hits of the search `q`, else None."""

    here: Place | None
    choices: list[Place]
    trail: list[Place] = field(default_factory=list)
    q: str = ""
    found: list[Place] | None = None
    names: dict[int, str] = field(default_factory=dict)


def pick_place(start: list[Place], *, until: Callable[[Place], bool], search_level: str = "community") -> Picking:
    """Read ?place= and ?q= of the request. `start`: where to begin; `until`: is the place small enough.

    Steps with one choice only are taken at once. A place outside the start's subtrees counts as none.
    """
    q = arguments.text("q", most=30)
    asked = places.place(arguments.number("place") or 0)
    here = asked if asked is not None and any(asked.path.startswith(top.path) for top in start) else None
    choices = _below(here, start, until)
    while len(choices) == 1 and not (here is not None and until(here)):
        here = choices[0]
        choices = _below(here, start, until)
    found = places.found_by_name(q, search_level, under=[top.path for top in start]) if q else None
    trail = [step for step in places.chain(here.path) if any(step.path.startswith(top.path) for top in start)] if here else []
    shown = found if found is not None else choices
    return Picking(here, choices, trail, q, found, places.names(place.parent_id for place in shown))


def _below(here: Place | None, start: list[Place], until: Callable[[Place], bool]) -> list[Place]:
    if here is None:
        return start
    return [] if until(here) else places.children(here.id)


def is_community(place: Place) -> bool:
    """A community or something inside one."""
    return place.level in ("community", "grid")
