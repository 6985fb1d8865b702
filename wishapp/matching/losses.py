"""What the plan loses at least when a runner-up must come instead: proven by the plan's own certificate, no search."""

from dataclasses import replace

import numpy as np

from wishapp import solver
from wishapp.matching.plan import Line
from wishapp.matching.snapshot import Snapshot

ONE_BY_ONE = 4000  # so many pairs are looked at with their helper's other tasks counted in; beyond, from the prices alone


def with_losses(snapshot: Snapshot, problem: solver.Problem, plan: dict, lines: list[Line]) -> list[Line]:
    """The lines with each runner-up's least loss as entry[6] (entry[5], the chance of a yes, is None where nobody put it there).

    A plan proven only to within a gap can promise little: then the least loss is often 0, which says nothing against the pair.
    """
    explanation = solver.Explanation(problem, plan)
    pairs = _pairs(snapshot, lines)
    exactly = sum(len(own) for own in pairs) <= ONE_BY_ONE
    made = []
    for line, own in zip(lines, pairs, strict=True):
        losses = [explanation.loss_of_pair(pair) for pair in own.tolist()] if exactly else from_prices(explanation, own).tolist()
        losses = losses or [0] * len(line.runners_up)
        made.append(replace(line, runners_up=[[*entry[:5], entry[5] if len(entry) > 5 else None, loss]
                                              for entry, loss in zip(line.runners_up, losses, strict=True)]))
    return made


def from_prices(explanation: solver.Explanation, pairs: np.ndarray) -> np.ndarray:
    """The weaker bound: what the certificate says against each pair by itself."""
    if explanation.total is None:
        return np.zeros(len(pairs), dtype=np.int64)
    bound = explanation.total + np.minimum(0, explanation.pair_gain[pairs])
    return np.maximum(0, explanation.objective - bound // explanation.scale)


def _pairs(snapshot: Snapshot, lines: list[Line]) -> list[np.ndarray]:
    """For each line, the pair of each of its runners-up."""
    found = []
    for line in lines:
        if line.pair < 0:  # a team that comes whole: the certificate speaks of pairs
            found.append(np.zeros(0, dtype=np.int64))
            continue
        own = snapshot.pairs_of(line.demand)
        rows = np.searchsorted(snapshot.crowd.ids, [entry[0] for entry in line.runners_up])
        found.append(own[np.searchsorted(snapshot.row[own], rows)] if len(rows) else own[:0])
    return found
