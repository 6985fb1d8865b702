"""The kinds of demand the office serves. wiring registers each kind's source; a ref such as "wish:12" names its source and its row."""

from collections.abc import Callable, Collection

from wishapp.kernel.errors import NotFound
from wishapp.kernel.ports import DemandCard, DemandNews, DemandSource, Engagement, OpenDemand

SOURCES: dict[str, DemandSource] = {}
LISTENERS: list[Callable[[DemandNews], None]] = []


def register(source: DemandSource) -> None:
    """Make a kind of demand known (once per process; the same prefix again replaces it)."""
    SOURCES[source.prefix] = source
    source.listen(_heard)


def _heard(news: DemandNews) -> None:
    for listener in LISTENERS:
        listener(news)


def source_for(ref: str) -> DemandSource:
    """The source of a demand ref; NotFound for a prefix nobody registered."""
    prefix, _, _ = ref.partition(":")
    if prefix not in SOURCES:
        raise NotFound()
    return SOURCES[prefix]


def open_demands(path: str, refs: Collection[str] | None = None) -> list[OpenDemand]:
    """Every demand with free seats in the subtree, of every kind, in the order of refs. `refs`: only these of them."""
    if refs is None:
        found = [demand for source in SOURCES.values() for demand in source.open_demands(path)]
    else:
        found = [demand for prefix, own in _by_prefix(refs).items() for demand in SOURCES[prefix].open_demands(path, own)]
    return sorted(found, key=lambda demand: demand.ref)


def engagements(path: str, supporter_ids: Collection[int] | None = None) -> list[Engagement]:
    """When supporters of the subtree (of these ids, where given) are taken up, by demands of whatever kind."""
    return [entry for source in SOURCES.values() for entry in source.engagements(path, supporter_ids)]


def cards(refs: list[str]) -> dict[str, DemandCard]:
    """Cards of these refs: one call per kind of demand."""
    found: dict[str, DemandCard] = {}
    for prefix, own in _by_prefix(refs).items():
        found.update(SOURCES[prefix].cards(own))
    return found


def card(ref: str) -> DemandCard:
    """The card of one demand; NotFound when it is gone."""
    found = cards([ref]).get(ref)
    if found is None:
        raise NotFound()
    return found


def lock(refs: list[str]) -> None:
    """Before several holds or releases in one transaction: each source takes its locks in one order, and one source after the other."""
    for prefix, own in sorted(_by_prefix(refs).items()):
        SOURCES[prefix].lock(own)


def _by_prefix(refs: Collection[str]) -> dict[str, list[str]]:
    """The refs of each registered kind."""
    found: dict[str, list[str]] = {}
    for ref in refs:
        prefix = ref.partition(":")[0]
        if prefix in SOURCES:
            found.setdefault(prefix, []).append(ref)
    return found


def pass_over(refs: list[str]) -> None:
    """Tell each source which demands found nobody in an adopted plan."""
    for prefix, own in _by_prefix(refs).items():
        SOURCES[prefix].pass_over(own)
