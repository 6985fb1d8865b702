"""A party member's year of service goes to the home unit once, in January for the year before.

From the 15th on, when what was served in December is no longer open to objection. What a unit was sent stays as it was sent; a second run
finds the rows and adds nothing. Only members with hours that count are named, masked, with their volunteer number, for three years.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, func, select
from sqlalchemy.orm import joinedload

from wishapp.jobs.service import JobHandle, every, job
from wishapp.kernel import clock
from wishapp.kernel.errors import NotFound
from wishapp.kernel.roles import SYSTEM, Actor
from wishapp.notices import service as notices
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.transaction import retrying, transaction
from wishapp.store.upsert import insert_missing
from wishapp.supporters import queries as supporters
from wishapp.supporters.models import Supporter, SupporterKind, SupporterPerson
from wishapp.volunteering.hours_telling import hours_text
from wishapp.volunteering.models import Volunteer
from wishapp.volunteering.record_models import YearReport
from wishapp.volunteering.record_queries import totals_of, year_start

FIRST, LAST = (1, 15), (3, 31)  # month and day between which the report goes out, so that a machine that stood still catches up
KEPT_YEARS = 3
BATCH = 50


def year_due(today: date) -> int | None:
    """The year whose report goes out today, or None."""
    return today.year - 1 if FIRST <= (today.month, today.day) <= LAST else None


def report_year(unit_ids: Sequence[int], year: int) -> int:
    """Send these units their members' year, inside the caller's transaction; returns how many units got something new."""
    members: dict[int, set[int]] = {}
    rows = db.session.execute(
        select(Supporter.home_unit_id, Volunteer.id)
        .join(SupporterPerson, (SupporterPerson.supporter_id == Supporter.id) & SupporterPerson.is_confirmed)
        .join(Volunteer, Volunteer.user_id == SupporterPerson.user_id)
        .where(Supporter.kind == SupporterKind.MEMBER, Supporter.is_active, Supporter.home_unit_id.in_(unit_ids)))
    for unit_id, volunteer_id in rows:
        members.setdefault(unit_id, set()).add(volunteer_id)
    sums = totals_of({volunteer for found in members.values() for volunteer in found}, since=year_start(year), before=year_start(year + 1))
    people = supporters.people_of(members)
    return sum(_send(unit_id, year, found, sums, people[unit_id]) for unit_id, found in sorted(members.items()))


def _send(unit_id: int, year: int, volunteers: set[int], sums: dict, contacts: list[int]) -> bool:
    if db.session.scalar(select(YearReport.volunteer_id).where(YearReport.unit_id == unit_id, YearReport.year == year).limit(1)) is not None:
        return False
    rows = [
        {"unit_id": unit_id, "volunteer_id": one, "year": year, "checked": sums[one].checked, "backfilled": sums[one].backfilled,
         "times": sums[one].times, "at": clock.now()}
        for one in sorted(volunteers) if one in sums and sums[one].times]
    made = insert_missing(YearReport, rows, ("unit_id", "volunteer_id", "year"), (YearReport.volunteer_id,))
    if not made:
        return False
    audit.record("year_report", unit_id, "report", by=SYSTEM, data={"year": year, "members": len(made)})
    halves = sum(row["checked"] + row["backfilled"] for row in rows)
    notices.announce("year_report", "report", thing_id=unit_id, people={"contact": contacts},
                     params={"year": year, "members": len(made), "hours": hours_text(halves)}, endpoint="volunteering.year",
                     values={"supporter_id": unit_id, "year": year})
    return True


def access_year(actor: Actor, supporter_id: int, year: int) -> tuple[Supporter, list[YearReport]]:
    """The unit and its members' year, most hours first, for its contacts; NotFound otherwise."""
    unit = supporters.access_supporter(actor, supporter_id, "supporters.self")
    if unit.kind != SupporterKind.UNIT or not 2000 <= year <= 2100:
        raise NotFound()
    rows = db.session.scalars(
        select(YearReport).options(joinedload(YearReport.volunteer)).where(YearReport.unit_id == unit.id, YearReport.year == year)
        .order_by((YearReport.checked + YearReport.backfilled).desc(), YearReport.volunteer_id))
    return unit, list(rows)


def years_of(unit_id: int) -> list[int]:
    """Years the unit was sent, newest first."""
    return list(db.session.scalars(select(YearReport.year).where(YearReport.unit_id == unit_id).distinct().order_by(YearReport.year.desc())))


@job("report_year")
def send_reports(handle: JobHandle) -> dict:
    """Every day: in January the year before goes out, and what is older than three years is forgotten."""
    with transaction():
        forgotten = db.session.execute(delete(YearReport).where(YearReport.year < clock.today().year - KEPT_YEARS)).rowcount
    year = year_due(clock.today())
    if year is None:
        return {"units": 0, "forgotten": forgotten}
    units = list(db.session.scalars(
        select(Supporter.home_unit_id).where(Supporter.home_unit_id.is_not(None), Supporter.kind == SupporterKind.MEMBER)
        .group_by(Supporter.home_unit_id).order_by(func.min(Supporter.home_unit_id))))
    db.session.rollback()
    return {"units": sum(retrying(lambda part=units[at:at + BATCH]: _batch(part, year)) for at in range(0, len(units), BATCH)), "forgotten": forgotten}


def _batch(units: list[int], year: int) -> int:
    with transaction():
        return report_year(units, year)


every("report_year", 24 * 60)
