"""How long a worker may be silent before others take its job, and how long a failed one waits."""

from datetime import datetime, timedelta

from wishapp.kernel import clock

LEASE = timedelta(seconds=40)
HEARTBEAT = 10.0  # seconds
MOST_ATTEMPTS = 8


def lease_end() -> datetime:
    """Until when a lease taken or renewed now holds."""
    return clock.now() + LEASE


def retry_at(attempt: int) -> datetime:
    """When a job that failed for the `attempt`-th time is tried again: 5 s, 10 s, 20 s … at most 10 minutes."""
    return clock.now() + timedelta(seconds=min(600, 5 * 2 ** (attempt - 1)))
