"""The matching office of the demonstration street: two plans through the real job, one with its answers, one waiting for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import delete, select

from wishapp.demo import words
from wishapp.demo.cast import Cast
from wishapp.demo.lives import Lives
from wishapp.demo.replay import Replay
from wishapp.demo.stories import Story
from wishapp.jobs import run as jobs
from wishapp.jobs.models import Job
from wishapp.kernel import clock
from wishapp.kernel.errors import Refused
from wishapp.kernel.roles import Actor
from wishapp.matching import service as matching
from wishapp.matching.models import MatchRun, PairMark, Proposal
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters import queries as supporters
from wishapp.supporters.models import Capacity
from wishapp.wishes.models import Claim, Wish

KNOWN = ("unit", "member", "team")
PINS = 2
SHIFTS = 5  # proposals of shifts among those sent out


@contextmanager
def standing_at(moment: datetime) -> Iterator[None]:
    """The clock stands at this moment."""
    clock.set_for_testing(lambda: moment)
    try:
        yield
    finally:
        clock.set_for_testing(None)


def match(cast: Cast, moment: datetime) -> int:
    """Work out a plan for the street at this moment; its run's id."""
    with standing_at(moment):
        with transaction():
            run = matching.start_run(db.session.get(Place, cast.tree.streets[0].id), by=cast.actor(cast.street_staff), options={})
        run_id, job_id = run.id, run.job_id
        jobs.run_job(job_id)
    return run_id


def adopt(cast: Cast, run_id: int, moment: datetime, count: int, chance: Random, also: set[int] = frozenset()) -> list[int]:
    """Approve so many proposals (those of the supporters `also` first), turn two down, send them out; ids of what was sent."""
    with standing_at(moment), transaction():
        by = cast.actor(cast.street_staff)
        run = db.session.get(MatchRun, run_id)
        proposals = list(db.session.scalars(select(Proposal).where(Proposal.run_id == run_id, Proposal.state == "proposed").order_by(Proposal.id)))
        chance.shuffle(proposals)
        shifts = [proposal.id for proposal in proposals if proposal.starts_at is not None][:SHIFTS]
        proposals.sort(key=lambda proposal: (proposal.supporter_id not in also, proposal.id not in shifts))
        matching.approve_many(proposals[:count], by=by)
        for proposal in proposals[count:count + 2]:
            matching.dismiss_proposal(proposal, by=by, why="这家刚接了一件，先给别人。")
        matching.adopt_run(run, by=by)
        return [proposal.id for proposal in proposals[:count] if proposal.state == "offered"]


def answer(replay: Replay, lives: Lives, proposal_ids: list[int]) -> None:
    """Plan how the supporters answer: most say yes and do it, some say no, some forget."""
    for proposal_id in proposal_ids:
        luck = replay.chance.random()
        if luck < 0.72:
            replay.after(lives.between(1, 22), lambda this=proposal_id: accept(lives, this))
        elif luck < 0.9:
            replay.after(lives.between(1, 22), lambda this=proposal_id: decline(lives, this))
    for day in range(1, 7):
        replay.at(replay.now + timedelta(days=day, hours=9), matching.lapse_offers, is_alone=True)


def keep_repaired(replay: Replay, until: datetime) -> None:
    """Have a worker look at the plan every two hours of the day up to `until`."""
    moment = replay.now
    while moment < until:
        replay.at(moment, work_off, is_alone=True)
        moment += timedelta(hours=2)


def work_off() -> None:
    """Do the repairs that wait for a worker."""
    waiting = list(db.session.scalars(select(Job.id).where(Job.kind == "repair", Job.status == "waiting").order_by(Job.id)))
    db.session.rollback()
    for job_id in waiting:
        jobs.run_job(job_id)


def turn_down(replay: Replay, lives: Lives, proposal_ids: list[int], but: set[int], count: int = 2) -> None:
    """Two of those asked, none of the known ones, say no at once, so that the desk has something to tell."""
    others = select(Proposal.id).where(Proposal.id.in_(proposal_ids), Proposal.supporter_id.not_in(but)).order_by(Proposal.id).limit(count)
    for number, proposal_id in enumerate(db.session.scalars(others).all(), start=1):
        replay.at(replay.now + timedelta(minutes=35 * number), lambda this=proposal_id: decline(lives, this), is_exact=True)
    db.session.rollback()


def accept(lives: Lives, proposal_id: int) -> None:
    """Yes; what was promised is delivered some days later, and often confirmed."""
    proposal = db.session.get(Proposal, proposal_id)
    if proposal.state != "offered":
        raise Refused("too late")
    matching.accept_offer(proposal, by=_people(lives.cast, proposal))
    kind, _, number = proposal.promise_ref.partition(":")
    if kind != "claim":  # a seat of a shift: they come when it is time
        return
    claim_id = int(number)
    wish = db.session.get(Claim, claim_id).wish
    story = Story(wish.kind, wish.title, wish.item, wish.group, wish.age_band, wish.minutes, wish.cost, wish.urgency, wish.skill, wish.seats, wish.story)
    fate = lives.chance.choice(("accepted", "delivered", "fulfilled", "closed"))
    if fate != "accepted":
        lives.replay.after(lives.between(20, 80), lambda: lives.deliver(fate, claim_id, story))


def decline(lives: Lives, proposal_id: int) -> None:
    """Not this time."""
    proposal = db.session.get(Proposal, proposal_id)
    if proposal.state != "offered":
        raise Refused("too late")
    reason = lives.chance.choice(words.DECLINED)
    matching.decline_offer(proposal, by=_people(lives.cast, proposal), why=words.DECLINED_WORDS[reason], reason=reason)


def _people(cast: Cast, proposal: Proposal) -> Actor:
    return cast.actor(supporters.people_of([proposal.supporter_id])[proposal.supporter_id][0])


def pin_known(cast: Cast, moment: datetime) -> set[int]:
    """Pin open wishes near the known unit, member and team to them, so that each has an offer to answer; their supporters' ids."""
    taken: set[int] = set()
    found = set()
    with standing_at(moment), transaction():
        for username in KNOWN:
            helper = cast.helper(username)
            found.add(helper.id)
            near = select(Wish).where(Wish.state == "open", Wish.taken == 0, Wish.seats == 1, Wish.kind.in_(sorted(helper.helps)), Wish.minutes <= 90)
            wishes = [wish for wish in db.session.scalars(near.order_by(Wish.place_path.startswith(cast.home.path).desc(), Wish.id))
                      if wish.id not in taken and (not wish.skill or wish.skill in helper.skills)]
            for wish in wishes[:PINS]:
                taken.add(wish.id)
                db.session.add(PairMark(demand_ref=f"wish:{wish.id}", supporter_id=helper.id, kind="pin", place_path=wish.place_path,
                                        by_id=cast.street_staff, at=moment))
    return found


def late_in_the_year(cast: Cast) -> None:
    """By now most units have given what they promised: one more wish for two of three, nothing for the others."""
    known = cast.helper("unit").id
    ours = [helper.id for helper in cast.helpers if helper.kind == "unit" and helper.id != known]
    with transaction():
        for capacity in db.session.scalars(select(Capacity).where(Capacity.supporter_id.in_(ours))):
            capacity.quota = max(1, capacity.taken + (capacity.supporter_id % 3 > 0))


def unpin() -> None:
    """Take the pins away again."""
    with transaction():
        db.session.execute(delete(PairMark).where(PairMark.kind == "pin"))
