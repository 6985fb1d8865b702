"""What a pair is worth: each term a function `term(demand, crowd, who, metres) -> points` (int64 per row of `who`).

The points are what staff see as chips, so they are whole numbers of a size people can weigh: 400 for the most urgent, 200 for
a paired community, tens for shades. A pair's value is BASE plus the sum: BASE makes serving one demand more worth more than
any shade of fit, and stays invisible because every pair has it.
"""

from collections.abc import Callable

import numpy as np

from wishapp.kernel.ports import OpenDemand
from wishapp.matching.crowd import UNIT, Crowd
from wishapp.matching.eligibility import is_paired, knows_any

BASE = 300
Term = Callable[[OpenDemand, Crowd, np.ndarray, np.ndarray], np.ndarray]

URGENCY = (400, 200)
VULNERABILITY = {
    "seriously_ill": 150, "elderly_alone": 120, "disabled": 120, "child_in_need": 120, "pregnant": 100, "low_income": 90,
    "new_employment": 40,
}


def _same(points: int, who: np.ndarray) -> np.ndarray:
    return np.full(len(who), points, dtype=np.int64)


def urgency(demand: OpenDemand, crowd: Crowd, who: np.ndarray, metres: np.ndarray) -> np.ndarray:
    """How soon it is needed: tier 0, tier 1, the rest."""
    return _same(URGENCY[demand.tier] if demand.tier < len(URGENCY) else 0, who)


def vulnerability(demand: OpenDemand, crowd: Crowd, who: np.ndarray, metres: np.ndarray) -> np.ndarray:
    """Whom it is for: the most vulnerable group counts. Shown without naming the group."""
    return _same(max((VULNERABILITY.get(group, 0) for group in demand.groups), default=0), who)


def waiting(demand: OpenDemand, crowd: Crowd, who: np.ndarray, metres: np.ndarray) -> np.ndarray:
    """Rounds it came away empty weigh most (60 each, up to 3), then days waited (2 each, up to 30)."""
    return _same(60 * min(3, demand.missed_rounds) + 2 * min(30, max(0, demand.waiting_days)), who)


def kind_fit(demand: OpenDemand, crowd: Crowd, who: np.ndarray, metres: np.ndarray) -> np.ndarray:
    """A unit that promised this very kind of help this year: 150; anybody else who gives it: 60."""
    promised = crowd.quota.get(demand.kind)
    if promised is None:
        return _same(60, who)
    return np.where(promised[who] > 0, 150, 60).astype(np.int64)


def skill_fit(demand: OpenDemand, crowd: Crowd, who: np.ndarray, metres: np.ndarray) -> np.ndarray:
    """Knows what is needed: 200 for a wanted skill, once."""
    return 200 * knows_any(demand, crowd, who).astype(np.int64)


def nearness(demand: OpenDemand, crowd: Crowd, who: np.ndarray, metres: np.ndarray) -> np.ndarray:
    """100 next door, falling by one point every 25 m, nothing from 2.5 km on."""
    return np.maximum(0, 100 - metres // 25)


def pairing(demand: OpenDemand, crowd: Crowd, who: np.ndarray, metres: np.ndarray) -> np.ndarray:
    """A unit paired with the community: 200. Somebody who lives in the community: 80."""
    lives_here = (crowd.community[who] == demand.community_id) & (crowd.kind[who] != UNIT)
    return np.where(is_paired(demand, crowd, who), 200, np.where(lives_here, 80, 0)).astype(np.int64)


def load(demand: OpenDemand, crowd: Crowd, who: np.ndarray, metres: np.ndarray) -> np.ndarray:
    """Seats already promised in the last 30 days: a unit loses 10 points for each, everybody else 40; at most 120."""
    return -np.minimum(120, np.where(crowd.kind[who] == UNIT, 10, 40) * crowd.load[who])


def declines(demand: OpenDemand, crowd: Crowd, who: np.ndarray, metres: np.ndarray) -> np.ndarray:
    """Offers declined or left unanswered in half a year: 15 points each, at most 60. Asking in vain costs the resident time."""
    return -np.minimum(60, 15 * crowd.declines[who])


def continuity(demand: OpenDemand, crowd: Crowd, who: np.ndarray, metres: np.ndarray) -> np.ndarray:
    """Has helped in this community before: 30."""
    return 30 * crowd.among(crowd.known.get(demand.community_id), ("known", demand.community_id))[who].astype(np.int64)


TERMS: dict[str, Term] = {
    "urgency": urgency, "vulnerability": vulnerability, "waiting": waiting, "kind": kind_fit, "skill": skill_fit, "near": nearness,
    "paired": pairing, "load": load, "declines": declines, "continuity": continuity,
}


def points(demand: OpenDemand, crowd: Crowd, who: np.ndarray, metres: np.ndarray) -> np.ndarray:
    """Points of each pair by term, in the order of TERMS: int32, terms x pairs."""
    table = np.empty((len(TERMS), len(who)), dtype=np.int32)
    for place, term in enumerate(TERMS.values()):
        table[place] = term(demand, crowd, who, metres)
    return table


def worth(table: np.ndarray) -> np.ndarray:
    """Value of each pair for the solver, from its points: BASE and all terms, never below 1 (int64)."""
    return np.maximum(1, BASE + table.sum(axis=0, dtype=np.int64))


def value(demand: OpenDemand, crowd: Crowd, who: np.ndarray, metres: np.ndarray) -> np.ndarray:
    """Value of each pair for the solver: BASE and all terms."""
    return worth(points(demand, crowd, who, metres))


def reasons(demand: OpenDemand, crowd: Crowd, row: int, metres: int) -> list[list]:
    """[[term, points], …] of one pair: every term that is not zero, the weightiest first."""
    who, far = np.array([row], dtype=np.int64), np.array([metres], dtype=np.int64)
    points = [[name, int(term(demand, crowd, who, far)[0])] for name, term in TERMS.items()]
    return sorted((entry for entry in points if entry[1]), key=lambda entry: -abs(entry[1]))
