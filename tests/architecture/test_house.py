"""The house rules over the real tree and the real application."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from tests.architecture import import_rules, route_rules, template_rules, writing_rules

TREE = Path(__file__).resolve().parents[2]
TREE_RULES = (*import_rules.RULES, *writing_rules.RULES, *template_rules.RULES)
LIGHT = "import sys, wishapp.solver; print(sorted({name.split('.')[0] for name in sys.modules} & {'flask', 'sqlalchemy', 'wtforms'}))"


@pytest.mark.parametrize("rule", TREE_RULES, ids=lambda rule: rule.__name__)
def test_the_tree_keeps(rule: Callable) -> None:
    breaches = list(rule(TREE))
    assert not breaches, f"{rule.__doc__}\n  " + "\n  ".join(breaches)


@pytest.mark.parametrize("rule", route_rules.RULES, ids=lambda rule: rule.__name__)
def test_the_routes_keep(rule: Callable, app: Flask) -> None:
    breaches = list(rule(app))
    assert not breaches, f"{rule.__doc__}\n  " + "\n  ".join(breaches)


def test_the_solver_loads_nothing_of_the_web() -> None:
    """Rule 7."""
    done = subprocess.run([sys.executable, "-c", LIGHT], cwd=TREE, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
