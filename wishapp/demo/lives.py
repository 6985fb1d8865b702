"""The lives of the demonstration street's wishes: who posts, who reviews, who comes, what is said in the end."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import count
from random import Random

from wishapp.demo import names, pictures, words
from wishapp.demo.cast import Cast, Helper
from wishapp.demo.map import Spot
from wishapp.demo.replay import Replay
from wishapp.demo.stories import Story, Teller
from wishapp.kernel.errors import Refused
from wishapp.kernel.roles import Actor
from wishapp.store.db import db
from wishapp.supporters import queries as supporters
from wishapp.supporters.models import Supporter
from wishapp.web import images
from wishapp.wishes import service as wishes
from wishapp.wishes.models import Claim, Wish

FATES = {
    "open": 177, "submitted": 15, "returned": 6, "accepted": 22, "delivered": 11, "fulfilled": 20, "closed": 30, "withdrawn": 4, "expired": 2,
    "merged": 2, "disputed": 2,
}
CLAIMED = {"accepted", "delivered", "fulfilled", "closed", "disputed"}
ON_BEHALF = {"elderly_alone", "disabled", "seriously_ill"}


class Lives:
    """Plans every wish's life into the replay. `folder`: where photos go."""

    def __init__(self, replay: Replay, cast: Cast, chance: Random, folder: str) -> None:
        self.replay, self.cast, self.chance, self.folder = replay, cast, chance, folder
        self.teller = Teller(chance)
        self.load: Counter[int] = Counter()
        self.people = count(2000)

    def plan_all(self, now: datetime) -> None:
        """Plan all of FATES, ending at `now`."""
        fates = [fate for fate, count in FATES.items() for _each in range(count)]
        self.chance.shuffle(fates)
        for number, fate in enumerate(fates):
            community = self.cast.tree.communities[number % len(self.cast.tree.communities)]
            self.plan(fate, community, now)
        for number, story in enumerate(self.teller.rare):
            self.plan("open", self.cast.tree.communities[number % len(self.cast.tree.communities)], now, story=story)

    def plan(self, fate: str, community: Spot, now: datetime, poster: int | None = None, story: Story | None = None,
             helper: Helper | None = None) -> None:
        """One wish: told so long before `now` that its fate is reached in time."""
        story = story or self.teller.next()
        hours = self.chance.uniform
        last, before = {
            "open": (hours(3, 24 * 38), 20), "submitted": (hours(1, 44), 0), "returned": (hours(4, 96), 30), "accepted": (hours(4, 24 * 6), 90),
            "delivered": (hours(3, 24 * 4), 200), "fulfilled": (hours(20, 24 * 24), 280), "closed": (hours(30, 24 * 70), 330),
            "withdrawn": (hours(24, 24 * 20), 60), "expired": (hours(5, 60), 24 * 103), "merged": (hours(24, 24 * 20), 40), "disputed": (hours(6, 60), 260),
        }[fate]
        told = now - timedelta(hours=last + before)
        self.replay.at(told, lambda: self.post(fate, community, story, poster, helper))

    def post(self, fate: str, community: Spot, story: Story, poster: int | None, helper: Helper | None) -> None:
        """The wish is sent: by the resident, or by the grid worker for somebody without a phone."""
        grid = self.chance.choice(self.cast.tree.grids[community.id])
        is_on_behalf = poster is None and story.group in ON_BEHALF and self.chance.random() < 0.7
        by = self.cast.actor(poster or (self.cast.grid_workers[grid.id] if is_on_behalf else self.chance.choice(self.cast.residents[community.id])))
        number = next(self.people)
        wish = wishes.submit_wish(by=by, draft=wishes.WishDraft(
            title=story.title, kind=story.kind, community_id=community.id, grid_id=grid.id, story=story.story, item=story.item, cost=story.cost,
            minutes=story.minutes, skill=story.skill, group=story.group, urgency=story.urgency, age_band=story.age, seats=story.seats,
            beneficiary_name=names.person(number) if is_on_behalf else by.name, beneficiary_phone=names.phone(number),
            address=f"{community.name}{number % 30 + 1}号楼（演示地址）", is_on_behalf=is_on_behalf,
            consent_how=self.chance.choice(("in_person", "in_person", "phone", "family")) if is_on_behalf else "", guardian_consent=story.age == "child",
        ))
        wish_id = wish.id
        if fate == "returned":
            self.replay.after(self.between(2, 24), lambda: wishes.return_wish(
                db.session.get(Wish, wish_id), by=self.staff(wish_id), why=self.chance.choice(words.RETURNED)))
        elif fate != "submitted":
            self.replay.after(self.between(1, 18), lambda: self.publish(fate, wish_id, story, helper))

    def publish(self, fate: str, wish_id: int, story: Story, helper: Helper | None) -> None:
        """Staff put it on the wall; then its fate takes its course."""
        wish = db.session.get(Wish, wish_id)
        wishes.publish_wish(wish, by=self.staff(wish_id))
        if fate in CLAIMED:
            for _seat in range(story.seats):
                self.replay.after(self.between(1, 48), lambda: self.claim(fate, wish_id, story, helper))
        elif fate == "withdrawn":
            self.replay.after(self.between(5, 40), lambda: wishes.withdraw_wish(
                db.session.get(Wish, wish_id), by=self.poster(wish_id), why=self.chance.choice(words.WITHDRAWN)))
        elif fate == "merged":
            self.replay.after(self.between(2, 20), lambda: self.merge(wish_id))
        elif fate == "expired":
            self.replay.after(timedelta(days=91), wishes.expire_wishes)

    def claim(self, fate: str, wish_id: int, story: Story, helper: Helper | None) -> None:
        """Somebody takes a seat straight from the wall; another tries when the first has no room left."""
        wish = db.session.get(Wish, wish_id)
        for candidate in [helper] if helper else self.candidates(story, wish.place_path):
            try:
                with db.session.begin_nested():
                    claim = wishes.claim_wish(wish, db.session.get(Supporter, candidate.id), by=self.cast.actor(candidate.user_id))
            except Refused:
                continue
            self.load[candidate.id] += 1
            if fate != "accepted":
                self.replay.after(self.between(10, 90), lambda claim_id=claim.id: self.deliver(fate, claim_id, story))
            return
        raise Refused("nobody had room")

    def deliver(self, fate: str, claim_id: int, story: Story) -> None:
        """It is done, with words and a drawn picture; the last one delivered moves the wish on."""
        claim = db.session.get(Claim, claim_id)
        by = self.cast.actor(supporters.people_of([claim.supporter_id])[claim.supporter_id][0])
        data, width, height = pictures.draw(story.kind, self.chance)
        photo = wishes.StoredPhoto(images.store(data, self.folder), width, height)
        wishes.deliver_wish(claim, by=by, words=self.chance.choice(words.DELIVERED[story.kind]), photos=[photo])
        if fate != "delivered" and claim.wish.state == "delivered":
            wish_id = claim.wish_id
            next_step = self.dispute if fate == "disputed" else self.confirm
            self.replay.after(self.between(2, 60), lambda: next_step(fate, wish_id))

    def confirm(self, fate: str, wish_id: int) -> None:
        """Stars, a few words, points; perhaps a word of thanks later."""
        stars = self.chance.choices((5, 4, 3), (75, 20, 5))[0]
        wishes.confirm_wish(db.session.get(Wish, wish_id), by=self.poster(wish_id), rating=stars, words=self.chance.choice(words.PRAISE[stars]),
                            is_public=self.chance.random() < 0.7)
        if fate == "closed":
            self.replay.after(self.between(1, 24), lambda: wishes.thank_wish(
                db.session.get(Wish, wish_id), by=self.poster(wish_id), words=self.chance.choice(words.THANKS), is_public=True))

    def dispute(self, _fate: str, wish_id: int) -> None:
        """Not really done."""
        wishes.dispute_wish(db.session.get(Wish, wish_id), by=self.poster(wish_id), why=self.chance.choice(words.DISPUTED))

    def merge(self, wish_id: int) -> None:
        """Two neighbours wished for the same."""
        wish = db.session.get(Wish, wish_id)
        other = db.session.query(Wish).filter(Wish.community_id == wish.community_id, Wish.kind == wish.kind, Wish.state == "open", Wish.id != wish.id).first()
        if other is None:
            raise Refused("no other wish")
        wishes.merge_wish(wish, other, by=self.staff(wish_id), why=words.MERGED)

    def candidates(self, story: Story, path: str) -> list[Helper]:
        """Helpers who could: skilled for skilled work, near ones and little used ones first, a little luck."""
        able = [helper for helper in self.cast.helpers
                if story.kind in helper.helps and (not story.skill or helper.kind == "unit" or story.skill in helper.skills)]
        if story.kind == "goods":
            able = [helper for helper in able if helper.kind == "unit" or self.chance.random() < 0.2]
        near = {helper.id: path.startswith(helper.community_path) for helper in able}
        return sorted(able, key=lambda helper: (self.load[helper.id] * 2 - 3 * near[helper.id] + self.chance.random() * 4))[:6]

    def between(self, low: float, high: float) -> timedelta:
        """A span of hours."""
        return timedelta(hours=self.chance.uniform(low, high))

    def staff(self, wish_id: int) -> Actor:
        """The community worker who reviews."""
        return self.cast.actor(self.cast.staff[db.session.get(Wish, wish_id).community_id])

    def poster(self, wish_id: int) -> Actor:
        """Whoever sent it."""
        return self.cast.actor(db.session.get(Wish, wish_id).posted_by_id)
