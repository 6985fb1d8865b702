"""A crowd of claimants in several processes, each asking the real pages. Started as processes by test_races."""

import time
from multiprocessing.synchronize import Barrier

from flask import Flask, g
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import func, select

import wishapp
from tests import databases
from tests.wishes.scene import SECRET_NAME
from wishapp.accounts.models import User
from wishapp.kernel.errors import Refused
from wishapp.store.db import db
from wishapp.store.transaction import retrying, transaction
from wishapp.web.ui import Shell
from wishapp.wishes import claims, queries, service
from wishapp.wishes.models import Claim, Wish


def make_app(url: str, folder: str) -> Flask:
    """The application of one process; forms' tokens and the pages' navigation are left out, everything else is as always."""
    app = wishapp.create_app({
        "TESTING": True, "SQLALCHEMY_DATABASE_URI": url, "INSTANCE": folder, "WTF_CSRF_ENABLED": False, "PROPAGATE_EXCEPTIONS": False,
    })
    app.extensions["wishapp_shell"] = Shell()
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(databases.shared_folder()), "%s.template")
    return app


def be_careless() -> None:
    """The control: count first, write later, as the known systems do. Only in this process, and only for the test."""
    careful = queries.access_wish

    def count_then_go(*args: object) -> Wish:
        wish = careful(*args)
        g.seen = db.session.scalar(select(func.count()).select_from(Claim).where(Claim.wish_id == wish.id))
        time.sleep(0.1)  # long enough for the others also on a busy machine
        return wish

    def take_without_looking(wish: Wish) -> None:
        if g.seen >= wish.seats:
            raise Refused("full")

    queries.access_wish = count_then_go
    claims.take_seat = take_without_looking


def claim_many(url: str, folder: str, wish_id: int, claimants: list[tuple[int, int]], gate: Barrier, is_careless: bool) -> list[int]:
    """Each (user id, supporter id) presses "I can do this"; the statuses answered."""
    app = make_app(url, folder)
    if is_careless:
        be_careless()
    app.test_client().get("/no-such-page")  # everything that a press needs has been loaded before the gate opens
    gate.wait()
    answers = []
    for user_id, supporter_id in claimants:
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = f"{user_id}:1"
        answers.append(client.post(f"/wishes/{wish_id}/claim", data={"supporter_id": supporter_id}).status_code)
    return answers


def submit_many(url: str, folder: str, user_id: int, community_id: int, count: int, gate: Barrier) -> list[str]:
    """Submit wishes one after another; the numbers they got."""
    app = make_app(url, folder)
    numbers = []
    with app.app_context():
        actor = db.session.get(User, user_id).actor
        db.session.remove()
        gate.wait()

        def one() -> str:
            with transaction():
                draft = service.WishDraft(title="想要一样东西", kind="goods", community_id=community_id, beneficiary_name=SECRET_NAME)
                return service.submit_wish(by=actor, draft=draft).number

        for _turn in range(count):
            numbers.append(retrying(one))
    return numbers
