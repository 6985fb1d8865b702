"""Style of code and templates, and complete catalogues: the tools' own verdicts."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHECKS = {
    "code": ["-m", "ruff", "check", "--quiet", "."],
    "templates": ["-m", "djlint", "--quiet", "--lint", "templates"],
    "catalogues": ["tools/catalogues.py", "check"],
}


@pytest.mark.parametrize("name", CHECKS)
def test_nothing_to_complain_about(name: str) -> None:
    done = subprocess.run([sys.executable, *CHECKS[name]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
