"""Passwords: argon2id hashing, a check that takes as long for people who do not exist, and what a password must be like.

Hash and check OUTSIDE transactions: each takes tens of milliseconds by intent.
"""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from wishapp.kernel.errors import BadInput
from wishapp.kernel.text import N_

SHORTEST, LONGEST = 8, 128
# The base words of lists of leaked passwords, with what people hang on to them stripped (see is_common).
COMMON = frozenset("""
password passw0rd p@ssword p@ssw0rd qwerty qwertyui qwertyuiop qwert asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx qazwsxedc 1qaz2wsx
1q2w3e 1q2w3e4r 1q2w3e4r5t q1w2e3r4 qwe asd zxc qweasd qweasdzxc abc abcd abcde abcdef abcdefg abcdefgh aaa admin administrator root user
guest test letmein welcome iloveyou woaini woaiwojia woaiwo wodemima mima nihao sunshine princess dragon monkey football baseball master
superman batman shadow michael login hello freedom whatever trustno changeme secret default temp jinan lixia shandong beijing china
zhongguo zaizhiyuan taobao alipay weixin wechat weixinyuan xinyuan xiaoxiao zhang wang liu chen yang
""".split())
# no letters that are mistaken for another when read from paper or over the phone
READABLE = "abcdefghjkmnpqrstuvwxyz23456789"

_hasher = PasswordHasher()


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_hex(16))


def hash_password(text: str) -> str:
    """The argon2id hash to keep."""
    return _hasher.hash(text)


def verify_password(kept: str | None, text: str) -> bool:
    """Does `text` match the kept hash. None (nobody, or somebody who cannot sign in) takes the same time and says no."""
    try:
        return _hasher.verify(kept or _nobody(), text) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(kept: str) -> bool:
    """Was the hash made with weaker settings than today's."""
    return _hasher.check_needs_rehash(kept)


def is_common(text: str) -> bool:
    """One of the passwords everybody tries first: a common word with digits around it, a row of digits, one sign repeated."""
    low = text.lower()
    if len(set(low)) < 3 or low.strip("0123456789!@#$%^&*._-+ ") in COMMON | {""} and not _is_mixed_number(low):
        return True
    steps = {ord(after) - ord(before) for before, after in zip(low, low[1:], strict=False)}
    return steps in ({1}, {-1})


def _is_mixed_number(low: str) -> bool:
    """Digits only, but long and without the pattern of a date, a phone number or a repetition."""
    digits = "".join(sign for sign in low if sign.isdigit())
    return digits == low and len(low) > 13 and len(set(low)) > 5


def check_password(text: str, *, username: str = "", phone: str = "") -> None:
    """Raises BadInput, saying what would help, when this must not become somebody's password."""
    if len(text) < SHORTEST:
        raise BadInput(N_("A little longer please: at least %(least)s characters."), least=SHORTEST)
    if len(text) > LONGEST:
        raise BadInput(N_("That is too long: at most %(most)s characters."), most=LONGEST)
    if is_common(text):
        raise BadInput(N_("Many people use this password, so it is tried first. Three words in a row are easy to keep in mind."))
    low = text.lower()
    digits = "".join(sign for sign in phone if sign.isdigit())[-8:]
    if (len(username) > 3 and username.lower() in low) or (len(digits) > 5 and digits in low):
        raise BadInput(N_("Your user name or phone number is in it. Please leave it out."))


def make_password() -> str:
    """A password to be read out or written down once: three groups of four readable signs (about 59 bits)."""
    return "-".join("".join(secrets.choice(READABLE) for _sign in range(4)) for _group in range(3))
