"""What a repair reads of a district is the same part of it that reading the whole would show, on a neighbourhood thrown together."""

import random
from dataclasses import asdict
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import select

from tests.matching.office import Office
from wishapp.kernel import clock as house_clock
from wishapp.kernel.ports import OpenDemand
from wishapp.kernel.roles import SYSTEM
from wishapp.matching import candidates, sources
from wishapp.matching.crowd import Crowd, read_crowd
from wishapp.matching.models import PairMark
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters.models import Ability, Pairing, Supporter, SupporterPerson
from wishapp.volunteering import service as calls
from wishapp.volunteering.models import ShiftRole, SignUp, Volunteer

KINDS = ("unit", "member", "team", "volunteer")


def scatter(office: Office, chance: random.Random, count: int = 160) -> None:
    """Supporters of every kind around the community, most of them near, in spots that several share."""
    with office.app.app_context(), transaction():
        place = db.session.get(Place, office.places.community.id)
        for number in range(count):
            kind, far = chance.choice(KINDS), chance.choice((0.002, 0.006, 0.02))
            made = Supporter(
                kind=kind, name=f"样例{number}", place=place, place_path=place.path, radius=chance.choice((500, 1500, 4000)), is_active=chance.random() < 0.95,
                latitude=place.latitude + round(chance.uniform(-far, far), 3), longitude=place.longitude + round(chance.uniform(-far, far), 3))
            made.abilities = [Ability(kind="help", word=word) for word in ("goods", "service", "repair") if chance.random() < 0.6]
            made.abilities += [Ability(kind="skill", word=word) for word in ("haircut", "sewing") if chance.random() < 0.15]
            if kind == "unit" and chance.random() < 0.3:
                made.pairings = [Pairing(community_id=place.id)]
            db.session.add(made)


def wanted(office: Office, chance: random.Random) -> list[OpenDemand]:
    """A few demands around the community."""
    with office.app.app_context():
        place = db.session.get(Place, office.places.community.id)
        return [OpenDemand(
            ref=f"wish:{number}", title="", kind=chance.choice(("goods", "service")), tier=1, place_id=place.id, place_path=place.path, community_id=place.id,
            latitude=place.latitude + chance.uniform(-0.003, 0.003), longitude=place.longitude + chance.uniform(-0.003, 0.003), seats=(1,), minutes=60,
            waiting_days=0, skills=frozenset(chance.sample(("haircut", "sewing"), chance.randrange(2)))) for number in range(chance.randrange(1, 4))]


@pytest.mark.both_databases
def test_the_nearest_within_a_circle_are_the_nearest_of_all(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)
    scatter(office, chance)
    stopped_early = 0
    for groups, persons, skilled in ((200, 300, 100), (5, 8, 2), (2, 15, 1), (1, 30, 4), (3, 3, 3)) * 3:
        demands = wanted(office, chance)
        monkeypatch.setattr(candidates, "GROUPS", groups)
        monkeypatch.setattr(candidates, "PERSONS", persons)
        monkeypatch.setattr(candidates, "SKILLED", skilled)
        with office.app.app_context():
            found = {}
            for circles in ((None,), (0.002, None), (0.001, 0.004, None), (0.05, None)):
                monkeypatch.setattr(candidates, "CIRCLES", circles)
                found[circles] = candidates.who_could(office.places.community.path, demands)
            everybody = set(db.session.scalars(select(Supporter.id)))
            assert candidates.who_could(office.places.community.path, demands, among=everybody) == found[None,]
            few = set(found[None,][::2])
            assert candidates.who_could(office.places.community.path, demands, among=few) == sorted(few)
        assert len({tuple(ids) for ids in found.values()}) == 1 and found[None,]
        stopped_early += persons <= 15
    assert stopped_early


@pytest.mark.both_databases
def test_named_demands_are_those_of_all_that_are_named(office: Office) -> None:
    people = [office.person(name, kind=kind) for name, kind in (("甲", "member"), ("乙", "volunteer"), ("丙", "team"))]
    office.shift(seats=3, skills={"nursing": 2}, minimum=2, starts=house_clock.now() + timedelta(days=2))
    full, aged, other = office.shift(seats=1), office.shift(seats=4, age_min=18), office.shift(seats=2, skills={"haircut": 1})
    office.wish(seats=2), office.wish(urgency="now"), office.wish(kind="service", skill="haircut")
    with office.app.app_context(), transaction():
        for (person, _supporter_id), shift_id in zip(people, (full, aged, other), strict=True):
            role = db.session.scalar(select(ShiftRole).where(ShiftRole.shift_id == shift_id, ShiftRole.skill == ""))
            volunteer = calls.ensure_volunteer(person.id)
            volunteer.birth_year = 1990
            calls.sign_up(role, volunteer, by=person.actor)
        resting = calls.ensure_volunteer(office.member.id)
        resting.paused_until, resting.birth_year = house_clock.today() + timedelta(days=9), 1980
    office.supporter("休息", kind="member", person=office.member)
    with office.app.app_context():
        path = office.places.street.path
        wide = {demand.ref: asdict(demand) for demand in sources.open_demands(path)}
        assert len(wide) == 8 and f"shift:{full}" not in wide
        assert any(entry["not_for"] for entry in wide.values()) and wide[f"shift:{aged}"]["only_for"]
        chance = random.Random(3)
        for _ in range(12):
            some = chance.sample(sorted(wide), chance.randrange(5))
            narrow = sources.open_demands(path, [*some, f"shift:{full}", "wish:999999", "shift:999999/sewing"])
            assert [(demand.ref, asdict(demand)) for demand in narrow] == [(ref, wide[ref]) for ref in sorted(some)]
        assert sources.open_demands("/999/", sorted(wide)) == []


def test_the_first_who_answers_comes_and_nobody_else(office: Office) -> None:
    """Two people answer for one supporter: only the first one's sign-ups and rests are the supporter's own."""
    (first, one), (second, two) = office.person("甲"), office.person("乙")
    shift_id = office.shift(seats=4)
    with office.app.app_context(), transaction():
        db.session.add(SupporterPerson(supporter_id=one, user_id=second.id))
        db.session.add(SupporterPerson(supporter_id=two, user_id=first.id, is_confirmed=False))
        role = db.session.scalar(select(ShiftRole).where(ShiftRole.shift_id == shift_id))
        calls.sign_up(role, calls.ensure_volunteer(second.id), by=second.actor)

    def read() -> tuple[set[int], set[int], set[int]]:
        source = sources.SOURCES["shift"]
        [demand] = source.open_demands("/")
        return set(demand.not_for), {entry.supporter_id for entry in source.engagements("/")}, {
            entry.supporter_id for entry in source.engagements("/", [one, two])}

    with office.app.app_context():
        assert read() == ({two}, {two}, {two})
    with office.app.app_context(), transaction():
        calls.ensure_volunteer(first.id).paused_until = house_clock.today()
    with office.app.app_context():
        assert read() == ({one, two}, {two}, {two})


def columns(crowd: Crowd, ids: list[int]) -> dict:
    """What is known of these supporters, whatever the rows they have."""
    rows = [crowd.row_of(supporter_id) for supporter_id in ids]
    told: dict = {name: getattr(crowd, name)[rows].tolist() for name in (
        "ids", "kind", "radius", "size", "community", "left_any", "quota_any", "minutes", "has_times", "load", "declines", "invited")}
    told["names"] = [crowd.names[row] for row in rows]
    for name in ("helps", "skills", "left", "quota"):
        told[name] = {word: column[rows].tolist() for word, column in getattr(crowd, name).items() if column[rows].any()}
    for name in ("paired", "known"):
        told[name] = {key: [at for at, row in enumerate(rows) if row in found] for key, found in getattr(crowd, name).items() if np.isin(rows, found).any()}
    marks = {ref: {ids[rows.index(row)]: kind for row, kind in entries.items() if row in rows} for ref, entries in crowd.marks.items()}
    told["marks"] = {ref: entries for ref, entries in marks.items() if entries}
    told["busy"] = sorted((ids[rows.index(row)], start, end) for row, start, end in zip(
        crowd.busy.row.tolist(), crowd.busy.start.tolist(), crowd.busy.end.tolist(), strict=True) if row in rows)
    return told


@pytest.mark.both_databases
def test_a_few_supporters_are_read_as_they_stand_in_the_whole_crowd(office: Office) -> None:
    chance = random.Random(11)
    scatter(office, chance, 40)
    wish_id, _proposal_id, asked = office.offered(runners=2)
    people = [office.person(f"人{number}") for number in range(4)]
    shift_id = office.shift(seats=6)
    with office.app.app_context(), transaction():
        for person, _supporter_id in people[:2]:
            calls.sign_up(db.session.scalar(select(ShiftRole).where(ShiftRole.shift_id == shift_id)), calls.ensure_volunteer(person.id), by=person.actor)
        path = office.places.community.path
        for (_person, supporter_id), kind in zip(people, ("pin", "forbid", "declined", "lapsed"), strict=True):
            db.session.add(PairMark(demand_ref=f"wish:{wish_id}", supporter_id=supporter_id, kind=kind, place_path=path, by_id=SYSTEM.id))
        assert db.session.scalar(select(Volunteer.id)) and db.session.scalar(select(SignUp.id))
    with office.app.app_context():
        whole = read_crowd(path)
        for _ in range(6):
            own = sorted({*chance.sample(whole.ids.tolist(), 9), *asked[:1], *(supporter_id for _person, supporter_id in people)})
            few = read_crowd(path, only=own)
            told = columns(few, own)
            assert few.ids.tolist() == own and told == columns(whole, own)
            assert told["marks"] and told["busy"] and any(told["load"]) and any(told["declines"])
        assert not len(read_crowd(path, only=[]))
