"""How right the estimates of a yes are: simulated histories of a district's offers, then estimates beside what really came.

    python -m benchmarks.acceptance [supporters] [years] [seed]      (36500 2 1 when not said)

Every supporter has an own leaning, half of it towards everything and half of it by kind of help, around the mean of its group; offers come as often as in practice, so
that most people were never asked, or once or twice; leanings drift from year to year. Estimated from everything before the last
quarter, judged on the last quarter. Rivals: everybody's own rate (the mean where there is none), and the group's mean alone.
"""

import sys
import time

import numpy as np

from wishapp.matching.acceptance import Estimates, estimates
from wishapp.matching.crowd import KINDS

HELP = ("goods", "service", "companionship", "repair", "environment", "medical", "learning", "job")
SHARES = (1200 / 36500, 0.95, 300 / 36500, 0.009)  # kinds of supporters, in the order of KINDS
SPREAD = 1.0  # standard deviation of the leanings, in log-odds
OFFERS_A_YEAR = 0.35  # per supporter
UNITS_MORE = 15.0  # times as many for units and teams
QUARTER = 91.0


def simulate(people: int, years: float, dice: np.random.Generator) -> dict[str, np.ndarray]:
    """Columns over offers: supporter, kind (of supporter), help (index), yes, days ago, and the true chance."""
    shares = np.array(SHARES) / sum(SHARES)
    kind = dice.choice(len(KINDS), people, p=shares)
    mean = dice.beta(7, 3, (len(KINDS), len(HELP)))
    middle = np.log(mean[kind] / (1 - mean[kind]))
    leaning = np.sqrt(0.5) * SPREAD * (dice.normal(0, 1, (people, 1)) + dice.normal(0, 1, (people, len(HELP))))
    drift = dice.normal(0, 0.25, (people, len(HELP)))  # a year's drift of the log-odds
    often = np.where((kind == 0) | (kind == 2), UNITS_MORE, 1.0) * OFFERS_A_YEAR
    count = dice.poisson(often * years)
    who = np.repeat(np.arange(people), count)
    days, helps = dice.uniform(0, 365 * years, len(who)), dice.integers(0, len(HELP), len(who))
    odds = (middle + leaning)[who, helps] - drift[who, helps] * days / 365
    true = 1 / (1 + np.exp(-odds))
    return {"supporter": who, "kind": kind[who], "help": helps, "yes": dice.random(len(who)) < true, "days": days, "true": true}


def guesses(known: Estimates, offers: dict[str, np.ndarray]) -> np.ndarray:
    """The estimate for each offer."""
    found = np.zeros(len(offers["yes"]))
    for at, word in enumerate(HELP):
        own = offers["help"] == at
        found[own] = known.of(offers["supporter"][own], offers["kind"][own], word)
    return found


def own_rates(before: dict[str, np.ndarray], after: dict[str, np.ndarray], mean: float) -> np.ndarray:
    """Everybody's own share of yeses for this kind of help; the overall mean for who was never asked."""
    size = int(max(before["supporter"].max(), after["supporter"].max())) + 1
    cell = before["supporter"] * len(HELP) + before["help"]
    asked = np.bincount(cell, minlength=size * len(HELP))
    yes = np.bincount(cell, weights=before["yes"], minlength=size * len(HELP))
    at = after["supporter"] * len(HELP) + after["help"]
    return np.where(asked[at] > 0, yes[at] / np.maximum(1, asked[at]), mean)


def loss(guess: np.ndarray, yes: np.ndarray) -> tuple[float, float]:
    """(Brier score, log loss); rates of 0 and 1 are pulled in by a thousandth so that the latter exists."""
    safe = np.clip(guess, 0.001, 0.999)
    return float(((guess - yes) ** 2).mean()), float(-(yes * np.log(safe) + ~yes * np.log(1 - safe)).mean())


def main(people: int = 36_500, years: int = 2, seed: int = 1) -> None:
    """Simulate, estimate, judge."""
    offers = simulate(people, years, np.random.default_rng(seed))
    is_late = offers["days"] < QUARTER
    before, after = ({name: column[mask] for name, column in offers.items()} for mask in (~is_late, is_late))
    began = time.perf_counter()
    known = estimates(before["supporter"], before["kind"], np.array(HELP)[before["help"]], before["yes"], before["days"] - QUARTER)
    seconds = time.perf_counter() - began
    guess = guesses(known, after)
    print(f"{people} supporters, {len(before['yes'])} offers before and {len(after['yes'])} after, estimated in {1000 * seconds:.0f} ms; "
          f"strength {known.strength:.1f}, {len(known.ids)} supporters with a history")
    print("estimated   offers   mean estimate   said yes")
    for low in np.arange(0.0, 1.0, 0.1):
        inside = (guess >= low) & (guess < low + 0.1)
        if inside.any():
            print(f"{100 * low:3.0f}-{100 * low + 10:3.0f} %  {inside.sum():7d}   {100 * guess[inside].mean():10.1f} %   {100 * after['yes'][inside].mean():7.1f} %")
    group = np.zeros(len(guess))
    for at, word in enumerate(HELP):
        own = after["help"] == at
        group[own] = known.group(word)[after["kind"][own]]
    rivals = {"estimate": guess, "own rate": own_rates(before, after, known.overall), "group mean": group, "the truth": after["true"]}
    for name, column in rivals.items():
        brier, log = loss(column, after["yes"])
        print(f"{name:<11} Brier {brier:.4f}   log loss {log:.4f}")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:4]))
