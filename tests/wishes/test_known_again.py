"""Whoever has helped the same person before is known to the office by numbers only: the account, or the blind index of the telephone."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests.matching.office import Office, open_office
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters.models import Supporter
from wishapp.wishes import service as wishes
from wishapp.wishes.demand import WishSource
from wishapp.wishes.models import Wish
from wishapp.wishes.service import WishDraft

PHONE, OTHER = "+8619900001234", "+8619900005678"


@pytest.fixture
def office(app: Flask, clock: object) -> Office:
    return open_office(app)


def wish_for(office: Office, phone: str | None = PHONE, **more: object) -> int:
    with office.app.app_context(), transaction():
        wish = wishes.submit_wish(by=office.staff.actor, draft=WishDraft(
            title="一盏灯", kind="goods", community_id=office.places.community.id, beneficiary_name="测试乙", beneficiary_phone=phone,
            is_on_behalf=True, consent_how="in_person", **more))
        wishes.publish_wish(wish, by=office.district.actor)
        return wish.id


def help_with(office: Office, wish_id: int, supporter_id: int, *, to_the_end: bool = True) -> None:
    with office.app.app_context(), transaction():
        wish = db.session.get(Wish, wish_id)
        claim = wishes.claim_wish(wish, db.session.get(Supporter, supporter_id), by=office.contact.actor)
        if to_the_end:
            wishes.deliver_wish(claim, by=office.contact.actor, words="送到了", photos=[])
            wishes.confirm_wish(wish, by=office.staff.actor, rating=5)
        else:
            wishes.leave_claim(claim, by=office.contact.actor, why="来不了")


def helped_by(office: Office, wish_id: int) -> set[int]:
    with office.app.app_context():
        return set(next(demand for demand in WishSource().open_demands(office.places.street.path) if demand.ref == f"wish:{wish_id}").helped_by)


@pytest.mark.both_databases
def test_the_same_telephone_is_the_same_household(office: Office) -> None:
    helper, fickle = office.supporter("远帆样例院", person=office.contact), office.supporter("后备样例社", person=office.contact)
    first = wish_for(office)
    help_with(office, first, fickle, to_the_end=False)
    help_with(office, first, helper)
    again, other, silent = wish_for(office), wish_for(office, OTHER), wish_for(office, None)
    assert helped_by(office, again) == {helper}, "whoever gave it back did not help"
    assert helped_by(office, other) == helped_by(office, silent) == set()


def test_the_same_account_is_the_same_person(office: Office) -> None:
    helper = office.supporter("远帆样例院", person=office.contact)
    help_with(office, office.wish(), helper)
    assert helped_by(office, office.wish()) == {helper}
    assert helped_by(office, wish_for(office)) == set(), "control: somebody else"
    assert helped_by(office, wish_for(office, None, beneficiary_id=office.resident.id)) == {helper}, "with a phone or without"


def test_the_index_follows_the_telephone_and_tells_nobody(office: Office) -> None:
    wish_id = wish_for(office)
    with office.app.app_context():
        index = db.session.scalar(select(Wish.phone_index).where(Wish.id == wish_id))
        assert len(index) == 64 and "19900001234" not in index
        with transaction():
            db.session.get(Wish, wish_id).beneficiary_phone = None
        assert db.session.scalar(select(Wish.phone_index).where(Wish.id == wish_id)) is None
