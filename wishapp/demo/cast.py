"""Who plays in the demonstration street: registers in bulk, and the known sign-ins, staff and grid workers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random

from sqlalchemy import select, update

from wishapp.accounts import queries as accounts
from wishapp.accounts import service as people
from wishapp.accounts.models import RoleGrant, User
from wishapp.demo import names, register
from wishapp.demo.map import Spot, Tree
from wishapp.kernel import clock
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import SYSTEM, Actor
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.types import blind_index
from wishapp.supporters import service as supporters
from wishapp.supporters.models import Ability, Supporter, SupporterPerson

UNITS, MEMBERS, TEAMS, RESIDENTS = 60, 900, 20, 160
HOME = "370102009002"  # the community of the known sign-ins


@dataclass(frozen=True)
class Helper:
    """A supporter and the person who acts for it."""

    id: int
    user_id: int
    kind: str
    community_path: str
    helps: frozenset[str]
    skills: frozenset[str]


@dataclass
class Cast:
    """Everybody, by ids. `staff`: community id -> user id; `grid_workers`: grid id -> user id; `residents`: community id -> user ids."""

    tree: Tree
    home: Spot
    staff: dict[int, int] = field(default_factory=dict)
    grid_workers: dict[int, int] = field(default_factory=dict)
    residents: dict[int, list[int]] = field(default_factory=dict)
    street_staff: int = 0
    known: dict[str, int] = field(default_factory=dict)
    helpers: list[Helper] = field(default_factory=list)
    _actors: dict[int, Actor] = field(default_factory=dict)

    def actor(self, user_id: int) -> Actor:
        """The person as the services know people."""
        if user_id not in self._actors:
            self._actors[user_id] = accounts.actor_for(user_id)
        return self._actors[user_id]

    def helper(self, username: str) -> Helper:
        """The supporter of a known sign-in."""
        return next(helper for helper in self.helpers if helper.user_id == self.known[username])


def enter(tree: Tree, chance: Random, password_hash: str) -> Cast:
    """Put everybody into the database, inside the caller's transaction."""
    cast = Cast(tree=tree, home=next(place for place in tree.communities if place.code == HOME))
    years = sorted({clock.today().year, clock.today().year - 1, clock.today().year + 1})
    contacts, units = register.units(tree, UNITS, chance, share=4).save(years)
    members, member_ids = register.members(tree, MEMBERS, chance, units).save()
    leaders, teams = register.teams(tree, TEAMS, chance).save()
    staff(cast, password_hash)
    grids = [grid for found in tree.grids.values() for grid in found]
    cast.grid_workers = dict(zip((grid.id for grid in grids), bulk_people(
        [(f"wangge{number + 1:03d}", names.person(number * 5 + 1), grid.parent_id, grid.id, 6000 + number) for number, grid in enumerate(grids)],
        Role.GRID_WORKER, [grid.id for grid in grids]), strict=True))
    homes = [tree.communities[number % len(tree.communities)] for number in range(RESIDENTS)]
    residents = bulk_people(
        [(f"jumin{number + 1:03d}", names.person(number * 3 + 2), home.id, chance.choice(tree.grids[home.id]).id, 7000 + number)
         for number, home in enumerate(homes)], Role.RESIDENT, [home.id for home in homes])
    for user_id, home in zip(residents, homes, strict=True):
        cast.residents.setdefault(home.id, []).append(user_id)
    name_known(cast, password_hash, {
        "unit": contacts, "member": members, "team": leaders, "resident": residents, "grid": list(cast.grid_workers.values())})
    volunteer(cast, password_hash)
    cast.helpers = read_helpers([*units, *member_ids, *teams], tree)
    _give_room(cast, years)
    return cast


def _give_room(cast: Cast, years: Sequence[int]) -> None:
    """The known supporters have enough to give for everything one may want to try with them."""
    for username in ("unit", "member", "team"):
        one = db.session.get(Supporter, cast.helper(username).id)
        supporters.set_reach(one, by=SYSTEM, radius=4000, monthly_minutes=1200)
        for year in years if one.kind == "unit" else ():
            supporters.set_quota(one, by=SYSTEM, period=str(year), what="any", quota=12)


def bulk_people(rows: Sequence[tuple[str, str, int, int | None, int]], role: Role, places: Iterable[int]) -> list[int]:
    """People with one role each; rows of (username, name, community id, grid id, phone number). Returns ids."""
    numbers = [f"+86{names.phone(row[4])}" for row in rows]
    ids = register.add_numbered(User, [
        {"username": username, "display_name": name, "community_id": community, "grid_id": grid, "phone": number, "phone_index": blind_index(number),
         "consented_at": clock.now(), "created_at": clock.now()}
        for (username, name, community, grid, _), number in zip(rows, numbers, strict=True)
    ])
    register.add_all(RoleGrant, [{"user_id": user_id, "role": str(role), "place_id": place} for user_id, place in zip(ids, places, strict=True)])
    return ids


def staff(cast: Cast, password_hash: str) -> None:
    """Staff through the real services: one at each community, one at each street, one at the district."""
    posts = [(f"shequ{number + 1:02d}", place, place, Role.COMMUNITY_STAFF) for number, place in enumerate(cast.tree.communities)]
    street = next(place for place in cast.tree.streets if cast.home.path.startswith(place.path))
    posts += [(f"jiedao{number + 1:02d}", place, cast.home, Role.STREET_STAFF) for number, place in enumerate(cast.tree.streets) if place is not street]
    posts += [("street", street, cast.home, Role.STREET_STAFF), ("district", cast.tree.district, cast.home, Role.DISTRICT_STAFF)]
    for number, (username, place, lives_in, role) in enumerate(posts):
        known = "community" if place.id == cast.home.id else username if username in ("street", "district") else None
        made = people.create_user(
            username=known or username, display_name=names.person(number * 11 + 4), phone=names.phone(8000 + number), community_id=lives_in.id,
            password_hash=password_hash if known else None, by=SYSTEM)
        people.grant_role(made, role, db.session.get(Place, place.id), by=SYSTEM)
        if role == Role.COMMUNITY_STAFF:
            cast.staff[place.id] = made.id
        elif known == "street":
            cast.street_staff = made.id
        if known:
            cast.known[known] = made.id


def name_known(cast: Cast, password_hash: str, found: dict[str, list[int]]) -> None:
    """Give the known user names to people of the registers who live in the home community. `found`: {user name: ids}."""
    for username, ids in found.items():
        at_home = db.session.scalars(select(User.id).where(User.id.in_(ids), User.community_id == cast.home.id).order_by(User.id)).first()
        cast.known[username] = at_home
        db.session.execute(update(User).where(User.id == at_home).values(username=username, password_hash=password_hash))


def volunteer(cast: Cast, password_hash: str) -> None:
    """Somebody who enrolled by themselves."""
    made = people.create_user(username="volunteer", display_name=names.person(77), phone=names.phone(9000), community_id=cast.home.id,
                              password_hash=password_hash, by=SYSTEM)
    home = db.session.get(Place, cast.home.id)
    people.grant_role(made, Role.VOLUNTEER, home, by=SYSTEM)
    one = supporters.create_supporter(by=SYSTEM, kind="volunteer", name=people.mask_name(made.display_name), place=home, people=[made.id])
    supporters.set_abilities(one, by=SYSTEM, help_kinds=["companionship", "service", "learning"], skills=["smartphone", "photography"])
    supporters.set_free_times(one, by=SYSTEM, times=[(5, "morning"), (5, "afternoon"), (6, "afternoon")])
    cast.known["volunteer"] = made.id


def read_helpers(ids: Sequence[int], tree: Tree) -> list[Helper]:
    """Helpers of these supporters, with what they can."""
    words: dict[int, dict[str, set[str]]] = {supporter_id: {"help": set(), "skill": set()} for supporter_id in ids}
    for supporter_id, kind, word in db.session.execute(select(Ability.supporter_id, Ability.kind, Ability.word)):
        if supporter_id in words:
            words[supporter_id][kind].add(word)
    query = select(Supporter.id, SupporterPerson.user_id, Supporter.kind, Supporter.place_path).join(SupporterPerson).order_by(Supporter.id)
    found = []
    for supporter_id, user_id, kind, path in db.session.execute(query):
        if supporter_id in words:
            community = next(place.path for place in tree.communities if path.startswith(place.path))
            found.append(Helper(supporter_id, user_id, kind, community, frozenset(words[supporter_id]["help"]), frozenset(words[supporter_id]["skill"])))
    return found
