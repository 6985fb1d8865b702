"""The demonstration street: planted, peopled, and lived through up to this minute."""

from datetime import datetime, timedelta
from random import Random

from flask import current_app
from sqlalchemy import update

from wishapp.accounts.service import hash_password
from wishapp.demo import cast as casting
from wishapp.demo import map as planting
from wishapp.demo import office
from wishapp.demo.accounts import PASSWORD
from wishapp.demo.calls import CallLives, totals
from wishapp.demo.lives import Lives
from wishapp.demo.replay import Replay
from wishapp.kernel import clock
from wishapp.matching import service as matching
from wishapp.notices.models import Notice, Outgoing
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters.models import Supporter
from wishapp.wishes import service as wishes
from wishapp.wishes.models import Wish

CODE = "370102009000"
GRIDS = 56
BEGINNING = timedelta(days=125)
EARLIER_PLAN, LATEST_PLAN = timedelta(days=9), timedelta(hours=3)
HERS = ("open", "accepted", "delivered", "fulfilled", "closed", "returned", "submitted")  # the known resident's own wishes


def load(seed: int) -> dict[str, int]:
    """Load everything; figures of what was made. The same seed on the same day gives the same street."""
    chance = Random(seed)
    now = clock.now().replace(second=0, microsecond=0)
    password_hash = hash_password(PASSWORD)
    clock.set_for_testing(lambda: now - BEGINNING)
    try:
        with transaction():
            tree = planting.plant(CODE, GRIDS)
            cast = casting.enter(tree, chance, password_hash)
        replay = Replay(chance, now - BEGINNING, now)
    finally:
        clock.set_for_testing(None)
    lives = Lives(replay, cast, chance, current_app.config["UPLOAD_FOLDER"])
    lives.plan_all(now)
    plan_known(lives, now)
    CallLives(replay, cast).plan_all(now)
    then, lately = now - EARLIER_PLAN, now - LATEST_PLAN
    replay.run(then)
    first = office.match(cast, then)
    office.answer(replay, lives, office.adopt(cast, first, then, 36, chance))
    replay.at(lately - timedelta(minutes=5), matching.lapse_offers, is_alone=True)
    office.keep_repaired(replay, now)
    replay.run(lately)
    office.late_in_the_year(cast)
    known = office.pin_known(cast, lately)
    second = office.match(cast, lately)
    office.turn_down(replay, lives, office.adopt(cast, second, lately, 14, chance, known), known)
    office.unpin()
    replay.run(now)
    office.work_off()
    with transaction():
        calm_down(now)
    return {
        "communities": len(tree.communities), "wishes": db.session.query(Wish).count(), "supporters": db.session.query(Supporter).count(),
        **totals(), "refused": replay.refused,
    }


def plan_known(lives: Lives, now: datetime) -> None:
    """Wishes of the known resident, and work for the known unit, member and team."""
    home, cast = lives.cast.home, lives.cast
    for fate in HERS:
        lives.plan(fate, home, now, poster=cast.known["resident"])
    for username, kinds in (("unit", None), ("member", None), ("team", None)):
        helper = cast.helper(username)
        for fate in ("accepted", "delivered", "fulfilled", "closed"):
            kind = lives.chance.choice(sorted(helper.helps)) if kinds is None else kinds
            lives.plan(fate, home, now, story=lives.teller.next(kind), helper=helper)
    lives.replay.at(now - timedelta(hours=5), lambda: draft(lives), is_exact=True)


def draft(lives: Lives) -> None:
    """A wish the known resident has put aside."""
    by = lives.cast.actor(lives.cast.known["resident"])
    story = lives.teller.next("companionship")
    wish = wishes.start_draft(by=by, kind=story.kind, community=lives.cast.home, name=by.name)
    wishes.edit_draft(wish, by=by, title=story.title, story=story.story)


def calm_down(now: datetime) -> None:
    """What is older than two days has been read; nothing of the past is sent out now."""
    db.session.execute(update(Notice).where(Notice.at < now - timedelta(days=2)).values(read_at=Notice.at))
    db.session.execute(update(Outgoing).values(status="sent"))
