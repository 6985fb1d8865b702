"""How likely an offer is accepted: estimated per supporter and kind of help from the office's own offers. For staff only.

The model is the beta-binomial with empirical Bayes (Efron and Morris 1975 for the idea, Kleinman 1973 for the moments): somebody's
own share of yeses is drawn towards the mean of the group (kind of supporter x kind of help), as if `strength` offers had been
answered at that mean; a group's mean is drawn towards the overall mean in the same way, and the overall mean towards three of four.
An answer counts half after a year, for circumstances and promises change by the year; an answer about another kind of help counts a
quarter, for it tells of the person but not of the matter (benchmarks/acceptance.py: a quarter to a half foretells best).
Groups are few and histories sparse, so nothing is kept per pair.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from sqlalchemy import case, func, select

from wishapp.kernel import clock
from wishapp.matching import waves
from wishapp.matching.crowd import KINDS, district_path
from wishapp.matching.models import Proposal
from wishapp.matching.plan import Line
from wishapp.matching.snapshot import Snapshot
from wishapp.store.db import db
from wishapp.supporters.models import Supporter

ANSWERED = ("accepted", "declined", "lapsed")
MEMORY = timedelta(days=2 * 365)
HALF_LIFE = 365.0  # days
OTHER_KIND = 0.25
PRIOR_YES, PRIOR_ASKED = 3.0, 4.0  # before anybody answered at all
USUAL_STRENGTH, STRENGTHS = 8.0, (2.0, 50.0)
FEWEST_REPEATS = 30  # answers beyond the first of each: with fewer the spread between people cannot be told from luck
# points lost by asking in vain: as much as a round missed (see scores.waiting), twice and four times that where it is urgent
IN_VAIN = (240, 120, 60)
KEPT = 6


@dataclass(frozen=True)
class Estimates:
    """What is known of answers. `ids`: supporters with a history, ascending; `yes`, `asked`: weighted answers, row by id, column by
    `column` (kind of help); `offers`: how many answers there are, unweighted; `means`: group means, kind of supporter x column;
    `overall`: mean of everything; `strength`: offers the group's mean counts for."""

    ids: np.ndarray
    column: dict[str, int]
    yes: np.ndarray
    asked: np.ndarray
    offers: np.ndarray
    means: np.ndarray
    overall: float
    strength: float

    def group(self, help_kind: str) -> np.ndarray:
        """Mean of each kind of supporter (in the order of crowd.KINDS) for this kind of help."""
        at = self.column.get(help_kind)
        return np.full(len(KINDS), self.overall) if at is None else self.means[:, at]

    def of(self, ids: Sequence[int], kinds: Sequence[int], help_kind: str) -> np.ndarray:
        """Chance of a yes, strictly between 0 and 1, for these supporters. `kinds`: their kinds, as indexes into crowd.KINDS."""
        wanted, base = np.asarray(ids, dtype=np.int64), self.group(help_kind)[np.asarray(kinds, dtype=np.int64)]
        if not len(self.ids) or not len(wanted):
            return base
        row = np.minimum(np.searchsorted(self.ids, wanted), len(self.ids) - 1)
        known = self.ids[row] == wanted
        at = self.column.get(help_kind)
        yes, asked = (OTHER_KIND * table[row].sum(axis=1) + ((1 - OTHER_KIND) * table[row, at] if at is not None else 0.0)
                      for table in (self.yes, self.asked))
        return np.where(known, (yes + self.strength * base) / (asked + self.strength), base)

    def record(self, supporter_id: int) -> int:
        """How many answered offers the estimate of this supporter rests on."""
        row = int(np.searchsorted(self.ids, supporter_id))
        return int(self.offers[row]) if row < len(self.ids) and self.ids[row] == supporter_id else 0


def shrunk(yes: np.ndarray | float, asked: np.ndarray | float, mean: np.ndarray | float, strength: float) -> np.ndarray | float:
    """Posterior mean of a beta-binomial: between the own rate yes / asked and `mean`, nearer to `mean` the fewer were asked."""
    return (yes + strength * mean) / (asked + strength)


def strength_of(yes: np.ndarray, asked: np.ndarray, mean: np.ndarray, groups: int) -> float:
    """How many offers the mean counts for, from the spread between cells of `asked` >= 1 answers around their `mean`.

    Moments (Kleinman, JASA 68, 1973): E n (p - m)^2 = m (1 - m) (1 + (n - 1) rho), strength = 1 / rho - 1. Kept within STRENGTHS;
    USUAL_STRENGTH when too few cells hold more than one answer.
    """
    repeats = float((asked - 1).sum())
    if len(asked) <= groups or repeats < FEWEST_REPEATS:
        return USUAL_STRENGTH
    chance = mean * (1 - mean)
    spread = float((asked * (yes / asked - mean) ** 2).sum()) * len(asked) / (len(asked) - groups)
    rho = (spread - float(chance.sum())) / float((chance * (asked - 1)).sum())
    return float(np.clip(1 / rho - 1, *STRENGTHS)) if rho > 0 else STRENGTHS[1]


def estimates(supporter: Sequence[int], kind: Sequence[int], help_kind: Sequence[str], said_yes: Sequence[bool], days: Sequence[float]) -> Estimates:
    """Estimates from answered offers, one entry each: supporter id, kind (index into KINDS), kind of help, the answer, days ago."""
    words, column = np.unique(np.asarray(help_kind, dtype=str), return_inverse=True)
    ids, row = np.unique(np.asarray(supporter, dtype=np.int64), return_inverse=True)
    kinds, answers = np.asarray(kind, dtype=np.int64), np.asarray(said_yes, dtype=float)
    weight = 0.5 ** (np.maximum(0.0, np.asarray(days, dtype=float)) / HALF_LIFE)
    shape, groups = (len(ids), len(words)), (len(KINDS), len(words))

    def table(at: np.ndarray, shape: tuple[int, int], weights: np.ndarray) -> np.ndarray:
        return np.bincount(at * shape[1] + column, weights=weights, minlength=shape[0] * shape[1]).reshape(shape) if len(at) else np.zeros(shape)

    ones = np.ones(len(row))
    overall = float(shrunk((weight * answers).sum(), weight.sum(), PRIOR_YES / PRIOR_ASKED, PRIOR_ASKED))
    group_yes, group_asked = table(kinds, groups, answers), table(kinds, groups, ones)
    seen = group_asked > 0
    between = strength_of(group_yes[seen], group_asked[seen], np.full(int(seen.sum()), overall), 1)
    means = shrunk(table(kinds, groups, weight * answers), table(kinds, groups, weight), overall, between)
    own_yes, own_asked = table(row, shape, answers), table(row, shape, ones)
    kind_of = np.zeros(len(ids), dtype=np.int64)
    kind_of[row] = kinds
    cells = own_asked > 0
    # the spread is measured around the means of the same, unweighted answers
    around = shrunk(group_yes, group_asked, overall, between)[kind_of]
    within = strength_of(own_yes[cells], own_asked[cells], around[cells], int(seen.sum()))
    return Estimates(ids, {str(word): at for at, word in enumerate(words)}, table(row, shape, weight * answers), table(row, shape, weight),
                     own_asked.sum(axis=1).astype(np.int64), means, overall, within)


def read_estimates(path: str) -> Estimates:
    """Estimates from the answered offers of the district around `path`: two queries, whatever the size of the crowd."""
    now, within = clock.now(), district_path(path)
    rows = db.session.execute(select(
        Proposal.supporter_id, Supporter.kind, Proposal.kind.label("help"), Proposal.state, Proposal.sent_at,
    ).join(Supporter, Supporter.id == Proposal.supporter_id).where(
        Proposal.state.in_(ANSWERED), Proposal.sent_at >= now - MEMORY, Proposal.place_path.startswith(within, autoescape=True))).all()
    return estimates([row.supporter_id for row in rows], [KINDS.index(row.kind) for row in rows], [row.help for row in rows],
                     [row.state == "accepted" for row in rows], [(now - row.sent_at).total_seconds() / 86_400 for row in rows])


def per_cent(chance: float) -> int:
    """As it is stored and shown: never 0 and never 100."""
    return int(min(99, max(1, round(100 * chance))))


def index(entry: list, tier: int) -> float:
    """What a backup is worth, asking counted in: the points it loses, and the vain askings a yes of this chance takes on average.

    When people are asked one after the other until one says yes, with worth v, chance a and c lost by each asking in vain, any two
    neighbours stand in the right order exactly when v - c / a falls (exchange argument; what comes before and after is the same).
    """
    chance = entry[5] if len(entry) > 5 and entry[5] else 100 * PRIOR_YES / PRIOR_ASKED
    return -entry[1] - 100 * IN_VAIN[min(tier, len(IN_VAIN) - 1)] / chance


def in_order(entries: Iterable[list], tier: int) -> list[list]:
    """Backups as they are to be asked: those with room first, then by `index`; equal ones in the order given."""
    return sorted(entries, key=lambda entry: (-entry[3], -index(entry, tier)))


def ranked(proposal: Proposal, chances: dict[int, tuple[int, int]] | None = None) -> list[list]:
    """The proposal's runners-up in the order in which they are to be asked, each with its chance as things stand now as entry[5].

    `chances`: what `likely` says of them, where that is known already.
    """
    entries = proposal.runners_up
    if not entries:
        return []
    found = likely(proposal, [entry[0] for entry in entries]) if chances is None else chances
    return in_order([[*entry[:5], found[entry[0]][0], *entry[6:]] for entry in entries if entry[0] in found], proposal.tier)


def likely(proposal: Proposal, supporter_ids: list[int]) -> dict[int, tuple[int, int]]:
    """{supporter id: (chance of a yes to this demand in per cent, number of answers it rests on)}; who does not exist is left out."""
    kinds = {row.id: KINDS.index(row.kind) for row in db.session.execute(
        select(Supporter.id, Supporter.kind).where(Supporter.id.in_(set(supporter_ids))))}
    known = read_estimates(proposal.place_path)
    chances = known.of(list(kinds), list(kinds.values()), proposal.kind)
    return {supporter_id: (per_cent(chance), known.record(supporter_id)) for supporter_id, chance in zip(kinds, chances.tolist(), strict=True)}


def outlook(lines: list[Line]) -> dict[str, int]:
    """What to expect if every line were sent out: {asked, first: yeses at the first asking, in_turn: with the backups asked in turn}."""
    first = sum(line.chance or 0 for line in lines) / 100
    in_turn = sum(waves.served_by([line.chance, *(entry[5] for entry in line.runners_up if entry[3])]) for line in lines if line.chance)
    return {"asked": len(lines), "first": round(first), "in_turn": round(in_turn)}


def calibration(path: str) -> list[tuple[int, int, int, int]]:
    """How right the estimates were: [(from per cent, offers answered, expected yeses, yeses), …] in steps of 20 per cent; one query."""
    said_yes = func.sum(case((Proposal.state == "accepted", 1), else_=0))
    rows = db.session.execute(select(Proposal.chance, func.count(), said_yes).where(
        Proposal.chance.is_not(None), Proposal.sent_at.is_not(None), Proposal.state.in_(ANSWERED),
        Proposal.place_path.startswith(path, autoescape=True)).group_by(Proposal.chance)).all()
    steps: dict[int, list[float]] = {}
    for chance, count, yes in rows:
        step = steps.setdefault(chance // 20 * 20, [0, 0.0, 0])
        step[0], step[1], step[2] = step[0] + count, step[1] + count * chance / 100, step[2] + int(yes)
    return [(low, int(count), round(expected), int(yes)) for low, (count, expected, yes) in sorted(steps.items())]


def rank_lines(lines: list[Line], snapshot: Snapshot, known: Estimates) -> list[Line]:
    """Lines of a plan with their chance, and their runners-up by `in_order`, KEPT of them. One look-up for each kind of help."""
    crowd, demands = snapshot.crowd, snapshot.demands
    by_help: dict[str, list[int]] = {}
    for at, line in enumerate(lines):
        by_help.setdefault(demands[line.demand].kind, []).append(at)
    done = list(lines)
    for help_kind, members in by_help.items():
        people = [[int(crowd.ids[lines[at].row]), *(entry[0] for entry in lines[at].runners_up)] for at in members]
        ids = [supporter_id for group in people for supporter_id in group]
        chances = iter(known.of(ids, crowd.kind[np.searchsorted(crowd.ids, ids)], help_kind).tolist())
        for at, group in zip(members, people, strict=True):
            own, *others = (per_cent(next(chances)) for _ in group)
            entries = [[*entry[:5], chance, *entry[6:]] for entry, chance in zip(lines[at].runners_up, others, strict=True)]
            done[at] = replace(lines[at], chance=own, runners_up=in_order(entries, demands[lines[at].demand].tier)[:KEPT])
    return done
