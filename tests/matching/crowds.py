"""Hand-made crowds and demands for tests of rules and terms: one keyword per thing a test is about."""

from dataclasses import replace
from datetime import datetime

import numpy as np

from wishapp.kernel.ports import OpenDemand
from wishapp.matching.crowd import KINDS, Crowd

HERE = (36.66, 117.02)
METRES = 111_195.0


def demand(ref: str = "wish:1", **changes: object) -> OpenDemand:
    """A demand for goods, this week, at HERE, in community 4."""
    plain = OpenDemand(
        ref=ref, title="一辆轮椅", kind="goods", tier=1, place_id=4, place_path="/1/2/3/4/", community_id=4, latitude=HERE[0], longitude=HERE[1],
        seats=(1,), minutes=60, waiting_days=0)
    return replace(plain, **changes)


def one(kind: str = "unit", **changes: object) -> dict:
    """A supporter as a dict for `crowd`: helps with goods, 3 km, promise of 5 of any kind, 240 minutes."""
    return {"kind": kind, "metres": 0, "radius": 3000, "community": 4, "helps": ("goods",), "skills": (), "left": {}, "quota": {}, "any": 5,
            "minutes": 240, "free": None, "load": 0, "declines": 0, "size": 1} | changes


def crowd(*entries: dict, paired: tuple = (), known: tuple = (), marks: dict | None = None) -> Crowd:
    """Supporters with ids 101, 102, …; `metres` north of HERE; `paired`, `known`: rows for community 4."""
    n = len(entries)

    def column(name: str, of: type = np.int64) -> np.ndarray:
        return np.array([entry[name] for entry in entries], dtype=of)

    def flags(name: str) -> dict[str, np.ndarray]:
        words = {word for entry in entries for word in entry[name]}
        return {word: np.array([word in entry[name] for entry in entries], dtype=bool) for word in words}

    def amounts(name: str) -> dict[str, np.ndarray]:
        words = {word for entry in entries for word in entry[name]}
        return {word: np.array([entry[name].get(word, 0) for entry in entries], dtype=np.int64) for word in words}

    free = np.zeros((n, 7, 3), dtype=bool)
    for row, entry in enumerate(entries):
        for weekday, part in entry["free"] or ():
            free[row, weekday, part] = True
    return Crowd(
        ids=np.arange(101, 101 + n), names=[f"样例{row}" for row in range(n)], kind=np.array([KINDS.index(entry["kind"]) for entry in entries], dtype=np.int8),
        latitude=np.array([HERE[0] + entry["metres"] / METRES for entry in entries]), longitude=np.full(n, HERE[1]), radius=column("radius"),
        community=column("community"), size=column("size"), helps=flags("helps"), skills=flags("skills"), left=amounts("left"), quota=amounts("quota"),
        left_any=column("any"), quota_any=column("any"), minutes=column("minutes"), free=free,
        has_times=np.array([entry["free"] is not None for entry in entries], dtype=bool), load=column("load"), declines=column("declines"),
        paired={4: np.array(paired, dtype=np.int64)} if paired else {}, known={4: np.array(known, dtype=np.int64)} if known else {}, marks=marks or {})


def window(start: str, end: str) -> tuple[datetime, datetime]:
    """Two moments in Shanghai."""
    return datetime.fromisoformat(start + "+08:00"), datetime.fromisoformat(end + "+08:00")
