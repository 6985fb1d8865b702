"""From a notice to a sentence in the reader's language."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import current_app
from flask_babel import gettext
from werkzeug.routing import BuildError

from wishapp.kernel.text import N_
from wishapp.notices.models import Notice
from wishapp.notices.rules import RULES, Rule
from wishapp.web import filters

PLAIN = Rule(N_("There is news for you."))


class Words(dict):
    """Params ready to be put into a text; a word nobody supplied shows as a dash instead of breaking the page."""

    def __missing__(self, key: str) -> str:
        return "–"


def rule_of(notice: Notice) -> Rule:
    """The rule that made this notice, or a plain one when the table has changed since."""
    return RULES.get((notice.workflow, notice.action), {}).get(notice.audience, PLAIN)


def words(params: Mapping[str, Any]) -> Words:
    """Params as people read them: moments by the local clock, tenths as points."""
    shown = Words(params)
    for name, value in params.items():
        if name in ("until", "starts"):
            shown[name] = filters.when(datetime.fromisoformat(value)) if value else "–"
        elif name == "day":
            shown[name] = filters.day(date.fromisoformat(value)) if value else "–"
        elif name == "points":
            shown[name] = filters.points(value)
    return shown


def sentence(notice: Notice) -> str:
    """What the notice says, in the present language."""
    rule = rule_of(notice)
    text = rule.without_points if rule.without_points and not notice.params.get("points") else rule.text
    return gettext(text) % words(notice.params)


def path_to(notice: Notice) -> str | None:
    """Path of the page about the thing, or None when there is no such page."""
    if not notice.endpoint:
        return None
    try:
        return current_app.url_map.bind("").build(notice.endpoint, notice.values)
    except BuildError:
        return None
