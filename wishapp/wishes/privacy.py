"""What a reviewer should look at twice: joke wishes, and wishes that are like another. Pure functions over text."""

# zh-file: patterns over what people write in Chinese

import re
import unicodedata

_JOKE = re.compile(r"女朋友|男朋友|对象|中彩票|中大奖|一个亿|[一1]百万|别墅|跑车|豪车|保时捷|法拉利|火箭|长生不老|超能力|变帅|变美|暴富|不想上班|世界和平|游艇")


def is_joke(text: str) -> bool:
    """Does it read like one of the joke wishes that published lists suffer from."""
    return bool(_JOKE.search(text))


def bigrams(text: str) -> frozenset[str]:
    """Pairs of neighbouring letters of the normalised text without blanks and punctuation."""
    plain = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).lower())
    return frozenset(plain[at:at + 2] for at in range(len(plain) - 1)) or frozenset({plain} - {""})


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Dice coefficient of two bigram sets, 0 to 1."""
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0
