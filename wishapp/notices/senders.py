"""Adapters to the world outside: e-mail over SMTP, a chat robot's webhook, or nothing but a line in the log.

Addresses of the services come from WISHAPP_MAIL_URL and WISHAPP_WEBHOOK_URL:
    console:                                      a line in the log, without the text (default)
    smtp://user:password@host:587/?from=a@b&starttls=1      or smtps://…:465/?from=a@b
    https://…                                     the robot's webhook
"""

import json
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qs, unquote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import structlog

log = structlog.get_logger()
TIMEOUT = 10
MOST_ANSWER = 64 * 1024


class SendFailed(Exception):
    """The service did not take the message; it may later. Says why in one word, never what was sent."""


@dataclass(frozen=True)
class Message:
    """One message: `key` stays the same however often it is sent, so that the receiver can drop a second copy."""

    key: str
    text: str
    subject: str = ""
    address: str = ""


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_args: object) -> None:
        return None


def send_mail(service: str, message: Message) -> None:
    """Send an e-mail; raises SendFailed."""
    parts = urlsplit(service)
    if parts.scheme == "console":
        log.info("mail_on_console", key=message.key)
        return
    options = {name: values[0] for name, values in parse_qs(parts.query).items()}
    mail = EmailMessage()
    mail["From"] = options.get("from", "no-reply@localhost")
    mail["To"] = message.address
    mail["Subject"] = " ".join(message.subject.split())  # people's words may hold line ends of every kind; a header holds none
    mail["Message-ID"] = f"<{message.key}@{mail['From'].partition('@')[2] or 'localhost'}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    try:
        with _connected(parts, options) as server:
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(mail)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise SendFailed(type(error).__name__) from error


def _connected(parts: object, options: dict[str, str]) -> smtplib.SMTP:
    if parts.scheme == "smtps":
        return smtplib.SMTP_SSL(parts.hostname, parts.port or 465, timeout=TIMEOUT, context=ssl.create_default_context())
    server = smtplib.SMTP(parts.hostname, parts.port or 25, timeout=TIMEOUT)
    if options.get("starttls") == "1":
        server.starttls(context=ssl.create_default_context())
    return server


def call_robot(service: str, message: Message) -> None:
    """Post to the robot: the JSON body that WeCom and DingTalk group robots understand, and the key in it and as a header."""
    if urlsplit(service).scheme == "console":
        log.info("robot_on_console", key=message.key)
        return
    body = {"msgtype": "text", "text": {"content": message.text}, "id": message.key}
    request = Request(service, data=json.dumps(body, ensure_ascii=False).encode(), method="POST",
                      headers={"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": message.key})
    try:
        with build_opener(_NoRedirect).open(request, timeout=TIMEOUT) as answer:
            _check_answer(answer.read(MOST_ANSWER))
    except HTTPError as error:
        error.close()
        raise SendFailed(f"HTTP {error.code}") from error
    except (URLError, OSError, ValueError) as error:
        raise SendFailed(type(error).__name__) from error


def _check_answer(body: bytes) -> None:
    """These robots answer 200 even when they refuse, with an error code in the body."""
    try:
        answer = json.loads(body or b"{}")
    except ValueError:
        return
    if isinstance(answer, dict) and answer.get("errcode") not in (None, 0):
        raise SendFailed(f"errcode {answer['errcode']}")
