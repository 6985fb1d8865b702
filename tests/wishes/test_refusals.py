"""What may not happen, each with the reason that is said."""

from datetime import timedelta

import pytest

from tests.conftest import Clock
from tests.wishes.scene import Scene
from wishapp.kernel.errors import BadInput, Forbidden, NotFound, Refused
from wishapp.kernel.privacy import private_part
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters.models import Supporter
from wishapp.wishes import privacy, queries, service
from wishapp.wishes.models import Wish


@pytest.mark.parametrize("text", [
    "请打13800001234", "电话 138-0000-1234", "１３８００００１２３４", "138 0000 1234", "座机0531-88880000", "88886666找我", "身份证37010219990101123X",
    "3号楼2单元501", "三单元的灯坏了", "502室", "甸新路12号", "5-2-301", "加我微信：abc12345",
])
def test_private_things_stay_out(text: str) -> None:
    """Numbers of telephones, identities and doors are found however they are written."""
    assert private_part(text)


@pytest.mark.parametrize("text", [
    "一辆轮椅，推老伴出门", "三楼到四楼那一截扶手松了", "孩子9岁，想要一个书包", "2026年春天前", "大概300元", "给12345打过电话", "第3号楼门口的灯",
    "要20个凳子", "每周3次，每次2小时",
])
def test_ordinary_words_pass(text: str) -> None:
    """What people really write is no private thing."""
    assert private_part(text) is None


def test_jokes_are_noticed() -> None:
    """The joke wishes of published lists catch the eye; a school bag does not."""
    assert privacy.is_joke("想要一辆跑车") and privacy.is_joke("中彩票") and not privacy.is_joke("一个书包")


def test_no_telephone_in_title_or_story(scene: Scene) -> None:
    """The service refuses too, whoever calls it."""
    for field in ("title", "story"):
        with pytest.raises(BadInput, match="telephone"):
            scene.submit(**{field: "打我电话13800001234"})


def test_child_needs_a_guardian(scene: Scene) -> None:
    """Under 14 nobody wishes without a guardian's word."""
    with pytest.raises(BadInput, match="guardian"):
        scene.submit(age_band="child")
    assert scene.submit(age_band="child", guardian_consent=True).state == "submitted"


def test_on_behalf_only_where_one_works(scene: Scene) -> None:
    """A resident cannot post for others; a grid worker can in the own grid, with the consent noted."""
    with pytest.raises(Forbidden):
        scene.submit(is_on_behalf=True, consent_how="phone")
    with pytest.raises(BadInput, match="agreed"):
        scene.submit(by=scene.staff, is_on_behalf=True)
    with pytest.raises(Forbidden):
        scene.submit(by=scene.far_staff, is_on_behalf=True, consent_how="phone")
    wish = scene.submit(by=scene.staff, is_on_behalf=True, consent_how="in_person")
    assert wish.consent_how == "in_person" and wish.consent_at and wish.beneficiary_id is None


def test_reviewers(scene: Scene) -> None:
    """Nobody reviews from another tree, nor their own wish, nor as a resident."""
    wish = scene.submit()
    for person in (scene.far_staff, scene.resident, scene.grid):
        with pytest.raises(Forbidden), transaction():
            service.publish_wish(wish, by=person.actor)
    own = scene.submit(by=scene.staff)
    with pytest.raises(Refused, match="own wish"), transaction():
        service.publish_wish(own, by=scene.staff.actor)
    with pytest.raises(BadInput), transaction():
        service.return_wish(wish, by=scene.staff.actor, why=" ")


def test_two_levels(scene: Scene) -> None:
    """Where the street looks twice: community passes up, street publishes, and not one person both."""
    wish = scene.submit()
    with pytest.raises(Refused, match="One review"), transaction():
        service.second_wish(wish, by=scene.staff.actor)
    with transaction():
        db.session.get(Place, scene.at.street.id).is_two_level = True
    with pytest.raises(Refused, match="twice"), transaction():
        service.publish_wish(wish, by=scene.staff.actor)
    with transaction():
        service.second_wish(wish, by=scene.staff.actor)
    with pytest.raises(Forbidden), transaction():
        service.publish_wish(wish, by=scene.staff.actor)
    with transaction():
        service.publish_wish(wish, by=scene.street.actor)
    assert wish.state == "open"
    other = scene.submit(title="想要一台血糖仪")
    with transaction():
        service.second_wish(other, by=scene.street.actor)
    with pytest.raises(Refused, match="yourself"), transaction():
        service.publish_wish(other, by=scene.street.actor)


def test_claiming(scene: Scene) -> None:
    """Only for a supporter one answers for, only what is open, only once, never one's own."""
    wish = scene.open_wish()
    with pytest.raises(Forbidden):
        scene.claim(wish, scene.unit_id, scene.member)
    scene.claim(wish)
    with pytest.raises(Refused, match="faster") as caught:
        scene.claim(wish, scene.member_id, scene.member)
    assert caught.value.params == {"who": "测试设计院"}
    double = scene.open_wish(seats=3, title="每周有人来说说话")
    scene.claim(double)
    with pytest.raises(Refused, match="already"):
        scene.claim(double)
    own = scene.submit(by=scene.member, title="上门理一次发")
    with transaction():
        service.publish_wish(own, by=scene.staff.actor)
    with pytest.raises(Refused, match="own wish"):
        scene.claim(own, scene.member_id, scene.member)


def test_nobody_confirms_their_own_help(scene: Scene) -> None:
    """Strangers cannot confirm, and a helper cannot even as grid worker."""
    wish, _claim = scene.delivered()
    with pytest.raises(Forbidden), transaction():
        service.confirm_wish(wish, by=scene.neighbour.actor, rating=5)
    with transaction():
        db.session.get(Supporter, scene.unit_id).people[0].user_id = scene.grid.id
    with pytest.raises(Refused, match="yourself"), transaction():
        service.confirm_wish(wish, by=scene.grid.actor, rating=5)


def test_late_objection(scene: Scene, clock: Clock) -> None:
    """Two weeks after the confirmation it is over."""
    wish, _claim = scene.fulfilled()
    clock.set(wish.fulfilled_at + timedelta(days=15))
    with pytest.raises(Refused, match="two weeks"), transaction():
        service.dispute_wish(wish, by=scene.resident.actor, why="其实没办好")
    assert db.session.get(Wish, wish.id).state == "fulfilled"


def test_delivering_says_something(scene: Scene) -> None:
    """Neither photo nor words is nothing; a stranger cannot deliver."""
    claim = scene.claim(scene.open_wish())
    with pytest.raises(BadInput), transaction():
        service.deliver_wish(claim, by=scene.contact.actor, words="  ", photos=[])
    with pytest.raises(Forbidden), transaction():
        service.deliver_wish(claim, by=scene.member.actor, words="好了", photos=[])


def test_merging(scene: Scene) -> None:
    """Not into itself, not when taken, not into something that is over."""
    one, other = scene.open_wish(), scene.open_wish(title="一辆轮椅")
    with pytest.raises(Refused), transaction():
        service.merge_wish(one, one, by=scene.staff.actor, why="一样")
    scene.claim(one)
    with pytest.raises(Refused), transaction():
        service.merge_wish(one, other, by=scene.staff.actor, why="一样")
    with transaction():
        service.merge_wish(other, one, by=scene.staff.actor, why="一样")
    assert other.state == "merged" and other.merged_into_id == one.id


def test_restricted_fields(scene: Scene) -> None:
    """Not for neighbours, not for helpers before they accept or after it is over, not for staff elsewhere."""
    wish = scene.open_wish()
    for person in (scene.neighbour, scene.contact, scene.far_staff):
        with pytest.raises(NotFound), transaction():
            service.read_restricted(wish, by=person.actor, purpose="help")
    scene.hold(wish)
    with pytest.raises(NotFound), transaction():
        service.read_restricted(wish, by=scene.member.actor, purpose="help")
    other, _claim = scene.fulfilled()
    with pytest.raises(NotFound), transaction():
        service.read_restricted(other, by=scene.contact.actor, purpose="help")
    assert queries.count_reads(wish.id) == queries.count_reads(other.id) == 0


def test_another_tree_is_nothing(scene: Scene) -> None:
    """A wish elsewhere answers like one that does not exist."""
    wish = scene.submit()
    for permission in ("wishes.review", "wishes.read_restricted", "wishes.follow", "wall.read"):
        with pytest.raises(NotFound):
            queries.access_wish(scene.far_staff.actor, wish.id, permission)
    assert queries.access_wish(scene.staff.actor, wish.id, "wishes.review") is wish


def test_editing_keeps_what_was_agreed(scene: Scene) -> None:
    """Once somebody has taken it, kind and time stand; fewer seats than taken cannot be."""
    wish = scene.open_wish(seats=2)
    scene.claim(wish)
    with pytest.raises(Refused, match="kind and time"), transaction():
        service.edit_wish(wish, by=scene.staff.actor, minutes=240)
    scene.claim(wish, scene.member_id, scene.member)
    with pytest.raises(Refused), transaction():
        service.edit_wish(wish, by=scene.staff.actor, seats=1)
