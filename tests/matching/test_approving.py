"""Approving many at once, and taking it back, leads to what one by one leads to, whatever stands in the way and whoever contends."""

import json
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import select

from tests.factories import Person
from tests.matching.office import MatchRun, Office, Proposal, Supporter, Wish
from wishapp.accounts import queries as accounts
from wishapp.accounts.models import User
from wishapp.kernel import clock as house_clock
from wishapp.kernel.errors import Refused
from wishapp.kernel.roles import SYSTEM
from wishapp.matching import review, sources
from wishapp.matching.approving import approve_plain, recall_plain
from wishapp.matching.runs import adopt_run
from wishapp.notices.models import Notice
from wishapp.store.audit import AuditEntry
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters import service as supporters
from wishapp.supporters.models import Capacity
from wishapp.volunteering import holds
from wishapp.volunteering import service as calls
from wishapp.volunteering.asking import NOT_ASKED
from wishapp.volunteering.eligibility import RULES
from wishapp.volunteering.models import Call, Shift, ShiftRole, SignUp, Volunteer
from wishapp.wishes import service as wishes
from wishapp.wishes.models import Claim

ROUNDS = 6
PLAIN = {"approve_plain": approve_plain, "recall_plain": recall_plain}


@pytest.fixture
def crowd(office: Office) -> tuple[Office, int, list[int]]:
    """Wishes of one and more seats, shifts that clash or nearly do, units, teams, members and volunteers: (office, run in review, supporters)."""
    units = [office.supporter(f"单位{number}", person=office.contact, quota=number + 1, helps=("goods", "service")) for number in range(4)]
    people = [office.person(f"党员{number}", skills=("nursing",) if number % 3 == 0 else (), minutes=(60, 240, 600)[number % 3])[1] for number in range(10)]
    people += [office.person(f"队{number}", kind="team", size=number + 1, minutes=600)[1] for number in range(3)]
    both, alone = office.person("两头", kind="volunteer", minutes=600)
    people += [alone, office.supporter("两头的队", kind="team", size=2, minutes=900, person=both)]
    for number in range(8):
        office.wish(seats=1 + number % 3)
    base = datetime.combine(house_clock.today() + timedelta(days=3), time(9), house_clock.LOCAL)
    for number, hour in enumerate((0, 1, 3, 24, 25, 60)):
        office.shift(f"活动{number}", starts=base + timedelta(hours=hour), hours=1 + number % 2, seats=2 + number % 3, skills={"nursing": 1} if number % 2 else None,
                     **({"age_min": 18} if number == 3 else {}))
    return office, office.run(), [*units, *people]


def some_proposals(run_id: int, who: list[int], chance: random.Random) -> list[int]:
    """The plan's proposals replaced by others, at random and not all of them possible; their ids in the desk's order."""
    for row in db.session.scalars(select(Proposal).where(Proposal.run_id == run_id)):
        db.session.delete(row)
    db.session.flush()
    refs = {demand.ref: demand for demand in sources.open_demands(db.session.get(MatchRun, run_id).place_path)}
    pairs = {(chance.choice(sorted(refs)), chance.choice(who)) for _ in range(chance.choice([3, 12, 40]))}
    made = [Proposal(run_id=run_id, demand_ref=ref, supporter_id=supporter_id, place_path=refs[ref].place_path, title=refs[ref].title, kind=refs[ref].kind,
                     tier=refs[ref].tier, starts_at=refs[ref].window[0] if refs[ref].window else None, ends_at=refs[ref].window[1] if refs[ref].window else None)
            for ref, supporter_id in sorted(pairs)]
    chance.shuffle(made)
    db.session.add_all(made)
    db.session.flush()
    return [row.id for row in made]


def pause(supporter: Supporter, _people: list[int], _chance: random.Random) -> None:
    supporters.pause_supporter(supporter, by=SYSTEM, until=house_clock.today())


def halve(supporter: Supporter, _people: list[int], _chance: random.Random) -> None:
    if supporter.kind == "unit":
        supporters.set_quota(supporter, by=SYSTEM, period="2026", what="any", quota=1)


def claim(supporter: Supporter, people: list[int], chance: random.Random) -> None:
    with suppress(Refused):
        wishes.claim_wish(chance.choice(db.session.scalars(select(Wish).order_by(Wish.id)).all()), supporter, by=accounts.actor_for(people[0]))


def sign_up(supporter: Supporter, people: list[int], chance: random.Random) -> None:
    role = chance.choice(db.session.scalars(select(ShiftRole).where(ShiftRole.skill == "").order_by(ShiftRole.id)).all())
    if supporter.kind != "unit":
        with suppress(Refused):
            calls.sign_up(role, calls.ensure_volunteer(people[0]), by=SYSTEM)


def switch_off(_supporter: Supporter, people: list[int], _chance: random.Random) -> None:
    db.session.get(User, people[0]).is_enabled = False


def known_as_guest(_supporter: Supporter, people: list[int], _chance: random.Random) -> None:
    user = db.session.get(User, people[0])
    known = select(Volunteer).where((Volunteer.phone_index == user.phone_index) | (Volunteer.user_id == user.id))
    if db.session.scalar(known) is None:
        db.session.add(Volunteer(number=f"guest{user.id}", guest_name=user.display_name, guest_phone=user.phone))


def own_wish(_supporter: Supporter, people: list[int], chance: random.Random) -> None:
    chance.choice(db.session.scalars(select(Wish).order_by(Wish.id)).all()).beneficiary_id = people[0]


def shut(_supporter: Supporter, _people: list[int], chance: random.Random) -> None:
    chance.choice(db.session.scalars(select(Call).order_by(Call.id)).all()).closes_hours = 24 * 4


def rest(_supporter: Supporter, people: list[int], _chance: random.Random) -> None:
    calls.ensure_volunteer(people[0]).paused_until = house_clock.today()


def tell_age(_supporter: Supporter, people: list[int], chance: random.Random) -> None:
    calls.ensure_volunteer(people[0]).birth_year = chance.choice([1980, 2012])


EVENTS = (pause, halve, claim, sign_up, switch_off, known_as_guest, own_wish, shut, rest, tell_age)


def said(data: dict) -> str:
    return json.dumps(data, sort_keys=True, default=str)


def state_of_things(run_id: int) -> dict[str, object]:
    """Everything an approval touches, without the numbers of new rows and the order in which they came."""
    db.session.expire_all()
    kept = {f"claim:{row.id}": ("claim", row.wish_id) for row in db.session.scalars(select(Claim))}
    kept |= {f"sign_up:{row.id}": ("sign_up", row.role_id) for row in db.session.scalars(select(SignUp))}
    proposals = {
        row.id: (row.state, row.seats, row.decided_by_id, row.decided_at, row.answer_by, row.sent_at, row.remind_at, row.why[:17],
                 {name: value for name, value in row.why_params.items() if name != "instead"}, kept.get(row.promise_ref))
        for row in db.session.scalars(select(Proposal).where(Proposal.run_id == run_id))}
    persons = {row.id: row.user_id for row in db.session.scalars(select(Volunteer))}
    audit = Counter((row.kind, row.action, row.from_state, row.to_state, row.place_path, row.actor_id, row.note, said(row.data))
                    for row in db.session.scalars(select(AuditEntry)))
    return {
        "proposals": proposals, "audit": audit, "volunteers": Counter(persons.values()),
        "claims": Counter((row.wish_id, row.supporter_id, row.turn, row.state, row.origin, row.place_path, row.capacity_period, row.by_id, row.answer_by, row.round)
                          for row in db.session.scalars(select(Claim))),
        "sign_ups": Counter((row.role_id, row.shift_id, persons[row.volunteer_id], row.supporter_id, row.state, row.origin, row.people, row.starts_at, row.ends_at,
                             row.place_path, row.capacity_period, row.by_id, row.answer_by) for row in db.session.scalars(select(SignUp))),
        "turns": Counter((row.shift_id, row.turn) for row in db.session.scalars(select(SignUp))),
        "wishes": [(row.id, row.state, row.taken) for row in db.session.scalars(select(Wish).order_by(Wish.id))],
        "shifts": [(row.id, row.state, row.last_turn) for row in db.session.scalars(select(Shift).order_by(Shift.id))],
        "seats": [(row.id, row.taken) for row in db.session.scalars(select(ShiftRole).order_by(ShiftRole.id))],
        "calls": [(row.id, row.state) for row in db.session.scalars(select(Call).order_by(Call.id))],
        "room": Counter((row.supporter_id, row.period, row.what, row.taken) for row in db.session.scalars(select(Capacity)) if row.taken),
        "notices": Counter((row.user_id, row.workflow, row.action, row.audience, said(row.params)) for row in db.session.scalars(select(Notice))),
    }


def after(run_id: int, ids: list[int], by: Person) -> tuple[dict, dict]:
    """What is after approving these in one press, and after taking that back; nothing stays."""
    part = db.session.begin_nested()
    outcome = review.approve_many([db.session.get(Proposal, number) for number in ids], by=by.actor, batch="press")
    db.session.flush()
    approved = {**state_of_things(run_id), "done": sorted(outcome.done), "left": len(outcome.left)}
    for role in db.session.scalars(select(ShiftRole).where(ShiftRole.taken == ShiftRole.seats, ShiftRole.skill == "").order_by(ShiftRole.id).limit(1)):
        with suppress(Refused):  # somebody queues for a seat that comes free
            calls.sign_up(role, calls.ensure_volunteer(by.id), by=SYSTEM)
    undone = review.undo_proposals([db.session.get(Proposal, number) for number in ids], "press", by=by.actor)
    db.session.flush()
    taken_back = {**state_of_things(run_id), "done": sorted(undone.done), "left": len(undone.left)}
    part.rollback()
    db.session.expire_all()
    return approved, taken_back


@pytest.mark.both_databases
def test_all_at_once_is_as_one_by_one(crowd: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    office, run_id, who = crowd
    seen: Counter[str] = Counter()

    def counted(name: str, verb: Callable) -> Callable:
        def count(*args: object, **named: object) -> set[int]:
            found = verb(*args, **named)
            seen[name] += len(found)
            return found
        return count

    for number in range(ROUNDS):
        chance = random.Random(number)
        with office.app.app_context(), suppress(Over), transaction():
            if number % 3 == 2:  # in a plan in use approvals go out at once
                adopt_run(db.session.get(MatchRun, run_id), by=office.district.actor)
            for _ in range(chance.choice([0, 1, 4])):
                supporter = db.session.get(Supporter, chance.choice(who))
                chance.choice(EVENTS)(supporter, [row.user_id for row in supporter.people], chance)
                db.session.flush()
            ids = some_proposals(run_id, who, chance)
            for name in PLAIN:
                monkeypatch.setattr(review, name, lambda *_, **__: set())
            one_by_one = after(run_id, ids, office.district)
            for name, verb in PLAIN.items():
                monkeypatch.setattr(review, name, counted(name, verb))
            at_once = after(run_id, ids, office.district)
            for step, (one, many) in enumerate(zip(one_by_one, at_once, strict=True)):
                for part in one:
                    assert many[part] == one[part], (number, step, part)
            seen.update(done=len(at_once[0]["done"]), left=at_once[0]["left"], back=len(at_once[1]["done"]))
            raise Over
    assert min(seen["approve_plain"], seen["recall_plain"]) > 10 and min(seen["done"], seen["left"], seen["back"]) > 30, seen


class Over(Exception):
    """The round is over and leaves nothing behind."""


def test_a_team_known_as_a_guest_is_counted_whole(office: Office) -> None:
    leader, team = office.person("阳光队", kind="team", size=3, minutes=600)
    singles = [office.person(name)[1] for name in ("甲", "乙")]
    shift_id = office.shift(seats=3)
    run_id = office.run()
    with office.app.app_context(), suppress(Over), transaction():
        known_as_guest(db.session.get(Supporter, team), [leader.id], random.Random(1))
        db.session.execute(db.delete(Proposal))
        shift = db.session.get(Shift, shift_id)
        rows = [Proposal(run_id=run_id, demand_ref=f"shift:{shift_id}", supporter_id=who, place_path=shift.place_path, title="楼道清扫", kind="service",
                         starts_at=shift.starts_at, ends_at=shift.ends_at) for who in (team, *singles)]
        db.session.add_all(rows)
        db.session.flush()
        review.approve_many(rows, by=office.district.actor)
        assert [row.state for row in rows] == ["offered", "stale", "stale"], "in the order of the list, whoever is plain"
        raise Over


def test_every_rule_of_sign_up_is_looked_after() -> None:
    assert {*holds.ASKED_AS_THEY_ARE, *holds.READ_FOR_ALL, *NOT_ASKED} == set(RULES)
