"""Rules over an application's routes: guarded, typed, kebab-case, and named by their verb."""

import re
from collections.abc import Iterator

from flask import Flask
from werkzeug.routing import Rule

ENDPOINT = re.compile(r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")
SEGMENT = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)?$")
PARAMETER = re.compile(r"<(?:([a-z_]+)(?:\([^)]*\))?:)?([a-z_]+)>")


def own_rules(app: Flask) -> Iterator[Rule]:
    """Every rule but those that serve files from static folders."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static" and not rule.endpoint.endswith(".static"):
            yield rule


def every_route_guarded(app: Flask) -> Iterator[str]:
    """Every view says who may come: @guard("permission") or @public."""
    for rule in own_rules(app):
        if getattr(app.view_functions[rule.endpoint], "__guard__", None) is None:
            yield f"{rule.endpoint} ({rule.rule}) declares no guard"


def typed_parameters(app: Flask) -> Iterator[str]:
    """Every URL parameter names its converter: <int:wish_id>."""
    for rule in own_rules(app):
        for converter, name in PARAMETER.findall(rule.rule):
            if not converter:
                yield f"{rule.rule}: <{name}> has no type"


def kebab_case(app: Flask) -> Iterator[str]:
    """Fixed parts of URLs are lower-case words joined by hyphens, and no URL but the first page ends in a slash."""
    for rule in own_rules(app):
        fixed = [segment for segment in PARAMETER.sub("x", rule.rule).split("/") if segment]
        if any(not SEGMENT.match(segment) for segment in fixed):
            yield f"{rule.rule} is not kebab-case"
        if rule.rule != "/" and rule.rule.endswith("/"):
            yield f"{rule.rule} ends in a slash"


def endpoint_is_verb(app: Flask) -> Iterator[str]:
    """`slice.verb`; what only receives (POST) ends its URL in the same verb: /wishes/<int:wish_id>/publish."""
    for rule in own_rules(app):
        if not ENDPOINT.match(rule.endpoint):
            yield f"{rule.endpoint} is not called slice.verb"
            continue
        if "GET" in rule.methods:
            continue
        fixed = [segment for segment in rule.rule.split("/") if segment and not segment.startswith("<")]
        verb = rule.endpoint.partition(".")[2].replace("_", "-")
        if not fixed or verb not in (fixed[-1], "-".join(fixed[-2:])):
            yield f"{rule.endpoint} answers {rule.rule}: the last word should be {verb}"


RULES = (every_route_guarded, typed_parameters, kebab_case, endpoint_is_verb)
