"""People, helpers and wishes to play with. Holds ids, never rows; every verb here goes through the real services."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from flask import Flask

from tests.factories import Neighbourhood, Person, make_neighbourhood, make_person
from wishapp.kernel import clock
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import SYSTEM
from wishapp.places import queries as places
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters import service as supporters
from wishapp.supporters.models import Supporter
from wishapp.wishes import service
from wishapp.wishes.models import Claim, Wish
from wishapp.wishes.service import WishDraft

SECRET_NAME, SECRET_PHONE, SECRET_ADDRESS = "王秘密", "+8613800001234", "泉水东区测试楼401"


@dataclass
class Scene:
    """One neighbourhood with everybody in it."""

    app: Flask
    at: Neighbourhood
    resident: Person
    neighbour: Person
    grid: Person
    staff: Person
    colleague: Person
    street: Person
    far_staff: Person
    contact: Person
    member: Person
    unit_id: int = 0
    member_id: int = 0
    wish_id: int = 0
    claim_id: int = 0
    kept: dict = field(default_factory=dict)

    def draft(self, **changes: object) -> WishDraft:
        """A complete wish."""
        whole = WishDraft(
            title="一辆轮椅，推老伴出门", kind="goods", story="半年没晒过太阳了。", community_id=self.at.community.id, grid_id=self.at.grid.id,
            beneficiary_name=SECRET_NAME, beneficiary_phone=SECRET_PHONE, address=SECRET_ADDRESS, age_band="eighties", urgency="now",
            item="轮椅", group="disabled")
        return replace(whole, **changes)

    def submit(self, by: Person | None = None, **changes: object) -> Wish:
        """A submitted wish."""
        with transaction():
            wish = service.submit_wish(by=(by or self.resident).actor, draft=self.draft(**changes))
        self.wish_id = wish.id
        return wish

    def open_wish(self, **changes: object) -> Wish:
        """A wish on the wall."""
        wish = self.submit(**changes)
        with transaction():
            service.publish_wish(wish, by=self.street.actor)
        return wish

    def claim(self, wish: Wish | None = None, supporter_id: int = 0, by: Person | None = None) -> Claim:
        """A direct claim, of the unit when nothing else is said."""
        wish = wish or db.session.get(Wish, self.wish_id)
        supporter = db.session.get(Supporter, supporter_id or self.unit_id)
        with transaction():
            claim = service.claim_wish(wish, supporter, by=(by or self.contact).actor)
        self.claim_id = claim.id
        return claim

    def hold(self, wish: Wish, supporter_id: int = 0) -> Claim:
        """A seat kept for somebody who is being asked."""
        with transaction():
            return service.hold_seat(wish, db.session.get(Supporter, supporter_id or self.member_id),
                                     until=clock.now() + timedelta(days=2), by=self.staff.actor)

    def deliver(self, claim: Claim, by: Person | None = None) -> Claim:
        """The helper says it is done."""
        with transaction():
            service.deliver_wish(claim, by=(by or self.contact).actor, words="送到了", photos=[])
        return claim

    def delivered(self) -> tuple[Wish, Claim]:
        """A wish that waits for a word."""
        wish = self.open_wish()
        return wish, self.deliver(self.claim(wish))

    def fulfilled(self) -> tuple[Wish, Claim]:
        """A wish come true."""
        wish, claim = self.delivered()
        with transaction():
            service.confirm_wish(wish, by=self.resident.actor, rating=5, words="谢谢", is_public=True)
        return wish, claim


def make_scene(app: Flask) -> Scene:
    """Everybody, and two helpers: a unit and a member."""
    at = make_neighbourhood(app)
    scene = Scene(
        app, at, resident=make_person(app, "张居民", (Role.RESIDENT, at.community)), neighbour=make_person(app, "邻居甲", (Role.RESIDENT, at.community)),
        grid=make_person(app, "刘网格", (Role.GRID_WORKER, at.grid)), staff=make_person(app, "李社工", (Role.COMMUNITY_STAFF, at.community)),
        colleague=make_person(app, "周社工", (Role.COMMUNITY_STAFF, at.community)), street=make_person(app, "赵街道", (Role.STREET_STAFF, at.street)),
        far_staff=make_person(app, "远社工", (Role.COMMUNITY_STAFF, at.far_community)),
        contact=make_person(app, "王联络", (Role.UNIT_CONTACT, at.community)), member=make_person(app, "陈党员", (Role.PARTY_MEMBER, at.community)))
    with app.app_context():
        with transaction():
            community = places.place(at.community.id)
            unit = supporters.create_supporter(kind="unit", name="测试设计院", place=community, by=SYSTEM, people=[scene.contact.id])
            supporters.set_quota(unit, by=SYSTEM, period=str(clock.today().year), what="any", quota=5)
            member = supporters.create_supporter(kind="member", name="陈某", place=community, by=SYSTEM, people=[scene.member.id], monthly_minutes=600)
        scene.unit_id, scene.member_id = unit.id, member.id
    return scene
