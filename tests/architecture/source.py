"""The tree as the rules read it: modules with their syntax trees, their imports resolved, templates with their lines.

A tree is a folder holding `wishapp/` and perhaps `templates/`, `tests/`, …: the checkout itself, or a small one with a sin in it.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

SHELVES = ("solver", "kernel", "workflows", "store", "jobs", "web")
SLICES = (
    "places", "accounts", "supporters", "points", "notices", "wishes", "volunteering", "lists", "issues",
    "matching", "dashboards", "exchange", "api", "demo",
)
# The total order of house.md, lowest first; siblings share a step and never import each other. Above the slices: what the
# composition root puts together (whole-house checks, the server, the commands).
STEPS = (
    {"solver"}, {"config"}, {"kernel"}, {"workflows"}, {"store"}, {"jobs"}, {"web"}, {"places"}, {"accounts"}, {"supporters"},
    {"points"}, {"notices"}, {"wishes", "volunteering", "lists", "issues"}, {"matching"}, {"dashboards"}, {"exchange"}, {"api"},
    {"demo"}, {"serving", "checks"}, {"commands"}, {"wiring"}, {"factory"}, {"__init__"}, {"__main__"},
)
HEIGHT = {name: height for height, names in enumerate(STEPS) for name in names}


@dataclass(frozen=True)
class Import:
    """One import: the module it names, the line, whether it stands inside a function, and whether it is relative."""

    target: str
    line: int
    function: str | None
    is_relative: bool


@dataclass(frozen=True)
class Module:
    """A Python file of the tree. `name` is dotted, e.g. wishapp.wishes.service."""

    root: Path
    path: Path

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def syntax(self) -> ast.Module:
        return ast.parse(self.text, filename=str(self.path))

    @property
    def where(self) -> str:
        """Path inside the tree, for messages."""
        return self.path.relative_to(self.root).as_posix()

    @property
    def name(self) -> str:
        parts = list(self.path.relative_to(self.root).with_suffix("").parts)
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def area(self) -> str:
        """The shelf or slice this module belongs to: wishes, store, wiring, …; __init__ for wishapp/__init__.py."""
        return area_of(self.name)

    @property
    def part(self) -> str:
        """The file set's word: models, queries, service, views, …; "" for a slice's __init__."""
        parts = self.name.split(".")
        return parts[2] if len(parts) > 2 else ""

    @cached_property
    def imports(self) -> list[Import]:
        """Every import; `from a.b import c` names a.b.c, to be cut back by `existing` when c is no module."""
        found: list[Import] = []
        self._collect(self.syntax, None, found)
        return found

    def _collect(self, node: ast.AST, function: str | None, found: list[Import]) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                found += [Import(alias.name, child.lineno, function, False) for alias in child.names]
            elif isinstance(child, ast.ImportFrom):
                base = child.module or ""
                found += [Import(f"{base}.{alias.name}", child.lineno, function, child.level > 0) for alias in child.names]
            inner = child.name if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else function
            self._collect(child, inner, found)


def area_of(name: str) -> str:
    """Shelf or slice of a dotted name under wishapp."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def modules(tree: Path, *folders: str) -> Iterator[Module]:
    """Python files below these folders of the tree (wishapp when none is named)."""
    for folder in folders or ("wishapp",):
        for path in sorted((tree / folder).rglob("*.py")):
            if "__pycache__" not in path.parts and "versions" not in path.parts:
                yield Module(tree, path)


def templates(tree: Path) -> Iterator[tuple[str, str]]:
    """Templates as (path inside the tree, text)."""
    for path in sorted((tree / "templates").rglob("*.html")):
        yield path.relative_to(tree).as_posix(), path.read_text(encoding="utf-8")


def existing(target: str, known: set[str]) -> str:
    """The module that an import really names: wishapp.store.db.db is wishapp.store.db when that is a file."""
    while target not in known and "." in target:
        target = target.rpartition(".")[0]
    return target
