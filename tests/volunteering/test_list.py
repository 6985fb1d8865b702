"""The list of shifts one can do: it says what eligibility says, in a number of queries that does not grow."""

import random
from datetime import timedelta

import pytest

from tests.factories import csrf_token, sign_in
from tests.volunteering.scene import Scene
from tests.wishes.counting import statements
from wishapp.accounts.models import User
from wishapp.kernel import clock as house_clock
from wishapp.kernel.roles import SYSTEM
from wishapp.places import queries as places
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters import service as supporters
from wishapp.supporters.models import Ability
from wishapp.volunteering import listing, service
from wishapp.volunteering.eligibility import rule_against
from wishapp.volunteering.models import Shift, SignUp, Volunteer
from wishapp.volunteering.record_models import ServiceRules
from wishapp.volunteering.ruling import VISIBLE, reader_of
from wishapp.volunteering.sign_ups import living


def many_calls(scene: Scene, chance: random.Random, calls: int) -> None:
    """Calls with every sort of limit, shifts close together in time."""
    for number in range(calls):
        now = house_clock.now()
        limits = chance.choice([{}, {"age_min": 18}, {"age_min": 8, "age_max": 60}, {"age_max": 35}, {"opens_at": now + timedelta(hours=2)},
                                {"grid_until": now + timedelta(hours=5)}, {"community_until": now + timedelta(hours=5)}, {"closes_hours": 30}])
        call = scene.open_call(
            title=f"活动{number}", spot=chance.choice(["东门", "西门"]), shifts=2, seats=chance.choice([1, 3]), hours=chance.choice([20, 27, 44]),
            minutes=chance.choice([60, 120, 300]), apart=chance.choice([1, 4, 24]) + 5, **limits)
        if chance.random() < 0.3:
            with transaction():
                for role in call.shifts[0].roles:
                    role.skill = "nursing"


def somebody(scene: Scene, number: int, chance: random.Random) -> None:
    """Years, home, skills, pause, and a few sign-ups of their own."""
    person = scene.person(number)
    with transaction():
        volunteer = service.ensure_volunteer(person.id)
        volunteer.birth_year = chance.choice([None, 1950, 1990, 2008, 2015])
        volunteer.has_guardian_consent = chance.random() < 0.3
        user = db.session.get(User, person.id)
        user.community_id = chance.choice([scene.at.community, scene.at.next_community]).id
        user.grid_id = scene.at.grid.id if user.community_id == scene.at.community.id and chance.random() < 0.5 else None
        if chance.random() < 0.5:
            nurse = supporters.create_supporter(kind="volunteer", name=person.name, place=places.place(scene.at.community.id), by=SYSTEM, people=[person.id])
            db.session.add(Ability(supporter_id=nurse.id, kind="skill", word="nursing"))
    for shift in chance.sample(db.session.scalars(db.select(Shift)).all(), 9):
        role = shift.roles[0]
        if rule_against(volunteer, shift, role) is None and living(shift.id, volunteer.id) is None:
            with transaction():
                service.sign_up(role, service.ensure_volunteer(person.id), by=person.actor)
    if chance.random() < 0.2:
        with transaction():
            db.session.get(Volunteer, volunteer.id).paused_until = house_clock.today() + timedelta(days=chance.choice([-1, 0, 5]))


def what_eligibility_says(volunteer: Volunteer, shift: Shift) -> str:
    """The rule against this shift, whichever of its seats one takes."""
    names = {(rule_against(volunteer, shift, role) or ("",))[0] for role in shift.roles if role.seats}
    if "" in names:
        return ""
    name = next(iter(names - {"skill"}), "skill")
    return "open" if name == "there" else name


@pytest.mark.both_databases
def test_list_and_eligibility_agree(scene: Scene, clock: object) -> None:
    """For every shift and everybody the SQL of the list names the rule that the sign-up itself would be refused by."""
    chance = random.Random(5)
    with transaction():
        db.session.add(ServiceRules(place_id=scene.at.district.id, values={"gap_minutes": 45, "day_minutes": 360}))
    many_calls(scene, chance, 10)
    seen: set[str] = set()
    for number in range(5):
        somebody(scene, number, chance)
    for number in range(5):
        volunteer = db.session.scalar(db.select(Volunteer).where(Volunteer.user_id == scene.person(number).id))
        reader = reader_of(scene.person(number).id)
        for shift in db.session.scalars(db.select(Shift)).all():
            why = listing.shift_for(shift.id, reader).why
            seen.add(why)
            if living(shift.id, volunteer.id) is not None:
                assert why == "own"
            else:
                assert why == what_eligibility_says(volunteer, shift), (shift.id, reader)
    assert len(seen) >= 5, f"the scene is too tame: {seen}"


def test_only_what_one_can_do(scene: Scene, clock: object) -> None:
    """A clash is left out, counted, and shown with its reason when asked for; a stranger sees everything public."""
    scene.open_call(title="巡逻", hours=20)
    scene.sign_up(0)
    scene.open_call(title="图书馆", hours=21, spot="图书馆")
    scene.open_call(title="助餐", hours=30)
    me, stranger, everything = reader_of(scene.person(0).id), reader_of(None), listing.Filters(everything=True)

    def titles(reader: object, filters: listing.Filters) -> list[str]:
        return [line.shift.call.title for line in listing.shifts_for(reader, filters)[0].rows]

    assert titles(me, listing.Filters()) == ["助餐"]
    assert listing.shifts_for(me, listing.Filters())[1] == {"": 1, "own": 1, "free": 1}
    assert [line.why for line in listing.shifts_for(me, everything)[0].rows] == ["own", "free", ""]
    assert titles(stranger, listing.Filters()) == ["巡逻", "图书馆", "助餐"]
    assert titles(stranger, listing.Filters(q="图书")) == ["图书馆"]
    assert titles(stranger, listing.Filters(free=True)) == ["图书馆", "助餐"]
    assert titles(stranger, listing.Filters(when=listing.When.WEEKEND)) == []
    assert titles(stranger, listing.Filters(community_id=scene.at.far_community.id)) == []


def test_drafts_and_called_off_shifts_are_not_listed(scene: Scene, clock: object) -> None:
    """Only what is published, lies ahead and takes place."""
    call = scene.open_call(title="巡逻", shifts=2)
    with transaction():
        service.cancel_shift(call.shifts[0], by=scene.staff.actor, why="下大雨")
        service.create_call(places.place(scene.at.community.id), by=scene.staff.actor, title="草稿", spot="东门")
    rows = listing.shifts_for(reader_of(None), listing.Filters(everything=True))[0].rows
    assert [line.shift.id for line in rows] == [call.shifts[1].id]
    assert all(line.why in VISIBLE for line in rows)


def test_constant_number_of_queries(stage: Scene, clock: object) -> None:
    """The list costs the same with two shifts and with forty, for a stranger and for somebody with several places."""
    counted = {}
    with stage.app.app_context():
        stage.open_call(shifts=2, seats=3)
        stage.sign_up(0)
    visitors = {"stranger": stage.app.test_client(), "volunteer": sign_in(stage.app.test_client(), stage.person(0))}
    for size in ("few", "many"):
        for who, visitor in visitors.items():
            visitor.get("/volunteer")
            with statements(stage.app) as seen:
                assert visitor.get("/volunteer?all=1").status_code == 200
            counted[who, size] = len(seen)
        if size == "few":
            with stage.app.app_context():
                for number in range(8):
                    stage.open_call(title=f"活动{number}", shifts=5, seats=2, hours=200 + 5 * number)
                stage.sign_up(0, shift=1)
    assert counted["stranger", "few"] == counted["stranger", "many"]
    assert counted["volunteer", "few"] == counted["volunteer", "many"]
    assert max(counted.values()) <= 12, counted


@pytest.mark.parametrize("query", ["kind=nonsense", "near=5", "page=-1", "community=abc", "when=never", "skill=flying", "q=%00", "all=7"])
def test_odd_filters_are_refused_in_words(stage: Scene, query: str) -> None:
    """Never a fault of ours."""
    assert stage.app.test_client().get(f"/volunteer?{query}").status_code in (400, 422)


def test_two_taps(stage: Scene, clock: object) -> None:
    """A line, a button: in; the next one is number one of the queue and is told so."""
    with stage.app.app_context():
        stage.open_call(seats=1)
    first, second = (sign_in(stage.app.test_client(), stage.person(number)) for number in (0, 1))
    path = f"/shifts/{stage.shift_ids[0]}"
    answer = first.post(f"{path}/sign-up", data={"csrf_token": csrf_token(first, path)}, follow_redirects=True)
    assert "报上了" in answer.get_data(as_text=True)
    answer = second.post(f"{path}/sign-up", data={"csrf_token": csrf_token(second, path)}, follow_redirects=True)
    assert "候补第 1 位" in answer.get_data(as_text=True)
    again = second.post(f"{path}/sign-up", data={"csrf_token": csrf_token(second, path)})
    assert again.status_code == 409
    assert sign_in(stage.app.test_client(), stage.person(2)).get("/sign-ups/1").status_code == 404
    with stage.app.app_context():
        assert db.session.query(SignUp).count() == 2
