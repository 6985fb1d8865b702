"""Open seats of shifts as demands the matcher may fill beside people's own sign-ups (kernel.ports.DemandSource). No personal data.

Each sort of seats is a demand of its own, "shift:12" the plain ones and "shift:12/nursing" those for a skill: so quotas for skills
need nothing new. What the queue can fill is never offered (see seats: a seat is only free when nobody waits whom it fits).
"""

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Row, Select, exists, func, select, update
from sqlalchemy.orm import aliased, joinedload

from wishapp.kernel import clock
from wishapp.kernel.errors import NotFound
from wishapp.kernel.ports import Asking, DemandCard, DemandNews, Engagement, OpenDemand, Promise
from wishapp.kernel.roles import Actor
from wishapp.store.db import db
from wishapp.supporters import queries as supporters
from wishapp.supporters.models import Supporter, SupporterPerson
from wishapp.volunteering.asking import TAKEN_OVER, hold_place, leave_place, take_place
from wishapp.volunteering.holds import hold_plain, release_plain
from wishapp.volunteering.models import LIVING, Call, Shift, ShiftRole, SignUp, Volunteer
from wishapp.volunteering.news import LISTENERS, TIER, ref_of
from wishapp.volunteering.overlap import PRESENT
from wishapp.volunteering.seats import lock_shifts

AHEAD, HORIZON = timedelta(hours=24), timedelta(days=31)  # nearer, nobody is asked with time to answer; farther, people choose themselves
SHORT, SHORT_TIER = timedelta(days=3), 1  # so soon and fewer than the least number of people: it is pressing
PROMISES = {"applied": "held", "offered": "held", "confirmed": "accepted", "attended": "fulfilled", "late": "fulfilled"}


def parts_of(ref: str) -> tuple[int, str]:
    """(12, "nursing") of "shift:12/nursing"; NotFound for what names no sort of seats."""
    kind, _, rest = ref.partition(":")
    number, _, skill = rest.partition("/")
    if kind != ShiftSource.prefix or not number.isdecimal() or not number.isascii() or len(number) > 10:
        raise NotFound()
    return int(number), skill


def sign_up_id(ref: str) -> int:
    """7 of "sign_up:7"; 0 for what names no sign-up."""
    kind, _, number = ref.partition(":")
    return int(number) if kind == "sign_up" and number.isdecimal() and number.isascii() and len(number) <= 10 else 0


class ShiftSource:
    """The port, kept by volunteering. Verbs run in the caller's transaction and re-check seats, rules and clashes themselves."""

    prefix = "shift"

    def open_demands(self, path: str, refs: Collection[str] | None = None) -> list[OpenDemand]:
        """Sorts of seats (of these refs, where given) with free ones in shifts that lie far enough ahead and whose neighbours have had
        their choice; at most four queries, and no row of the model is made: a district has thousands of these."""
        now = clock.now()
        found = [row for row in db.session.execute(_open_roles(path, now, refs)) if _is_time(row, now)]
        if refs is not None:
            wanted = set(refs)
            found = [row for row in found if ref_of(row.shift_id, row.skill) in wanted]
        if not found:
            return []
        listed, paused = _on_the_list(_open_shifts(path, now, refs)), _paused(now.astimezone(clock.LOCAL).date())
        ages = _ages() if any(_has_ages(row) for row in found) else {}
        return [_demand(row, now, listed.get(row.shift_id, frozenset()) | paused, ages) for row in found]

    def cards(self, refs: list[str]) -> dict[str, DemandCard]:
        """What review and offer pages show; two queries."""
        wanted = [(ref, *parts_of(ref)) for ref in refs]
        query = select(Shift).options(joinedload(Shift.call).joinedload(Call.community), joinedload(Shift.call).joinedload(Call.team)).where(
            Shift.id.in_({shift_id for _ref, shift_id, _skill in wanted}))
        shifts = {shift.id: shift for shift in db.session.scalars(query)}
        return {ref: card(shifts[shift_id], skill) for ref, shift_id, skill in wanted
                if shift_id in shifts and any(role.skill == skill for role in shifts[shift_id].roles)}

    def engagements(self, path: str, supporter_ids: Collection[int] | None = None) -> list[Engagement]:
        """When people of the subtree are signed up, waiting for an answer included; one query, two for named supporters."""
        if supporter_ids is not None:
            return _engagements_of(_people_behind(path, supporter_ids))
        query = select(Supporter.id, SignUp.starts_at, SignUp.ends_at).join(
            SupporterPerson, SupporterPerson.supporter_id == Supporter.id).join(
            Volunteer, Volunteer.user_id == SupporterPerson.user_id).join(SignUp, SignUp.volunteer_id == Volunteer.id).where(
            _is_first_person(), Supporter.place_path.startswith(path, autoescape=True), SignUp.state.in_(PRESENT), SignUp.ends_at > clock.now())
        return [Engagement(*row) for row in db.session.execute(query)]

    def lock(self, refs: list[str]) -> None:
        """The shifts, by their ids, before any call is locked (see seats)."""
        ids = {parts_of(ref)[0] for ref in refs}
        lock_shifts(list(db.session.scalars(select(Shift).where(Shift.id.in_(ids)))))

    def hold(self, ref: str, supporter_id: int, *, until: datetime, by: Actor) -> Promise:
        """Keep one seat, or a whole team's, for a supporter who is being asked; Refused says what was faster."""
        shift_id, skill = parts_of(ref)
        role = db.session.scalar(select(ShiftRole).where(ShiftRole.shift_id == shift_id, ShiftRole.skill == skill))
        supporter = supporters.supporter(supporter_id)
        if role is None or supporter is None:
            raise NotFound()
        return promise(hold_place(role, supporter, until=until, by=by))

    def hold_plain(self, asks: list[Asking], others: list[Asking], *, by: Actor) -> list[Promise | None]:
        """The plain ones of these at once; see the port."""
        parts = {ask.ref: parts_of(ask.ref) for ask in (*asks, *others)}
        query = select(ShiftRole).options(joinedload(ShiftRole.shift)).where(ShiftRole.shift_id.in_({shift_id for shift_id, _skill in parts.values()}))
        roles = {(role.shift_id, role.skill): role for role in db.session.scalars(query)}
        made = hold_plain([(roles.get(parts[ask.ref]), ask) for ask in (*asks, *others)], len(asks), by=by)
        known = self.promises([f"sign_up:{sign_up}" for sign_up in made if sign_up is not None])
        return [known.get(f"sign_up:{sign_up}") for sign_up in made]

    def release(self, promise_ref: str, *, by: Actor, reason: str, action: str) -> None:
        """Give the seats back: decline, lapse or withdraw. The queue moves up first."""
        leave_place(_sign_up(promise_ref), by=by, action=action, why=reason)

    def release_plain(self, promise_refs: list[str], *, by: Actor, reason: str) -> set[str]:
        """The plain ones of these at once; see the port."""
        return {f"sign_up:{number}" for number in release_plain([sign_up_id(ref) for ref in promise_refs], by=by, reason=reason)}

    def start(self, promise_ref: str, *, by: Actor) -> None:
        """The supporter said yes."""
        take_place(_sign_up(promise_ref), by=by)

    def pass_over(self, refs: list[str]) -> None:
        """These shifts found nobody in an adopted plan; the next round puts them first."""
        db.session.execute(
            update(Shift).where(Shift.id.in_({parts_of(ref)[0] for ref in refs}), Shift.state == "open")
            .values(missed_rounds=Shift.missed_rounds + 1).execution_options(synchronize_session=False))

    def promises(self, refs: list[str]) -> dict[str, Promise]:
        """Sign-ups by their refs; unknown ones are left out. One query."""
        query = select(SignUp).options(joinedload(SignUp.role)).where(SignUp.id.in_({sign_up_id(ref) for ref in refs}))
        return {f"sign_up:{found.id}": promise(found) for found in db.session.scalars(query)}

    def listen(self, listener: Callable[[DemandNews], None]) -> None:
        """News of shifts, inside the transaction; the same listener once."""
        if listener not in LISTENERS:
            LISTENERS.append(listener)


def _still_open(path: str, now: datetime, refs: Collection[str] | None) -> tuple[ColumnElement[bool], ...]:
    """Conditions on Shift: open in the subtree and as far ahead as anybody is asked."""
    one_of = () if refs is None else (Shift.id.in_({parts_of(ref)[0] for ref in refs}),)
    return (*one_of, Shift.state == "open", Shift.starts_at > now + AHEAD, Shift.starts_at < now + HORIZON,
            Shift.place_path.startswith(path, autoescape=True))


def _open_shifts(path: str, now: datetime, refs: Collection[str] | None) -> Select:
    return select(Shift.id).where(*_still_open(path, now, refs))


def _open_roles(path: str, now: datetime, refs: Collection[str] | None) -> Select:
    """Sorts of seats with free ones, as columns; `taken_in_all`: of all seats of the shift, whatever they ask for."""
    beside = aliased(ShiftRole)
    in_all = select(func.sum(beside.taken)).where(beside.shift_id == Shift.id).scalar_subquery().label("taken_in_all")
    return (
        select(ShiftRole.shift_id, ShiftRole.skill, ShiftRole.seats, ShiftRole.taken, in_all, Shift.place_path, Shift.starts_at, Shift.ends_at,
               Shift.minimum, Shift.missed_rounds, Shift.version, Call.title, Call.kind, Call.community_id, Call.grid_id, Call.latitude, Call.longitude,
               Call.published_at, Call.opens_at, Call.grid_until, Call.community_until, Call.closes_hours, Call.age_min, Call.age_max)
        .join(ShiftRole.shift).join(Shift.call)
        .where(*_still_open(path, now, refs), Call.state.in_(("open", "under_way")), ShiftRole.taken < ShiftRole.seats)
        .order_by(ShiftRole.id))


def _is_time(row: Row, now: datetime) -> bool:
    """Sign-up is on for everybody: the stages before are over, and it has not closed."""
    opened = all(moment is None or moment <= now for moment in (row.opens_at, row.grid_until, row.community_until))
    return opened and row.starts_at - timedelta(hours=row.closes_hours) > now


def _demand(row: Row, now: datetime, not_for: frozenset[int], ages: dict[int, int]) -> OpenDemand:
    is_short = row.taken_in_all < row.minimum and row.starts_at <= now + SHORT
    return OpenDemand(
        ref=ref_of(row.shift_id, row.skill), title=row.title, kind=row.kind, tier=SHORT_TIER if is_short else TIER, community_id=row.community_id,
        place_id=row.grid_id or row.community_id, place_path=row.place_path, latitude=row.latitude, longitude=row.longitude,
        seats=(row.seats - row.taken,), minutes=int((row.ends_at - row.starts_at).total_seconds() // 60),
        waiting_days=max(0, (now - (row.published_at or now)).days),
        skills=frozenset({row.skill}) if row.skill else frozenset(), window=(row.starts_at, row.ends_at), version=row.version,
        missed_rounds=row.missed_rounds, in_person=True, not_for=not_for, only_for=_of_age(row, ages))


def _has_ages(row: Row) -> bool:
    return row.age_min is not None or row.age_max is not None


def _of_age(row: Row, born: dict[int, int]) -> frozenset[int] | None:
    """Who is known to be within the call's age limits; None without limits. As eligibility.is_of_age has it."""
    if not _has_ages(row):
        return None
    year = row.starts_at.astimezone(clock.LOCAL).year
    return frozenset(supporter_id for supporter_id, birth in born.items() if max(14, row.age_min or 0) <= year - birth <= (row.age_max or 200))


def _is_first_person() -> ColumnElement[bool]:
    """This SupporterPerson is the person who comes for the supporter, see asking.person_behind: nobody with a lower id answers for it.

    Asked of each row, not worked out for all: whoever is signed up or paused are few, and a district's supporters many.
    """
    before = aliased(SupporterPerson)
    return SupporterPerson.is_confirmed & ~exists().where(
        before.supporter_id == SupporterPerson.supporter_id, before.is_confirmed, before.user_id < SupporterPerson.user_id)


def _engagements_of(behind: dict[int, list[int]]) -> list[Engagement]:
    """When these people (with the supporters they come for) are signed up. The state is looked at here: asked for it too, SQLite would
    rather go through every sign-up there ever was than through those of a few people."""
    rows = db.session.execute(
        select(Volunteer.user_id, SignUp.state, SignUp.starts_at, SignUp.ends_at).join(SignUp, SignUp.volunteer_id == Volunteer.id)
        .where(Volunteer.user_id.in_(behind), SignUp.ends_at > clock.now())) if behind else ()
    return [Engagement(supporter_id, row.starts_at, row.ends_at) for row in rows if row.state in PRESENT for supporter_id in behind[row.user_id]]


def _people_behind(path: str, supporter_ids: Collection[int]) -> dict[int, list[int]]:
    """{user: those of these supporters in the subtree for whom this person comes}."""
    rows = db.session.execute(
        select(func.min(SupporterPerson.user_id), SupporterPerson.supporter_id).join(Supporter, Supporter.id == SupporterPerson.supporter_id).where(
            SupporterPerson.supporter_id.in_(supporter_ids), SupporterPerson.is_confirmed, Supporter.place_path.startswith(path, autoescape=True),
        ).group_by(SupporterPerson.supporter_id))
    found: dict[int, list[int]] = {}
    for user_id, supporter_id in rows:
        found.setdefault(user_id, []).append(supporter_id)
    return found


def _on_the_list(shifts: Select) -> dict[int, frozenset[int]]:
    """{shift, of those selected: supporters whose person is on its list or in its queue}."""
    query = select(SignUp.shift_id, SupporterPerson.supporter_id).join(Volunteer, Volunteer.id == SignUp.volunteer_id).join(
        SupporterPerson, SupporterPerson.user_id == Volunteer.user_id).where(
        _is_first_person(), SignUp.state.in_(LIVING), SignUp.shift_id.in_(shifts))
    found: dict[int, set[int]] = {}
    for shift_id, supporter_id in db.session.execute(query):
        found.setdefault(shift_id, set()).add(supporter_id)
    return {shift_id: frozenset(ids) for shift_id, ids in found.items()}


def _paused(today: date) -> frozenset[int]:
    """Supporters whose person's sign-up rests after repeated no-shows."""
    resting = select(Volunteer.user_id).where(Volunteer.paused_until >= today)
    return frozenset(db.session.scalars(select(SupporterPerson.supporter_id).where(SupporterPerson.user_id.in_(resting), _is_first_person())))


def _ages() -> dict[int, int]:
    """{supporter: year of birth}, of those who have said it."""
    rows = db.session.execute(
        select(SupporterPerson.supporter_id, Volunteer.birth_year).join(Volunteer, Volunteer.user_id == SupporterPerson.user_id)
        .where(_is_first_person(), Volunteer.birth_year.is_not(None)))
    return {row.supporter_id: row.birth_year for row in rows}


def promise(sign_up: SignUp) -> Promise:
    """A sign-up in the words of the port."""
    return Promise(
        ref=f"sign_up:{sign_up.id}", demand_ref=ref_of(sign_up.shift_id, sign_up.role.skill), supporter_id=sign_up.supporter_id or 0,
        state=PROMISES.get(sign_up.state, "released"), seats=sign_up.people, is_taken_over=sign_up.ended_why == TAKEN_OVER)


def card(shift: Shift, skill: str) -> DemandCard:
    """A sort of seats in the words of the port."""
    call = shift.call
    return DemandCard(
        ref=ref_of(shift.id, skill), number=call.number or "", title=call.title, story=call.story, kind=call.kind, urgency="", beneficiary="",
        place_name=call.community.name, place_path=shift.place_path, state=shift.state, window=(shift.starts_at, shift.ends_at), spot=call.spot,
        run_by=call.team.name if call.team is not None else call.community.name, skill=skill, risks=call.risks, safeguards=call.safeguards,
        url_endpoint="volunteering.show", url_values={"call_id": call.id})


def _sign_up(ref: str) -> SignUp:
    found = db.session.get(SignUp, sign_up_id(ref))
    if found is None:
        raise NotFound()
    return found
