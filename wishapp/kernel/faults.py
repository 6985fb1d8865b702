"""Named fault points: places in the code where tests make a process sleep, raise or die. Dead unless the application is testing.

    faults.point("match.before_save")          # in the code
    WISHAPP_FAULTS="match.before_save=kill"    # in a test's environment; also sleep:2.5, raise; several separated by commas
"""

import os
import signal
import time

_armed: dict[str, str] = {}


class FaultInjected(Exception):
    """What a fault point raises when told to."""


def arm(is_testing: bool, orders: str = "") -> None:
    """Set what happens at which point (create_app does); everything is disarmed unless `is_testing`. ValueError on an unknown order."""
    _armed.clear()
    if not is_testing:
        return
    for order in filter(None, (part.strip() for part in orders.split(","))):
        name, _, what = order.partition("=")
        if what not in ("kill", "raise") and not what.startswith("sleep:"):
            raise ValueError(f"unknown fault: {order}")
        _armed[name] = what


def point(name: str) -> None:
    """A place where a test may strike; otherwise nothing."""
    what = _armed.get(name)
    if what is None:
        return
    if what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "raise":
        raise FaultInjected(name)
    time.sleep(float(what.removeprefix("sleep:")))
