"""`wishapp serve`: one process tree with the web server (waitress) and the workers, which stop and start together.

The workers are processes of their own, so that a solve never holds up a page. Their standard input is a pipe from here: when
this process dies in whatever way, they read its end and stop too.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from types import FrameType

import structlog
from flask import Flask
from waitress.server import create_server

log = structlog.get_logger()
THREADS = 8
GRACE = 10.0  # seconds the workers have for stopping
LONGEST_WAIT = 30.0  # seconds before a worker that keeps dying is started again


class Workers:
    """So many worker processes, kept alive by a thread until `stop`."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.processes: list[subprocess.Popen] = []
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="workers", daemon=True)

    def start(self) -> None:
        """Start them all."""
        self.processes = [start_worker(is_periodic=number == 0) for number in range(self.count)]
        self._keeper.start()

    def _keep(self) -> None:
        waits = [0.0] * self.count
        born = [time.monotonic()] * self.count
        while not self._stopping.wait(0.5):
            for number, process in enumerate(self.processes):
                if process.poll() is None:
                    continue
                lived = time.monotonic() - born[number]
                waits[number] = 0.0 if lived > LONGEST_WAIT else min(LONGEST_WAIT, waits[number] * 2 + 1)
                log.warning("worker_died", code=process.returncode, restart_in=waits[number])
                if self._stopping.wait(waits[number]):
                    return
                self.processes[number] = start_worker(is_periodic=number == 0)
                born[number] = time.monotonic()

    def stop(self) -> None:
        """Stop them all; those that do not stop in time are killed (their jobs are taken up again at the next start)."""
        self._stopping.set()
        self._keeper.join()
        for process in self.processes:
            process.terminate()
        deadline = time.monotonic() + GRACE
        for process in self.processes:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdin.close()


def start_worker(*, is_periodic: bool) -> subprocess.Popen:
    """A worker process in a group of its own, so that Ctrl-C reaches it through us and not twice."""
    command = [sys.executable, "-m", "wishapp", "worker", "--ends-with-input"]
    return subprocess.Popen(command if is_periodic else [*command, "--no-periodic"], stdin=subprocess.PIPE, process_group=0)


def serve(app: Flask, *, host: str, port: int, workers: int) -> None:
    """Serve until SIGINT or SIGTERM, then stop everything in order. Prints the address once it answers."""
    try:
        server = create_server(app, host=host, port=port, threads=THREADS, ident=None, clear_untrusted_proxy_headers=True)
    except OSError as error:
        raise SystemExit(f"Port {port} cannot be used ({error.strerror}). Another one: make run PORT={port + 1}") from error
    crew = Workers(workers)
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    try:
        crew.start()
        address = f"http://{host if host != '0.0.0.0' else '127.0.0.1'}:{server.effective_port}"
        sys.stdout.write(f"\n  {address}    (Ctrl-C stops)\n\n")
        sys.stdout.flush()
        server.run()  # ends at the SystemExit that _leave raises
    except SystemExit:
        pass
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        server.close()
        crew.stop()
        log.info("stopped", pid=os.getpid())


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
