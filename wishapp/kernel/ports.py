"""The ports between matching and the kinds of demand it serves. wiring.py supplies the sources."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from wishapp.kernel.roles import Actor


@dataclass(frozen=True)
class OpenDemand:
    """One demand as the matcher sees it: no personal data.

    ref: "wish:12"; tier 0 is most urgent; seats: places still free per role; window: aware start and end, or None;
    minutes: time a helper spends; kind: kind of help; skills: wanted skills; latitude/longitude: schematic, in degrees;
    helped_by: ids of the supporters who have helped the same person before, where the source can tell. in_person: people come
    themselves, so units are not asked (their members are) and a team comes whole; not_for, only_for: ids of supporters whom the
    demand's own conditions rule out, or who alone meet them (None: everybody does).
    """

    ref: str
    title: str
    kind: str
    tier: int
    place_id: int
    place_path: str
    community_id: int
    latitude: float
    longitude: float
    seats: tuple[int, ...]
    minutes: int
    waiting_days: int
    cost: int = 0
    groups: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    window: tuple[datetime, datetime] | None = None
    bundle: str | None = None
    version: int = 0
    missed_rounds: int = 0
    helped_by: frozenset[int] = frozenset()
    in_person: bool = False
    not_for: frozenset[int] = frozenset()
    only_for: frozenset[int] | None = None


@dataclass(frozen=True)
class Promise:
    """A seat (or `seats`, of a team) somebody is asked to take or has taken: `ref` e.g. "claim:7"; state in the words of the claim
    lifecycle. `is_taken_over`: released because they took a place without waiting for the question."""

    ref: str
    demand_ref: str
    supporter_id: int
    state: str
    seats: int = 1
    is_taken_over: bool = False


@dataclass(frozen=True)
class Asking:
    """A supporter about to be asked: for a seat of the demand `ref`, which is kept for them `until` then."""

    ref: str
    supporter_id: int
    until: datetime


@dataclass(frozen=True)
class Engagement:
    """A time at which a supporter is taken up (aware start and end)."""

    supporter_id: int
    start: datetime
    end: datetime


@dataclass(frozen=True)
class DemandCard:
    """What review and offer pages show of a demand: masked, no restricted fields. `window`, `spot`, `run_by`, `skill`: when and where
    people come, who runs it, which skill these seats ask for; `risks`, `safeguards`: what they should know."""

    ref: str
    number: str
    title: str
    story: str
    kind: str
    urgency: str
    beneficiary: str
    place_name: str
    place_path: str
    state: str
    item: str = ""
    quantity: str = ""
    wanted_by: datetime | None = None
    window: tuple[datetime, datetime] | None = None
    spot: str = ""
    run_by: str = ""
    skill: str = ""
    risks: str = ""
    safeguards: str = ""
    url_endpoint: str = ""
    url_values: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class DemandNews:
    """What happened to a demand without the office's doing. `what`: opened (it waits for helpers now), freed (a helper who had said yes
    gave the seat `promise_ref` back), gone (it asks for nobody any more: withdrawn, joined, run out, or its last seat taken directly)."""

    what: str
    ref: str
    place_path: str
    tier: int
    promise_ref: str = ""


class DemandSource(Protocol):
    """What a kind of demand offers the matcher. Every verb runs inside the caller's transaction and re-checks its own seats."""

    prefix: str

    def open_demands(self, path: str, refs: Collection[str] | None = None) -> list[OpenDemand]:
        """Every demand in the subtree (of these refs of this kind, where given) that still has free seats."""

    def cards(self, refs: list[str]) -> dict[str, DemandCard]:
        """Cards for these refs; unknown refs are left out. A constant number of queries."""

    def engagements(self, path: str, supporter_ids: Collection[int] | None = None) -> list[Engagement]:
        """When supporters of the subtree (of these ids, where given) are taken up by demands of this kind from now on."""

    def lock(self, refs: list[str]) -> None:
        """Take, in an order of its own, what several holds or releases of one transaction will lock, so that two such never wait for
        each other in a ring."""

    def hold(self, ref: str, supporter_id: int, *, until: datetime, by: Actor) -> Promise:
        """Take one seat (a whole team's seats, where people come in person) for a supporter who is about to be asked.

        Raises Refused (saying who or what was faster) when none is left.
        """

    def hold_plain(self, asks: list[Asking], others: list[Asking], *, by: Actor) -> list[Promise | None]:
        """hold() for many at once, under lock(), in a number of statements that does not grow with them; the promises in the order of `asks`.

        Only where nothing speaks against it and nobody contends: all asks, and those `others` that come after, together find seats,
        time and room, so that their order does not matter. None for the rest: nothing has been done about it, and hold() decides. SomeoneWasFaster and
        IntegrityError when something moved in between: the caller rolls back and asks hold().
        """

    def release(self, promise_ref: str, *, by: Actor, reason: str, action: str) -> None:
        """Give a held or accepted seat back; action names why: decline, lapse or withdraw."""

    def release_plain(self, promise_refs: list[str], *, by: Actor, reason: str) -> set[str]:
        """release() with the action "withdraw" for many at once, under lock(): of seats that are only held and for which nobody waits
        in a queue; their refs. The others are as they were. Raises as hold_plain()."""

    def start(self, promise_ref: str, *, by: Actor) -> None:
        """The supporter accepted: a held seat becomes an accepted one."""

    def pass_over(self, refs: list[str]) -> None:
        """These demands found nobody in a plan that was adopted: they go first in the next round."""

    def promises(self, refs: list[str]) -> dict[str, Promise]:
        """Promises by their refs."""

    def listen(self, listener: Callable[[DemandNews], None]) -> None:
        """Have `listener` called with every piece of news, inside the transaction in which it happens; the same listener once."""
