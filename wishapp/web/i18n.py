"""Languages and the reader's preferences (language, elder mode, theme). Chinese first."""

from babel import Locale
from flask import Flask, Request, has_request_context, request
from flask_babel import Babel
from flask_login import current_user

LOCALES = {"zh-Hans": Locale.parse("zh_Hans_CN"), "zh-Hant": Locale.parse("zh_Hant"), "en": Locale.parse("en")}
THEMES = ("auto", "light", "dark")
COOKIES = {"lang": tuple(LOCALES), "elder": ("0", "1", "2"), "theme": THEMES}
babel = Babel()


def from_header(asked: Request) -> str:
    """Language tag the browser asks for; Chinese when it asks for none we have."""
    for tag, _quality in asked.accept_languages:
        tag = tag.lower().replace("_", "-")
        if tag.startswith("zh"):
            return "zh-Hant" if any(part in tag for part in ("hant", "-tw", "-hk", "-mo")) else "zh-Hans"
        if tag.startswith("en"):
            return "en"
    return "zh-Hans"


def preference(name: str) -> str | None:
    """What the reader chose for `lang`, `elder` or `theme`: the account's choice, else this browser's; None if neither."""
    kept = getattr(current_user, f"prefers_{name}", None) if current_user else None
    value = kept or request.cookies.get(name)
    return value if value in COOKIES[name] else None


def language() -> str:
    """Language tag of this answer: "zh-Hans", "zh-Hant" or "en"."""
    if not has_request_context():
        return "zh-Hans"
    return preference("lang") or from_header(request)


def is_elder() -> bool:
    """Is the large-print mode on for this reader."""
    return preference("elder") in ("1", "2")


def is_largest() -> bool:
    """Elder mode with the largest type (30 px)."""
    return preference("elder") == "2"


def init_app(app: Flask) -> None:
    """Install Flask-Babel with Locale objects (strings such as zh-CN make it raise)."""
    babel.init_app(app, locale_selector=lambda: LOCALES[language()])
