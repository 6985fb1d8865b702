"""Registers in bulk: people, units, members, teams. As a district would import them; no password hash per person."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from sqlalchemy import insert

from wishapp.accounts.models import RoleGrant, User
from wishapp.accounts.service import mask_name
from wishapp.demo import names
from wishapp.demo.map import METRE_EAST, METRE_NORTH, Spot, Tree
from wishapp.kernel import clock
from wishapp.kernel.permissions import Role
from wishapp.store.db import db
from wishapp.store.search import index_text
from wishapp.store.types import blind_index
from wishapp.supporters.models import Ability, Capacity, FreeTime, Pairing, Supporter, SupporterPerson

AT_ONCE = 2000
HELPS = ("goods", "service", "companionship", "repair", "environment", "medical", "learning", "job")
WEIGHTS = (0.6, 30, 28, 9, 16, 4, 12, 2)
SKILLS = {
    "service": ("haircut", "smartphone", "driving", "cooking", "cleaning", "sewing", "law", "photography"),
    "companionship": ("counselling", "cooking", "music"),
    "repair": ("electrics", "plumbing", "carpentry", "appliances"), "medical": ("nursing", "medicine", "counselling"),
    "learning": ("tutoring", "calligraphy", "music"), "environment": ("cleaning",), "job": ("law",), "goods": (),
}
RARE_SKILLS = ("手语", "钟表维修", "手风琴", "盲文")  # few have them, and not near by: see data/rare.psv
RARE_EVERY = 220
PARTS = ("morning", "afternoon", "evening")


def add_all(model: type, rows: Sequence[dict[str, Any]]) -> None:
    """Insert many rows; columns that are missing get their defaults."""
    for start in range(0, len(rows), AT_ONCE):
        db.session.execute(insert(model), rows[start:start + AT_ONCE])


def add_numbered(model: type, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert many rows; their ids in the rows' order."""
    ids: list[int] = []
    for start in range(0, len(rows), AT_ONCE):
        statement = insert(model).returning(model.id, sort_by_parameter_order=True)
        ids += db.session.scalars(statement, rows[start:start + AT_ONCE])
    return ids


@dataclass
class Register:
    """Rows to be added, in step: the n-th person answers for the n-th supporter. Made ready outside any transaction: it takes a while."""

    chance: Random
    people: list[dict] = field(default_factory=list)
    grants: list[tuple[Role, int]] = field(default_factory=list)
    supporters: list[dict] = field(default_factory=list)
    helps: list[tuple[Sequence[str], Sequence[str]]] = field(default_factory=list)
    times: list[Sequence[tuple[int, str]]] = field(default_factory=list)
    quotas: list[int] = field(default_factory=list)
    homes: list[Spot] = field(default_factory=list)

    def add(self, *, username: str, name: str, role: Role, community: Spot, grid: Spot | None, phone: str | None, supporter: dict,
            helps: Sequence[str], skills: Sequence[str] = (), times: Sequence[tuple[int, str]] = (), quota: int = 0) -> None:
        """One supporter and the person who answers for it."""
        number = f"+86{phone}" if phone else None
        self.people.append({
            "username": username, "display_name": name, "community_id": community.id, "grid_id": grid.id if grid else None, "phone": number,
            "phone_index": blind_index(number) if number else None, "consented_at": clock.now(), "created_at": clock.now(),
        })
        self.grants.append((role, community.id))
        where = grid or community
        self.supporters.append({
            "place_id": where.id, "place_path": where.path, "latitude": where.latitude + self.chance.uniform(-60, 60) * METRE_NORTH,
            "longitude": where.longitude + self.chance.uniform(-60, 60) * METRE_EAST, "created_at": clock.now(), "radius": 3000, "size": 1,
            "monthly_minutes": 240, "unit_level": None, "unit_kind": None, "home_unit_id": None, **supporter,
            "search": index_text(supporter["name"], community.name)[:400],
        })
        self.helps.append((helps, skills))
        self.times.append(times)
        self.quotas.append(quota)
        self.homes.append(community)

    def save(self, years: Sequence[int] = ()) -> tuple[list[int], list[int]]:
        """Insert everything inside the caller's transaction; promises for these years. Returns (ids of people, ids of supporters)."""
        people = add_numbered(User, self.people)
        supporters = add_numbered(Supporter, self.supporters)
        add_all(RoleGrant, [
            {"user_id": user_id, "role": str(role), "place_id": place_id} for user_id, (role, place_id) in zip(people, self.grants, strict=True)])
        add_all(SupporterPerson, [{"supporter_id": one, "user_id": other} for one, other in zip(supporters, people, strict=True)])
        add_all(Ability, [
            {"supporter_id": supporter_id, "kind": kind, "word": word} for supporter_id, both in zip(supporters, self.helps, strict=True)
            for kind, words in zip(("help", "skill"), both, strict=True) for word in words
        ])
        add_all(FreeTime, [
            {"supporter_id": supporter_id, "weekday": day, "part": part} for supporter_id, times in zip(supporters, self.times, strict=True)
            for day, part in times
        ])
        units = [(supporter_id, quota, home) for supporter_id, quota, home in zip(supporters, self.quotas, self.homes, strict=True) if quota]
        add_all(Capacity, [
            {"supporter_id": supporter_id, "period": str(year), "what": "any", "quota": quota, "taken": 0} for supporter_id, quota, _ in units for year in years
        ])
        add_all(Pairing, [{"unit_id": supporter_id, "community_id": home.id} for supporter_id, _, home in units])
        return people, supporters


def free_times(chance: Random, count: int) -> list[tuple[int, str]]:
    """When a working person can: evenings and weekends mostly."""
    every = [(day, part) for day in range(7) for part in PARTS if day > 4 or part == "evening" or chance.random() < 0.15]
    return sorted(chance.sample(every, min(count, len(every))))


def units(tree: Tree, count: int, chance: Random, share: int = 1) -> Register:
    """Units, each paired with one community in turn, promising one `share`-th of what it could."""
    register = Register(chance)
    for number, (name, kind, helps, quota, level) in enumerate(names.units(count)):
        community = tree.communities[number % len(tree.communities)]
        register.add(
            username=f"lianluo{number + 1:04d}", name=names.person(number * 7 + 3), role=Role.UNIT_CONTACT, community=community, grid=None,
            phone=names.phone(1000 + number) if count <= 100 else None, helps=helps, quota=quota // share + 1,
            supporter={"kind": "unit", "name": name, "unit_kind": kind, "unit_level": level, "radius": 4000 if level in ("city", "province") else 2500},
        )
    return register


def members(tree: Tree, count: int, chance: Random, home_units: Sequence[int]) -> Register:
    """Party members who report where they live."""
    register = Register(chance)
    for number in range(count):
        community = tree.communities[number % len(tree.communities)]
        grid = chance.choice(tree.grids[community.id])
        helps = sorted(set(chance.choices(HELPS, WEIGHTS, k=chance.choice((1, 2, 2, 3)))))
        pool = [skill for kind in helps for skill in SKILLS[kind]]
        skills = sorted(set(chance.sample(pool, min(len(pool), chance.choice((1, 1, 2))))))
        name = names.person(number)
        is_rare = number % RARE_EVERY == RARE_EVERY // 2
        if is_rare:
            skills = sorted({*skills, RARE_SKILLS[number // RARE_EVERY % len(RARE_SKILLS)]})
        register.add(
            username=f"dangyuan{number + 1:05d}", name=name, role=Role.PARTY_MEMBER, community=community, grid=grid,
            phone=names.phone(2000 + number) if count <= 2000 else None, helps=helps, skills=skills, times=free_times(chance, chance.choice((2, 3, 4))),
            supporter={"kind": "member", "name": mask_name(name), "radius": 400 if is_rare else chance.choice((1000, 1500, 2000, 3000)),
                       "monthly_minutes": 120 if is_rare else chance.choice((120, 180, 240, 240, 360)), "home_unit_id": chance.choice(home_units)},
        )
    return register


def teams(tree: Tree, count: int, chance: Random) -> Register:
    """Volunteer teams and their leaders."""
    register = Register(chance)
    for number in range(count):
        community = tree.communities[number % len(tree.communities)]
        name, helps, skills = names.team(number // len(tree.communities) + number, community.name)
        register.add(
            username=f"duizhang{number + 1:04d}", name=names.person(number * 13 + 5), role=Role.TEAM_LEADER, community=community, grid=None,
            phone=names.phone(5000 + number) if count <= 100 else None, helps=helps, skills=skills, times=free_times(chance, 8),
            supporter={"kind": "team", "name": name, "size": chance.randint(5, 16), "radius": 2500, "monthly_minutes": chance.choice((600, 900, 1200))},
        )
    return register
