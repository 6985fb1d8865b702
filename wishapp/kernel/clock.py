"""One clock for the whole house. Times are aware UTC; only the screen knows Asia/Shanghai."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")
_source: list[Callable[[], datetime]] = []


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _source[-1]() if _source else datetime.now(UTC)


def today() -> date:
    """The present date where the neighbourhoods are."""
    return now().astimezone(LOCAL).date()


def set_for_testing(source: Callable[[], datetime] | None) -> None:
    """Replace the clock (tests and the demo loader's replay only); None puts the real one back."""
    _source.clear()
    if source is not None:
        _source.append(source)
