"""Truth tables of proposals and runs: every state x action x role, written down here by hand and compared with what happens."""

from collections.abc import Callable

import pytest

from tests.matching.office import Office, Proposal
from wishapp.kernel.errors import Forbidden, NotFound, Refused, WishappError
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import SYSTEM, Actor, Grant
from wishapp.matching import deadlines
from wishapp.matching import service as matching
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.wishes import service as wishes
from wishapp.wishes.models import Wish
from wishapp.workflows.proposal import PROPOSAL
from wishapp.workflows.run import RUN

STAFF = {"community_staff", "street_staff", "district_staff"}
HELPERS = {"unit_contact", "party_member", "team_leader", "volunteer"}
SYSTEM_ONLY = {"system"}

# action: {state it leaves: state it reaches}, who
PROPOSALS = {
    "approve": ({"proposed": "offered"}, STAFF),
    "ask_next": ({"proposed": "offered"}, SYSTEM_ONLY),
    "dismiss": ({"proposed": "dismissed"}, STAFF),
    "swap": ({"proposed": "dismissed"}, STAFF),
    "restore": ({"dismissed": "proposed"}, STAFF),
    "recall": ({"offered": "proposed"}, STAFF | SYSTEM_ONLY),
    "accept": ({"offered": "accepted"}, HELPERS | STAFF),
    "decline": ({"offered": "declined"}, HELPERS | STAFF),
    "lapse": ({"offered": "lapsed"}, SYSTEM_ONLY),
    "withdraw": ({"offered": "withdrawn", "accepted": "withdrawn"}, STAFF | SYSTEM_ONLY),
    "outdate": ({"proposed": "stale"}, STAFF | SYSTEM_ONLY),
    "revive": ({"stale": "proposed"}, SYSTEM_ONLY),
}
RUNS = {
    "solve": ({"queued": "solving"}, SYSTEM_ONLY),
    "save": ({"solving": "in_review"}, SYSTEM_ONLY),
    "fail": ({"queued": "failed", "solving": "failed"}, SYSTEM_ONLY),
    "cancel": ({"queued": "cancelled", "solving": "cancelled", "in_review": "cancelled"}, STAFF | SYSTEM_ONLY),
    "adopt": ({"in_review": "in_use"}, STAFF),
    "replace": ({"in_review": "replaced", "in_use": "replaced"}, STAFF | SYSTEM_ONLY),
}
PROPOSAL_STATES = ["proposed", "offered", "accepted", "declined", "lapsed", "withdrawn", "dismissed", "stale"]
RUN_STATES = ["queued", "solving", "in_review", "in_use", "replaced", "cancelled", "failed"]


def actor_with(role: Role) -> Actor:
    if role == Role.SYSTEM:
        return SYSTEM
    if role == Role.ANYONE:
        return Actor(None, "")
    return Actor(1, "样例", () if role == Role.SIGNED_IN else (Grant(role, 1, "/1/"),))


@pytest.mark.parametrize("lifecycle, expected, states", [(PROPOSAL, PROPOSALS, PROPOSAL_STATES), (RUN, RUNS, RUN_STATES)])
def test_the_table(lifecycle: object, expected: dict, states: list) -> None:
    assert list(lifecycle.states) == states
    assert {step.action for step in lifecycle.steps} == set(expected)
    for state in states:
        for action, (moves, who) in expected.items():
            step = lifecycle.step(action, state)
            assert (step.target if step else None) == moves.get(state), (state, action)
            for role in Role:
                allowed = step is not None and lifecycle.permits(step, actor_with(role))
                assert allowed == (state in moves and str(role) in who), (state, action, role)


class Rollback(Exception):
    """Ends an attempt without keeping it."""


VERBS: dict[str, Callable] = {
    "approve": lambda row, by: matching.approve_proposal(row, by=by),
    "dismiss": lambda row, by: matching.dismiss_proposal(row, by=by, why="too_far"),
    "restore": lambda row, by: matching.restore_proposal(row, by=by),
    "recall": lambda row, by: matching.recall_proposal(row, by=by),
    "accept": lambda row, by: matching.accept_offer(row, by=by),
    "decline": lambda row, by: matching.decline_offer(row, by=by, why="没空"),
    "withdraw": lambda row, by: matching.withdraw_offer(row, by=by, why="另有安排"),
}
# verb -> (states in which it works, people who may); "staff" of the community, the street, the district; "contact" answers for the unit
SERVICES = {
    "approve": ({"proposed"}, {"staff", "street", "district"}),
    "dismiss": ({"proposed"}, {"staff", "street", "district"}),
    "restore": ({"dismissed"}, {"staff", "street", "district"}),
    "recall": ({"offered"}, {"staff", "street", "district"}),
    "accept": ({"offered"}, {"staff", "street", "district", "contact"}),
    "decline": ({"offered"}, {"staff", "street", "district", "contact"}),
    "withdraw": ({"offered", "accepted"}, {"staff", "street", "district"}),
}
PEOPLE = ["staff", "street", "district", "stranger", "resident", "contact", "member"]


def one_in_each_state(office: Office, clock: object) -> dict[str, int]:
    """A plan in use with a proposal in every state: {state: proposal id}."""
    office.supporter("远帆样例院", person=office.contact, quota=20, paired=True)
    for _ in range(8):
        office.wish()
    ids = office.proposals(office.run(adopt=True))
    assert len(ids) == 8
    found = dict(zip(PROPOSAL_STATES, ids, strict=True))

    def do(state: str, verb: Callable, **data: object) -> None:
        with office.app.app_context(), transaction():
            verb(db.session.get(Proposal, found[state]), **data)

    do("lapsed", matching.approve_proposal, by=office.staff.actor)
    clock.forward(days=4)
    with office.app.app_context():
        deadlines.lapse_offers()
    for state in ("offered", "accepted", "declined", "withdrawn"):
        do(state, matching.approve_proposal, by=office.staff.actor)
    do("accepted", matching.accept_offer, by=office.contact.actor)
    do("declined", matching.decline_offer, by=office.contact.actor, why="没空")
    do("withdrawn", matching.withdraw_offer, by=office.staff.actor, why="另有安排")
    do("dismissed", matching.dismiss_proposal, by=office.staff.actor, why="too_far")
    taker = office.supporter("快手样例院", person=office.contact)
    wish_id = int(office.look(Proposal, found["stale"], "demand_ref")[0].partition(":")[2])
    with office.app.app_context(), transaction():
        wishes.claim_wish(db.session.get(Wish, wish_id), wishes_supporter(taker), by=office.contact.actor)
    do("stale", matching.approve_proposal, by=office.staff.actor)
    assert {state: office.state(Proposal, proposal_id) for state, proposal_id in found.items()} == {state: state for state in PROPOSAL_STATES}
    return found


def wishes_supporter(supporter_id: int) -> object:
    return db.session.get(Proposal.supporter.property.mapper.class_, supporter_id)


def attempt(office: Office, proposal_id: int, verb: str, person: str) -> bool:
    """Does this work for this person; whatever it did is taken back."""
    with office.app.app_context():
        try:
            with transaction():
                VERBS[verb](db.session.get(Proposal, proposal_id), getattr(office, person).actor)
                raise Rollback
        except Rollback:
            return True
        except (Refused, Forbidden, NotFound):
            return False
        except WishappError as other:
            raise AssertionError(f"{verb} of {proposal_id} by {person}: {other!r}") from other


def test_the_services(office: Office, clock: object) -> None:
    found = one_in_each_state(office, clock)
    wrong = []
    for state, proposal_id in found.items():
        for verb, (states, who) in SERVICES.items():
            for person in PEOPLE:
                if attempt(office, proposal_id, verb, person) != (state in states and person in who):
                    wrong.append((state, verb, person))
    assert wrong == []
    assert {state: office.state(Proposal, proposal_id) for state, proposal_id in found.items()} == {state: state for state in PROPOSAL_STATES}
