"""Shifts and queues against the plain model at length: three times as long as the tests do.

    python -m benchmarks.waitlist [runs] [steps]      (1000 50 when not said)

Fails with the first run after which the model (tests/volunteering/model.py) and the services differ, and prints its steps.
"""

import sys
import tempfile
import time
from pathlib import Path

from tests import databases
from tests.volunteering.machine import machine_of, play, world


def main(runs: int = 1000, steps: int = 50) -> None:
    """Play, and say how long it took."""
    databases.open_shared_folder()
    try:
        with tempfile.TemporaryDirectory() as folder, world(Path(folder)) as made:
            began = time.monotonic()
            play(machine_of(made), runs, steps)
            print(f"{runs} runs of {steps} steps: model and services agree, {time.monotonic() - began:.0f} s")
    finally:
        databases.close_shared_folder()


if __name__ == "__main__":
    main(*[int(word) for word in sys.argv[1:]])
