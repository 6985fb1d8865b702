"""Many places in shifts kept, or given back, at once: the plain cases of asking.hold_place() and leave_place() in a few statements for all
of them (kernel.ports.DemandSource)."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload

from wishapp.accounts.models import User
from wishapp.kernel import clock
from wishapp.kernel.ports import Asking
from wishapp.kernel.roles import Actor
from wishapp.places.models import Place
from wishapp.store import audit
from wishapp.store.counting import count_many
from wishapp.store.db import db
from wishapp.store.transitions import advance_many, begin_many
from wishapp.store.upsert import insert_missing
from wishapp.supporters import queries as supporters
from wishapp.supporters import service as capacity
from wishapp.supporters.models import Ability, Supporter, SupporterKind, SupporterPerson
from wishapp.supporters.service import Need, Rooms
from wishapp.volunteering.asking import STEPS, is_asked, people_of
from wishapp.volunteering.eligibility import RULES, Asked
from wishapp.volunteering.models import LIVING, Call, Origin, Shift, ShiftRole, SignUp, Volunteer
from wishapp.volunteering.numbers import next_numbers
from wishapp.volunteering.overlap import PRESENT
from wishapp.volunteering.rules import Rules, rules_of
from wishapp.volunteering.seats import follow_calls
from wishapp.volunteering.volunteers import PERSONS

ASKED_AS_THEY_ARE = ("there", "open", "age", "paused")  # rules that read nothing further
READ_FOR_ALL = ("enabled", "skill", "free", "rested")  # rules looked after below, strictly


@dataclass(frozen=True)
class Coming:
    """Who would come for an ask: the first person behind the supporter, that person's volunteer (a new one has no id yet), how many."""

    user_id: int
    volunteer: Volunteer
    people: int


@dataclass(frozen=True)
class Busy:
    """A time at which a person is taken up, or would be."""

    shift_id: int
    starts_at: datetime
    ends_at: datetime


def hold_plain(wanted: list[tuple[ShiftRole | None, Asking]], count: int, *, by: Actor) -> list[int | None]:
    """A sign-up's id for each of the first `count` (seats, ask) that is plain, else None; the others only contend, see the port.

    The caller holds the shifts' locks.
    """
    there = [at for at, (role, _ask) in enumerate(wanted) if role is not None]
    made = dict(zip(there, _hold([wanted[at] for at in there], sum(at < count for at in there), by), strict=False))
    return [made.get(at) for at in range(count)]


def _hold(asks: list[tuple[ShiftRole, Asking]], count: int, by: Actor) -> list[int | None]:
    calls = list(db.session.scalars(select(Call).where(Call.id.in_({role.shift.call_id for role, _ask in asks}))))  # read before each is asked for
    asked_for = {supporter.id: supporter for supporter in db.session.scalars(
        select(Supporter).where(Supporter.id.in_({ask.supporter_id for _role, ask in asks})))}
    coming = _who_comes(asked_for)
    rules = rules_of({role.shift.place_path for role, _ask in asks})
    skills = _skills({coming[ask.supporter_id].user_id for role, ask in asks if role.skill and ask.supporter_id in coming})
    times, listed = _times(asks, coming)
    wanted: Counter[int] = Counter()
    for role, ask in asks:
        wanted[role.id] += people_of(asked_for[ask.supporter_id])
    needs = [Need(ask.supporter_id, role.shift.call.kind, role.shift.minutes) for role, ask in asks]
    rooms = Rooms({need.supporter_id for need in needs}, clock.today())
    fitting = rooms.fitting(needs)

    def is_plain(role: ShiftRole, ask: Asking) -> bool:
        who, shift = coming.get(ask.supporter_id), role.shift
        if who is None or ask.supporter_id not in fitting or role.taken + wanted[role.id] > role.seats or (who.user_id, shift.id) in listed:
            return False
        if role.skill and (who.people > 1 or role.skill not in skills.get(who.user_id, ())):
            return False
        asked = Asked(who.volunteer, shift, role, who.people, "", clock.now(), rules[shift.place_path])
        return all(RULES[name](asked) is None for name in ASKED_AS_THEY_ARE) and not _is_taken_up(who.user_id, shift, times, rules[shift.place_path])

    plain = [at for at, entry in enumerate(asks[:count]) if is_plain(*entry)]
    if not plain:
        return [None] * count
    ids = _write([(*asks[at], coming[asks[at][1].supporter_id]) for at in plain], rooms.take([needs[at] for at in plain]), by)
    follow_calls([call.id for call in calls], by=by)
    made = dict(zip(plain, ids, strict=True))
    return [made.get(at) for at in range(count)]


def release_plain(sign_up_ids: list[int], *, by: Actor, reason: str) -> set[int]:
    """Give back those of these places that are only kept, in shifts without a queue, as asking.leave_place() would with "withdraw"; their ids.

    The caller holds the shifts' locks.
    """
    found = db.session.scalars(
        select(SignUp).options(joinedload(SignUp.shift)).where(SignUp.id.in_(sign_up_ids)).order_by(SignUp.id).execution_options(populate_existing=True)).all()
    queued = set(db.session.scalars(
        select(SignUp.shift_id).where(SignUp.shift_id.in_({sign_up.shift_id for sign_up in found}), SignUp.state == "waitlisted")))
    kept = [sign_up for sign_up in found if is_asked(sign_up) and sign_up.shift_id not in queued]
    advance_many(kept, STEPS["withdraw"], by=by, note=reason)
    capacity.give_back_many([(sign_up.supporter_id, sign_up.capacity_period, sign_up.shift.minutes) for sign_up in kept if sign_up.capacity_period])
    freed: Counter[int] = Counter()
    for sign_up in kept:
        freed[sign_up.role_id] -= sign_up.people
        sign_up.ended_why, sign_up.capacity_period = reason[:200], None
    count_many(ShiftRole, ShiftRole.taken, freed)
    follow_calls([sign_up.shift.call_id for sign_up in kept], by=by)
    return {sign_up.id for sign_up in kept}


def _who_comes(asked_for: dict[int, Supporter]) -> dict[int, Coming]:
    """{supporter: who comes}, of those who are asked for shifts and have somebody enabled behind them; nobody of whom a guest with the
    same telephone is known (such a one is joined to the account first, see volunteers.adopt_guest)."""
    people = {supporter_id: found[0] for supporter_id, found in supporters.people_of(asked_for).items() if found}
    guest = exists().where(Volunteer.phone_index == User.phone_index, Volunteer.user_id.is_(None))
    enabled = set(db.session.scalars(select(User.id).where(User.id.in_(set(people.values())), User.is_enabled, ~guest)))
    known = {volunteer.user_id: volunteer for volunteer in db.session.scalars(select(Volunteer).where(Volunteer.user_id.in_(enabled)))}
    return {number: Coming(person, known.get(person) or Volunteer(user_id=person), people_of(asked_for[number]))
            for number, person in people.items() if person in enabled and asked_for[number].kind != SupporterKind.UNIT}


def _skills(user_ids: set[int]) -> dict[int, set[str]]:
    """{person: words of skills}, as volunteers.skills_of() has them."""
    query = select(SupporterPerson.user_id, Ability.word).join(Supporter, Supporter.id == SupporterPerson.supporter_id).join(
        Ability, Ability.supporter_id == Supporter.id).where(
        SupporterPerson.user_id.in_(user_ids), SupporterPerson.is_confirmed, Supporter.is_active, Supporter.kind.in_(PERSONS), Ability.kind == "skill")
    found: dict[int, set[str]] = {}
    for user_id, word in db.session.execute(query):
        found.setdefault(user_id, set()).add(word)
    return found


def _times(asks: list[tuple[ShiftRole, Asking]], coming: dict[int, Coming]) -> tuple[dict[int, list[Busy]], set[tuple[int, int]]]:
    """{person: times taken up, also by these asks}, and (person, shift) pairs that are on a list or in a queue already."""
    people = {one.user_id for one in coming.values()}
    rows = db.session.execute(
        select(Volunteer.user_id, SignUp.shift_id, SignUp.starts_at, SignUp.ends_at, SignUp.state).join(Volunteer, Volunteer.id == SignUp.volunteer_id)
        .where(Volunteer.user_id.in_(people), SignUp.state.in_(LIVING), SignUp.ends_at > clock.now() - timedelta(days=1)))
    times: dict[int, list[Busy]] = {}
    listed = set()
    for row in rows:
        listed.add((row.user_id, row.shift_id))
        if row.state in PRESENT:
            times.setdefault(row.user_id, []).append(Busy(row.shift_id, row.starts_at, row.ends_at))
    for role, ask in asks:
        if ask.supporter_id in coming:
            user_id, shift = coming[ask.supporter_id].user_id, role.shift
            times.setdefault(user_id, []).append(Busy(shift.id, shift.starts_at, shift.ends_at))
    return times, listed


def _is_taken_up(user_id: int, shift: Shift, times: dict[int, list[Busy]], rules: Rules) -> bool:
    """Something else on that day, or too near for the way; strictly: eligibility looks at the spot and at the hours of the day. The ask
    itself stands among the times once."""
    gap = timedelta(minutes=rules.gap_minutes)
    return sum(1 for busy in times.get(user_id, ()) if busy.shift_id == shift.id or _day(busy.starts_at) == _day(shift.starts_at)
               or (busy.starts_at < shift.ends_at + gap and busy.ends_at > shift.starts_at - gap)) > 1


def _day(moment: datetime) -> date:
    return moment.astimezone(clock.LOCAL).date()


def _write(plain: list[tuple[ShiftRole, Asking, Coming]], tokens: list[str], by: Actor) -> list[int]:
    """Seats, places in the order of coming, sign-ups and their record; ids in order."""
    volunteers = _volunteers([who for _role, _ask, who in plain])
    seats: Counter[int] = Counter()
    turns: Counter[int] = Counter()
    rows = []
    for (role, ask, who), token in zip(plain, tokens, strict=True):
        shift = role.shift
        seats[role.id] += who.people
        turns[shift.id] += 1
        rows.append({
            "shift_id": shift.id, "role_id": role.id, "volunteer_id": volunteers[who.user_id], "supporter_id": ask.supporter_id, "origin": Origin.MATCH,
            "people": who.people, "turn": shift.last_turn + turns[shift.id], "starts_at": shift.starts_at, "ends_at": shift.ends_at,
            "place_path": shift.place_path, "by_id": by.id, "answer_by": ask.until, "capacity_period": token})
    count_many(ShiftRole, ShiftRole.taken, seats, most=ShiftRole.seats)
    count_many(Shift, Shift.last_turn, turns)
    ids = begin_many(SignUp, rows)
    audit.record_many("sign_up", "hold", [
        {"thing_id": made, "to_state": "applied", "place_path": row["place_path"],
         "data": {name: row[name] for name in ("shift_id", "role_id", "supporter_id", "people")}} for made, row in zip(ids, rows, strict=True)], by=by)
    for role, _ask, _who in plain:
        db.session.expire(role, ["taken"])
        db.session.expire(role.shift, ["last_turn"])
    return ids


def _volunteers(coming: list[Coming]) -> dict[int, int]:
    """{person: volunteer's id}; those who have none yet get one, as volunteers.ensure_volunteer() makes them."""
    new = sorted({who.user_id for who in coming if who.volunteer.id is None})
    homes: dict[str, list[int]] = {}
    for user_id, code in db.session.execute(
            select(User.id, Place.code).outerjoin(Place, Place.id == User.community_id).where(User.id.in_(new)).order_by(User.id)):
        homes.setdefault((code or "000000")[:6], []).append(user_id)
    rows = [{"number": number, "user_id": user_id} for district, own in sorted(homes.items())
            for user_id, number in zip(own, next_numbers("volunteer", district, len(own)), strict=True)]
    insert_missing(Volunteer, rows, ("user_id",))
    found = db.session.execute(select(Volunteer.user_id, Volunteer.id).where(Volunteer.user_id.in_({who.user_id for who in coming})))
    return dict(found.all())
