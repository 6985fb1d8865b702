"""Who could take a proposal's place: the plan's runners-up, each looked at again as things stand now."""

from dataclasses import dataclass

import numpy as np

from wishapp.matching import eligibility, scores, sources
from wishapp.matching.crowd import read_crowd
from wishapp.matching.models import Proposal
from wishapp.matching.plan import load
from wishapp.matching.weighting import weights_of_run
from wishapp.matching.wholes import come_whole


@dataclass(frozen=True)
class Partner:
    """A runner-up: `loss` in points against the proposal, `metres`, `reasons`, and the names of rules that now stand in the way."""

    supporter_id: int
    name: str
    kind: str
    loss: int
    metres: int
    reasons: list
    broken: list[str]

    @property
    def is_feasible(self) -> bool:
        """May this one be asked now."""
        return not self.broken


def partners(proposal: Proposal, kinds: dict[int, object]) -> list[Partner]:
    """The proposal's runners-up, feasible ones first, then by loss. `kinds`: supporters by id (see queries.supporters_by_id)."""
    ids = [entry[0] for entry in proposal.runners_up if entry[0] in kinds]
    demand = next((demand for demand in sources.open_demands(proposal.place_path) if demand.ref == proposal.demand_ref), None)
    crowd = read_crowd(proposal.place_path, only=ids) if ids else None
    weights = weights_of_run(proposal.run)
    found = []
    for entry in proposal.runners_up:
        supporter = kinds.get(entry[0])
        row = crowd.row_of(entry[0]) if crowd is not None else None
        if supporter is None:
            continue
        broken, reasons = ["away"], []
        if row is not None and demand is not None:
            broken, reasons = eligibility.broken_rules(demand, crowd, row), scores.reasons(demand, crowd, row, entry[2], weights)
        elif row is not None:
            broken = []
        found.append(Partner(entry[0], supporter.name, supporter.kind, entry[1], entry[2], reasons, broken))
    return sorted(found, key=lambda partner: (not partner.is_feasible, partner.loss))


def fit(proposal: Proposal, supporter_id: int, metres: int) -> dict:
    """seats, reasons, load_after and load_quota for somebody else on the same demand, as things stand now."""
    crowd = read_crowd(proposal.place_path, only=[supporter_id])
    row = crowd.row_of(supporter_id)
    demand = next((demand for demand in sources.open_demands(proposal.place_path) if demand.ref == proposal.demand_ref), None)
    if row is None or demand is None:
        return {"seats": proposal.seats, "reasons": [], "load_after": 0, "load_quota": 0}
    after, quota = load(crowd, row, 1)
    whole = bool(come_whole(demand, crowd, np.array([row]))[0])
    return {"seats": int(crowd.size[row]) if whole else 1,
            "reasons": scores.reasons(demand, crowd, row, metres, weights_of_run(proposal.run)), "load_after": after, "load_quota": quota}
