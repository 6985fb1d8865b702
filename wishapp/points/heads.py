"""The ledger's heads, kept outside the database once a day, where nobody with the database alone can change them."""

import json
from pathlib import Path

from flask import current_app

from wishapp.jobs.service import JobHandle, every, job
from wishapp.kernel import clock
from wishapp.points import queries
from wishapp.store.db import db


def folder() -> Path:
    """Where the heads are kept: instance/heads."""
    return Path(current_app.config["INSTANCE"]) / "heads"


def write_heads() -> Path:
    """Write {owner: [entries, digest]} of every account to heads/points-YYYY-MM-DD.json; a file once written is never changed."""
    path = folder() / f"points-{clock.today().isoformat()}.json"
    if path.exists():
        return path
    kept = queries.heads()
    db.session.rollback()
    path.parent.mkdir(parents=True, exist_ok=True)
    making = path.with_suffix(".making")
    making.write_text(json.dumps(kept, ensure_ascii=False, sort_keys=True), encoding="utf-8")
    making.replace(path)
    return path


def known_heads() -> dict[str, tuple[int, str]]:
    """The newest heads kept outside: {owner: (entries, digest)}; empty when there are none yet."""
    newest = max(folder().glob("points-*.json"), default=None)
    if newest is None:
        return {}
    return {owner: (seq, digest) for owner, (seq, digest) in json.loads(newest.read_text(encoding="utf-8")).items()}


@job("write_points_heads")
def write_points_heads(handle: JobHandle) -> dict:
    """Keep today's heads, by the clock."""
    return {"file": write_heads().name}


every("write_points_heads", 24 * 60)
