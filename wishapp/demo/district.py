"""A whole district of the real size, in bulk: 13 streets, 139 communities, 1,000 grids, 1,200 units, 35,000 members, 300 teams, 6,000 open
wishes, 300 calls with 1,200 shifts.

Registers and wishes go in as rows, as an import would bring them; every wish still gets the recorded steps its state needs,
so that `wishapp verify` finds nothing wrong. No password hash per person; the known sign-ins have one.
"""

from datetime import datetime, timedelta
from random import Random

from sqlalchemy import update

from wishapp.accounts.models import User
from wishapp.accounts.service import hash_password, mask_name
from wishapp.demo import calls as telling
from wishapp.demo import cast as casting
from wishapp.demo import district_calls, names, register
from wishapp.demo import map as planting
from wishapp.demo.accounts import PASSWORD
from wishapp.demo.stories import Teller
from wishapp.kernel import clock
from wishapp.kernel.permissions import Role
from wishapp.store.audit import AuditEntry
from wishapp.store.db import db
from wishapp.store.search import index_text
from wishapp.store.transaction import transaction
from wishapp.wishes.models import Wish, WishCounter

GRIDS, UNITS, MEMBERS, TEAMS, WISHES = 1000, 1200, 35_000, 300, 6000
DISTRICT = "370102"
RARE_EVERY = 60  # one wish in so many asks for something few can do
OLDEST = timedelta(days=60)


def load(seed: int) -> dict[str, int]:
    """Load everything; figures of what was made."""
    chance = Random(seed)
    now = clock.now().replace(second=0, microsecond=0)
    password_hash = hash_password(PASSWORD)
    with transaction():
        tree = planting.plant(None, GRIDS)
    with transaction():
        cast = casting.Cast(tree=tree, home=next(place for place in tree.communities if place.code == casting.HOME))
        casting.staff(cast, password_hash)
        workers = grid_workers(cast)
        residents = casting.bulk_people([("resident", names.person(5), cast.home.id, tree.grids[cast.home.id][0].id, 9100)], Role.RESIDENT, [cast.home.id])
        cast.known["resident"] = residents[0]
        db.session.execute(update(User).where(User.id == residents[0]).values(password_hash=password_hash))
    years = (now.year, now.year + 1)
    of_units, of_teams = register.units(tree, UNITS, chance), register.teams(tree, TEAMS, chance)
    with transaction():
        (contacts, units), (leaders, _teams) = of_units.save(years), of_teams.save()
    of_members = register.members(tree, MEMBERS, chance, units)
    with transaction():
        members, _supporters = of_members.save()
    with transaction():
        casting.name_known(cast, password_hash, {"unit": contacts, "member": members[:2000], "team": leaders, "grid": list(workers.values())})
        casting.volunteer(cast, password_hash)
    rows, steps = wishes(cast, workers, chance, now)
    with transaction():
        save_wishes(rows, steps, now)
    with transaction():
        district_calls.load(cast, DISTRICT, chance, now)
    return {"communities": len(tree.communities), "wishes": WISHES, **telling.totals(), "supporters": UNITS + MEMBERS + TEAMS + 1}


def grid_workers(cast: casting.Cast) -> dict[int, int]:
    """One for every grid: {grid id: user id}."""
    grids = [grid for found in cast.tree.grids.values() for grid in found]
    rows = [(f"wangge{number + 1:04d}", names.person(number * 5 + 1), grid.parent_id, grid.id, number) for number, grid in enumerate(grids)]
    return dict(zip((grid.id for grid in grids), casting.bulk_people(rows, Role.GRID_WORKER, [grid.id for grid in grids]), strict=True))


def wishes(cast: casting.Cast, workers: dict[int, int], chance: Random, now: datetime) -> tuple[list[dict], list[tuple]]:
    """Open wishes, told to the grid workers: rows, and what is needed for the two recorded steps of each."""
    teller = Teller(chance)
    rows, steps = [], []
    for number in range(WISHES):
        community = cast.tree.communities[number % len(cast.tree.communities)]
        grid = chance.choice(cast.tree.grids[community.id])
        story, name = teller.next() if number % RARE_EVERY else chance.choice(teller.rare), names.person(number * 3 + 1)
        told = now - OLDEST * chance.random() ** 1.5 - timedelta(hours=20)
        shown = told + timedelta(hours=chance.uniform(1, 18))
        public = f"{DISTRICT}-{now.year}-{number + 1:06d}"
        rows.append({
            "number": public, "title": story.title, "story": story.story, "kind": story.kind, "item": story.item, "cost": story.cost,
            "minutes": story.minutes, "skill": story.skill, "group": story.group, "urgency": story.urgency, "age_band": story.age, "seats": story.seats,
            "masked_name": "" if story.age == "several" else mask_name(name), "beneficiary_name": name, "beneficiary_phone": names.phone(number),
            "address": f"{community.name}{number % 30 + 1}号楼（演示地址）", "community_id": community.id, "grid_id": grid.id, "place_path": grid.path,
            "posted_by_id": workers[grid.id], "is_on_behalf": True, "consent_how": "in_person", "consent_at": told, "state": "open",
            "guardian_consent": story.age == "child", "created_at": told, "published_at": shown,
            "search": index_text(story.title, story.story, story.item, story.skill, public, community.name),
        })
        steps.append((told, shown, workers[grid.id], cast.staff[community.id], grid.path))
    return rows, steps


def save_wishes(rows: list[dict], steps: list[tuple], now: datetime) -> None:
    """Insert the wishes with their steps, inside the caller's transaction."""
    ids = register.add_numbered(Wish, rows)
    entries = []
    for wish_id, (told, shown, worker, staff, path) in zip(ids, steps, strict=True):
        for at, actor, action, before, after in ((told, worker, "submit", "draft", "submitted"), (shown, staff, "publish", "submitted", "open")):
            entries.append({"at": at, "actor_id": actor, "kind": "wish", "thing_id": wish_id, "action": action, "from_state": before,
                            "to_state": after, "place_path": path, "note": None, "data": {"demo": True}})
    register.add_all(AuditEntry, sorted(entries, key=lambda entry: entry["at"]))
    db.session.add(WishCounter(district=DISTRICT, year=now.year, last=WISHES))
