"""A worker process: huey's consumer with one working thread, so that a long solve holds up nobody but itself."""

import os
import signal
import sys
import threading
import time

import structlog
from flask import Flask
from huey.consumer import Consumer

from wishapp.jobs import queue, registry, run

log = structlog.get_logger()
PATIENCE = 8.0  # seconds a stopping worker waits for its job to notice
MAX_DELAY = 0.1  # seconds between looks into an idle queue: repairs are to begin at once


def work(app: Flask, *, is_periodic: bool = True, ends_with_input: bool = False) -> None:
    """Work until SIGTERM or SIGINT. `is_periodic`: also add periodic jobs (on one machine of several only; doubling is harmless).
    `ends_with_input`: also stop when standard input closes, so that no worker outlives the server that started it."""
    place = queue.connect(app.config["QUEUE_URL"])
    place.app = app
    consumer = Consumer(
        place.huey, workers=1, worker_type="thread", periodic=is_periodic, initial_delay=0.1, backoff=1.2, max_delay=MAX_DELAY, scheduler_interval=1,
    )
    consumer.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: consumer.stop_flag.set())
    if ends_with_input:
        threading.Thread(target=_wait_for_end, args=(consumer,), daemon=True).start()
    place.sweep()
    log.info("worker_started", pid=os.getpid(), periodic=is_periodic)
    for kind in registry.KINDS.values():
        if kind.get_ready is not None:
            kind.get_ready()
    while not consumer.stop_flag.wait(1.0):
        consumer.check_worker_health()
    run.stop_running()
    _leave(consumer)


def _wait_for_end(consumer: Consumer) -> None:
    sys.stdin.buffer.read()
    consumer.stop_flag.set()


def _leave(consumer: Consumer) -> None:
    """Give the job in hand a moment to notice; after that the lease runs out and others take it."""
    deadline = time.monotonic() + PATIENCE
    for thread in [thread for _, thread in consumer.worker_threads]:
        thread.join(max(0.0, deadline - time.monotonic()))
    log.info("worker_stopped", pid=os.getpid())
    sys.stdout.flush()
    os._exit(0)
