"""The blueprint of supporters, and its words for every template."""

from typing import Any

from flask import Blueprint

from wishapp.supporters.words import help_kind, hours, skill_word, supporter_kind, unit_kind, unit_level

blueprint = Blueprint("supporters", __name__)


@blueprint.record_once
def _install(state: Any) -> None:
    state.app.jinja_env.globals["endpoints"] = state.app.view_functions  # a page links to what stands above it only when it is there
    for function in (supporter_kind, help_kind, hours, skill_word, unit_level, unit_kind):
        state.app.jinja_env.filters[function.__name__] = function
