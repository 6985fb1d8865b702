"""The set-up script: what it says to somebody who is not root, and that stamps spare a second installation."""

import os
from pathlib import Path

import prepare
import pytest


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """A checkout in a temporary folder whose commands are noted instead of run."""
    noted: list[list[str]] = []
    monkeypatch.setattr(prepare, "ROOT", tmp_path)
    monkeypatch.setattr(prepare, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(prepare, "VENV_PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(prepare, "STAMPS", tmp_path / ".venv" / "stamps")
    monkeypatch.setattr(prepare, "run", lambda *command, **_options: noted.append([str(part) for part in command]))
    monkeypatch.setattr(prepare, "works", lambda *command, **_options: not noted.append([str(part) for part in command]))
    monkeypatch.setattr(prepare, "settings_for_uv", dict)
    monkeypatch.setattr(prepare.shutil, "which", lambda name: f"/bin/{name}")
    (tmp_path / "pyproject.toml").write_text("[project]")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    return noted


def test_a_second_installation_does_nothing(calls: list) -> None:
    prepare.install("run")
    assert calls[-1][-2:] == ["--editable", "."]
    first = len(calls)
    prepare.install("run")
    assert len(calls) == first


def test_the_tests_packages_include_the_sites(calls: list) -> None:
    prepare.install("test")
    assert calls[-1][-1] == ".[test]"
    first = len(calls)
    prepare.install("run")
    assert len(calls) == first


def test_the_tests_ask_for_more_than_the_site(calls: list) -> None:
    prepare.install("run")
    prepare.install("test")
    assert calls[-1][-1] == ".[test]"


@pytest.mark.parametrize("change", ["packages", "moved"])
def test_a_changed_list_or_place_installs_anew(calls: list, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    prepare.install("run")
    first = len(calls)
    if change == "packages":
        (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'")
    else:
        moved = tmp_path.with_name("moved")
        tmp_path.rename(moved)
        monkeypatch.setattr(prepare, "ROOT", moved)
        for name, below in (("VENV", ""), ("VENV_PYTHON", "bin/python"), ("STAMPS", "stamps")):
            monkeypatch.setattr(prepare, name, moved / ".venv" / below)
    prepare.install("run")
    assert len(calls) > first


def test_where_uv_fails_pip_installs(calls: list, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare, "works", lambda *command, **_options: "uv" not in str(command[0]))
    prepare.install("run")
    assert calls[-1][1:4] == ["-m", "pip", "install"] and calls[-1][-1] == "."


def test_uv_is_told_what_pip_was_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho \"global.index-url='https://packages.example/simple'\"\necho \":env:.timeout='180'\"\n")
    python.chmod(0o755)
    monkeypatch.setattr(prepare, "VENV_PYTHON", python)
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    assert prepare.settings_for_uv() == {"UV_DEFAULT_INDEX": "https://packages.example/simple", "UV_INDEX_STRATEGY": "unsafe-best-match"}


def test_without_root_the_person_is_told_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(prepare.Missing, match="sudo apt-get install chromium postgresql"):
        prepare.apt_install("Needed.", "chromium", "postgresql")


def test_a_missing_browser_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.delenv("WISHAPP_TEST_BROWSER", raising=False)
    monkeypatch.setattr(prepare, "apt_install", lambda _why, *packages: asked.extend(packages))
    monkeypatch.setattr(prepare, "has_cjk_font", lambda: True)
    monkeypatch.setattr(prepare, "has_postgresql", lambda: True)
    monkeypatch.setattr(prepare.shutil, "which", lambda _name: None)
    prepare.system_packages()
    assert asked == ["chromium-headless-shell|chromium"]


def test_a_missing_program_is_no_crash() -> None:
    assert not prepare.works("/no/such/program")
