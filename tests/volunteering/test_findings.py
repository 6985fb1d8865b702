"""What participants find: who may send it, who sees it, one tap to the draft of an issue and back."""

import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from PIL import Image

from tests.factories import csrf_token, make_person, sign_in
from tests.volunteering.scene import Scene
from tests.volunteering.the_day import enter, on_the_day
from tests.wishes.counting import statements
from wishapp.kernel.permissions import Role
from wishapp.store.db import db
from wishapp.volunteering import queries
from wishapp.volunteering.record_models import CallPhoto, Finding


def photo(name: str = "a.jpg") -> tuple[io.BytesIO, str]:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, "JPEG")
    return io.BytesIO(out.getvalue()), name


def send(client: FlaskClient, words: str = "北门路灯不亮。台阶很黑", photos: int = 0, path: str = "/sign-ups/1/finding", **fields: object) -> object:
    return client.post(path, data={"csrf_token": csrf_token(client, "/me"), "words": words, "spot": "北门旁",
                                    "photos": [photo() for _ in range(photos)] if photos >= 0 else (io.BytesIO(b"no photo"), "a.jpg"), **fields})


def post(client: FlaskClient, path: str) -> object:
    return client.post(path, data={"csrf_token": csrf_token(client, "/me")})


def all_of(stage: Scene, model: type) -> list:
    with stage.app.app_context():
        found = list(db.session.scalars(db.select(model).order_by(model.id)))
        db.session.expunge_all()
    return found


@pytest.fixture
def anna(stage: Scene, clock: object) -> FlaskClient:
    """A volunteer on the day."""
    on_the_day(stage, clock, people=2)
    return sign_in(stage.app.test_client(), stage.person(0))


def test_sent_seen_drafted_and_back(stage: Scene, anna: FlaskClient) -> None:
    assert send(anna, photos=2).status_code == 303
    leader = sign_in(stage.app.test_client(), stage.staff)
    page = leader.get("/desk/findings").get_data(as_text=True)
    with leader.get("/desk/findings/photos/1", buffered=True) as picture:
        assert "北门路灯不亮" in page and picture.mimetype == "image/jpeg"
    assert "北门路灯不亮" in leader.get("/desk/calls/1").get_data(as_text=True)
    for _press in range(2):
        assert post(leader, "/desk/findings/1/draft-issue").status_code == 303
    assert all_of(stage, Finding)[0].issue_title == "北门路灯不亮"
    with stage.app.app_context():
        assert [found.id for found in queries.issue_drafts(stage.at.street.path)] == [1] and queries.issue_drafts(stage.at.far_street.path) == []
    assert "北门路灯不亮" in leader.get("/desk/findings?pile=draft").get_data(as_text=True)
    assert post(leader, "/desk/findings/1/undraft-issue").status_code == 303
    assert all_of(stage, Finding)[0].issue_at is None


def test_what_cannot_be_sent(stage: Scene, anna: FlaskClient) -> None:
    """Refused in words, and nothing typed is lost."""
    for words, photos, fields in [("x", 0, {}), ("字" * 301, 0, {}), ("打 13900001234 找我", 0, {}), ("灯坏了", 5, {}), ("灯坏了", 0, {"spot": "长" * 81}), ("灯坏了", -1, {})]:
        answer = send(anna, words, photos, **fields)
        assert answer.status_code == 422 and words[:20] in answer.get_data(as_text=True), (words, photos)
    assert all_of(stage, Finding) == all_of(stage, CallPhoto) == []


def test_others(stage: Scene, anna: FlaskClient, clock: object) -> None:
    """Not for somebody else's sign-up, not long before or after; other places' staff see and do nothing."""
    send(anna, photos=1)
    ben = sign_in(stage.app.test_client(), stage.person(1))
    assert send(ben).status_code == 404
    far = sign_in(stage.app.test_client(), make_person(stage.app, "远社工", (Role.COMMUNITY_STAFF, stage.at.far_community)))
    assert "北门" not in far.get("/desk/findings").get_data(as_text=True)
    assert far.get("/desk/findings/photos/1").status_code == post(far, "/desk/findings/1/draft-issue").status_code == 404
    assert far.get("/desk/findings?call=1").status_code == 404 and ben.get("/desk/findings").status_code == 403
    clock.forward(days=8)
    assert send(anna).status_code == 409


def test_a_long_list_costs_as_little(stage: Scene, anna: FlaskClient) -> None:
    send(anna, photos=1)
    leader = sign_in(stage.app.test_client(), stage.staff)
    leader.get("/desk/findings")
    with statements(stage.app) as few:
        leader.get("/desk/findings")
    for _number in range(4):
        send(anna, photos=2)
    with statements(stage.app) as more:
        leader.get("/desk/findings")
    assert len(more) == len(few) <= 12, few


def test_in_a_browser(stage: Scene, anna: FlaskClient, visit: Callable) -> None:
    """Sent from the phone, looked at from a desk and a phone."""
    mine = enter(visit("phone"), stage.person(0), "/sign-ups/1")
    mine.press("我有发现").fill("发现了什么？", "楼道口电线垂下来了").press("发出去").sees("已经收到")
    send(anna, photos=2)
    desk = enter(visit("desk"), stage.staff, "/desk/findings")
    desk.press("转为事项草稿").sees("已转为事项草稿")
    desk.open("/desk/findings?pile=draft").open("/desk/findings?q=zz")
    enter(visit("phone"), stage.staff, "/desk/findings")
