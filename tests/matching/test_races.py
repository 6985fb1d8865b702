"""A direct claim racing an approval for one seat, with real concurrency on both databases; and the same race unprotected."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from tests.matching.office import Office, Proposal, Supporter, Wish
from wishapp.kernel.errors import Refused
from wishapp.matching import service as matching
from wishapp.store.db import db
from wishapp.store.transaction import retrying, transaction
from wishapp.wishes import claims as seats
from wishapp.wishes import service as wishes
from wishapp.wishes.models import Claim

ROUNDS = 8
LIVING = ("held", "accepted")


def race(office: Office, *works: Callable[[], object]) -> list[object]:
    """Run these at the same time, each in a thread and context of its own; what they return, or the Refused they raise."""
    start = threading.Barrier(len(works))
    answers: list[object] = [None] * len(works)

    def run(place: int, work: Callable[[], object]) -> None:
        with office.app.app_context():
            start.wait()
            try:
                answers[place] = retrying(work)
            except Refused as refusal:
                answers[place] = refusal

    threads = [threading.Thread(target=run, args=entry) for entry in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def approve(office: Office, proposal_id: int) -> bool:
    with transaction():
        return matching.approve_proposal(db.session.get(Proposal, proposal_id), by=office.staff.actor)


def claim(office: Office, wish_id: int, supporter_id: int) -> bool:
    with transaction():
        wishes.claim_wish(db.session.get(Wish, wish_id), db.session.get(Supporter, supporter_id), by=office.member.actor)
    return True


@pytest.fixture
def ready(office: Office) -> tuple[Office, list[tuple[int, int]], int]:
    """Proposals for ROUNDS wishes by one unit, and another supporter ready to claim them: [(wish id, proposal id), …]."""
    office.supporter("远帆样例院", person=office.contact, quota=50, paired=True)
    wish_ids = [office.wish() for _ in range(ROUNDS)]
    ids = office.proposals(office.run())
    pairs = [(int(office.look(Proposal, proposal_id, "demand_ref")[0].partition(":")[2]), proposal_id) for proposal_id in ids]
    assert sorted(wish_id for wish_id, _ in pairs) == wish_ids
    rival = office.supporter("快手样例院", person=office.member, quota=50)
    return office, pairs, rival


def living(office: Office, wish_id: int) -> list[int]:
    with office.app.app_context():
        return list(db.session.scalars(select(Claim.supporter_id).where(Claim.wish_id == wish_id, Claim.state.in_(LIVING))))


@pytest.mark.both_databases
def test_exactly_one_wins_and_the_other_is_told_why(ready: tuple) -> None:
    office, pairs, rival = ready
    for wish_id, proposal_id in pairs:
        approved, claimed = race(office, lambda: approve(office, proposal_id), lambda: claim(office, wish_id, rival))  # noqa: B023
        assert len(living(office, wish_id)) == 1 and office.look(Wish, wish_id, "taken") == (1,)
        if approved is True:
            assert isinstance(claimed, Refused) and claimed.params == {"who": "远帆样例院"}
            assert office.state(Proposal, proposal_id) == "offered"
        else:
            assert claimed is True and approved is False
            assert office.look(Proposal, proposal_id, "state", "why_params") == ("stale", {"who": "快手样例院"})


@pytest.mark.both_databases
def test_two_of_the_staff_approve_the_same_at_once(ready: tuple) -> None:
    office, pairs, _rival = ready
    for wish_id, proposal_id in pairs[:4]:
        answers = race(office, lambda: approve(office, proposal_id), lambda: approve(office, proposal_id))  # noqa: B023
        assert sorted(isinstance(answer, Refused) for answer in answers) == [False, True]
        assert len(living(office, wish_id)) == 1


@pytest.mark.both_databases
def test_yes_and_lapse_at_once(ready: tuple, clock: object) -> None:
    office, pairs, _rival = ready
    wish_id, proposal_id = pairs[0]
    with office.app.app_context():
        approve(office, proposal_id)
        with transaction():
            matching.adopt_run(db.session.get(Proposal, proposal_id).run, by=office.street.actor)

    def answer(verb: Callable, **data: object) -> bool:
        with transaction():
            verb(db.session.get(Proposal, proposal_id), **data)
        return True

    answers = race(office, lambda: answer(matching.accept_offer, by=office.contact.actor),
                   lambda: answer(matching.decline_offer, by=office.contact.actor, why="没空"))
    assert sorted(answer is True for answer in answers) == [False, True]
    assert office.state(Proposal, proposal_id) in ("accepted", "declined")
    assert len(living(office, wish_id)) == (1 if office.state(Proposal, proposal_id) == "accepted" else 0)


@pytest.mark.both_databases
def test_control_without_the_conditional_update_both_win(ready: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks first, writes later, as such systems do: the same race gives one seat to two."""
    office, pairs, rival = ready
    looked = threading.Barrier(2)

    def unprotected(wish: Wish) -> None:
        db.session.flush()
        db.session.execute(update(Wish).where(Wish.id == wish.id).values(taken=1).execution_options(synchronize_session=False))

    monkeypatch.setattr(seats, "take_seat", unprotected)

    def looking(work: Callable[[], bool], wish_id: int) -> Callable[[], object]:
        def run() -> object:
            free = db.session.get(Wish, wish_id).taken == 0
            db.session.rollback()
            looked.wait()
            return work() if free else False
        return run

    doubles = 0
    for wish_id, proposal_id in pairs[:4]:
        race(office, looking(lambda: approve(office, proposal_id), wish_id), looking(lambda: claim(office, wish_id, rival), wish_id))  # noqa: B023
        doubles += len(living(office, wish_id)) == 2
    assert doubles == 4, "without the protection the test must see the seat sold twice"
