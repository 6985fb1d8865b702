"""How long the office takes to turn a whole district into a problem: rules and score terms over all pairs.

    python benchmarks/snapshot.py [demands] [supporters]      (6000 36500 when not said; prints seconds, pairs, memory)
"""

import resource
import sys
import time

import numpy as np

from wishapp.kernel.ports import OpenDemand
from wishapp.matching.crowd import MEMBER, TEAM, UNIT, Crowd
from wishapp.matching.snapshot import Options, take_snapshot

HELP = ("goods", "service", "companionship", "repair", "environment", "medical", "learning", "job")
SKILLS = ("nursing", "haircut", "electrics", "plumbing", "tutoring", "law")
COMMUNITIES = 139


def district(people: int, random: np.random.Generator) -> tuple[Crowd, np.ndarray]:
    """A crowd of this size over 139 communities on 12 x 12 km, and the communities' centres (latitude, longitude)."""
    centres = np.stack([36.6 + 0.11 * random.random(COMMUNITIES), 117.0 + 0.13 * random.random(COMMUNITIES)], axis=1)
    home = random.integers(0, COMMUNITIES, people)
    kind = np.where(random.random(people) < 1200 / 36500, UNIT, np.where(random.random(people) < 0.008, TEAM, MEMBER)).astype(np.int8)
    quota = np.where(kind == UNIT, random.integers(2, 13, people), 0)
    units = np.flatnonzero(kind == UNIT)
    free = random.random((people, 7, 3)) < 0.3
    return Crowd(
        ids=np.arange(1, people + 1), names=[f"{number}" for number in range(people)], kind=kind,
        latitude=centres[home, 0] + random.normal(0, 0.003, people), longitude=centres[home, 1] + random.normal(0, 0.003, people),
        radius=random.choice([1000, 2000, 3000, 5000], people), community=home + 1, size=np.ones(people, dtype=np.int64),
        helps={word: random.random(people) < 0.3 for word in HELP}, skills={word: random.random(people) < 0.1 for word in SKILLS},
        left={}, quota={}, left_any=quota, quota_any=quota, minutes=random.integers(0, 480, people), free=free, has_times=free.any(axis=(1, 2)),
        load=random.poisson(0.3, people), declines=random.poisson(0.1, people),
        paired={community + 1: np.sort(random.choice(units, 8, replace=False)) for community in range(COMMUNITIES)},
        known={}, marks={}), centres


def wishes(count: int, centres: np.ndarray, random: np.random.Generator) -> list[OpenDemand]:
    """Open wishes spread over the communities; a third of them want a skill."""
    made = []
    for number in range(count):
        community = int(random.integers(0, COMMUNITIES))
        skills = frozenset({str(random.choice(SKILLS))}) if random.random() < 0.33 else frozenset()
        made.append(OpenDemand(
            ref=f"wish:{number}", title="", kind=str(random.choice(HELP)), tier=int(random.integers(0, 3)), place_id=community + 1,
            place_path=f"/1/{community + 1}/", community_id=community + 1, latitude=float(centres[community, 0] + random.normal(0, 0.003)),
            longitude=float(centres[community, 1] + random.normal(0, 0.003)), seats=(1,), minutes=60, waiting_days=int(random.integers(0, 60)),
            skills=skills))
    return made


def main(count: int = 6000, people: int = 36500) -> None:
    random = np.random.default_rng(1)
    crowd, centres = district(people, random)
    demands = wishes(count, centres, random)
    began = time.perf_counter()
    snapshot = take_snapshot(demands, crowd, options=Options())
    seconds = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count} demands x {people} supporters: {len(snapshot.demand)} pairs in {seconds:.1f} s, {memory:.0f} MB")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:3]))
