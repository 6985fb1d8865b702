"""Who may be asked for what: each rule a function `rule(demand, crowd, who) -> mask`.

`demand`: kernel.ports.OpenDemand; `who`: row numbers of the crowd (int64); the mask says for each of them whether the rule
allows the pair. RULES holds them in the order in which they are asked and under the names by which refusals are explained.
"""

from collections.abc import Callable

import numpy as np

from wishapp.kernel import clock
from wishapp.kernel.ports import OpenDemand
from wishapp.matching.crowd import MEMBER, TEAM, UNIT, VOLUNTEER, Crowd

METRES_PER_DEGREE = 111_195.0
PART_STARTS = (0, 12, 18, 24)  # hours: morning, afternoon, evening
Rule = Callable[[OpenDemand, Crowd, np.ndarray], np.ndarray]


def distances(demand: OpenDemand, crowd: Crowd, who: np.ndarray) -> np.ndarray:
    """Metres (int64) from the demand to these supporters, on the flat map of a district (error below 0.1 % at 50 km)."""
    return np.sqrt(_squares(demand, crowd, who)).astype(np.int64)


def _squares(demand: OpenDemand, crowd: Crowd, who: np.ndarray) -> np.ndarray:
    """The same squared, not rounded."""
    up = (crowd.latitude[who] - demand.latitude) * METRES_PER_DEGREE
    along = (crowd.longitude[who] - demand.longitude) * (METRES_PER_DEGREE * np.cos(np.radians(demand.latitude)))
    return up * up + along * along


def is_paired(demand: OpenDemand, crowd: Crowd, who: np.ndarray) -> np.ndarray:
    """Not a rule but a relation: is the unit paired with the demand's community."""
    return crowd.among(crowd.paired.get(demand.community_id), ("paired", demand.community_id))[who]


def gives_this_help(demand: OpenDemand, crowd: Crowd, who: np.ndarray) -> np.ndarray:
    """The kind of help is among the supporter's abilities or promises."""
    return crowd.gives(demand.kind)[who]


def has_the_skill(demand: OpenDemand, crowd: Crowd, who: np.ndarray) -> np.ndarray:
    """A wanted skill is known by whoever comes in person; a unit sends whoever has it. A seat for a skill is no team's."""
    if not demand.skills:
        return np.ones(len(who), dtype=bool)
    if demand.in_person:
        return knows_any(demand, crowd, who) & (crowd.kind[who] != TEAM)
    return knows_any(demand, crowd, who) | (crowd.kind[who] == UNIT)


def knows_any(demand: OpenDemand, crowd: Crowd, who: np.ndarray) -> np.ndarray:
    """Not a rule but a relation: has one of the wanted skills."""
    knows = np.zeros(len(who), dtype=bool)
    for word in demand.skills:
        if word in crowd.skills:
            knows |= crowd.skills[word][who]
    return knows


def is_within_reach(demand: OpenDemand, crowd: Crowd, who: np.ndarray) -> np.ndarray:
    """Not farther than the supporter goes; a paired community is always within reach."""
    return (_squares(demand, crowd, who) < (crowd.radius[who] + 1.0) ** 2) | is_paired(demand, crowd, who)


def has_room(demand: OpenDemand, crowd: Crowd, who: np.ndarray) -> np.ndarray:
    """Something of the year's promise (units) or of the month's time (everybody else) is left for one more."""
    return np.where(crowd.kind[who] == UNIT, crowd.room(demand.kind)[who] >= 1, crowd.minutes[who] >= max(1, demand.minutes))


def is_free_then(demand: OpenDemand, crowd: Crowd, who: np.ndarray) -> np.ndarray:
    """A demand with a fixed time asks people who are free in every part of the day it touches. Units always are."""
    if demand.window is None:
        return np.ones(len(who), dtype=bool)
    fits = np.ones(len(who), dtype=bool)
    for weekday, part in parts_touched(demand):
        fits &= crowd.free[who, weekday, part]
    return fits | ~crowd.has_times[who] | (crowd.kind[who] == UNIT)


def parts_touched(demand: OpenDemand) -> list[tuple[int, int]]:
    """(weekday, part of day) the demand's window touches on the first day it falls on, local time."""
    start, end = (moment.astimezone(clock.LOCAL) for moment in demand.window)
    last = 24.0 if end.date() > start.date() else end.hour + end.minute / 60
    first = start.hour + start.minute / 60
    return [(start.weekday(), part) for part in range(3) if first < PART_STARTS[part + 1] and last > PART_STARTS[part]]


def comes_in_person(demand: OpenDemand, crowd: Crowd, who: np.ndarray) -> np.ndarray:
    """Where people are wanted, a unit is not asked: its members are."""
    return ~((crowd.kind[who] == UNIT) & demand.in_person)


def fits_whole(demand: OpenDemand, crowd: Crowd, who: np.ndarray) -> np.ndarray:
    """A team comes whole, so there must be a seat for each of its people."""
    return (crowd.kind[who] != TEAM) | (crowd.size[who] <= sum(demand.seats)) | (not demand.in_person)


def is_not_engaged(demand: OpenDemand, crowd: Crowd, who: np.ndarray) -> np.ndarray:
    """Not taken up at that time, their way between the two places included."""
    clashing = crowd.busy.clashing(demand, crowd.buffers())
    return ~np.isin(who, clashing) if len(clashing) else np.ones(len(who), dtype=bool)


def is_not_asked_too_often(demand: OpenDemand, crowd: Crowd, who: np.ndarray) -> np.ndarray:
    """A person is asked only so many times within seven days; units and teams answer for more."""
    persons = (crowd.kind[who] == MEMBER) | (crowd.kind[who] == VOLUNTEER)
    return ~persons | (crowd.questions_left(who) > 0)


def meets_the_terms(demand: OpenDemand, crowd: Crowd, who: np.ndarray) -> np.ndarray:
    """The demand's own conditions: not on its list already, of the age it asks for."""
    allowed = np.ones(len(who), dtype=bool)
    if demand.not_for:
        allowed &= ~np.isin(crowd.ids[who], np.fromiter(demand.not_for, dtype=np.int64))
    if demand.only_for is not None:
        allowed &= np.isin(crowd.ids[who], np.fromiter(demand.only_for, dtype=np.int64))
    return allowed


def is_not_barred(demand: OpenDemand, crowd: Crowd, who: np.ndarray) -> np.ndarray:
    """Staff did not rule the pair out, and it was not declined or left unanswered lately."""
    marks = crowd.marks.get(demand.ref)
    if not marks:
        return np.ones(len(who), dtype=bool)
    barred = np.array([row for row, kind in marks.items() if kind != "pin"], dtype=np.int64)
    return ~np.isin(who, barred)


RULES: dict[str, Rule] = {
    "help": gives_this_help, "person": comes_in_person, "reach": is_within_reach, "skill": has_the_skill, "whole": fits_whole, "room": has_room,
    "time": is_free_then, "engaged": is_not_engaged, "week": is_not_asked_too_often, "terms": meets_the_terms, "barred": is_not_barred,
}


def eligible(demand: OpenDemand, crowd: Crowd) -> np.ndarray:
    """Rows of everybody whom all rules allow for this demand, ascending. The first rule is the index `helpers`, so it costs nothing."""
    who = crowd.helpers(demand.kind)
    for name, rule in RULES.items():
        if name != "help" and len(who):
            who = who[rule(demand, crowd, who)]
    return who


def broken_rules(demand: OpenDemand, crowd: Crowd, row: int) -> list[str]:
    """Names of all rules that stand against one pair."""
    who = np.array([row], dtype=np.int64)
    return [name for name, rule in RULES.items() if not rule(demand, crowd, who)[0]]


def near_misses(demand: OpenDemand, crowd: Crowd) -> dict[str, np.ndarray]:
    """For each rule, the rows it alone keeps away: {rule: rows}; rules that keep nobody away alone are missing."""
    who = crowd.helpers(demand.kind)
    allowed = {name: rule(demand, crowd, who) for name, rule in RULES.items() if name != "help"}
    if not len(who) or not allowed:
        return {}
    breaches = sum((~mask).astype(np.int64) for mask in allowed.values())
    found = {name: who[(breaches == 1) & ~mask] for name, mask in allowed.items()}
    return {name: rows for name, rows in found.items() if len(rows)}
