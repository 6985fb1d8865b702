"""Acceptance at work in the office: chances kept with proposals, backups asked by them, reminders planned, and who sees what."""

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from tests.factories import sign_in
from tests.matching.office import Office, Proposal
from wishapp.kernel import clock as kernel_clock
from wishapp.kernel.roles import SYSTEM
from wishapp.matching import acceptance, deadlines, waves
from wishapp.matching import service as matching
from wishapp.matching.models import MatchRun
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.store.transitions import advance
from wishapp.supporters.models import Supporter

STAFF_WORDS = ("10 回约", "答应", "of 10", "says yes", "轮着问")


def history(office: Office, supporter_id: int, answers: str, *, kind: str = "goods", days: int = 20) -> None:
    """Past offers of one supporter: "yyn" = two yeses and a no, each sent so many days ago."""
    with office.app.app_context(), transaction():
        run = db.session.scalar(select(MatchRun).order_by(MatchRun.id))
        number = db.session.scalar(select(func.count()).select_from(Proposal))
        sent = kernel_clock.now() - timedelta(days=days)
        for place, answer in enumerate(answers):
            past = Proposal(run_id=run.id, demand_ref=f"wish:{90_000 + number + place}", supporter_id=supporter_id, kind=kind,
                            place_path=office.places.community.path, sent_at=sent, decided_at=sent, title="往事")
            db.session.add(past)
            db.session.flush()
            advance(past, "ask_next", by=SYSTEM)
            advance(past, "accept" if answer == "y" else "lapse", by=office.contact.actor if answer == "y" else SYSTEM)


@pytest.fixture
def asked(office: Office) -> tuple[Office, list[int]]:
    """Three units; the paired one says yes now and then, the second never, the third always. A plan over one wish."""
    ids = [office.supporter("远帆样例院", person=office.contact, paired=True), office.supporter("不应样例院", person=office.contact),
           office.supporter("常应样例院", person=office.contact)]
    office.run()
    history(office, ids[0], "ynynyn")
    history(office, ids[1], "nnnnnnnn")
    history(office, ids[2], "yyyyyyyy")
    return office, ids


def plan(office: Office, *, adopt: bool = False) -> Proposal:
    """A run over one new wish, in review or in use; its only proposal."""
    office.wish()
    [proposal_id] = office.proposals(office.run(adopt=adopt))
    with office.app.app_context():
        return db.session.get(Proposal, proposal_id, options=[])


@pytest.mark.both_databases
def test_a_proposal_keeps_its_chance_and_its_backups_by_theirs(asked: tuple) -> None:
    office, ids = asked
    made = plan(office)
    with office.app.app_context():
        made = db.session.get(Proposal, made.id)
        chance = {made.supporter_id: made.chance} | {entry[0]: entry[5] for entry in made.runners_up}
        assert chance[ids[1]] < chance[ids[0]] < chance[ids[2]] and set(chance) == set(ids)
        assert chance == {key: value for key, (value, _count) in acceptance.likely(made, ids).items()}
        assert [acceptance.likely(made, ids)[supporter_id][1] for supporter_id in ids] == [6, 8, 8]
        others = [entry[0] for entry in made.runners_up]
        assert others.index(ids[2]) < others.index(ids[1]) if ids[1] in others and ids[2] in others else True
        figures = made.run.figures["acceptance"]
        assert figures["asked"] == 1 and figures["first"] <= figures["in_turn"] <= 1


def test_a_no_meanwhile_changes_whom_is_asked_next(asked: tuple) -> None:
    """The order is worked out at the moment of asking, not when the plan was made."""
    office, ids = asked
    made = plan(office, adopt=True)
    with office.app.app_context(), transaction():
        assert matching.approve_proposal(db.session.get(Proposal, made.id), by=office.staff.actor)
    with office.app.app_context():
        waiting = [entry[0] for entry in db.session.get(Proposal, made.id).runners_up]
    history(office, waiting[0], "n" * 25, days=0)
    history(office, waiting[1], "y" * 25, days=0)
    with office.app.app_context(), transaction():
        matching.decline_offer(db.session.get(Proposal, made.id), by=office.contact.actor, why="没空")
    assert office.repair() == 1
    with office.app.app_context():
        following = db.session.scalars(select(Proposal).where(Proposal.demand_ref == made.demand_ref, Proposal.state == "offered")).one()
        assert following.supporter_id == waiting[1] and following.chance > 60
        assert [(entry[0], entry[5] < 40) for entry in following.runners_up] == [(waiting[0], True)]
        assert following.remind_at is not None and waves.is_day(following.remind_at)


def test_swapping_keeps_chances(asked: tuple) -> None:
    office, _ids = asked
    made = plan(office)
    with office.app.app_context(), transaction():
        made = db.session.get(Proposal, made.id)
        entry = made.runners_up[0]
        following = matching.swap_proposal(made, db.session.get(Supporter, entry[0]), by=office.staff.actor)
        assert following.chance == entry[5]
        assert next(other for other in following.runners_up if other[0] == made.supporter_id)[5] == made.chance


@pytest.mark.both_databases
def test_reminders_go_out_as_planned_by_day_and_once(office: Office, clock: object) -> None:
    _wish_id, proposal_id, _ids = office.offered()
    sent, planned, answer_by = office.look(Proposal, proposal_id, "sent_at", "remind_at", "answer_by")
    assert sent + timedelta(hours=3) <= planned <= answer_by - timedelta(hours=2) and waves.is_day(planned)

    def remind() -> int:
        with office.app.app_context():
            return deadlines.remind_offers()

    clock.set(planned - timedelta(minutes=1))
    assert remind() == 0
    clock.set(planned.astimezone(kernel_clock.LOCAL).replace(hour=23))  # nobody worked until the night
    assert remind() == 0
    clock.set(planned + timedelta(days=1) if planned + timedelta(days=1) < answer_by else planned)
    assert (remind(), remind()) == (1, 0)


def test_recalled_and_sent_again_is_planned_anew(office: Office, clock: object) -> None:
    _wish_id, proposal_id, _ids = office.offered()
    first = office.look(Proposal, proposal_id, "remind_at")[0]
    with office.app.app_context(), transaction():
        matching.recall_proposal(db.session.get(Proposal, proposal_id), by=office.staff.actor)
    assert office.look(Proposal, proposal_id, "remind_at") == (None,)
    clock.forward(days=1)
    with office.app.app_context(), transaction():
        matching.approve_proposal(db.session.get(Proposal, proposal_id), by=office.staff.actor)
    assert office.look(Proposal, proposal_id, "remind_at")[0] > first


@pytest.mark.both_databases
def test_reading_estimates_takes_two_queries_however_many(asked: tuple) -> None:
    office, ids = asked
    with office.app.app_context():
        seen: list[str] = []
        listener = event.listens_for(db.engine, "before_cursor_execute")(lambda _c, _cu, statement, *_r: seen.append(statement))
        known = acceptance.read_estimates(office.places.street.path)
        known.of(ids * 1000, [0] * 3000, "goods")
        event.remove(db.engine, "before_cursor_execute", listener)
        assert len([statement for statement in seen if statement.startswith("SELECT")]) == 2
        assert acceptance.calibration(office.places.street.path) == []


def test_answers_of_another_district_count_for_nothing(asked: tuple) -> None:
    office, ids = asked
    with office.app.app_context():
        with transaction():
            for past in db.session.scalars(select(Proposal).where(Proposal.title == "往事")):
                past.place_path = "/999/"
        assert not len(acceptance.read_estimates(office.places.street.path).ids)


def test_staff_see_the_figure_supporters_and_residents_never(asked: tuple) -> None:
    office, _ids = asked
    made = plan(office, adopt=True)
    with office.app.app_context(), transaction():
        matching.approve_proposal(db.session.get(Proposal, made.id), by=office.staff.actor)
    made_id, wish_id = made.id, int(made.demand_ref.partition(":")[2])
    seen = {}
    for person, pages in ((office.street, ("/match/desk?show=approved", f"/match/proposals/{made_id}", f"/match/runs/{made.run_id}")),
                          (office.contact, ("/offers", f"/offers/{made_id}", f"/wishes/{wish_id}")), (office.resident, (f"/wishes/{wish_id}", "/"))):
        client = office.app.test_client()
        sign_in(client, person)
        for page in pages:
            answer = client.get(page, headers={"Accept-Language": "en"})
            assert answer.status_code == 200, page
            seen[person.name, page] = answer.get_data(as_text=True)
    for (name, page), text in seen.items():
        told = any(word in text for word in (*STAFF_WORDS, "Yeses to expect", "估计能答应"))
        assert told == (name == office.street.name), page
