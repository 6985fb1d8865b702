"""The whole road through the services, on both databases."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.conftest import Clock
from tests.wishes.scene import Scene
from wishapp.kernel import clock as house_clock
from wishapp.kernel.errors import Refused
from wishapp.kernel.roles import NOBODY
from wishapp.notices.models import Notice
from wishapp.points import queries as points
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters.models import Capacity, Supporter
from wishapp.wishes import chores, queries, service
from wishapp.wishes.demand import WishSource
from wishapp.wishes.endings import auto_confirm
from wishapp.wishes.models import Claim, Wish
from wishapp.wishes.stories import viewer_of

pytestmark = pytest.mark.both_databases


def taken(supporter_id: int) -> int:
    """How much of its promises a supporter has given away."""
    db.session.expire_all()
    return sum(row.taken for row in db.session.get(Supporter, supporter_id).capacities)


def told(person_id: int) -> list[tuple[str, str]]:
    """What somebody was told about, oldest first."""
    rows = db.session.query(Notice).filter(Notice.user_id == person_id).order_by(Notice.id)
    return [(row.workflow, row.action) for row in rows]


def test_from_posting_to_thanks(scene: Scene) -> None:
    """One helper: every state in turn, points once, everybody told, the record complete."""
    wish, claim = scene.fulfilled()
    assert wish.state == "fulfilled" and claim.state == "fulfilled" and wish.number.endswith("-000001")
    assert points.balance(f"supporter:{scene.unit_id}") == 10
    with transaction():
        service.thank_wish(wish, by=scene.resident.actor, words="泉边的太阳真好", is_public=True)
    assert wish.state == "closed"
    steps = [row.action for row in reversed(audit.history("wish", wish.id))]
    assert steps == ["submit", "publish", "reserve", "start", "deliver", "confirm", "thank"]
    assert ("wish", "submit") in told(scene.staff.id) and ("wish", "claim") in told(scene.resident.id)
    assert ("claim", "confirm") in told(scene.contact.id) and ("wish", "thank") in told(scene.contact.id)
    assert points.broken_ledger() == []


def test_two_helpers(scene: Scene) -> None:
    """A wish for two is open until both seats are taken, under way until both have delivered; each gets points."""
    wish = scene.open_wish(seats=2)
    first = scene.claim(wish)
    assert (wish.state, wish.taken) == ("open", 1)
    second = scene.claim(wish, scene.member_id, scene.member)
    assert (wish.state, wish.taken) == ("in_progress", 2)
    scene.deliver(first)
    assert wish.state == "in_progress"
    scene.deliver(second, scene.member)
    assert wish.state == "delivered"
    with transaction():
        service.confirm_wish(wish, by=scene.grid.actor, rating=4)
    assert {claim.state for claim in wish.claims} == {"fulfilled"}
    assert points.balance(f"supporter:{scene.unit_id}") == points.balance(f"supporter:{scene.member_id}") == 10


def test_a_seat_given_back_opens_the_wish(scene: Scene) -> None:
    """Who cannot come after all gives seat and promise back, and may come again later."""
    wish = scene.open_wish()
    claim = scene.claim(wish)
    assert taken(scene.unit_id) == 1
    with transaction():
        service.leave_claim(claim, by=scene.contact.actor, why="临时出差")
    assert (wish.state, wish.taken, claim.state) == ("open", 0, "released") and taken(scene.unit_id) == 0
    again = scene.claim(wish)
    assert again.turn == 1 and wish.state == "in_progress"
    assert ("claim", "withdraw") in told(scene.resident.id)


def test_offer_held_declined_accepted(scene: Scene) -> None:
    """The office's road: a held seat reserves, a no opens, a yes starts."""
    source, wish = WishSource(), scene.open_wish()
    until = house_clock.now() + timedelta(days=2)
    with transaction():
        promise = source.hold(f"wish:{wish.id}", scene.unit_id, until=until, by=scene.staff.actor)
    assert promise.state == "held" and wish.state == "reserved" and source.open_demands(scene.at.district.path) == []
    with transaction():
        source.release(promise.ref, by=scene.contact.actor, reason="排不开", action="decline")
    assert wish.state == "open" and [demand.ref for demand in source.open_demands(scene.at.district.path)] == [f"wish:{wish.id}"]
    with transaction():
        promise = source.hold(f"wish:{wish.id}", scene.member_id, until=until, by=scene.staff.actor)
    with transaction():
        source.start(promise.ref, by=scene.member.actor)
    assert wish.state == "in_progress" and source.promises([promise.ref])[promise.ref].state == "accepted"


def test_not_really_done(scene: Scene) -> None:
    """An objection after the points were given takes them back; done again, they come again."""
    wish, claim = scene.fulfilled()
    with transaction():
        service.dispute_wish(wish, by=scene.resident.actor, why="轮子不转")
    assert (wish.state, claim.state, claim.round, wish.rating) == ("in_progress", "accepted", 2, None)
    assert points.balance(f"supporter:{scene.unit_id}") == 0
    scene.deliver(claim)
    with transaction():
        service.confirm_wish(wish, by=scene.resident.actor, rating=5)
    assert points.balance(f"supporter:{scene.unit_id}") == 10 and points.broken_ledger() == []


def test_withdrawing_frees_the_helpers(scene: Scene) -> None:
    """The poster takes the wish back while somebody is being asked: seat and promise are free, the helper is told."""
    wish = scene.open_wish()
    scene.hold(wish)
    with transaction():
        service.withdraw_wish(wish, by=scene.resident.actor)
    assert (wish.state, wish.taken) == ("withdrawn", 0) and taken(scene.member_id) == 0
    assert ("wish", "withdraw") in told(scene.member.id)
    with transaction():
        service.renew_wish(wish, by=scene.resident.actor)
    assert wish.state == "submitted"


def test_by_the_clock(scene: Scene, clock: Clock) -> None:
    """Nobody says anything: reminded after three days, done after seven, archived after thirty; unclaimed ends after ninety."""
    wish, _claim = scene.delivered()
    waiting = scene.open_wish(title="想要一台血糖仪")
    clock.forward(days=4)
    chores.settle_wishes(None)
    chores.remind_of_wishes(None)
    chores.remind_of_wishes(None)
    assert wish.state == "delivered" and told(scene.resident.id).count(("wish", "remind_confirm")) == 1
    clock.forward(days=4)
    chores.settle_wishes(None)
    assert db.session.get(Wish, wish.id).state == "fulfilled" and db.session.get(Wish, wish.id).rating is None
    assert points.balance(f"supporter:{scene.unit_id}") == 10
    clock.forward(days=31)
    chores.settle_wishes(None)
    assert (db.session.get(Wish, wish.id).state, db.session.get(Wish, waiting.id).state) == ("closed", "open")
    clock.forward(days=60)
    chores.settle_wishes(None)
    assert db.session.get(Wish, waiting.id).state == "expired" and ("wish", "expire") in told(scene.resident.id)


def test_every_read_is_logged(scene: Scene) -> None:
    """Helper and staff read, each read leaves a row; the poster's own does not."""
    wish = scene.open_wish()
    scene.claim(wish)
    with transaction():
        opened = service.read_restricted(wish, by=scene.contact.actor, purpose="help")
    with transaction():
        service.read_restricted(wish, by=scene.staff.actor, purpose="verify")
    with transaction():
        service.read_restricted(wish, by=scene.resident.actor, purpose="own")
    assert opened["phone"] == "+8613800001234"
    assert [(row.reader_id, row.purpose) for row in queries.reads_of(wish.id)] == [(scene.staff.id, "verify"), (scene.contact.id, "help")]


def test_capacity_runs_out(scene: Scene) -> None:
    """A promise of one is one: the second claim is refused and leaves no trace."""
    with transaction():
        db.session.query(Capacity).filter(Capacity.supporter_id == scene.unit_id).one().quota = 1
    scene.claim(scene.open_wish())
    second = scene.open_wish(title="一口新电饭煲")
    with pytest.raises(Refused):
        scene.claim(second)
    db.session.rollback()
    assert (second.state, second.taken) == ("open", 0) and db.session.query(Claim).filter(Claim.wish_id == second.id).count() == 0


def test_forgotten_photos_are_swept(scene: Scene, tmp_path: Path) -> None:
    """Files no wish refers to go after a day; those of a wish and fresh ones stay."""
    scene.app.config["UPLOAD_FOLDER"] = str(tmp_path)
    for name, age in (("kept.jpg", 3), ("lost.jpg", 3), ("fresh.jpg", 0)):
        (tmp_path / name).write_bytes(b"photo")
        moment = (house_clock.now() - timedelta(days=age)).timestamp()
        os.utime(tmp_path / name, (moment, moment))
    wish = scene.submit()
    with transaction():
        service.add_photo(wish, service.StoredPhoto("kept.jpg", 1, 1), by=scene.resident.actor)
    assert chores.sweep_photos(None) == {"swept": 1}
    assert sorted(path.name for path in tmp_path.glob("*.jpg")) == ["fresh.jpg", "kept.jpg"]


def test_those_who_came_are_enough(scene: Scene) -> None:
    """Staff ask for fewer helpers than before: with the seats full, the wish goes on as if they had been all along."""
    wish = scene.open_wish(seats=3)
    claim = scene.claim(wish)
    scene.deliver(claim)
    with transaction():
        service.edit_wish(wish, by=scene.staff.actor, seats=1)
    assert wish.state == "delivered"


def test_each_word_is_public_only_when_its_own_box_is_ticked(scene: Scene) -> None:
    """Words with the stars kept private stay private when the thanks are public, and the other way round."""
    wish, _claim = scene.delivered()
    with transaction():
        service.confirm_wish(wish, by=scene.resident.actor, rating=3, words="有点慢", is_public=False)
    assert wish.public_words == ""
    with transaction():
        service.thank_wish(wish, by=scene.resident.actor, words="谢谢小伙子们", is_public=True)
    assert wish.public_words == "谢谢小伙子们"
    shown = {entry.note for entry in queries.timeline(wish, viewer_of(wish, NOBODY))}
    assert "谢谢小伙子们" in shown and "有点慢" not in shown


def test_one_that_refuses_keeps_nobody_waiting(scene: Scene, clock: Clock) -> None:
    """A delivered wish whose claim says otherwise (a damaged row) is left as it is; those behind it are settled all the same."""
    bad, claim = scene.delivered()
    good, _other = scene.delivered()
    with transaction():
        db.session.execute(update(Claim).where(Claim.id == claim.id).values(state="accepted"))
        db.session.execute(update(Wish).where(Wish.id == bad.id).values(delivered_at=house_clock.now() - timedelta(hours=1)))
    clock.forward(days=8)
    db.session.expire_all()
    assert chores.settle_wishes(None)["confirmed"] == 1
    assert (db.session.get(Wish, bad.id).state, db.session.get(Wish, good.id).state) == ("delivered", "fulfilled")
    assert chores.in_batches(auto_confirm, batch=1) == 0, "a batch full of refusals ends"


def test_put_on_the_wall_by_mistake(scene: Scene) -> None:
    """Staff take it back to review as long as nobody has taken it or been asked; afterwards it can be published again."""
    wish = scene.open_wish()
    with transaction():
        service.unpublish_wish(wish, by=scene.staff.actor)
    assert (wish.state, wish.published_at) == ("submitted", None) and ("wish", "unpublish") in told(scene.resident.id)
    with transaction():
        service.publish_wish(wish, by=scene.staff.actor)
    claim = scene.claim(wish)
    with transaction():
        service.leave_claim(claim, by=scene.contact.actor, why="临时有事")
    with pytest.raises(Refused), transaction():
        service.unpublish_wish(wish, by=scene.staff.actor)
    assert wish.state == "open"
