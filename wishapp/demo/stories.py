"""Wishes to tell: titles after really published ones, the stories written for this demonstration (data/stories.psv)."""

from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

DATA = Path(__file__).parent / "data"
GROUPS = {
    "E": "elderly_alone", "C": "child_in_need", "D": "disabled", "S": "seriously_ill", "L": "low_income", "P": "pregnant", "N": "new_employment",
    "R": "residents",
}
# shares of kinds as published lists have them (goods first by far), in per mille
SHARES = {"goods": 560, "service": 150, "medical": 100, "companionship": 60, "repair": 60, "environment": 30, "learning": 25, "job": 15}
ENDINGS = (
    "", "", "", "", "先谢谢了。", "不着急，什么时候方便都行。", "周末一般都在家。", "白天都有人。", "用过的也行，能使就好。", "麻烦大家了。", "下午来最好。",
    "要是有人愿意帮，真是帮了大忙。", "来之前打个电话就行。", "旧一点没关系。",
)
FOR_THINGS = frozenset({"用过的也行，能使就好。", "旧一点没关系。"})


@dataclass(frozen=True)
class Story:
    """What a wish says. `group` and `age` in the words of the model, `cost` in yuan, `minutes` of a helper's time."""

    kind: str
    title: str
    item: str
    group: str
    age: str
    minutes: int
    cost: int
    urgency: str
    skill: str
    seats: int
    story: str


def read(name: str = "stories.psv") -> list[Story]:
    """All stories of a file."""
    found = []
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        kind, title, item, group, age, minutes, cost, urgency, skill, seats, story = line.split("|")
        found.append(Story(kind, title, item, GROUPS[group], age, int(minutes), int(cost), urgency, skill, int(seats), story))
    return found


class Teller:
    """Draws stories by the published shares of kinds; a story comes again only after all of its kind were told."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.waiting: dict[str, deque[Story]] = {}
        self.all = read()
        self.rare = read("rare.psv")

    def next(self, kind: str | None = None) -> Story:
        """The next story, of this kind when one is given."""
        kind = kind or self.chance.choices(list(SHARES), list(SHARES.values()))[0]
        if not self.waiting.get(kind):
            ours = [story for story in self.all if story.kind == kind]
            self.chance.shuffle(ours)
            self.waiting[kind] = deque(ours)
        story = self.waiting[kind].popleft()
        ending = self.chance.choice(ENDINGS)
        if ending in FOR_THINGS and story.kind != "goods":
            ending = ""
        return replace(story, story=story.story + ending)
