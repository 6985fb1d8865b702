"""The district's calls in bulk: 300 published ones with 1,200 shifts of the next four weeks.

Rows as an import would bring them, each with the recorded steps its state needs.
"""

import secrets
from datetime import datetime, timedelta
from random import Random

from wishapp.demo import calls as telling
from wishapp.demo import register
from wishapp.demo.cast import Cast
from wishapp.store.audit import AuditEntry
from wishapp.store.db import db
from wishapp.store.search import index_text
from wishapp.volunteering.models import Call, CallCounter, Shift, ShiftRole

CALLS, SHIFTS_EACH = 300, 4
SPAN, SOONEST = 26, 2  # days ahead in which their shifts lie


def load(cast: Cast, district: str, chance: Random, now: datetime) -> None:
    """Insert everything, inside the caller's transaction."""
    stories = list(telling.read().values())
    rows, told, chosen = [], [], []
    for number in range(CALLS):
        community = cast.tree.communities[number * 7 % len(cast.tree.communities)]
        grid, story = chance.choice(cast.tree.grids[community.id]), stories[number % len(stories)]
        written = now - timedelta(days=chance.uniform(2, 16))
        published = written + timedelta(hours=chance.uniform(1, 20))
        public, staff = f"{district}-Z{now.year}-{number + 1:06d}", cast.staff[community.id]
        rows.append({
            "number": public, "title": story.title, "story": story.story, "kind": story.kind, "posted_by_id": staff, "community_id": community.id,
            "grid_id": None, "place_path": community.path, "spot": story.spot, "latitude": grid.latitude, "longitude": grid.longitude,
            "risks": story.risks, "safeguards": story.safeguards, "created_at": written, "published_at": published, "state": "open",
            "search": index_text(story.title, story.story, story.spot, public, community.name)})
        told.append((written, published, staff, community.path))
        chosen.append(story)
    ids = register.add_numbered(Call, rows)
    save_shifts(ids, chosen, told, chance, now)
    register.add_all(AuditEntry, sorted(
        ({"at": at, "actor_id": staff, "kind": "call", "thing_id": call_id, "action": action, "from_state": before, "to_state": after,
          "place_path": path, "note": None, "data": {"demo": True}}
         for call_id, (written, published, staff, path) in zip(ids, told, strict=True)
         for at, action, before, after in ((written, "submit", "draft", "submitted"), (published, "publish", "submitted", "open"))),
        key=lambda entry: entry["at"]))
    db.session.add(CallCounter(what="call", district=district, year=now.year, last=CALLS))


def save_shifts(ids: list[int], stories: list[telling.CallStory], told: list[tuple], chance: Random, now: datetime) -> None:
    """SHIFTS_EACH shifts for each call, a week apart or on neighbouring days, with their seats."""
    shifts, seats = [], []
    for call_id, story, (*_before, path) in zip(ids, stories, told, strict=True):
        first, apart = SOONEST + chance.randrange(SPAN - 21), chance.choice((1, 2, 7))
        for begins, ends in telling.spans(story, tuple(first + apart * number for number in range(SHIFTS_EACH)), now):
            shifts.append({"call_id": call_id, "place_path": path, "starts_at": begins, "ends_at": ends, "minimum": story.least,
                           "secret": secrets.token_urlsafe(32), "state": "open"})
            seats.append({"": story.seats * chance.choice((1, 2, 2, 3)), **story.skills})
    numbers = register.add_numbered(Shift, shifts)
    register.add_all(ShiftRole, [{"shift_id": shift_id, "skill": skill, "seats": count}
                                 for shift_id, roles in zip(numbers, seats, strict=True) for skill, count in roles.items()])
