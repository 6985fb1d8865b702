"""What counts how much and how strongly help is spread: the numbers of one version of weights. HOUSE is the start of every district."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wishapp.matching.crowd import KINDS, MEMBER, TEAM, UNIT, VOLUNTEER

USUAL_PERCENT, MOST_PERCENT = 100, 300
NONE, GENTLE, USUAL, STRONG = range(4)
STRENGTHS = (0, 50, 100, 200)  # none, gentle, usual, strong: per cent of the usual costs and bonuses
PLACES = "places"
SPREADS = (*(str(kind) for kind in KINDS), PLACES)
# fair load: the first seats of a round cost nothing, further ones more and more
LOAD_STEPS = {UNIT: [[2, 0], [2, 40], [3, 80], [3, 140]], MEMBER: [[1, 0], [1, 60]], TEAM: [[2, 0], [2, 50]], VOLUNTEER: [[1, 0], [1, 60]]}
# a community's first served seats carry a bonus, so that none is left far behind: shares of its open seats and their bonus
EQUITY = ((0.3, 60), (0.3, 30))


@dataclass(frozen=True)
class Weights:
    """`percent`: {term: 0-300}, 100 where it says nothing; `spread`: {kind of helper or "places": 0-3}, usual (2) where it says nothing."""

    percent: Mapping[str, int] = field(default_factory=dict)
    spread: Mapping[str, int] = field(default_factory=dict)

    def of_term(self, name: str) -> int:
        """Weight of a score term in per cent."""
        return int(self.percent.get(name, USUAL_PERCENT))

    def strength(self, name: str) -> int:
        """How strongly to spread over this kind of helper, or over "places": 0 none, 1 gentle, 2 usual, 3 strong."""
        return int(self.spread.get(name, USUAL))

    def load_steps(self, kind: int) -> list[list[int]]:
        """[[seats, cost of each], …] for a kind of helper (index into KINDS); empty when it is not to be spread."""
        share = STRENGTHS[self.strength(str(KINDS[kind]))]
        return [[seats, cost * share // 100] for seats, cost in LOAD_STEPS[kind]] if share else []

    def step_cost(self, kind: int, seat: int) -> int:
        """What the seat-th seat of a round costs a helper of this kind; counts from 1."""
        steps = self.load_steps(kind)
        for count, cost in steps:
            if seat <= count:
                return cost
            seat -= count
        return steps[-1][1] if steps else 0

    def place_steps(self, seats: Mapping[str, int]) -> dict[str, dict]:
        """The problem's "places" for {place: open seats}: bonuses for the first seats served there; none without spreading."""
        share = STRENGTHS[self.strength(PLACES)]
        if not share:
            return {}
        return {place: {"steps": [[max(1, round(total * part)), bonus * share // 100] for part, bonus in EQUITY]} for place, total in seats.items()}


HOUSE = Weights()
