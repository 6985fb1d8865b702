"""Telephone numbers: read with China's rules, kept as +86…, shown masked."""

import re
import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from wishapp.kernel.errors import BadInput
from wishapp.kernel.text import N_

_MOBILE = re.compile(r"(\+?86)?1[3-9]\d{4,}")


def read_phone(text: str) -> str:
    """A number as typed (blanks, dashes, full-width digits, with or without +86 or area code) -> "+8613900000000".

    Raises BadInput that says what is missing.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    digits = re.sub(r"[\s\-–()]", "", plain)
    if _MOBILE.fullmatch(digits):
        own = re.sub(r"^\+?86(?=1)", "", digits)
        if len(own) < 11:
            raise BadInput(N_("Some digits are missing: a mobile number has 11."))
        if len(own) > 11:
            raise BadInput(N_("A few digits too many: a mobile number has 11."))
    try:
        number = phonenumbers.parse(plain, "CN")
    except NumberParseException as error:
        raise BadInput(N_("This is not a telephone number.")) from error
    if number.extension or not phonenumbers.is_valid_number(number):
        raise BadInput(N_("There is no such number. A landline needs its area code, like 0531."))
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def show_phone(kept: str | None) -> str:
    """A kept number as people write it: "139 0000 0000", a landline with its area code; empty for none."""
    if not kept:
        return ""
    if kept.startswith("+861") and len(kept) == 14:
        return f"{kept[3:6]} {kept[6:10]} {kept[10:]}"
    number = phonenumbers.parse(kept)
    here = number.country_code == 86
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL if here else PhoneNumberFormat.INTERNATIONAL)


def mask_phone(kept: str | None) -> str:
    """A kept number with its middle hidden: "139****0000"; empty for none."""
    if not kept:
        return ""
    own = kept.removeprefix("+86")
    return f"{own[:3]}****{own[-4:]}" if len(own) > 8 else f"****{own[-2:]}"
