"""What may not stand in words that others read: telephone numbers, identity numbers, house numbers, chat accounts. Pure functions over text."""

# zh-file: patterns over what people write in Chinese

import re
import unicodedata

from wishapp.kernel.errors import BadInput
from wishapp.kernel.text import N_

_NUMERAL = "0-9一二三四五六七八九十"
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d(?:[\s\-]?\d){8}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(?:0\d{2,3}[\s\-]?)?[2-9]\d{6,7}(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)\d{17}[\dXx](?![\dXx])|(?<!\d)\d{15}(?!\d)")
_HOUSE = re.compile(
    rf"[{_NUMERAL}]+\s*单元|(?<![{_NUMERAL}])\d{{3,4}}\s*(?:室|户)|门牌号?\s*\d|[{_NUMERAL}]+\s*(?:号楼|栋|幢)\s*\d{{3,4}}|"
    rf"(?:路|街|巷|胡同)\s*\d+\s*号|\d+[\-－—#]\d+[\-－—#]\d{{3,4}}"
)
_CONTACT = re.compile(r"(?:微信|QQ|qq|wx|weixin)[号:：\s]*[A-Za-z0-9_\-]{5,}", re.ASCII)

PHONE_MESSAGE = N_("There is a telephone number in it. Please leave it out here: we ask for it separately, and only the helper sees it.")
IDENTITY_MESSAGE = N_("There is an identity number in it. Please leave it out: nobody here needs it.")
HOUSE_MESSAGE = N_("There is a house number in it. Please leave it out here: we ask for it separately, and only the helper sees it.")
CONTACT_MESSAGE = N_("There is a chat account in it. Please leave it out: these words can be read by everybody.")
REASON_MESSAGE = N_("There is a number or an account in it that belongs to somebody. Please leave it out: others read these words.")


def private_part(text: str | None) -> str | None:
    """Message about the first thing in `text` that everybody would be able to read but should not; None when all is well."""
    plain = unicodedata.normalize("NFKC", text or "")
    for pattern, message in ((_IDENTITY, IDENTITY_MESSAGE), (_MOBILE, PHONE_MESSAGE), (_CONTACT, CONTACT_MESSAGE),
                             (_HOUSE, HOUSE_MESSAGE), (_LANDLINE, PHONE_MESSAGE)):
        if pattern.search(plain):
            return message
    return None


def check_reason(text: str | None) -> None:
    """BadInput when a reason given to others carries a telephone or identity number or a chat account. An address may be the reason."""
    plain = unicodedata.normalize("NFKC", text or "")
    if any(pattern.search(plain) for pattern in (_IDENTITY, _MOBILE, _CONTACT, _LANDLINE)):
        raise BadInput(REASON_MESSAGE)
