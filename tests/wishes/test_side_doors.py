"""Side doors: roads around review, consent, the log of reads, and the people a wish is meant for."""


import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from tests.conftest import Clock
from tests.factories import csrf_token, sign_in
from tests.wishes.scene import Scene
from wishapp.accounts import queries as accounts
from wishapp.accounts.models import RoleGrant
from wishapp.kernel.errors import NotFound, Refused, SomeoneWasFaster
from wishapp.kernel.roles import SYSTEM
from wishapp.places.models import Place
from wishapp.points import queries as points
from wishapp.points import service as ledger
from wishapp.points.models import PointsTransfer
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters import service as supporters
from wishapp.wishes import queries, service, stories, words
from wishapp.wishes.models import RestrictedRead, Wish


def test_a_draft_taken_back_does_not_reach_review_without_consent(scene: Scene) -> None:
    with transaction():
        wish = service.start_draft(by=scene.resident.actor, kind="goods", community=db.session.get(Place, scene.at.community.id), name="王秘密")
        service.edit_draft(wish, by=scene.resident.actor, title="一辆轮椅")
    with transaction():
        service.withdraw_wish(wish, by=scene.resident.actor)
    with pytest.raises(Refused), transaction():
        service.renew_wish(wish, by=scene.resident.actor)
    assert wish.state == "withdrawn" and wish.number is None


def test_renewing_after_a_change_masks_the_name_as_it_is_now(scene: Scene) -> None:
    wish = scene.submit()
    with transaction():
        service.return_wish(wish, by=scene.staff.actor, why="请写清楚")
    with transaction():
        service.edit_draft(wish, by=scene.resident.actor, beneficiary_name="李改名", title="一把拐杖")
        service.withdraw_wish(wish, by=scene.resident.actor)
    with transaction():
        service.renew_wish(wish, by=scene.resident.actor)
    assert wish.masked_name == "李某" and "拐杖" in wish.search


def test_who_posted_for_somebody_reads_as_staff_and_only_while_they_work_there(scene: Scene) -> None:
    wish = scene.submit(by=scene.grid, is_on_behalf=True, consent_how="in_person")
    with transaction():
        service.read_restricted(wish, by=scene.grid.actor, purpose="verify")
    assert [row.reader_id for row in db.session.scalars(select(RestrictedRead))] == [scene.grid.id]
    with transaction():
        db.session.delete(db.session.scalar(select(RoleGrant).where(RoleGrant.user_id == scene.grid.id)))
    db.session.expire_all()
    with pytest.raises(NotFound), transaction():
        service.read_restricted(wish, by=accounts.actor_for(scene.grid.id), purpose="verify")


def test_whoever_helped_once_does_not_see_it_back_in_review(scene: Scene) -> None:
    wish = scene.open_wish()
    claim = scene.claim(wish)
    with transaction():
        service.leave_claim(claim, by=scene.contact.actor, why="临时出差")
    with transaction():
        service.withdraw_wish(wish, by=scene.resident.actor)
    assert queries.access_wish(scene.contact.actor, wish.id, "wall.read")
    with transaction():
        service.renew_wish(wish, by=scene.resident.actor)
    for permission in ("wall.read", "wishes.claim"):
        with pytest.raises(NotFound):
            queries.access_wish(scene.contact.actor, wish.id, permission)


def test_nobody_is_asked_to_fulfil_their_own_wish(scene: Scene) -> None:
    with transaction():
        own = supporters.create_supporter(kind="volunteer", name="张某", place=db.session.get(Place, scene.at.community.id), by=SYSTEM,
                                          people=[scene.resident.id])
    wish = scene.open_wish()
    with pytest.raises(Refused, match="own wish"):
        scene.hold(wish, own.id)
    assert scene.hold(wish).state == "held"


def test_an_objection_after_staff_took_the_points_back(scene: Scene) -> None:
    wish, claim = scene.fulfilled()
    first, owner = claim.transfer_id, f"supporter:{claim.supporter_id}"
    with transaction():
        ledger.reverse(db.session.get(PointsTransfer, first), by=scene.street.actor, note="算错了")
    with transaction():
        service.dispute_wish(wish, by=scene.resident.actor, why="轮子掉了")
    assert (wish.state, claim.state, claim.transfer_id, points.balance(owner)) == ("in_progress", "accepted", None, 0)
    scene.deliver(claim)
    with transaction():
        service.confirm_wish(wish, by=scene.resident.actor, rating=4)
    assert points.balance(owner) == db.session.get(PointsTransfer, claim.transfer_id).amount and points.broken_ledger() == []


def test_a_question_taken_back_is_nobodys_broken_promise(scene: Scene) -> None:
    wish = scene.open_wish()
    claim = scene.hold(wish)
    with transaction():
        service.release_claim(claim, by=scene.staff.actor, action="withdraw", why="recalled")
    for viewer in (scene.neighbour, scene.resident):
        story = stories.timeline(wish, stories.viewer_of(wish, viewer.actor))
        assert all(entry.who != claim.supporter.name for entry in story)


def test_a_draft_for_somebody_where_one_does_not_work(stage: Scene, client: FlaskClient) -> None:
    with stage.app.app_context(), transaction():
        wish = service.start_draft(by=stage.grid.actor, kind="goods", community=db.session.get(Place, stage.at.community.id), is_on_behalf=True)
        service.edit_draft(wish, by=stage.grid.actor, community_id=stage.at.far_community.id, beneficiary_name="王秘密")
        wish_id = wish.id
    sign_in(client, stage.grid)
    assert client.get(f"/wishes/{wish_id}/draft/whom").status_code == 200
    with stage.app.app_context(), transaction():
        db.session.delete(db.session.scalar(select(RoleGrant).where(RoleGrant.user_id == stage.grid.id)))
    answer = client.get(f"/wishes/{wish_id}/draft/whom")
    assert answer.status_code == 403 and "王秘密" not in answer.get_data(as_text=True)


def test_words_the_street_has_passed_are_not_rewritten_below_it(scene: Scene) -> None:
    with transaction():
        db.session.get(Place, scene.at.street.id).is_two_level = True
    wish = scene.submit()
    with transaction():
        service.edit_wish(wish, by=scene.staff.actor, title="一辆旧轮椅")
        service.second_wish(wish, by=scene.staff.actor)
    for _state in ("seconded", "open"):
        with pytest.raises(Refused, match="looks twice"), transaction():
            service.edit_wish(wish, by=scene.colleague.actor, title="别的东西")
        if wish.state == "seconded":
            with transaction():
                service.publish_wish(wish, by=scene.street.actor)
    with transaction():
        service.edit_wish(wish, by=scene.colleague.actor, seats=2)
        service.edit_wish(wish, by=scene.street.actor, title="一辆新轮椅")
    assert (wish.state, wish.title, wish.seats) == ("open", "一辆新轮椅", 2)


@pytest.mark.both_databases
def test_two_wishes_are_not_put_together_into_each_other(scene: Scene) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("there a writing transaction is alone")
    one, other = scene.submit(), scene.submit(title="一辆轮椅，推老伴去泉边")
    with pytest.raises(Refused), transaction():
        assert other.state == "submitted"
        with db.engine.begin() as colleague:
            colleague.execute(update(Wish).where(Wish.id == other.id).values(state="merged", merged_into_id=one.id))
        service.merge_wish(one, other, by=scene.staff.actor, why="同一件事")
    assert one.state == "submitted"


@pytest.mark.both_databases
def test_a_form_filled_before_a_colleagues_change_is_refused_under_the_lock(scene: Scene) -> None:
    wish = scene.submit()
    seen = str(wish.version)
    with transaction():
        service.edit_wish(wish, by=scene.staff.actor, version=seen, title="一辆旧轮椅")
    with pytest.raises(SomeoneWasFaster), transaction():
        service.edit_wish(wish, by=scene.colleague.actor, version=seen, title="别的东西")
    if db.engine.dialect.name == "postgresql":  # a colleague who commits between our look and our lock
        with pytest.raises(SomeoneWasFaster), transaction():
            seen = str(wish.version)
            with db.engine.begin() as colleague:
                colleague.execute(update(Wish).where(Wish.id == wish.id).values(story="改过了", version=Wish.version + 1))
            service.edit_wish(wish, by=scene.staff.actor, version=seen, title="别的东西")


def test_wishes_half_taken_do_not_keep_others_from_running_out(scene: Scene, clock: Clock) -> None:
    scene.claim(scene.open_wish(seats=2))
    waiting = scene.open_wish()
    clock.forward(days=91)
    with transaction():
        assert service.expire_wishes(limit=1) == 1
    assert waiting.state == "expired"


def test_the_group_never_stands_beside_the_name(stage: Scene, client: FlaskClient) -> None:
    with stage.app.app_context():
        wish_id = stage.submit().id
    sign_in(client, stage.staff)
    group = str(words.GROUPS["disabled"])
    path = f"/wishes/{wish_id}"
    client.post("/preferences", data={"csrf_token": csrf_token(client, path), "lang": "en"})
    assert group in client.get(path).get_data(as_text=True)
    opened = client.post(f"{path}/read-restricted", data={"csrf_token": csrf_token(client, path), "purpose": "review"}).get_data(as_text=True)
    assert "王秘密" in opened and group not in opened


def test_twins_in_review_elsewhere_are_not_named(stage: Scene, client: FlaskClient) -> None:
    with stage.app.app_context():
        here = stage.submit(title="一辆轮椅推老伴出门").id
        stage.submit(title="一辆轮椅推老伴出门去", community_id=stage.at.next_community.id, grid_id=None)
        stage.submit(title="一辆轮椅推老伴出门来")
    page = sign_in(client, stage.staff).get(f"/wishes/{here}").get_data(as_text=True)
    assert "一辆轮椅推老伴出门来" in page and "一辆轮椅推老伴出门去" not in page


def test_a_reason_holds_no_telephone(stage: Scene, client: FlaskClient) -> None:
    with stage.app.app_context():
        wish_id = stage.delivered()[0].id
    sign_in(client, stage.resident)
    path = f"/wishes/{wish_id}/dispute"
    answer = client.post(path, data={"csrf_token": csrf_token(client, path), "why": "没修好，打我13800001234"})
    assert answer.status_code == 422 and "13800001234" in answer.get_data(as_text=True)


def test_who_keeps_giving_wishes_back_is_asked_to_talk_first(scene: Scene) -> None:
    """Taking a wish shows a name and an address: taking and giving back in turn must not become a way to read them all."""
    for _round in range(3):
        claim = scene.claim(scene.open_wish())
        with transaction():
            service.leave_claim(claim, by=scene.contact.actor, why="没空")
    with pytest.raises(Refused):
        scene.claim(scene.open_wish())


def test_a_question_is_answered_not_left(scene: Scene) -> None:
    claim = scene.hold(scene.open_wish())
    with pytest.raises(Refused), transaction():
        service.leave_claim(claim, by=scene.staff.actor, why="没空")
    assert claim.state == "held"
