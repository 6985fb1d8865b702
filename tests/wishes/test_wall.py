"""The wall: what it shows, how it is searched, how many statements it costs."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert

from tests.factories import sign_in
from tests.wishes.counting import statements
from tests.wishes.scene import SECRET_ADDRESS, SECRET_NAME, Scene
from wishapp.kernel import clock
from wishapp.store.db import db
from wishapp.store.search import index_text
from wishapp.store.transaction import transaction
from wishapp.wishes import service
from wishapp.wishes.models import Claim, Wish, WishKind
from wishapp.wishes.queue import QueueFilters, Tab
from wishapp.wishes.queue import page as queue_page
from wishapp.wishes.wall import WallFilters, WallNear, WallOrder, WallState, alike, kind_counts, wall

KINDS = [kind.value for kind in WishKind]


def plant(scene: Scene, count: int, state: str = "open") -> None:
    """Many wishes at once; the register may go in by bulk."""
    now = clock.now()
    with scene.app.app_context(), transaction():
        start = db.session.query(Wish).count()
        found_by = index_text("想要一样东西")
        rows = [{
            "number": f"999999-2026-{start + number:06d}", "title": f"想要一样东西 {number}", "story": "旧的坏了。", "kind": KINDS[number % 8],
            "item": "", "quantity": 1, "cost": 0, "minutes": 60, "skill": "", "group": "residents", "urgency": ("now", "week", "calm")[number % 3],
            "masked_name": "王某", "age_band": "seventies", "beneficiary_name": SECRET_NAME, "address": SECRET_ADDRESS,
            "community_id": scene.at.community.id, "grid_id": scene.at.grid.id, "place_path": scene.at.grid.path, "posted_by_id": scene.resident.id,
            "is_on_behalf": False, "consent_how": "self", "guardian_consent": False, "seats": 1, "taken": 0 if state in ("open", "submitted") else 1,
            "missed_rounds": 0, "search": found_by, "created_at": now, "published_at": now - timedelta(minutes=number),
            "review_words": "", "is_review_public": False, "thanks": "", "is_thanks_public": False, "version": 1, "state": state,
        } for number in range(count)]
        db.session.execute(insert(Wish), rows)
        if state == "in_progress":
            ids = [row[0] for row in db.session.query(Wish.id).filter(Wish.state == state, ~Wish.claims.any())]
            db.session.execute(insert(Claim), [{
                "wish_id": wish_id, "supporter_id": scene.unit_id, "turn": 0, "origin": "direct", "place_path": scene.at.grid.path, "round": 1,
                "delivery_words": "", "released_why": "", "created_at": now, "state": "accepted"} for wish_id in ids])


def test_cost_does_not_grow(stage: Scene) -> None:
    """At most 12 statements, the same number at 100 and at 20,000 wishes, whoever looks."""
    readers = {who: stage.app.test_client() for who in ("visitor", "contact", "staff")}
    for who in ("contact", "staff"):
        sign_in(readers[who], getattr(stage, who))
    looks = [
        ("visitor", "/"), ("visitor", "/?q=%E4%B8%9C%E8%A5%BF&kind=goods&state=open"), ("visitor", "/?page=3"), ("contact", "/?order=near&near=3000"),
        ("staff", "/"), ("staff", "/desk/wishes"), ("staff", "/desk/wishes?tab=open&page=2"), ("staff", "/desk/field"),
    ]
    costs = []
    for more in (90, 19_900):
        plant(stage, more // 3, "submitted")
        plant(stage, 10, "in_progress")
        plant(stage, 10, "delivered")
        plant(stage, more - more // 3)
        sent = {}
        for who, path in looks:
            with statements(stage.app) as seen:
                assert readers[who].get(path).status_code == 200
            sent[who, path] = len(seen)
        costs.append(sent)
    assert costs[0] == costs[1]
    assert max(costs[0].values()) <= 12, costs[0]


def test_only_what_is_public(stage: Scene, client: FlaskClient) -> None:
    """Neither drafts, nor what waits for review, nor what was withdrawn stands on the wall; nobody's name, door or group does."""
    with stage.app.app_context():
        stage.submit(title="还没审的心愿")
        wish = stage.open_wish()
        stage.open_wish(title="后来撤回的心愿")
        with transaction():
            service.withdraw_wish(db.session.get(Wish, stage.wish_id), by=stage.resident.actor)
        wish_id = wish.id
    page = client.get("/?state=open").get_data(as_text=True)
    assert f"/wishes/{wish_id}" in page and "还没审" not in page and "后来撤回" not in page
    for secret in (SECRET_NAME, "13800001234", "138 0000 1234", SECRET_ADDRESS, "disabled"):
        assert secret not in page


def test_filters(scene: Scene) -> None:
    """Kind, urgency, community, state, words, initials, nearness; each alone and the counts by kind with them."""
    goods = scene.open_wish()
    far = scene.open_wish(title="上门理一次发", item="", kind="service", urgency="calm", community_id=scene.at.next_community.id, grid_id=scene.at.next_grid.id)
    scene.claim(scene.open_wish(title="想要一台血糖仪", item="", kind="medical"))

    def found(**wanted: object) -> list[int]:
        return [slip.wish.id for slip in wall(WallFilters(**wanted)).rows]

    assert found(kind=WishKind.SERVICE) == found(urgency="calm") == found(community_id=scene.at.next_community.id) == [far.id]
    assert found(q="轮椅") == found(q="ylly") == found(q=goods.number) == [goods.id]
    assert found(q="理发") == [] and found(q="理 发") == [far.id] and found(q="秘密") == []
    assert len(found(state=WallState.MOVING)) == 1 and found(state=WallState.DONE) == []
    here = (36.66 + 4 / 500, 117.02 + 4 / 500)
    assert found(origin=here, near=WallNear.M500) and far.id not in found(origin=here, near=WallNear.M500)
    assert found(origin=here, order=WallOrder.NEAR, state=WallState.OPEN) == [goods.id, far.id]
    assert kind_counts(WallFilters(kind=WishKind.GOODS)) == {"goods": 1, "service": 1, "medical": 1}
    slip = next(slip for slip in wall(WallFilters(state=WallState.MOVING)).rows)
    assert slip.helper == "测试设计院"


def test_likeness(scene: Scene) -> None:
    """A second wheelchair nearby is noticed, a haircut is not; the queue warns the reviewer."""
    first = scene.open_wish()
    second = scene.submit(title="一辆轮椅推老伴出去走走")
    scene.submit(title="一口新电饭煲")
    assert [wish.id for wish, _score in alike(second)] == [first.id]
    third = scene.submit(title="一辆轮椅推老伴去泉边")
    assert second.id not in [wish.id for wish, _score in alike(third)], "what waits for review is not for neighbours' eyes"
    assert second.id in [wish.id for wish, _score in alike(third, for_staff=True)]
    rows = {row.wish.title: row for row in queue_page(scene.staff.actor, QueueFilters(), 1).rows}
    assert rows["一辆轮椅推老伴出去走走"].twin and rows["一口新电饭煲"].twin is None
    assert queue_page(scene.far_staff.actor, QueueFilters(), 1).total == 0
    assert queue_page(scene.staff.actor, QueueFilters(tab=Tab.OPEN), 1).total == 1


ODD_ADDRESSES = [
    "page=-1", "page=99999999999999999999", "kind=unknown", "state=x", "near=1", "order=zz", "community=2147483648", "q=%00", "q=%ed%a0%80",
]


def test_odd_addresses(stage: Scene, client: FlaskClient, subtests: pytest.Subtests) -> None:
    """A clear 4xx, or the plain wall; never a fault."""
    for query in ODD_ADDRESSES:
        with subtests.test(query=query):
            assert client.get(f"/?{query}").status_code in (200, 400, 422)


def test_pages(stage: Scene, client: FlaskClient) -> None:
    """Every wish stands on exactly one page."""
    plant(stage, 40)
    seen = []
    for number in (1, 2, 3):
        seen += re.findall(r'slip__t"><a href="/wishes/(\d+)"', client.get(f"/?page={number}").get_data(as_text=True))
    assert len(seen) == len(set(seen)) == 40
