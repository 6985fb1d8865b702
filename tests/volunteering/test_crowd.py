"""A crowd around shifts of five seats, in four processes, on both databases: nothing is wrong when it has gone.

A few hundred acts here; benchmarks/crowd.py does the same with a thousand people and fifty shifts for a minute.
"""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.databases import Database
from tests.volunteering import crowd
from tests.volunteering.scene import Scene

pytestmark = pytest.mark.both_databases


def test_a_crowd(stage: Scene, database: Database, tmp_path: Path) -> None:
    """Never over capacity, nobody in two places, no free seat beside somebody it would fit, first come first served, one notice each."""
    answers = crowd.run(stage, database.url, str(tmp_path), seconds=60, acts=50, people=60, shifts=5, clock_runs=timedelta(hours=40))
    with stage.app.app_context():
        assert crowd.breaches() == []
    assert {status for _what, status in answers} <= {200, 204, 303, 409}, answers
    assert set(crowd.lively(answers)) <= {"decline", "lapse"}, answers  # these few acts need not meet a kept seat at the right moment


def test_without_lock_and_condition_it_goes_wrong(stage: Scene, database: Database, tmp_path: Path) -> None:
    """The control: the same crowd, the same look at the end."""
    answers = crowd.run(stage, database.url, str(tmp_path), seconds=60, acts=12, people=60, shifts=1, is_careless=True)
    with stage.app.app_context():
        assert crowd.breaches() or 500 in {status for _what, status in answers}
