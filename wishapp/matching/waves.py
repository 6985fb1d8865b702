"""Asking in waves: who is asked when, how likely the wish is served by then, how many backups that takes, and when to remind.

Backups are asked one after the other (see offers.ask_next), each with a deadline of its own. Somebody says yes with probability
1 - (1 - a1)(1 - a2)…; in logarithms the askings simply add up, so that at least `sure` is reached as soon as the sum of
-ln(1 - a) reaches -ln(1 - sure). Answers of different people are taken as independent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from math import expm1, log1p

from wishapp.kernel import clock
from wishapp.matching.models import Proposal

SURE = 0.95
ANSWER_DAYS = {0: 1, 1: 2}
OFFICE_CLOSES = time(18)
WAKES, SLEEPS = time(8, 30), time(20)
BEFORE_START = timedelta(hours=12)
SOONEST, LATEST = timedelta(hours=3), timedelta(hours=2)  # after sending, before the deadline
EARLY, LATE = 0.3, 0.8  # shares of the time to answer after which somebody who never, who always says yes is reminded


@dataclass(frozen=True)
class Wave:
    """One asking: who, the chance of a yes (per cent), when they are asked at the latest, their deadline, and how likely somebody
    has said yes by then (per cent, this asking included)."""

    supporter_id: int
    name: str
    chance: int
    asked_at: datetime
    answer_by: datetime
    served: int


def deadline(tier: int, now: datetime, starts_at: datetime | None = None) -> datetime:
    """When an answer is due: 18:00 local, one day ahead for the most urgent, two for the next tier, three for the rest.

    What begins at `starts_at` is settled on a day that ends half a day before it, so that somebody else can still be asked; asked later
    than that, in half of the time that is left, and not in the night.
    """
    day = now.astimezone(clock.LOCAL).date() + timedelta(days=ANSWER_DAYS.get(tier, 3))
    usual = datetime.combine(day, OFFICE_CLOSES, clock.LOCAL)
    if starts_at is None or usual <= starts_at - BEFORE_START:
        return usual
    latest = datetime.combine((starts_at - BEFORE_START).astimezone(clock.LOCAL).date(), OFFICE_CLOSES, clock.LOCAL)
    latest = latest if latest <= starts_at - BEFORE_START else latest - timedelta(days=1)
    if latest >= now + SOONEST:
        return latest
    half = now + (starts_at - now) / 2
    evening = datetime.combine(half.astimezone(clock.LOCAL).date() - timedelta(days=half.astimezone(clock.LOCAL).time() < WAKES), SLEEPS, clock.LOCAL)
    return half if is_day(half) or evening < now + SOONEST else evening


def served_by(chances: Sequence[int]) -> float:
    """How likely at least one of these says yes; chances in per cent, 1 to 99."""
    return -expm1(sum(log1p(-chance / 100) for chance in chances))


def backups_needed(chances: Sequence[int], sure: float = SURE) -> int | None:
    """How many beyond the first must stand ready so that somebody says yes with probability `sure`; None when all are not enough."""
    wanted, sum_so_far = -log1p(-sure), 0.0
    for place, chance in enumerate(chances):
        sum_so_far -= log1p(-chance / 100)
        if sum_so_far >= wanted - 1e-12:
            return place
    return None


def chances_of(proposal: Proposal) -> list[int]:
    """Chances of all who can be asked for this demand as the plan left them: the one proposed, then the backups with room."""
    own = [] if proposal.chance is None else [proposal.chance]
    return own + [entry[5] for entry in proposal.runners_up if len(entry) > 5 and entry[5] and entry[3]]


def waves(proposal: Proposal, chance: int, entries: Sequence[list], now: datetime) -> list[Wave]:
    """The sequence of askings if nobody answered before the deadline (a no only makes it sooner). `entries`: see acceptance.ranked.

    Sent already: from its own dates; else as if it were sent now. Only backups with room are counted. `chance`: of the one proposed.
    """
    asked_at = proposal.sent_at or now
    people = [(proposal.supporter_id, proposal.supporter.name, chance), *((entry[0], entry[4], entry[5]) for entry in entries if entry[3])]
    found: list[Wave] = []
    for supporter_id, name, likely in people:
        if found and proposal.starts_at is not None and asked_at > proposal.starts_at - BEFORE_START:
            break
        answer_by = proposal.answer_by if proposal.sent_at and not found else deadline(proposal.tier, asked_at, proposal.starts_at)
        served = served_by([*(wave.chance for wave in found), likely])
        found.append(Wave(supporter_id, name, likely, asked_at, answer_by, min(99, round(100 * served))))
        asked_at = answer_by
    return found


def remind_at(sent_at: datetime, answer_by: datetime, chance: int | None) -> datetime | None:
    """When to remind, once: the less likely a yes, the earlier, so that time is left to ask on; by day only.

    Never less than SOONEST after sending nor less than LATEST before the deadline; None when no such moment is left.
    """
    share = EARLY + (LATE - EARLY) * (70 if chance is None else chance) / 100
    moment = by_day(max(sent_at + SOONEST, sent_at + share * (answer_by - sent_at)))
    last = answer_by - LATEST
    if moment <= last:
        return moment
    return last if is_day(last) and last >= sent_at + SOONEST else None


def is_day(moment: datetime) -> bool:
    """People may be written to."""
    return WAKES <= moment.astimezone(clock.LOCAL).time() < SLEEPS


def by_day(moment: datetime) -> datetime:
    """The same moment, or the next morning when it lies in the night."""
    local = moment.astimezone(clock.LOCAL)
    if is_day(local):
        return local
    day = local.date() + timedelta(days=local.time() >= SLEEPS)
    return datetime.combine(day, WAKES, clock.LOCAL)
