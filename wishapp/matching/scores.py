"""What a pair is worth: each term a function `term(demand, crowd, who, metres) -> points` (int64 per row of `who`).

Points are whole numbers of a size people can weigh: 400 for the most urgent, 200 for a paired community, tens for shades. Each
district then weighs the terms in per cent (see weights): what staff see as chips are the weighted points. A pair's value is BASE
plus their sum: BASE makes serving one demand more worth more than any shade of fit, and stays invisible because every pair has it.
"""

from collections.abc import Callable, Mapping

import numpy as np

from wishapp.kernel.ports import OpenDemand
from wishapp.matching.crowd import UNIT, Crowd
from wishapp.matching.eligibility import is_paired, knows_any
from wishapp.matching.weights import HOUSE, USUAL_PERCENT, Weights

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


def quota_left(demand: OpenDemand, crowd: Crowd, who: np.ndarray, metres: np.ndarray) -> np.ndarray:
    """The shadow price of what is left of a unit's promises for this kind of help: 120 x (share of the year that has passed -
    share of the promise that is used), between -60 and 60.

    First-order price of a year seen as a steady stream: who is behind the calendar has seats to spare and they gain; who is
    ahead would run dry before the year is over, so each further seat costs. Even pace is worth nothing; only units promise by the year.
    """
    promised = crowd.quota_any[who] + (crowd.quota[demand.kind][who] if demand.kind in crowd.quota else 0)
    used = np.maximum(0, promised - crowd.room(demand.kind)[who]) / np.maximum(1, promised)
    price = np.clip(np.rint(120 * (crowd.year_passed - used)), -60, 60).astype(np.int64)
    return np.where((crowd.kind[who] == UNIT) & (promised > 0), price, 0)


def continuity(demand: OpenDemand, crowd: Crowd, who: np.ndarray, metres: np.ndarray) -> np.ndarray:
    """Has helped this very person before: 120, for a known face is half the help; somebody else in this community: 30."""
    here = 30 * crowd.among(crowd.known.get(demand.community_id), ("known", demand.community_id))[who].astype(np.int64)
    if not demand.helped_by:
        return here
    return np.where(np.isin(crowd.ids[who], np.array(sorted(demand.helped_by), dtype=np.int64)), 120, here)


TERMS: dict[str, Term] = {
    "urgency": urgency, "vulnerability": vulnerability, "waiting": waiting, "kind": kind_fit, "skill": skill_fit, "near": nearness,
    "paired": pairing, "quota": quota_left, "load": load, "declines": declines, "continuity": continuity,
}
# terms that say different things at different points: {term: (least points of the plain name, name of what is below)}
SHADES = {"urgency": (400, "urgency.week"), "kind": (150, "kind.does"), "near": (80, "near.rather"), "paired": (200, "paired.neighbour"),
          "quota": (0, "quota.short"), "continuity": (120, "continuity.place")}


def points(demand: OpenDemand, crowd: Crowd, who: np.ndarray, metres: np.ndarray) -> np.ndarray:
    """Unweighted points of each pair by term, in the order of TERMS: int32, terms x pairs."""
    table = np.empty((len(TERMS), len(who)), dtype=np.int32)
    for place, term in enumerate(TERMS.values()):
        table[place] = term(demand, crowd, who, metres)
    return table


def table_of(columns: Mapping[str, np.ndarray], length: int) -> np.ndarray:
    """The same table from columns by term, as papers keep them; a term the papers do not know counts nothing."""
    nothing = np.zeros(length, dtype=np.int32)
    return np.stack([np.asarray(columns.get(name, nothing), dtype=np.int32) for name in TERMS])


def weigh(table: np.ndarray, weights: Weights) -> np.ndarray:
    """Points as they count in a district: each term by its weight, rounded to whole points (halves away from zero)."""
    percent = np.array([weights.of_term(name) for name in TERMS], dtype=np.int32)[:, np.newaxis]
    if (percent == USUAL_PERCENT).all():
        return table
    return np.sign(table) * ((np.abs(table) * percent + 50) // 100)


def worth(table: np.ndarray, weights: Weights = HOUSE) -> np.ndarray:
    """Value of each pair for the solver, from its unweighted points: BASE and all weighted terms, never below 1 (int64)."""
    return np.maximum(1, BASE + weigh(table, weights).sum(axis=0, dtype=np.int64))


def value(demand: OpenDemand, crowd: Crowd, who: np.ndarray, metres: np.ndarray, weights: Weights = HOUSE) -> np.ndarray:
    """Value of each pair for the solver: BASE and all weighted terms."""
    return worth(points(demand, crowd, who, metres), weights)


def reasons_of(column: np.ndarray, weights: Weights = HOUSE) -> list[list]:
    """[[reason, weighted points], …] from one pair's unweighted points by term: whatever is not zero, the weightiest first.

    The reason is the term's name, or its shade ("paired.neighbour") where the points mean something else.
    """
    weighted = weigh(column[:, np.newaxis], weights)[:, 0]
    found = []
    for name, raw, counted in zip(TERMS, column.tolist(), weighted.tolist(), strict=True):
        least, below = SHADES.get(name, (raw, name))
        if counted:
            found.append([name if raw >= least else below, counted])
    return sorted(found, key=lambda entry: -abs(entry[1]))


def reasons(demand: OpenDemand, crowd: Crowd, row: int, metres: int, weights: Weights = HOUSE) -> list[list]:
    """The reasons of one pair, see reasons_of."""
    who, far = np.array([row], dtype=np.int64), np.array([metres], dtype=np.int64)
    return reasons_of(points(demand, crowd, who, far)[:, 0], weights)
