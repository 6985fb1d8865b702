"""Without an account: a private link is all there is to it, and all one needs."""

import re

import pytest
from flask.testing import FlaskClient

from tests.factories import csrf_token
from tests.volunteering.scene import Scene
from wishapp.accounts import service as accounts
from wishapp.accounts.models import User
from wishapp.kernel.roles import SYSTEM
from wishapp.store.db import db
from wishapp.store.idempotency import RequestKey
from wishapp.store.transaction import transaction
from wishapp.volunteering import service
from wishapp.volunteering.models import SignUp, Volunteer
from wishapp.volunteering.sign_ups import digest

PHONE = "13900001111"


def send(visitor: FlaskClient, path: str, key: str = "", **values: object) -> object:
    """Fill in the guest's form on a shift's page and send it."""
    page = visitor.get(path).get_data(as_text=True)
    found = re.search(r'name="key"[^>]*value="([^"]+)"', page)
    whole = {"csrf_token": csrf_token(visitor, path), "key": key or (found[1] if found else ""), "name": "赵客人", "phone": PHONE, "consent": "y", "people": "1", **values}
    return visitor.post(f"{path}/guest-sign-up", data={name: value for name, value in whole.items() if value is not None})


@pytest.fixture
def shift(stage: Scene, clock: object) -> str:
    """Path of a shift with one seat."""
    with stage.app.app_context():
        stage.open_call(seats=1)
    return f"/shifts/{stage.shift_ids[0]}"


def test_signing_up_and_stepping_back(stage: Scene, shift: str) -> None:
    """In with name and telephone; everything after that by the link; nothing of it is kept readable."""
    guest = stage.app.test_client()
    answer = send(guest, shift)
    assert answer.status_code == 303
    link = answer.location
    token = link.rsplit("/", 1)[1]
    page = guest.get(link)
    assert "报上了" in page.get_data(as_text=True) and link in page.get_data(as_text=True)
    assert page.headers["Cache-Control"] == "no-store" and page.headers["Referrer-Policy"] == "no-referrer"
    with stage.app.app_context():
        made = db.session.query(SignUp).one()
        assert made.token_digest == digest(token) and made.state == "confirmed"
        assert not any(token in (row.location or "") for row in db.session.query(RequestKey))
    act = guest.post(f"{link}/guest-act?verb=cancel", data={"csrf_token": csrf_token(guest, link)})
    assert act.status_code == 303
    assert "不在名单上" in guest.get(link).get_data(as_text=True)


def test_sent_twice_is_one(stage: Scene, shift: str) -> None:
    """The same form once more leads to the same link; another form with the same telephone is told that it is on the list."""
    guest = stage.app.test_client()
    key = "k" * 32
    first, second = send(guest, shift, key), send(guest, shift, key)
    assert first.location == second.location
    assert send(guest, shift).status_code == 409
    with stage.app.app_context():
        assert db.session.query(SignUp).count() == 1


@pytest.mark.parametrize("wrong", [{"name": ""}, {"phone": "12"}, {"consent": None}, {"people": "21"}, {"people": "x"}, {"key": "short"}, {"role_id": "999"}, {"name": "\x00a"}])
def test_what_cannot_be(stage: Scene, shift: str, wrong: dict) -> None:
    """Said beside the field, what was typed stays."""
    answer = send(stage.app.test_client(), shift, **wrong)
    assert answer.status_code == 422
    if wrong.get("name", "ok") == "ok":
        assert "赵客人" in answer.get_data(as_text=True)


def test_unknown_links_do_not_exist(stage: Scene, shift: str) -> None:
    """Neither a guess nor a link that ended."""
    send(stage.app.test_client(), shift)
    stranger = stage.app.test_client()
    for word in ("x", "y" * 32, "z" * 400, "%00", "中文"):
        assert stranger.get(f"/guests/{word}").status_code == 404
        assert stranger.get(f"/guests/{word}/event.ics").status_code == 404


def test_calls_that_want_an_account(stage: Scene, clock: object) -> None:
    """No form on the page, no way around it."""
    with stage.app.app_context():
        stage.open_call(takes_guests=False)
    path = f"/shifts/{stage.shift_ids[0]}"
    guest = stage.app.test_client()
    assert 'name="phone"' not in guest.get(path).get_data(as_text=True)
    assert send(guest, path, "k" * 32).status_code == 409


def test_a_telephone_does_not_tell_where_its_owner_is(stage: Scene, shift: str, clock: object) -> None:
    """Whoever types a guest's telephone for a shift at the same time learns that it clashes, not with what."""
    send(stage.app.test_client(), shift)
    with stage.app.app_context():
        stage.open_call(seats=3, title="另一处的活动", spot="别处")
    answer = send(stage.app.test_client(), f"/shifts/{stage.shift_ids[0]}")
    assert answer.status_code == 409 and "网格巡查" not in answer.get_data(as_text=True)


def test_a_number_with_an_account_signs_in(stage: Scene, shift: str) -> None:
    """Nobody signs somebody else's account up."""
    assert send(stage.app.test_client(), shift, phone=stage.person(0).phone).status_code == 409


def test_who_registers_keeps_what_the_guest_did(stage: Scene, shift: str) -> None:
    """The volunteer becomes the account's; the private link ends."""
    link = send(stage.app.test_client(), shift).location
    with stage.app.app_context():
        guest = db.session.query(Volunteer).one()
        number = guest.number
        with transaction():
            made = accounts.register_user(username="zhaokeren", display_name="赵客人", phone=PHONE, password_hash="x",
                                          community_id=stage.at.community.id, by=SYSTEM)
        kept = db.session.query(Volunteer).one()
        assert (kept.user_id, kept.number, kept.guest_name, kept.guest_phone) == (made.id, number, None, None)
        assert db.session.query(SignUp).one().volunteer_id == kept.id
    assert stage.app.test_client().get(link).status_code == 404


def test_who_registers_with_somebody_elses_telephone_gets_nothing(stage: Scene, shift: str) -> None:
    """Nobody proves at registration that a telephone is theirs: under another name the guest's places and links stay the guest's."""
    link = send(stage.app.test_client(), shift).location
    with stage.app.app_context():
        with transaction():
            made = accounts.register_user(username="bieren", display_name="别人", phone=PHONE, password_hash="x",
                                          community_id=stage.at.community.id, by=SYSTEM)
        with transaction():
            assert service.ensure_volunteer(made.id).id != db.session.query(SignUp).one().volunteer_id
    assert stage.app.test_client().get(link).status_code == 200


def test_who_adds_the_number_later_keeps_it_too(stage: Scene, shift: str) -> None:
    """An account that gets the telephone afterwards takes the guest over with its own first sign-up."""
    send(stage.app.test_client(), shift)
    person = stage.person(0)
    with stage.app.app_context():
        with transaction():
            guest = db.session.query(Volunteer).one()
            found = db.session.get(User, person.id)
            found.phone_index, found.display_name = guest.phone_index, guest.guest_name
        with transaction():
            assert service.ensure_volunteer(person.id).id == guest.id
