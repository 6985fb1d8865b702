"""A view that is run again: every file is read from its beginning, a row deleted meanwhile is a 404, a refusal keeps no key."""

import io
from collections.abc import Callable

import pytest
from flask import Flask, request
from sqlalchemy import delete, func, select

from tests.factories import Neighbourhood, Person, sign_in
from wishapp.kernel.errors import Forbidden, NotFound
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.idempotency import RequestKey
from wishapp.store.transaction import Conflict, transaction
from wishapp.web.guards import guard, public


@pytest.fixture
def shelf(make_app: Callable[..., Flask]) -> Flask:
    """An app with a few views of the test's own."""
    app = make_app(WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    tries: list[int] = []

    @app.post("/photos")
    @public
    def photos() -> str:
        sizes = [len(sent.stream.read()) for sent in request.files.getlist("photos")]
        if not tries:
            tries.append(1)
            raise Conflict("x")
        return ",".join(map(str, sizes))

    @app.post("/rename/<int:place_id>")
    @public
    def rename(place_id: int) -> str:
        place = db.session.get(Place, place_id)
        if place is None:
            raise NotFound()
        with db.engine.begin() as somebody_else:
            somebody_else.execute(delete(Place).where(Place.id == place_id))
        with transaction():
            place.name = f"{place.name}2"
        return "done"

    @app.post("/not-yours")
    @guard("account.use")
    def not_yours() -> str:
        raise Forbidden()

    return app


def test_every_file_is_read_again(shelf: Flask) -> None:
    data = {"photos": [(io.BytesIO(b"a" * 5), "a.jpg"), (io.BytesIO(b"b" * 7), "b.jpg")]}
    assert shelf.test_client().post("/photos", data=data).get_data(as_text=True) == "5,7"


def test_a_row_deleted_meanwhile_is_a_404(shelf: Flask) -> None:
    with shelf.app_context(), transaction():
        db.session.add(Place(id=7, code="7", name="甲", level="community", path="/7/"))
    assert shelf.test_client().post("/rename/7").status_code == 404


def test_a_refused_send_is_refused_again(shelf: Flask, neighbourhood: Neighbourhood, person: Callable[..., Person]) -> None:
    client = sign_in(shelf.test_client(), person("甲", lives_in=neighbourhood.community))
    for _time in range(2):
        assert client.post("/not-yours", data={"request_key": "k"}).status_code == 403
    with shelf.app_context():
        assert db.session.scalar(select(func.count()).select_from(RequestKey)) == 0
