"""Many at once, in processes of their own, on both databases: nobody is served twice, nothing breaks."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from tests.databases import Database
from tests.processes import forking
from tests.wishes.crowd import claim_many, submit_many
from tests.wishes.scene import Scene
from wishapp.accounts.models import RoleGrant, User
from wishapp.kernel import clock
from wishapp.kernel.permissions import Role
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters.models import Supporter, SupporterPerson
from wishapp.wishes.models import Claim, Wish

pytestmark = pytest.mark.both_databases
PROCESSES, SLOTS, CLAIMANTS = 4, 10, 1000


def gather(stage: Scene, count: int) -> list[tuple[int, int]]:
    """So many volunteers with an account each: (user id, supporter id)."""
    now, place = clock.now(), stage.at.community
    with stage.app.app_context(), transaction():
        first_user = db.session.scalar(select(func.max(User.id))) + 1
        first = db.session.scalar(select(func.max(Supporter.id))) + 1
        db.session.execute(insert(User), [{
            "id": first_user + n, "username": f"crowd{n}", "display_name": "人群中人", "session_version": 1, "is_enabled": True, "failed_count": 0,
            "created_at": now, "version": 1, "community_id": place.id, "is_password_temporary": False} for n in range(count)])
        db.session.execute(insert(RoleGrant), [{"user_id": first_user + n, "role": Role.VOLUNTEER, "place_id": place.id} for n in range(count)])
        db.session.execute(insert(Supporter), [{
            "id": first + n, "kind": "volunteer", "name": "人某", "place_id": place.id, "place_path": place.path, "latitude": 0.0, "longitude": 0.0,
            "radius": 3000, "size": 1, "monthly_minutes": 600, "search": "", "is_active": True, "created_at": now, "version": 1} for n in range(count)])
        db.session.execute(insert(SupporterPerson), [
            {"supporter_id": first + n, "user_id": first_user + n, "is_confirmed": True} for n in range(count)])
    return [(first_user + n, first + n) for n in range(count)]


def together(work: Callable, jobs: list[tuple]) -> list:
    """Run the jobs in processes that begin at the same moment."""
    with forking.Manager() as shared, ProcessPoolExecutor(len(jobs), mp_context=forking) as pool:
        gate = shared.Barrier(len(jobs), timeout=200)
        return [found.result(timeout=500) for found in [pool.submit(work, *job[:-1], gate, *job[-1]) for job in jobs]]


def run(stage: Scene, database: Database, folder: Path, count: int, *, is_careless: bool) -> tuple[Counter, int]:
    """The statuses of all presses, and how many claims there are afterwards."""
    crowd = gather(stage, count)
    with stage.app.app_context():
        wish_id = stage.open_wish(seats=SLOTS).id
        db.session.remove()
        db.engine.dispose()
    jobs = [(database.url, str(folder), wish_id, crowd[at::PROCESSES], (is_careless,)) for at in range(PROCESSES)]
    answers = Counter(status for part in together(claim_many, jobs) for status in part)
    with stage.app.app_context():
        held = db.session.scalar(select(func.count()).select_from(Claim).where(Claim.wish_id == wish_id, Claim.state == "accepted"))
        if not is_careless:
            wish = db.session.get(Wish, wish_id)
            assert (wish.taken, wish.state) == (SLOTS, "in_progress")
    return answers, held


def test_ten_seats_a_thousand_claimants(stage: Scene, database: Database, tmp_path: Path) -> None:
    """Exactly ten win, the others are told so, nothing answers with a fault."""
    answers, held = run(stage, database, tmp_path, CLAIMANTS, is_careless=False)
    assert held == SLOTS and answers == {303: SLOTS, 409: CLAIMANTS - SLOTS}


def test_without_the_protection_it_oversells(stage: Scene, database: Database, tmp_path: Path) -> None:
    """The control: with counting first and writing later, the same crowd gets more seats than there are."""
    _answers, held = run(stage, database, tmp_path, 120, is_careless=True)
    assert held > SLOTS


def test_numbers(stage: Scene, database: Database, tmp_path: Path) -> None:
    """Four processes submit at once: every wish its own number, none left out."""
    with stage.app.app_context():
        db.engine.dispose()
    jobs = [(database.url, str(tmp_path), stage.resident.id, stage.at.community.id, 10, ()) for _process in range(PROCESSES)]
    numbers = sorted(number for part in together(submit_many, jobs) for number in part)
    assert [int(number[-6:]) for number in numbers] == list(range(1, 41))
