"""A crowd around too few seats, in several processes, for as long as one likes; and what must hold when it has come to rest.

People ask the real pages: sign up alone or in small groups, step back, answer for kept seats. Beside them organisers change seats, staff
switch accounts off, the clock (which runs fast) lets kept seats lapse. Used by test_crowd.py, and at length by benchmarks/crowd.py.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from multiprocessing.synchronize import Barrier

from flask import Flask, g
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

import wishapp
from tests import databases
from tests.processes import forking
from tests.volunteering.replay import overtaken
from tests.volunteering.scene import Scene
from wishapp import checks
from wishapp.accounts import service as accounts
from wishapp.accounts.models import RoleGrant, User
from wishapp.kernel import clock
from wishapp.kernel.errors import Busy, Refused
from wishapp.kernel.permissions import Role
from wishapp.notices.models import Notice
from wishapp.store.audit import AuditEntry
from wishapp.store.db import db
from wishapp.store.transaction import retrying, transaction
from wishapp.volunteering import deadlines, seats, service, sign_ups
from wishapp.volunteering.models import Shift, ShiftRole, SignUp, Volunteer
from wishapp.volunteering.views import public
from wishapp.web.ui import Shell

PROCESSES, SHIFTS, SEATS, PEOPLE, CALLS = 4, 50, 5, 1000, 5
FAULTS = (RuntimeError, IntegrityError)  # the house, or the database for it, found itself at fault: pages answer 500
CLOCK_RUNS = timedelta(days=15)  # how far the site's clock goes in a long run, so that kept seats lapse

DECK = ["sign_up"] * 27 + ["cancel"] * 11 + ["answer"] * 6 + ["change_seats"] * 3 + ["lapse"] * 2 + ["disable"]  # fifty acts


@dataclass(frozen=True)
class Plan:
    """What one process does: `people` (user ids), `roles` {shift: role}; for so many `seconds`, or as many `acts` when that is sooner."""

    url: str
    folder: str
    staff_id: int
    street_id: int
    people: tuple[int, ...]
    roles: dict[int, int]
    base: datetime
    seconds: float
    acts: int
    clock_runs: timedelta
    seed: int
    is_careless: bool = False


def make_app(url: str, folder: str) -> Flask:
    """The application of one process; forms' tokens and the pages' navigation are left out, everything else is as always."""
    app = wishapp.create_app({
        "TESTING": True, "SQLALCHEMY_DATABASE_URI": url, "INSTANCE": folder, "WTF_CSRF_ENABLED": False, "PROPAGATE_EXCEPTIONS": False})
    app.extensions["wishapp_shell"] = Shell()
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(databases.shared_folder()), "%s.template")
    return app


def act(plan: Plan, gate: Barrier) -> Counter:
    """One process's part: {(what, status): how often}; a service that was refused counts as 409, one that was too busy as 503."""
    app, dice, answers = make_app(plan.url, plan.folder), random.Random(plan.seed), Counter()
    if plan.is_careless:
        be_careless()
    app.test_client().get(f"/shifts/{next(iter(plan.roles))}")
    gate.wait()
    began, cards = time.monotonic(), []

    def progress() -> float:
        return max((time.monotonic() - began) / plan.seconds, answers.total() / plan.acts)

    clock.set_for_testing(lambda: plan.base + plan.clock_runs * progress())
    while progress() < 1:
        cards = cards or dice.sample(DECK, len(DECK))
        answers[one_act(app, plan, dice, cards.pop())] += 1
    clock.set_for_testing(None)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return answers


def one_act(app: Flask, plan: Plan, dice: random.Random, what: str) -> tuple[str, int]:
    """Something somebody does, and the status it was answered with. `what`: a card of DECK."""
    if what == "change_seats":
        role_id, count = dice.choice(list(plan.roles.values())), SEATS + dice.randint(-2, 2)
        return what, serve(app, lambda: service.change_seats(db.session.get(ShiftRole, role_id), count, by=db.session.get(User, plan.staff_id).actor))
    if what == "disable":
        user_id = dice.choice(plan.people)
        return what, serve(app, lambda: accounts.disable_user(db.session.get(User, user_id), by=db.session.get(User, plan.street_id).actor))
    if what == "lapse":
        with app.app_context():
            try:
                return what, 200 if deadlines.lapse_seats() else 204
            except FAULTS:
                return what, 500
    if what == "sign_up":
        shift_id, people = dice.choice(list(plan.roles)), dice.choice((1, 1, 1, 1, 2, 3))
        client = signed_in(app, dice.choice(plan.people))
        return what, client.post(f"/shifts/{shift_id}/sign-up", data={"role_id": plan.roles[shift_id], "people": people}).status_code
    standing = ahead(app, plan.people, ("offered",) if what == "answer" else sign_ups.AHEAD)
    if not standing:
        return what, 204
    sign_up_id, user_id = dice.choice(standing)
    verb = dice.choice(("accept", "accept", "decline")) if what == "answer" else "cancel"
    return verb, signed_in(app, user_id).post(f"/sign-ups/{sign_up_id}/{verb}").status_code


def signed_in(app: Flask, user_id: int) -> FlaskClient:
    """Somebody's browser."""
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = f"{user_id}:1"
    return client


def ahead(app: Flask, people: tuple[int, ...], states: tuple[str, ...]) -> list[tuple[int, int]]:
    """(sign-up, user) of these people in these states."""
    with app.app_context():
        query = select(SignUp.id, Volunteer.user_id).join(Volunteer, Volunteer.id == SignUp.volunteer_id).where(
            Volunteer.user_id.in_(people), SignUp.state.in_(states))
        return [tuple(row) for row in db.session.execute(query)]


def serve(app: Flask, work: Callable[[], object]) -> int:
    """A verb in a transaction, as the pages run it; the status they would answer with."""

    def once() -> None:
        with transaction():
            work()

    with app.app_context():
        try:
            retrying(once)
        except Refused:
            return 409
        except Busy:
            return 503
        except FAULTS:
            return 500
    return 200


def be_careless() -> None:
    """The control: count first, write later, without lock and condition, as the known systems do. Only in this process, only for the test."""
    careful = public.access_shift

    def count_then_go(*args: object) -> Shift:
        shift = careful(*args)
        g.seen = {role.id: role.taken for role in shift.roles}
        time.sleep(0.05)  # long enough for the others also on a busy machine
        return shift

    def take_without_looking(role: ShiftRole, people: int) -> bool:
        if g.seen[role.id] + people > role.seats:
            return False
        db.session.execute(update(ShiftRole).where(ShiftRole.id == role.id).values(taken=g.seen[role.id] + people))
        return True

    public.access_shift = count_then_go
    sign_ups.take = take_without_looking
    seats.lock_shift = sign_ups.lock_shift = lambda shift: db.session.flush()


def gather(stage: Scene, count: int) -> list[int]:
    """So many volunteers with an account each: their user ids."""
    now, place = clock.now(), stage.at.community
    with stage.app.app_context(), transaction():
        first = db.session.scalar(select(func.max(User.id))) + 1
        db.session.execute(insert(User), [{
            "id": first + n, "username": f"crowd{n}", "display_name": "人群中人", "session_version": 1, "is_enabled": True, "failed_count": 0,
            "created_at": now, "version": 1, "community_id": place.id, "is_password_temporary": False} for n in range(count)])
        db.session.execute(insert(RoleGrant), [{"user_id": first + n, "role": Role.VOLUNTEER, "place_id": place.id} for n in range(count)])
    return list(range(first, first + count))


def open_shifts(stage: Scene, shifts: int) -> dict[int, int]:
    """{shift: role} of calls whose shifts take place at the same times, so that people would be in two places."""
    found: dict[int, int] = {}
    calls = min(CALLS, shifts)
    with stage.app.app_context():
        for _call in range(calls):
            call = stage.open_call(shifts=shifts // calls, seats=SEATS, hours=24 * 20, apart=3)
            found |= {shift.id: shift.roles[0].id for shift in call.shifts}
    return found


def run(
    stage: Scene, url: str, folder: str, *, seconds: float, acts: int = 10**9, people: int = PEOPLE, shifts: int = SHIFTS,
    clock_runs: timedelta = CLOCK_RUNS, is_careless: bool = False,
) -> Counter:
    """Let the crowd loose on `shifts` shifts, for `seconds` or so many acts of each process; {(what, status): how often}.

    Afterwards nothing is under way any more.
    """
    crowd, roles = gather(stage, people), open_shifts(stage, shifts)
    with stage.app.app_context():
        db.session.remove()
        db.engine.dispose()
    whole = Plan(url, folder, stage.staff.id, stage.street.id, (), roles, clock.now(), seconds, acts, clock_runs, 0, is_careless)
    plans = [replace(whole, people=tuple(crowd[number::PROCESSES]), seed=number) for number in range(PROCESSES)]
    with forking.Manager() as shared, ProcessPoolExecutor(PROCESSES, mp_context=forking) as pool:
        gate = shared.Barrier(PROCESSES, timeout=200)
        return sum((found.result(timeout=seconds + 300) for found in [pool.submit(act, plan, gate) for plan in plans]), Counter())


def breaches() -> list[str]:
    """What is wrong at rest: seats, overlaps, people beside free seats, order of coming, one notice per promotion. In words."""
    found = [words for check in checks.volunteering.ALL for words in check()]
    found += overtaken(SEATS)
    offers = dict(db.session.execute(select(AuditEntry.thing_id, func.count()).where(
        AuditEntry.kind == "sign_up", AuditEntry.action == "offer").group_by(AuditEntry.thing_id)).all())
    told = Counter(row["sign_up_id"] for row in db.session.scalars(select(Notice.values).where(Notice.workflow == "sign_up", Notice.action == "offer")))
    found += [f"sign-up {number}: {offers.get(number, 0)} promotions, {told[number]} notices" for number in offers.keys() | told.keys()
              if not offers.get(number) == told[number] == 1]
    gone = select(SignUp.id).join(Volunteer).join(User, User.id == Volunteer.user_id).where(SignUp.state.in_(sign_ups.AHEAD), User.is_enabled == text("false"))
    found += [f"sign-up {number}: of an account that is switched off" for number in db.session.scalars(gone)]
    return found


def lively(answers: Counter) -> list[str]:
    """Acts that did not succeed even once: then the run shows little."""
    done = {what for what, status in answers if status in (200, 303)}
    return sorted({"sign_up", "cancel", "accept", "decline", "change_seats", "disable", "lapse"} - done)
