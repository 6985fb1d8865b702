"""What may not stand in public words, and what a reviewer should look at twice. Pure functions over text."""

# zh-file: patterns over what people write in Chinese

import re
import unicodedata

from wishapp.kernel.text import N_

# zh-file: patterns of Chinese addresses, contacts and jokes
_NUMERAL = "0-9一二三四五六七八九十"
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d(?:[\s\-]?\d){8}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(?:0\d{2,3}[\s\-]?)?[2-9]\d{6,7}(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)\d{17}[\dXx](?![\dXx])|(?<!\d)\d{15}(?!\d)")
_HOUSE = re.compile(
    rf"[{_NUMERAL}]+\s*单元|(?<![{_NUMERAL}])\d{{3,4}}\s*(?:室|户)|门牌号?\s*\d|[{_NUMERAL}]+\s*(?:号楼|栋|幢)\s*\d{{3,4}}|"
    rf"(?:路|街|巷|胡同)\s*\d+\s*号|\d+[\-－—#]\d+[\-－—#]\d{{3,4}}"
)
_CONTACT = re.compile(r"(?:微信|QQ|qq|wx|weixin)[号:：\s]*[A-Za-z0-9_\-]{5,}", re.ASCII)
_JOKE = re.compile(r"女朋友|男朋友|对象|中彩票|中大奖|一个亿|[一1]百万|别墅|跑车|豪车|保时捷|法拉利|火箭|长生不老|超能力|变帅|变美|暴富|不想上班|世界和平|游艇")

PHONE_MESSAGE = N_("There is a telephone number in it. Please leave it out here: we ask for it separately, and only the helper sees it.")
IDENTITY_MESSAGE = N_("There is an identity number in it. Please leave it out: nobody here needs it.")
HOUSE_MESSAGE = N_("There is a house number in it. Please leave it out here: we ask for it separately, and only the helper sees it.")
CONTACT_MESSAGE = N_("There is a chat account in it. Please leave it out: these words can be read by everybody.")


def private_part(text: str | None) -> str | None:
    """Message about the first thing in `text` that everybody would be able to read but should not; None when all is well."""
    plain = unicodedata.normalize("NFKC", text or "")
    for pattern, message in ((_IDENTITY, IDENTITY_MESSAGE), (_MOBILE, PHONE_MESSAGE), (_CONTACT, CONTACT_MESSAGE),
                             (_HOUSE, HOUSE_MESSAGE), (_LANDLINE, PHONE_MESSAGE)):
        if pattern.search(plain):
            return message
    return None


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
