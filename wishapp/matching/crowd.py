"""Everybody who could help in a district, as columns. One row per active supporter, in the order of ids; no personal data."""

from calendar import isleap
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from wishapp.kernel import clock
from wishapp.kernel.roles import PlaceLevel
from wishapp.matching import sources
from wishapp.matching.engaged import GAP, Times, buffers, minute
from wishapp.matching.models import PairMark, Proposal
from wishapp.places.models import Place
from wishapp.places.queries import ids_of
from wishapp.store.db import db
from wishapp.supporters.models import Ability, Capacity, FreeTime, Pairing, Supporter, SupporterKind
from wishapp.volunteering import queries as volunteering

KINDS = tuple(SupporterKind)
UNIT, MEMBER, TEAM, VOLUNTEER = range(4)
PARTS = ("morning", "afternoon", "evening")
PROMISED = ("accepted", "offered")
LOAD_DAYS, MEMORY_DAYS = 30, 180
ASKED_DAYS, ASKED_MOST = 7, 3


@dataclass(frozen=True)
class Crowd:
    """n supporters. `kind`: index into KINDS; `latitude`, `longitude` degrees; `radius` metres; `community`: place id (0 unknown).

    `helps`, `skills`, `left`: columns by kind of help, skill word, and kind of help again (wishes a unit may still take, per
    kind it promised; `left_any` of any kind); `minutes` left this month (persons, teams). `free`: n x 7 x 3 by weekday and
    part of day, `has_times` False = always. `load`, `promised`: seats taken lately and in all this year; `declines`, `asked`:
    answers remembered; `paired`, `known`: {community id: rows}; `marks`: {demand ref: {row: kind of mark}}; `year_passed`: share of
    the year that is over. `busy`: times taken up; `gap`: least minutes between two places; `invited`: questions put to each within
    ASKED_DAYS (empty: none to anybody), of which a person gets `invited_most` at most.
    """

    ids: np.ndarray
    names: list[str]
    kind: np.ndarray
    latitude: np.ndarray
    longitude: np.ndarray
    radius: np.ndarray
    community: np.ndarray
    size: np.ndarray
    helps: dict[str, np.ndarray]
    skills: dict[str, np.ndarray]
    left: dict[str, np.ndarray]
    quota: dict[str, np.ndarray]
    left_any: np.ndarray
    quota_any: np.ndarray
    minutes: np.ndarray
    free: np.ndarray
    has_times: np.ndarray
    load: np.ndarray
    declines: np.ndarray
    paired: dict[int, np.ndarray]
    known: dict[int, np.ndarray]
    marks: dict[str, dict[int, str]] = field(default_factory=dict)
    year_passed: float = 0.0
    busy: Times = field(default_factory=Times)
    gap: int = GAP
    invited: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    invited_most: int = ASKED_MOST
    _worked_out: dict = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.ids)

    def row_of(self, supporter_id: int) -> int | None:
        """The row of a supporter, or None when not in the crowd."""
        at = int(np.searchsorted(self.ids, supporter_id))
        return at if at < len(self.ids) and self.ids[at] == supporter_id else None

    def _once(self, key: tuple, work: Callable[[], np.ndarray]) -> np.ndarray:
        if key not in self._worked_out:
            self._worked_out[key] = work()
        return self._worked_out[key]

    def gives(self, kind: str) -> np.ndarray:
        """Mask: gives this kind of help, by its abilities or its promises."""
        none = np.zeros(len(self), dtype=bool)
        return self._once(("gives", kind), lambda: self.helps.get(kind, none) | (self.quota.get(kind, none) > 0))

    def helpers(self, kind: str) -> np.ndarray:
        """Rows of those who give this kind of help, ascending."""
        return self._once(("helpers", kind), lambda: np.flatnonzero(self.gives(kind)))

    def room(self, kind: str) -> np.ndarray:
        """Wishes of this kind a unit may still take this year; for everybody else meaningless."""
        return self._once(("room", kind), lambda: self.left.get(kind, np.zeros(len(self), dtype=np.int64)) + self.left_any)

    def among(self, rows: np.ndarray | None, key: tuple) -> np.ndarray:
        """Mask over the whole crowd of these rows; `key` names them."""
        def mask() -> np.ndarray:
            flags = np.zeros(len(self), dtype=bool)
            if rows is not None:
                flags[rows] = True
            return flags
        return self._once(key, mask)

    def buffers(self) -> np.ndarray:
        """Minutes each leaves between two times, see engaged.buffers."""
        return self._once(("buffers",), lambda: buffers(self.radius, self.gap))

    def questions_left(self, who: np.ndarray) -> np.ndarray:
        """How many more may be put to each of these within these days; meaningless for units and teams."""
        return np.maximum(0, self.invited_most - (self.invited[who] if len(self.invited) else np.zeros(len(who), dtype=np.int64)))

    def widened(self, reach: int = 0, extra: int = 0) -> "Crowd":
        """The crowd of a what-if: everybody goes at least `reach` metres, every unit takes `extra` wishes more, everybody else an hour each."""
        return replace(self, radius=np.maximum(self.radius, reach), left_any=self.left_any + extra * (self.kind == UNIT),
                       minutes=self.minutes + 60 * extra, _worked_out={})


def district_path(path: str) -> str:
    """Path of the district a place lies in (the place itself when there is none above): supporters are asked within it."""
    above = db.session.scalar(
        select(Place.path).where(Place.id.in_(ids_of(path)), Place.level == PlaceLevel.DISTRICT))
    return above or path


def read_crowd(path: str, *, only: list[int] | None = None) -> Crowd:
    """Everybody active in the district around `path`, in a constant number of queries. `only`: restrict to these supporters."""
    today, within = clock.today(), district_path(path)
    active = (Supporter.is_active, or_(Supporter.paused_until.is_(None), Supporter.paused_until < today),
              Supporter.place_path.startswith(within, autoescape=True))
    if only is not None:
        active = (*active, Supporter.id.in_(only))
    chosen = select(Supporter.id).where(*active)
    rows = db.session.execute(select(
        Supporter.id, Supporter.name, Supporter.kind, Supporter.latitude, Supporter.longitude, Supporter.radius, Supporter.place_path,
        Supporter.size, Supporter.monthly_minutes).where(*active).order_by(Supporter.id)).all()
    ids = np.array([row.id for row in rows], dtype=np.int64)
    n = len(ids)
    communities = set(db.session.scalars(
        select(Place.id).where(Place.level == PlaceLevel.COMMUNITY, Place.path.startswith(within, autoescape=True))))
    helps, skills = _abilities(ids, chosen)
    left, quota, left_any, quota_any, minutes = _capacities(ids, chosen, np.array([row.monthly_minutes for row in rows], dtype=np.int64), today)
    free, has_times = _times(ids, chosen)
    load, known = _promised(ids, only)
    rules = volunteering.rules_at(within)
    return Crowd(
        ids=ids, names=[row.name for row in rows], kind=np.array([KINDS.index(row.kind) for row in rows], dtype=np.int8),
        latitude=np.array([row.latitude for row in rows]), longitude=np.array([row.longitude for row in rows]),
        radius=np.array([row.radius for row in rows], dtype=np.int64), size=np.array([row.size for row in rows], dtype=np.int64),
        community=np.array([next((i for i in ids_of(row.place_path) if i in communities), 0) for row in rows], dtype=np.int64),
        helps=helps, skills=skills, left=left, quota=quota, left_any=left_any, quota_any=quota_any, minutes=minutes,
        free=free.reshape(n, 7, 3), has_times=has_times, load=load, declines=_declines(ids, only), paired=_pairings(ids, only), known=known,
        busy=_busy(ids, within, only), gap=rules.gap_minutes, invited=_invited(ids, only), invited_most=rules.asked_a_week,
        marks=_marks(ids, within, only), year_passed=(today.timetuple().tm_yday - 0.5) / (366 if isleap(today.year) else 365),
    )


def _rows(ids: np.ndarray, wanted: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """(rows of these supporter ids, mask of those that are in the crowd)."""
    given = np.array(wanted, dtype=np.int64)
    at = np.minimum(np.searchsorted(ids, given), max(0, len(ids) - 1)) if len(ids) else np.zeros(len(given), dtype=np.int64)
    inside = ids[at] == given if len(ids) else np.zeros(len(given), dtype=bool)
    return at[inside], inside


def _of(column: InstrumentedAttribute[int], only: list[int] | None) -> tuple[ColumnElement[bool], ...]:
    """Condition on a supporter's id, none for everybody: few are looked up by themselves, of many all rows are read at once."""
    return () if only is None else (column.in_(only),)


def _abilities(ids: np.ndarray, chosen: object) -> tuple[dict, dict]:
    columns: dict[str, dict[str, list[int]]] = {"help": {}, "skill": {}}
    query = select(Ability.supporter_id, Ability.kind, Ability.word).where(Ability.supporter_id.in_(chosen))
    for supporter_id, kind, word in db.session.execute(query):
        columns[kind].setdefault(word, []).append(supporter_id)
    flags: dict[str, dict[str, np.ndarray]] = {}
    for kind, words in columns.items():
        flags[kind] = {}
        for word, wanted in words.items():
            column = np.zeros(len(ids), dtype=bool)
            column[_rows(ids, wanted)[0]] = True
            flags[kind][word] = column
    return flags["help"], flags["skill"]


def _capacities(ids: np.ndarray, chosen: object, monthly: np.ndarray, today: date) -> tuple:
    year, month = f"{today.year:04d}", f"{today.year:04d}-{today.month:02d}"
    query = select(Capacity.supporter_id, Capacity.what, Capacity.quota, Capacity.taken).where(
        Capacity.supporter_id.in_(chosen), or_(Capacity.period == year, Capacity.period == month))
    by_what: dict[str, list[tuple[int, int, int]]] = {}
    for supporter_id, what, quota, taken in db.session.execute(query):
        by_what.setdefault(what, []).append((supporter_id, quota, taken))
    left: dict[str, np.ndarray] = {}
    quotas: dict[str, np.ndarray] = {}
    for what, entries in by_what.items():
        at, inside = _rows(ids, [entry[0] for entry in entries])
        kept = [entry for entry, is_in in zip(entries, inside, strict=True) if is_in]
        quotas[what] = np.zeros(len(ids), dtype=np.int64)
        left[what] = monthly.copy() if what == "minutes" else np.zeros(len(ids), dtype=np.int64)
        quotas[what][at] = [quota for _, quota, _ in kept]
        left[what][at] = [max(0, quota - taken) for _, quota, taken in kept]
    none = np.zeros(len(ids), dtype=np.int64)
    minutes = left.pop("minutes", monthly)
    quotas.pop("minutes", None)
    return left, quotas, left.pop("any", none), quotas.pop("any", none), minutes


def _times(ids: np.ndarray, chosen: object) -> tuple[np.ndarray, np.ndarray]:
    free = np.zeros((len(ids), 7, 3), dtype=bool)
    found = db.session.execute(select(FreeTime.supporter_id, FreeTime.weekday, FreeTime.part).where(FreeTime.supporter_id.in_(chosen))).all()
    at, inside = _rows(ids, [row[0] for row in found])
    kept = [row for row, is_in in zip(found, inside, strict=True) if is_in]
    free[at, [row[1] for row in kept], [PARTS.index(row[2]) for row in kept]] = True
    return free, free.any(axis=(1, 2)) if len(ids) else np.zeros(0, dtype=bool)


def _promised(ids: np.ndarray, only: list[int] | None) -> tuple[np.ndarray, dict[int, np.ndarray]]:
    """Seats promised within LOAD_DAYS, and who has already been in which community."""
    load = np.zeros(len(ids), dtype=np.int64)
    since = clock.now() - timedelta(days=MEMORY_DAYS)
    lately = clock.now() - timedelta(days=LOAD_DAYS)
    known: dict[int, set[int]] = {}
    query = select(Proposal.supporter_id, Proposal.place_path, Proposal.state, Proposal.decided_at).where(
        *_of(Proposal.supporter_id, only), Proposal.state.in_(PROMISED), Proposal.decided_at >= since)
    found = db.session.execute(query).all()
    at, inside = _rows(ids, [row.supporter_id for row in found])
    for row, entry in zip(at.tolist(), [entry for entry, is_in in zip(found, inside, strict=True) if is_in], strict=True):
        load[row] += entry.decided_at >= lately
        if entry.state == "accepted":
            for place_id in ids_of(entry.place_path):
                known.setdefault(place_id, set()).add(row)
    return load, {place_id: np.array(sorted(rows), dtype=np.int64) for place_id, rows in known.items()}


def _busy(ids: np.ndarray, within: str, only: list[int] | None) -> Times:
    found = sources.engagements(within, only)
    at, inside = _rows(ids, [entry.supporter_id for entry in found])
    kept = [entry for entry, is_in in zip(found, inside, strict=True) if is_in]
    return Times().and_these(zip(at.tolist(), (minute(entry.start) for entry in kept), (minute(entry.end) for entry in kept), strict=True))


def _invited(ids: np.ndarray, only: list[int] | None) -> np.ndarray:
    asked = invitations(only)
    invited = np.zeros(len(ids), dtype=np.int64)
    at, inside = _rows(ids, list(asked))
    invited[at] = [count for count, is_in in zip(asked.values(), inside, strict=True) if is_in]
    return invited


def invitations(supporter_ids: list[int] | None = None, *, but: int = 0) -> dict[int, int]:
    """{supporter: questions put to it within ASKED_DAYS, approved ones not yet sent included}; one query. `but`: a proposal not counted."""
    query = select(Proposal.supporter_id, func.count()).where(
        or_(Proposal.sent_at >= clock.now() - timedelta(days=ASKED_DAYS), and_(Proposal.state == "offered", Proposal.sent_at.is_(None))),
        Proposal.id != but).group_by(Proposal.supporter_id)
    rows = db.session.execute(query if supporter_ids is None else query.where(Proposal.supporter_id.in_(supporter_ids)))
    return {row[0]: row[1] for row in rows}


def _declines(ids: np.ndarray, only: list[int] | None) -> np.ndarray:
    counted = db.session.execute(
        select(PairMark.supporter_id, func.count()).where(
            *_of(PairMark.supporter_id, only), PairMark.kind.in_(("declined", "lapsed")),
            PairMark.at >= clock.now() - timedelta(days=MEMORY_DAYS)).group_by(PairMark.supporter_id)).all()
    declines = np.zeros(len(ids), dtype=np.int64)
    at, inside = _rows(ids, [row[0] for row in counted])
    declines[at] = [row[1] for row, is_in in zip(counted, inside, strict=True) if is_in]
    return declines


def _pairings(ids: np.ndarray, only: list[int] | None) -> dict[int, np.ndarray]:
    by_community: dict[int, list[int]] = {}
    for unit_id, community_id in db.session.execute(select(Pairing.unit_id, Pairing.community_id).where(*_of(Pairing.unit_id, only))):
        by_community.setdefault(community_id, []).append(unit_id)
    return {community_id: np.sort(_rows(ids, units)[0]) for community_id, units in by_community.items()}


def _marks(ids: np.ndarray, within: str, only: list[int] | None) -> dict[str, dict[int, str]]:
    """Marks in force: pins and forbids always, declined and lapsed until they are forgotten. A forbid outweighs the others."""
    query = select(PairMark.demand_ref, PairMark.supporter_id, PairMark.kind).where(
        *_of(PairMark.supporter_id, only), PairMark.place_path.startswith(within, autoescape=True), or_(PairMark.until.is_(None), PairMark.until > clock.now()))
    weight = {"pin": 0, "lapsed": 1, "declined": 2, "forbid": 3}
    found = sorted(db.session.execute(query).all(), key=lambda row: weight[row.kind])
    at, inside = _rows(ids, [row.supporter_id for row in found])
    marks: dict[str, dict[int, str]] = {}
    for row, entry in zip(at.tolist(), [entry for entry, is_in in zip(found, inside, strict=True) if is_in], strict=True):
        marks.setdefault(entry.demand_ref, {})[row] = entry.kind
    return marks
