"""The site on a free port, served by waitress from a thread of the test, on the test's own database."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from waitress.server import create_server


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve `app`; yields its address without a trailing slash."""
    server = create_server(app, host="127.0.0.1", port=0, threads=6, clear_untrusted_proxy_headers=True)
    is_closing = threading.Event()

    def serve() -> None:
        try:
            server.run()
        except OSError:  # the loop may look once more at the socket just closed
            if not is_closing.is_set():
                raise

    thread = threading.Thread(target=serve, name="live-server", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        is_closing.set()
        server.close()
        thread.join(timeout=10)
