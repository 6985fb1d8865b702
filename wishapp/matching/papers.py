"""What a plan was worked out from, packed small: the problem, the plan with its certificate, the points of each term by pair.

Numbers and refs only; no names. Whoever has the papers can ask about the plan later, and anybody can check it (solver.check).
"""

import io
import json
import zlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sqlalchemy import delete, select

from wishapp.matching import scores
from wishapp.matching.models import MatchRun, RunPapers
from wishapp.matching.runs import CURRENT
from wishapp.matching.snapshot import Snapshot
from wishapp.matching.weighting import weights_of_run
from wishapp.matching.weights import HOUSE, Weights
from wishapp.store.db import db

QUICK = 1  # level of compression: the columns are sorted or nearly constant, more effort gains little
RISING = ("demand", "supporter")  # columns kept as differences from pair to pair


@dataclass(frozen=True)
class Packed:
    """Papers ready for the database, packed outside every transaction."""

    problem: bytes
    plan: bytes
    terms: bytes


@dataclass(frozen=True)
class Papers:
    """Opened papers. `problem`: wishapp-problem/1 with numpy columns; `plan`: wishapp-plan/1; `terms`: {term: unweighted points per pair, int16};
    `metres`: per pair; `wholes`, `whole_metres`: the same of the options;
    `kind`: per supporter of the problem, index into crowd.KINDS; `weights`: by which the points counted. Pairs stand in
    the order of demands."""

    problem: dict
    plan: dict
    terms: dict[str, np.ndarray]
    metres: np.ndarray
    kind: np.ndarray
    wholes: dict[str, np.ndarray]
    whole_metres: np.ndarray
    weights: Weights = HOUSE

    @cached_property
    def refs(self) -> list[str]:
        """Refs of the demands, by index."""
        return [entry["id"] for entry in self.problem["demands"]]

    @cached_property
    def supporter_ids(self) -> np.ndarray:
        """Database ids of the supporters, by index."""
        return np.array([int(entry["id"]) for entry in self.problem["supporters"]], dtype=np.int64)

    def demand_of(self, ref: str) -> int | None:
        """Index of a demand, or None when it was not in the problem."""
        return self._demand_at.get(ref)

    def supporter_of(self, supporter_id: int) -> int | None:
        """Index of a supporter, or None for somebody without any pair."""
        return self._supporter_at.get(supporter_id)

    def pairs_of(self, demand: int) -> np.ndarray:
        """Pair indexes of one demand."""
        first, last = np.searchsorted(self.problem["pairs"]["demand"], [demand, demand + 1])
        return np.arange(first, last)

    def pair_of(self, ref: str, supporter_id: int) -> int | None:
        """The pair of a demand and a supporter, or None when they are no pair."""
        demand, supporter = self.demand_of(ref), self.supporter_of(supporter_id)
        if demand is None or supporter is None:
            return None
        pairs = self.pairs_of(demand)
        found = pairs[self.problem["pairs"]["supporter"][pairs] == supporter]
        return int(found[0]) if len(found) else None

    def reasons(self, pair: int) -> list[list]:
        """[[reason, weighted points], …] of a pair, see scores.reasons_of."""
        return scores.reasons_of(scores.table_of({name: column[pair:pair + 1] for name, column in self.terms.items()}, 1)[:, 0], self.weights)

    @cached_property
    def _demand_at(self) -> dict[str, int]:
        return {ref: index for index, ref in enumerate(self.refs)}

    @cached_property
    def _supporter_at(self) -> dict[int, int]:
        return {supporter_id: index for index, supporter_id in enumerate(self.supporter_ids.tolist())}


def pack(snapshot: Snapshot, plan: dict) -> Packed:
    """Pack a snapshot and its plan (a district in about a second, a few MB). Outside every transaction."""
    kind = np.zeros(len(snapshot.problem["supporters"]), dtype=np.int8)
    kind[snapshot.problem["pairs"]["supporter"]] = snapshot.crowd.kind[snapshot.row]
    kind[[entry["supporter"] for entry in snapshot.problem["options"]]] = snapshot.crowd.kind[snapshot.wholes.row]
    terms = {f"{prefix}_{name}": np.asarray(column, dtype=np.int16)
             for prefix, columns in (("term", snapshot.terms), ("whole", snapshot.wholes.terms)) for name, column in columns.items()}
    metres = {"metres": snapshot.metres.astype(np.int32), "far": snapshot.wholes.metres.astype(np.int32)}
    return Packed(pack_problem(snapshot.problem), pack_plan(plan), _pack({}, {**terms, **metres, "kind": kind}))


def pack_problem(problem: dict) -> bytes:
    """A wishapp-problem/1 with its pairs as columns of the least width."""
    head = {key: value for key, value in problem.items() if key != "pairs"}
    columns: dict[str, np.ndarray] = {}
    for name, column in problem["pairs"].items():
        if name == "resource":
            words = sorted({word for word in column if word is not None})
            codes = {word: code for code, word in enumerate(words)} | {None: -1}
            head["resources"], columns[name] = words, np.array([codes[word] for word in column], dtype=np.int32)
        else:
            values = np.asarray(column, dtype=np.int64)
            columns[name] = _narrow(np.diff(values, prepend=0) if name in RISING else values)
    return _pack(head, columns)


def pack_plan(plan: dict) -> bytes:
    """A wishapp-plan/1 as it is."""
    return zlib.compress(json.dumps(plan, separators=(",", ":")).encode(), QUICK)


def save_papers(run: MatchRun, packed: Packed) -> None:
    """Inside transaction(): keep the papers of a plan just saved, and let go of those that nobody asks about any more."""
    db.session.merge(RunPapers(run_id=run.id, problem=packed.problem, plan=packed.plan, terms=packed.terms))
    db.session.flush()
    of_place = select(MatchRun.id).where(MatchRun.place_id == run.place_id, MatchRun.is_what_if.is_(False))
    current = select(MatchRun.id).where(MatchRun.place_id == run.place_id, MatchRun.state.in_(CURRENT))
    before = db.session.scalar(of_place.where(MatchRun.state == "replaced").order_by(MatchRun.number.desc()).limit(1))
    kept = {run.id, *db.session.scalars(current), *([before] if before is not None else [])}
    db.session.execute(delete(RunPapers).where(RunPapers.run_id.in_(of_place), RunPapers.run_id.not_in(kept)))


def are_kept(run: MatchRun) -> bool:
    """Whether a run's papers are still there."""
    return db.session.scalar(select(RunPapers.run_id).where(RunPapers.run_id == run.id)) is not None


def open_papers(run: MatchRun) -> Papers | None:
    """The papers of a plan; None for a trial, or when they have been let go."""
    kept = db.session.execute(select(RunPapers.problem, RunPapers.plan, RunPapers.terms).where(RunPapers.run_id == run.id)).one_or_none()
    if kept is None:
        return None
    return Papers(open_problem(kept.problem), open_plan(kept.plan), *unpack_terms(kept.terms), weights_of_run(run))


def unpack_terms(packed: bytes) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray, dict[str, np.ndarray], np.ndarray]:
    """(points of each term, metres, kind of each supporter, and of options points and metres) as Papers has them."""
    _head, columns = _unpack(packed)
    terms, wholes = ({name.partition("_")[2]: column for name, column in columns.items() if name.startswith(prefix)} for prefix in ("term_", "whole_"))
    return terms, columns["metres"].astype(np.int64), columns["kind"], wholes, columns.get("far", np.zeros(0)).astype(np.int64)


def open_problem(packed: bytes) -> dict:
    """The other way round of pack_problem."""
    problem, columns = _unpack(packed)
    words = problem.pop("resources", [])
    pairs: dict = {}
    for name, column in columns.items():
        if name == "resource":
            pairs[name] = [words[code] if code >= 0 else None for code in column.tolist()]
        else:
            pairs[name] = np.cumsum(column, dtype=np.int64) if name in RISING else column.astype(np.int64)
    return {**problem, "pairs": pairs}


def open_plan(packed: bytes) -> dict:
    """The other way round of pack_plan."""
    return json.loads(zlib.decompress(packed))


def as_json(thing: dict) -> bytes:
    """A problem or plan as the text of a file that `python -m wishapp.solver check problem.json plan.json` reads."""
    return json.dumps(thing, separators=(",", ":"), default=np.ndarray.tolist).encode()


def _narrow(values: np.ndarray) -> np.ndarray:
    """The same whole numbers in the narrowest type that holds them."""
    for kind in (np.int8, np.int16, np.int32):
        limits = np.iinfo(kind)
        if not len(values) or (values.min() >= limits.min and values.max() <= limits.max):
            return values.astype(kind)
    return values


def _pack(head: dict, columns: dict[str, np.ndarray]) -> bytes:
    file = io.BytesIO()
    np.savez(file, head=np.frombuffer(json.dumps(head, separators=(",", ":")).encode(), dtype=np.uint8), **columns)
    return zlib.compress(file.getbuffer(), QUICK)


def _unpack(packed: bytes) -> tuple[dict, dict[str, np.ndarray]]:
    with np.load(io.BytesIO(zlib.decompress(packed)), allow_pickle=False) as file:
        columns = {name: file[name] for name in file.files}
    return json.loads(columns.pop("head").tobytes()), columns
