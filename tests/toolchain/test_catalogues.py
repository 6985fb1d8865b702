"""The catalogues' tool on a small tree: what it fills, what it keeps, and what its gate refuses."""

import json
from pathlib import Path

import catalogues
import pytest

CODE = 'from web import _, ngettext\n\n\ndef page(n):\n    return _("Wishes of %(who)s", who="x"), ngettext("%(num)d wish", "%(num)d wishes", n)\n'
PAGE = '<h1>{{ _("Neighbours") }}</h1>\n'
CHINESE = {"Wishes of %(who)s": "%(who)s的心愿", "%(num)d wish": ["%(num)d 个心愿"], "Neighbours": "邻里"}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree whose three messages are translated and whose catalogues are up to date."""
    write(tmp_path, "wishapp/views.py", CODE)
    write(tmp_path, "templates/wall.html", PAGE)
    write(tmp_path, "translations/pending/wishes.json", json.dumps(CHINESE))
    catalogues.update(tmp_path)
    return tmp_path


def write(tree: Path, name: str, text: str) -> None:
    path = tree / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def change(tree: Path, locale: str, old: str, new: str) -> None:
    path = catalogues.po_file(locale, tree)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def entry(tree: Path, locale: str, msgid: str) -> str:
    return catalogues.texts(catalogues.read(locale, tree).get(msgid))[0]


def test_update_fills_all_three(tree: Path) -> None:
    assert entry(tree, "zh_Hans_CN", "Neighbours") == "邻里"
    assert entry(tree, "zh_Hant", "Neighbours") == "鄰里"
    assert entry(tree, "zh_Hant", "%(num)d wish") == "%(num)d 個心願"
    assert entry(tree, "en", "Neighbours") == "Neighbours"
    assert list(catalogues.faults(tree)) == []


def test_a_second_update_changes_nothing(tree: Path) -> None:
    before = [catalogues.po_file(locale, tree).read_bytes() for locale in catalogues.LOCALES]
    catalogues.update(tree)
    assert before == [catalogues.po_file(locale, tree).read_bytes() for locale in catalogues.LOCALES]


def test_an_edit_by_hand_stays_until_its_source_changes(tree: Path) -> None:
    change(tree, "zh_Hant", "鄰里", "厝邊")
    catalogues.update(tree)
    assert entry(tree, "zh_Hant", "Neighbours") == "厝邊"
    write(tree, "translations/pending/wishes.json", json.dumps({**CHINESE, "Neighbours": "街坊"}))
    catalogues.update(tree)
    assert entry(tree, "zh_Hant", "Neighbours") == "街坊"


def test_absorbing_removes_the_pending_files_only_when_all_is_said(tree: Path) -> None:
    write(tree, "templates/new.html", '{{ _("Unsaid") }}')
    catalogues.update(tree, absorb=True)
    assert (tree / "translations/pending/wishes.json").exists()
    write(tree, "translations/pending/more.json", json.dumps({"Unsaid": "还没说"}))
    catalogues.update(tree, absorb=True)
    assert list((tree / "translations/pending").iterdir()) == []
    assert list(catalogues.faults(tree)) == []


def test_messages_gone_from_the_code_go_from_the_catalogues(tree: Path) -> None:
    (tree / "templates/wall.html").unlink()
    assert any("no longer used" in fault for fault in catalogues.faults(tree))
    catalogues.update(tree)
    assert list(catalogues.faults(tree)) == []


@pytest.mark.parametrize(("locale", "old", "new", "fault"), [
    ("zh_Hans_CN", 'msgstr "邻里"', 'msgstr ""', "no translation"),
    ("zh_Hans_CN", "%(who)s的心愿", "某某的心愿", "placeholders"),
    ("zh_Hans_CN", "%(who)s的心愿", "%(name)s的心愿", "placeholders"),
    ("zh_Hans_CN", 'msgid "Neighbours"', '#, fuzzy\nmsgid "Neighbours"', "fuzzy"),
    ("zh_Hans_CN", 'msgid "Neighbours"', 'msgid "Neighbors"', "not in the catalogue"),
    ("zh_Hans_CN", "邻里", "街坊", "older than its zh_Hans_CN source"),
    ("en", 'msgstr "Neighbours"', 'msgstr "Folks"', "differs from its message id"),
])
def test_the_gate_refuses(tree: Path, locale: str, old: str, new: str, fault: str) -> None:
    change(tree, locale, old, new)
    assert any(fault in line for line in catalogues.faults(tree))
    assert catalogues.check(tree) == 1


def test_a_broken_pending_file_is_named(tree: Path) -> None:
    write(tree, "translations/pending/wishes.json", "{")
    with pytest.raises(catalogues.Fault, match="wishes.json"):
        catalogues.update(tree)
