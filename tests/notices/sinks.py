"""Receivers for the outbox: a small SMTP server and a small webhook, on real sockets; they can be told to refuse."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer


@dataclass
class Post:
    """What arrived: mails as (addresses, message), calls as (headers, body); `refuse`: how many more to refuse."""

    mails: list[tuple[list[str], Message]] = field(default_factory=list)
    calls: list[tuple[dict[str, str], dict]] = field(default_factory=list)
    refuse: int = 0
    answer: bytes = b'{"errcode": 0}'
    address: str = ""


@contextmanager
def serving(server: ThreadingTCPServer | ThreadingHTTPServer) -> Iterator[int]:
    """Run a server in a thread; yields its port."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Mailbox(StreamRequestHandler):
    """Enough of RFC 5321 for smtplib."""

    def say(self, text: str) -> None:
        """One line of an answer."""
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self) -> None:
        """One conversation."""
        post: Post = self.server.post
        to: list[str] = []
        self.say("220 sink")
        while line := self.rfile.readline():
            verb = line.decode().strip()
            if verb.upper().startswith("DATA"):
                self.say("354 go on")
                body = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    body += part
                if post.refuse > 0:
                    post.refuse -= 1
                    self.say("451 not now")
                    continue
                post.mails.append((list(to), message_from_bytes(body, policy=default)))
                self.say("250 taken")
            elif verb.upper() == "QUIT":
                self.say("221 bye")
                return
            else:
                if verb.upper().startswith("RCPT"):
                    to.append(verb.partition("<")[2].partition(">")[0])
                self.say("250 ok")


class Hook(BaseHTTPRequestHandler):
    """Keeps what is posted."""

    def do_POST(self) -> None:
        """One call."""
        post: Post = self.server.post
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if post.refuse > 0:
            post.refuse -= 1
            self.send_response(503)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        post.calls.append((dict(self.headers), body))
        self.send_response(200)
        self.send_header("Content-Length", str(len(post.answer)))
        self.end_headers()
        self.wfile.write(post.answer)

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@contextmanager
def mail_sink() -> Iterator[Post]:
    """An SMTP server; its post.address is what WISHAPP_MAIL_URL takes."""
    with ThreadingTCPServer(("127.0.0.1", 0), Mailbox) as server:
        server.daemon_threads = True
        server.post = Post()
        with serving(server) as port:
            server.post.address = f"smtp://127.0.0.1:{port}/?from=wishes@example.org"
            yield server.post


@contextmanager
def robot_sink() -> Iterator[Post]:
    """A webhook; its post.address is what WISHAPP_WEBHOOK_URL takes."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        server.daemon_threads = True
        server.post = Post()
        with serving(server) as port:
            server.post.address = f"http://127.0.0.1:{port}/robot"
            yield server.post
