"""Public numbers: of calls, volunteers, certificates, by district and year."""

from sqlalchemy import select, update

from wishapp.kernel import clock
from wishapp.store.db import db
from wishapp.store.upsert import insert_missing
from wishapp.volunteering.models import CallCounter

LETTERS = {"call": "Z", "volunteer": "V", "certificate": "C"}


def next_number(what: str, district: str) -> str:
    """The next number of a district (six digits) and the present year, e.g. 370102-Z2026-000123; the counter's row is the lock."""
    return next_numbers(what, district, 1)[0]


def next_numbers(what: str, district: str, count: int) -> list[str]:
    """The next so many numbers."""
    year = clock.today().year
    here = (CallCounter.what == what, CallCounter.district == district, CallCounter.year == year)
    insert_missing(CallCounter, [{"what": what, "district": district, "year": year, "last": 0}], ["what", "district", "year"])
    db.session.execute(update(CallCounter).where(*here).values(last=CallCounter.last + count).execution_options(synchronize_session=False))
    last = db.session.scalar(select(CallCounter.last).where(*here))
    return [f"{district}-{LETTERS[what]}{year}-{number:06d}" for number in range(last - count + 1, last + 1)]
