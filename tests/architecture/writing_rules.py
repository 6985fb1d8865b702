"""House rules 5 and 6 and the habits: what code may say, how long it may be and what its files may be called."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import Module, modules

LONGEST = 300
BAD_NAMES = {"util", "utils", "helpers", "common", "misc", "manager", "managers"}
CHINESE = re.compile(r"[\u3400-\u9fff]")
SPEAKING = {"_", "_l", "N_", "gettext", "lazy_gettext", "ngettext", "lazy_ngettext"}
CODE_FOLDERS = ("wishapp", "tests", "tools", "benchmarks")


def commit_in_one_place(tree: Path) -> Iterator[str]:
    """Rule 5: only store/transaction.py commits."""
    for module in modules(tree):
        if module.where == "wishapp/store/transaction.py":
            continue
        for node in ast.walk(module.syntax):
            if isinstance(node, ast.Attribute) and node.attr == "commit":
                yield f"{module.where}:{node.lineno}: commits on its own"
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.strip(" ;").upper() in ("COMMIT", "END"):
                yield f"{module.where}:{node.lineno}: commits by SQL"


def state_by_advance(tree: Path) -> Iterator[str]:
    """Rule 5: only store.transitions.advance() writes `state`."""
    for module in modules(tree):
        if module.where == "wishapp/store/transitions.py":
            continue
        for node in ast.walk(module.syntax):
            if writes_state(node):
                yield f"{module.where}:{node.lineno}: writes state without advance()"


def writes_state(node: ast.AST) -> bool:
    """thing.state = …, setattr(thing, "state", …), .values(state=…), .update({"state": …}), UPDATE … SET state."""
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return any(isinstance(part, ast.Attribute) and part.attr == "state" for target in targets for part in ast.walk(target))
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called == "setattr":
            return len(node.args) > 1 and isinstance(node.args[1], ast.Constant) and node.args[1].value == "state"
        if called in ("values", "update"):
            named = {word.arg for word in node.keywords}
            keys = {key.value for argument in node.args if isinstance(argument, ast.Dict) for key in argument.keys if isinstance(key, ast.Constant)}
            return "state" in named | keys
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return bool(re.search(r"\bupdate\b.*\bset\b[^;]*\bstate\s*=", node.value, re.IGNORECASE | re.DOTALL))
    return False


def listed_fields(tree: Path) -> Iterator[str]:
    """Forms list their fields: populate_obj would let a sender set what the form never showed."""
    for module in modules(tree):
        for node in ast.walk(module.syntax):
            if isinstance(node, ast.Attribute) and node.attr == "populate_obj":
                yield f"{module.where}:{node.lineno}: populate_obj"


def short_files(tree: Path) -> Iterator[str]:
    """Rule 6: no file over 300 lines."""
    for module in modules(tree, *CODE_FOLDERS):
        if len(module.lines) > LONGEST:
            yield f"{module.where}: {len(module.lines)} lines"
    for path in sorted((tree / "templates").rglob("*.html")):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > LONGEST:
            yield f"{path.relative_to(tree).as_posix()}: {lines} lines"


def telling_names(tree: Path) -> Iterator[str]:
    """Rule 6: no file or folder called after nothing in particular."""
    for module in modules(tree, "wishapp", "tests", "benchmarks"):
        for word in module.name.split(".")[1:]:
            if word in BAD_NAMES:
                yield f"{module.where}: called {word}"


def whole_sentences(tree: Path) -> Iterator[str]:
    """`_()` gets a plain English literal: what is put together at run time is found by no extractor."""
    for module in modules(tree):
        for node in ast.walk(module.syntax):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SPEAKING and node.args):
                continue
            first = node.args[0]
            built = isinstance(first, ast.JoinedStr | ast.BinOp) or (
                isinstance(first, ast.Call) and isinstance(first.func, ast.Attribute) and first.func.attr == "format")
            if built:
                yield f"{module.where}:{node.lineno}: {node.func.id}() of a text that is put together"
        for node in ast.walk(module.syntax):
            if isinstance(node, ast.JoinedStr) and any(
                isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id in SPEAKING and part.args
                and isinstance(part.args[0], ast.Constant) for part in ast.walk(node)
            ):
                yield f"{module.where}:{node.lineno}: a translated text inside an f-string"


def english_sources(tree: Path) -> Iterator[str]:
    """Visible text is English in the code and Chinese in translations/. A statement that must hold some says why (# zh: …), or its file (# zh-file: …)."""
    for module in modules(tree):
        if module.area == "demo" or any(line.startswith("# zh-file:") for line in module.lines):
            continue
        quiet = docstrings(module)
        for node in ast.walk(module.syntax):
            if not (isinstance(node, ast.Constant) and isinstance(node.value, str) and CHINESE.search(node.value)) or node in quiet:
                continue
            if not any("# zh:" in line for line in statement_lines(module, node)):
                yield f"{module.where}:{node.lineno}: Chinese in the code: {node.value[:20]!r}"


def statement_lines(module: Module, node: ast.Constant) -> list[str]:
    """The lines of the smallest statement around a constant, and the line above it."""
    around = [part for part in ast.walk(module.syntax)
              if isinstance(part, ast.stmt) and part.lineno <= node.lineno and part.end_lineno >= node.end_lineno]
    smallest = min(around, key=lambda part: part.end_lineno - part.lineno)
    return module.lines[max(smallest.lineno - 2, 0):smallest.end_lineno]


def docstrings(module: Module) -> set[ast.AST]:
    """Constants that stand as statements: docstrings and comments in string form."""
    return {node.value for node in ast.walk(module.syntax) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}


def trusted_markup(tree: Path) -> Iterator[str]:
    """Markup() in code and |safe in templates switch escaping off: the line says why it is safe."""
    for module in modules(tree):
        for node in ast.walk(module.syntax):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Markup":
                if "# safe:" not in module.lines[node.lineno - 1] + module.lines[node.lineno - 2]:
                    yield f"{module.where}:{node.lineno}: Markup() without a reason (# safe: …)"


RULES = (
    commit_in_one_place, state_by_advance, listed_fields, short_files, telling_names, whole_sentences, english_sources, trusted_markup,
)
