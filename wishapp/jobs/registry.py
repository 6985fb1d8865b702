"""Which function does which kind of work, and what happens by the clock. Slices register theirs when they are imported."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

Work = Callable[[Any], dict | None]


@dataclass(frozen=True)
class Kind:
    """A kind of job: `work` does it; `on_failure(job, why)` is told when it ends failed or cancelled; `minutes` between
    periodic runs, or None; `get_ready()` is called once when a worker starts."""

    name: str
    work: Work
    on_failure: Callable[[Any, str], None] | None = None
    minutes: int | None = None
    get_ready: Callable[[], None] | None = None


KINDS: dict[str, Kind] = {}


def job(kind: str, *, on_failure: Callable[[Any, str], None] | None = None, get_ready: Callable[[], None] | None = None) -> Callable[[Work], Work]:
    """Register a function as the work of `kind`: it gets a JobHandle and may return a dict of results (JSON).

    It may run again from the start after a crash, so what it saves must be safe to repeat, or be saved together with
    `handle.finish(…)` in one transaction. `on_failure(handle, why)` runs once when the job ends failed or cancelled. `get_ready()` loads
    beforehand what the first job of this kind would have to wait for.
    """

    def register(work: Work) -> Work:
        KINDS[kind] = Kind(kind, work, on_failure, KINDS[kind].minutes if kind in KINDS else None, get_ready)
        return work

    return register


def every(kind: str, minutes: int) -> None:
    """Have a registered kind run by itself every so many minutes (slots counted from midnight UTC)."""
    KINDS[kind] = replace(KINDS[kind], minutes=minutes)


def periodic() -> list[Kind]:
    """Kinds that run by themselves."""
    return [kind for kind in KINDS.values() if kind.minutes]
