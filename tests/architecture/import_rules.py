"""House rules 1 to 4 and 6: who may import whom, and how. Each rule takes a tree and yields its breaches as sentences."""

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import HEIGHT, SLICES, Import, Module, existing, modules

OPEN_PARTS = {"models", "queries", "service"}
QUIET_PARTS = {"models", "queries", "service", "demand"}
WEB_PACKAGES = {"flask", "flask_babel", "flask_login", "flask_wtf", "flask_limiter", "wtforms"}
ALLOWED_PACKAGES = {
    "solver": {"numpy", "scipy", "ortools"},
    "kernel": set(),
    "workflows": set(),
    "store": {"sqlalchemy", "flask_sqlalchemy", "flask_migrate", "alembic", "psycopg", "cryptography", "pypinyin"},
}


def own_imports(tree: Path) -> Iterator[tuple[Module, Import, str]]:
    """Every import of a module of wishapp by another: (importer, import, imported module)."""
    everything = list(modules(tree))
    known = {module.name for module in everything}
    for module in everything:
        for found in module.imports:
            if found.target.split(".")[0] == "wishapp" and not found.is_relative:
                yield module, found, existing(found.target, known)


def look_down_only(tree: Path) -> Iterator[str]:
    """Rule 1: a module imports only from its own area or from one lower in the order; siblings never import each other."""
    for module, found, target in own_imports(tree):
        area = target.split(".")[1] if "." in target else "__init__"
        if area not in HEIGHT or module.area not in HEIGHT:
            stranger = area if area not in HEIGHT else module.area
            yield f"{module.where}:{found.line}: {stranger} has no place in the import order of house.md"
        elif module.area != area and HEIGHT[area] >= HEIGHT[module.area]:
            yield f"{module.where}:{found.line}: {module.area} looks up (or aside) to {target}"


def through_the_front_door(tree: Path) -> Iterator[str]:
    """Rule 2: from another slice only models, queries and service (wiring and the factory put the rest together)."""
    for module, found, target in own_imports(tree):
        area, _, part = target.removeprefix("wishapp.").partition(".")
        if area not in SLICES or area == module.area or module.area not in SLICES:
            continue
        if part.split(".")[0] not in OPEN_PARTS:
            yield f"{module.where}:{found.line}: takes {target} from another slice; only models, queries, service are open"


def pure_shelves(tree: Path) -> Iterator[str]:
    """Rule 3: solver, kernel, workflows and store keep to their own kind of packages."""
    for module in modules(tree):
        allowed = ALLOWED_PACKAGES.get(module.area)
        if allowed is None:
            continue
        for found in module.imports:
            package = found.target.split(".")[0]
            if package and package != "wishapp" and package not in sys.stdlib_module_names and package not in allowed:
                yield f"{module.where}:{found.line}: {module.area} may not use {package}"


def no_web_below_views(tree: Path) -> Iterator[str]:
    """Rule 4: models, queries, service and demand know nothing of requests (accounts' UserMixin is the one exception)."""
    for module in modules(tree):
        if module.area not in SLICES or module.part not in QUIET_PARTS:
            continue
        for found in module.imports:
            if found.target == "flask_login.UserMixin" and module.name.startswith("wishapp.accounts.models"):
                continue
            if found.target.split(".")[0] in WEB_PACKAGES or found.target.startswith("wishapp.web"):
                yield f"{module.where}:{found.line}: {module.part} may not use {found.target}"


def absolute_imports(tree: Path) -> Iterator[str]:
    """Rule 6: no relative imports."""
    for module in modules(tree):
        for found in module.imports:
            if found.is_relative:
                yield f"{module.where}:{found.line}: relative import"


def imports_on_top(tree: Path) -> Iterator[str]:
    """Rule 6: no import inside a function; create_app alone may, so that `import wishapp.solver` stays light."""
    for module in modules(tree):
        for found in module.imports:
            if found.function and (module.where, found.function) != ("wishapp/__init__.py", "create_app"):
                yield f"{module.where}:{found.line}: import inside {found.function}()"


def no_cycles(tree: Path) -> Iterator[str]:
    """Rule 6: no module imports itself by way of others."""
    graph: dict[str, set[str]] = {module.name: set() for module in modules(tree)}
    for module, found, target in own_imports(tree):
        if target != module.name and not found.function:
            graph[module.name].add(target)
    done: set[str] = set()
    for start in graph:
        yield from _walk(start, graph, [], done)


def _walk(name: str, graph: dict[str, set[str]], trail: list[str], done: set[str]) -> Iterator[str]:
    if name in trail:
        yield "cycle: " + " -> ".join(trail[trail.index(name):] + [name])
        return
    if name in done or name not in graph:
        return
    for target in sorted(graph[name]):
        yield from _walk(target, graph, [*trail, name], done)
    done.add(name)


RULES = (look_down_only, through_the_front_door, pure_shelves, no_web_below_views, absolute_imports, imports_on_top, no_cycles)
