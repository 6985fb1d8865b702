"""Somebody to tell, and where messages arrive."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.notices.sinks import Post, mail_sink, robot_sink
from wishapp.accounts.models import User
from wishapp.kernel import clock
from wishapp.notices import service
from wishapp.store.db import db
from wishapp.store.transaction import transaction


@pytest.fixture
def mails() -> Iterator[Post]:
    """The SMTP sink."""
    with mail_sink() as post:
        yield post


@pytest.fixture
def robot() -> Iterator[Post]:
    """The webhook sink."""
    with robot_sink() as post:
        yield post


@pytest.fixture
def office(make_app: Callable[..., Flask], mails: Post, robot: Post) -> Iterator[Flask]:
    """An app context whose messages go to the sinks."""
    app = make_app(MAIL_URL=mails.address, WEBHOOK_URL=robot.address, PUBLIC_URL="https://wishes.example.org")
    with app.app_context():
        yield app


@pytest.fixture
def reader(office: Flask) -> Callable[..., int]:
    """`reader("甲", email="a@example.org")`: an account; returns its id."""

    def make(username: str, *, email: str | None = None, lang: str | None = None) -> int:
        with transaction():
            user = User(username=username, display_name="测某", email=email, prefers_lang=lang, created_at=clock.now())
            db.session.add(user)
        return user.id

    return make


def ask(user_ids: list[int], title: str = "一辆轮椅", *, proposal_id: int = 1, **params: object) -> int:
    """Announce an offer to these people (it also goes out by e-mail)."""
    with transaction():
        return service.announce("proposal", "approve", thing_id=proposal_id, people={"supporter": user_ids},
                                params={"title": title, "until": "2026-06-12T10:00:00+00:00", **params}, endpoint="notices.inbox")
