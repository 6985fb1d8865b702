"""What templates may hold: the content policy forbids inline style and script, the catalogues want every visible word."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import templates

COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
CHINESE = re.compile(r"[\u3400-\u9fff]")
SCRIPT = re.compile(r"<script\b([^>]*)>", re.IGNORECASE)
INLINE = (
    (re.compile(r"<[a-z][^<>]*\sstyle\s*=", re.IGNORECASE), "inline style"),
    (re.compile(r"<style\b", re.IGNORECASE), "<style> block"),
    (re.compile(r"<[a-z][^<>]*\son[a-z]+\s*=", re.IGNORECASE), "inline event handler"),
    (re.compile(r"\bhx-on\b|\bhx-vals\s*=\s*[\"']js:", re.IGNORECASE), "htmx code in an attribute"),
    (re.compile(r"javascript:", re.IGNORECASE), "javascript: address"),
)
ELSEWHERE = re.compile(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE)


def blank_comments(text: str) -> str:
    """The text without Jinja comments, its lines still where they were."""
    return COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text)


def line_of(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def nothing_inline(tree: Path) -> Iterator[str]:
    """No style or script inside the page: it would die under the content policy."""
    for where, source in templates(tree):
        text = blank_comments(source)
        for pattern, sin in INLINE:
            for found in pattern.finditer(text):
                yield f"{where}:{line_of(text, found.start())}: {sin}"
        for found in SCRIPT.finditer(text):
            if "src=" not in found[1] and "application/json" not in found[1]:
                yield f"{where}:{line_of(text, found.start())}: inline script"


def nothing_from_elsewhere(tree: Path) -> Iterator[str]:
    """No address of another machine: everything is in static/, links to other sites carry rel=external."""
    for where, source in templates(tree):
        text = blank_comments(source)
        for found in ELSEWHERE.finditer(text):
            if "external" not in text.splitlines()[line_of(text, found.start()) - 1]:
                yield f"{where}:{line_of(text, found.start())}: address of another machine"


def safe_with_reason(tree: Path) -> Iterator[str]:
    """`|safe` only with a comment {# safe: why #} on its line or the one above."""
    for where, source in templates(tree):
        lines = source.splitlines()
        for number, line in enumerate(lines):
            if re.search(r"\|\s*safe\b", COMMENT.sub("", line)) and "{# safe:" not in line + (lines[number - 1] if number else ""):
                yield f"{where}:{number + 1}: |safe without a reason"


def words_from_the_catalogue(tree: Path) -> Iterator[str]:
    """No Chinese in templates but in the catalogues; a line that must hold some, or a stretch, says why: {# zh: … #} … {# /zh #}."""
    for where, source in templates(tree):
        lines = source.splitlines()
        is_excused = False
        for number, line in enumerate(blank_comments(source).splitlines()):
            opens, closes = "{# zh:" in lines[number], "{# /zh #}" in lines[number]
            is_excused = (is_excused or (opens and "{# /zh #}" in source)) and not closes
            if CHINESE.search(line) and not (is_excused or opens or closes):
                yield f"{where}:{number + 1}: Chinese in a template: {line.strip()[:60]}"


RULES = (nothing_inline, nothing_from_elsewhere, safe_with_reason, words_from_the_catalogue)
