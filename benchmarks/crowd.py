"""A thousand people around fifty shifts of five seats, in four processes, for a minute: what the tests do in a few seconds.

    python -m benchmarks.crowd [seconds] [sqlite|postgresql|both]      (60 both when not said)

Prints how often what was answered with which status, and everything that is wrong when the crowd has come to rest: people beyond the
seats, people in two places, free seats beside somebody they would fit, orders of coming that were not kept, promotions that were told
twice or not at all, accounts that are switched off and still hold a place. Any of it, any status of 500 and more, or anything the crowd
never got to do, and the exit status is 1. PostgreSQL is a throw-away cluster with fsync off, SQLite runs with synchronous=FULL.
"""

import sys
import tempfile
from pathlib import Path

from tests import databases
from tests.volunteering import crowd
from tests.volunteering.scene import make_scene
from wishapp.store.db import db


def measure(kind: str, seconds: float) -> bool:
    """One run on one database; True when nothing is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        blank = databases.sqlite_database(Path(folder), "blank") if kind == "sqlite" else databases.postgres_database("crowd_benchmark", "blank")
        with blank as made:
            stage = make_scene(crowd.make_app(made.url, folder))
            answers = crowd.run(stage, made.url, folder, seconds=seconds)
            with stage.app.app_context():
                wrong = crowd.breaches()
                db.session.remove()
                db.engine.dispose()
    print(f"{kind}: {answers.total()} acts of {crowd.PEOPLE} people on {crowd.SHIFTS} shifts in {crowd.PROCESSES} processes, {seconds:.0f} s, "
          f"{answers.total() / seconds:.0f} a second")
    for (what, status), count in sorted(answers.items()):
        print(f"  {what:<14}{status}{count:>8}")
    faults = sum(count for (_what, status), count in answers.items() if status >= 500)
    missing = crowd.lively(answers)
    print(f"at rest: {len(wrong)} breaches, {faults} answers of 500 and more" + (f", never done: {', '.join(missing)}" if missing else ""))
    for words in wrong[:20]:
        print(f"  {words}")
    return not wrong and not faults and not missing


def main(seconds: float = 60.0, kind: str = "both") -> int:
    """Both databases, or one."""
    databases.open_shared_folder()
    try:
        return 0 if min([measure(one, seconds) for one in (("sqlite", "postgresql") if kind == "both" else (kind,))]) else 1
    finally:
        databases.close_shared_folder()


if __name__ == "__main__":
    sys.exit(main(*[kind(word) for kind, word in zip((float, str), sys.argv[1:], strict=False)]))
