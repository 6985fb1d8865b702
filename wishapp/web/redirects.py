"""Where to go next when the address comes from the visitor: only to a path of this very site."""

from urllib.parse import urlsplit

from wishapp.web.forms import readable_text

LONGEST = 2000


def safe_path(target: str | None) -> str | None:
    """`target` when it is a path on this site ("/wishes?page=2"), else None.

    Refused: other hosts in every spelling browsers understand (//x, /\\x, /<TAB>/x, https:x), control characters, blanks,
    lone surrogates, over-long text.
    """
    if not target or len(target) > LONGEST or not target.startswith("/") or target.startswith("//"):
        return None
    if "\\" in target or not readable_text(target) or any(sign.isspace() for sign in target):
        return None
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    return target if not parts.scheme and not parts.netloc else None
